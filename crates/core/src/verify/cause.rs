//! Why bytes have not the digest that was expected: what usually goes wrong is undone, and the
//! hash decides.
//!
//! Many changes look alike: a longer file may have gained a newline, or be another file altogether.
//! Looking at bytes therefore proves nothing. Each guess is carried out on a copy, and only if the
//! copy has the expected digest is it given as the cause; a hash that fits cannot be an accident.
//! What is merely seen, gzip's magic number or an open bracket at the end, comes last and without a
//! remedy.
//!
//! `repair` makes the candidates, `change` names them, and `content` looks for digests that are
//! right but of something else. The search is bounded by [`CAUSE_HASHES`] and [`CAUSE_BYTES`], and
//! says so where that ended it.

mod change;
mod content;
mod repair;

use std::borrow::Cow;

use crate::digest::{Algorithm, Digest};
use crate::humanize::{count, number};
use crate::json;
use crate::json::style::Layout;
use crate::limits::{CAUSE_BYTES, CAUSE_HASHES};
use crate::manifest::schema1::jws;

use super::expected::Expected;
use change::Change;

/// One reason why a digest differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// A name that stays: `final-newline-added`, `final-newline-removed`, `crlf`, `lone-cr`,
    /// `byte-order-mark`, `white-space`, `indentation`, `escapes`, `key-order`,
    /// `signature-block`, `text-around`, `json-string`, `base64`, `utf-16`, `truncated`,
    /// `other-algorithm`, `other-content` or `gzip`. Several at once are joined with `+`.
    ///
    /// A name says what has to be done to the bytes: `final-newline-removed` where they have
    /// one too many.
    pub name: String,
    /// What makes it right, in a sentence without its full stop.
    pub sentence: String,
    /// What to go on with.
    pub right: Remedy,
}

/// What has the digest that was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// These bytes: their digest was computed here.
    Bytes(Vec<u8>),
    /// The bytes as they are; the digest should have been this one.
    Digest(Digest),
    /// Not known: something was seen that explains it, and cannot be undone here.
    Unknown,
}

/// What was found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseExplanation {
    /// The reason: one that was proved by a hash or stands in the bytes, else what was only
    /// seen. There is one at most.
    pub causes: Vec<Cause>,
    /// What was tried, in words for a list. It ends where a cause was found.
    pub tried: Vec<&'static str>,
    /// False where [`CAUSE_HASHES`] or [`CAUSE_BYTES`] ended the search.
    pub complete: bool,
}

impl CauseExplanation {
    /// The first reason.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        self.causes.first()
    }
}

/// Finds out why `bytes` have not the digest `expected`.
///
/// Changes that programs and people make are undone, alone and together: at most
/// [`CAUSE_HASHES`] candidates, and fewer of large bytes. Each is hashed, so a cause with
/// [`Remedy::Bytes`] is never a guess. Of signed schema 1 the payload of each candidate is
/// hashed. A digest that cannot be computed here has no cause.
///
/// ```
/// use waybill_core::digest::Digest;
/// use waybill_core::verify::{Expected, Remedy, explain};
///
/// let expected = Expected::from(Digest::sha256(b"{\"a\":1}"));
/// let explanation = explain(b"{\n  \"a\": 1\n}\n", &expected);
/// let cause = explanation.cause().expect("a cause");
/// assert_eq!(cause.name, "indentation+final-newline-removed");
/// assert_eq!(
///     cause.sentence,
///     "the digest is that of these bytes on one line without white space \
///      and without the final newline"
/// );
/// assert_eq!(cause.right, Remedy::Bytes(b"{\"a\":1}".to_vec()));
/// ```
#[must_use]
pub fn explain(bytes: &[u8], expected: &Expected) -> CauseExplanation {
    let mut search = Search::new(bytes, expected);
    let mut causes = Vec::new();
    // Bytes that have the digest need no explanation.
    let differs = expected.other_algorithm().is_some()
        || expected.digest.check(&search.digest_input(bytes)) == Some(false);
    if let Some(algorithm) = search.algorithm.filter(|_| differs) {
        causes.extend(search.run(bytes, algorithm));
        if causes.is_empty() {
            causes.extend(seen(bytes));
        }
    }
    CauseExplanation {
        causes,
        tried: search.tried,
        complete: search.complete,
    }
}

