//! in-toto statements: what is said of which things.
//!
//! Source: in-toto/attestation `spec/v1/statement.md`, `digest_set.md`; `spec/v0.1.0`.

use crate::json::{Object, Value};
use crate::limits;

use super::packages::Packages;
use super::value::{FINDINGS, array, cut, text, whole};
use super::{Claim, Document, Section, Signed, Subject, predicate};

/// What is known by its `predicateType`, which begins so.
const KNOWN: &[(&str, &str)] = &[
    ("https://slsa.dev/provenance/v1", "SLSA provenance 1"),
    ("https://slsa.dev/provenance/v0.2", "SLSA provenance 0.2"),
    ("https://slsa.dev/provenance/", "SLSA provenance"),
    (
        "https://slsa.dev/verification_summary/",
        "verification summary",
    ),
    ("https://spdx.dev/Document", "SPDX"),
    ("https://cyclonedx.org/bom", "CycloneDX"),
    ("https://openvex.dev/ns", "OpenVEX"),
    (
        "https://cosign.sigstore.dev/attestation/vuln/",
        "vulnerability report",
    ),
    (
        "https://in-toto.io/attestation/vulns",
        "vulnerability report",
    ),
    ("https://in-toto.io/attestation/test-result/", "test result"),
    ("https://in-toto.io/attestation/release", "release"),
    ("https://in-toto.io/attestation/reference/", "references"),
    (
        "https://in-toto.io/attestation/scai",
        "supply chain attributes",
    ),
    (
        "https://in-toto.io/attestation/svr/",
        "simple verification result",
    ),
    ("https://in-toto.io/attestation/link/", "in-toto link"),
    (
        "https://sigstore.dev/cosign/sign/",
        "cosign signature of an image",
    ),
    (
        "https://cosign.sigstore.dev/attestation/",
        "cosign's custom predicate",
    ),
];

/// What a `predicateType` is called; `None` for one that is not known.
pub(super) fn name(predicate_type: &str) -> Option<&'static str> {
    let mut known = KNOWN.iter();
    known
        .find(|(start, _)| predicate_type.starts_with(start))
        .map(|(_, name)| *name)
}

/// Reads a statement, and what it says; `packages` is the list in that, where it is one of them.
pub(super) fn read(document: &mut Document, whole_text: &Object<'_>, packages: Option<Packages>) {
    let version = text(whole_text, &["_type"]);
    let version = version.rsplit('/').next().unwrap_or_default();
    document
        .wrapped_in
        .push(["in-toto statement ", version].concat());
    if document.signed == Signed::Unknown {
        document.signed = Signed::Not;
    }
    document.claim = Some(claim(whole_text));
    let predicate_type = whole(whole_text, &["predicateType"]).unwrap_or_default();
    if predicate_type.is_empty() {
        document
            .findings
            .push("the statement names no predicateType".to_owned());
    }
    document.predicate = Some(cut(&predicate_type));
    let title = name(&predicate_type).unwrap_or("statement of a type that is not known here");
    title.clone_into(&mut document.title);
    match whole_text.get("predicate") {
        // A signature that says no more than its subject.
        None => {}
        Some(Value::Object(inside)) if inside.is_empty() => {}
        Some(Value::Object(inside)) if predicate(document, &predicate_type, inside, packages) => {}
        Some(inside) => {
            let mut section = Section::new("What it says");
            section.all(inside);
            document.sections.extend(section.filled());
        }
    }
}

fn claim(whole: &Object<'_>) -> Claim {
    let all = array(whole, &["subject"]);
    let subject = |value: &Value<'_>| {
        let object = value.as_object()?;
        let set = object.get("digest").and_then(Value::as_object);
        let each = set.into_iter().flat_map(Object::iter).take(FINDINGS);
        let digests = each.filter_map(|(name, hex)| Some((cut(name), cut(hex.as_str()?))));
        Some(Subject {
            name: text(object, &["name"]),
            digests: digests.collect(),
        })
    };
    Claim {
        subjects: all
            .iter()
            .take(limits::DOCUMENT_ROWS)
            .filter_map(subject)
            .collect(),
        beyond: all.len().saturating_sub(limits::DOCUMENT_ROWS),
        is_ambiguous: false,
    }
}
