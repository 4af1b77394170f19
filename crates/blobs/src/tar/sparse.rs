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

/// Reads a map that stands before the bytes of a file; `None` where it goes on behind `bytes`,
/// which are whole blocks.
pub(super) fn in_data(bytes: &[u8]) -> Result<Option<Vec<(i64, i64)>>, Reason> {
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let mut line = || lines.next().and_then(|line| line.strip_suffix(b"\n"));
    let Some(count) = line() else { return Ok(None) };
    let count = integer(count).filter(|count| *count >= 0 && count.checked_mul(2).is_some());
    let count = count.ok_or(Reason::Sparse)?;
    let mut numbers = Vec::new();
    for _ in 0..count.saturating_mul(2) {
        let Some(number) = line() else {
            return Ok(None);
        };
        numbers.push(number);
    }
    pairs(&numbers).map(Some)
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
