//! Bundles of sigstore's: a signature with all that is needed to check it. Source: sigstore/protobuf-specs,
//! `sigstore_bundle.proto`, as JSON; sigstore/cosign, `specs/BUNDLE_SPEC.md`. And bare envelopes of statements.

use waybill_core::base64;
use waybill_core::json::{self, Object, Value};

use crate::arithmetic::Arithmetic;
use crate::arithmetic::Hash;
use crate::certificate::Certificate;
use crate::cosign;
use crate::dsse::Envelope;
use crate::key::hash;
use crate::limits;
use crate::log::Entry;
use crate::question::{Question, check_bytes, look_at_coverage};
use crate::report::{Report, Step, Steps, Verdict, What, cut};
use crate::signer::{self, Content, Material, Signer};
use crate::statement::{self, Kind};

const FORM: &str = "sigstore bundle";
const ENVELOPE: &str = "signed statement (DSSE)";
/// What has to hold whatever was signed by whomever.
const NEEDED: [What; 4] = [What::Bytes, What::Form, What::PayloadType, What::Subject];

/// The versions of bundles that are read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum Version {
    V01,
    V02,
    V03,
}

fn version(media_type: &str) -> Option<Version> {
    match media_type {
        "application/vnd.dev.sigstore.bundle+json;version=0.1" => Some(Version::V01),
        "application/vnd.dev.sigstore.bundle+json;version=0.2" => Some(Version::V02),
        "application/vnd.dev.sigstore.bundle+json;version=0.3"
        | "application/vnd.dev.sigstore.bundle.v0.3+json" => Some(Version::V03),
        _ => None,
    }
}

/// Checks a bundle.
pub(crate) async fn check(question: &Question<'_>, arithmetic: &impl Arithmetic) -> Report {
    let mut steps = Steps::default();
    if !check_bytes(&mut steps, question, limits::ENVELOPE_BYTES) {
        return steps.conclude(FORM, &NEEDED, "");
    }
    let Some(parsed) = read(&mut steps, &question.signed.bytes) else {
        return steps.conclude(FORM, &NEEDED, "");
    };
    let bundle = &parsed.object;
    let Some((material, content)) = read_bundle(&mut steps, bundle) else {
        return steps.conclude(FORM, &NEEDED, "");
    };
    match content {
        Signed::Envelope(envelope) => {
            check_envelope(steps, question, &envelope, &material, FORM, arithmetic).await
        }
        Signed::Message(signature, digest) => {
            let subject = question.subject;
            if subject.digest.check(&subject.bytes) != Some(true) {
                let words = format!(
                    "the bytes of {} are signed, and are not here",
                    subject.digest
                );
                steps.not_checked(What::Signature, words);
                return steps.conclude(FORM, &NEEDED, "");
            }
            let content = Content {
                message: &subject.bytes,
                payload: None,
                signature: &signature,
            };
            let (given, now) = (question.given, question.now);
            let signer =
                signer::check(&mut steps, &content, &material, given, now, arithmetic).await;
            steps.holds(
                What::PayloadType,
                "the bytes of the manifest itself are signed",
            );
            check_message(&mut steps, question, digest.as_ref());
            conclude(steps, question, FORM, &signer, &Kind::Signature)
        }
    }
}

/// Checks an envelope of a statement that stands for itself.
pub(crate) async fn check_bare(question: &Question<'_>, arithmetic: &impl Arithmetic) -> Report {
    let mut steps = Steps::default();
    if !check_bytes(&mut steps, question, limits::ENVELOPE_BYTES) {
        return steps.conclude(ENVELOPE, &NEEDED, "");
    }
    let Some(parsed) = read(&mut steps, &question.signed.bytes) else {
        return steps.conclude(ENVELOPE, &NEEDED, "");
    };
    let Some(envelope) = Envelope::read(&parsed.object) else {
        steps.fails(
            What::Form,
            "this is no envelope: payload, payloadType or signatures cannot be read",
        );
        return steps.conclude(ENVELOPE, &NEEDED, "");
    };
    steps.holds(What::Form, "an envelope of a signed statement (DSSE)");
    let material = cosign::read_material(&mut steps, question);
    check_envelope(steps, question, &envelope, &material, ENVELOPE, arithmetic).await
}

fn read<'a>(steps: &mut Steps, bytes: &'a [u8]) -> Option<json::Parsed<'a>> {
    match json::read(bytes) {
        Ok(parsed) if parsed.anomalies.is_empty() => Some(parsed),
        Ok(_) => {
            steps.fails(
                What::Form,
                "it can be read in two ways: a name stands in it twice or in two cases, or something follows it",
            );
            None
        }
        Err(error) => {
            steps.fails(What::Form, format!("it cannot be read: {error}"));
            None
        }
    }
}

/// What is signed in a bundle.
enum Signed {
    Envelope(Envelope),
    /// A signature of the bytes, and the digest that it says they have, with its hash.
    Message(Vec<u8>, Option<(Hash, Vec<u8>)>),
}

