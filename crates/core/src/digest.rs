//! Content digests: `algorithm:encoded`, computed over bytes as they were received.
//!
//! A digest is never computed over text that was decoded, trimmed or formatted: a manifest's
//! identity is its bytes. Algorithms that cannot be computed here are read and kept, and compare as
//! neither equal nor different. Longer than most files, for the documentation of what all others
//! rest on.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A hash algorithm that this build can compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// SHA-256, 64 hex characters: what nearly everything uses.
    Sha256,
    /// SHA-384, 96 hex characters.
    Sha384,
    /// SHA-512, 128 hex characters.
    Sha512,
}

impl Algorithm {
    /// Every algorithm that can be computed here.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// The name in front of the colon.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// Returns how many hex characters a digest of this algorithm has: twice its bytes.
    #[must_use]
    pub fn hex_length(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha384 => 96,
            Self::Sha512 => 128,
        }
    }

    /// Names are lower case; `SHA256` is none.
    fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }
}

/// A content digest, `algorithm:encoded`.
///
/// The text is always of the grammar `[a-z0-9]+([+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+`; for
/// sha256, sha384 and sha512 the encoded part is lower-case hex of exactly the right length. A
/// digest of another algorithm is valid but *unsupported*: it is neither a match nor a
/// mismatch of anything.
///
/// Because of that grammar a digest may stand in a URL path as it is.
///
/// Source: image-spec `descriptor.md`, "Digests".
///
/// ```
/// use waybill_core::digest::Digest;
///
/// let digest = Digest::sha256(b"{}");
/// assert_eq!(digest.to_string(), "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
/// assert_eq!(digest.check(b"{}"), Some(true));
/// assert_eq!("blake3:abc".parse::<Digest>()?.check(b"{}"), None);
/// # Ok::<(), waybill_core::digest::DigestError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    /// The whole, `algorithm:encoded`; always of the grammar.
    text: String,
    /// The offset of the first colon, which is the only one.
    colon: usize,
}

impl Digest {
    /// Computes the digest of `bytes` in `algorithm`.
    #[must_use]
    pub fn compute(algorithm: Algorithm, bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(bytes);
        hasher.finish()
    }

    /// Computes the sha256 digest of `bytes`: the algorithm that every registry and client knows.
    #[must_use]
    pub fn sha256(bytes: &[u8]) -> Self {
        Self::compute(Algorithm::Sha256, bytes)
    }

    /// The digest whose SHA-256 was computed elsewhere.
    #[must_use]
    pub fn of_sha256(hash: [u8; 32]) -> Self {
        of_hash(Algorithm::Sha256, &hash)
    }

    /// The algorithm, where it can be computed here; `None` means *unsupported*.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        Algorithm::from_name(self.algorithm_name())
    }

    /// The text in front of the colon.
    #[must_use]
    pub fn algorithm_name(&self) -> &str {
        self.text.get(..self.colon).unwrap_or_default()
    }

    /// The text behind the colon.
    #[must_use]
    pub fn encoded(&self) -> &str {
        self.text.get(self.colon + 1..).unwrap_or_default()
    }

    /// The first 12 characters behind the colon: enough to tell digests apart on one page.
    #[must_use]
    pub fn short(&self) -> &str {
        let encoded = self.encoded();
        encoded.get(..12).unwrap_or(encoded)
    }

    /// The whole digest as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Checks whether `bytes` have this digest; `None` where the algorithm cannot be computed here.
    #[must_use]
    pub fn check(&self, bytes: &[u8]) -> Option<bool> {
        self.algorithm()
            .map(|algorithm| Self::compute(algorithm, bytes) == *self)
    }
}

/// A digest of bytes that come piece by piece.
///
/// ```
/// use waybill_core::digest::{Algorithm, Digest, Hasher};
///
/// let mut hasher = Hasher::new(Algorithm::Sha256);
/// hasher.update(b"{");
/// hasher.update(b"}");
/// assert_eq!(hasher.finish(), Digest::sha256(b"{}"));
/// ```
#[derive(Clone)]
pub struct Hasher(State);

/// The hash under way, by one of the library's types for each algorithm.
#[derive(Clone)]
enum State {
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
}

