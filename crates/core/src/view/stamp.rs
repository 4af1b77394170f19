//! The stamp of an inspection: two words for the whole way to the place, never better than the
//! worst thing found on it.
//!
//! [`Model::stamp`] has the table of what is stamped when. The sentences beside it are made in
//! `summary`, from the same facts.

use crate::finding::Severity;
use crate::humanize::count;
use crate::recognize::Kind;
use crate::workflow::fetch::{Failure, Fetch};
use crate::workflow::inspect::{Current, Model, Node};

use super::custody::Entries;
use super::status::{Stamp, Status, node_status};

impl Model {
    /// Judges the way to the place as a whole: one content that is not what was named spoils
    /// it.
    ///
    /// What is counted are the manifests from the root down to the place, and below it the
    /// entries of a list, or the config of an image. Entries that are held back or not fetched
    /// count too, so a list of which a part was fetched is only partly checked. Layers count
    /// together as one, once somebody asked for them, and each that is wrong or did not come by
    /// itself; a config inside the manifest is part of the manifest.
    ///
    /// The first row that fits decides:
    ///
    /// | what is so | status | text |
    /// | --- | --- | --- |
    /// | the person cancelled | unchecked | `Cancelled` |
    /// | what is looked at did not come | failed | `No manifest` |
    /// | it is on its way | pending | `Checking` |
    /// | contents differ from what was named | failed | `1 mismatch`, `2 mismatches` |
    /// | they are an error answer, or only text, a page or other JSON; a registry sent them | failed | `No manifest` |
    /// | they were recognised as something else, and nothing was compared | unchecked | `No manifest` |
    /// | the bytes are no JSON object | failed | `No manifest` |
    /// | entries or the config did not come | failed | `2 missing` |
    /// | a finding is an error | failed | `3 errors` |
    /// | something, or a signature, is on its way | pending | `Checking` |
    /// | nothing was compared | unchecked | `Not checked` |
    /// | a part was compared, and fits | unchecked | `Partly checked` |
    /// | all was compared, and fits | verified | `Verified here` |
    ///
    /// Warnings are told behind the text where it is no fault: `Verified here · 2 warnings`.
    ///
    /// An entry without a valid digest is not missing: nothing can be asked for by it, and its
    /// finding is one of the errors. A config that is too large to be read is only unchecked, so
    /// its image is partly checked at best.
    pub(super) fn stamp(&self, entries: &Entries) -> Stamp {
        let stamp = |status, text: String, small: String| Stamp {
            status,
            text,
            small,
        };
        let mut statuses: Vec<Status> = self
            .chain()
            .iter()
            .map(|(node, _)| node_status(node).0)
            .collect();
        let current = self.current();
        match current {
            Current::Failed(Failure::Cancelled) => {
                return stamp(
                    Status::Unchecked,
                    "Cancelled".into(),
                    "nothing was checked".into(),
                );
            }
            Current::Failed(_) => {
                return stamp(
                    Status::Failed,
                    "No manifest".into(),
                    "nothing was checked".into(),
                );
            }
            Current::Loading => {
                return stamp(Status::Pending, "Checking".into(), "on its way".into());
            }
            Current::List(..) => statuses.extend(&entries.statuses),
            Current::Image(node, image) if image.config.is_some() => {
                statuses.push(self.config_status(node, image).0);
            }
            Current::Image(..) | Current::Other(_) => {}
        }
        let layers = self.layers_status().map(|(status, _)| status);
        statuses.extend(layers);
        let missing_layers = self
            .layers_told()
            .filter(|_| layers == Some(Status::Failed));
        let missing_layers = missing_layers.map_or(0, |told| told.missing);
        let checking = matches!(current, Current::Image(node, _) if node.is_being_checked());
        let number = |status| statuses.iter().filter(|other| **other == status).count();
        let (good, bad, working) = (
            number(Status::Verified),
            number(Status::Failed) - entries.nameless,
            number(Status::Pending),
        );
        let share = format!("{good} of {} verified here", statuses.len());
        let errors = self.count_findings(Severity::Error);
        let mismatches = self.wrong_contents(entries);
        if mismatches > 0 {
            let text = if mismatches == 1 {
                "1 mismatch".into()
            } else {
                format!("{mismatches} mismatches")
            };
            stamp(Status::Failed, text, share)
        } else if let Current::Other(Node {
            recognized: Some(known),
            arrival,
            ..
        }) = current
            && (known.config.is_none() || arrival.via.is_some())
            && (good == 0 || known.kind.is_plain())
        {
            // Nothing is wrong with a statement or an archive, but it is not what an image is; and
            // a registry was asked for a manifest.
            let is_answer = known.kind == Kind::ErrorAnswer || arrival.via.is_some();
            let is_bad = known.kind.is_plain() || is_answer;
            let status = [Status::Unchecked, Status::Failed][usize::from(is_bad)];
            stamp(status, "No manifest".into(), known.kind.name().into())
        } else if matches!(current, Current::Other(node) if node.manifest.is_err() && node.recognized.is_none())
        {
            stamp(
                Status::Failed,
                "No manifest".into(),
                "these bytes are none".into(),
            )
        } else if bad > 0 {
            let missing = bad + missing_layers.saturating_sub(1);
            stamp(Status::Failed, format!("{missing} missing"), share)
        } else if errors > 0 {
            stamp(Status::Failed, count(errors, "error"), share)
        } else if working > 0 || checking {
            stamp(Status::Pending, "Checking".into(), share)
        } else if good == 0 {
            let chain = self.chain();
            let why = chain.last().map(|(node, _)| node_status(node).1);
            stamp(
                Status::Unchecked,
                "Not checked".into(),
                why.unwrap_or_default().into_owned(),
            )
        } else if good < statuses.len() {
            stamp(Status::Unchecked, "Partly checked".into(), share)
        } else {
            let small = match current {
                Current::List(..) if statuses.len() > 1 => {
                    let manifests = statuses.len() - layers.iter().len();
                    let also = if layers.is_some() { " and layers" } else { "" };
                    format!("all {manifests} manifests{also}")
                }
                Current::Image(_, image) => match (&image.config, layers) {
                    (Some(_), Some(_)) => "manifest, config and layers".into(),
                    (Some(_), None) => "manifest and config".into(),
                    (None, Some(_)) => "manifest and layers".into(),
                    (None, None) => "the manifest".into(),
                },
                Current::Other(Node {
                    recognized: Some(known),
                    ..
                }) => known.kind.name().into(),
                _ => "the manifest".into(),
            };
            stamp(Status::Verified, "Verified here".into(), small)
        }
    }

