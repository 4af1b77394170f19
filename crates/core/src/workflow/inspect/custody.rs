//! The custody line: from what was asked to what was found, each stop with its seal.

use std::borrow::Cow;

use crate::descriptor::Descriptor;
use crate::manifest::{Image, List};
use crate::verify::{Comparison, Unchecked, Verdict};
use crate::words::count;

use super::{Current, Failure, Model, Node, Slot, Subject};

/// What is known of a stop, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seal {
    /// Compared here, and as it was named.
    Good,
    /// Nothing was compared; the note says why.
    Hollow,
    /// Still being fetched.
    Working,
    /// Not what was named, or it did not come.
    Bad,
}

/// Which stop it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopKind {
    /// What was asked for.
    Asked,
    /// A list that leads to the place that is looked at; its index in the chain.
    Above(usize),
    /// The manifest that is looked at, a list.
    List,
    /// The manifest that is looked at, an image.
    Manifest,
    /// What the list names.
    Entries,
    /// The image's config.
    Config,
    /// The image's layers.
    Layers,
    /// Bytes that are no manifest, or none that is known.
    Other,
    /// The manifest that did not come, or has not come yet.
    Missing,
}

/// A stop on the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Which.
    pub kind: StopKind,
    /// What is known of it.
    pub seal: Seal,
    /// The reason in a few words.
    pub note: Cow<'static, str>,
}

impl Model {
    /// The stops from what was asked for to what is looked at.
    #[must_use]
    pub fn custody(&self) -> Vec<Stop> {
        let mut stops = vec![self.asked_stop()];
        let chain = self.chain();
        let current = self.current();
        let whole = matches!(
            current,
            Current::List(..) | Current::Image(..) | Current::Other(_)
        );
        for (index, (node, _)) in chain.iter().enumerate() {
            if index + 1 < chain.len() || !whole {
                stops.push(node_stop(StopKind::Above(index), node));
            }
        }
        match current {
            Current::Loading => {
                stops.push(Stop {
                    kind: StopKind::Missing,
                    seal: Seal::Working,
                    note: "on its way".into(),
                });
            }
            Current::Failed(failure) => {
                let (seal, note) = failure_seal(failure);
                stops.push(Stop {
                    kind: StopKind::Missing,
                    seal,
                    note,
                });
            }
            Current::Other(node) => stops.push(node_stop(StopKind::Other, node)),
            Current::List(node, list) => {
                stops.push(node_stop(StopKind::List, node));
                let (seal, note) = self.entries_seal(list);
                stops.push(Stop {
                    kind: StopKind::Entries,
                    seal,
                    note,
                });
            }
            Current::Image(node, image) => {
                stops.push(node_stop(StopKind::Manifest, node));
                if image.config.is_some() || image.inline_config.is_some() {
                    let (seal, note) = self.config_seal(node, image);
                    stops.push(Stop {
                        kind: StopKind::Config,
                        seal,
                        note,
                    });
                }
                let note = if image.layers.is_empty() {
                    "none"
                } else {
                    Unchecked::NotFetched.reason()
                };
                stops.push(Stop {
                    kind: StopKind::Layers,
                    seal: Seal::Hollow,
                    note: note.into(),
                });
            }
        }
        stops
    }

    fn asked_stop(&self) -> Stop {
        let root = self.root().and_then(Slot::ready);
        let (seal, note) = match (self.subject.asked(), &self.subject) {
            (Some(_), _) => match root {
                Some(node) => {
                    let asked = node.comparisons.first();
                    asked.map_or((Seal::Hollow, "".into()), comparison_seal)
                }
                None => (Seal::Hollow, "a digest".into()),
            },
            (None, Subject::Registry(_)) => {
                (Seal::Hollow, "a tag can move, it promises no digest".into())
            }
            (None, Subject::Bundle { .. }) => {
                (Seal::Hollow, "no digest was given to compare with".into())
            }
        };
        Stop {
            kind: StopKind::Asked,
            seal,
            note,
        }
    }

