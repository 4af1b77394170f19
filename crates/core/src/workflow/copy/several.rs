//! Several images in one run, each from a repository of its own to a target of its own.
//!
//! Each is a copy as [`Model`] and [`push::Model`] make it. Here
//! stands what is of all of them together: which images a text names and where each goes
//! ([`read`]), which platforms of a list are meant ([`decide`]), how each stands ([`Image`]), what comes next ([`to_plan`], [`Run`]), the sum of all
//! ([`Sums`]) and what came of it ([`Report`]). Nothing here asks or writes.

mod address;
mod lines;
mod platforms;
mod report;
mod run;

use std::collections::BTreeSet;

use super::{How, Model, Reading, Selection};
use crate::digest::Digest;
use crate::humanize;
use crate::platform::Platform;
use crate::workflow::push::{self, BlobStep, StepState, Transfer};

pub use address::{NAMES, choice_in, written};
pub use lines::{Base, Line, Pair, Wrong, read};
pub use platforms::{Decision, WrongPlatform, decide, read_platforms};
pub use report::Report;
pub use run::{Due, Run, to_plan};

/// How far one of several images is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was asked of it.
    Waiting,
    /// Its source and its target are asked.
    Planning,
    /// It has no plan: something did not come, is refused, or the person cancelled.
    Unplanned,
    /// Its plan is whole.
    Planned,
    /// It is being written.
    Running,
    /// Its writing failed or was cancelled, and can go on.
    Stopped,
    /// Its tag names what was copied: it was read back.
    Copied,
    /// Its tag names something else.
    Differs,
}

/// What a tag of the target named when the plan was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagBefore {
    /// That is not known.
    Unknown,
    /// Nothing: the tag is new.
    Nothing,
    /// What it is to name.
    Same,
    /// Something else, by its digest.
    Other(Digest),
}

/// How it stands with one of several images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// How far it is.
    pub standing: Standing,
    /// Whether its plan is known, so that the numbers below say something.
    pub has_plan: bool,
    /// What it is: `an OCI index, 5 entries`; empty where that is not known.
    pub kind: String,
    /// The digest that it has in its source.
    pub source: Option<Digest>,
    /// The digest that it is to have in its target.
    pub target: Option<Digest>,
    /// What of its source goes along, where that is not all of it, in words.
    pub notes: Vec<String>,
    /// The platforms that were named and that its list does not have.
    pub lacks: Vec<Platform>,
    /// How many bytes of its layers were read before its plan, and of how many; `None` where none
    /// is being read.
    pub reading: Option<(u64, u64)>,
    /// Manifests to put.
    pub manifests: usize,
    /// Bytes to write, of manifests and blobs.
    pub bytes: u64,
    /// Bytes of these that were written.
    pub sent: u64,
    /// Bytes of blobs that the target has.
    pub there: u64,
    /// Bytes of blobs that the target's registry takes from another of its repositories.
    pub mounted: u64,
    /// What its tag named before.
    pub tag_before: TagBefore,
    /// Whether its tag names by now what was copied, as far as that was written.
    pub is_tagged: bool,
    /// What the source's tag names by now, where that is something else.
    pub moved: bool,
    /// Why it is not copied, in words.
    pub why: Option<String>,
}

impl Image {
    /// An image of which nothing was asked.
    #[must_use]
    pub fn waiting() -> Self {
        Self {
            standing: Standing::Waiting,
            has_plan: false,
            kind: String::new(),
            source: None,
            target: None,
            notes: Vec::new(),
            lacks: Vec::new(),
            reading: None,
            manifests: 0,
            bytes: 0,
            sent: 0,
            there: 0,
            mounted: 0,
            tag_before: TagBefore::Unknown,
            is_tagged: false,
            moved: false,
            why: None,
        }
    }

    /// How it stands with a copy of that source, as far as it went, where these platforms of lists
    /// are to go along.
    #[must_use]
    pub fn new(
        standing: Standing,
        platforms: &[Platform],
        source: &Model,
        selection: Option<&Selection>,
        push: Option<&push::Model>,
    ) -> Self {
        let mut image = Self {
            standing,
            moved: source.moved().is_some(),
            reading: matches!(source.reading(), Reading::Running(_))
                .then(|| (source.read_bytes(), source.layer_bytes())),
            ..Self::waiting()
        };
        if let Some(root) = source.root().done() {
            image.source = Some(root.digest.clone());
            image.kind = root.manifest.as_ref().map_or_else(
                |_| String::new(),
                |manifest| {
                    let kind = manifest.format.with_article();
                    let entries = manifest.list().map(|list| list.entries.len());
                    let entries = entries.map(|of| [", ", &humanize::count(of, "entry")].concat());
                    [kind, &entries.unwrap_or_default()].concat()
                },
            );
        }
        if let Some(selection) = selection {
            image.target = Some(selection.digest.clone());
            image.notes = notes(platforms, source, selection);
            image.lacks = platforms::lacking(platforms, source);
        }
        if let Some(push) = push {
            image.take_push(push);
        }
        image
    }

