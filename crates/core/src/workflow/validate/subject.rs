//! The checks of what a manifest refers to as its `subject`.

use crate::descriptor::Descriptor;
use crate::finding::Code;
use crate::humanize::number;
use crate::registry::error::RegistryError;
use crate::workflow::fetch::{Failure, Fetch};
use crate::workflow::inspect::Node;

use super::manifest::{digest_row, digested, size_row};
use super::{Check, InspectTarget, Known, Outcome, Place, Row, Rows, not_here};

/// What a manifest refers to.
pub(super) fn of_node(node: &Node) -> Option<&Descriptor> {
    let of_image = node.image().and_then(|image| image.subject.as_ref());
    of_image.or_else(|| node.list().and_then(|list| list.subject.as_ref()))
}

impl Known<'_> {
    /// Whether the subject is there, and is what its descriptor says: digest, size and type.
    ///
    /// That it is not there is allowed: a referrer may come first. Source: image-spec
    /// `manifest.md`, `subject`; distribution-spec, "Pushing Manifests with Subject".
    pub(super) fn of_subject(&self, subject: Option<&Descriptor>, rows: &mut Rows) {
        // Without a digest nothing can be asked for; the descriptor's own row says so.
        let Some(subject) = subject.filter(|subject| subject.digest.is_some()) else {
            return;
        };
        let place = || Place::Manifest(subject.pointer.clone());
        let named = &subject.digest_text;
        match self.subject_node(subject) {
            Ok(node) => of_what_came(node, subject, rows),
            Err(None) => {
                let (outcome, why) = match self.inspection.subject {
                    // A verdict on what was opened does not need what it refers to.
                    InspectTarget::Bundle { .. } => {
                        (Outcome::Note, "no registry was named to ask for it")
                    }
                    InspectTarget::Registry(_) => (Outcome::NotChecked, "it was not fetched"),
                };
                let words = format!("it refers to {named}: {why}");
                rows.push(Check::Subject, outcome, place(), words);
            }
            Err(Some(Failure::Registry(error)))
                if matches!(**error, RegistryError::NotFound(_)) =>
            {
                let words = format!(
                    "it refers to {named}, which is not in this repository: that is allowed, and \
                     whoever follows it finds nothing"
                );
                rows.push(Check::Subject, Outcome::Warning, place(), words);
            }
            Err(Some(failure)) => {
                let (_, why) = not_here(failure);
                rows.push(Check::Subject, Outcome::NotChecked, place(), why);
            }
        }
    }

    /// The subject, where it is here: in the list, or fetched for this. Else why not.
    fn subject_node(&self, subject: &Descriptor) -> Result<&Node, Option<&Failure>> {
        let listed = self.inspection.child(subject).and_then(Fetch::done);
        let root = self.inspection.root().and_then(Fetch::done);
        let is_root = root.filter(|root| root.digest == subject.digest);
        if let Some(node) = listed.or(is_root) {
            return Ok(node);
        }
        let came = subject.digest.as_ref();
        match came.and_then(|digest| self.contents.of_subjects.get(digest)) {
            Some(came) => came.as_ref().map_err(Some),
            None => Err(None),
        }
    }
}

fn of_what_came(node: &Node, subject: &Descriptor, rows: &mut Rows) {
    let at = |name: &str| Place::Manifest(subject.pointer.child(name));
    let Some(bytes) = digested(node) else {
        let words = "its signature block is broken, so there is nothing to hash";
        rows.push(Check::Subject, Outcome::NotChecked, at("digest"), words);
        return;
    };
    let named = (&*subject.digest_text, subject.digest.as_ref());
    let mut all: Vec<Row> = vec![
        digest_row(Check::Subject, named, bytes, at("digest")),
        size_row(Check::Subject, subject.size, bytes, at("size")),
    ];
    let found = node.manifest.as_ref().ok();
    let found = found.and_then(|manifest| manifest.format.media_type());
    let (outcome, words) = match (&subject.media_type, &found) {
        (Some(stated), Some(found)) if stated == found => (Outcome::Passed, found.to_string()),
        (Some(stated), Some(found)) => (
            Outcome::Failed,
            format!("{stated} is stated, it is {found}"),
        ),
        (Some(stated), None) => (
            Outcome::Failed,
            format!("{stated} is stated, what came is no manifest"),
        ),
        (None, _) => (Outcome::Failed, "no type is stated".to_owned()),
    };
    let is_good =
        outcome == Outcome::Passed && all.iter().all(|row| row.outcome == Outcome::Passed);
    if is_good {
        let words = format!(
            "it is there: {words}, {} bytes, {}",
            number(bytes.len() as u64),
            subject.digest_text
        );
        rows.pass(
            Check::Subject,
            Place::Manifest(subject.pointer.clone()),
            words,
        );
        return;
    }
    all.push(Row {
        check: Check::Subject,
        outcome,
        place: at("mediaType"),
        code: (outcome == Outcome::Failed).then(|| Code::SubjectType.to_string()),
        evidence: words,
    });
    rows.0.append(&mut all);
}
