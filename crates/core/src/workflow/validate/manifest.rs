//! The checks of manifests and lists, whatever they name.
//!
//! Longer than most files: one manifest is gone through from its first check to its last.

use crate::config::ImageConfig;
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::humanize::{count, number};
use crate::json::Pointer;
use crate::limits;
use crate::manifest::{Format, Image, List, Manifest};
use crate::verify::{DigestSource, Verdict};
use crate::workflow::inspect::Node;
use crate::workflow::layers::{ImagePlan, Listed, Opening};

use super::{Check, Known, Outcome, Place, Row, Rows, Subject, clause};

/// What an inspection warns of and a validation does not pass: who picks by the list gets an
/// image for another machine, and `crane validate` fails too.
const FAILS: [Code; 1] = [Code::ListedPlatform];

impl Known<'_> {
    /// The list that is looked at.
    pub(super) fn list(&self, node: &Node, list: &List) -> Subject {
        let mut rows = Rows::default();
        of_manifest(node, self.inspection.entry(), &node.findings, &mut rows);
        self.of_subject(list.subject.as_ref(), &mut rows);
        finish(node, "list", rows)
    }

    /// A list in a list; what it names is judged by itself.
    pub(super) fn nested(&self, node: &Node, list: &List, listed: &Listed<'_>) -> Subject {
        let mut rows = Rows::default();
        of_manifest(node, Some(listed.entry), &node.findings, &mut rows);
        self.of_subject(list.subject.as_ref(), &mut rows);
        let place = Place::List(listed.entry.pointer.clone());
        let (outcome, words) = match listed.opening {
            // Its entries follow, and this has its row.
            Opening::Opened | Opening::NoList => return finish(node, &listed.entry.title(), rows),
            Opening::Again => (
                Outcome::Note,
                "the same list stands above; what it names is checked there".to_owned(),
            ),
            Opening::Another => (
                Outcome::NotChecked,
                "it is not the list that is named, so what it names says nothing".to_owned(),
            ),
            Opening::TooDeep => (
                Outcome::NotChecked,
                format!(
                    "more than {} lists lie in each other: open it by its own digest",
                    limits::LISTS_DEEP
                ),
            ),
            Opening::TooMany => (
                Outcome::NotChecked,
                format!(
                    "with its {} there are more than {} in lists of this list: open it by its own digest",
                    entries(list.entries.len()),
                    number(limits::ENTRIES_BELOW as u64)
                ),
            ),
        };
        rows.push(Check::Entries, outcome, place, words);
        finish(node, &listed.entry.title(), rows)
    }

    /// An image or artifact with its config and layers. `plan` is `None` where somebody chose
    /// not to read its layers.
    pub(super) fn image(
        &self,
        node: &Node,
        image: &Image,
        entry: Option<&Descriptor>,
        plan: Option<&ImagePlan>,
    ) -> Subject {
        let mut rows = Rows::default();
        let findings = self.inspection.findings_of_image(node, image, entry);
        of_manifest(node, entry, &findings, &mut rows);
        self.of_subject(image.subject.as_ref(), &mut rows);
        self.of_config(image, entry, &mut rows);
        let chain_ids = self.of_rootfs(image, &mut rows);
        match plan {
            Some(plan) => self.of_layers(node, image, plan, &mut rows),
            None => rows.push(
                Check::LayerDigest,
                Outcome::NotChecked,
                Place::Manifest(Pointer::ROOT.child("layers")),
                "it was not chosen, so its layers were not read",
            ),
        }
        let kind = match image.artifact() {
            Some(_) => "artifact",
            None => "image",
        };
        let title = entry.map_or_else(
            || {
                let config = self.inspection.true_config(image);
                let platform = config.and_then(ImageConfig::platform);
                platform.map_or_else(|| kind.to_owned(), ToString::to_string)
            },
            |entry| match entry.attests() {
                Some(_) => "attestation".to_owned(),
                None => entry.title(),
            },
        );
        Subject {
            chain_ids,
            ..finish(node, &title, rows)
        }
    }
}

