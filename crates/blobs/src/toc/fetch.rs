//! Which bytes of a layer to ask for, so that its table of contents is there and checked.

use std::fmt;
use std::ops::Range;

use waybill_core::digest::Digest;

use super::announced::{Announced, Format, Position};
use super::footer::{Footer, LONGEST, SKIPPABLE};
use super::read::ReadError;
use super::{Problems, TABLE_BYTES, TABLE_NAME, Table};
use crate::finding::Code;
use crate::tar::{Event, Reader, TarError};
use crate::unpack::{UnpackError, Unpacker};

/// How much of the end of a blob is asked for at first, where only that tells where the table
/// is: in a small layer the table is in it.
const TAIL: u64 = 64 << 10;

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask for these bytes of the blob, in one request, and give them to [`Fetch::answer`].
    Need(Range<u64>),
    /// The table is there, and has the digest that the manifest names.
    Done(Box<Fetched>),
    /// It cannot be had; the layer itself may be read in full.
    Failed(TocError),
}

/// A table of contents that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The table.
    pub table: Table,
    /// The tar-split data, which zstd:chunked has beside it.
    pub tar_split: TarSplit,
    /// What is wrong with the annotations, and with where things stand. What is wrong in the
    /// table is told by [`Table::check`].
    pub problems: Problems,
}

/// The data from which an engine writes the archive again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TarSplit {
    /// There are none.
    None,
    /// They are there, and the table names no digest of them: no engine uses them.
    Unchecked,
    /// They have another digest, or are not where the annotation says.
    Wrong,
    /// They have the digest that the table names; compressed as they came.
    Checked(Vec<u8>),
}

/// Why a table of contents cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TocError {
    /// The manifest names no digest of the table that can be computed here.
    NoDigest,
    /// The last bytes of the layer do not say where the table is.
    NoFooter,
    /// The table stands outside of the layer.
    Outside,
    /// It has more than [`TABLE_BYTES`], as said here or as it comes.
    TooLarge,
    /// The table is in an image of its own.
    External,
    /// The answer does not hold the bytes that were asked for.
    Answer,
    /// It does not unpack.
    Unpack(UnpackError),
    /// It is no archive with a table in it.
    Archive(Option<TarError>),
    /// It has another digest than the manifest names.
    Digest {
        /// The one that the manifest names.
        expected: Digest,
        /// The one that it has.
        found: Digest,
    },
    /// It has the right digest and cannot be read.
    Read(ReadError),
}

impl fmt::Display for TocError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDigest => f.write_str(
                "the manifest names no digest of the table that can be computed here, so nothing \
                 of the table is used",
            ),
            Self::NoFooter => f.write_str("the layer does not end as one with a table does"),
            Self::Outside => f.write_str("the table is said to stand outside of the layer"),
            Self::TooLarge => write!(f, "the table has more than {} MiB", TABLE_BYTES >> 20),
            Self::External => f.write_str(
                "the table is in an image of its own, of the same name with -esgztoc behind it",
            ),
            Self::Answer => f.write_str("the registry sent other bytes than were asked for"),
            Self::Unpack(error) => write!(f, "the table: {error}"),
            Self::Archive(None) => write!(f, "the table is not in an entry {TABLE_NAME}"),
            Self::Archive(Some(error)) => write!(f, "the table's archive: {error}"),
            Self::Digest { expected, found } => write!(
                f,
                "the table has the digest {found}, the manifest names {expected}"
            ),
            Self::Read(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for TocError {}

impl TocError {
    /// Whether the layer is not what its annotations say, so that engines that go by the table
    /// fail on it. Else nobody here could know.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        match self {
            Self::NoFooter
            | Self::Outside
            | Self::Unpack(_)
            | Self::Archive(_)
            | Self::Digest { .. }
            | Self::Read(_) => true,
            Self::NoDigest | Self::TooLarge | Self::External | Self::Answer => false,
        }
    }
}

