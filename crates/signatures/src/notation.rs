//! Notation's signatures. Source: notaryproject/specifications, `signature-specification.md` and
//! `signature-envelope-{jws,cose}.md`.

mod chain;
mod cose;
mod jws;

use waybill_core::json::{self, Value};
use waybill_core::time;

use crate::arithmetic::{Algorithm, Arithmetic, Curve, Hash};
use crate::certificate::Certificate;
use crate::key::{KeyKind, PublicKey};
use crate::limits;
use crate::question::{Form, Question, check_bytes, look_at_coverage};
use crate::report::{Report, Steps, What, cut};
use chain::{check_certificate, check_chain, check_thumbprints};

const FORM: &str = "Notation signature";
const PAYLOAD_TYPE: &str = "application/vnd.cncf.notary.payload.v1+json";
const THUMBPRINTS: &str = "io.cncf.notary.x509chain.thumbprint#S256";

pub(crate) const SCHEME: &str = "io.cncf.notary.signingScheme";
pub(crate) const SIGNING_TIME: &str = "io.cncf.notary.signingTime";
pub(crate) const AUTHENTIC_TIME: &str = "io.cncf.notary.authenticSigningTime";
pub(crate) const EXPIRY: &str = "io.cncf.notary.expiry";
pub(crate) const PLUGIN: &str = "io.cncf.notary.verificationPlugin";
pub(crate) const PLUGIN_VERSION: &str = "io.cncf.notary.verificationPluginMinVersion";

/// What has to hold.
const NEEDED: [What; 10] = [
    What::Bytes,
    What::Form,
    What::Algorithm,
    What::Signature,
    What::Certificate,
    What::Critical,
    What::PayloadType,
    What::Subject,
    What::Chain,
    What::Validity,
];

/// An envelope of either form, read but not checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// The algorithm as it is written, for who reads it.
    pub(crate) algorithm: String,
    pub(crate) payload_type: String,
    pub(crate) critical: Vec<String>,
    /// The names that stand in the protected headers.
    pub(crate) protected: Vec<String>,
    pub(crate) scheme: String,
    /// When the signer says that they signed.
    pub(crate) time: Option<i64>,
    pub(crate) expiry: Option<i64>,
    pub(crate) plugin: Option<String>,
    pub(crate) chain: Vec<Vec<u8>>,
    pub(crate) has_stamp: bool,
    pub(crate) payload: Vec<u8>,
    /// The bytes that are signed.
    pub(crate) message: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

/// Checks an envelope.
pub(crate) async fn check(question: &Question<'_>, arithmetic: &impl Arithmetic) -> Report {
    let mut steps = Steps::default();
    if !check_bytes(&mut steps, question, limits::ENVELOPE_BYTES) {
        return steps.conclude(FORM, &NEEDED, "");
    }
    let bytes = &question.signed.bytes;
    let (read, form) = match question.signed.form {
        Form::NotationCose => (cose::read(bytes), "COSE"),
        _ => (jws::read(bytes), "JWS"),
    };
    let envelope = match read {
        Ok(envelope) => envelope,
        Err(why) => {
            steps.fails(What::Form, why);
            return steps.conclude(FORM, &NEEDED, "");
        }
    };
    steps.holds(What::Form, format!("an envelope of Notation, {form}"));
    let chain = envelope.chain.iter().take(limits::CHAIN);
    let chain: Option<Vec<_>> = chain.map(|der| Certificate::read(der)).collect();
    let chain = chain.filter(|chain| !chain.is_empty() && envelope.chain.len() <= limits::CHAIN);
    let Some(chain) = chain else {
        steps.fails(
            What::Certificate,
            "it carries no chain of certificates that can be read",
        );
        return steps.conclude(FORM, &NEEDED, "");
    };
    let who = chain
        .first()
        .map(Certificate::subject_words)
        .unwrap_or_default();
    check_signature(&mut steps, &envelope, &chain, arithmetic).await;
    check_critical(&mut steps, &envelope);
    check_payload(&mut steps, &envelope, question);
    check_certificate(&mut steps, &chain, question.given.signer.as_deref());
    check_thumbprints(&mut steps, question, &chain);
    check_chain(&mut steps, &chain, question, arithmetic).await;
    check_times(&mut steps, &envelope, &chain, question.now);
    let mut needed = NEEDED.to_vec();
    if let Some(plugin) = &envelope.plugin {
        steps.not_checked(
            What::Plugin,
            format!("it asks for the plugin {}, which is not here", cut(plugin)),
        );
        needed.push(What::Plugin);
    }
    let covers = look_at_coverage(&mut steps, question, &mut needed);
    let words = format!(
        "signature of the image{covers}: holds with the certificate of {who}; chain checked to the certificate you gave"
    );
    steps.conclude(FORM, &needed, words)
}

