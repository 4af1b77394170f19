//! The digest that somebody expects, out of what they typed or pasted.
//!
//! People paste whole lines, so every word is looked at; exactly one digest has to be among them.
//! Two different ones are an error and not a choice.

use std::fmt;

use super::comparison::{Comparison, DigestSource, Unchecked, Verdict};
use crate::digest::{Algorithm, Digest, DigestError};

/// A digest that is expected, and what was done to the text to get it.
///
/// It is taken out of whatever stands around it: a reference, quotes, `docker pull`'s
/// `Digest:` line, a header, `sha256sum`'s line. Upper-case letters become lower-case ones,
/// and hex alone gets the algorithm of its length.
///
/// ```
/// use waybill_core::verify::Expected;
///
/// let hex = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
/// let expected = Expected::read(&format!("ghcr.io/o/r:1@sha256:{hex}"))?;
/// assert_eq!(expected.digest.encoded(), hex);
/// assert_eq!(expected.notes[0].to_string(), "took the digest out of the text around it");
/// assert_eq!(Expected::read(&hex.to_uppercase())?.digest.as_str(), format!("sha256:{hex}"));
/// # Ok::<(), waybill_core::verify::ExpectedError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The digest.
    pub digest: Digest,
    /// What was done to the text, in order.
    pub notes: Vec<ExpectedNote>,
}

/// A step from the text to the digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedNote {
    /// Other text stood around it.
    TextAround,
    /// Upper-case letters became lower-case ones.
    UpperCase,
    /// Hex stood alone; its length tells the algorithm.
    Bare(Algorithm),
    /// The hex has the length of another algorithm than the one in front of it.
    OtherAlgorithm {
        /// The one in front.
        said: Algorithm,
        /// The one of that length.
        meant: Algorithm,
    },
}

impl fmt::Display for ExpectedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TextAround => f.write_str("took the digest out of the text around it"),
            Self::UpperCase => f.write_str("made its letters lower case, as a digest has them"),
            Self::Bare(algorithm) => {
                write!(
                    f,
                    "took it as {}, which has {} hex characters",
                    algorithm.name(),
                    algorithm.hex_length()
                )
            }
            Self::OtherAlgorithm { said, meant } => write!(
                f,
                "took it as {}: {} has {} hex characters, these are {}",
                meant.name(),
                said.name(),
                said.hex_length(),
                meant.hex_length()
            ),
        }
    }
}

/// Why a text names no digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedError {
    /// What stands there is none.
    NoDigest(DigestError),
    /// Two different ones stand there.
    Several(Digest, Digest),
}

impl fmt::Display for ExpectedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDigest(error) => error.fmt(f),
            Self::Several(one, other) => {
                write!(
                    f,
                    "there are several digests, {one} and {other} among them, one is needed"
                )
            }
        }
    }
}

impl std::error::Error for ExpectedError {}

impl From<Digest> for Expected {
    fn from(digest: Digest) -> Self {
        Self {
            digest,
            notes: Vec::new(),
        }
    }
}

impl Expected {
    /// Finds the digest in a text.
    ///
    /// The same digest twice is one. A digest of an algorithm that is not computed here has to
    /// stand alone, since `latest:1` has the form of one. An error is text without a digest,
    /// or with several.
    ///
    /// A word that tries to be a digest and is none, such as one of 63 characters, is an error
    /// only where no other word is one; the first such word is the one that is told.
    pub fn read(text: &str) -> Result<Self, ExpectedError> {
        let is_part =
            |character: char| character.is_ascii_alphanumeric() || ":+._-=".contains(character);
        let mut found: Option<Self> = None;
        let mut error = None;
        for word in text.split(|character| !is_part(character)) {
            match (read_word(word), &found) {
                (Some(Ok(expected)), Some(first)) if first.digest != expected.digest => {
                    return Err(ExpectedError::Several(
                        first.digest.clone(),
                        expected.digest,
                    ));
                }
                (Some(Ok(mut expected)), None) => {
                    if text.trim() != word {
                        expected.notes.insert(0, ExpectedNote::TextAround);
                    }
                    found = Some(expected);
                }
                (Some(Err(wrong)), _) => error = error.or(Some(wrong)),
                _ => {}
            }
        }
        if let Some(found) = found {
            return Ok(found);
        }
        // One that cannot be computed here has to stand alone: `latest:1` has the form of a
        // digest too.
        match (error, text.trim().parse::<Digest>()) {
            (Some(error), _) | (None, Err(error)) => Err(ExpectedError::NoDigest(error)),
            (None, Ok(digest)) => Ok(Self::from(digest)),
        }
    }
}

impl Expected {
    /// Compares the bytes that a digest covers with it.
    ///
    /// Hex behind the name of an algorithm of another length is no digest of anything, so what
    /// it would verify stays not checked; [`explain`](super::explain) then says
    /// `other-algorithm`.
    #[must_use]
    pub fn compare(&self, digested: Option<&[u8]>) -> Comparison {
        let mut comparison =
            Comparison::new(digested, DigestSource::Asked, self.digest.as_str(), None);
        if self.other_algorithm().is_some() && comparison.verdict.is_verified() {
            comparison.verdict = Verdict::NotChecked(Unchecked::NotADigest);
        }
        comparison
    }

