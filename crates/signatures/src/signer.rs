//! Who signed: by a key that a person gave, or by a certificate, whose chain, time and logs are looked at.

mod chained;

use crate::arithmetic::Arithmetic;
use crate::certificate::{CODE_SIGNING, Certificate};
use crate::given::Given;
use crate::key::{Choice, PublicKey, Scheme};
use crate::limits;
use crate::log::{Entry, Expected};
use crate::report::{Steps, What, cut};
use crate::root::TrustedRoot;
use crate::stamp;
use chained::{Chained, check_validity};

/// What came with a signature to tell who made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Material {
    /// Certificates, the one that signs first.
    pub(crate) certificates: Vec<Vec<u8>>,
    /// Which key it names, where it names one: nobody signed that.
    pub(crate) hint: Option<String>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) stamps: Vec<Vec<u8>>,
}

/// What was signed.
pub(crate) struct Content<'a> {
    /// The bytes that were signed.
    pub(crate) message: &'a [u8],
    /// The payload of an envelope, where it is one.
    pub(crate) payload: Option<&'a [u8]>,
    pub(crate) signature: &'a [u8],
}

/// What has to hold, and how it is said then.
pub(crate) struct Signer {
    pub(crate) needed: Vec<What>,
    pub(crate) words: String,
}

/// Looks at who signed.
pub(crate) async fn check(
    steps: &mut Steps,
    content: &Content<'_>,
    material: &Material,
    given: &Given,
    now: i64,
    arithmetic: &impl Arithmetic,
) -> Signer {
    let unknown = Signer {
        needed: vec![What::Signature],
        words: String::new(),
    };
    let keys = given_keys(given);
    match by_given_key(content, &keys, arithmetic).await {
        Ok(Some((key, scheme))) => {
            let words = key.words();
            steps.holds(
                What::Signature,
                format!("holds with the key you gave ({words}; {scheme})"),
            );
            let signed = Signed {
                content,
                key: key.der(),
                certificate: None,
            };
            let root = given.root.as_ref();
            let times = look_at_times(steps, &signed, material, root, now, arithmetic).await;
            let mut needed = vec![What::Signature];
            if given.signer.is_some() {
                // What was asked for and cannot be compared is not passed over.
                needed.push(What::Certificate);
                steps.not_checked(
                    What::Certificate,
                    "a key names nobody, so it was not compared with who you said should have signed",
                );
            }
            let certificates = given.certificates.iter();
            let mut certificates = certificates.filter(|one| one.key() == key.der());
            // A key has no time of its own, but one that came in a certificate has its.
            if let Some(leaf) = certificates.next().filter(|_| !given.keys.contains(key)) {
                needed.push(What::Validity);
                check_validity(steps, std::slice::from_ref(leaf), &times, now);
            } else if times.is_empty() {
                steps.note(
                    What::Validity,
                    "a key names no time for which it counts, and no time of signing was checked",
                );
            }
            return Signer {
                needed,
                words: format!("holds with the key you gave ({words})"),
            };
        }
        Ok(None) => {}
        Err(reason) => {
            steps.not_checked(What::Signature, reason);
            return unknown;
        }
    }
    let Some(first) = material.certificates.first() else {
        say_no_key(steps, &keys, material);
        return unknown;
    };
    let certificates = material.certificates.iter().take(limits::CHAIN);
    let certificates: Option<Vec<_>> = certificates.map(|der| Certificate::read(der)).collect();
    let Some((leaf, others)) = certificates.as_deref().and_then(<[_]>::split_first) else {
        steps.fails(What::Certificate, "a certificate cannot be read");
        return unknown;
    };
    if !by_certificate(steps, content, leaf, !keys.is_empty(), given, arithmetic).await {
        return unknown;
    }
    let signed = Signed {
        content,
        key: leaf.key(),
        certificate: Some(first),
    };
    let who = name(steps, leaf, given);
    let root = given.root.as_ref();
    let times = look_at_times(steps, &signed, material, root, now, arithmetic).await;
    let chained = Chained {
        leaf,
        others,
        given,
        times: &times,
        now,
    };
    let mut needed = vec![
        What::Signature,
        What::Certificate,
        What::Chain,
        What::Validity,
    ];
    let by = chained.check(steps, &mut needed, arithmetic).await;
    Signer {
        needed,
        words: format!("holds with the certificate that names {who}; chain checked to {by}"),
    }
}

/// The keys that were given: as such, or in certificates.
fn given_keys(given: &Given) -> Vec<PublicKey> {
    let certificates = given.certificates.iter();
    let of_certificates = certificates
        .filter(|certificate| !certificate.is_issuer())
        .filter_map(|certificate| PublicKey::read(certificate.key()));
    given.keys.iter().cloned().chain(of_certificates).collect()
}