/// Bytes that are no manifest.
pub(super) fn other(node: &Node, entry: Option<&Descriptor>) -> Subject {
    let mut rows = Rows::default();
    of_manifest(node, entry, &node.findings, &mut rows);
    if !rows.0.iter().any(|row| row.outcome == Outcome::Failed) {
        let place = Place::Manifest(Pointer::ROOT);
        rows.push(Check::Format, Outcome::Failed, place, "it is no manifest");
    }
    let title = entry.map_or_else(|| "content".to_owned(), Descriptor::title);
    finish(node, &title, rows)
}

/// What is the same for all manifests: who named it against what came, and what reading it
/// found.
fn of_manifest(node: &Node, entry: Option<&Descriptor>, findings: &[Finding], rows: &mut Rows) {
    let bytes = digested(node);
    match (entry, bytes) {
        (Some(entry), Some(bytes)) => {
            let at = |name: &str| Place::List(entry.pointer.child(name));
            let named = (&*entry.digest_text, entry.digest.as_ref());
            rows.0.push(digest_row(
                Check::ManifestDigest,
                named,
                bytes,
                at("digest"),
            ));
            rows.0
                .push(size_row(Check::ManifestSize, entry.size, bytes, at("size")));
        }
        (_, None) => rows.push(
            Check::ManifestDigest,
            Outcome::NotChecked,
            Place::Manifest(Pointer::ROOT),
            "its signature block is broken, so there is nothing to hash",
        ),
        (None, Some(bytes)) => of_root(node, bytes, rows),
    }
    of_media_type(node, entry, rows);
    for finding in findings {
        // These compare the same bytes as the rows of their own; they stop at the size.
        if !matches!(finding.code, Code::ListedSize | Code::ListedDigest) {
            rows.0.push(row_of(finding));
        }
    }
    let at = |pointer: &str| Place::Manifest(pointer.into());
    let mut pass = |check: Check, place: Place, evidence: String| {
        if !rows.is_against(check) {
            rows.pass(check, place, evidence);
        }
    };
    let size = number(node.arrival.bytes.len() as u64);
    if let Ok(manifest) = &node.manifest {
        let what = manifest.format.with_article();
        pass(
            Check::Json,
            at(""),
            format!("{size} bytes of JSON that all clients read alike"),
        );
        if manifest.format != Format::Unknown {
            pass(
                Check::Format,
                at(""),
                format!("it is {what}, with all that it needs"),
            );
        }
        if manifest.format.is_schema1() && node.is_being_checked() {
            let words = "its signatures are still being checked";
            rows.push(
                Check::Schema1,
                Outcome::NotChecked,
                at("/signatures"),
                words,
            );
            return;
        }
        if manifest.format.is_schema1() {
            let words = "layers, ids, parents and signatures fit each other";
            pass(Check::Schema1, at(""), words.into());
        }
        for (check, place, evidence) in passes(manifest) {
            pass(check, place, evidence);
        }
    }
}

/// A manifest that no list led to: who asked for it, or the registry, may have named it.
fn of_root(node: &Node, bytes: &[u8], rows: &mut Rows) {
    let place = Place::Manifest(Pointer::ROOT);
    let mut is_named = false;
    for comparison in &node.comparisons {
        let who = match comparison.authority {
            DigestSource::Asked => "as it was asked for",
            DigestSource::Parent => "as the list names it",
            DigestSource::Registry => "as the registry says",
        };
        let (outcome, evidence) = match &comparison.verdict {
            Verdict::Verified => (Outcome::Passed, format!("{}, {who}", comparison.expected)),
            Verdict::WrongSize { expected, found } => (
                Outcome::Failed,
                format!(
                    "{} bytes are stated, {} came",
                    number(*expected),
                    number(*found)
                ),
            ),
            Verdict::WrongDigest { found } => (
                Outcome::Failed,
                format!(
                    "it hashes to {found}, and not to {} {who}",
                    comparison.expected
                ),
            ),
            Verdict::NotChecked(why) => (Outcome::NotChecked, why.reason().to_owned()),
        };
        is_named = true;
        rows.push(Check::ManifestDigest, outcome, place.clone(), evidence);
    }
    if !is_named {
        let digest = Digest::sha256(bytes);
        let words = format!("it hashes to {digest}; nobody named a digest to compare with");
        rows.push(Check::ManifestDigest, Outcome::Note, place, words);
    }
}

