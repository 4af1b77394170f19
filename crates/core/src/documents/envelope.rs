//! What is around a document: DSSE, sigstore's bundles, notation's JWS. Decoded, not checked.
//!
//! Source: secure-systems-lab/dsse `envelope.md`; sigstore/protobuf-specs
//! `sigstore_bundle.proto`; notaryproject/specifications `signature-envelope-jws.md`.

use std::rc::Rc;

use crate::base64;
use crate::json::{self, Object, Value};
use crate::limits;

use super::opened::Opened;
use super::value::{array, at, cut, text, texts, whole};
use super::{Claim, Document, Form, Section, Signed, Subject, anomalies};

/// Bytes in base64, in either alphabet; `None` for anything else, such as both at once.
fn decode(text: &str) -> Option<Vec<u8>> {
    if text.contains(['-', '_']) {
        return base64::decode_from_url(text.trim_end_matches('='));
    }
    base64::decode(text).or_else(|| base64::decode_from_url(text))
}

/// Reads a DSSE envelope, and what is in it.
pub(super) fn dsse(document: &mut Document, object: &Object<'_>, depth: usize) {
    document.wrapped_in.push("DSSE envelope".to_owned());
    let signatures = array(object, &["signatures"]);
    document.signed = Signed::By(signatures.len());
    if signatures.is_empty() {
        document
            .findings
            .push("the envelope has no signature".to_owned());
    }
    let kind = text(object, &["payloadType"]);
    let mut section = Section::new("Envelope");
    section.says("payloadType", kind.clone());
    let keys = signatures.iter().take(limits::SIGNATURES_LISTED);
    for signature in keys.filter_map(Value::as_object) {
        section.text("keyid", signature, &["keyid"]);
    }
    document.sections.extend(section.filled());
    // It may be long, so it is not copied.
    let payload = object.get("payload").and_then(Value::as_str);
    let Some(bytes) = decode(payload.unwrap_or_default()) else {
        "envelope".clone_into(&mut document.title);
        document
            .findings
            .push("the payload is no base64".to_owned());
        return;
    };
    inside(document, bytes, &kind, depth);
}

/// Reads what was in an envelope.
fn inside(document: &mut Document, bytes: Vec<u8>, kind: &str, depth: usize) {
    let bytes: Rc<[u8]> = bytes.into();
    if let Ok(opened) = Opened::read(&bytes, kind, depth + 1) {
        super::object(document, opened, depth + 1);
    } else {
        document.title = ["payload of the type ", kind].concat();
        if let Ok(text) = std::str::from_utf8(&bytes) {
            document.texts.push(("payload".to_owned(), cut(text)));
        }
    }
    // The innermost wins.
    if document.inner.is_none() {
        document.inner = Some(bytes);
    }
}

/// The versions of bundles that are known.
const BUNDLES: [&str; 4] = [
    "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
    "application/vnd.dev.sigstore.bundle.v0.3+json",
];

