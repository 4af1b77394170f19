//! One file of a layer, fetched by its chunks and checked.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use waybill_core::digest::{Algorithm, Digest, Hasher};

use super::geometry::clean;
use super::{Chunk, Sum, Table};
use crate::unpack::{UnpackError, Unpacker};

/// How many requests one file may take: one, unless its chunks lie apart.
const REQUESTS: usize = 64;

/// What the content of a file was held against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// It has the digest that the table names for the whole file.
    File,
    /// Each chunk has the digest that the table names for it; for the whole it names none.
    Chunks,
    /// It is empty, so that there is nothing to check.
    Empty,
}

/// Why a file cannot be read by its chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileError {
    /// The table has no such entry.
    NoEntry,
    /// It is no regular file, nor a hard link that leads to one.
    NoFile,
    /// Its chunks do not make up the file, or lie outside of the layer.
    Chunks,
    /// It would take more than 64 requests.
    Apart,
    /// The table names no digest of it that can be computed here.
    NoDigest,
    /// A chunk does not unpack.
    Unpack(UnpackError),
    /// The bytes end before the file does.
    EndsEarly,
    /// A chunk, or the whole, has another digest than the table names.
    Digest {
        /// Where in the file the chunk stands; `None` for the whole.
        chunk: Option<u64>,
        /// The one that the table names.
        expected: Digest,
        /// The one that it has.
        found: Digest,
    },
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEntry => f.write_str("the table has no such entry"),
            Self::NoFile => f.write_str("it is no file, and no hard link to one"),
            Self::Chunks => f.write_str("its chunks do not make up the file"),
            Self::Apart => write!(
                f,
                "its chunks lie apart: it takes more than {REQUESTS} requests"
            ),
            Self::NoDigest => f.write_str("the table names no digest of it, so it is not read"),
            Self::Unpack(error) => error.fmt(f),
            Self::EndsEarly => f.write_str("the bytes that came end before the file does"),
            Self::Digest {
                chunk,
                expected,
                found,
            } => {
                match chunk {
                    Some(at) => write!(f, "the chunk at byte {at}")?,
                    None => f.write_str("the file")?,
                }
                write!(f, " has the digest {found}, the table names {expected}")
            }
        }
    }
}

impl std::error::Error for FileError {}

/// Reads one file of a layer without the rest of it.
///
/// Ask for the range of [`need`](Self::need), push its bytes as they come, and do so again until
/// nothing is needed; then [`finish`](Self::finish). What is told on the way was not checked
/// yet: show nothing of it before `finish` says that it holds.
#[derive(Debug)]
pub struct FileFetch {
    /// Members or frames that are still to come, in their order; the first is being read.
    frames: VecDeque<Frame>,
    /// Where in the blob the next byte stands; `None` before the first of a range.
    position: Option<u64>,
    unpacker: Unpacker,
    /// How many bytes the present frame unpacked to.
    unpacked: u64,
    whole: Whole,
    failed: Option<FileError>,
}

/// A member or frame, with what of the file is in it.
#[derive(Debug)]
struct Frame {
    range: Range<u64>,
    parts: VecDeque<Part>,
}

/// A chunk, as it is read.
#[derive(Debug)]
struct Part {
    inner: u64,
    at: u64,
    missing: u64,
    sum: Option<(Digest, Hasher)>,
}

/// The file, as it is read.
#[derive(Debug)]
struct Whole {
    sum: Option<Digest>,
    hasher: Hasher,
    size: u64,
}

