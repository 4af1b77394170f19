//! What a list names, and what the lists in it name.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::descriptor::Descriptor;
use crate::digest::{Algorithm, Digest};
use crate::json::Pointer;
use crate::limits;
use crate::manifest::{Image, List};
use crate::media_type::MediaType;
use crate::verify::Verdict;
use crate::workflow::fetch::Fetch;
use crate::workflow::inspect::{Model as Inspection, Msg, Node};

/// All entries of a list, each followed by those of the list that it names, where it names one.
///
/// ```
/// use waybill_core::workflow::fetch::Generation;
/// use waybill_core::workflow::inspect::{InspectTarget, Model};
/// use waybill_core::workflow::layers::Below;
///
/// let target = InspectTarget::Bundle { name: "nothing yet".into(), expected: None };
/// let (inspection, _) = Model::open(target, Vec::new(), Generation(1));
/// let empty = waybill_core::manifest::List::default();
/// assert!(Below::of(&inspection, &empty).entries.is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct Below<'a> {
    /// In the order in which somebody reads them who goes into each list where it stands.
    pub entries: Vec<Listed<'a>>,
}

/// An entry of a list, or of a list in it.
#[derive(Clone, Debug)]
pub struct Listed<'a> {
    /// The entry.
    pub entry: &'a Descriptor,
    /// The entries that lead to its list, the outermost first; empty where it stands in the list
    /// that is looked at.
    pub within: Rc<[&'a Descriptor]>,
    /// Whether what it names is a list, and was gone into.
    pub opening: Opening,
}

/// Whether a list in a list was gone into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It is no list, or is not here.
    NoList,
    /// It was: its entries follow.
    Opened,
    /// It stands above already, and what it names with it.
    Again,
    /// What came is not the list that is named, so nobody vouches for what it names.
    Another,
    /// More than [`LISTS_DEEP`](limits::LISTS_DEEP) lists lie in each other.
    TooDeep,
    /// With it there would be more than [`ENTRIES_BELOW`](limits::ENTRIES_BELOW).
    TooMany,
}

impl<'a> Below<'a> {
    /// Goes through a list and all lists in it that are here. A list that stands at several
    /// places is gone into once, so that nothing multiplies.
    #[must_use]
    pub fn of(inspection: &'a Inspection, list: &'a List) -> Self {
        let mut entries = Vec::new();
        let mut opened: BTreeSet<&Digest> = BTreeSet::new();
        let mut number = 0;
        // What is left of each list on the way down, and what led to it.
        let mut open = vec![(list.entries.iter(), Rc::<[&Descriptor]>::from([]))];
        while let Some((rest, within)) = open.last_mut() {
            let Some(entry) = rest.next() else {
                open.pop();
                continue;
            };
            let within = Rc::clone(within);
            let node = inspection.child(entry).and_then(Fetch::done);
            let inner = node.and_then(Node::list);
            let mut opening = Opening::NoList;
            if let (Some(node), Some(inner), Some(digest)) = (node, inner, &entry.digest) {
                opening = if !is_named(node, digest) {
                    Opening::Another
                } else if opened.contains(digest) {
                    Opening::Again
                } else if open.len() >= limits::LISTS_DEEP {
                    Opening::TooDeep
                } else if number + inner.entries.len() > limits::ENTRIES_BELOW {
                    Opening::TooMany
                } else {
                    opened.insert(digest);
                    number += inner.entries.len();
                    let way = within.iter().copied().chain([entry]).collect();
                    open.push((inner.entries.iter(), way));
                    Opening::Opened
                };
            }
            entries.push(Listed {
                entry,
                within,
                opening,
            });
        }
        Self { entries }
    }

    /// What is to be fetched to know more of it; `None` where nothing is.
    ///
    /// Those are the manifests that lists in the list name, and the configs of their images. The
    /// list's own are fetched anyway. `all_configs` asks also for those that only a validation
    /// needs: of attestations and artifacts.
    #[must_use]
    pub fn missing(&self, inspection: &Inspection, all_configs: bool) -> Option<Msg> {
        let (mut manifests, mut configs) = (Vec::new(), Vec::new());
        for Listed { entry, within, .. } in &self.entries {
            let Some(child) = inspection.child(entry) else {
                if entry.digest.is_some() && !within.is_empty() {
                    manifests.push((*entry).clone());
                }
                continue;
            };
            let Some(image) = child.done().and_then(Node::image) else {
                continue;
            };
            let is_machine = entry.attests().is_none() && has_image_config(image);
            if (all_configs || (is_machine && !within.is_empty()))
                && let Some(config) = &image.config
                && config.digest.is_some()
                && inspection.config(image).is_none()
            {
                configs.push(config.clone());
            }
        }
        let is_nothing = manifests.is_empty() && configs.is_empty();
        (!is_nothing).then_some(Msg::Want { manifests, configs })
    }
}

impl Listed<'_> {
    /// Where it stands: a JSON pointer into the outermost list, then one into each on the way.
    #[must_use]
    pub fn way(&self) -> Vec<Pointer> {
        let entries = self.within.iter().copied().chain([self.entry]);
        entries.map(|entry| entry.pointer.clone()).collect()
    }

    /// What it is called, with the places of the lists that it stands in.
    ///
    /// ```text
    /// linux/amd64 · attestation · linux/amd64 in /manifests/2
    /// ```
    #[must_use]
    pub fn title(&self) -> String {
        let mut title = match self.entry.attests() {
            Some(_) => "attestation".to_owned(),
            None => self.entry.title(),
        };
        for (index, list) in self.within.iter().enumerate() {
            title += if index == 0 { " in " } else { ", in it " };
            title += list.pointer.as_str();
        }
        title
    }
}

fn has_image_config(image: &Image) -> bool {
    let config = image.config.as_ref();
    let media_type = config.and_then(|config| config.media_type.as_ref());
    media_type.is_some_and(MediaType::is_image_config)
}

/// Whether a manifest is the one of that digest, whatever its size. Of an algorithm that is not
/// computed nothing is known against it.
fn is_named(node: &Node, digest: &Digest) -> bool {
    if digest.algorithm() == Some(Algorithm::Sha256) {
        return node.digest.as_ref() == Some(digest);
    }
    let mut verdicts = node.comparisons.iter().map(|it| &it.verdict);
    verdicts.all(|verdict| !matches!(verdict, Verdict::WrongDigest { .. }))
}