/// Gets the table of contents of one layer, by at most two requests.
///
/// Each range is `bytes=a-b` with both ends, and one alone: registries refuse several, and a
/// browser asks the registry before it sends a suffix.
///
/// ```
/// use waybill_blobs::toc::{Announced, Fetch, Step, TocError};
/// use waybill_core::descriptor::Descriptor;
///
/// let mut layer = Descriptor::default();
/// let digest = format!("sha256:{}", "0".repeat(64));
/// layer.annotations.set("containerd.io/snapshot/stargz/toc.digest", digest);
/// let announced = Announced::by(&layer).expect("a table");
/// let (mut fetch, step) = Fetch::begin(announced, 100_000);
/// assert_eq!(step, Step::Need(34_464..100_000));
/// let step = fetch.answer(34_464, &[0; 65_536]);
/// assert_eq!(step, Step::Failed(TocError::NoFooter));
/// ```
#[derive(Clone, Debug)]
pub struct Fetch {
    announced: Announced,
    /// The size of the blob.
    size: u64,
    place: Place,
}

/// What was asked for.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// The end of the blob.
    Tail,
    /// A member with eStargz's table, between these places.
    Member(u64, u64),
    /// zstd:chunked's table, and whatever else is in the answer.
    Frame(Position),
}

impl Fetch {
    /// Begins with what the annotations say, and the size of the blob by its descriptor.
    #[must_use]
    pub fn begin(announced: Announced, size: u64) -> (Self, Step) {
        let mut fetch = Self {
            announced,
            size,
            place: Place::Tail,
        };
        let announced = &fetch.announced;
        let has_digest = announced.packed_digest.is_some() || announced.unpacked_digest.is_some();
        let step = match announced.position {
            _ if !has_digest => Step::Failed(TocError::NoDigest),
            Some(position) if announced.format == Format::ZstdChunked => fetch.frame(position),
            _ => Step::Need(tail(size)),
        };
        (fetch, step)
    }

    /// Takes the answer to [`Step::Need`]: bytes of the blob from `offset` on. More than was
    /// asked for does not hurt, as where a registry sends all of a small layer.
    pub fn answer(&mut self, offset: u64, bytes: &[u8]) -> Step {
        let answer = Answer { offset, bytes };
        let next = match self.place {
            Place::Tail => self.tail(answer),
            Place::Member(from, to) => self.member(answer, from, to),
            Place::Frame(position) => self.table(answer, position),
        };
        next.unwrap_or_else(Step::Failed)
    }

    /// Asks for the frame of a table.
    fn frame(&mut self, table: Position) -> Step {
        match frame(table, self.announced.tar_split, self.size) {
            Ok(range) => {
                self.place = Place::Frame(table);
                Step::Need(range)
            }
            Err(error) => Step::Failed(error),
        }
    }

    fn tail(&mut self, answer: Answer<'_>) -> Result<Step, TocError> {
        let tail = answer.part(self.size.saturating_sub(TAIL), self.size)?;
        let footer = Footer::at_end_of(tail).ok_or(TocError::NoFooter)?;
        match footer {
            Footer::External => Err(TocError::External),
            Footer::Estargz { table, length } => {
                let end = self.size.saturating_sub(length);
                if table >= end {
                    return Err(TocError::Outside);
                }
                if end - table > TABLE_BYTES {
                    return Err(TocError::TooLarge);
                }
                if answer.part(table, end).is_ok() {
                    return self.member(answer, table, end);
                }
                self.place = Place::Member(table, end);
                Ok(Step::Need(table..end))
            }
            Footer::Chunked { table, tar_split } => {
                self.announced.format = Format::ZstdChunked;
                self.announced.tar_split = self.announced.tar_split.or(tar_split);
                let step = self.frame(table);
                match &step {
                    Step::Need(range) if answer.part(range.start, range.end).is_ok() => {
                        self.table(answer, table)
                    }
                    Step::Need(_) | Step::Done(_) | Step::Failed(_) => Ok(step),
                }
            }
        }
    }

