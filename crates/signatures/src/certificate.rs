//! Certificates: what they name, for which time, and who signed them. Source: RFC 5280.
//!
//! A walk over their DER reads what is asked for here; nothing is believed before the chain was checked.

use der::asn1::ObjectIdentifier;

use crate::arithmetic::{Arithmetic, Unavailable};
use crate::report::cut;
use crate::signing::Signing;
use crate::walk::{BOOLEAN, Element, INTEGER, OCTETS, SEQUENCE, SET, Walk};

const fn id(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const BASIC_CONSTRAINTS: ObjectIdentifier = id("2.5.29.19");
const KEY_USAGE: ObjectIdentifier = id("2.5.29.15");
const EXTENDED_KEY_USAGE: ObjectIdentifier = id("2.5.29.37");
const ALTERNATIVE_NAMES: ObjectIdentifier = id("2.5.29.17");
/// The list of what logs of certificates signed. Source: RFC 6962, 3.3.
pub(crate) const SIGNED_TIMESTAMPS: ObjectIdentifier = id("1.3.6.1.4.1.11129.2.4.2");
/// What issuers of sigstore write of whom they asked: as a text, and before that as raw bytes.
const ISSUER: ObjectIdentifier = id("1.3.6.1.4.1.57264.1.8");
const OLD_ISSUER: ObjectIdentifier = id("1.3.6.1.4.1.57264.1.1");
const OTHER_NAME: ObjectIdentifier = id("1.3.6.1.4.1.57264.1.7");

/// For signing code.
pub(crate) const CODE_SIGNING: ObjectIdentifier = id("1.3.6.1.5.5.7.3.3");
/// For stamping times.
pub(crate) const TIME_STAMPING: ObjectIdentifier = id("1.3.6.1.5.5.7.3.8");
/// Uses that Notation does not allow: any, servers, mail, time stamps. Source: its signature specification.
pub(crate) const NOT_FOR_NOTATION: [ObjectIdentifier; 4] = [
    id("2.5.29.37.0"),
    id("1.3.6.1.5.5.7.3.1"),
    id("1.3.6.1.5.5.7.3.4"),
    TIME_STAMPING,
];

/// Extensions that are read here, or need no reading: a critical one of another kind makes a chain fail.
const KNOWN: [ObjectIdentifier; 7] = [
    BASIC_CONSTRAINTS,
    KEY_USAGE,
    EXTENDED_KEY_USAGE,
    ALTERNATIVE_NAMES,
    id("2.5.29.14"),
    id("2.5.29.35"),
    id("2.5.29.32"),
];

/// The parts of a name that are told.
const NAMES: [(ObjectIdentifier, &str); 6] = [
    (id("2.5.4.3"), "CN"),
    (id("2.5.4.6"), "C"),
    (id("2.5.4.7"), "L"),
    (id("2.5.4.8"), "ST"),
    (id("2.5.4.10"), "O"),
    (id("2.5.4.11"), "OU"),
];

/// An extension of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extension {
    pub(crate) identifier: ObjectIdentifier,
    pub(crate) critical: bool,
    pub(crate) value: Vec<u8>,
    /// All of it as it stands there.
    pub(crate) whole: Vec<u8>,
}

/// A certificate, read but not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    /// What was signed.
    signed: Vec<u8>,
    signed_by: Option<Signing>,
    /// The algorithm's name where it is none that is checked here.
    signature: Vec<u8>,
    serial: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    not_before: i64,
    not_after: i64,
    key: Vec<u8>,
    extensions: Vec<Extension>,
}

