//! The custody line: from what was asked to what was found, each step with its status.
//!
//! For the image of one platform below a list, `nginx:1.27` then `linux/amd64`, the line
//! reads:
//!
//! ```text
//! Asked      Unchecked   a tag can move, it promises no digest
//! Above(0)   Verified    verified           the list, against Docker-Content-Digest
//! Manifest   Verified    verified           the image, against its entry in the list
//! Config     Verified    verified           the config, against the image
//! Layers     Unchecked   not downloaded
//! ```
//!
//! A status is the outcome of the comparisons of that one step; that a list above was wrong
//! does not change the steps below it (the stamp of [`Summary`](super::Summary) takes the
//! whole way together). The last step is never better than what was compared: layers are not
//! fetched to look at an image, so theirs is unchecked until somebody asks for them
//! ([`workflow::layers`](crate::workflow::layers)).

use std::borrow::Cow;

use crate::descriptor::Descriptor;
use crate::humanize::count;
use crate::manifest::Image;
use crate::verify::Unchecked;

use crate::workflow::fetch::Fetch;
use crate::workflow::inspect::{Current, InspectTarget, LayersOutcome, Model, Node};

use super::status::{Status, comparison_status, failure_status, node_status};

/// Which stop it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustodyStepKind {
    /// What was asked for.
    Asked,
    /// A list that leads to the place that is looked at; its index in [`Model::chain`], 0 for
    /// the root.
    Above(usize),
    /// The manifest that is looked at, a list.
    List,
    /// The manifest that is looked at, an image.
    Manifest,
    /// What the list names.
    Entries,
    /// The image's config.
    Config,
    /// The image's layers; of a list those of its images, once somebody asked for them.
    Layers,
    /// Bytes that are no manifest, or none that is known. No step follows it: what they name
    /// is unknown.
    Other,
    /// The manifest that did not come, or has not come yet.
    Missing,
}

/// A stop on the line.
///
/// The kind says what to draw there, and the page takes the content itself from the [`Model`].
/// The note is lower case and without a full stop, short enough to stand below a stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustodyStep {
    /// Which.
    pub kind: CustodyStepKind,
    /// What is known of it.
    pub status: Status,
    /// The reason in a few words: `verified`, `digest differs`, `on its way`, `2 of 3 entries
    /// as listed`.
    pub note: Cow<'static, str>,
}

/// What is known of the entries of a list, found once for all that is said of them.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// The status of each.
    pub(super) statuses: Vec<Status>,
    /// How many are here and are not what the list says, or their config is not.
    pub(super) wrong: usize,
    /// How many have no valid digest: nothing can be asked for by them.
    pub(super) nameless: usize,
}

impl Model {
    /// The stops from what was asked for to what is looked at.
    ///
    /// In order: what was asked for, the lists above, then the manifest with its parts. A manifest
    /// that has not come, or did not come, stands as one step in the place of all that would
    /// follow.
    #[must_use]
    pub fn custody(&self) -> Vec<CustodyStep> {
        let mut stops = vec![self.asked_step()];
        let chain = self.chain();
        let current = self.current();
        let whole = matches!(
            current,
            Current::List(..) | Current::Image(..) | Current::Other(_)
        );
        for (index, (node, _)) in chain.iter().enumerate() {
            if index + 1 < chain.len() || !whole {
                stops.push(node_step(CustodyStepKind::Above(index), node));
            }
        }
        match current {
            Current::Loading => {
                stops.push(CustodyStep {
                    kind: CustodyStepKind::Missing,
                    status: Status::Pending,
                    note: "on its way".into(),
                });
            }
            Current::Failed(failure) => {
                let (status, note) = failure_status(failure);
                stops.push(CustodyStep {
                    kind: CustodyStepKind::Missing,
                    status,
                    note,
                });
            }
            Current::Other(node) => stops.push(node_step(CustodyStepKind::Other, node)),
            Current::List(node, _) => {
                stops.push(node_step(CustodyStepKind::List, node));
                let (status, note) = self.entries_status();
                stops.push(CustodyStep {
                    kind: CustodyStepKind::Entries,
                    status,
                    note,
                });
                if self.layers_told().is_some() {
                    stops.push(self.layers_step(Unchecked::NotFetched.reason()));
                }
            }
            Current::Image(node, image) => {
                stops.push(node_step(CustodyStepKind::Manifest, node));
                if image.config.is_some() || image.inline_config.is_some() {
                    let (status, note) = self.config_status(node, image);
                    stops.push(CustodyStep {
                        kind: CustodyStepKind::Config,
                        status,
                        note,
                    });
                }
                let not_asked = if image.layers.is_empty() {
                    "none"
                } else {
                    Unchecked::NotFetched.reason()
                };
                stops.push(self.layers_step(not_asked));
            }
        }
        stops
    }