async fn by_given_key<'a>(
    content: &Content<'_>,
    keys: &'a [PublicKey],
    arithmetic: &impl Arithmetic,
) -> Result<Option<(&'a PublicKey, Scheme)>, &'static str> {
    let mut refused = None;
    for key in keys {
        match key
            .verify(
                arithmetic,
                Choice::Cosign,
                content.message,
                content.signature,
            )
            .await
        {
            Ok(Some(scheme)) => return Ok(Some((key, scheme))),
            Ok(None) => {}
            Err(unavailable) => refused = Some(unavailable.reason()),
        }
    }
    refused.map_or(Ok(None), Err)
}

fn say_no_key(steps: &mut Steps, keys: &[PublicKey], material: &Material) {
    let hint = material.hint.as_deref();
    let named = hint.map_or_else(String::new, |hint| {
        format!("; it names the key {}", cut(hint))
    });
    if keys.is_empty() {
        steps.not_checked(
            What::Signature,
            format!("no key was given, and it carries no certificate{named}"),
        );
    } else {
        steps.fails(
            What::Signature,
            format!(
                "does not hold with the key you gave: another key made it, or it was changed{named}"
            ),
        );
    }
}

/// Checks the signature by the key of the certificate that it carries.
async fn by_certificate(
    steps: &mut Steps,
    content: &Content<'_>,
    leaf: &Certificate,
    had_keys: bool,
    given: &Given,
    arithmetic: &impl Arithmetic,
) -> bool {
    if had_keys && given.root.is_none() && given.certificates.iter().all(|one| !one.is_issuer()) {
        steps.fails(
            What::Signature,
            format!(
                "does not hold with the key you gave; it carries a certificate, which names {}",
                leaf.names().join(", ")
            ),
        );
        return false;
    }
    let Some(key) = PublicKey::read(leaf.key()) else {
        steps.not_checked(
            What::Signature,
            "the certificate that it carries has a key of a kind that is not checked here",
        );
        return false;
    };
    match key
        .verify(
            arithmetic,
            Choice::Cosign,
            content.message,
            content.signature,
        )
        .await
    {
        Ok(Some(scheme)) => {
            steps.holds(
                What::Signature,
                format!("holds with the key of the certificate that it carries ({scheme})"),
            );
            true
        }
        Ok(None) => {
            steps.fails(
                What::Signature,
                "does not hold with the key of the certificate that it carries",
            );
            false
        }
        Err(unavailable) => {
            steps.not_checked(What::Signature, unavailable.reason());
            false
        }
    }
}

/// Says whom a certificate names, with who asked them who they are: both or neither mean something.
///
/// A root of sigstore's gives anybody a certificate for their own name: as long as nobody said who should have signed, it
/// is not checked that the right one did.
fn name(steps: &mut Steps, leaf: &Certificate, given: &Given) -> String {
    let expected = given.signer.as_deref();
    let is_expected = expected.is_none_or(|expected| leaf.is_named(expected));
    let names = leaf.names().join(", ");
    let who = match leaf.asked_by() {
        Some(issuer) => format!("{names}, by the word of {issuer}"),
        None => names,
    };
    let evidence = format!("names {who}; issued by {}", leaf.issuer_words());
    let for_signing =
        leaf.may_sign() && leaf.uses().is_some_and(|uses| uses.contains(&CODE_SIGNING));
    if leaf.is_issuer() {
        steps.fails(
            What::Certificate,
            "it is an issuer's, which signs nothing else",
        );
    } else if for_signing && expected.is_none() && given.root.is_some() {
        steps.not_checked(
            What::Certificate,
            format!(
                "{evidence}; anybody gets a certificate for their own name, so say above who should have signed"
            ),
        );
    } else if for_signing {
        let expected = expected.unwrap_or_default();
        steps.equal(
            What::Certificate,
            is_expected,
            evidence.clone(),
            format!("{evidence}; you asked for {}", cut(expected)),
        );
    } else {
        steps.fails(
            What::Certificate,
            format!("it is not for signing code; {evidence}"),
        );
    }
    if expected.is_none() && given.root.is_none() {
        steps.note(
            What::Certificate,
            "anybody gets a certificate for their own name: whether this is who should sign is for you to say",
        );
    }
    who
}

struct Signed<'a> {
    content: &'a Content<'a>,
    key: &'a [u8],
    certificate: Option<&'a [u8]>,
}

/// Looks at time stamps and logs; returns the times of signing that were checked.
async fn look_at_times(
    steps: &mut Steps,
    signed: &Signed<'_>,
    material: &Material,
    root: Option<&TrustedRoot>,
    now: i64,
    arithmetic: &impl Arithmetic,
) -> Vec<i64> {
    let mut times = Vec::new();
    for one in material.stamps.iter().take(limits::TIME_STAMPS) {
        let signature = signed.content.signature;
        times.extend(stamp::check(steps, one, signature, root, now, arithmetic).await);
    }
    let expected = Expected {
        message: signed.content.message,
        payload: signed.content.payload,
        signature: signed.content.signature,
        key: signed.key,
        certificate: signed.certificate,
    };
    let stamped = times.clone();
    for (index, entry) in material
        .entries
        .iter()
        .take(limits::LOG_ENTRIES)
        .enumerate()
    {
        let earlier = material.entries.iter().take(index);
        if earlier.into_iter().any(|other| other.log == entry.log) {
            steps.note(
                What::LogEntry,
                "another entry of the same log, which counts once",
            );
        }
        times.extend(
            entry
                .check(steps, &expected, root, &stamped, now, arithmetic)
                .await,
        );
    }
    times
}