/// What is looked for, and how much may still be spent on it.
///
/// Both budgets only fall. Once a candidate does not fit any more, `complete` is false, and the
/// page says that more could be tried.
struct Search<'a> {
    expected: &'a Expected,
    algorithm: Option<Algorithm>,
    /// Whether the text that is looked at has a member `signatures`, so that digests are of
    /// its payload.
    signed: bool,
    /// How many candidates may still be hashed.
    hashes: usize,
    /// How many bytes may still be hashed, all candidates together.
    bytes: usize,
    complete: bool,
    tried: Vec<&'static str>,
}

impl<'a> Search<'a> {
    fn new(bytes: &[u8], expected: &'a Expected) -> Self {
        Self {
            expected,
            algorithm: expected.digest.algorithm(),
            signed: is_signed(bytes),
            hashes: CAUSE_HASHES,
            bytes: CAUSE_BYTES,
            complete: true,
            tried: Vec::new(),
        }
    }

    /// From cheap and sure to dear: another algorithm, a digest that the content itself names, the
    /// signature block, then changes of the bytes, for the text as it is and for the text inside an
    /// encoding.
    fn run(&mut self, bytes: &[u8], algorithm: Algorithm) -> Option<Cause> {
        if let Some(cause) = self.other_algorithm(bytes) {
            return Some(cause);
        }
        self.tried.push("the digests that it names");
        let named = content::named(bytes, &self.expected.digest);
        if let Some(sentence) = named {
            return Some(Cause {
                name: "other-content".into(),
                sentence,
                right: Remedy::Unknown,
            });
        }
        if self.signed {
            self.tried.push("the signature block");
            if self.expected.digest.check(bytes) == Some(true) {
                let right = self.digest_input(bytes);
                let right = Remedy::Digest(Digest::compute(algorithm, &right));
                let sentence = "the digest is that of the whole file, and a registry's is of the signed part alone";
                return Some(Cause {
                    name: "signature-block".into(),
                    sentence: sentence.into(),
                    right,
                });
            }
        }
        for (unwrapped, text) in repair::unwrap(bytes) {
            let mut changes: Vec<Change> = unwrapped.into_iter().collect();
            self.signed = is_signed(&text);
            if !changes.is_empty() && self.is(&text) {
                return Some(self.proved(&changes, text.into_owned()));
            }
            let found = repair::edits(self, &text)
                .or_else(|| repair::forms(self, &text))
                .or_else(|| repair::closed(self, &text));
            if let Some((more, right)) = found {
                changes.extend(more);
                return Some(self.proved(&changes, right));
            }
        }
        None
    }

    /// The digest's hex has the length of another algorithm than it says, and in that one it
    /// is right.
    ///
    /// Happens where somebody writes `sha256:` in front of the output of `sha512sum`.
    fn other_algorithm(&self, bytes: &[u8]) -> Option<Cause> {
        let said = self.expected.other_algorithm()?;
        let right = self.expected.digest.check(&self.digest_input(bytes)) == Some(true);
        right.then(|| Cause {
            name: "other-algorithm".into(),
            sentence: [
                "the digest is right as one of ",
                self.expected.digest.algorithm_name(),
                ", not of ",
                said.name(),
            ]
            .concat(),
            right: Remedy::Digest(self.expected.digest.clone()),
        })
    }