impl Certificate {
    /// Reads a DER certificate; `None` where it is none.
    #[must_use]
    pub fn read(der: &[u8]) -> Option<Self> {
        let mut outer = Walk::sequence(der)?;
        let signed = outer.expect(SEQUENCE)?;
        let algorithm = outer.expect(SEQUENCE)?;
        let signature = outer.next()?.bits()?.to_vec();
        if !outer.is_finished() {
            return None;
        }
        let mut members = signed.inside()?;
        members.optional(0xa0);
        let serial = members.expect(INTEGER)?.value.to_vec();
        // It stands twice, and only this one is signed.
        if members.expect(SEQUENCE)?.whole != algorithm.whole {
            return None;
        }
        let issuer = members.expect(SEQUENCE)?.whole.to_vec();
        let mut validity = members.expect(SEQUENCE)?.inside()?;
        let (not_before, not_after) = (validity.next()?.time()?, validity.next()?.time()?);
        let subject = members.expect(SEQUENCE)?.whole.to_vec();
        let key = members.expect(SEQUENCE)?.whole.to_vec();
        members.optional(0x81);
        members.optional(0x82);
        let extensions = match members.optional(0xa3) {
            Some(extensions) => read_extensions(extensions)?,
            None => Vec::new(),
        };
        members.is_finished().then(|| Self {
            der: der.to_vec(),
            signed: signed.whole.to_vec(),
            signed_by: Signing::read(algorithm, None),
            signature,
            serial,
            issuer,
            subject,
            not_before,
            not_after,
            key,
            extensions,
        })
    }

    /// Its DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Its public key, of whatever kind, as DER.
    pub(crate) fn key(&self) -> &[u8] {
        &self.key
    }

    /// What of it was signed.
    pub(crate) fn signed(&self) -> &[u8] {
        &self.signed
    }

    pub(crate) fn issuer(&self) -> &[u8] {
        &self.issuer
    }

    pub(crate) fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// From when and until when it was made for, in seconds since the beginning of 1970.
    #[must_use]
    pub fn validity(&self) -> (i64, i64) {
        (self.not_before, self.not_after)
    }

    /// Whether it was made for this time, both ends included.
    pub(crate) fn is_valid_at(&self, time: i64) -> bool {
        (self.not_before..=self.not_after).contains(&time)
    }

    pub(crate) fn extension(&self, identifier: ObjectIdentifier) -> Option<&Extension> {
        self.extensions
            .iter()
            .find(|extension| extension.identifier == identifier)
    }

    pub(crate) fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// How many issuers may stand below it, where it may sign certificates.
    fn issues(&self) -> Option<usize> {
        let constraints = self.extension(BASIC_CONSTRAINTS)?;
        let mut members = Walk::sequence(&constraints.value)?;
        let is_issuer = members.optional(BOOLEAN)?.value == [0xff];
        let below = members
            .optional(INTEGER)
            .and_then(|number| number.value.first().copied());
        // The bit of `keyCertSign` is the sixth.
        let may_sign = self.key_usage().is_none_or(|usage| usage & 0x04 != 0);
        (is_issuer && may_sign).then(|| below.map_or(usize::MAX, usize::from))
    }

    /// Whether it says that it may sign certificates.
    #[must_use]
    pub fn is_issuer(&self) -> bool {
        self.issues().is_some()
    }

    /// Whether it names itself as its issuer.
    pub(crate) fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    /// The first byte of its key usage, where it states one.
    fn key_usage(&self) -> Option<u8> {
        let usage = self.extension(KEY_USAGE)?;
        // A bit string: how many bits are unused, then the bits.
        let element = Element::of(&usage.value)?.tagged(3)?;
        element.value.get(1).copied().or(Some(0))
    }

    /// Whether it may sign anything: its key usage says so, or says nothing.
    pub(crate) fn may_sign(&self) -> bool {
        self.key_usage().is_none_or(|usage| usage & 0x80 != 0)
    }

    /// Whether its key usage says that it may sign.
    pub(crate) fn says_that_it_signs(&self) -> bool {
        self.key_usage().is_some_and(|usage| usage & 0x80 != 0)
    }