    /// Reads eStargz's table: an archive in a gzip member, with the table as its first file.
    fn member(&self, answer: Answer<'_>, from: u64, to: u64) -> Result<Step, TocError> {
        let packed = answer.part(from, to)?;
        let archive = unpack(packed).map_err(TocError::from)?;
        let mut names = 0_usize;
        let mut json = Vec::new();
        let mut is_table = false;
        let read = Reader::new().push(&archive, &mut |event| match event {
            Event::Entry(entry) => {
                names += 1;
                is_table = names == 1 && entry.name == TABLE_NAME.as_bytes();
            }
            Event::Data(data) if is_table => json.extend_from_slice(data),
            Event::Data(_) => {}
        });
        if names == 0 || json.is_empty() {
            return Err(TocError::Archive(read.err()));
        }
        // The other digest is of other bytes, even where annotations name that alone.
        let expected = self.announced.unpacked_digest.as_ref();
        check(expected.ok_or(TocError::NoDigest)?, &json)?;
        let table = Table::read(&json, Format::Estargz, from).map_err(TocError::Read)?;
        Ok(self.done(table, TarSplit::None, Problems::default()))
    }

    /// Reads zstd:chunked's table, and what came beside it.
    fn table(&self, answer: Answer<'_>, position: Position) -> Result<Step, TocError> {
        let packed = answer.part(position.offset, position.end())?;
        let Announced {
            packed_digest,
            unpacked_digest,
            ..
        } = &self.announced;
        if let Some(expected) = packed_digest {
            check(expected, packed)?;
        }
        let json = unpack(packed).map_err(TocError::from)?;
        match unpacked_digest {
            Some(expected) => check(expected, &json)?,
            None if packed_digest.is_some() => {}
            None => return Err(TocError::NoDigest),
        }
        let begin = position.offset.saturating_sub(8);
        let table = Table::read(&json, Format::ZstdChunked, begin).map_err(TocError::Read)?;
        let mut problems = Problems::default();
        if json.len() as u64 != position.unpacked {
            let message = format!(
                "the table unpacks to {} bytes, and is said to have {}",
                json.len(),
                position.unpacked
            );
            problems.push(Code::TablePlace, b"", message);
        }
        check_frame("the table", answer, position, &mut problems);
        let tar_split = self.tar_split(answer, &table, &mut problems);
        self.check_footer(answer, position, &mut problems);
        Ok(self.done(table, tar_split, problems))
    }

    fn tar_split(&self, answer: Answer<'_>, table: &Table, problems: &mut Problems) -> TarSplit {
        let Some(position) = self.announced.tar_split else {
            if table.tar_split.is_some() {
                let message =
                    "the table needs tar-split data, and no annotation says where they are";
                problems.push(Code::TarSplit, b"", message);
                return TarSplit::Wrong;
            }
            return TarSplit::None;
        };
        if table.tar_split.is_none() {
            return TarSplit::Unchecked;
        }
        let Ok(bytes) = answer.part(position.offset, position.end()) else {
            let message = "the tar-split data do not stand right behind the table";
            problems.push(Code::TarSplit, b"", message);
            return TarSplit::Wrong;
        };
        check_frame("the tar-split data", answer, position, problems);
        match table.tar_split().map(|it| check(&it, bytes)) {
            Some(Ok(())) => TarSplit::Checked(bytes.to_vec()),
            Some(Err(error)) => {
                let found = match error {
                    TocError::Digest { found, .. } => found.to_string(),
                    _ => "none that can be computed here".to_owned(),
                };
                let message = format!("the tar-split data have another digest, {found}");
                problems.push(Code::TarSplit, b"", message);
                TarSplit::Wrong
            }
            None => {
                let message = "the digest of the tar-split data cannot be computed here";
                problems.push(Code::TarSplit, b"", message);
                TarSplit::Wrong
            }
        }
    }

    /// Engines of podman go by the annotations, others by the footer.
    fn check_footer(&self, answer: Answer<'_>, table: Position, problems: &mut Problems) {
        let end = answer.part(self.size.saturating_sub(LONGEST), self.size);
        let Some(footer) = end.ok().map(Footer::at_end_of) else {
            return;
        };
        match footer {
            Some(Footer::Chunked { table: told, .. })
                if (told.offset, told.length) != (table.offset, table.length) =>
            {
                let message = format!(
                    "the last bytes say that the table has {} bytes at {}, the annotation says {} at {}",
                    told.length, told.offset, table.length, table.offset
                );
                problems.push(Code::TablePlace, b"", message);
            }
            Some(Footer::Chunked { .. }) => {}
            Some(Footer::Estargz { .. } | Footer::External) | None => {
                problems.push(
                    Code::TablePlace,
                    b"",
                    "the layer does not end with a footer",
                );
            }
        }
    }

