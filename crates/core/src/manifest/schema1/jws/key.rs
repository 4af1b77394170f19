//! Public keys of signatures: out of a certificate or a JWK, in the one form that every
//! checker takes.
//!
//! The form is DER `SubjectPublicKeyInfo` (RFC 5280, section 4.1). Certificates are only a wrapping
//! here: neither their names nor dates nor signatures are looked at, since nobody says which
//! authority could be trusted.

use base32ct::{Base32UpperUnpadded, Encoding as _};
use der::asn1::{AnyRef, BitStringRef, UintRef};
use der::{Decode as _, Encode as _, Reader as _, SliceReader, Tag};
use sha2::{Digest as _, Sha256};

use crate::base64;
use crate::json::{Object, Value};

use super::SignatureError;

/// The kinds of keys that sign schema 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// On the curve P-256.
    P256,
    /// On the curve P-384.
    P384,
    /// On the curve P-521.
    P521,
    /// RSA.
    Rsa,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::P256, Self::P384, Self::P521, Self::Rsa];

    /// The curve's name in a JWK and in `WebCrypto`, or `RSA`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Rsa => "RSA",
        }
    }

    /// The length of a coordinate, and of each half of a signature, in bytes; 0 for RSA.
    #[must_use]
    pub fn coordinate(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
            Self::Rsa => 0,
        }
    }

    /// The `AlgorithmIdentifier` of a `SubjectPublicKeyInfo` in DER. Source: RFC 5480, RFC 3279.
    fn identifier(self) -> &'static [u8] {
        match self {
            Self::P256 => b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
            Self::P384 => b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22",
            Self::P521 => b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23",
            Self::Rsa => b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00",
        }
    }
}

/// A public key.
///
/// A key from a JWK and the same key from a certificate are equal, because both are written anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// It decides the algorithm identifier in `der`.
    kind: KeyKind,
    der: Vec<u8>,
}

impl PublicKey {
    /// Of which kind it is.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The key as DER `SubjectPublicKeyInfo`. Whether a point is on its curve is not known
    /// before the key is used.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The key's id: 30 bytes of the SHA-256 of its DER, in base32 with a colon after every
    /// fourth character.
    ///
    /// Source: docker/libtrust `util.go`, `keyIDFromCryptoKey`.
    ///
    /// 30 bytes are 48 characters, so an id has 12 groups, as in `ABCD:EFGH:…`, and 59
    /// characters with its colons.
    #[must_use]
    pub fn id(&self) -> String {
        let text = Base32UpperUnpadded::encode_string(&Sha256::digest(&self.der)[..30]);
        let mut id = String::with_capacity(59);
        for (index, character) in text.chars().enumerate() {
            if index > 0 && index % 4 == 0 {
                id.push(':');
            }
            id.push(character);
        }
        id
    }

    /// The key that a signature's header names: of its first certificate where it has one,
    /// else its JWK.
    ///
    /// A header that holds `d` is refused whatever else it has: somebody published a private key.
    /// An empty `x5c` counts as none.
    ///
    /// Source: docker/libtrust `jsonsign.go`, `Verify`; RFC 7515, sections 4.1.3 and 4.1.6.
    ///
    /// A certificate that cannot be read is an error; the JWK is not tried in its place.
    pub(super) fn of_header(header: &Object<'_>) -> Result<Self, SignatureError> {
        let jwk = header.get("jwk").and_then(Value::as_object);
        if jwk.is_some_and(|jwk| jwk.get("d").is_some()) {
            return Err(SignatureError::PrivateKey);
        }
        let chain = header
            .get("x5c")
            .filter(|chain| chain.as_array() != Some(&[]) && **chain != Value::Null);
        match (chain, jwk) {
            (Some(chain), _) => {
                let first = chain
                    .as_array()
                    .and_then(|chain| chain.first())
                    .and_then(Value::as_str);
                let first = first.and_then(base64::decode);
                let key = first
                    .and_then(|certificate| key_of_certificate(&certificate).map(<[u8]>::to_vec));
                Self::of_der(&key.ok_or(SignatureError::Certificate)?)
            }
            (None, Some(jwk)) => Self::of_jwk(jwk),
            (None, None) => Err(SignatureError::NoKey),
        }
    }

    /// A key of a certificate, written anew.
    ///
    /// A point has to be written in full, as 4 and both coordinates; a compressed one is an error
    /// of the certificate.
    fn of_der(der: &[u8]) -> Result<Self, SignatureError> {
        let (identifier, bits) = parts(der).ok_or(SignatureError::Certificate)?;
        let kind = KeyKind::ALL
            .into_iter()
            .find(|kind| kind.identifier() == identifier);
        let kind = kind.ok_or(SignatureError::KeyKind { found: None })?;
        // A point may also be written with one coordinate and a sign, which neither libtrust nor browsers read.
        if kind != KeyKind::Rsa
            && (bits.first() != Some(&4) || bits.len() != 1 + 2 * kind.coordinate())
        {
            return Err(SignatureError::Certificate);
        }
        Self::new(kind, bits).ok_or(SignatureError::Certificate)
    }

