//! One file out of a layer, while the layer streams.
//!
//! ```
//! use waybill_blobs::extract::{Extract, Piece};
//!
//! let mut extract = Extract::new(0);
//! let mut file = Vec::new();
//! extract.push(&[0; 1024], &mut |piece| {
//!     if let Piece::Bytes(bytes) = piece {
//!         file.extend_from_slice(bytes);
//!     }
//! });
//! // An archive of no entries has no first one.
//! assert_eq!(extract.finish(&mut |_| {}).map(|end| end.is_whole), Ok(false));
//! ```

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use waybill_core::digest::{Algorithm, Digest, Hasher};

use crate::sniff::Compression;
use crate::tar::{Entry, Event, Reader, TarError};
use crate::unpack::{UnpackError, Unpacker};

/// Finds an entry of a layer, and tells its content. What stands before it is unpacked and
/// forgotten; what stands behind it is not wanted.
#[derive(Debug)]
pub struct Extract {
    unpacker: Unpacker,
    failed: Option<UnpackError>,
    found: Finding,
}

/// A piece of the content, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// So many bytes of zero: a hole of a sparse file.
    Zeros(u64),
}

/// What the content was found to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    /// The digest of what was told.
    pub digest: Digest,
    /// How many bytes were told.
    pub size: u64,
    /// Whether that is all of it.
    pub is_whole: bool,
}

/// Why no content came, or not all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExtractError {
    /// The layer does not unpack that far.
    Unpack(UnpackError),
    /// Its archive is broken before that place.
    Archive(TarError),
}

impl std::fmt::Display for ExtractError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unpack(error) => error.fmt(f),
            Self::Archive(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExtractError {}

#[derive(Debug)]
struct Finding {
    archive: Reader,
    failed: Option<TarError>,
    /// How many entries come before it.
    before: u64,
    place: Place,
    hasher: Hasher,
    /// How many bytes were told.
    told: u64,
}

#[derive(Debug)]
enum Place {
    /// It did not come yet.
    Before,
    /// It is coming: what is still to be told, in order.
    Inside(VecDeque<Part>),
    /// All of it was told.
    Behind,
}

/// So many bytes of a file, above 0.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// That the archive has.
    There(u64),
    /// Of a hole.
    Hole(u64),
}

impl Extract {
    /// Of the entry of that number, counted from 0 in the order in which they are written. It has
    /// to be one that has content: a hard link has its target's.
    #[must_use]
    pub fn new(entry: u64) -> Self {
        Self {
            unpacker: Unpacker::new(),
            failed: None,
            found: Finding {
                archive: Reader::new(),
                failed: None,
                before: entry,
                place: Place::Before,
                hasher: Hasher::new(Algorithm::Sha256),
                told: 0,
            },
        }
    }

    /// Takes the next bytes of the layer, and tells what they hold of the content. False once
    /// nothing more is wanted: the content is whole, or does not come any more.
    pub fn push(&mut self, bytes: &[u8], tell: &mut dyn FnMut(Piece<'_>)) -> bool {
        if self.failed.is_none() {
            let found = &mut self.found;
            let pushed = self
                .unpacker
                .push(bytes, &mut |bytes| found.take(bytes, tell));
            self.failed = pushed.err();
        }
        self.failed.is_none() && self.found.is_wanted()
    }

    /// How many bytes of the content were told.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.found.told
    }

    /// How the layer is compressed, once that is known.
    #[must_use]
    pub fn compression(&self) -> Option<Compression> {
        self.unpacker.compression()
    }

    /// Ends where the bytes of the layer end, or where nothing more is wanted.
    ///
    /// # Errors
    ///
    /// Fails where the layer or its archive is broken before the end of the content.
    pub fn finish(mut self, tell: &mut dyn FnMut(Piece<'_>)) -> Result<Extracted, ExtractError> {
        if self.found.is_wanted() && self.failed.is_none() {
            let found = &mut self.found;
            let ended = self.unpacker.finish(&mut |bytes| found.take(bytes, tell));
            self.failed = ended.err();
        }
        let is_whole = matches!(self.found.place, Place::Behind);
        match (self.failed, self.found.failed) {
            (_, Some(error)) if !is_whole => Err(ExtractError::Archive(error)),
            (Some(error), _) if !is_whole => Err(ExtractError::Unpack(error)),
            (Some(_) | None, Some(_) | None) => Ok(Extracted {
                digest: self.found.hasher.finish(),
                size: self.found.told,
                is_whole,
            }),
        }
    }
}

impl Finding {
    fn is_wanted(&self) -> bool {
        self.failed.is_none() && !matches!(self.place, Place::Behind)
    }

