//! Checking a signature: what a checker is given, and what it answers. Core computes no
//! signatures; the page asks the browser, and the tests a library.

use super::{KeyKind, PublicKey};

/// The algorithms of signatures. Source: RFC 7518, 3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// RSA PKCS #1 v1.5 with SHA-256.
    Rs256,
    /// RSA PKCS #1 v1.5 with SHA-384.
    Rs384,
    /// RSA PKCS #1 v1.5 with SHA-512.
    Rs512,
}

impl SignatureAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 6] = [
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
    ];

    /// The name in a header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
        }
    }

    /// The only kind of key that it takes.
    #[must_use]
    pub fn key(self) -> KeyKind {
        match self {
            Self::Es256 => KeyKind::P256,
            Self::Es384 => KeyKind::P384,
            Self::Es512 => KeyKind::P521,
            Self::Rs256 | Self::Rs384 | Self::Rs512 => KeyKind::Rsa,
        }
    }

    /// The name of its hash in `WebCrypto`.
    #[must_use]
    pub fn hash(self) -> &'static str {
        match self {
            Self::Es256 | Self::Rs256 => "SHA-256",
            Self::Es384 | Self::Rs384 => "SHA-384",
            Self::Es512 | Self::Rs512 => "SHA-512",
        }
    }
}

/// One signature, ready to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureCheck {
    /// The algorithm; it fits the key.
    pub algorithm: SignatureAlgorithm,
    /// The key.
    pub key: PublicKey,
    /// The bytes that were signed.
    pub signing_input: Vec<u8>,
    /// The signature: r and s in their full length one behind the other, or RSA's number.
    pub signature: Vec<u8>,
}

/// What came of checking one signature.
///
/// The key is in the same document, and anybody can sign with a key of their own: a signature
/// that holds shows that the payload was not changed since, never who signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// The key signed this payload.
    Holds,
    /// It did not.
    DoesNotHold,
    /// It could not be checked.
    NotChecked(NotChecked),
}

/// Why a signature could not be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotChecked {
    /// It is not one that can be; a finding says why.
    Unreadable,
    /// Browsers check signatures only on pages that came over https or from this machine.
    InsecurePage,
    /// The checker does not take the key: a point that is not on its curve, or a kind that it
    /// does not know.
    KeyRefused,
}

impl NotChecked {
    /// The reason in words.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Unreadable => "not checked here, see the finding",
            Self::InsecurePage => "signature not checked here (insecure page)",
            Self::KeyRefused => "signature not checked here (the browser does not take the key)",
        }
    }
}
