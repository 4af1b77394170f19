//! Archives as tar writes them, read while they come.
//!
//! [`Reader`] takes bytes in pieces of any size, and tells entries and their bytes as soon as they
//! are whole. It reads what Go's archive/tar reads, and ends where that ends with an error, since
//! docker, containerd, podman, crane and the registries all read layers with it or a fork of it:
//!
//! - two blocks of zeros are the end, one is too where nothing follows, and so is the end of the
//!   bytes between two entries; what stands behind the end is counted and is no entry;
//! - links, devices, directories and pipes have no bytes, whatever their size says;
//! - a later PAX header replaces an earlier one, its last record of a name counts, and GNU's long
//!   names stand over its names; a global one is an entry of its own and extends nothing;
//! - names are bytes.
//!
//! It does not judge paths, nor what an entry means in a layer, and writes nothing.
//!
//! ```
//! use waybill_blobs::tar::{Event, Reader};
//!
//! let mut names = Vec::new();
//! let mut reader = Reader::new();
//! reader.push(&[0; 1024], &mut |event| {
//!     if let Event::Entry(entry) = event {
//!         names.push(entry.name);
//!     }
//! })?;
//! assert!(names.is_empty());
//! assert_eq!(reader.finish()?.trailing, 0);
//! # Ok::<(), waybill_blobs::tar::TarError>(())
//! ```

mod error;
mod header;
mod pax;
mod quirk;
mod sparse;

pub use error::{Reason, TarError};
pub use quirk::{Quirk, Quirks};
pub use sparse::Run;

pub(crate) use header::BLOCK;
use header::Layout;
use serde::{Deserialize, Serialize};

/// A time as archives have it; it may lie before 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    /// Since the beginning of 1970, in UTC.
    pub seconds: i64,
    /// Behind the seconds, below 1,000,000,000.
    pub nanoseconds: u32,
}

/// One entry of an archive, with what PAX headers and long names before it say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The path, as it is written: no UTF-8 and no order of its parts is certain.
    pub name: Vec<u8>,
    /// What a link points at, as it is written.
    pub link: Vec<u8>,
    /// The type's byte: `0` a file, `1` a hard link, `2` a symbolic link, `3` and `4` devices,
    /// `5` a directory, `6` a pipe, `g` a global PAX header, `S` a sparse file of GNU's layout.
    /// The NUL of old archives is told as `0` or `5`.
    pub kind: u8,
    /// The size of the file in bytes; of a sparse one with its holes. It may be told of entries
    /// that have no bytes.
    pub size: i64,
    /// The permissions, and setuid, setgid and sticky.
    pub mode: i64,
    /// The owner's number.
    pub user: i64,
    /// The group's number.
    pub group: i64,
    /// The owner's name; engines do not look at it.
    pub user_name: Vec<u8>,
    /// The group's name; engines do not look at it.
    pub group_name: Vec<u8>,
    /// When the content was changed.
    pub modified: Time,
    /// The major and minor number of a device.
    pub device: (i64, i64),
    /// Extended attributes: those of `SCHILY.xattr.`, which engines apply.
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    /// All records of the PAX header before it.
    pub records: Vec<(Vec<u8>, Vec<u8>)>,
    /// Which bytes of a sparse file are in the archive; `None` for all others.
    pub sparse: Option<Vec<Run>>,
    /// Where its own header stands, in bytes from the beginning of the archive.
    pub offset: u64,
    /// What of its headers others read otherwise.
    pub quirks: Quirks,
    /// The name that GNU tar reads, with [`Quirk::Name`]; else empty.
    pub gnu_name: Vec<u8>,
    /// The target of the link that GNU tar reads, with [`Quirk::Link`]; else empty.
    pub gnu_link: Vec<u8>,
}

/// What a reader tells.
#[derive(Debug)]
pub enum Event<'a> {
    /// An entry begins.
    Entry(Box<Entry>),
    /// The next bytes of that entry; of a sparse file those that are in the archive.
    Data(&'a [u8]),
}