fn read_bundle(steps: &mut Steps, bundle: &Object<'_>) -> Option<(Material, Signed)> {
    let media_type = bundle.get("mediaType").and_then(Value::as_str);
    let Some(version) = media_type.and_then(version) else {
        let media_type = cut(media_type.unwrap_or("none"));
        steps.not_checked(
            What::Form,
            format!("its mediaType is {media_type}; versions 0.1 to 0.3 of bundles are read here"),
        );
        return None;
    };
    let read = bundle
        .get("verificationMaterial")
        .and_then(Value::as_object)
        .ok_or("it has no verificationMaterial")
        .and_then(|material| read_material(steps, material, version));
    let read = read.and_then(|material| Ok((material, read_content(bundle)?)));
    match read {
        Ok(read) => {
            let media_type = media_type.unwrap_or_default();
            steps.holds(What::Form, format!("a bundle, {media_type}"));
            Some(read)
        }
        Err(why) => {
            steps.fails(What::Form, why);
            None
        }
    }
}

fn read_content(bundle: &Object<'_>) -> Result<Signed, &'static str> {
    let inner = |name: &str| bundle.get(name).map(Value::as_object);
    match (inner("dsseEnvelope"), inner("messageSignature")) {
        (Some(envelope), None) => {
            let envelope = envelope.and_then(Envelope::read);
            let envelope = envelope.ok_or("its envelope cannot be read")?;
            if envelope.signatures.len() == 1 {
                Ok(Signed::Envelope(envelope))
            } else {
                Err("its envelope has not exactly one signature, as bundles have to")
            }
        }
        (None, Some(Some(message))) => {
            let signature = message.get("signature").and_then(Value::as_str);
            let signature = signature.and_then(base64::decode);
            let digest = match message.get("messageDigest").map(Value::as_object) {
                None => None,
                Some(digest) => Some(
                    digest
                        .and_then(read_digest)
                        .ok_or("its messageDigest cannot be read")?,
                ),
            };
            let signature = signature.ok_or("its signature is no base64")?;
            Ok(Signed::Message(signature, digest))
        }
        _ => Err("it holds neither an envelope nor a signature, or both"),
    }
}

fn read_digest(digest: &Object<'_>) -> Option<(Hash, Vec<u8>)> {
    let text = |name: &str| digest.get(name).and_then(Value::as_str);
    let hash = match text("algorithm")? {
        "SHA2_256" => Hash::Sha256,
        "SHA2_384" => Hash::Sha384,
        "SHA2_512" => Hash::Sha512,
        _ => return None,
    };
    Some((hash, base64::decode(text("digest")?)?))
}

fn read_material(
    steps: &mut Steps,
    object: &Object<'_>,
    version: Version,
) -> Result<Material, &'static str> {
    let inner = |name: &str| object.get(name).map(Value::as_object);
    let raw = |one: &Object<'_>, name: &str| {
        let raw = one.get(name).and_then(Value::as_str);
        raw.and_then(base64::decode)
    };
    let mut material = Material::default();
    match (
        inner("certificate"),
        inner("x509CertificateChain"),
        inner("publicKey"),
    ) {
        (Some(Some(certificate)), None, None) => {
            let der = raw(certificate, "rawBytes").ok_or("its certificate cannot be read")?;
            material.certificates.push(der);
        }
        (None, Some(Some(chain)), None) => {
            let all = list(chain, "certificates", limits::CHAIN)?;
            for one in all {
                let der = raw(one, "rawBytes").ok_or("a certificate cannot be read")?;
                material.certificates.push(der);
            }
            if material.certificates.is_empty() {
                return Err("its chain of certificates is empty");
            }
            if version == Version::V03 {
                steps.note(
                    What::Certificate,
                    "a bundle of version 0.3 has one certificate, and this one has a chain",
                );
            }
        }
        (None, None, Some(Some(key))) => {
            let hint = key.get("hint").and_then(Value::as_str);
            material.hint = hint.map(str::to_owned);
        }
        _ => return Err("it names neither a certificate nor a key, or several of them"),
    }
    // Whoever checks has the roots; one that is brought along is there to be mistaken for those.
    let is_root = |der: &Vec<u8>| {
        Certificate::read(der).is_some_and(|one| one.is_self_issued() && one.is_issuer())
    };
    if material.certificates.iter().any(is_root) {
        return Err("it brings a root certificate along, which bundles may not");
    }
    for entry in list(object, "tlogEntries", limits::LOG_ENTRIES)? {
        let entry = Entry::read(entry)?;
        if version == Version::V01 && entry.promise.is_none() {
            return Err("an entry has no promise of its log, which version 0.1 asks for");
        }
        if version > Version::V01 && entry.proof.is_none() {
            return Err("an entry has no proof of inclusion, which this version asks for");
        }
        material.entries.push(entry);
    }
    if let Some(stamps) = inner("timestampVerificationData") {
        let stamps = stamps.ok_or("its time stamps cannot be read")?;
        for stamp in list(stamps, "rfc3161Timestamps", limits::TIME_STAMPS)? {
            let stamp = raw(stamp, "signedTimestamp").ok_or("a time stamp is no base64")?;
            material.stamps.push(stamp);
        }
    }
    Ok(material)
}