    /// A cause that a hash proved.
    ///
    /// The names of the changes are joined by `+`, in the order in which they are carried out;
    /// equal neighbours stand once.
    fn proved(&self, changes: &[Change], right: Vec<u8>) -> Cause {
        let mut name = String::new();
        let mut sentence = "the digest is that of these bytes".to_owned();
        if self.expected.other_algorithm().is_some() {
            name.push_str("other-algorithm+");
        }
        let mut names: Vec<&str> = changes.iter().map(Change::name).collect();
        names.dedup();
        name.push_str(&names.join("+"));
        for (index, change) in changes.iter().enumerate() {
            sentence.push_str(match index {
                0 => " ",
                _ if index + 1 == changes.len() => " and ",
                _ => ", ",
            });
            sentence.push_str(&change.words());
        }
        Cause {
            name,
            sentence,
            right: Remedy::Bytes(right),
        }
    }

    /// Whether the candidate has the digest; false, too, where enough was tried.
    ///
    /// Costs one hash and the candidate's length of the budget.
    fn is(&mut self, candidate: &[u8]) -> bool {
        if self.hashes == 0 || self.bytes < candidate.len() {
            self.complete = false;
            return false;
        }
        self.hashes -= 1;
        self.bytes -= candidate.len();
        self.expected.digest.check(&self.digest_input(candidate)) == Some(true)
    }

    /// A text in another layout; `None` where it is larger than what may still be hashed.
    ///
    /// `complete` is false from then on, by which `edits` and `forms` stop.
    fn laid_out(&mut self, layout: Layout, text: &[u8]) -> Option<Vec<u8>> {
        let candidate = layout.apply_within(text, self.bytes);
        self.complete &= candidate.is_some();
        candidate
    }

    /// The bytes that the digest of a candidate covers.
    ///
    /// The signed payload of schema 1, where the bytes are such a manifest and have a readable
    /// block; otherwise all of them.
    fn digest_input<'b>(&self, candidate: &'b [u8]) -> Cow<'b, [u8]> {
        if self.signed
            && let Ok(document) = json::read(candidate)
            && let Ok(payload) = jws::payload(candidate, &document.object)
        {
            return Cow::Owned(payload);
        }
        Cow::Borrowed(candidate)
    }
}

/// Whether the text stands anywhere in the bytes: far quicker than reading them.
fn holds(bytes: &[u8], text: &str) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|bytes| bytes.contains(text))
}

/// Whether the bytes are a JSON object with a member `signatures`. The text is looked for first:
/// reading a large document is slow.
fn is_signed(bytes: &[u8]) -> bool {
    holds(bytes, "\"signatures\"")
        && json::read(bytes).is_ok_and(|document| document.object.get("signatures").is_some())
}

/// What explains it and cannot be undone here.
///
/// Nothing is hashed here, so the remedy is always unknown. A length that is a power of two, 1 KiB
/// or more, hints at a buffer or a limit that cut the text, and is said.
fn seen(bytes: &[u8]) -> Option<Cause> {
    let cause = |name: &str, sentence| {
        Some(Cause {
            name: name.into(),
            sentence,
            right: Remedy::Unknown,
        })
    };
    if bytes.starts_with(b"\x1f\x8b") {
        return cause(
            "gzip",
            "these bytes are compressed with gzip, a manifest's digest is of what is inside".into(),
        );
    }
    let open = repair::open_at_end(bytes)?;
    let place = json::Position::from_offset(bytes, bytes.trim_ascii_end().len());
    let brackets = open.iter().filter(|close| **close != b'"').count();
    let mut sentence = format!(
        "the text ends early, at line {}, column {}, ",
        place.line, place.column
    );
    sentence.push_str(if brackets < open.len() {
        "in the middle of a string, with "
    } else {
        "with "
    });
    sentence.push_str(&count(brackets, "bracket"));
    sentence.push_str(" open");
    if bytes.len() >= 1024 && bytes.len().is_power_of_two() {
        sentence.push_str("; programs cut at a size such as ");
        sentence.push_str(&number(bytes.len() as u64));
    }
    cause("truncated", sentence)
}
