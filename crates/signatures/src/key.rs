//! Public keys, and whether a signature is one of a key.

use der::asn1::ObjectIdentifier;
use ed25519_dalek::{Signature as EdwardsSignature, VerifyingKey};
use waybill_core::base64;
use waybill_core::digest::{self, Digest};
use waybill_core::json::{Object, Value};

use crate::arithmetic::{Algorithm, Arithmetic, Curve, Hash, Unavailable};
use crate::walk::{Element, INTEGER, SEQUENCE, Walk, sequence};

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// On a curve of NIST's.
    Ec(Curve),
    /// RSA, with the bits of its modulus.
    Rsa(usize),
    /// Ed25519.
    Ed25519,
}

/// A public key: a DER `SubjectPublicKeyInfo` of a kind that is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    kind: KeyKind,
    der: Vec<u8>,
}

/// How a signature was found to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Computed(Algorithm),
    Ed25519,
    Ed25519ph,
}

impl std::fmt::Display for Scheme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Computed(algorithm) => algorithm.fmt(f),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Ed25519ph => f.write_str("Ed25519ph with SHA-512"),
        }
    }
}

/// How bytes are signed where the signature itself does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// As cosign signs: by the key's own hash, and before cosign 3.1 always by SHA-256.
    Cosign,
    /// By exactly this hash: certificates, time stamps, logs.
    Exactly(Hash),
}

impl PublicKey {
    /// Reads a DER `SubjectPublicKeyInfo`; `None` where it is none, or of another kind.
    #[must_use]
    pub fn read(der: &[u8]) -> Option<Self> {
        let mut members = Walk::sequence(der)?;
        let mut algorithm = members.expect(SEQUENCE)?.inside()?;
        let identifier = algorithm.next()?.identifier()?;
        let bits = members.next()?.bits()?;
        if !members.is_finished() {
            return None;
        }
        let kind = if identifier == EC {
            let curve = match algorithm.next()?.identifier()? {
                P256 => Curve::P256,
                P384 => Curve::P384,
                P521 => Curve::P521,
                _ => return None,
            };
            // Neither Go nor browsers read compressed points here.
            if bits.first() != Some(&4) || bits.len() != 1 + 2 * curve.half() {
                return None;
            }
            KeyKind::Ec(curve)
        } else if identifier == RSA {
            let modulus = Walk::sequence(bits)?.expect(INTEGER)?.value;
            let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
            KeyKind::Rsa(modulus.len() * 8)
        } else if identifier == ED25519 && bits.len() == 32 {
            KeyKind::Ed25519
        } else {
            return None;
        };
        let der = der.to_vec();
        Some(Self { kind, der })
    }

    /// Reads a JWK of type `EC`, `RSA` or `OKP`; `None` where it is none, or holds a private key.
    pub(crate) fn of_jwk(jwk: &Object<'_>) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| text(name).and_then(base64::decode_from_url);
        if jwk.get("d").is_some() {
            return None;
        }
        let (identifier, parameters, bits) = match (text("kty")?, text("crv")) {
            ("EC", Some(curve)) => {
                let (curve, half) = match curve {
                    "P-256" => (P256, 32),
                    "P-384" => (P384, 48),
                    "P-521" => (P521, 66),
                    _ => return None,
                };
                let (x, y) = (bytes("x")?, bytes("y")?);
                if x.len() != half || y.len() != half {
                    return None;
                }
                (EC, identifier_der(curve)?, [vec![4], x, y].concat())
            }
            ("OKP", Some("Ed25519")) => (ED25519, Vec::new(), bytes("x")?),
            ("RSA", _) => {
                let number = |name| {
                    let bytes = bytes(name)?;
                    let number = der::asn1::UintRef::new(&bytes).ok()?;
                    der::Encode::to_der(&number).ok()
                };
                let numbers = sequence(&[number("n")?, number("e")?].concat())?;
                (RSA, vec![5, 0], numbers)
            }
            _ => return None,
        };
        let algorithm = sequence(&[identifier_der(identifier)?, parameters].concat())?;
        let bits = der::asn1::BitStringRef::from_bytes(&bits).ok()?;
        let bits = der::Encode::to_der(&bits).ok()?;
        Self::read(&sequence(&[algorithm, bits].concat())?)
    }

    /// Of which kind it is.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The DER as it was given.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The SHA-256 of its DER, as sigstore's bundles and logs name keys.
    #[must_use]
    pub fn id(&self) -> Vec<u8> {
        hash(Hash::Sha256, &self.der)
    }

    /// What it is in words: `P-256 key, sha256 12ab34cd…`.
    #[must_use]
    pub fn words(&self) -> String {
        let kind = match self.kind {
            KeyKind::Ec(curve) => format!("{} key", curve.name()),
            KeyKind::Rsa(bits) => format!("RSA key of {bits} bits"),
            KeyKind::Ed25519 => "Ed25519 key".to_owned(),
        };
        let digest = Digest::sha256(&self.der);
        format!("{kind}, sha256 {}…", digest.short())
    }