/// The one algorithm that a key signs by. Source: signature-specification.md, "Signature Algorithm Requirements".
fn algorithm_of(kind: KeyKind) -> Option<(Algorithm, &'static str)> {
    match kind {
        KeyKind::Rsa(2048) => Some((Algorithm::RsaPss(Hash::Sha256), "PS256")),
        KeyKind::Rsa(3072) => Some((Algorithm::RsaPss(Hash::Sha384), "PS384")),
        KeyKind::Rsa(4096) => Some((Algorithm::RsaPss(Hash::Sha512), "PS512")),
        KeyKind::Ec(Curve::P256) => Some((Algorithm::Ecdsa(Curve::P256, Hash::Sha256), "ES256")),
        KeyKind::Ec(Curve::P384) => Some((Algorithm::Ecdsa(Curve::P384, Hash::Sha384), "ES384")),
        KeyKind::Ec(Curve::P521) => Some((Algorithm::Ecdsa(Curve::P521, Hash::Sha512), "ES512")),
        KeyKind::Rsa(_) | KeyKind::Ed25519 => None,
    }
}

async fn check_signature(
    steps: &mut Steps,
    envelope: &Envelope,
    chain: &[Certificate],
    arithmetic: &impl Arithmetic,
) {
    let key = chain.first().and_then(|leaf| PublicKey::read(leaf.key()));
    let known = key.and_then(|key| Some((algorithm_of(key.kind())?, key)));
    let Some(((algorithm, name), key)) = known else {
        steps.fails(
            What::Algorithm,
            "the certificate's key is of a kind that Notation does not allow",
        );
        return;
    };
    let written = cut(&envelope.algorithm);
    if !steps.equal(
        What::Algorithm,
        envelope.algorithm == name,
        format!("{name} is that of the certificate's key, {}", key.words()),
        format!("it says {written}, and the certificate's key signs by {name}"),
    ) {
        return;
    }
    match key
        .verify_exactly(
            arithmetic,
            algorithm,
            &envelope.message,
            &envelope.signature,
        )
        .await
    {
        Ok(true) => steps.holds(
            What::Signature,
            format!("holds with the key of the certificate that it carries ({algorithm})"),
        ),
        Ok(false) => steps.fails(
            What::Signature,
            "does not hold with the key of the certificate that it carries",
        ),
        Err(unavailable) => steps.not_checked(What::Signature, unavailable.reason()),
    }
}

/// What a reader has to understand is understood here, and what has to be among it is.
fn check_critical(steps: &mut Steps, envelope: &Envelope) {
    let known = [SCHEME, AUTHENTIC_TIME, EXPIRY, PLUGIN, PLUGIN_VERSION];
    let critical = &envelope.critical;
    if let Some(stranger) = critical.iter().find(|name| !known.contains(&name.as_str())) {
        steps.fails(
            What::Critical,
            format!(
                "it asks for {} to be understood, which is not known here",
                cut(stranger)
            ),
        );
        return;
    }
    let has = |name: &&str| envelope.protected.iter().any(|one| one == name);
    let absent = critical
        .iter()
        .find(|name| !envelope.protected.contains(name));
    if let Some(absent) = absent {
        steps.fails(
            What::Critical,
            format!("it lists {absent}, which it has not"),
        );
        return;
    }
    let needed = [SCHEME, AUTHENTIC_TIME, EXPIRY];
    let unlisted = needed
        .iter()
        .find(|name| (**name == SCHEME || has(name)) && !critical.iter().any(|one| one == *name));
    if let Some(unlisted) = unlisted {
        steps.fails(
            What::Critical,
            format!("{unlisted} has to be among what is to be understood, and is not"),
        );
        return;
    }
    let (is_authority, has_authentic) = match envelope.scheme.as_str() {
        "notary.x509" => (false, has(&AUTHENTIC_TIME)),
        "notary.x509.signingAuthority" => (true, has(&AUTHENTIC_TIME)),
        other => {
            let other = cut(other);
            steps.fails(
                What::Critical,
                format!("the scheme \"{other}\" is not known here"),
            );
            return;
        }
    };
    if is_authority != has_authentic || envelope.time.is_none() {
        steps.fails(
            What::Critical,
            format!(
                "the time of signing is not stated as {} has it",
                envelope.scheme
            ),
        );
        return;
    }
    let critical = critical.join(", ");
    steps.holds(What::Critical, format!("all is understood: {critical}"));
}

