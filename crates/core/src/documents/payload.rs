//! What a signature covers: cosign's simple signing, and `OpenPGP` by its name.
//!
//! Source: cosign `specs/SIGNATURE_SPEC.md`; containers/image `docs/containers-signature.5.md`.

use crate::json::{Object, Parsed, Value};

use super::value::{at, cut, text, whole};
use super::{Claim, Document, Form, Section, Signed, Subject, is_ambiguous};

/// What cosign writes as the type of what it signs.
const TYPE: &str = "cosign container image signature";
/// What is written for `OpenPGP`.
const ATOMIC: &str = "atomic container signature";

/// Reads the payload of simple signing.
pub(super) fn simple_signing(document: &mut Document, parsed: &Parsed<'_>) {
    let object = &parsed.object;
    "what a signature says of an image (simple signing)".clone_into(&mut document.title);
    document.signed = Signed::Payload;
    let image = ["critical", "image", "docker-manifest-digest"];
    let digest = whole(object, &image);
    let members = at(object, &image[..2]).and_then(Value::as_object);
    let mut names = members.into_iter().flat_map(Object::iter);
    // Go reads any case, others do not.
    let is_other = |name: &str| name != image[2] && name.eq_ignore_ascii_case(image[2]);
    if names.any(|(name, _)| is_other(name)) {
        let words = "docker-manifest-digest is written in another case, which only Go reads";
        document.findings.push(words.to_owned());
    }
    let kind = text(object, &["critical", "type"]);
    if kind != TYPE && kind != ATOMIC {
        let words = format!("critical.type is {kind:?}, not {TYPE:?}");
        document.findings.push(words);
    }
    if digest.is_none() {
        document
            .findings
            .push("it names no docker-manifest-digest".to_owned());
    }
    let mut section = Section::new("Signed for");
    section.text(
        "reference",
        object,
        &["critical", "identity", "docker-reference"],
    );
    section.says("manifest", digest.as_deref().map(cut).unwrap_or_default());
    section.says("type", kind);
    document.sections.extend(section.filled());
    let mut more = Section::new("Added by whoever signed");
    if let Some(optional) = object.get("optional") {
        more.all(optional);
    }
    document.sections.extend(more.filled());
    let subject = digest.as_deref().and_then(|digest| digest.split_once(':'));
    let subject = subject.map(|(algorithm, hex)| Subject {
        name: text(object, &["critical", "identity", "docker-reference"]),
        digests: vec![(cut(algorithm), cut(hex))],
    });
    document.claim = Some(Claim {
        subjects: subject.into_iter().collect(),
        beyond: 0,
        is_ambiguous: is_ambiguous(parsed),
    });
}

/// Names an `OpenPGP` message, which is not decoded here.
pub(super) fn openpgp(bytes: &[u8]) -> Document {
    let is_text = bytes.starts_with(b"-----BEGIN");
    Document {
        title: "OpenPGP message, as simple signing has it".to_owned(),
        signed: Signed::By(1),
        findings: vec![
            "an OpenPGP message is not read here: skopeo standalone-verify checks it".to_owned(),
        ],
        form: if is_text { Form::Text } else { Form::Binary },
        ..Document::default()
    }
}