    fn take_push(&mut self, push: &push::Model) {
        let totals = push.totals();
        let bytes = |is_of: &dyn Fn(&BlobStep) -> bool| {
            let of = push.blobs().iter().filter(|blob| is_of(blob));
            of.filter_map(|blob| blob.size).sum()
        };
        self.has_plan = true;
        self.manifests = totals.manifests_put;
        self.bytes = totals.bytes;
        self.sent = totals.sent;
        self.there = bytes(&|blob| blob.state == StepState::Present);
        self.mounted = bytes(&|blob| blob.how == Some(Transfer::Mount));
        let tag = push.tag();
        self.is_tagged = tag.state.is_there();
        self.tag_before = match (&tag.named, &tag.state) {
            (_, StepState::Present) => TagBefore::Same,
            (Some(named), _) => TagBefore::Other(named.clone()),
            // Nobody said that there is no such tag.
            (None, _) if tag.how.is_none() => TagBefore::Unknown,
            (None, _) => TagBefore::Nothing,
        };
    }
}

/// What of a source goes along, where that is not all of it.
fn notes(platforms: &[Platform], source: &Model, selection: &Selection) -> Vec<String> {
    let entries = |count| humanize::count(count, "entry");
    let how = selection.changes.first().map(|change| change.how);
    let of_list = match how {
        Some(How::Shrunk(count) | How::Rewritten(count)) if count > 0 => {
            Some([&entries(count), " cut out"].concat())
        }
        Some(How::Sparse(count)) => Some([&entries(count), " not copied"].concat()),
        Some(How::LeftOut) => Some("one image, without the list".to_owned()),
        _ => None,
    };
    let of_image = platforms::of_image(platforms, source);
    of_list.into_iter().chain(of_image).collect()
}

/// The sum of several images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Images.
    pub images: usize,
    /// Those with a plan that is whole, or was begun.
    pub planned: usize,
    /// Those of which it is not known yet whether they can be copied.
    pub unknown: usize,
    /// Those that were copied and read back.
    pub copied: usize,
    /// Tags to set: those that name something else, or nothing.
    pub tags: usize,
    /// Manifests to put.
    pub manifests: usize,
    /// Bytes to write.
    pub bytes: u64,
    /// Bytes of these that were written.
    pub sent: u64,
    /// Bytes of blobs that are there already.
    pub there: u64,
    /// Bytes of blobs to be mounted.
    pub mounted: u64,
    /// Whether two images that are planned go into one repository: what both name is counted for
    /// each, and written once.
    pub is_at_most: bool,
}

impl Sums {
    /// Adds up images, each with the pair that it is of. What has no whole plan adds no bytes.
    #[must_use]
    pub fn new<'a>(images: impl IntoIterator<Item = (&'a Pair, &'a Image)>) -> Self {
        let mut sums = Self::default();
        let mut targets = BTreeSet::new();
        for (pair, image) in images {
            sums.images += 1;
            match image.standing {
                Standing::Waiting | Standing::Planning => {
                    sums.unknown += 1;
                    continue;
                }
                Standing::Unplanned => continue,
                Standing::Planned | Standing::Running | Standing::Stopped | Standing::Differs => {}
                Standing::Copied => sums.copied += 1,
            }
            sums.planned += 1;
            sums.tags += usize::from(!image.is_tagged);
            sums.manifests += image.manifests;
            sums.bytes = sums.bytes.saturating_add(image.bytes);
            sums.sent = sums.sent.saturating_add(image.sent);
            sums.there = sums.there.saturating_add(image.there);
            sums.mounted = sums.mounted.saturating_add(image.mounted);
            // What is copied was counted as it was written.
            if image.standing != Standing::Copied {
                sums.is_at_most |= !targets.insert(pair.target.repository_only());
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests;
