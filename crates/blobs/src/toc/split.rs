//! tar-split data: from them and the files an engine writes the archive again, byte by byte.
//!
//! They are lines of JSON, compressed with zstd: a segment of the archive in base64, or a file of
//! so many bytes, whose content is elsewhere. Podman writes the headers of an exported layer from
//! them, so they are the third account of the same files.
//!
//! Sources: vbatts/tar-split `tar/storage`, `tar/asm/iterate.go`; containers/storage
//! `pkg/chunked/compression_linux.go`.

use std::fmt;

use base64ct::{Base64, Encoding};
use serde::Deserialize;

use super::compare::{Pairs, compare};
use super::fetch::{Failed, unpack};
use super::{Problems, TABLE_BYTES, Table};
use crate::finding::Code;
use crate::tar::{self, Event, Reader};
use crate::unpack::UnpackError;

/// The archive that tar-split data describe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitArchive {
    parts: Vec<Part>,
    /// What was compared of an archive: the part, and the place in it.
    part: usize,
    within: u64,
    /// Where in the archive that is.
    position: u64,
    /// Where it is another one.
    differs_at: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// Bytes of the archive: headers, and what fills up blocks.
    Segment(Vec<u8>),
    /// The content of a file.
    File(u64),
}

impl Part {
    fn length(&self) -> u64 {
        match self {
            Self::Segment(bytes) => bytes.len() as u64,
            Self::File(size) => *size,
        }
    }
}

/// Why tar-split data cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SplitError {
    /// They do not unpack.
    Unpack(UnpackError),
    /// They unpack to more than [`TABLE_BYTES`].
    TooLarge,
    /// They are not what tar-split writes, at this line or what stands in its place.
    Form(usize),
}

impl fmt::Display for SplitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unpack(error) => write!(f, "the tar-split data: {error}"),
            Self::TooLarge => {
                let limit = TABLE_BYTES >> 20;
                write!(f, "the tar-split data have more than {limit} MiB")
            }
            Self::Form(line) => write!(f, "the tar-split data are not of their form, line {line}"),
        }
    }
}

impl std::error::Error for SplitError {}

/// One line. Go would also take its names in other letters, which nobody writes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    r#type: u8,
    #[serde(default)]
    size: u64,
    #[serde(borrow, default)]
    payload: Option<std::borrow::Cow<'a, str>>,
    #[serde(default, rename = "name")]
    _name: serde::de::IgnoredAny,
    #[serde(default, rename = "name_raw")]
    _name_raw: serde::de::IgnoredAny,
    #[serde(default, rename = "position")]
    _position: serde::de::IgnoredAny,
}

impl SplitArchive {
    /// Reads the data that [`TarSplit::Checked`](super::TarSplit::Checked) has.
    pub fn read(packed: &[u8]) -> Result<Self, SplitError> {
        let unpacked = unpack(packed).map_err(|failed| match failed {
            Failed::TooLarge => SplitError::TooLarge,
            Failed::Unpack(error) => SplitError::Unpack(error),
        })?;
        let lines = serde_json::Deserializer::from_slice(&unpacked).into_iter::<Line<'_>>();
        let mut parts = Vec::new();
        for (index, line) in lines.enumerate() {
            let wrong = SplitError::Form(index + 1);
            let line = line.map_err(|_| wrong.clone())?;
            parts.push(match line.r#type {
                1 => Part::File(line.size),
                2 => {
                    let text = line.payload.unwrap_or_default();
                    Part::Segment(Base64::decode_vec(&text).map_err(|_| wrong)?)
                }
                _ => return Err(wrong),
            });
        }
        Ok(Self {
            parts,
            part: 0,
            within: 0,
            position: 0,
            differs_at: None,
        })
    }

    /// Compares the headers in it with the table's entries.
    #[must_use]
    pub fn compare(&self, table: &Table) -> Problems {
        let mut problems = Problems::default();
        let mut pairs = Pairs::of(table);
        let by = "the tar-split data";
        let mut padding = 0;
        for part in &self.parts {
            let Part::Segment(bytes) = part else {
                continue;
            };
            // A segment begins with what fills up the file before it, and holds one header.
            let Some(Ok(header)) = bytes.get(padding..).map(first_header) else {
                let message = "they have a header that cannot be read";
                problems.push(Code::TarSplit, b"", message);
                return problems;
            };
            padding = 0;
            let Some(header) = header else {
                continue;
            };
            if !matches!(header.kind, b'1'..=b'6') {
                let size = usize::try_from(header.size).unwrap_or_default();
                padding = (512 - size % 512) % 512;
            }
            if header.kind == b'g' {
                continue;
            }
            let index = pairs.take(table, &header.name);
            if let Some(entry) = index.and_then(|index| table.entries.get(index)) {
                compare(entry, &header, Code::TarSplit, by, &mut problems);
            } else {
                let message = "the tar-split data have it, the table has not";
                problems.push(Code::TarSplit, &header.name, message);
            }
        }
        pairs.left(table, by, Code::TarSplit, &mut problems);
        problems
    }

    /// Takes the bytes of the unpacked layer as they come, and compares all but the contents of
    /// files with the archive that would be written again.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while self.differs_at.is_none() && !bytes.is_empty() {
            let Some(part) = self.parts.get(self.part) else {
                self.differs_at = Some(self.position);
                return;
            };
            let left = part.length().saturating_sub(self.within);
            let left = usize::try_from(left).unwrap_or(usize::MAX);
            let (piece, rest) = bytes.split_at(bytes.len().min(left));
            if let Part::Segment(segment) = part {
                let from = usize::try_from(self.within).unwrap_or(usize::MAX);
                let expected = segment.get(from..).unwrap_or_default().iter();
                let same = expected.zip(piece).take_while(|(a, b)| a == b).count();
                if same < piece.len() {
                    self.differs_at = Some(self.position + same as u64);
                    return;
                }
            }
            self.within += piece.len() as u64;
            self.position += piece.len() as u64;
            bytes = rest;
            if piece.len() == left {
                self.part += 1;
                self.within = 0;
            }
        }
    }

    /// Says where the unpacked layer is another one, once all of it came; `None` where it is the
    /// same.
    #[must_use]
    pub fn finish(self) -> Option<u64> {
        let rest = self.parts.iter().skip(self.part).map(Part::length);
        let is_whole = rest.fold(0, u64::saturating_add) == self.within;
        self.differs_at.or((!is_whole).then_some(self.position))
    }
}

/// The header that a segment holds, with what extends it; `None` in the end of an archive.
fn first_header(bytes: &[u8]) -> Result<Option<tar::Entry>, ()> {
    let mut header = None;
    let mut reader = Reader::new();
    let read = reader.push(bytes, &mut |event| match event {
        Event::Entry(entry) if header.is_none() => header = Some(*entry),
        Event::Entry(_) | Event::Data(_) => {}
    });
    match (header, read) {
        (Some(header), _) => Ok(Some(header)),
        (None, Ok(())) => Ok(None),
        (None, Err(_)) => Err(()),
    }
}
