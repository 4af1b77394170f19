//! What was compared with what, and how it came out.

use crate::digest::Digest;

/// Who named the digest or size that bytes are compared with.
///
/// From what proves most to what proves least: a registry that lies about the bytes can lie about
/// their digest as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DigestSource {
    /// The person asked for it.
    Asked,
    /// The manifest that led here names it.
    Parent,
    /// The registry said it in `Docker-Content-Digest`.
    Registry,
}

/// The outcome of a comparison that was, or could not be, made on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The bytes are what was expected.
    Verified,
    /// The bytes are of another length, so hashing them was not needed.
    WrongSize {
        /// In bytes.
        expected: u64,
        /// In bytes.
        found: u64,
    },
    /// The bytes hash to another digest.
    WrongDigest {
        /// In the algorithm of the expected one.
        found: Digest,
    },
    /// Nothing could be compared.
    NotChecked(Unchecked),
}

impl Verdict {
    /// Whether the bytes are what was expected.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        *self == Self::Verified
    }

    /// Whether the bytes are not what was expected.
    #[must_use]
    pub fn is_mismatch(&self) -> bool {
        matches!(self, Self::WrongSize { .. } | Self::WrongDigest { .. })
    }
}

/// Why nothing could be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unchecked {
    /// Nobody named a digest.
    NothingNamed,
    /// What was named is not a digest.
    NotADigest,
    /// The digest is of an algorithm that is not computed here.
    Unsupported,
    /// A broken signature block hides the bytes that the digest covers.
    NoPayload,
    /// The bytes are not here.
    NotFetched,
}

impl Unchecked {
    /// The reason in words.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::NothingNamed => "nobody named a digest to compare with",
            Self::NotADigest => "what was named is not a digest",
            Self::Unsupported => "the digest is of an algorithm that is not computed here",
            Self::NoPayload => "the signature block is broken, so there is nothing to hash",
            Self::NotFetched => "not downloaded",
        }
    }
}

/// One comparison of bytes with what somebody said of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Who said it.
    pub authority: DigestSource,
    /// The digest as it was said.
    pub expected: String,
    /// How it came out.
    pub verdict: Verdict,
}

impl Comparison {
    /// Compares the bytes that a digest covers, size before digest.
    ///
    /// `digested` is `None` where those bytes cannot be told (see
    /// [`Manifest::digest_input`](crate::manifest::Manifest::digest_input)).
    ///
    /// ```
    /// use waybill_core::verify::{DigestSource, Comparison, Verdict};
    ///
    /// let expected = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    /// let verdict = |bytes: &[u8]| {
    ///     Comparison::new(Some(bytes), DigestSource::Asked, expected, Some(2)).verdict
    /// };
    /// assert_eq!(verdict(b"{}"), Verdict::Verified);
    /// assert_eq!(verdict(b"{}\n"), Verdict::WrongSize { expected: 2, found: 3 });
    /// ```
    #[must_use]
    pub fn new(
        digested: Option<&[u8]>,
        authority: DigestSource,
        expected: &str,
        size: Option<u64>,
    ) -> Self {
        Self {
            authority,
            verdict: judge(digested, expected, size),
            expected: expected.to_owned(),
        }
    }

    /// The digest of the bytes, where it was computed to compare it: in the algorithm of the
    /// one that was said.
    pub(crate) fn computed(&self) -> Option<Digest> {
        match &self.verdict {
            Verdict::Verified => self.expected.parse().ok(),
            Verdict::WrongDigest { found } => Some(found.clone()),
            Verdict::WrongSize { .. } | Verdict::NotChecked(_) => None,
        }
    }
}

/// In this order: size, grammar of the digest, hash. A wrong size spares the hashing; a digest
/// of an unknown algorithm is neither a match nor a mismatch.
///
/// `size` is in bytes, `None` where nobody stated it; the digest alone decides then.
fn judge(digested: Option<&[u8]>, expected: &str, size: Option<u64>) -> Verdict {
    let Some(bytes) = digested else {
        return Verdict::NotChecked(Unchecked::NoPayload);
    };
    let found = bytes.len() as u64;
    if let Some(expected) = size.filter(|size| *size != found) {
        return Verdict::WrongSize { expected, found };
    }
    let Ok(digest) = expected.parse::<Digest>() else {
        return Verdict::NotChecked(Unchecked::NotADigest);
    };
    match digest
        .algorithm()
        .map(|algorithm| Digest::compute(algorithm, bytes))
    {
        None => Verdict::NotChecked(Unchecked::Unsupported),
        Some(found) if found == digest => Verdict::Verified,
        Some(found) => Verdict::WrongDigest { found },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_compared_is_never_good() {
        let verdict = |digested, expected| {
            Comparison::new(digested, DigestSource::Registry, expected, None).verdict
        };
        assert_eq!(
            verdict(None, "sha256:0"),
            Verdict::NotChecked(Unchecked::NoPayload)
        );
        assert_eq!(
            verdict(Some(b"{}"), "sha256:0"),
            Verdict::NotChecked(Unchecked::NotADigest)
        );
        assert_eq!(
            verdict(Some(b"{}"), "blake3:00"),
            Verdict::NotChecked(Unchecked::Unsupported)
        );
        let wrong = verdict(Some(b"[]"), Digest::sha256(b"{}").as_str());
        assert_eq!(
            wrong,
            Verdict::WrongDigest {
                found: Digest::sha256(b"[]")
            }
        );
        assert!(wrong.is_mismatch() && !wrong.is_verified());
    }

    #[test]
    fn any_algorithm_that_is_computed_here_will_do() {
        let digest = Digest::compute(crate::digest::Algorithm::Sha512, b"{}");
        let comparison =
            Comparison::new(Some(b"{}"), DigestSource::Asked, digest.as_str(), Some(2));
        assert!(comparison.verdict.is_verified());
    }
}