/// Compares what was signed with the image: type, digest and size.
fn check_payload(steps: &mut Steps, envelope: &Envelope, question: &Question<'_>) {
    let found = cut(&envelope.payload_type);
    if !steps.equal(
        What::PayloadType,
        envelope.payload_type == PAYLOAD_TYPE,
        PAYLOAD_TYPE.to_owned(),
        format!("the payload is said to be {found}, not {PAYLOAD_TYPE}"),
    ) {
        return;
    }
    let parsed = match json::read(&envelope.payload) {
        Ok(parsed) if parsed.anomalies.is_empty() => parsed,
        Ok(_) => {
            steps.fails(What::Subject, "the payload can be read in two ways");
            return;
        }
        Err(error) => {
            steps.fails(
                What::Subject,
                format!("the payload cannot be read: {error}"),
            );
            return;
        }
    };
    let target = parsed
        .object
        .get("targetArtifact")
        .and_then(Value::as_object);
    let Some(target) = target else {
        steps.fails(What::Subject, "the payload names no targetArtifact");
        return;
    };
    let text = |name: &str| target.get(name).and_then(Value::as_str).unwrap_or_default();
    let size = target.get("size").and_then(Value::as_u64);
    let subject = question.subject;
    let same = [
        ("digest", text("digest") == subject.digest.as_str()),
        ("size", size == Some(subject.size)),
        ("type", text("mediaType") == subject.media_type),
    ];
    match same.iter().find(|(_, same)| !same) {
        None => steps.holds(
            What::Subject,
            format!("its targetArtifact has the digest, size and type of this image, {}", subject.digest),
        ),
        Some((what, _)) => steps.fails(
            What::Subject,
            format!(
                "its targetArtifact has another {what}: {}, {} bytes, {}; this image is {}, {} bytes, {}",
                cut(text("digest")),
                size.map_or_else(|| "?".to_owned(), |size| size.to_string()),
                cut(text("mediaType")),
                subject.digest,
                subject.size,
                subject.media_type
            ),
        ),
    }
}

/// Looks at the time of signing, which the signer says, at now, and at the time at which the signature ends.
fn check_times(steps: &mut Steps, envelope: &Envelope, chain: &[Certificate], now: i64) {
    if envelope.has_stamp {
        steps.not_checked(
            What::TimeStamp,
            "it carries a time stamp, which stands outside of what is signed; it is not checked here",
        );
    }
    let claimed = envelope.time.map_or_else(
        || "no time of signing is stated".to_owned(),
        |time| format!("signed at {}, claimed by the signer", time::from_1970(time)),
    );
    let outside = |time: i64| chain.iter().find(|one| !one.is_valid_at(time));
    let made_for = |one: &Certificate| {
        let (from, until) = one.validity();
        let (from, until) = (time::from_1970(from), time::from_1970(until));
        format!(
            "the certificate of {} was made for {from} to {until}",
            one.subject_words()
        )
    };
    if let Some(one) = envelope.time.and_then(outside) {
        steps.fails(What::Validity, format!("{claimed}, and {}", made_for(one)));
    } else if let Some(one) = outside(now) {
        steps.not_checked(
            What::Validity,
            format!("{claimed}, and no time was checked; now {}", made_for(one)),
        );
    } else if envelope.time.is_some_and(|time| time > now) {
        steps.fails(What::Validity, format!("{claimed}, which has not come yet"));
    } else {
        let count = chain.len();
        steps.holds(
            What::Validity,
            format!("{claimed}; all {count} certificates are made for then and for now"),
        );
    }
    match envelope.expiry {
        None => steps.note(What::Expiry, "the signature does not end"),
        Some(expiry) => {
            let words = time::from_1970(expiry);
            steps.equal(
                What::Expiry,
                now < expiry,
                format!("the signature ends at {words}"),
                format!("the signature ended at {words}"),
            );
        }
    }
}
