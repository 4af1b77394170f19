//! What can be wrong with a signature block, and with one signature.
//!
//! The two differ in what is lost. Without its block a manifest has no payload, so it has no
//! digest, and nothing of it is shown. A wrong signature leaves the payload and the other
//! signatures as they are.

use std::fmt;

use super::SignatureAlgorithm;

/// Why the payload cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureBlockError {
    /// `signatures` is not an array.
    NotAnArray,
    /// `signatures` is an empty array.
    Empty,
    /// An entry has no `protected` text of the right form.
    ///
    /// It has to be base64url without padding of a JSON object.
    Protected {
        /// The entry's index.
        index: usize,
    },
    /// `formatLength` is not a whole number from 0 to the body's length.
    FormatLength {
        /// The entry's index.
        index: usize,
        /// What stands there, as JSON.
        found: String,
        /// The body's length in bytes.
        body: usize,
    },
    /// `formatTail` is not base64url text without padding.
    FormatTail {
        /// The entry's index.
        index: usize,
    },
    /// An entry describes another payload than the first.
    ///
    /// Another `formatLength` or another `formatTail`. Which payload the digest covers would
    /// be anybody's choice, so there is none.
    Disagree {
        /// The entry's index.
        index: usize,
    },
}

impl fmt::Display for SignatureBlockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnArray => write!(f, "signatures is not an array"),
            Self::Empty => write!(f, "signatures is empty, a signed manifest has at least one"),
            Self::Protected { index } => {
                write!(
                    f,
                    "signature {index} has no protected text that is base64url of a JSON object"
                )
            }
            Self::FormatLength { index, found, body } => {
                write!(
                    f,
                    "formatLength of signature {index} is {found}, it has to be a whole number from 0 to {body}"
                )
            }
            Self::FormatTail { index } => {
                write!(f, "formatTail of signature {index} is not base64url text")
            }
            Self::Disagree { index } => write!(
                f,
                "signature {index} describes another payload than signature 0"
            ),
        }
    }
}

impl std::error::Error for SignatureBlockError {}

/// Why a signature cannot be checked. The key and the signature are those of one entry; its
/// place says which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// The algorithm is missing, or none that signs schema 1.
    Algorithm {
        /// What stands there.
        found: Option<String>,
    },
    /// The header has no key.
    NoKey,
    /// The key is of a kind that does not sign schema 1.
    KeyKind {
        /// What the JWK says; a certificate says it by number.
        found: Option<String>,
    },
    /// The first certificate is none, or its key is malformed.
    Certificate,
    /// The JWK holds the private key: whoever reads it can sign.
    PrivateKey,
    /// A number of the JWK is missing, or not base64url text.
    JwkMember {
        /// The member's name.
        name: &'static str,
    },
    /// A coordinate of the JWK has another length than the curve's.
    Coordinate {
        /// The member's name.
        name: &'static str,
        /// The curve.
        curve: &'static str,
        /// In bytes.
        found: usize,
        /// In bytes.
        expected: usize,
    },
    /// The algorithm takes another kind of key.
    KeyDoesNotFit {
        /// The algorithm.
        algorithm: SignatureAlgorithm,
        /// The key's kind.
        found: &'static str,
    },
    /// The signature is missing, or not base64url text.
    Signature,
    /// The signature has another length than the algorithm's.
    Length {
        /// The algorithm.
        algorithm: SignatureAlgorithm,
        /// In bytes.
        found: usize,
        /// In bytes.
        expected: usize,
    },
}

impl SignatureError {
    /// Whether it may be a good signature of a kind that Waybill does not know; all others are
    /// broken. An algorithm `none`, or none at all, signs nothing.
    ///
    /// An unknown one is told as unchecked, a broken one as malformed.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Algorithm { found } => found.as_ref().is_some_and(|found| found != "none"),
            Self::KeyKind { .. } => true,
            _ => false,
        }
    }
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm { found } => {
                let found = found.as_deref().unwrap_or("missing");
                write!(
                    f,
                    "alg is {found}, only ES256, ES384, ES512, RS256, RS384 and RS512 are checked here"
                )
            }
            Self::NoKey => write!(f, "header has no key, it needs x5c or jwk"),
            Self::KeyKind { found } => {
                let found = found.as_deref().unwrap_or("of another kind");
                write!(
                    f,
                    "the key is {found}, only keys on P-256, P-384 and P-521 and RSA keys are used here"
                )
            }
            Self::Certificate => write!(
                f,
                "the first of x5c is not base64 of an X.509 certificate with a valid key"
            ),
            Self::PrivateKey => write!(f, "jwk holds d, the private key: anybody can sign with it"),
            Self::JwkMember { name } => {
                write!(f, "jwk has no {name} that is base64url of a number")
            }
            Self::Coordinate {
                name,
                curve,
                found,
                expected,
            } => {
                write!(
                    f,
                    "{name} of jwk is {found} bytes, {curve} needs {expected}"
                )
            }
            Self::KeyDoesNotFit { algorithm, found } => {
                write!(
                    f,
                    "the key is {found}, {} needs {}",
                    algorithm.name(),
                    algorithm.key().name()
                )
            }
            Self::Signature => write!(f, "signature is not base64url text"),
            Self::Length {
                algorithm,
                found,
                expected,
            } => {
                write!(
                    f,
                    "signature is {found} bytes, {} needs {expected}",
                    algorithm.name()
                )
            }
        }
    }
}

impl std::error::Error for SignatureError {}
