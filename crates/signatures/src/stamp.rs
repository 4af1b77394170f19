//! Time stamps by authorities. Source: RFC 3161, RFC 5652.
//!
//! The certificate that counts is the one of the root by which the stamp holds; certificates that a stamp carries are
//! not looked at (CVE-2026-39984).

use der::asn1::ObjectIdentifier;
use waybill_core::time;

use crate::arithmetic::{Arithmetic, Hash};
use crate::certificate::{Certificate, TIME_STAMPING};
use crate::chain;
use crate::key::hash;
use crate::report::{Steps, What};
use crate::root::{Authority, TrustedRoot};
use crate::signing::{Signing, read_hash};
use crate::walk::{Element, INTEGER, OCTETS, SEQUENCE, SET, Walk};

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const STAMP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");

/// What a time stamp says, read but not checked.
struct Stamp<'a> {
    time: i64,
    imprint: (Hash, &'a [u8]),
    /// The bytes that the authority signed.
    signed: Vec<u8>,
    signing: Signing,
    signature: &'a [u8],
    /// The issuer and number of the certificate that is said to have signed.
    signer: Option<(&'a [u8], &'a [u8])>,
}

/// Checks a time stamp of `signature`; returns the time where it holds.
pub(crate) async fn check(
    steps: &mut Steps,
    bytes: &[u8],
    signature: &[u8],
    root: Option<&TrustedRoot>,
    now: i64,
    arithmetic: &impl Arithmetic,
) -> Option<i64> {
    let Some(stamp) = read(bytes) else {
        steps.fails(What::TimeStamp, "the time stamp cannot be read");
        return None;
    };
    let said = time::from_1970(stamp.time);
    let (algorithm, imprint) = stamp.imprint;
    if hash(algorithm, signature) != imprint {
        steps.fails(
            What::TimeStamp,
            "the time stamp is of another signature: its imprint is not that of this one",
        );
        return None;
    }
    if stamp.time > now {
        steps.fails(What::TimeStamp, format!("its time {said} has not come yet"));
        return None;
    }
    let Some(root) = root else {
        steps.not_checked(
            What::TimeStamp,
            format!("it says {said}; no root was given that names the authority"),
        );
        return None;
    };
    let mut why = None;
    for authority in &root.time_authorities {
        match by(&stamp, authority, arithmetic).await {
            Ok(()) => {
                let by = authority.chain.first();
                let by = by.map_or_else(String::new, Certificate::subject_words);
                steps.holds(
                    What::TimeStamp,
                    format!("signed at {said}, stamped by {by}, of {}", root.name),
                );
                return Some(stamp.time);
            }
            Err(Refused::Other) => {}
            Err(Refused::NotChecked(words)) => why = Some((false, words)),
            Err(Refused::Fails(words)) => why = why.or(Some((true, words))),
        }
    }
    match why {
        Some((true, words)) => steps.fails(What::TimeStamp, words),
        Some((false, words)) => steps.not_checked(What::TimeStamp, words),
        None => steps.not_checked(
            What::TimeStamp,
            format!(
                "it says {said}, by an authority that is not known to {}",
                root.name
            ),
        ),
    }
    None
}

enum Refused {
    /// It is not the authority's.
    Other,
    NotChecked(String),
    Fails(String),
}

async fn by(
    stamp: &Stamp<'_>,
    authority: &Authority,
    arithmetic: &impl Arithmetic,
) -> Result<(), Refused> {
    let Some(leaf) = authority.chain.first() else {
        return Err(Refused::Other);
    };
    let is_named = stamp
        .signer
        .is_none_or(|(issuer, serial)| issuer == leaf.issuer() && serial == leaf.serial());
    if !is_named {
        return Err(Refused::Other);
    }
    match stamp
        .signing
        .verify(arithmetic, leaf.key(), &stamp.signed, stamp.signature)
        .await
    {
        Ok(true) => {}
        Ok(false) if stamp.signer.is_none() => return Err(Refused::Other),
        Ok(false) => {
            return Err(Refused::Fails(
                "the authority's signature of it does not hold".to_owned(),
            ));
        }
        Err(unavailable) => return Err(Refused::NotChecked(unavailable.reason().to_owned())),
    }
    let said = time::from_1970(stamp.time);
    if !authority.period.holds(stamp.time) {
        return Err(Refused::Fails(format!(
            "the authority does not count at {said} by the root"
        )));
    }
    if leaf.uses().is_none_or(|uses| uses != [TIME_STAMPING]) {
        return Err(Refused::Fails(
            "the authority's certificate is not for stamping times".to_owned(),
        ));
    }
    chain::follow(&authority.chain, arithmetic)
        .await
        .map_err(|why| Refused::Fails(format!("the authority's chain does not hold: {why}")))?;
    let outside = authority
        .chain
        .iter()
        .find(|certificate| !certificate.is_valid_at(stamp.time));
    if outside.is_some() {
        return Err(Refused::Fails(format!(
            "a certificate of the authority was not made for {said}"
        )));
    }
    Ok(())
}