    /// Takes bytes of the archive.
    fn take(&mut self, bytes: &[u8], tell: &mut dyn FnMut(Piece<'_>)) {
        if !self.is_wanted() {
            return;
        }
        let Self {
            archive,
            before,
            place,
            hasher,
            told,
            ..
        } = self;
        let mut tell = |piece: Piece<'_>| {
            match piece {
                Piece::Bytes(bytes) => {
                    hasher.update(bytes);
                    *told += bytes.len() as u64;
                }
                Piece::Zeros(count) => {
                    hash_zeros(hasher, count);
                    *told += count;
                }
            }
            tell(piece);
        };
        let pushed = archive.push(bytes, &mut |event| {
            match (event, &mut *place) {
                (Event::Entry(entry), Place::Before) => match before.checked_sub(1) {
                    Some(left) => *before = left,
                    None => *place = Place::Inside(parts(&entry)),
                },
                (Event::Data(bytes), Place::Inside(parts)) => fill(parts, bytes, &mut tell),
                (Event::Entry(_) | Event::Data(_), _) => {}
            }
            place.end(&mut tell);
        });
        self.failed = pushed.err();
    }
}

impl Place {
    /// Tells the holes that come next, and ends where nothing comes behind them.
    fn end(&mut self, tell: &mut dyn FnMut(Piece<'_>)) {
        if let Self::Inside(parts) = self {
            fill(parts, &[], tell);
            if parts.is_empty() {
                *self = Self::Behind;
            }
        }
    }
}

/// The parts of an entry's content.
fn parts(entry: &Entry) -> VecDeque<Part> {
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
    parts
}

/// Tells bytes of the archive, and the holes that stand before, between and right behind them.
fn fill(parts: &mut VecDeque<Part>, mut bytes: &[u8], tell: &mut dyn FnMut(Piece<'_>)) {
    while let Some(part) = parts.front_mut() {
        match part {
            Part::Hole(count) => {
                tell(Piece::Zeros(*count));
                parts.pop_front();
            }
            Part::There(_) if bytes.is_empty() => return,
            Part::There(missing) => {
                let length = usize::try_from(*missing).unwrap_or(usize::MAX);
                let (these, behind) = bytes.split_at(length.min(bytes.len()));
                tell(Piece::Bytes(these));
                bytes = behind;
                *missing -= these.len() as u64;
                if *missing == 0 {
                    parts.pop_front();
                }
            }
        }
    }
}

/// Takes the zeros of a hole into a hash. A hole may be as large as any number says, so whoever
/// asks for a file of that size has to be asked first.
fn hash_zeros(hasher: &mut Hasher, mut count: u64) {
    let zeros = [0; 4096];
    while count > 0 {
        let length = zeros
            .len()
            .min(usize::try_from(count).unwrap_or(zeros.len()));
        hasher.update(&zeros[..length]);
        count -= length as u64;
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
                let mut parts = parts(&entry(size, sparse.clone()));
                let mut told = String::new();
                let mut tell = |piece: Piece<'_>| match piece {
                    Piece::Bytes(bytes) => told += std::str::from_utf8(bytes).unwrap(),
                    Piece::Zeros(count) => told += &".".repeat(usize::try_from(count).unwrap()),
                };
                fill(&mut parts, &[], &mut tell);
                for bytes in b"abcde".chunks(step) {
                    fill(&mut parts, bytes, &mut tell);
                }
                assert!(parts.is_empty());
                assert_eq!(told, says, "by {step}");
            }
        }
    }

    #[test]
    fn a_hole_hashes_as_its_zeros() {
        let mut hasher = Hasher::new(Algorithm::Sha256);
        hash_zeros(&mut hasher, 10_000);
        assert_eq!(hasher.finish(), Digest::sha256(&[0; 10_000]));
    }
}