/// What is known at the end of an archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// How many blocks of zeros marked the end: 2 by the standard.
    pub zero_blocks: u8,
    /// How many bytes stand behind the end.
    pub trailing: u64,
    /// How many of them there are up to the last that is not zero: 0 where the end is filled up
    /// with zeros, as GNU tar does.
    pub content: u64,
}

/// Reads an archive that comes in pieces.
#[derive(Debug)]
pub struct Reader {
    state: State,
    block: Box<[u8; BLOCK]>,
    filled: usize,
    /// How many bytes were taken.
    position: u64,
    /// Where the block stands that was read last, or is being read.
    block_at: u64,
    end: End,
    /// What extends the next entry.
    records: Option<pax::Records>,
    long_name: Vec<u8>,
    long_link: Vec<u8>,
    failed: Option<TarError>,
}

#[derive(Debug)]
enum State {
    /// A header is next, or is coming.
    Header,
    /// What a special entry holds is coming: so many bytes are missing.
    Special {
        header: Box<Entry>,
        bytes: Vec<u8>,
        missing: u64,
    },
    /// The map of a sparse file goes on in a block of its own.
    Extension {
        entry: Box<Entry>,
        runs: Vec<(i64, i64)>,
        blocks: usize,
        data: u64,
    },
    /// The map of a sparse file stands before its bytes.
    Map {
        entry: Box<Entry>,
        map: sparse::Map,
        data: u64,
    },
    /// So many bytes of a file are to come.
    Data(u64),
    /// So many bytes fill up a block.
    Padding(u64),
    /// Everything behind is no entry.
    Ended,
}

