//! Sparse files: which of their bytes are in the archive.
//!
//! Source: GNU tar's manual, "Sparse Formats".

use super::Entry;
use super::error::Reason;
use super::header::{BLOCK, number};
use super::pax::{self, integer};

/// A run of bytes that are in the archive: its place in the file, and its length.
pub type Run = (u64, u64);

/// How many bytes a map may take, and so how many runs a file may have.
pub(super) const MAP_BYTES: usize = 1 << 20;

/// Which format a PAX header has a map of.
pub(super) enum Format {
    /// None: no sparse file.
    None,
    /// 0.0 and 0.1: in the records.
    InRecords,
    /// 1.0: before the bytes of the file.
    InData,
}

/// Finds the format, and puts the name and the size of the file in place of those of the archive.
pub(super) fn format(entry: &mut Entry) -> Result<Format, Reason> {
    let get = |name| pax::get(&entry.records, name);
    let version = (get("GNU.sparse.major"), get("GNU.sparse.minor"));
    let format = match version {
        (b"0", b"0" | b"1") => Format::InRecords,
        (b"1", b"0") => Format::InData,
        (b"", b"") if !get("GNU.sparse.map").is_empty() => Format::InRecords,
        _ => return Ok(Format::None),
    };
    let (name, size) = (get("GNU.sparse.name"), get("GNU.sparse.size"));
    let size = if size.is_empty() {
        get("GNU.sparse.realsize")
    } else {
        size
    };
    let size = if size.is_empty() {
        entry.size
    } else {
        integer(size).ok_or(Reason::Number)?
    };
    let name = name.to_vec();
    if !name.is_empty() {
        entry.name = name;
    }
    entry.size = size;
    Ok(format)
}

/// Reads a map from records.
pub(super) fn in_records(entry: &Entry) -> Result<Vec<(i64, i64)>, Reason> {
    let get = |name| pax::get(&entry.records, name);
    let count = integer(get("GNU.sparse.numblocks")).filter(|count| *count >= 0);
    let count = count.ok_or(Reason::Sparse)?;
    let map = get("GNU.sparse.map");
    let numbers: Vec<_> = if map.is_empty() {
        Vec::new()
    } else {
        map.split(|byte| *byte == b',').collect()
    };
    if i64::try_from(numbers.len()).ok() != count.checked_mul(2) || numbers.len() > 2 * MAP_BYTES {
        return Err(Reason::Sparse);
    }
    pairs(&numbers)
}

/// A map that stands before the bytes of a file, as far as it came.
#[derive(Debug, Default)]
pub(super) struct Map {
    bytes: Vec<u8>,
    /// How many lines of it are whole.
    lines: usize,
    /// How many it has, once the first is whole.
    needed: Option<usize>,
}

impl Map {
    /// Takes the next block; the runs, where that ends the map. It has at most [`MAP_BYTES`].
    pub(super) fn push(&mut self, block: &[u8; BLOCK]) -> Result<Option<Vec<(i64, i64)>>, Reason> {
        self.bytes.extend_from_slice(block);
        self.lines += block.split(|byte| *byte == b'\n').count() - 1;
        if self.needed.is_none() && self.lines > 0 {
            let count = self.bytes.split(|byte| *byte == b'\n').next();
            let count = count.and_then(integer).filter(|count| *count >= 0);
            let numbers = count.and_then(|count| count.checked_mul(2));
            let numbers = numbers.ok_or(Reason::Sparse)?;
            // More than can be counted are more than fit.
            self.needed = Some(usize::try_from(numbers).map_or(usize::MAX, |it| it + 1));
        }
        match self.needed {
            Some(needed) if needed <= self.lines => {
                let lines = self.bytes.split(|byte| *byte == b'\n');
                let numbers: Vec<_> = lines.take(needed).skip(1).collect();
                pairs(&numbers).map(Some)
            }
            Some(_) | None if self.bytes.len() + BLOCK > MAP_BYTES => Err(Reason::TooLong),
            Some(_) | None => Ok(None),
        }
    }
}

fn pairs(numbers: &[&[u8]]) -> Result<Vec<(i64, i64)>, Reason> {
    let number = |text: &[u8]| integer(text).ok_or(Reason::Sparse);
    let pairs = numbers.chunks_exact(2);
    pairs
        .map(|pair| Ok((number(pair[0])?, number(pair[1])?)))
        .collect()
}

/// The part of a map that stands in a header of GNU's layout, at that place, and whether it goes
/// on in the next block.
pub(super) fn in_header(block: &[u8; BLOCK], runs: &mut Vec<(i64, i64)>) -> Result<bool, Reason> {
    part(&block[386..482], runs)?;
    Ok(block[482] > 0)
}

/// The part of a map that fills a block, and whether it goes on in the next.
pub(super) fn in_extension(
    block: &[u8; BLOCK],
    runs: &mut Vec<(i64, i64)>,
) -> Result<bool, Reason> {
    part(&block[..504], runs)?;
    Ok(block[504] > 0)
}

fn part(fields: &[u8], runs: &mut Vec<(i64, i64)>) -> Result<(), Reason> {
    for field in fields.chunks_exact(24) {
        if field[0] == 0 {
            break;
        }
        runs.push((number(&field[..12])?, number(&field[12..])?));
    }
    Ok(())
}

/// The real size in a header of GNU's layout.
pub(super) fn real_size(block: &[u8; BLOCK]) -> Result<i64, Reason> {
    number(&block[483..495])
}

/// Checks that the runs are in order, apart, and inside of the file.
pub(super) fn checked(runs: &[(i64, i64)], size: i64) -> Result<Vec<Run>, Reason> {
    let mut end = 0;
    let check = |(offset, length): &(i64, i64)| {
        let next = offset.checked_add(*length).filter(|next| *next <= size);
        if *offset < end || *length < 0 {
            return Err(Reason::Sparse);
        }
        end = next.ok_or(Reason::Sparse)?;
        Ok((offset.cast_unsigned(), length.cast_unsigned()))
    };
    if size < 0 {
        return Err(Reason::Sparse);
    }
    runs.iter().map(check).collect()
}