    /// The algorithm that stands in front of hex that is not of its length.
    ///
    /// `digest` is of the other algorithm then, the one of that length; this one is only what
    /// was said.
    #[must_use]
    pub fn other_algorithm(&self) -> Option<Algorithm> {
        self.notes.iter().find_map(|note| match note {
            ExpectedNote::OtherAlgorithm { said, .. } => Some(*said),
            _ => None,
        })
    }
}

/// A word that is a digest of an algorithm that is computed here, or tries to be; `None` where
/// it is something else.
///
/// Hex alone is a digest where it has the length of a known algorithm: 64, 96 or 128
/// characters. Behind the name of an algorithm it is one, or an error: `sha256:12` tries to be
/// a digest, `latest:12` does not. A full stop, colon or dash at the end is of the sentence
/// around it.
fn read_word(word: &str) -> Option<Result<Expected, DigestError>> {
    let word = word.trim_end_matches(['.', ':', '-']);
    let lower = word.to_ascii_lowercase();
    let (said, hex) = match lower.rsplit_once(':') {
        Some((name, hex)) => (
            Some(
                Algorithm::ALL
                    .into_iter()
                    .find(|algorithm| algorithm.name() == name)?,
            ),
            hex,
        ),
        None => (None, lower.as_str()),
    };
    let is_hex = hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let by_length = Algorithm::ALL
        .into_iter()
        .find(|algorithm| is_hex && algorithm.hex_length() == hex.len());
    let mut notes = Vec::new();
    if word != lower {
        notes.push(ExpectedNote::UpperCase);
    }
    let algorithm = match (said, by_length) {
        (Some(said), Some(meant)) if said != meant => {
            notes.push(ExpectedNote::OtherAlgorithm { said, meant });
            meant
        }
        (Some(said), _) => said,
        (None, meant) => {
            notes.push(ExpectedNote::Bare(meant?));
            meant?
        }
    };
    Some(
        [algorithm.name(), ":", hex]
            .concat()
            .parse()
            .map(|digest| Expected { digest, notes }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    fn read(text: &str) -> (String, Vec<String>) {
        let expected = Expected::read(text).expect(text);
        (
            expected.digest.to_string(),
            expected.notes.iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn a_digest_is_found_in_what_people_paste() {
        let digest = format!("sha256:{HEX}");
        for text in [
            digest.clone(),
            format!("  {digest}\n"),
            format!("\"{digest}\""),
            format!("nginx@{digest}"),
            format!("docker pull localhost:5000/a/b:latest@{digest}"),
            format!("Digest: {digest}"),
            format!("docker-content-digest: {digest}\r\n"),
            format!("{digest} and again `{digest}`."),
            format!("{HEX}  manifest.json"),
            format!("SHA256:{}", HEX.to_uppercase()),
        ] {
            assert_eq!(read(&text).0, digest, "{text}");
        }
        assert_eq!(read(&format!(" {digest} ")).1, [""; 0]);
        assert_eq!(
            read(&format!("'{digest}'")).1,
            ["took the digest out of the text around it"]
        );
        assert_eq!(
            read(&HEX.to_uppercase()).1,
            [
                "made its letters lower case, as a digest has them",
                "took it as sha256, which has 64 hex characters"
            ]
        );
        let (other, notes) = read(&format!("sha256:{HEX}{HEX}"));
        assert_eq!(other, format!("sha512:{HEX}{HEX}"));
        assert_eq!(
            notes,
            ["took it as sha512: sha256 has 64 hex characters, these are 128"]
        );
        assert_eq!(read("blake3:abc").0, "blake3:abc");
    }

    #[test]
    fn hex_of_another_length_verifies_nothing_as_it_stands() {
        let long = Digest::compute(Algorithm::Sha512, b"{}");
        let verdict = |text: &str, bytes: &[u8]| {
            Expected::read(text)
                .expect(text)
                .compare(Some(bytes))
                .verdict
        };
        assert_eq!(verdict(long.as_str(), b"{}"), Verdict::Verified);
        let said = format!("sha256:{}", long.encoded());
        assert_eq!(
            verdict(&said, b"{}"),
            Verdict::NotChecked(Unchecked::NotADigest)
        );
        assert!(verdict(&said, b"[]").is_mismatch());
    }

    #[test]
    fn what_is_no_digest_is_said() {
        let error = |text: &str| Expected::read(text).expect_err(text).to_string();
        assert_eq!(
            error(&format!("sha256:{}", HEX.split_at(1).1)),
            "digest hex is 63 characters, sha256 needs 64"
        );
        assert_eq!(
            error("nginx"),
            "digest has no colon, it needs the form sha256:<64 hex characters>"
        );
        assert_eq!(
            error(""),
            "digest has no colon, it needs the form sha256:<64 hex characters>"
        );
        let (one, other) = (Digest::sha256(b"1"), Digest::sha256(b"2"));
        assert_eq!(
            error(&format!("{one} {other}")),
            format!("there are several digests, {one} and {other} among them, one is needed")
        );
    }
}
