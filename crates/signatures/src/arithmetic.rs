//! The arithmetic of signatures, which is never done here: a browser's or a library's.

use std::fmt;

/// The hash of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// Its name, also in `WebCrypto`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// How many bytes it has: the length of RSA-PSS's salt too.
    #[must_use]
    pub fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// The curve of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// P-256.
    P256,
    /// P-384.
    P384,
    /// P-521.
    P521,
}

impl Curve {
    /// Its name, also in `WebCrypto`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// The length of each half of a signature, in bytes.
    #[must_use]
    pub fn half(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// How a signature is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA; the signature is r and s in their full length.
    Ecdsa(Curve, Hash),
    /// RSA PKCS #1 v1.5.
    RsaPkcs1(Hash),
    /// RSA-PSS, with a salt as long as the hash, and MGF1 with the same hash.
    RsaPss(Hash),
}

impl Algorithm {
    /// Its hash.
    #[must_use]
    pub fn hash(self) -> Hash {
        match self {
            Self::Ecdsa(_, hash) | Self::RsaPkcs1(hash) | Self::RsaPss(hash) => hash,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ecdsa(curve, hash) => write!(f, "ECDSA {} with {}", curve.name(), hash.name()),
            Self::RsaPkcs1(hash) => write!(f, "RSA PKCS #1 v1.5 with {}", hash.name()),
            Self::RsaPss(hash) => write!(f, "RSA-PSS with {}", hash.name()),
        }
    }
}

/// Why nothing could be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// The page did not come over https or from this machine, so the browser has no `WebCrypto`.
    InsecurePage,
    /// Whoever computes does not take the key.
    Key,
}

impl Unavailable {
    /// The reason in words.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::InsecurePage => "decoded, not checked here: needs https or localhost",
            Self::Key => "not checked here: the browser does not take the key",
        }
    }
}

/// What computes signatures: the browser, or a library.
pub trait Arithmetic {
    /// Tells whether `signature` is one of `message` by the key, a DER `SubjectPublicKeyInfo`.
    fn verify(
        &self,
        key: &[u8],
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> impl Future<Output = Result<bool, Unavailable>>;
}