/// The bytes that the digest of a manifest covers: of signed schema 1 the payload.
pub(super) fn digested(node: &Node) -> Option<&[u8]> {
    match &node.manifest {
        Ok(manifest) => manifest.digest_input(),
        Err(_) => Some(&node.arrival.bytes),
    }
}

/// A size that was named against the bytes that came.
pub(super) fn size_row(check: Check, stated: Option<u64>, bytes: &[u8], place: Place) -> Row {
    let found = bytes.len() as u64;
    let (outcome, evidence) = match stated {
        Some(stated) if stated == found => (Outcome::Passed, format!("{} bytes", number(found))),
        Some(stated) => (
            Outcome::Failed,
            format!(
                "{} bytes are stated, {} came",
                number(stated),
                number(found)
            ),
        ),
        None => (
            Outcome::Failed,
            format!("no usable size is stated, {} bytes came", number(found)),
        ),
    };
    Row {
        check,
        outcome,
        place,
        code: (outcome == Outcome::Failed).then(|| Code::ListedSize.to_string()),
        evidence,
    }
}

/// A digest that was named against the bytes that came, whatever their size.
pub(super) fn digest_row(
    check: Check,
    (text, named): (&str, Option<&Digest>),
    bytes: &[u8],
    place: Place,
) -> Row {
    let computed = named
        .and_then(Digest::algorithm)
        .map(|algorithm| Digest::compute(algorithm, bytes));
    let (outcome, evidence) = match (named, computed) {
        (None, _) => (Outcome::Failed, format!("{text:?} is no digest")),
        (Some(named), None) => (
            Outcome::NotChecked,
            format!(
                "{} is of an algorithm that is not computed here",
                named.algorithm_name()
            ),
        ),
        (Some(named), Some(found)) if *named == found => (Outcome::Passed, found.to_string()),
        (Some(named), Some(found)) => (
            Outcome::Failed,
            format!("it hashes to {found}, {named} is stated"),
        ),
    };
    Row {
        check,
        outcome,
        place,
        code: (outcome == Outcome::Failed).then(|| Code::ListedDigest.to_string()),
        evidence,
    }
}

/// The type that the list states against what came.
fn of_media_type(node: &Node, entry: Option<&Descriptor>, rows: &mut Rows) {
    let Ok(manifest) = &node.manifest else { return };
    let found = manifest.format.media_type();
    let stated = entry.and_then(|entry| entry.media_type.as_ref());
    let Some(found) = found else { return };
    // A type that differs is a finding of the manifest's reader.
    let is_conflict = |it: &Finding| it.code == Code::MediaTypeConflict;
    if node.findings.iter().any(is_conflict) {
        return;
    }
    let (place, evidence) = match (entry, stated) {
        (Some(entry), Some(stated)) if *stated == found => (
            Place::List(entry.pointer.child("mediaType")),
            format!("{found}, as the list says"),
        ),
        (Some(entry), Some(stated)) => {
            let place = Place::List(entry.pointer.child("mediaType"));
            let words = format!("{stated} is stated, it is {found}");
            rows.push(Check::MediaType, Outcome::Failed, place, words);
            return;
        }
        (Some(_) | None, None) | (None, Some(_)) => {
            (Place::Manifest(Pointer::ROOT), found.to_string())
        }
    };
    rows.pass(Check::MediaType, place, evidence);
}