    /// The uses that it states; `None` where it states none.
    pub(crate) fn uses(&self) -> Option<Vec<ObjectIdentifier>> {
        let extension = self.extension(EXTENDED_KEY_USAGE)?;
        let mut uses = Vec::new();
        let mut members = Walk::sequence(&extension.value)?;
        while !members.is_finished() {
            uses.push(members.next()?.identifier()?);
        }
        Some(uses)
    }

    /// Whom it names: its alternative names, else its subject.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = self
            .extension(ALTERNATIVE_NAMES)
            .and_then(|extension| alternative_names(&extension.value));
        match names {
            Some(names) if !names.is_empty() => names,
            _ => vec![distinguished(&self.subject)],
        }
    }

    /// Whether it names somebody so: by an alternative name, by all of its subject, or by that one's common name.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        let mut parts = parts_of(&self.subject).into_iter();
        parts.any(|(kind, text)| kind == "CN" && text == name)
            || self.subject_words() == name
            || self.names().iter().any(|own| own == name)
    }

    /// Who asked the person who they are: what sigstore's issuers write.
    #[must_use]
    pub fn asked_by(&self) -> Option<String> {
        if let Some(issuer) = self.extension(ISSUER) {
            return Element::of(&issuer.value)?.text().map(cut);
        }
        let issuer = self.extension(OLD_ISSUER)?;
        str::from_utf8(&issuer.value).ok().map(cut)
    }

    /// Its subject in words.
    #[must_use]
    pub fn subject_words(&self) -> String {
        distinguished(&self.subject)
    }

    /// Its issuer in words.
    #[must_use]
    pub fn issuer_words(&self) -> String {
        distinguished(&self.issuer)
    }

    /// A critical extension that is not known here.
    pub(crate) fn stranger(&self) -> Option<ObjectIdentifier> {
        self.extensions
            .iter()
            .find(|extension| extension.critical && !KNOWN.contains(&extension.identifier))
            .map(|extension| extension.identifier)
    }

    /// Tells why `issuer` did not sign this certificate, or that it did. `below` counts the issuers between the two.
    pub(crate) async fn signed_by(
        &self,
        issuer: &Self,
        below: usize,
        arithmetic: &impl Arithmetic,
    ) -> Result<(), ChainError> {
        if self.issuer != issuer.subject {
            return Err(ChainError::Name);
        }
        let Some(limit) = issuer.issues() else {
            return Err(ChainError::NoIssuer);
        };
        if below > limit {
            return Err(ChainError::TooLong);
        }
        self.signature_by(issuer, arithmetic).await
    }

    /// Tells whether a certificate's key signed this one, whatever the two say of each other.
    pub(crate) async fn signature_by(
        &self,
        issuer: &Self,
        arithmetic: &impl Arithmetic,
    ) -> Result<(), ChainError> {
        let Some(signing) = self.signed_by else {
            return Err(ChainError::Algorithm);
        };
        match signing
            .verify(arithmetic, &issuer.key, &self.signed, &self.signature)
            .await
        {
            Ok(true) => Ok(()),
            Ok(false) => Err(ChainError::Signature),
            Err(unavailable) => Err(ChainError::Unavailable(unavailable)),
        }
    }
}

/// Why one certificate is not the issuer of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChainError {
    Name,
    NoIssuer,
    TooLong,
    Algorithm,
    Signature,
    Unavailable(Unavailable),
}

impl ChainError {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Name => "it names another issuer",
            Self::NoIssuer => "its issuer may not sign certificates",
            Self::TooLong => "more issuers stand in between than its issuer allows",
            Self::Algorithm => {
                "it is signed by an algorithm that is not accepted here, such as one with SHA-1"
            }
            Self::Signature => "the signature of its issuer does not hold",
            Self::Unavailable(unavailable) => unavailable.reason(),
        }
    }
}