impl FileFetch {
    /// Of the entry at that index; hard links are followed to their file.
    pub fn new(table: &Table, index: usize) -> Result<Self, FileError> {
        let mut entry = table.entries.get(index).ok_or(FileError::NoEntry)?;
        // A way that is longer leads in a circle, or is one that nobody made.
        for _ in 0..16 {
            if entry.kind != b'1' {
                break;
            }
            let target = clean(&entry.link);
            let found = table.entries.iter().rev();
            let found = found.into_iter().find(|it| clean(&it.name) == target);
            entry = found.ok_or(FileError::NoFile)?;
        }
        if entry.kind != b'0' {
            return Err(FileError::NoFile);
        }
        let chunks = table.chunks(entry);
        let sum = entry.content.digest();
        let has_sums = chunks.iter().all(|chunk| chunk.sum.digest().is_some());
        if sum.is_none() && !has_sums && entry.size > 0 {
            return Err(FileError::NoDigest);
        }
        let algorithm = sum.as_ref().and_then(Digest::algorithm);
        Ok(Self {
            frames: frames(chunks, entry.size, table.end)?,
            position: None,
            unpacker: Unpacker::new(),
            unpacked: 0,
            whole: Whole {
                sum,
                hasher: Hasher::new(algorithm.unwrap_or(Algorithm::Sha256)),
                size: entry.size,
            },
            failed: None,
        })
    }

    /// How many bytes the file has, as the table says.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.whole.size
    }

    /// The range of the blob to ask for next, in one request; `None` once all came.
    #[must_use]
    pub fn need(&self) -> Option<Range<u64>> {
        let mut frames = self.frames.iter();
        let mut range = frames.next()?.range.clone();
        for frame in frames {
            if frame.range.start != range.end {
                break;
            }
            range.end = frame.range.end;
        }
        // Where a connection broke off, the rest is enough.
        range.start = self.position.unwrap_or(range.start);
        Some(range)
    }

    /// Takes the next bytes of the range, and tells what of the file is in them.
    pub fn push(&mut self, mut bytes: &[u8], tell: &mut dyn FnMut(&[u8])) -> Result<(), FileError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        while !bytes.is_empty() {
            let Some(frame) = self.frames.front() else {
                return Ok(());
            };
            let position = self.position.unwrap_or(frame.range.start);
            let left = usize::try_from(frame.range.end - position).unwrap_or(usize::MAX);
            let (piece, rest) = bytes.split_at(bytes.len().min(left));
            self.take(piece, tell).inspect_err(|error| {
                self.failed = Some(error.clone());
            })?;
            bytes = rest;
        }
        Ok(())
    }

    /// Takes bytes of the first frame alone.
    fn take(&mut self, bytes: &[u8], tell: &mut dyn FnMut(&[u8])) -> Result<(), FileError> {
        let Some(frame) = self.frames.front_mut() else {
            return Ok(());
        };
        let position = self.position.unwrap_or(frame.range.start) + bytes.len() as u64;
        let is_end = position >= frame.range.end;
        // Behind what is wanted stand the headers of the next file.
        if !frame.parts.is_empty() {
            let (unpacked, whole) = (&mut self.unpacked, &mut self.whole);
            let mut wrong = None;
            let mut take = |bytes: &[u8]| {
                let taken = frame.take(bytes, unpacked, whole, tell);
                wrong = wrong.take().or(taken.err());
            };
            let mut pushed = self.unpacker.push(bytes, &mut take);
            if is_end && pushed.is_ok() {
                let unpacker = std::mem::take(&mut self.unpacker);
                pushed = unpacker.finish(&mut take).map(drop);
            }
            if let Some(error) = wrong {
                return Err(error);
            }
            if !frame.parts.is_empty() {
                pushed.map_err(FileError::Unpack)?;
                if is_end {
                    return Err(FileError::EndsEarly);
                }
            }
        }
        self.position = Some(position);
        if is_end {
            self.frames.pop_front();
            self.unpacker = Unpacker::new();
            self.unpacked = 0;
            let next = self.frames.front().map(|frame| frame.range.start);
            self.position = next.filter(|next| *next == position);
        }
        Ok(())
    }

    /// Says what the content was held against, once all came.
    pub fn finish(self) -> Result<Proof, FileError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.frames.iter().any(|frame| !frame.parts.is_empty()) {
            return Err(FileError::EndsEarly);
        }
        match self.whole.sum {
            Some(expected) => {
                let found = self.whole.hasher.finish();
                same(None, expected, found).map(|()| Proof::File)
            }
            None if self.whole.size == 0 => Ok(Proof::Empty),
            None => Ok(Proof::Chunks),
        }
    }
}