    /// The first step: what was typed, and whether what came has the digest in it.
    ///
    /// A tag names no bytes, so it cannot be verified by itself. Where a digest was asked for,
    /// the root's first comparison is the one with it, since what was asked is compared before
    /// what the registry says; until the root is here, the note is only `a digest`.
    fn asked_step(&self) -> CustodyStep {
        let root = self.root().and_then(Fetch::done);
        let (status, note) = match (self.subject.asked(), &self.subject) {
            (Some(_), _) => match root {
                Some(node) => {
                    let asked = node.comparisons.first();
                    asked.map_or((Status::Unchecked, "".into()), comparison_status)
                }
                None => (Status::Unchecked, "a digest".into()),
            },
            (None, InspectTarget::Registry(_)) => (
                Status::Unchecked,
                match self.subject.archive() {
                    Some(_) => "made here: an archive of docker's holds no manifest".into(),
                    None => "a tag can move, it promises no digest".into(),
                },
            ),
            (None, InspectTarget::Bundle { .. }) => (
                Status::Unchecked,
                "no digest was given to compare with".into(),
            ),
        };
        CustodyStep {
            kind: CustodyStepKind::Asked,
            status,
            note,
        }
    }

    /// What is known of a list's entry: a row of the table of platforms.
    ///
    /// An entry whose manifest is right and whose config is not has failed: what would run is
    /// not what was named. An entry without a valid digest has failed as well, since nothing
    /// can be fetched by it; one that was not asked for yet is unchecked.
    #[must_use]
    pub fn entry_status(&self, entry: &Descriptor) -> (Status, Cow<'static, str>) {
        if entry.digest.is_none() {
            return (Status::Failed, "no valid digest".into());
        }
        match self.child(entry) {
            None => (Status::Unchecked, "not fetched".into()),
            Some(Fetch::Pending) => (Status::Pending, "on its way".into()),
            Some(Fetch::Failed(failure)) => failure_status(failure),
            Some(Fetch::Done(node)) => {
                let config = node
                    .image()
                    .and_then(|image| self.config(image))
                    .and_then(Fetch::done);
                match config.filter(|config| config.comparison.verdict.is_mismatch()) {
                    Some(_) => (Status::Failed, "config differs".into()),
                    None => node_status(node),
                }
            }
        }
    }

    /// What is known of the entries of the list that is looked at.
    pub(super) fn entries(&self) -> Entries {
        let mut known = Entries::default();
        let Current::List(_, list) = self.current() else {
            return known;
        };
        for entry in &list.entries {
            let (status, _) = self.entry_status(entry);
            let is_wrong =
                status == Status::Failed && self.child(entry).and_then(Fetch::done).is_some();
            known.wrong += usize::from(is_wrong);
            known.nameless += usize::from(entry.digest.is_none());
            known.statuses.push(status);
        }
        known
    }

    /// The worst of the entries decides, those that were not fetched included; the note counts
    /// those that are as listed.
    fn entries_status(&self) -> (Status, Cow<'static, str>) {
        let Entries { statuses, .. } = self.entries();
        let good = statuses
            .iter()
            .filter(|status| **status == Status::Verified)
            .count();
        let worst = statuses.iter().max().copied().unwrap_or(Status::Unchecked);
        let note = match statuses.len() {
            0 => "none".into(),
            all if good == all => format!("{} as listed", count(all, "entry")).into(),
            all => format!("{good} of {} as listed", count(all, "entry")).into(),
        };
        (worst, note)
    }

    /// The step of the layers; `not_asked` is said where nobody asked for them.
    fn layers_step(&self, not_asked: &'static str) -> CustodyStep {
        let told = self.layers_status();
        let (status, note) = told.unwrap_or((Status::Unchecked, not_asked.into()));
        CustodyStep {
            kind: CustodyStepKind::Layers,
            status,
            note,
        }
    }

    /// What is known of the layers of what is looked at; `None` where nobody asked for them.
    pub(super) fn layers_status(&self) -> Option<(Status, Cow<'static, str>)> {
        let told = self.layers_told()?;
        let status = match told.outcome {
            LayersOutcome::Mismatch => Status::Failed,
            LayersOutcome::Running => Status::Pending,
            LayersOutcome::Verified => Status::Verified,
            LayersOutcome::Partly if told.missing > 0 => Status::Failed,
            LayersOutcome::Partly => Status::Unchecked,
            LayersOutcome::NotAsked => return None,
        };
        Some((status, told.note.clone().into()))
    }

    /// What is known of an image's config.
    ///
    /// A config inside of the manifest, as schema 1 has it, is a part of its bytes and has its
    /// status. Any other is compared with the digest and size in the image's descriptor. The
    /// stamp of a [`Summary`](super::Summary) counts that one.
    pub(super) fn config_status(&self, node: &Node, image: &Image) -> (Status, Cow<'static, str>) {
        if image.inline_config.is_some() {
            let (status, _) = node_status(node);
            return (status, "part of the manifest".into());
        }
        match self.config(image) {
            None => (Status::Unchecked, "not fetched".into()),
            Some(Fetch::Pending) => (Status::Pending, "on its way".into()),
            Some(Fetch::Failed(failure)) => failure_status(failure),
            Some(Fetch::Done(config)) => comparison_status(&config.comparison),
        }
    }
}

/// Makes the step of a manifest that is here, with the worst of its comparisons.
fn node_step(kind: CustodyStepKind, node: &Node) -> CustodyStep {
    let (status, note) = node_status(node);
    CustodyStep { kind, status, note }
}
