//! Logs of certificates: whether one signed that it saw the certificate. Source: RFC 6962, 3.2 and 3.3.

use waybill_core::time;

use crate::arithmetic::{Arithmetic, Hash};
use crate::certificate::{Certificate, SIGNED_TIMESTAMPS};
use crate::key::{Choice, hash, hex};
use crate::report::{Steps, What};
use crate::root::TrustedRoot;
use crate::walk::{Element, OCTETS, SEQUENCE, context, sequence};

/// What one log signed.
struct SignedTimestamp<'a> {
    log: &'a [u8],
    time: u64,
    extensions: &'a [u8],
    signature: &'a [u8],
}

/// Takes `length` bytes off the front.
fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

/// Takes bytes behind their length, which two bytes tell.
fn take_counted<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = take(bytes, 2)?.first_chunk::<2>()?;
    take(bytes, usize::from(u16::from_be_bytes(*length)))
}

/// The signed time stamps in a certificate. Those whose hash is not SHA-256 cannot be read.
fn read(value: &[u8]) -> Option<Vec<SignedTimestamp<'_>>> {
    let mut bytes = Element::of(value)?.tagged(OCTETS)?.value;
    let mut list = take_counted(&mut bytes)?;
    let mut all = Vec::new();
    while !list.is_empty() && all.len() < 8 {
        let mut one = take_counted(&mut list)?;
        let version = take(&mut one, 1)?;
        let log = take(&mut one, 32)?;
        let time = u64::from_be_bytes(*take(&mut one, 8)?.first_chunk::<8>()?);
        let extensions = take_counted(&mut one)?;
        let algorithm = take(&mut one, 2)?;
        let signature = take_counted(&mut one)?;
        // SHA-256, with RSA or ECDSA: the key says which.
        if version != [0] || !matches!(algorithm, [4, 1 | 3]) || !one.is_empty() {
            return None;
        }
        all.push(SignedTimestamp {
            log,
            time,
            extensions,
            signature,
        });
    }
    bytes.is_empty().then_some(all)
}

/// What was to be signed of a certificate before the logs had signed it: all of it without their list.
fn without_list(certificate: &Certificate) -> Option<Vec<u8>> {
    let mut members = Element::of(certificate.signed())?
        .tagged(SEQUENCE)?
        .inside()?;
    let mut content = Vec::new();
    while !members.is_finished() {
        let member = members.next()?;
        if member.tag != 0xa3 {
            content.extend(member.whole);
            continue;
        }
        let kept = certificate
            .extensions()
            .iter()
            .filter(|extension| extension.identifier != SIGNED_TIMESTAMPS)
            .flat_map(|extension| extension.whole.iter().copied());
        content.extend(context(3, &sequence(&kept.collect::<Vec<_>>())?)?);
    }
    sequence(&content)
}

/// Checks that a log known to the root signed the certificate, which `issuer` issued.
pub(crate) async fn check(
    steps: &mut Steps,
    certificate: &Certificate,
    issuer: &Certificate,
    root: &TrustedRoot,
    arithmetic: &impl Arithmetic,
) {
    let what = What::CertificateLog;
    let Some(extension) = certificate.extension(SIGNED_TIMESTAMPS) else {
        steps.not_checked(what, "the certificate holds no signature of a log");
        return;
    };
    let (Some(all), Some(signed)) = (read(&extension.value), without_list(certificate)) else {
        steps.fails(
            what,
            "the logs' signatures in the certificate cannot be read",
        );
        return;
    };
    let mut unknown = None;
    for one in all {
        let Some(log) = root.certificate_logs.iter().find(|log| log.id == one.log) else {
            unknown = Some(hex(one.log));
            continue;
        };
        let seconds = i64::try_from(one.time / 1000).unwrap_or(i64::MAX);
        let said = time::from_1970(seconds);
        if !log.period.holds(seconds) {
            steps.fails(
                what,
                format!("the log's key does not count at {said} by {}", root.name),
            );
            return;
        }
        let Some(message) = message(&one, issuer, &signed) else {
            steps.fails(what, "what the log signed cannot be made");
            return;
        };
        let choice = Choice::Exactly(Hash::Sha256);
        match log
            .key
            .verify(arithmetic, choice, &message, one.signature)
            .await
        {
            Ok(Some(scheme)) => {
                steps.holds(
                    what,
                    format!(
                        "a log known to {} signed it at {said} ({scheme})",
                        root.name
                    ),
                );
                return;
            }
            Ok(None) => {
                steps.fails(what, "the log's signature of the certificate does not hold");
                return;
            }
            Err(unavailable) => {
                steps.not_checked(what, unavailable.reason());
                return;
            }
        }
    }
    let unknown = unknown.unwrap_or_else(|| "none".to_owned());
    steps.not_checked(
        what,
        format!(
            "the log that signed it, {unknown}, is not known to {}",
            root.name
        ),
    );
}

/// What a log signs of a certificate that is not yet signed.
fn message(one: &SignedTimestamp<'_>, issuer: &Certificate, signed: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(signed.len()).ok()?.to_be_bytes();
    let [0, length @ ..] = length else {
        return None;
    };
    let extensions = u16::try_from(one.extensions.len()).ok()?.to_be_bytes();
    Some(
        [
            &[0, 0],
            one.time.to_be_bytes().as_slice(),
            &[0, 1],
            &hash(Hash::Sha256, issuer.key()),
            &length,
            signed,
            &extensions,
            one.extensions,
        ]
        .concat(),
    )
}