    fn done(&self, table: Table, tar_split: TarSplit, others: Problems) -> Step {
        let mut problems = self.announced.problems.clone();
        problems.append(others);
        Step::Done(Box::new(Fetched {
            table,
            tar_split,
            problems,
        }))
    }
}

/// The end of a blob of that size, where most tables stand.
pub(super) fn tail(size: u64) -> Range<u64> {
    size.saturating_sub(TAIL)..size
}

/// The bytes to ask for that have the frame of a table, with the tar-split data where they are
/// next to it, and the footer where that ends the blob.
pub(super) fn frame(
    table: Position,
    tar_split: Option<Position>,
    size: u64,
) -> Result<Range<u64>, TocError> {
    if table.length > TABLE_BYTES || table.unpacked > TABLE_BYTES {
        return Err(TocError::TooLarge);
    }
    if table.length == 0 || table.end() > size {
        return Err(TocError::Outside);
    }
    let mut end = table.end();
    if let Some(split) = tar_split {
        let is_next = table.end().checked_add(8) == Some(split.offset);
        if is_next && split.length <= TABLE_BYTES && split.end() <= size {
            end = split.end();
        }
    }
    if size - end <= LONGEST {
        end = size;
    }
    Ok(table.offset.saturating_sub(8)..end)
}

/// Whoever unpacks the layer has to pass over what is no file.
fn check_frame(what: &str, answer: Answer<'_>, position: Position, problems: &mut Problems) {
    let head = position.offset.checked_sub(8);
    let head = head.and_then(|from| answer.part(from, position.offset).ok());
    let length = u32::try_from(position.length).unwrap_or_default();
    let expected = [SKIPPABLE, length.to_le_bytes()].concat();
    if head != Some(&expected[..]) {
        let message = format!("{what} is not the whole of a skippable frame");
        problems.push(Code::TablePlace, b"", message);
    }
}

/// Some bytes of a blob.
#[derive(Clone, Copy)]
struct Answer<'a> {
    offset: u64,
    bytes: &'a [u8],
}

impl<'a> Answer<'a> {
    /// The bytes between two places of the blob.
    fn part(self, from: u64, to: u64) -> Result<&'a [u8], TocError> {
        let place = |place: u64| {
            let place = place.checked_sub(self.offset)?;
            usize::try_from(place).ok()
        };
        let range = place(from).zip(place(to));
        let part = range.and_then(|(from, to)| self.bytes.get(from..to));
        part.ok_or(TocError::Answer)
    }
}

fn check(expected: &Digest, bytes: &[u8]) -> Result<(), TocError> {
    let algorithm = expected.algorithm().ok_or(TocError::NoDigest)?;
    let found = Digest::compute(algorithm, bytes);
    if found == *expected {
        Ok(())
    } else {
        let expected = expected.clone();
        Err(TocError::Digest { expected, found })
    }
}

/// Why something small does not unpack.
pub(super) enum Failed {
    TooLarge,
    Unpack(UnpackError),
}

impl From<Failed> for TocError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::TooLarge => Self::TooLarge,
            Failed::Unpack(error) => Self::Unpack(error),
        }
    }
}

/// Unpacks at most [`TABLE_BYTES`].
pub(super) fn unpack(packed: &[u8]) -> Result<Vec<u8>, Failed> {
    let mut unpacker = Unpacker::new();
    let limit = usize::try_from(TABLE_BYTES).unwrap_or(usize::MAX);
    let mut unpacked = Vec::new();
    // By small pieces, so that little is unpacked beyond the limit; what is told behind it is
    // left out.
    for piece in packed.chunks(4096) {
        let pushed = unpacker.push(piece, &mut |bytes| {
            if unpacked.len() <= limit {
                unpacked.extend_from_slice(bytes);
            }
        });
        pushed.map_err(Failed::Unpack)?;
        if unpacked.len() > limit {
            return Err(Failed::TooLarge);
        }
    }
    let finished = unpacker.finish(&mut |bytes| unpacked.extend_from_slice(bytes));
    finished.map_err(Failed::Unpack)?;
    Ok(unpacked)
}
