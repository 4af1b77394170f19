//! How certificates and time stamps are signed: by an algorithm that stands beside the signature.

use der::asn1::ObjectIdentifier;

use crate::arithmetic::{Algorithm, Arithmetic, Hash, Unavailable};
use crate::key::{Choice, PublicKey};
use crate::walk::{Element, SEQUENCE};

const fn id(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const ED25519: ObjectIdentifier = id("1.3.101.112");
const RSA: ObjectIdentifier = id("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = id("1.2.840.10045.2.1");
const PSS: ObjectIdentifier = id("1.2.840.113549.1.1.10");
/// ECDSA and RSA PKCS #1 v1.5 with a hash. None with SHA-1 is accepted.
const HASHED: [(ObjectIdentifier, Hash); 6] = [
    (id("1.2.840.10045.4.3.2"), Hash::Sha256),
    (id("1.2.840.10045.4.3.3"), Hash::Sha384),
    (id("1.2.840.10045.4.3.4"), Hash::Sha512),
    (id("1.2.840.113549.1.1.11"), Hash::Sha256),
    (id("1.2.840.113549.1.1.12"), Hash::Sha384),
    (id("1.2.840.113549.1.1.13"), Hash::Sha512),
];
const HASHES: [(ObjectIdentifier, Hash); 3] = [
    (id("2.16.840.1.101.3.4.2.1"), Hash::Sha256),
    (id("2.16.840.1.101.3.4.2.2"), Hash::Sha384),
    (id("2.16.840.1.101.3.4.2.3"), Hash::Sha512),
];

/// How a certificate or a time stamp is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signing {
    Hashed(Hash),
    Pss(Hash),
    Edwards,
}

impl Signing {
    /// Reads an `AlgorithmIdentifier`; a bare RSA key takes `hash`. `None` for what is not checked here, SHA-1 too.
    pub(crate) fn read(algorithm: Element<'_>, hash: Option<Hash>) -> Option<Self> {
        let mut members = algorithm.tagged(SEQUENCE)?.inside()?;
        let identifier = members.next()?.identifier()?;
        if let Some((_, hash)) = HASHED.iter().find(|(known, _)| identifier == *known) {
            return Some(Self::Hashed(*hash));
        }
        if identifier == ED25519 {
            return Some(Self::Edwards);
        }
        if identifier == RSA || identifier == EC {
            return hash.map(Self::Hashed);
        }
        if identifier == PSS {
            let mut parameters = members.expect(SEQUENCE)?.inside()?;
            let hash = parameters.expect(0xa0)?.inside()?.next()?;
            return read_hash(hash).map(Self::Pss);
        }
        None
    }

    /// Tells whether a signature holds. `None` where the key is of a kind that is not known here.
    pub(crate) async fn verify(
        self,
        arithmetic: &impl Arithmetic,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, Unavailable> {
        let Some(key) = PublicKey::read(key) else {
            return Err(Unavailable::Key);
        };
        match self {
            Self::Hashed(hash) => key
                .verify(arithmetic, Choice::Exactly(hash), message, signature)
                .await
                .map(|scheme| scheme.is_some()),
            Self::Edwards => key
                .verify(
                    arithmetic,
                    Choice::Exactly(Hash::Sha512),
                    message,
                    signature,
                )
                .await
                .map(|scheme| scheme.is_some()),
            Self::Pss(hash) => {
                key.verify_exactly(arithmetic, Algorithm::RsaPss(hash), message, signature)
                    .await
            }
        }
    }
}

/// The hash that an `AlgorithmIdentifier` names.
pub(crate) fn read_hash(algorithm: Element<'_>) -> Option<Hash> {
    let identifier = algorithm.tagged(SEQUENCE)?.inside()?.next()?.identifier()?;
    let found = HASHES.iter().find(|(known, _)| identifier == *known);
    found.map(|(_, hash)| *hash)
}