/// A finding as a row.
fn row_of(finding: &Finding) -> Row {
    let outcome = if FAILS.contains(&finding.code) {
        Outcome::Failed
    } else {
        Outcome::from(finding.severity())
    };
    let place = if finding.in_config {
        Place::Config(finding.pointer.clone())
    } else {
        Place::Manifest(finding.pointer.clone())
    };
    let mut check = Check::of_code(finding.code);
    if finding.in_config && check != Check::RootfsType {
        check = Check::Config;
    }
    // Not "in the config: …" where the place says so.
    let message = finding.message.strip_prefix("in the config: ");
    let message = message.unwrap_or(&finding.message);
    Row {
        check,
        outcome,
        place,
        code: Some(finding.code.to_string()),
        evidence: format!("{}: {message}", clause(finding.code.rule().title)),
    }
}

/// The checks of a manifest that apply to it, with what there is to say where nothing is
/// against them.
fn passes(manifest: &Manifest) -> Vec<(Check, Place, String)> {
    let at = |pointer: &str| Place::Manifest(pointer.into());
    let mut passes = Vec::new();
    let annotations = match (manifest.image(), manifest.list()) {
        (Some(image), _) => {
            let all = image
                .config
                .iter()
                .chain(&image.layers)
                .chain(&image.subject);
            of_descriptors(all, &mut passes);
            let words = format!(
                "{} and {}",
                if image.config.is_some() {
                    "a config"
                } else {
                    "no config"
                },
                count(image.layers.len(), "layer")
            );
            passes.push((Check::Parts, at(""), words));
            image.annotations.len()
        }
        (None, Some(list)) => {
            of_descriptors(list.entries.iter().chain(&list.subject), &mut passes);
            of_entries(list, &mut passes);
            list.annotations.len()
        }
        (None, None) => return passes,
    };
    if annotations > 0 {
        let words = format!("{} of the right form", count(annotations, "annotation"));
        passes.push((Check::Annotations, at("/annotations"), words));
    }
    passes
}

fn of_entries(list: &List, passes: &mut Vec<(Check, Place, String)>) {
    let place = || Place::Manifest("/manifests".into());
    let words = format!(
        "{} for {}",
        entries(list.entries.len()),
        count(list.platforms(), "platform")
    );
    passes.push((Check::Entries, place(), words));
    let attestations = list
        .entries
        .iter()
        .filter(|entry| entry.attests().is_some());
    let attestations = attestations.count();
    if attestations > 0 {
        let words = format!(
            "{} of entries of this list",
            count(attestations, "attestation")
        );
        passes.push((Check::Attestations, place(), words));
    }
}

fn entries(number: usize) -> String {
    match number {
        1 => "1 entry".into(),
        many => format!("{many} entries"),
    }
}

fn of_descriptors<'a>(
    all: impl Iterator<Item = &'a Descriptor>,
    passes: &mut Vec<(Check, Place, String)>,
) {
    let (mut number, mut data) = (0, Vec::new());
    for descriptor in all {
        number += 1;
        if descriptor.data.is_some() {
            data.push(descriptor.pointer.child("data"));
        }
    }
    let words = format!("{} with type, digest and size", count(number, "descriptor"));
    passes.push((Check::Descriptors, Place::Manifest(Pointer::ROOT), words));
    if let Some(first) = data.first() {
        let words = match data.len() {
            1 => "it is the content that the digest names".to_owned(),
            many => format!("of {many} descriptors: each is the content that its digest names"),
        };
        passes.push((Check::Data, Place::Manifest(first.clone()), words));
    }
}

fn finish(node: &Node, title: &str, rows: Rows) -> Subject {
    Subject {
        digest: node.digest.clone(),
        title: title.to_owned(),
        way: Vec::new(),
        chain_ids: Vec::new(),
        rows: rows.sorted(),
    }
}