/// Reads a time stamp, or the answer that holds one.
fn read(bytes: &[u8]) -> Option<Stamp<'_>> {
    let outer = Element::of(bytes)?.tagged(SEQUENCE)?;
    let mut first = outer.inside()?;
    let member = first.next()?;
    if member.tag == SEQUENCE {
        // An answer: its status, granted as asked or with changes, and the stamp.
        let status = member.inside()?.expect(INTEGER)?;
        let stamp = first.expect(SEQUENCE)?;
        return (matches!(status.value, [0 | 1]) && first.is_finished())
            .then(|| read_token(stamp))?;
    }
    read_token(outer)
}

fn read_token(token: Element<'_>) -> Option<Stamp<'_>> {
    let mut token = token.inside()?;
    if token.next()?.identifier()? != SIGNED_DATA {
        return None;
    }
    let mut data = token.expect(0xa0)?.inside()?.expect(SEQUENCE)?.inside()?;
    data.expect(INTEGER)?;
    data.expect(SET)?;
    let mut content = data.expect(SEQUENCE)?.inside()?;
    if content.next()?.identifier()? != STAMP {
        return None;
    }
    let info = content.expect(0xa0)?.inside()?.expect(OCTETS)?.value;
    // Certificates and revocations that it carries.
    data.optional(0xa0);
    data.optional(0xa1);
    let mut signers = data.expect(SET)?.inside()?;
    let mut signer = signers.expect(SEQUENCE)?.inside()?;
    if !signers.is_finished() || !data.is_finished() {
        return None;
    }
    signer.expect(INTEGER)?;
    let named = signer.next()?;
    let named = if named.tag == SEQUENCE {
        let mut parts = named.inside()?;
        let issuer = parts.expect(SEQUENCE)?.whole;
        Some((issuer, parts.expect(INTEGER)?.value))
    } else {
        None
    };
    let digest = read_hash(signer.expect(SEQUENCE)?)?;
    let attributes = signer.expect(0xa0)?;
    let signing = Signing::read(signer.expect(SEQUENCE)?, Some(digest))?;
    let signature = signer.expect(OCTETS)?.value;
    check_attributes(attributes, &hash(digest, info))?;
    // They are signed as the SET that they are, not under the tag by which they stand there.
    let mut signed = attributes.whole.to_vec();
    *signed.first_mut()? = SET;
    let mut info = Walk::sequence(info)?;
    info.expect(INTEGER)?;
    info.next()?.identifier()?;
    let mut imprint = info.expect(SEQUENCE)?.inside()?;
    let algorithm = read_hash(imprint.expect(SEQUENCE)?)?;
    let imprint = (algorithm, imprint.expect(OCTETS)?.value);
    info.expect(INTEGER)?;
    Some(Stamp {
        time: info.expect(0x18)?.time()?,
        imprint,
        signed,
        signing,
        signature,
        signer: named,
    })
}

/// What was signed has to be a time stamp, and this one: each attribute once.
fn check_attributes(attributes: Element<'_>, digest: &[u8]) -> Option<()> {
    let mut members = attributes.inside()?;
    let (mut types, mut digests) = (0, 0);
    while !members.is_finished() {
        let mut attribute = members.expect(SEQUENCE)?.inside()?;
        let identifier = attribute.next()?.identifier()?;
        let value = attribute.expect(SET)?.inside()?.next()?;
        if identifier == CONTENT_TYPE {
            types += 1;
            (value.identifier()? == STAMP).then_some(())?;
        } else if identifier == MESSAGE_DIGEST {
            digests += 1;
            (value.tagged(OCTETS)?.value == digest).then_some(())?;
        }
    }
    (types == 1 && digests == 1).then_some(())
}
