//! Statements about artifacts (in-toto): whom they are about, and what they say. Source: in-toto/attestation, `spec/v1`.

use waybill_core::digest::Digest;
use waybill_core::json::{self, Object, Value};

use crate::limits;
use crate::report::{Steps, What, cut};

/// The predicate by which cosign signs images.
const SIGNATURE: &str = "https://sigstore.dev/cosign/sign/v1";

/// The type of a statement in an envelope.
pub(crate) const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// What predicates are called, by how their type begins.
const NAMES: &[(&str, &str)] = &[
    ("https://slsa.dev/provenance/", "provenance"),
    (
        "https://slsa.dev/verification_summary/",
        "verification summary",
    ),
    ("https://spdx.dev/Document", "list of contents (SPDX)"),
    ("https://cyclonedx.org/bom", "list of contents (CycloneDX)"),
    (
        "https://openvex.dev/ns",
        "statement on vulnerabilities (OpenVEX)",
    ),
    (
        "https://cosign.sigstore.dev/attestation/vuln/",
        "report of vulnerabilities",
    ),
    (
        "https://in-toto.io/attestation/vulns",
        "report of vulnerabilities",
    ),
    ("https://in-toto.io/attestation/test-result/", "test result"),
    ("https://in-toto.io/attestation/release", "release"),
    ("https://in-toto.io/attestation/reference/", "reference"),
    (
        "https://in-toto.io/attestation/scai",
        "attributes of a supply chain (SCAI)",
    ),
    ("https://in-toto.io/attestation/svr/", "verification report"),
    (
        "https://in-toto.io/attestation/link/",
        "step of a supply chain",
    ),
    ("https://cosign.sigstore.dev/attestation/v1", "custom data"),
];

/// What was signed: a signature of the image itself, or a statement about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Signature,
    /// With what the statement is called.
    Statement(String),
}

impl Kind {
    /// The beginning of a conclusion.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Signature => "signature of the image".to_owned(),
            Self::Statement(name) => {
                format!("signed statement: {name}; it is no signature of the image")
            }
        }
    }
}

/// Reads a payload as a statement and compares its subjects with the image. `None` where it is no statement.
pub(crate) fn check(steps: &mut Steps, payload: &[u8], subject: &Digest) -> Option<Kind> {
    let read = json::read(payload);
    let parsed = match &read {
        Ok(parsed) if parsed.anomalies.is_empty() => parsed,
        Ok(_) => {
            steps.fails(
                What::Form,
                "the payload can be read in two ways: a name stands twice, or something follows it",
            );
            return None;
        }
        Err(error) => {
            steps.fails(What::Form, format!("the payload is no statement: {error}"));
            return None;
        }
    };
    let object = &parsed.object;
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let kind = text("_type").unwrap_or_default();
    if !matches!(
        kind,
        "https://in-toto.io/Statement/v1" | "https://in-toto.io/Statement/v0.1"
    ) {
        let kind = cut(kind);
        steps.fails(
            What::Form,
            format!("the payload is no statement of in-toto: its _type is \"{kind}\""),
        );
        return None;
    }
    check_subjects(steps, object, subject);
    let Some(predicate) = text("predicateType").filter(|predicate| !predicate.is_empty()) else {
        steps.fails(What::Predicate, "the statement has no predicateType");
        return None;
    };
    if predicate == SIGNATURE {
        steps.holds(
            What::Predicate,
            format!("a signature of the image ({SIGNATURE})"),
        );
        return Some(Kind::Signature);
    }
    let known = NAMES.iter().find(|(start, _)| predicate.starts_with(start));
    let (shown, name) = (cut(predicate), known.map(|(_, name)| *name));
    let mut name = name.map_or_else(|| format!("of type {shown}"), str::to_owned);
    name.extend(result(object).map(|result| format!(" {result}")));
    steps.holds(
        Predicate,
        format!("a statement, no signature of the image: {name} ({shown})"),
    );
    Some(Kind::Statement(name))
}

use What::Predicate;

/// What a statement of a result says: `FAILED`.
fn result(object: &Object<'_>) -> Option<String> {
    let predicate = object.get("predicate")?.as_object()?;
    let result = ["result", "verificationResult"]
        .iter()
        .find_map(|name| predicate.get(name));
    result?.as_str().map(cut)
}

fn check_subjects(steps: &mut Steps, object: &Object<'_>, subject: &Digest) {
    let all = object.get("subject").and_then(Value::as_array);
    let all = all.unwrap_or_default();
    let names = |one: &Value<'_>| -> bool {
        let digests = one.as_object().and_then(|one| one.get("digest"));
        let digests = digests.and_then(Value::as_object);
        digests.is_some_and(|digests| {
            digests.iter().take(limits::DIGESTS).any(|(name, value)| {
                name == subject.algorithm_name() && value.as_str() == Some(subject.encoded())
            })
        })
    };
    let place = all.iter().take(limits::SUBJECTS).position(names);
    let count = all.len();
    if let Some(place) = place {
        let place = place + 1;
        steps.holds(
            What::Subject,
            format!("subject {place} of {count} has the digest of this image, {subject}"),
        );
        return;
    }
    let first = all.first().and_then(|one| {
        let digests = one.as_object()?.get("digest")?.as_object()?;
        let (name, value) = digests.iter().next()?;
        Some(cut(&format!("{name}:{}", value.as_str()?)))
    });
    let first = first.unwrap_or_else(|| "nothing".to_owned());
    if count > limits::SUBJECTS {
        steps.not_checked(
            What::Subject,
            format!(
                "the first {} of {count} subjects are not this image",
                limits::SUBJECTS
            ),
        );
    } else {
        steps.fails(
            What::Subject,
            format!("it is about something else: {first}, and this image is {subject}"),
        );
    }
}
