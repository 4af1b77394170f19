//! PAX headers: records of a name and a value that stand before the entry they extend.
//!
//! Source: POSIX.1-2001 `pax`, "pax Extended Header"; GNU tar's manual, "Sparse Formats".

use std::collections::BTreeMap;

use super::error::Reason;
use super::{Entry, Time};

/// Records in their order; a name that comes again has replaced its value.
pub(super) type Records = Vec<(Vec<u8>, Vec<u8>)>;

const SPARSE_OFFSET: &[u8] = b"GNU.sparse.offset";
const SPARSE_LENGTH: &[u8] = b"GNU.sparse.numbytes";
/// The map of a sparse file; those of format 0.0, which come one by one, are put together as it.
pub(super) const SPARSE_MAP: &[u8] = b"GNU.sparse.map";
const XATTR: &[u8] = b"SCHILY.xattr.";

/// Reads `LENGTH NAME=VALUE` and a line feed, again and again.
pub(super) fn read(mut bytes: &[u8]) -> Result<Records, Reason> {
    let mut records = Records::new();
    // Where the record of a name stands: a header may have a hundred thousand.
    let mut places = BTreeMap::new();
    let mut map: Vec<&[u8]> = Vec::new();
    while !bytes.is_empty() {
        let (name, value, rest) = record(bytes).ok_or(Reason::Record)?;
        bytes = rest;
        if name == SPARSE_OFFSET || name == SPARSE_LENGTH {
            let is_turn = map.len().is_multiple_of(2) == (name == SPARSE_OFFSET);
            if !is_turn || value.contains(&b',') {
                return Err(Reason::Record);
            }
            map.push(value);
        } else {
            set(&mut records, &mut places, name, value.to_vec());
        }
    }
    if !map.is_empty() {
        set(&mut records, &mut places, SPARSE_MAP, map.join(&b','));
    }
    Ok(records)
}

fn set<'b>(
    records: &mut Records,
    places: &mut BTreeMap<&'b [u8], usize>,
    name: &'b [u8],
    value: Vec<u8>,
) {
    let place = *places.entry(name).or_insert(records.len());
    match records.get_mut(place) {
        Some((_, known)) => *known = value,
        None => records.push((name.to_vec(), value)),
    }
}

/// Finds the value of a name; no record is an empty value.
pub(super) fn get<'r>(records: &'r Records, name: &str) -> &'r [u8] {
    let is = |(known, _): &&(Vec<u8>, Vec<u8>)| known == name.as_bytes();
    records.iter().find(is).map_or(b"", |(_, value)| value)
}

fn record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let blank = bytes.iter().position(|byte| *byte == b' ')?;
    let length: usize = integer(&bytes[..blank])?.try_into().ok()?;
    if length < 5 || length > bytes.len() || length <= blank + 1 {
        return None;
    }
    let (text, rest) = (bytes.get(blank + 1..length - 1)?, &bytes[length..]);
    if bytes[length - 1] != b'\n' {
        return None;
    }
    let equals = text.iter().position(|byte| *byte == b'=')?;
    let (name, value) = (&text[..equals], &text[equals + 1..]);
    let is_text = matches!(name, b"path" | b"linkpath" | b"uname" | b"gname");
    let is_valid = !name.is_empty() && !if is_text { value } else { name }.contains(&0);
    is_valid.then_some((name, value, rest))
}

/// A decimal number with an optional sign.
pub(super) fn integer(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Puts what the records say over what the header says; an empty value says nothing.
pub(super) fn merge(entry: &mut Entry, records: Records) -> Result<(), Reason> {
    let number = |value: &[u8]| integer(value).ok_or(Reason::Number);
    for (name, value) in &records {
        match &name[..] {
            _ if value.is_empty() => {}
            b"path" => entry.name.clone_from(value),
            b"linkpath" => entry.link.clone_from(value),
            b"uname" => entry.user_name.clone_from(value),
            b"gname" => entry.group_name.clone_from(value),
            b"uid" => entry.user = number(value)?,
            b"gid" => entry.group = number(value)?,
            b"size" => entry.size = number(value)?,
            b"mtime" => entry.modified = time(value).ok_or(Reason::Number)?,
            b"atime" | b"ctime" => {
                time(value).ok_or(Reason::Number)?;
            }
            name => {
                if let Some(name) = name.strip_prefix(XATTR) {
                    entry.xattrs.push((name.to_vec(), value.clone()));
                }
            }
        }
    }
    entry.records = records;
    Ok(())
}

/// Seconds with an optional fraction, of which nine digits count.
fn time(value: &[u8]) -> Option<Time> {
    let point = value.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = match point {
        Some(point) => (&value[..point], &value[point + 1..]),
        None => (value, &b""[..]),
    };
    let seconds = integer(whole)?;
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = fraction.iter().copied().chain(std::iter::repeat(b'0'));
    let nanoseconds = digits
        .take(9)
        .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    Some(if whole.starts_with(b"-") && nanoseconds > 0 {
        Time {
            seconds: seconds.checked_sub(1)?,
            nanoseconds: 1_000_000_000 - nanoseconds,
        }
    } else {
        Time {
            seconds,
            nanoseconds,
        }
    })
}