    /// How many findings of that severity there are in what is looked at.
    fn count_findings(&self, severity: Severity) -> usize {
        let all = self.findings().iter();
        all.filter(|finding| finding.severity() == severity).count()
    }

    /// Says how many warnings there are, where the stamp tells no fault: no warning is silent.
    pub(super) fn with_warnings(&self, stamp: Stamp) -> Stamp {
        let warnings = self.count_findings(Severity::Warning);
        let tells_fault = matches!(stamp.status, Status::Failed | Status::Pending);
        if warnings == 0 || tells_fault {
            return stamp;
        }
        Stamp {
            text: [&stamp.text, " · ", &count(warnings, "warning")].concat(),
            ..stamp
        }
    }

    /// How many contents in view are not what was named.
    ///
    /// The manifests on the way are counted, and below a list each entry that is here and
    /// differs, or whose config differs; below an image its config; and layers, as far as they
    /// were read. An entry that did not come
    /// is no mismatch: it is among the missing of [`Model::stamp`].
    fn wrong_contents(&self, entries: &Entries) -> usize {
        let wrong = |node: &Node| {
            node.comparisons
                .iter()
                .any(|comparison| comparison.verdict.is_mismatch())
        };
        let chain = self.chain().iter().filter(|(node, _)| wrong(node)).count();
        let below = match self.current() {
            Current::Image(_, image) => {
                let config = self.config(image).and_then(Fetch::done);
                usize::from(config.is_some_and(|config| config.comparison.verdict.is_mismatch()))
            }
            _ => entries.wrong,
        };
        let layers = self.layers_told().map_or(0, |told| told.wrong);
        chain + below + layers
    }
}