    /// Source: RFC 7518, 6.2.1 and 6.3.1.
    ///
    /// Reads a JWK of type `EC`, with its curve, or `RSA`. Numbers are base64url of their bytes,
    /// the largest first; an error names the member.
    ///
    /// A coordinate has to have exactly the length of its curve's, leading zeros included.
    /// RSA's numbers lose leading zeros when they are written anew.
    fn of_jwk(jwk: &Object<'_>) -> Result<Self, SignatureError> {
        let text = |name| jwk.get(name).and_then(Value::as_str);
        let member = |name: &'static str| {
            let bytes = text(name).and_then(base64::decode_from_url);
            bytes.ok_or(SignatureError::JwkMember { name })
        };
        let name = match text("kty") {
            Some("EC") => text("crv"),
            kind => kind,
        };
        let kind = KeyKind::ALL
            .into_iter()
            .find(|kind| name == Some(kind.name()));
        let kind = kind.ok_or_else(|| SignatureError::KeyKind {
            found: name.map(str::to_owned),
        })?;
        let malformed = SignatureError::JwkMember {
            name: if kind == KeyKind::Rsa { "n" } else { "x" },
        };
        if kind == KeyKind::Rsa {
            let numbers = [member("n")?, member("e")?];
            return rsa(&numbers)
                .and_then(|bits| Self::new(kind, &bits))
                .ok_or(malformed);
        }
        let mut point = vec![4];
        for name in ["x", "y"] {
            let coordinate = member(name)?;
            if coordinate.len() != kind.coordinate() {
                let (found, expected) = (coordinate.len(), kind.coordinate());
                return Err(SignatureError::Coordinate {
                    name,
                    found,
                    expected,
                    curve: kind.name(),
                });
            }
            point.extend(coordinate);
        }
        Self::new(kind, &point).ok_or(malformed)
    }

    /// The key on P-256 with this point.
    pub(crate) fn from_p256(x: &[u8; 32], y: &[u8; 32]) -> Option<Self> {
        Self::new(KeyKind::P256, &[&[4], x.as_slice(), y].concat())
    }

    /// Writes a key: the identifier of its kind, then `bits`, which are a point or DER
    /// `RSAPublicKey`, as a bit string without unused bits.
    fn new(kind: KeyKind, bits: &[u8]) -> Option<Self> {
        let bits = BitStringRef::from_bytes(bits)
            .and_then(|bits| bits.to_der())
            .ok()?;
        Some(Self {
            kind,
            der: sequence(&[kind.identifier(), &bits].concat())?,
        })
    }
}

/// A DER SEQUENCE.
fn sequence(content: &[u8]) -> Option<Vec<u8>> {
    AnyRef::new(Tag::Sequence, content)
        .and_then(|sequence| sequence.to_der())
        .ok()
}

/// Modulus and exponent as DER `RSAPublicKey`.
fn rsa(numbers: &[Vec<u8>; 2]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    for number in numbers {
        UintRef::new(number)
            .and_then(|number| number.encode_to_vec(&mut content))
            .ok()?;
    }
    sequence(&content)
}

/// A DER `SubjectPublicKeyInfo`: its algorithm as it stands there, and the bytes of its key.
///
/// `None` where anything is missing or follows.
///
/// An algorithm is compared as bytes with [`KeyKind::identifier`], so one with other
/// parameters is of another kind.
fn parts(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut inside = inside(der)?;
    let identifier = inside.tlv_bytes().ok()?;
    let bits = BitStringRef::decode(&mut inside).ok()?;
    Some((identifier, bits.as_bytes()?)).filter(|_| inside.is_finished())
}

/// The `SubjectPublicKeyInfo` of an X.509 certificate. Source: RFC 5280, 4.1.
///
/// Members in front of it are stepped over without a look inside; `None` where there are too
/// few.
fn key_of_certificate(certificate: &[u8]) -> Option<&[u8]> {
    let signed = inside(certificate)?.tlv_bytes().ok()?;
    let mut members = inside(signed)?;
    // The version stands in front, unless it is the first one.
    let version = members.peek_byte() == Some(0xa0);
    // Serial number, signature algorithm, issuer, validity, subject.
    for _ in 0..5 + usize::from(version) {
        members.tlv_bytes().ok()?;
    }
    members.tlv_bytes().ok()
}

/// What stands inside a DER SEQUENCE that is all of `der`.
///
/// `None` where it is of another tag, or where bytes follow it.
fn inside(der: &[u8]) -> Option<SliceReader<'_>> {
    let sequence = AnyRef::from_der(der)
        .ok()
        .filter(|any| any.header().tag() == Tag::Sequence)?;
    SliceReader::new(sequence.value()).ok()
}
