//! Signatures as cosign kept them until its third version: a payload that names an image, and beside it, in the
//! annotations of its layer, what signed it. Source: sigstore/cosign, `specs/SIGNATURE_SPEC.md`.

use waybill_core::base64;
use waybill_core::json::{self, Object, Value};

use crate::arithmetic::Arithmetic;
use crate::limits;
use crate::log::Entry;
use crate::pem;
use crate::question::{Question, check_bytes, look_at_coverage};
use crate::report::{Report, Steps, What, cut};
use crate::signer::{self, Content, Material};

const FORM: &str = "cosign signature";

/// Checks such a signature.
pub(crate) async fn check(question: &Question<'_>, arithmetic: &impl Arithmetic) -> Report {
    let mut steps = Steps::default();
    let needed = [What::Bytes, What::Form, What::Subject];
    if !check_bytes(&mut steps, question, limits::PAYLOAD_BYTES) {
        return steps.conclude(FORM, &needed, "");
    }
    let signature = question.annotation("dev.cosignproject.cosign/signature");
    let Some(signature) = signature.and_then(base64::decode) else {
        steps.fails(
            What::Signature,
            "is missing, or no base64, in the layer's annotation dev.cosignproject.cosign/signature",
        );
        return steps.conclude(FORM, &needed, "");
    };
    let payload = &question.signed.bytes;
    let material = read_material(&mut steps, question);
    let content = Content {
        message: payload,
        payload: None,
        signature: &signature,
    };
    let (given, now) = (question.given, question.now);
    let signer = signer::check(&mut steps, &content, &material, given, now, arithmetic).await;
    check_payload(&mut steps, question);
    let mut needed = [&needed[..], &signer.needed].concat();
    let covers = look_at_coverage(&mut steps, question, &mut needed);
    let words = format!("signature of the image{covers}: {}", signer.words);
    steps.conclude(FORM, &needed, words)
}

/// The certificates, the log's entry and the time stamp in the layer's annotations.
pub(crate) fn read_material(steps: &mut Steps, question: &Question<'_>) -> Material {
    let mut material = Material::default();
    for name in [
        "dev.sigstore.cosign/certificate",
        "dev.sigstore.cosign/chain",
    ] {
        let Some(text) = question.annotation(name).filter(|text| !text.is_empty()) else {
            continue;
        };
        let blocks = pem::blocks(text);
        if blocks.is_empty() || blocks.iter().any(|block| block.bytes.is_none()) {
            steps.fails(
                What::Certificate,
                format!("the annotation {name} is no PEM"),
            );
        }
        let all = blocks.into_iter().filter_map(|block| block.bytes);
        material.certificates.extend(all);
    }
    let object = |name: &str| {
        let text = question.annotation(name).filter(|text| !text.is_empty())?;
        Some(json::read(text.as_bytes()))
    };
    if let Some(read) = object("dev.sigstore.cosign/bundle") {
        let entry = read.ok().filter(|parsed| parsed.anomalies.is_empty());
        match entry.and_then(|parsed| Entry::read_cosign(&parsed.object)) {
            Some(entry) => material.entries.push(entry),
            None => steps.fails(
                What::LogEntry,
                "the log's entry in the annotations cannot be read",
            ),
        }
    }
    if let Some(read) = object("dev.sigstore.cosign/rfc3161timestamp") {
        let stamp = read.ok().and_then(|parsed| {
            let stamp = parsed.object.get("SignedRFC3161Timestamp")?.as_str()?;
            base64::decode(stamp)
        });
        match stamp {
            Some(stamp) => material.stamps.push(stamp),
            None => steps.fails(
                What::TimeStamp,
                "the time stamp in the annotations cannot be read",
            ),
        }
    }
    material
}

/// The member of exactly this name; where only one stands there that differs in case, Go reads it and others do not.
fn member<'a>(object: &'a Object<'_>, name: &str) -> Result<&'a str, String> {
    if let Some(text) = object.get(name).and_then(Value::as_str) {
        return Ok(text);
    }
    let variant = object
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(name));
    Err(match variant {
        Some((other, _)) => format!(
            "{name} is spelled {}, which not everybody reads",
            cut(other)
        ),
        None => format!("there is no {name}"),
    })
}

/// Compares what the payload says with the image.
fn check_payload(steps: &mut Steps, question: &Question<'_>) {
    let parsed = match json::read(&question.signed.bytes) {
        Ok(parsed) => parsed,
        Err(error) => {
            steps.fails(What::Form, format!("the payload cannot be read: {error}"));
            return;
        }
    };
    if !parsed.anomalies.is_empty() {
        steps.fails(
            What::Form,
            "the payload can be read in two ways: a name stands twice or in two cases, or something follows it",
        );
        return;
    }
    let critical = parsed.object.get("critical").and_then(Value::as_object);
    let Some(critical) = critical else {
        steps.fails(What::Form, "the payload has no critical part");
        return;
    };
    let image = critical.get("image").and_then(Value::as_object);
    let kind = member(critical, "type");
    let strangers: Vec<_> = critical
        .iter()
        .map(|(name, _)| name)
        .filter(|name| !["identity", "image", "type"].contains(name))
        .map(cut)
        .collect();
    match kind {
        _ if !strangers.is_empty() => steps.fails(
            What::Form,
            format!(
                "its critical part has members that are not known: {}",
                strangers.join(", ")
            ),
        ),
        Ok("cosign container image signature") => {
            steps.holds(
                What::Form,
                "its type is \"cosign container image signature\"",
            );
        }
        Ok(other) => {
            let other = cut(other);
            steps.fails(
                What::Form,
                format!("its type is \"{other}\", not \"cosign container image signature\""),
            );
        }
        Err(why) => steps.fails(What::Form, why),
    }
    let subject = &question.subject.digest;
    match image.map(|image| member(image, "docker-manifest-digest")) {
        Some(Ok(digest)) => {
            let shown = cut(digest);
            steps.equal(
                What::Subject,
                digest == subject.as_str(),
                format!("its docker-manifest-digest is that of this image, {subject}"),
                format!("it is of another image: {shown}, and this one is {subject}"),
            );
        }
        Some(Err(why)) => steps.not_checked(What::Subject, why),
        None => steps.fails(What::Subject, "it names no image"),
    }
    let identity = critical.get("identity").and_then(Value::as_object);
    let reference = identity.and_then(|identity| member(identity, "docker-reference").ok());
    let shown = cut(reference.unwrap_or_default());
    let words = match (reference, question.asked) {
        (None | Some(""), _) => "no reference".to_owned(),
        (Some(reference), Some(asked)) if !is_same(reference, asked) => {
            format!(
                "{shown}; you asked for {}: copies keep what they were signed for",
                cut(asked)
            )
        }
        _ => shown,
    };
    steps.note(What::SignedFor, words);
}

/// Whether a reference names the repository that was asked for, whatever tag or digest follows.
fn is_same(reference: &str, asked: &str) -> bool {
    let parse = |text: &str| text.parse::<waybill_core::Reference>().ok();
    match (parse(reference), parse(asked)) {
        (Some(reference), Some(asked)) => {
            reference.host() == asked.host() && reference.repository() == asked.repository()
        }
        _ => reference == asked,
    }
}
