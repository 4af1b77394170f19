//! From header to header of a tar file, over what the entries hold.

use super::index::{Entry, Index, Kind, first};
use super::source::{Place, ReadError, Source, read};
use crate::tar::{self, BLOCK, Event, Quirk, Reader};

/// How many bytes are read where somebody jumped to.
const NEAR: u64 = 4 << 10;
/// How many are read at once where one entry follows closely on the other.
const FAR: u64 = 256 << 10;
/// How much of what stands behind the end is looked at.
const BEHIND: u64 = 1 << 20;
/// How many entries that are read otherwise are told.
const ODD: usize = 100;

/// Bytes that were read, and some ahead of what was asked for.
#[derive(Default)]
struct Window {
    start: u64,
    bytes: Vec<u8>,
    length: u64,
}

impl Window {
    /// The bytes from a position on: a block at least, but at the end of the file.
    ///
    /// Where the position is close behind what was read, twice as much is read at once: small
    /// files stand together. Behind a large one little is, since the next may be large too.
    async fn at<S: Source>(
        &mut self,
        source: &S,
        position: u64,
        size: u64,
    ) -> Result<&[u8], ReadError> {
        let end = self.start + self.bytes.len() as u64;
        let needed = size.min(position.saturating_add(BLOCK as u64));
        if position < self.start || needed > end {
            let is_near = position <= end + self.length && !self.bytes.is_empty();
            self.length = if is_near {
                (self.length * 2).min(FAR)
            } else {
                NEAR
            };
            let behind = size.min(position.saturating_add(self.length));
            self.bytes = read(source, 0, position..behind).await?;
            self.start = position;
        }
        let from = usize::try_from(position - self.start).unwrap_or(usize::MAX);
        Ok(self.bytes.get(from..).unwrap_or_default())
    }
}

/// Reads the headers of a tar file of that size.
pub(super) async fn walk<S: Source>(source: &S, size: u64) -> Result<Index, ReadError> {
    let mut index = Index::default();
    let mut window = Window::default();
    let mut reader = Reader::new();
    let mut special = Special::default();
    let mut position = 0;
    while position < size && !reader.has_ended() && !index.state.is_full {
        let bytes = window.at(source, position, size).await?;
        let (block, behind) = bytes.split_at(bytes.len().min(BLOCK));
        if reader.is_at_header() {
            special.take(block);
        }
        let mut told = None;
        let pushed = reader.push(block, &mut |event| {
            if let Event::Entry(entry) = event {
                told = Some(entry);
            }
        });
        position += block.len() as u64;
        if let Some(entry) = told {
            take(&mut index, &entry, &mut special, position..size, behind);
        }
        if pushed.is_err() {
            break;
        }
        position += reader.skip(size - position);
    }
    if reader.has_ended() {
        let behind = read(
            source,
            0,
            position..size.min(position.saturating_add(BEHIND)),
        )
        .await?;
        index.state.second = second(&behind, position);
        // Nothing fails behind the end.
        let _ = reader.push(&behind, &mut |_| {});
    }
    index.state.end = Some(reader.finish());
    Ok(index)
}

/// Puts an entry of the archive into the index; its bytes begin where `rest` does.
fn take(
    index: &mut Index,
    entry: &tar::Entry,
    special: &mut Special,
    rest: std::ops::Range<u64>,
    behind: &[u8],
) {
    if index.state.odd.len() < ODD
        && let Some(what) = special.odd(entry)
    {
        index.state.odd.push((entry.name.clone(), what));
    }
    *special = Special::default();
    let size = u64::try_from(entry.size).unwrap_or_default();
    let is_cut = size > rest.end - rest.start;
    let kind = match entry.kind {
        b'g' => return,
        b'1' => Kind::HardLink(entry.link.clone()),
        b'2' => Kind::SymbolicLink(entry.link.clone()),
        b'5' => Kind::Directory,
        other @ (b'3' | b'4' | b'6') => Kind::Other(other),
        _ if entry.sparse.is_some() => Kind::Sparse,
        b'0' | b'7' if is_cut => Kind::Cut,
        b'0' | b'7' => Kind::File,
        other => Kind::Other(other),
    };
    let place = (kind == Kind::File).then_some(Place {
        file: 0,
        offset: rest.start,
        size,
    });
    index.push(Entry {
        name: entry.name.clone(),
        first: place.map_or_else(Vec::new, |place| first(behind, place.size)),
        kind,
        place,
    });
}

/// What stands before an entry and extends it.
#[derive(Default)]
struct Special {
    /// Whether a PAX header came.
    has_pax: bool,
    /// Whether something else followed on that, before the entry did.
    between: bool,
}

impl Special {
    /// Looks at the header of an entry, or of what extends one.
    fn take(&mut self, block: &[u8]) {
        let kind = block.get(156).copied().unwrap_or_default();
        let is_special = matches!(kind, b'x' | b'g' | b'L' | b'K');
        self.between |= self.has_pax && is_special;
        self.has_pax |= kind == b'x';
    }

    /// What of an entry somebody reads otherwise than Go's archive/tar; `None` where all agree.
    fn odd(&self, entry: &tar::Entry) -> Option<String> {
        let record = |name: &str| {
            let mut records = entry.records.iter();
            records.any(|(known, _)| known == name.as_bytes())
        };
        if entry.kind == b'g' {
            let names = ["path", "size", "linkpath", "GNU.sparse.name"];
            let name = names.into_iter().find(|name| record(name))?;
            return Some(format!(
                "a global PAX header states {name}: GNU tar applies it to all entries behind, \
                 Go's archive/tar to none"
            ));
        }
        if self.between {
            return Some(
                "something stands between a PAX header and its entry: some readers apply it to \
                 that (GHSA-3pv8-6f4r-ffg2), others to the entry"
                    .to_owned(),
            );
        }
        let has = |quirk| entry.quirks.has(quirk);
        let what = if has(Quirk::Size) {
            "its PAX header states another size than its header: some readers go by the one and \
             some by the other, and see other entries behind it (CVE-2025-62518, CVE-2026-33055)"
        } else if has(Quirk::Name) || has(Quirk::EmptyName) {
            "GNU tar reads another name than Go's archive/tar"
        } else if has(Quirk::Link) {
            "GNU tar reads another target of the link than Go's archive/tar"
        } else if has(Quirk::Bytes) {
            "it is no file and states a size: GNU tar goes over so many bytes, Go's archive/tar \
             reads a header there"
        } else if has(Quirk::Slash) {
            "GNU tar takes it for a directory, Go's archive/tar for a file"
        } else {
            return None;
        };
        Some(what.to_owned())
    }
}

/// Where another archive begins in what stands behind the end, which is at that position.
fn second(behind: &[u8], position: u64) -> Option<u64> {
    let mut blocks = behind.chunks_exact(BLOCK);
    let number = blocks.position(|block| block.iter().any(|byte| *byte != 0))?;
    let block = behind.get(number * BLOCK..)?.get(..BLOCK)?;
    let is_header = Reader::new().push(block, &mut |_| {}).is_ok();
    is_header.then_some(position + (number * BLOCK) as u64)
}