/// The objects of a list that may be missing.
fn list<'a, 'b>(
    object: &'a Object<'b>,
    name: &str,
    most: usize,
) -> Result<Vec<&'a Object<'b>>, &'static str> {
    let Some(all) = object.get(name) else {
        return Ok(Vec::new());
    };
    let all = all.as_array().ok_or("a list in it is none")?;
    if all.len() > most {
        return Err("a list in it is longer than is read here");
    }
    let objects: Option<Vec<_>> = all.iter().map(Value::as_object).collect();
    objects.ok_or("a list in it holds something else")
}

/// Compares the manifest with the digest that is said beside a signature: a hint, which has to be right all the same.
fn check_message(steps: &mut Steps, question: &Question<'_>, digest: Option<&(Hash, Vec<u8>)>) {
    let subject = question.subject;
    if subject.digest.check(&subject.bytes) != Some(true) {
        steps.not_checked(
            What::Subject,
            format!("the bytes of {} are not here", subject.digest),
        );
        return;
    }
    match digest {
        Some((algorithm, digest)) if hash(*algorithm, &subject.bytes) != *digest => {
            steps.fails(
                What::Subject,
                format!(
                    "the digest beside the signature is not that of this image, {}",
                    subject.digest
                ),
            );
        }
        _ => steps.holds(
            What::Subject,
            format!(
                "the bytes that are signed are those of this image, {}",
                subject.digest
            ),
        ),
    }
}

/// Checks each signature of an envelope, and what its statement is about.
async fn check_envelope(
    mut steps: Steps,
    question: &Question<'_>,
    envelope: &Envelope,
    material: &Material,
    form: &'static str,
    arithmetic: &impl Arithmetic,
) -> Report {
    let message = envelope.message();
    let mut best: Option<(Steps, Signer)> = None;
    let mut others = Vec::new();
    let count = envelope.signatures.len();
    for signature in envelope.signatures.iter().take(limits::SIGNATURES) {
        let mut own = Steps::default();
        let signer = if let Some(signature) = signature {
            let content = Content {
                message: &message,
                payload: Some(&envelope.payload),
                signature,
            };
            let (given, now) = (question.given, question.now);
            signer::check(&mut own, &content, material, given, now, arithmetic).await
        } else {
            own.fails(What::Signature, "is no base64");
            Signer {
                needed: vec![What::Signature],
                words: String::new(),
            }
        };
        let holds = |steps: &Steps| {
            let mut all = steps.0.iter();
            !steps.0.iter().any(|step| step.verdict == Verdict::Fails)
                && all.any(|step| step.what == What::Signature && step.verdict == Verdict::Holds)
        };
        match best.take() {
            Some(first) if holds(&first.0) || !holds(&own) => {
                best = Some(first);
                others.push(own);
            }
            first => {
                others.extend(first.map(|(steps, _)| steps));
                best = Some((own, signer));
            }
        }
    }
    let Some((own, signer)) = best else {
        steps.fails(What::Signature, "is missing from the envelope");
        return steps.conclude(form, &NEEDED, "");
    };
    steps.0.extend(own.0);
    // One signature is enough; what came of the others is told.
    for other in others {
        let said = other
            .0
            .into_iter()
            .filter(|step| step.what == What::Signature);
        steps.0.extend(said.map(|step| Step {
            verdict: Verdict::Note,
            evidence: format!("another of {count} signatures: {}", step.evidence),
            ..step
        }));
    }
    if envelope.payload_type != statement::PAYLOAD_TYPE {
        let found = cut(&envelope.payload_type);
        let is_other = envelope
            .payload_type
            .strip_prefix("application/vnd.in-toto.")
            .is_some_and(|rest| rest.ends_with("+json"));
        if !is_other {
            steps.fails(
                What::PayloadType,
                format!("the payload is said to be {found}, which is no statement of in-toto"),
            );
            return conclude(steps, question, form, &signer, &Kind::Signature);
        }
    }
    steps.holds(What::PayloadType, cut(&envelope.payload_type));
    let digest = &question.subject.digest;
    let kind = statement::check(&mut steps, &envelope.payload, digest);
    let kind = kind.unwrap_or(Kind::Signature);
    conclude(steps, question, form, &signer, &kind)
}

fn conclude(
    mut steps: Steps,
    question: &Question<'_>,
    form: &'static str,
    signer: &Signer,
    kind: &Kind,
) -> Report {
    let mut needed = [&NEEDED[..], &signer.needed].concat();
    let covers = look_at_coverage(&mut steps, question, &mut needed);
    let words = format!("{}{covers}: {}", kind.words(), signer.words);
    steps.conclude(form, &needed, words)
}
