//! Validating an image: every check by its name, with what it is about, how it came out, and
//! the evidence.
//!
//! [`Report::of`] goes over the place that an inspection looks at: an image, or a list with all
//! its children. It asks nobody and fetches nothing: it is made of what is here by then, of the
//! manifests and configs ([`inspect`](super::inspect)), of the layers that were read
//! ([`layers`]), and of what was found inside of them ([`Contents`]). What is
//! not here is "not checked", with the reason. It does not stop at the first fault.
//!
//! Nothing is judged twice: what reading a manifest or config found is sorted by the checks
//! that it belongs to, and the seals of a layer are those of its row.
//!
//! - `checks` names the checks, and says which findings belong to which.
//! - `outcome` is what a report consists of, and what was found in contents.
//! - `manifest` judges manifests and lists, `subject` what they refer to, `config` configs,
//!   `layer` one layer.
//! - `write` makes text and JSON of it.
//!
//! `crane validate` stops at the first broken layer and misses much of this; `tests/layers`
//! runs it beside this one.

mod checks;
mod config;
mod layer;
mod manifest;
mod outcome;
mod subject;
mod write;

use std::collections::BTreeMap;

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::humanize::{count, number};
use crate::json::Pointer;
use crate::registry::error::RegistryError;

use super::fetch::{Failure, Fetch};
use super::inspect::{Current, InspectTarget, Model as Inspection, Node};
use super::layers::{self, Below, Listed};

pub use checks::Check;
pub use outcome::{ContentFinding, Contents, Outcome, Place, Row, Subject, TableFound, Verdict};

/// What is validated, and what is known of it.
#[derive(Clone, Copy)]
struct Known<'a> {
    inspection: &'a Inspection,
    layers: &'a layers::Model,
    contents: &'a Contents,
}

/// The result of validating an image, or a list with its images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was inspected, as it is called in a sentence.
    pub name: String,
    /// The manifests: the one that is looked at first, then what it lists, in its order.
    pub subjects: Vec<Subject>,
}

impl Report {
    /// Judges the place that an inspection looks at.
    ///
    /// `is_chosen` says of each manifest of a list, by its digest, whether it was to be read;
    /// the layers of others are not checked, and the report says so.
    ///
    /// ```
    /// use waybill_core::workflow::fetch::Generation;
    /// use waybill_core::workflow::inspect::{InspectTarget, Model};
    /// use waybill_core::workflow::layers;
    /// use waybill_core::workflow::validate::{Contents, Report, Verdict};
    ///
    /// let target = InspectTarget::Bundle { name: "nothing yet".into(), expected: None };
    /// let (inspection, _) = Model::open(target, Vec::new(), Generation(1));
    /// let layers = layers::Model::new(Generation(1));
    /// let report = Report::of(&inspection, &layers, &Contents::default(), &|_| true);
    /// assert_eq!(report.verdict(), Verdict::Incomplete);
    /// ```
    #[must_use]
    pub fn of(
        inspection: &Inspection,
        layers: &layers::Model,
        contents: &Contents,
        is_chosen: &dyn Fn(&Digest) -> bool,
    ) -> Self {
        let known = Known {
            inspection,
            layers,
            contents,
        };
        let mut subjects = Vec::new();
        match inspection.current() {
            Current::List(node, list) => {
                subjects.push(known.list(node, list));
                let below = Below::of(inspection, list).entries;
                subjects.extend(below.iter().map(|listed| Subject {
                    way: listed.way(),
                    ..known.entry(listed, is_chosen)
                }));
            }
            Current::Image(node, image) => {
                let plan = layers::ImagePlan::of(inspection, node, image, String::new());
                subjects.push(known.image(node, image, inspection.entry(), Some(&plan)));
            }
            Current::Other(node) => subjects.push(manifest::other(node, inspection.entry())),
            Current::Loading => subjects.push(absent(None, waited_for())),
            Current::Failed(failure) => subjects.push(absent(None, not_here(failure))),
        }
        Self {
            name: inspection.subject.name(),
            subjects,
        }
    }

    /// The manifests that are referred to as `subject` at the place that an inspection looks at,
    /// each once, that are not here: [`Contents::subject_came`] takes what came of them.
    #[must_use]
    pub fn subjects_wanted(inspection: &Inspection, contents: &Contents) -> Vec<Descriptor> {
        let mut nodes = Vec::new();
        match inspection.current() {
            Current::List(node, list) => {
                nodes.push(node);
                let below = Below::of(inspection, list).entries;
                nodes.extend(
                    below
                        .iter()
                        .filter_map(|it| inspection.child(it.entry)?.done()),
                );
            }
            Current::Image(node, _) => nodes.push(node),
            Current::Other(_) | Current::Loading | Current::Failed(_) => {}
        }
        let mut wanted: BTreeMap<&Digest, &Descriptor> = BTreeMap::new();
        for subject in nodes.into_iter().filter_map(subject::of_node) {
            if let Some(digest) = &subject.digest
                && !contents.of_subjects.contains_key(digest)
                && inspection.child(subject).and_then(Fetch::done).is_none()
            {
                wanted.entry(digest).or_insert(subject);
            }
        }
        wanted.into_values().cloned().collect()
    }