impl Hasher {
    /// Of no bytes yet.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        use sha2::Digest as _;
        Self(match algorithm {
            Algorithm::Sha256 => State::Sha256(sha2::Sha256::new()),
            Algorithm::Sha384 => State::Sha384(sha2::Sha384::new()),
            Algorithm::Sha512 => State::Sha512(sha2::Sha512::new()),
        })
    }

    /// Takes the next bytes.
    ///
    /// Browsers first run a function of the wasm as quickly compiled, and put the optimised
    /// one in place only between two calls: hashed in one call, 4 MiB take ten times as long.
    /// So the bytes go in by small pieces.
    pub fn update(&mut self, bytes: &[u8]) {
        use sha2::Digest as _;
        for piece in bytes.chunks(4096) {
            match &mut self.0 {
                State::Sha256(hasher) => hasher.update(piece),
                State::Sha384(hasher) => hasher.update(piece),
                State::Sha512(hasher) => hasher.update(piece),
            }
        }
    }

    /// The digest of all bytes taken.
    #[must_use]
    pub fn finish(self) -> Digest {
        use sha2::Digest as _;
        match self.0 {
            State::Sha256(hasher) => of_hash(Algorithm::Sha256, &hasher.finalize()),
            State::Sha384(hasher) => of_hash(Algorithm::Sha384, &hasher.finalize()),
            State::Sha512(hasher) => of_hash(Algorithm::Sha512, &hasher.finalize()),
        }
    }

    /// The bytes of a SHA-256; `None` where it is of another algorithm.
    #[must_use]
    pub fn finish_sha256(self) -> Option<[u8; 32]> {
        use sha2::Digest as _;
        match self.0 {
            State::Sha256(hasher) => Some(hasher.finalize().into()),
            State::Sha384(_) | State::Sha512(_) => None,
        }
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

/// Makes the digest of a hash that was computed.
fn of_hash(algorithm: Algorithm, hash: &[u8]) -> Digest {
    let name = algorithm.name();
    let mut text = String::with_capacity(name.len() + 1 + algorithm.hex_length());
    text.push_str(name);
    text.push(':');
    push_hex(&mut text, hash);
    Digest {
        text,
        colon: name.len(),
    }
}

/// Appends bytes as lower-case hex, the only spelling that image-spec allows.
fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    /// Errors come in this order: no colon, the algorithm's name, an empty encoded part, a
    /// character that no digest holds; then, for an algorithm that is known, the length and
    /// the hex. So upper-case hex of sha256 is refused, and `blake3:AB` is a digest.
    fn from_str(text: &str) -> Result<Self, DigestError> {
        let (name, encoded) = text.split_once(':').ok_or(DigestError::NoColon)?;
        let colon = name.len();
        let algorithm = Algorithm::from_name(name);
        let is_hex = |b: u8| b.is_ascii_digit() || matches!(b, b'a'..=b'f');
        // Nearly all are right, and a list has thousands. All bytes are looked at without a branch,
        // since no processor foresees whether a digit or a letter is next.
        if algorithm.is_some_and(|it| encoded.len() == it.hex_length())
            && encoded.bytes().fold(true, |all, byte| all & is_hex(byte))
        {
            return Ok(Self {
                text: text.to_owned(),
                colon,
            });
        }
        let is_part = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        if !name.split(['+', '.', '_', '-']).all(is_part) {
            return Err(DigestError::Algorithm {
                found: name.to_owned(),
            });
        }
        if encoded.is_empty() {
            return Err(DigestError::Empty {
                algorithm: name.to_owned(),
            });
        }
        if let Some(position) = encoded
            .bytes()
            .position(|b| !(b.is_ascii_alphanumeric() || b"=_-".contains(&b)))
        {
            return Err(DigestError::Character {
                position: colon + 1 + position,
            });
        }
        if let Some(algorithm) = algorithm {
            if encoded.len() != algorithm.hex_length() {
                return Err(DigestError::Length {
                    algorithm,
                    found: encoded.len(),
                });
            }
            if let Some(position) = encoded.bytes().position(|b| !is_hex(b)) {
                return Err(DigestError::Hex {
                    algorithm,
                    position: colon + 1 + position,
                });
            }
        }
        Ok(Self {
            text: text.to_owned(),
            colon,
        })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Digest {
    /// As its text.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Digest {
    /// From its text, by its grammar.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// Why a text is not a digest. Positions are byte offsets into the whole text.
///
/// ```
/// use waybill_core::digest::{Digest, DigestError};
///
/// assert_eq!("sha256".parse::<Digest>(), Err(DigestError::NoColon));
/// assert!(matches!("sha256:ab".parse::<Digest>(), Err(DigestError::Length { found: 2, .. })));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DigestError {
    /// There is no `:`.
    NoColon,
    /// The part in front of the colon is not an algorithm's name.
    Algorithm {
        /// That part.
        found: String,
    },
    /// Nothing follows the colon.
    Empty {
        /// The algorithm's name.
        algorithm: String,
    },
    /// A character no digest may hold.
    Character {
        /// Where.
        position: usize,
    },
    /// Too few or too many hex characters.
    Length {
        /// The algorithm.
        algorithm: Algorithm,
        /// How many there are.
        found: usize,
    },
    /// A character that is not lower-case hex.
    Hex {
        /// The algorithm.
        algorithm: Algorithm,
        /// Where.
        position: usize,
    },
}

impl fmt::Display for DigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoColon => write!(
                f,
                "digest has no colon, it needs the form sha256:<64 hex characters>"
            ),
            Self::Algorithm { found } => write!(
                f,
                "digest algorithm {found:?} is not lower-case letters and digits"
            ),
            Self::Empty { algorithm } => write!(f, "digest has nothing behind {algorithm}:"),
            Self::Character { position } => {
                write!(
                    f,
                    "digest has a character at {position} that is not a letter, digit, =, _ or -"
                )
            }
            Self::Length { algorithm, found } => {
                write!(
                    f,
                    "digest hex is {found} characters, {} needs {}",
                    algorithm.name(),
                    algorithm.hex_length()
                )
            }
            Self::Hex {
                algorithm,
                position,
            } => {
                write!(
                    f,
                    "digest has a character at {position} that is not lower-case hex, {} needs it",
                    algorithm.name()
                )
            }
        }
    }
}

impl std::error::Error for DigestError {}

#[cfg(test)]
mod tests;
