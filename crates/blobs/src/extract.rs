//! The content of one file, out of a layer that streams: holes of a sparse file are put back.
//!
//! ```
//! use waybill_blobs::extract::{Content, Piece};
//! use waybill_blobs::tar::Entry;
//!
//! // Two bytes, a hole of two, and two more.
//! let entry = Entry { kind: b'0', size: 6, sparse: Some(vec![(0, 2), (4, 2)]), ..Entry::default() };
//! let mut content = Content::of(&entry);
//! let mut file = Vec::new();
//! content.push(b"abcd", &mut |piece| match piece {
//!     Piece::Bytes(bytes) => file.extend_from_slice(bytes),
//!     Piece::Zeros(count) => file.resize(file.len() + count as usize, 0),
//! });
//! assert!(content.is_whole() && file == b"ab\0\0cd");
//! ```

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use waybill_core::digest::{Algorithm, Digest, Hasher};

use crate::tar::Entry;

/// The content of a file of which the bytes come one after the other.
#[derive(Debug)]
pub struct Content {
    /// What is still to come, in order.
    parts: VecDeque<Part>,
    hasher: Hasher,
    told: u64,
}

/// A piece of a content, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// So many bytes of zero: a hole of a sparse file.
    Zeros(u64),
}

/// What a content was found to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    /// The digest of what was told.
    pub digest: Digest,
    /// How many bytes were told.
    pub size: u64,
    /// Whether that is all of it.
    pub is_whole: bool,
}

/// So many bytes of a file, above 0.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// That the archive has.
    There(u64),
    /// Of a hole.
    Hole(u64),
}

impl Content {
    /// Of an entry, of which nothing came yet. A link has none: it is its target's.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        // Links, devices and directories may state a size, and have no content.
        let size = match entry.kind {
            b'1'..=b'6' => 0,
            _ => u64::try_from(entry.size).unwrap_or(0),
        };
        let whole = [(0, size)];
        let runs = entry.sparse.as_deref().unwrap_or(&whole);
        let (mut parts, mut at) = (VecDeque::new(), 0);
        for (from, length) in runs.iter().copied() {
            parts.push_back(Part::Hole(from.saturating_sub(at)));
            parts.push_back(Part::There(length));
            at = from.saturating_add(length);
        }
        parts.push_back(Part::Hole(size.saturating_sub(at)));
        parts.retain(|part| !matches!(part, Part::There(0) | Part::Hole(0)));
        Self {
            parts,
            hasher: Hasher::new(Algorithm::Sha256),
            told: 0,
        }
    }

    /// Takes the next bytes that the archive has of it, and tells them, with the holes before,
    /// between and right behind them.
    ///
    /// A hole may be as large as any number says, and is hashed as its zeros are: whoever asks for
    /// a file of such a size has been told.
    pub fn push(&mut self, mut bytes: &[u8], tell: &mut dyn FnMut(Piece<'_>)) {
        while let Some(part) = self.parts.front_mut() {
            let piece = match part {
                Part::Hole(count) => {
                    let piece = Piece::Zeros(*count);
                    self.parts.pop_front();
                    piece
                }
                Part::There(_) if bytes.is_empty() => return,
                Part::There(missing) => {
                    let length = usize::try_from(*missing).unwrap_or(usize::MAX);
                    let (these, behind) = bytes.split_at(length.min(bytes.len()));
                    bytes = behind;
                    *missing -= these.len() as u64;
                    if *missing == 0 {
                        self.parts.pop_front();
                    }
                    Piece::Bytes(these)
                }
            };
            self.hash(piece);
            tell(piece);
        }
    }

    fn hash(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Bytes(bytes) => {
                self.hasher.update(bytes);
                self.told += bytes.len() as u64;
            }
            Piece::Zeros(count) => {
                let zeros = [0; 4096];
                let mut left = count;
                while left > 0 {
                    let length = zeros
                        .len()
                        .min(usize::try_from(left).unwrap_or(zeros.len()));
                    self.hasher.update(&zeros[..length]);
                    left -= length as u64;
                }
                self.told = self.told.saturating_add(count);
            }
        }
    }

    /// Tells whether all of it came.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.parts.is_empty()
    }

    /// Ends it where its bytes end.
    #[must_use]
    pub fn finish(self) -> Extracted {
        Extracted {
            is_whole: self.is_whole(),
            digest: self.hasher.finish(),
            size: self.told,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tar::Run;

    fn entry(size: i64, sparse: Option<Vec<Run>>) -> Entry {
        Entry {
            kind: b'0',
            size,
            sparse,
            ..Entry::default()
        }
    }

    #[test]
    fn holes_are_put_back_where_they_were() {
        for (size, sparse, says) in [
            (5, None, "abcde"),
            (0, None, ""),
            (9, Some(vec![(0, 2), (4, 3)]), "ab..cde.."),
            (9, Some(vec![(4, 5), (9, 0)]), "....abcde"),
            (3, Some(vec![]), "..."),
        ] {
            for step in 1..6 {
                let mut content = Content::of(&entry(size, sparse.clone()));
                let mut told = String::new();
                let mut tell = |piece: Piece<'_>| match piece {
                    Piece::Bytes(bytes) => told += &String::from_utf8_lossy(bytes),
                    Piece::Zeros(count) => told += &".".repeat(usize::try_from(count).unwrap_or(0)),
                };
                content.push(&[], &mut tell);
                for bytes in b"abcde".chunks(step) {
                    content.push(bytes, &mut tell);
                }
                assert_eq!(told, says, "by {step}");
                let found = content.finish();
                let bytes = says.replace('.', "\0");
                assert_eq!(found.digest, Digest::sha256(bytes.as_bytes()));
                assert_eq!((found.size, found.is_whole), (bytes.len() as u64, true));
            }
        }
    }

    #[test]
    fn a_long_hole_hashes_as_its_zeros() {
        let mut content = Content::of(&entry(10_000, Some(vec![])));
        content.push(&[], &mut |_| {});
        assert_eq!(content.finish().digest, Digest::sha256(&[0; 10_000]));
    }

    #[test]
    fn what_ends_early_is_not_whole_and_a_link_has_nothing() {
        let mut content = Content::of(&entry(5, None));
        content.push(b"abc", &mut |_| {});
        assert!(!content.finish().is_whole);
        let link = Entry {
            kind: b'1',
            ..entry(5, None)
        };
        assert!(Content::of(&link).is_whole());
    }
}