    /// What is known of a list's entry.
    #[must_use]
    pub fn entry_seal(&self, entry: &Descriptor) -> (Seal, Cow<'static, str>) {
        if entry.digest.is_none() {
            return (Seal::Bad, "no valid digest".into());
        }
        match self.child(entry) {
            None => (Seal::Hollow, "not fetched".into()),
            Some(Slot::Loading) => (Seal::Working, "on its way".into()),
            Some(Slot::Failed(failure)) => failure_seal(failure),
            Some(Slot::Ready(node)) => {
                let config = node
                    .image()
                    .and_then(|image| self.config(image))
                    .and_then(Slot::ready);
                match config.filter(|config| config.comparison.verdict.is_mismatch()) {
                    Some(_) => (Seal::Bad, "config differs".into()),
                    None => node_seal(node),
                }
            }
        }
    }

    fn entries_seal(&self, list: &List) -> (Seal, Cow<'static, str>) {
        let seals: Vec<Seal> = list
            .entries
            .iter()
            .map(|entry| self.entry_seal(entry).0)
            .collect();
        let good = seals.iter().filter(|seal| **seal == Seal::Good).count();
        let worst = seals.iter().max().copied().unwrap_or(Seal::Hollow);
        let note = match seals.len() {
            0 => "none".into(),
            all if good == all => format!("{} as listed", count(all, "entry")).into(),
            all => format!("{good} of {} as listed", count(all, "entry")).into(),
        };
        (worst, note)
    }

    pub(super) fn config_seal(&self, node: &Node, image: &Image) -> (Seal, Cow<'static, str>) {
        if image.inline_config.is_some() {
            let (seal, _) = node_seal(node);
            return (seal, "part of the manifest".into());
        }
        match self.config(image) {
            None => (Seal::Hollow, "not fetched".into()),
            Some(Slot::Loading) => (Seal::Working, "on its way".into()),
            Some(Slot::Failed(failure)) => failure_seal(failure),
            Some(Slot::Ready(config)) => comparison_seal(&config.comparison),
        }
    }
}

fn node_stop(kind: StopKind, node: &Node) -> Stop {
    let (seal, note) = node_seal(node);
    Stop { kind, seal, note }
}

/// The worst of a manifest's comparisons decides; one that holds is enough where none fails.
pub(super) fn node_seal(node: &Node) -> (Seal, Cow<'static, str>) {
    let seals: Vec<_> = node.comparisons.iter().map(comparison_seal).collect();
    let bad = seals.iter().find(|(seal, _)| *seal == Seal::Bad);
    let good = seals.iter().find(|(seal, _)| *seal == Seal::Good);
    let any = bad.or(good).or(seals.first()).cloned();
    any.unwrap_or_else(|| (Seal::Hollow, Unchecked::NothingNamed.reason().into()))
}

/// A verdict as a seal with its word.
fn comparison_seal(comparison: &Comparison) -> (Seal, Cow<'static, str>) {
    match &comparison.verdict {
        Verdict::Verified => (Seal::Good, "verified".into()),
        Verdict::WrongSize { .. } => (Seal::Bad, "size differs".into()),
        Verdict::WrongDigest { .. } => (Seal::Bad, "digest differs".into()),
        Verdict::NotChecked(why) => (Seal::Hollow, why.reason().into()),
    }
}

fn failure_seal(failure: &Failure) -> (Seal, Cow<'static, str>) {
    match failure {
        Failure::Cancelled => (Seal::Hollow, "cancelled".into()),
        Failure::NotBundled => (Seal::Hollow, "not part of what was opened".into()),
        Failure::NotListed(_) => (Seal::Bad, "not in the list".into()),
        Failure::TooLarge { .. } => (Seal::Hollow, "over 4 MiB, not read".into()),
        Failure::Registry(error) => match error.answer() {
            Some(answer) if answer.status == 404 => (Seal::Bad, "missing".into()),
            Some(answer) => (Seal::Bad, format!("status {}", answer.status).into()),
            None => (Seal::Bad, "no answer".into()),
        },
    }
}