fn read_extensions(explicit: Element<'_>) -> Option<Vec<Extension>> {
    let mut members = Walk::sequence(explicit.value)?;
    let mut extensions: Vec<Extension> = Vec::new();
    while !members.is_finished() {
        let whole = members.expect(SEQUENCE)?;
        let mut parts = whole.inside()?;
        let identifier = parts.next()?.identifier()?;
        let critical = parts
            .optional(BOOLEAN)
            .is_some_and(|critical| critical.value == [0xff]);
        let value = parts.expect(OCTETS)?.value.to_vec();
        // No two may be of one kind (RFC 5280, 4.2).
        if !parts.is_finished() || extensions.iter().any(|one| one.identifier == identifier) {
            return None;
        }
        extensions.push(Extension {
            identifier,
            critical,
            value,
            whole: whole.whole.to_vec(),
        });
    }
    Some(extensions)
}

/// The names of a `SubjectAltName` that people sign by: addresses of mail, of pages, hosts, and sigstore's other name.
fn alternative_names(value: &[u8]) -> Option<Vec<String>> {
    let mut members = Walk::sequence(value)?;
    let mut names = Vec::new();
    while !members.is_finished() && names.len() < 16 {
        let name = members.next()?;
        match name.tag {
            0x81 | 0x82 | 0x86 => names.push(cut(&String::from_utf8_lossy(name.value))),
            0xa0 => {
                let mut parts = name.inside()?;
                if parts.next()?.identifier()? == OTHER_NAME {
                    let text = parts.expect(0xa0)?.inside()?.next()?;
                    names.extend(text.text().map(cut));
                }
            }
            _ => {}
        }
    }
    Some(names)
}

/// The parts of a name that are told, each with its kind; what cannot be read is left out.
fn parts_of(name: &[u8]) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let read = |found: &mut Vec<(&'static str, String)>| -> Option<()> {
        let mut sets = Walk::sequence(name)?;
        while !sets.is_finished() && found.len() < 16 {
            let mut set = sets.expect(SET)?.inside()?;
            let mut pair = set.expect(SEQUENCE)?.inside()?;
            let identifier = pair.next()?.identifier()?;
            let kind = NAMES.iter().find(|(known, _)| identifier == *known);
            if let (Some((_, kind)), Some(text)) = (kind, pair.next()?.text()) {
                found.push((*kind, cut(text)));
            }
        }
        Some(())
    };
    let _ = read(&mut found);
    found
}

/// A name as `CN=…, O=…`. A comma in a part stands behind a backslash, so that no part looks like two.
fn distinguished(name: &[u8]) -> String {
    let parts = parts_of(name).into_iter();
    let words: Vec<_> = parts
        .map(|(kind, text)| format!("{kind}={}", text.replace('\\', "\\\\").replace(',', "\\,")))
        .collect();
    if words.is_empty() {
        "a name that is empty or cannot be read".to_owned()
    } else {
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::walk::sequence;

    /// A name of an organisation and a common name.
    fn name(organisation: &str, common: &str) -> Vec<u8> {
        let part = |last: u8, text: &str| {
            let value = [
                &[0x0c, u8::try_from(text.len()).expect("short")],
                text.as_bytes(),
            ]
            .concat();
            let pair = [&[0x06, 3, 0x55, 4, last][..], &value].concat();
            let pair = sequence(&pair).expect("a sequence");
            [
                &[SET, u8::try_from(pair.len()).expect("short")],
                pair.as_slice(),
            ]
            .concat()
        };
        sequence(&[part(10, organisation), part(3, common)].concat()).expect("a name")
    }

    #[test]
    fn no_part_of_a_name_looks_like_two() {
        let honest = distinguished(&name("Example", "admin"));
        assert_eq!(honest, "O=Example, CN=admin");
        let forged = distinguished(&name("Example, CN=admin", "nobody"));
        assert_eq!(forged, "O=Example\\, CN=admin, CN=nobody");
        let parts = parts_of(&name("x, CN=admin", "a, CN=admin"));
        assert!(parts.iter().all(|(_, text)| text != "admin"));
        assert_eq!(
            distinguished(b"?"),
            "a name that is empty or cannot be read"
        );
    }
}