    /// How many checks came out so.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        let rows = self.subjects.iter().flat_map(|subject| &subject.rows);
        rows.filter(|row| row.outcome == outcome).count()
    }

    /// What came of it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.count(Outcome::Failed) > 0 {
            Verdict::Invalid
        } else if self.count(Outcome::NotChecked) > 0 {
            Verdict::Incomplete
        } else {
            Verdict::Valid
        }
    }

    /// The verdict as one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let of = |outcome| self.count(outcome);
        let mut more = Vec::new();
        if of(Outcome::Warning) > 0 {
            more.push(count(of(Outcome::Warning), "warning"));
        }
        let unchecked = of(Outcome::NotChecked);
        let verdict = self.verdict();
        if verdict == Verdict::Invalid && unchecked > 0 {
            more.push(format!("{} not made", count(unchecked, "check")));
        }
        let more = if more.is_empty() {
            String::new()
        } else {
            format!(", {}", more.join(", "))
        };
        match verdict {
            Verdict::Valid => {
                format!(
                    "Valid: {} passed{more}.",
                    count(of(Outcome::Passed), "check")
                )
            }
            Verdict::Invalid => format!(
                "Not valid: {} failed, {} passed{more}.",
                count(of(Outcome::Failed), "check"),
                of(Outcome::Passed)
            ),
            Verdict::Incomplete => format!(
                "Not decided: {} could not be made, {} passed{more}; nothing failed so far.",
                count(unchecked, "check"),
                of(Outcome::Passed)
            ),
        }
    }
}

impl Known<'_> {
    /// One entry of a list.
    fn entry(&self, listed: &Listed<'_>, is_chosen: &dyn Fn(&Digest) -> bool) -> Subject {
        let entry = listed.entry;
        let node: &Node = match self.inspection.child(entry) {
            Some(Fetch::Done(node)) => node,
            Some(Fetch::Failed(failure)) => return absent(Some(entry), not_here(failure)),
            Some(Fetch::Pending) => return absent(Some(entry), waited_for()),
            None => {
                let why = match entry.digest {
                    Some(_) => {
                        "it was not fetched: of a long list only the first are, until the others are asked for"
                    }
                    None => "the list names no valid digest for it",
                };
                return absent(Some(entry), (Outcome::NotChecked, why.into()));
            }
        };
        if let Some(image) = node.image() {
            let plan = layers::ImagePlan::of(self.inspection, node, image, String::new());
            let is_left_out = node.digest.as_ref().is_some_and(|it| !is_chosen(it));
            let plan = (!is_left_out).then_some(&plan);
            return self.image(node, image, Some(entry), plan);
        }
        if let Some(list) = node.list() {
            return self.nested(node, list, listed);
        }
        manifest::other(node, Some(entry))
    }
}

/// What is not here: nothing of it was checked, or it is known not to be there.
fn absent(entry: Option<&Descriptor>, (outcome, why): (Outcome, String)) -> Subject {
    let place = match entry {
        Some(entry) => Place::List(entry.pointer.clone()),
        None => Place::Manifest(Pointer::ROOT),
    };
    let mut rows = Rows::default();
    rows.push(Check::ManifestDigest, outcome, place, why);
    Subject {
        digest: entry.and_then(|entry| entry.digest.clone()),
        title: entry.map_or_else(|| "manifest".to_owned(), Descriptor::title),
        way: Vec::new(),
        chain_ids: Vec::new(),
        rows: rows.sorted(),
    }
}

fn waited_for() -> (Outcome, String) {
    (Outcome::NotChecked, "it is not here yet".into())
}

/// Why a manifest or config did not come. That a registry has none is known, and so a fault.
fn not_here(failure: &Failure) -> (Outcome, String) {
    let why = match failure {
        Failure::Registry(error) => {
            if matches!(**error, RegistryError::NotFound(_)) {
                return (Outcome::Failed, error.to_string());
            }
            error.to_string()
        }
        Failure::NotBundled => {
            "it is not part of what was opened, and no registry was named to ask for it".into()
        }
        Failure::NotListed(_) => "the list does not name it".into(),
        Failure::TooLarge { size } => {
            format!("it is stated as {} bytes, more than is read", number(*size))
        }
        Failure::NotLoaded(why) => why.clone(),
        Failure::Cancelled => "its fetching was cancelled".into(),
    };
    (Outcome::NotChecked, why)
}

/// Rows as they are made.
#[derive(Default)]
struct Rows(Vec<Row>);

impl Rows {
    fn push(&mut self, check: Check, outcome: Outcome, place: Place, evidence: impl Into<String>) {
        self.0.push(Row {
            check,
            outcome,
            place,
            code: None,
            evidence: evidence.into(),
        });
    }

    fn pass(&mut self, check: Check, place: Place, evidence: impl Into<String>) {
        self.push(check, Outcome::Passed, place, evidence);
    }

    /// Whether something that belongs to a check stands against it.
    fn is_against(&self, check: Check) -> bool {
        let is_against = |row: &Row| row.check == check && row.outcome < Outcome::Note;
        self.0.iter().any(is_against)
    }

    /// The worst first; the sort is stable.
    fn sorted(mut self) -> Vec<Row> {
        self.0.sort_by_key(|row| row.outcome);
        self.0
    }
}

/// A sentence without its full stop, as evidence is.
fn clause(words: &str) -> String {
    let words = words.strip_suffix('.').unwrap_or(words);
    let mut letters = words.chars();
    let first = letters.next();
    // What begins with a name or an acronym keeps its capitals.
    match (first, letters.clone().next()) {
        (Some(first), Some(second)) if first.is_ascii_uppercase() && second.is_lowercase() => {
            first.to_ascii_lowercase().to_string() + letters.as_str()
        }
        _ => words.to_owned(),
    }
}

#[cfg(test)]
mod tests;