/// How many bytes a PAX header or a long name may have.
const SPECIAL_BYTES: u64 = 1 << 20;

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// Of an archive of which nothing came yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: State::Header,
            block: Box::new([0; BLOCK]),
            filled: 0,
            position: 0,
            block_at: 0,
            end: End::default(),
            records: None,
            long_name: Vec::new(),
            long_link: Vec::new(),
            failed: None,
        }
    }

    /// Takes the next bytes and tells what is whole by them.
    ///
    /// After an error each further call gives the same one: nobody knows where the next header
    /// is.
    pub fn push(&mut self, bytes: &[u8], tell: &mut dyn FnMut(Event<'_>)) -> Result<(), TarError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let taken = self.step(rest, tell).map_err(|reason| {
                let offset = self.block_at;
                let error = TarError { offset, reason };
                self.failed = Some(error.clone());
                error
            })?;
            self.position += taken as u64;
            rest = &rest[taken..];
        }
        Ok(())
    }

    /// How many of the next bytes nobody has to read to know which entries there are: the rest of
    /// what a file holds, and what fills its last block up.
    #[must_use]
    pub fn skippable(&self) -> u64 {
        match &self.state {
            State::Data(missing) => {
                let end = self.position.saturating_add(*missing);
                missing.saturating_add(filling(end))
            }
            State::Padding(missing) => *missing,
            State::Header
            | State::Special { .. }
            | State::Extension { .. }
            | State::Map { .. }
            | State::Ended => 0,
        }
    }

    /// Goes over so many bytes, of which nothing is told: at most those that are
    /// [`skippable`](Self::skippable). Gives how many it went over.
    pub fn skip(&mut self, bytes: u64) -> u64 {
        let skipped = bytes.min(self.skippable());
        if skipped == 0 {
            return 0;
        }
        let data = match &self.state {
            State::Data(missing) => *missing,
            State::Header
            | State::Special { .. }
            | State::Extension { .. }
            | State::Map { .. }
            | State::Padding(_)
            | State::Ended => 0,
        };
        self.position += skipped;
        self.state = if skipped < data {
            State::Data(data - skipped)
        } else {
            padding(self.position)
        };
        skipped
    }

    /// Whether the next block is the header of an entry, or of what extends one.
    pub(crate) fn is_at_header(&self) -> bool {
        matches!(self.state, State::Header) && self.filled == 0
    }

    /// Whether the end was read: everything behind is no entry.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// Ends the archive where its bytes end.
    pub fn finish(self) -> Result<End, TarError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let is_whole = match &self.state {
            State::Header => self.filled == 0,
            // Nobody needs the last file to be filled up.
            State::Padding(_) | State::Ended => true,
            State::Special { .. }
            | State::Extension { .. }
            | State::Map { .. }
            | State::Data(_) => false,
        };
        if is_whole {
            Ok(self.end)
        } else {
            Err(TarError {
                offset: self.position,
                reason: Reason::EndsEarly,
            })
        }
    }

    /// Takes some bytes, at least one, and says how many.
    fn step(&mut self, bytes: &[u8], tell: &mut dyn FnMut(Event<'_>)) -> Result<usize, Reason> {
        match &mut self.state {
            State::Ended => {
                if let Some(last) = bytes.iter().rposition(|byte| *byte != 0) {
                    self.end.content = self.end.trailing + last as u64 + 1;
                }
                self.end.trailing += bytes.len() as u64;
                Ok(bytes.len())
            }
            State::Padding(missing) => {
                let taken = at_most(bytes, *missing);
                *missing -= taken as u64;
                if *missing == 0 {
                    self.state = State::Header;
                }
                Ok(taken)
            }
            State::Data(missing) => {
                let taken = at_most(bytes, *missing);
                tell(Event::Data(&bytes[..taken]));
                *missing -= taken as u64;
                if *missing == 0 {
                    // The whole of a file ends where a block does, but for its last bytes.
                    self.state = padding(self.position + taken as u64);
                }
                Ok(taken)
            }
            State::Special {
                bytes: special,
                missing,
                ..
            } => {
                let taken = at_most(bytes, *missing);
                special.extend_from_slice(&bytes[..taken]);
                *missing -= taken as u64;
                if *missing == 0 {
                    self.end_special(self.position + taken as u64, tell)?;
                }
                Ok(taken)
            }
            State::Header | State::Extension { .. } | State::Map { .. } => {
                if self.filled == 0 {
                    self.block_at = self.position;
                }
                let taken = bytes.len().min(BLOCK - self.filled);
                self.block[self.filled..][..taken].copy_from_slice(&bytes[..taken]);
                self.filled += taken;
                if self.filled == BLOCK {
                    self.filled = 0;
                    self.take_block(self.position + taken as u64, tell)?;
                }
                Ok(taken)
            }
        }
    }

    /// Takes a whole block, which ends at that place.
    fn take_block(&mut self, at: u64, tell: &mut dyn FnMut(Event<'_>)) -> Result<(), Reason> {
        match std::mem::replace(&mut self.state, State::Header) {
            State::Extension {
                entry,
                mut runs,
                blocks,
                data,
            } => {
                let goes_on = sparse::in_extension(&self.block, &mut runs)?;
                self.go_on_with_map(entry, runs, goes_on, blocks + 1, data, tell)
            }
            State::Map {
                entry,
                mut map,
                data,
            } => {
                let data = data - BLOCK as u64;
                match map.push(&self.block)? {
                    Some(runs) => self.begin_sparse(entry, &runs, data, tell),
                    None => self.read_map(entry, map, data),
                }
            }
            State::Header
            | State::Special { .. }
            | State::Data(_)
            | State::Padding(_)
            | State::Ended => self.take_header(at, tell),
        }
    }

    fn take_header(&mut self, at: u64, tell: &mut dyn FnMut(Event<'_>)) -> Result<(), Reason> {
        if header::is_zero(&self.block) {
            self.end.zero_blocks += 1;
            if self.end.zero_blocks == 2 {
                self.state = State::Ended;
            }
            return Ok(());
        }
        if self.end.zero_blocks > 0 {
            return Err(Reason::ZeroBlock);
        }
        let layout = header::layout(&self.block)?;
        let mut entry = Box::new(header::read(&self.block, layout)?);
        entry.offset = at - BLOCK as u64;
        let size = data_size(&entry)?;
        if matches!(entry.kind, b'x' | b'g' | b'L' | b'K') {
            if size > SPECIAL_BYTES {
                return Err(Reason::TooLong);
            }
            self.state = State::Special {
                header: entry,
                bytes: Vec::new(),
                missing: size,
            };
            if size == 0 {
                self.end_special(at, tell)?;
            }
            return Ok(());
        }
        self.begin_entry(entry, layout, tell)
    }

    /// Takes a PAX header or a long name that is whole.
    fn end_special(&mut self, at: u64, tell: &mut dyn FnMut(Event<'_>)) -> Result<(), Reason> {
        let State::Special {
            mut header, bytes, ..
        } = std::mem::replace(&mut self.state, padding(at))
        else {
            return Ok(());
        };
        match header.kind {
            b'L' => self.long_name = header::text(&bytes).to_vec(),
            b'K' => self.long_link = header::text(&bytes).to_vec(),
            b'g' => {
                pax::merge(&mut header, pax::read(&bytes)?)?;
                self.forget();
                tell(Event::Entry(header));
            }
            _ => self.records = Some(pax::read(&bytes)?),
        }
        Ok(())
    }

    /// Forgets what extends an entry.
    fn forget(&mut self) {
        self.records = None;
        self.long_name.clear();
        self.long_link.clear();
    }

    fn begin_entry(
        &mut self,
        mut entry: Box<Entry>,
        layout: Layout,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), Reason> {
        let header_size = entry.size;
        pax::merge(&mut entry, self.records.take().unwrap_or_default())?;
        let told = |name| !pax::get(&entry.records, name).is_empty();
        let (pax_name, pax_link) = (told("path"), told("linkpath"));
        if pax_name || !self.long_name.is_empty() {
            // Whatever the header says is replaced.
            entry.gnu_name.clear();
        }
        if !self.long_name.is_empty() {
            let name = std::mem::replace(&mut entry.name, std::mem::take(&mut self.long_name));
            entry.gnu_name = if pax_name { name } else { Vec::new() };
        }
        if !self.long_link.is_empty() {
            let link = std::mem::replace(&mut entry.link, std::mem::take(&mut self.long_link));
            entry.gnu_link = if pax_link { link } else { Vec::new() };
        }
        self.forget();
        if entry.kind == 0 {
            entry.kind = if entry.name.ends_with(b"/") {
                b'5'
            } else {
                b'0'
            };
        }
        quirks(&mut entry, header_size);
        let data = data_size(&entry)?;
        if entry.kind == b'S' {
            if layout != Layout::Gnu {
                return Err(Reason::Sparse);
            }
            entry.size = sparse::real_size(&self.block)?;
            let mut runs = Vec::new();
            let goes_on = sparse::in_header(&self.block, &mut runs)?;
            return self.go_on_with_map(entry, runs, goes_on, 0, data, tell);
        }
        match sparse::format(&mut entry)? {
            sparse::Format::None => {
                self.begin_data(entry, data, tell);
                Ok(())
            }
            sparse::Format::InRecords => {
                let runs = sparse::in_records(&entry)?;
                self.begin_sparse(entry, &runs, data, tell)
            }
            sparse::Format::InData => self.read_map(entry, sparse::Map::default(), data),
        }
    }

    fn go_on_with_map(
        &mut self,
        entry: Box<Entry>,
        runs: Vec<(i64, i64)>,
        goes_on: bool,
        blocks: usize,
        data: u64,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), Reason> {
        if !goes_on {
            return self.begin_sparse(entry, &runs, data, tell);
        }
        if (blocks + 1) * BLOCK >= sparse::MAP_BYTES {
            return Err(Reason::TooLong);
        }
        self.state = State::Extension {
            entry,
            runs,
            blocks,
            data,
        };
        Ok(())
    }

    /// Waits for the next block of a map that stands before the bytes of its file.
    fn read_map(&mut self, entry: Box<Entry>, map: sparse::Map, data: u64) -> Result<(), Reason> {
        if data < BLOCK as u64 {
            return Err(Reason::EndsEarly);
        }
        self.state = State::Map { entry, map, data };
        Ok(())
    }

    fn begin_sparse(
        &mut self,
        mut entry: Box<Entry>,
        runs: &[(i64, i64)],
        data: u64,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), Reason> {
        if has_no_data(entry.kind) {
            return Err(Reason::Sparse);
        }
        let runs = sparse::checked(runs, entry.size)?;
        let told: u64 = runs.iter().map(|(_, length)| length).sum();
        entry.sparse = Some(runs);
        self.begin_data(entry, data, tell);
        // Who reads the file fails, so the entry is told, and nothing behind it.
        if told == data {
            Ok(())
        } else {
            Err(Reason::SparseData)
        }
    }

    fn begin_data(&mut self, entry: Box<Entry>, data: u64, tell: &mut dyn FnMut(Event<'_>)) {
        tell(Event::Entry(entry));
        self.state = if data == 0 {
            State::Header
        } else {
            State::Data(data)
        };
    }
}

/// Types of which no bytes follow, whatever their size says.
fn has_no_data(kind: u8) -> bool {
    matches!(kind, b'1'..=b'6')
}

/// Finds what others read otherwise, once the header is put together with what extends it.
fn quirks(entry: &mut Entry, header_size: i64) {
    let has_name = !pax::get(&entry.records, "GNU.sparse.name").is_empty();
    if has_name || entry.gnu_name == entry.name {
        entry.gnu_name.clear();
    }
    if entry.gnu_link == entry.link {
        entry.gnu_link.clear();
    }
    let is = |name: &[u8]| {
        entry
            .records
            .iter()
            .any(|(known, _)| known.starts_with(name))
    };
    let is_empty_name = |(name, value): &(Vec<u8>, Vec<u8>)| name == b"path" && value.is_empty();
    let mut quirks = Quirks::default();
    quirks.set(
        Quirk::Size,
        entry.size != header_size && entry.size <= header::SIZE,
    );
    quirks.set(Quirk::Name, !entry.gnu_name.is_empty());
    quirks.set(Quirk::Link, !entry.gnu_link.is_empty());
    quirks.set(Quirk::EmptyName, entry.records.iter().any(is_empty_name));
    quirks.set(
        Quirk::Bytes,
        matches!(entry.kind, b'2'..=b'4' | b'6') && entry.size > 0,
    );
    quirks.set(
        Quirk::Slash,
        entry.kind == b'0' && entry.name.ends_with(b"/"),
    );
    quirks.set(
        Quirk::Attributes,
        entry.xattrs.is_empty() && is(b"LIBARCHIVE.xattr."),
    );
    entry.quirks = quirks;
}

/// How many bytes of an entry follow its header.
fn data_size(entry: &Entry) -> Result<u64, Reason> {
    if has_no_data(entry.kind) {
        return Ok(0);
    }
    u64::try_from(entry.size).map_err(|_| Reason::NegativeSize)
}

fn at_most(bytes: &[u8], missing: u64) -> usize {
    usize::try_from(missing).map_or(bytes.len(), |missing| missing.min(bytes.len()))
}

/// What fills up the block that is open at that place.
fn padding(at: u64) -> State {
    match filling(at) {
        0 => State::Header,
        missing => State::Padding(missing),
    }
}

/// How many bytes fill up the block that is open at that place.
fn filling(at: u64) -> u64 {
    at.wrapping_neg() % BLOCK as u64
}