    /// Tells by which scheme `signature` is one of `message`, or that it is none.
    ///
    /// The signature of a key on a curve is DER, as everywhere but in Notation's envelopes.
    pub(crate) async fn verify(
        &self,
        arithmetic: &impl Arithmetic,
        choice: Choice,
        message: &[u8],
        signature: &[u8],
    ) -> Result<Option<Scheme>, Unavailable> {
        let candidates: Vec<Algorithm> = match (self.kind, choice) {
            (KeyKind::Ed25519, _) => return Ok(self.edwards(choice, message, signature)),
            (KeyKind::Ec(curve), Choice::Exactly(hash)) => vec![Algorithm::Ecdsa(curve, hash)],
            (KeyKind::Ec(curve), Choice::Cosign) => {
                let own = match curve {
                    Curve::P256 => Hash::Sha256,
                    Curve::P384 => Hash::Sha384,
                    Curve::P521 => Hash::Sha512,
                };
                let mut all = vec![Algorithm::Ecdsa(curve, own)];
                if own != Hash::Sha256 {
                    all.push(Algorithm::Ecdsa(curve, Hash::Sha256));
                }
                all
            }
            (KeyKind::Rsa(_), Choice::Exactly(hash)) => vec![Algorithm::RsaPkcs1(hash)],
            (KeyKind::Rsa(_), Choice::Cosign) => vec![
                Algorithm::RsaPkcs1(Hash::Sha256),
                Algorithm::RsaPss(Hash::Sha256),
            ],
        };
        let fixed;
        let signature = if let KeyKind::Ec(curve) = self.kind {
            let Some(halves) = halves(signature, curve.half()) else {
                return Ok(None);
            };
            fixed = halves;
            &fixed
        } else {
            signature
        };
        let mut refused = None;
        for algorithm in candidates {
            match arithmetic
                .verify(&self.der, algorithm, message, signature)
                .await
            {
                Ok(true) => return Ok(Some(Scheme::Computed(algorithm))),
                Ok(false) => {}
                Err(unavailable) => refused = Some(unavailable),
            }
        }
        refused.map_or(Ok(None), Err)
    }

    /// Tells whether a signature of exactly this algorithm holds.
    pub(crate) async fn verify_exactly(
        &self,
        arithmetic: &impl Arithmetic,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, Unavailable> {
        let fits = match (self.kind, algorithm) {
            (KeyKind::Ec(mine), Algorithm::Ecdsa(its, _)) => mine == its,
            (KeyKind::Rsa(_), Algorithm::RsaPkcs1(_) | Algorithm::RsaPss(_)) => true,
            _ => false,
        };
        if !fits {
            return Ok(false);
        }
        arithmetic
            .verify(&self.der, algorithm, message, signature)
            .await
    }

    /// Ed25519, which is computed by the library in the browser too: not every one has it, and none the form that
    /// hashes first, by which cosign signs.
    fn edwards(&self, choice: Choice, message: &[u8], signature: &[u8]) -> Option<Scheme> {
        use sha2::Digest as _;
        let bits = self.der.last_chunk::<32>()?;
        let key = VerifyingKey::from_bytes(bits).ok()?;
        let signature = EdwardsSignature::from_slice(signature).ok()?;
        if key.verify_strict(message, &signature).is_ok() {
            return Some(Scheme::Ed25519);
        }
        let hashed = sha2::Sha512::new().chain_update(message);
        let holds = choice == Choice::Cosign
            && key
                .verify_prehashed_strict(hashed, None, &signature)
                .is_ok();
        holds.then_some(Scheme::Ed25519ph)
    }
}

fn identifier_der(identifier: ObjectIdentifier) -> Option<Vec<u8>> {
    der::Encode::to_der(&identifier).ok()
}

/// The two numbers of a DER ECDSA signature in their full length, one behind the other.
///
/// `None` for anything else: a number that is negative or too long, or bytes that follow.
pub(crate) fn halves(signature: &[u8], half: usize) -> Option<Vec<u8>> {
    let mut numbers = Element::of(signature)?.tagged(SEQUENCE)?.inside()?;
    let mut halves = Vec::with_capacity(2 * half);
    for _ in 0..2 {
        let whole = numbers.expect(INTEGER)?.whole;
        let number = <der::asn1::UintRef<'_> as der::Decode<'_>>::from_der(whole).ok()?;
        let bytes = number.as_bytes();
        halves.resize(halves.len() + half.checked_sub(bytes.len())?, 0);
        halves.extend(bytes);
    }
    numbers.is_finished().then_some(halves)
}

/// The bytes of a hash.
pub(crate) fn hash(hash: Hash, bytes: &[u8]) -> Vec<u8> {
    let algorithm = match hash {
        Hash::Sha256 => digest::Algorithm::Sha256,
        Hash::Sha384 => digest::Algorithm::Sha384,
        Hash::Sha512 => digest::Algorithm::Sha512,
    };
    let digest = Digest::compute(algorithm, bytes);
    unhex(digest.encoded()).unwrap_or_default()
}

/// The bytes that hex stands for, in either case.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let bytes = digits.chunks(2).map(|pair| {
        let value = digit(pair[0])? * 16 + digit(pair[1])?;
        u8::try_from(value).ok()
    });
    bytes.collect()
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    text
}