impl Frame {
    /// Takes what the frame unpacks to.
    fn take(
        &mut self,
        mut bytes: &[u8],
        unpacked: &mut u64,
        whole: &mut Whole,
        tell: &mut dyn FnMut(&[u8]),
    ) -> Result<(), FileError> {
        while let Some(part) = self.parts.front_mut() {
            let before = part.inner.saturating_sub(*unpacked);
            let before = usize::try_from(before).unwrap_or(usize::MAX);
            let skipped = bytes.len().min(before);
            *unpacked += skipped as u64;
            bytes = &bytes[skipped..];
            let missing = usize::try_from(part.missing).unwrap_or(usize::MAX);
            let (piece, rest) = bytes.split_at(bytes.len().min(missing));
            *unpacked += piece.len() as u64;
            // What is taken is no more than a chunk has, so the place behind it is one.
            part.inner += piece.len() as u64;
            part.missing -= piece.len() as u64;
            if let Some((_, hasher)) = &mut part.sum {
                hasher.update(piece);
            }
            whole.hasher.update(piece);
            tell(piece);
            bytes = rest;
            if part.missing > 0 {
                break;
            }
            let part = self.parts.pop_front();
            if let Some(Part {
                at,
                sum: Some((expected, hasher)),
                ..
            }) = part
            {
                same(Some(at), expected, hasher.finish())?;
            }
        }
        Ok(())
    }
}

fn same(chunk: Option<u64>, expected: Digest, found: Digest) -> Result<(), FileError> {
    if expected == found {
        Ok(())
    } else {
        Err(FileError::Digest {
            chunk,
            expected,
            found,
        })
    }
}

/// Groups the chunks of a file by the member or frame that holds them.
fn frames(chunks: &[Chunk], size: u64, end: u64) -> Result<VecDeque<Frame>, FileError> {
    let mut frames: VecDeque<Frame> = VecDeque::new();
    let mut at = 0_u64;
    let mut requests = 0;
    for chunk in chunks {
        if chunk.at != at || chunk.offset >= chunk.end || chunk.end > end {
            return Err(FileError::Chunks);
        }
        at = at.checked_add(chunk.size).ok_or(FileError::Chunks)?;
        if chunk.inner.checked_add(chunk.size).is_none() {
            return Err(FileError::Chunks);
        }
        if chunk.size == 0 {
            continue;
        }
        let sum = chunk.sum.digest().filter(|_| chunk.sum != Sum::Absent);
        let part = Part {
            inner: chunk.inner,
            at: chunk.at,
            missing: chunk.size,
            sum: sum.and_then(|sum| Some((sum.clone(), Hasher::new(sum.algorithm()?)))),
        };
        let last = frames.back_mut();
        let is_next = last.as_ref().is_some_and(|it| it.range.end == chunk.offset);
        if let Some(frame) = last.filter(|it| it.range.start == chunk.offset) {
            // One behind the other: what was unpacked is gone.
            let before = frame.parts.back();
            if before.is_some_and(|before| before.inner + before.missing > part.inner) {
                return Err(FileError::Chunks);
            }
            frame.range.end = frame.range.end.max(chunk.end);
            frame.parts.push_back(part);
        } else {
            requests += usize::from(!is_next);
            frames.push_back(Frame {
                range: chunk.range(),
                parts: VecDeque::from([part]),
            });
        }
        if requests > REQUESTS {
            return Err(FileError::Apart);
        }
    }
    if at == size {
        Ok(frames)
    } else {
        Err(FileError::Chunks)
    }
}