/// Reads a bundle of sigstore.
pub(super) fn bundle(document: &mut Document, object: &Object<'_>, depth: usize) {
    document.wrapped_in.push("sigstore bundle".to_owned());
    document.signed = Signed::By(1);
    let version = text(object, &["mediaType"]);
    if !BUNDLES.contains(&version.as_str()) {
        let words = format!("a bundle of the version {version:?}, which is not known here");
        document.findings.push(words);
    }
    let mut section = Section::new("Bundle");
    section.says("version", version.clone());
    let material = |name| at(object, &["verificationMaterial", name]);
    let chain = array(
        object,
        &[
            "verificationMaterial",
            "x509CertificateChain",
            "certificates",
        ],
    );
    if material("certificate").is_some() {
        section.says("signed by", "whom a certificate names");
    } else if !chain.is_empty() {
        section.says(
            "signed by",
            format!("whom the first of {} certificates names", chain.len()),
        );
        if version.contains("v0.3") {
            let words = "version 0.3 has one certificate, this one has a chain of them";
            document.findings.push(words.to_owned());
        }
    } else if material("publicKey").is_some() {
        section.says("signed by", "whoever has a key");
        section.text(
            "hint",
            object,
            &["verificationMaterial", "publicKey", "hint"],
        );
    }
    let entries = array(object, &["verificationMaterial", "tlogEntries"]);
    section.says("log entries", entries.len().to_string());
    for entry in entries.iter().take(8).filter_map(Value::as_object) {
        section.text("log entry", entry, &["logIndex"]);
        section.text("kind", entry, &["kindVersion", "kind"]);
        section.text(
            "seconds since 1970, as the log says",
            entry,
            &["integratedTime"],
        );
    }
    let data = [
        "verificationMaterial",
        "timestampVerificationData",
        "rfc3161Timestamps",
    ];
    let stamps = array(object, &data);
    section.says("time stamps", stamps.len().to_string());
    if let Some(Value::Object(envelope)) = object.get("dsseEnvelope") {
        document.sections.extend(section.filled());
        let signatures = array(envelope, &["signatures"]).len();
        if signatures != 1 {
            let words =
                format!("a bundle has one signature in its envelope, this one {signatures}");
            document.findings.push(words);
        }
        if depth < super::WRAPPED {
            dsse(document, envelope, depth + 1);
        }
        return;
    }
    "signature of bytes that are not in it".clone_into(&mut document.title);
    let message = ["messageSignature", "messageDigest"];
    section.text("hash", object, &[message[0], message[1], "algorithm"]);
    section.text(
        "digest of what is signed",
        object,
        &[message[0], message[1], "digest"],
    );
    document.sections.extend(section.filled());
    if object.get("messageSignature").is_none() {
        document
            .findings
            .push("the bundle holds no signature".to_owned());
        document.signed = Signed::Unknown;
    }
}

/// Reads notation's JWS.
pub(super) fn jws(document: &mut Document, object: &Object<'_>) {
    "notation signature".clone_into(&mut document.title);
    document.wrapped_in.push("JWS".to_owned());
    document.signed = Signed::By(1);
    let decoded = |name| decode(&whole(object, &[name]).unwrap_or_default());
    let protected = decoded("protected").unwrap_or_default();
    let mut section = Section::new("Signature");
    match json::read(&protected) {
        Ok(header) => {
            document.findings.extend(anomalies(&header));
            let header = &header.object;
            section.text("algorithm", header, &["alg"]);
            section.text("content", header, &["cty"]);
            section.says("critical", texts(header, &["crit"]));
            let notary = "io.cncf.notary.";
            for (name, member) in [
                ("scheme", "signingScheme"),
                ("signed at, as the signer says", "signingTime"),
                ("signed at, as the authority says", "authenticSigningTime"),
                ("expires", "expiry"),
            ] {
                section.text(name, header, &[&[notary, member].concat()]);
            }
        }
        Err(_) => document
            .findings
            .push("the protected header cannot be read".to_owned()),
    }
    let certificates = array(object, &["header", "x5c"]).len();
    section.says("certificates", certificates.to_string());
    section.text(
        "signed with",
        object,
        &["header", "io.cncf.notary.signingAgent"],
    );
    document.sections.extend(section.filled());
    let Some(payload) = decoded("payload") else {
        document
            .findings
            .push("the payload is no base64".to_owned());
        return;
    };
    match json::read(&payload) {
        Ok(parsed) => {
            let target = at(&parsed.object, &["targetArtifact"]).and_then(Value::as_object);
            let mut section = Section::new("Signed for");
            if let Some(target) = target {
                section.all(&Value::Object(target.clone()));
                let digest = whole(target, &["digest"]).unwrap_or_default();
                let digest = digest.split_once(':');
                document.claim = Some(Claim {
                    subjects: digest
                        .map(|(algorithm, hex)| Subject {
                            name: text(target, &["mediaType"]),
                            digests: vec![(cut(algorithm), cut(hex))],
                        })
                        .into_iter()
                        .collect(),
                    beyond: 0,
                    is_ambiguous: super::is_ambiguous(&parsed),
                });
            } else {
                document
                    .findings
                    .push("the payload names no targetArtifact".to_owned());
            }
            document.sections.extend(section.filled());
        }
        Err(_) => document
            .findings
            .push("the payload is no JSON object".to_owned()),
    }
    document.form = Form::Json;
    document.inner = Some(payload.into());
}
