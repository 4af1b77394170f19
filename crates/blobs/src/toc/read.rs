//! The JSON of a table, read as Go reads it.
//!
//! Names of members go without regard to case, since both engines take them so. Where they would
//! take one of two members with one name, or one of two lists, the table is refused: no tool
//! writes that, and what the engines make of it differs. Entries are kept small, since a table
//! may have a million.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use base64ct::{Base64, Encoding};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use waybill_core::time::since_1970;

use super::announced::Format;
use super::problem::shown;
use super::{CHUNKS, Chunk, ENTRIES, Entry, Problems, Sum, Table, Xattr};
use crate::finding::Code;
use crate::listing::NAME_BYTES;
use crate::tar::Time;

/// Why a table cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError(String);

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the table is not of its form: {}", self.0)
    }
}

impl std::error::Error for ReadError {}

impl Table {
    /// Reads a table; `end` is where in the blob it begins, which no file reaches.
    pub(super) fn read(json: &[u8], format: Format, end: u64) -> Result<Self, ReadError> {
        let mut builder = Builder {
            table: Self {
                format,
                entries: Vec::new(),
                chunks: Vec::new(),
                problems: Problems::default(),
                end,
                tar_split: None,
            },
            names: HashMap::new(),
            has_entries: false,
        };
        let mut reader = serde_json::Deserializer::from_slice(json);
        let read = Whole(&mut builder)
            .deserialize(&mut reader)
            .and_then(|()| reader.end());
        read.map_err(|error| ReadError(error.to_string()))?;
        let mut table = builder.table;
        table.find_ends();
        Ok(table)
    }

    /// Says of each chunk where in the blob it ends: before the next one, at its file's end, or
    /// where the table begins.
    fn find_ends(&mut self) {
        let mut offsets: Vec<_> = self.chunks.iter().map(|chunk| chunk.offset).collect();
        offsets.sort_unstable();
        offsets.dedup();
        for chunk in &mut self.chunks {
            let next = offsets.partition_point(|offset| *offset <= chunk.offset);
            let next = offsets.get(next).copied().unwrap_or(self.end);
            chunk.end = next.min(self.end).max(chunk.offset);
        }
        for entry in self.entries.iter().filter(|it| !it.chunks.is_empty()) {
            if let Some(last) = self.chunks.get_mut(entry.chunks.end as usize - 1)
                && last.offset < entry.end
                && entry.end < last.end
            {
                last.end = entry.end;
            }
        }
    }
}

/// A table under way.
struct Builder {
    table: Table,
    /// Users' and groups' names by their numbers: only the first entry of a number has them.
    names: HashMap<(bool, i64), Arc<str>>,
    has_entries: bool,
}

/// An entry as it is written.
#[derive(Default)]
struct Raw {
    kind: String,
    name: String,
    link: String,
    size: u64,
    modified: String,
    mode: i64,
    user: i64,
    group: i64,
    user_name: String,
    group_name: String,
    device: (i64, i64),
    xattrs: Vec<Xattr>,
    digest: Sum,
    offset: u64,
    end: u64,
    inner: u64,
    chunk_at: u64,
    chunk_size: u64,
    chunk_digest: Sum,
    chunk_type: String,
}

impl Builder {
    fn add(&mut self, raw: Raw) -> Result<(), &'static str> {
        if self.table.chunks.len() >= CHUNKS || self.table.entries.len() >= ENTRIES {
            return Err("it has more than 1,000,000 entries, or 2,000,000 chunks");
        }
        if raw.name.len() > NAME_BYTES || raw.link.len() > NAME_BYTES {
            return Err("a path has more than 4,096 bytes");
        }
        if raw.kind == "chunk" {
            self.add_chunk(raw);
            return Ok(());
        }
        let kind = match raw.kind.as_str() {
            "reg" => b'0',
            "hardlink" => b'1',
            "symlink" => b'2',
            "char" => b'3',
            "block" => b'4',
            "dir" => b'5',
            "fifo" => b'6',
            other => {
                let message = format!("its type is {}", shown(other.as_bytes()));
                let name = raw.name.as_bytes();
                self.table.problems.push(Code::TableType, name, message);
                b'?'
            }
        };
        let modified = self.time(&raw.modified)?;
        let user_name = self.owner(false, raw.user, &raw.user_name);
        let group_name = self.owner(true, raw.group, &raw.group_name);
        let first = u32::try_from(self.table.chunks.len()).unwrap_or(u32::MAX);
        let has_chunk = kind == b'0' && raw.size > 0;
        if has_chunk {
            let size = match raw.chunk_size {
                0 => raw.size.saturating_sub(raw.chunk_at),
                size => size,
            };
            self.table.chunks.push(Chunk {
                offset: raw.offset,
                end: 0,
                inner: raw.inner,
                at: raw.chunk_at,
                size,
                sum: raw.chunk_digest,
                is_zeros: raw.chunk_type == "zeros",
            });
        }
        self.table.entries.push(Entry {
            name: raw.name.into(),
            link: raw.link.into(),
            kind,
            size: raw.size,
            mode: raw.mode,
            user: raw.user,
            group: raw.group,
            user_name,
            group_name,
            modified,
            device: raw.device,
            xattrs: raw.xattrs.into(),
            content: raw.digest,
            chunks: first..first + u32::from(has_chunk),
            end: raw.end,
        });
        Ok(())
    }

    /// Adds a further chunk to the file before it; it has no name that counts.
    fn add_chunk(&mut self, raw: Raw) {
        let entry = self.table.entries.last_mut();
        let Some(entry) = entry.filter(|entry| entry.kind == b'0' && !entry.chunks.is_empty())
        else {
            let message = "a chunk stands behind no file";
            let name = raw.name.as_bytes();
            self.table.problems.push(Code::TableChunks, name, message);
            return;
        };
        let size = match raw.chunk_size {
            0 => entry.size.saturating_sub(raw.chunk_at),
            size => size,
        };
        entry.chunks.end += 1;
        entry.end = raw.end.max(entry.end);
        self.table.chunks.push(Chunk {
            offset: raw.offset,
            end: 0,
            inner: raw.inner,
            at: raw.chunk_at,
            size,
            sum: raw.chunk_digest,
            is_zeros: raw.chunk_type == "zeros",
        });
    }

    /// Go's zero time, none, and in eStargz what is no time: all are the beginning of 1970.
    fn time(&self, text: &str) -> Result<Time, &'static str> {
        /// Go's zero time, the beginning of year 1.
        const ZERO: (i64, u32) = (-62_135_596_800, 0);
        match since_1970(text) {
            Some(ZERO) => Ok(Time::default()),
            Some((seconds, nanoseconds)) => Ok(Time {
                seconds,
                nanoseconds,
            }),
            None if text.is_empty() => Ok(Time::default()),
            None => match self.table.format {
                Format::Estargz => Ok(Time::default()),
                Format::ZstdChunked => Err("a time is not of RFC 3339"),
            },
        }
    }

    fn owner(&mut self, is_group: bool, number: i64, name: &str) -> Option<Arc<str>> {
        if !name.is_empty() {
            let known = self.names.get(&(is_group, number));
            if known.is_none_or(|known| **known != *name) {
                self.names.insert((is_group, number), name.into());
            }
        }
        self.names.get(&(is_group, number)).cloned()
    }
}

/// The name of a member, in lower case. Two letters beyond ASCII are ASCII ones to Go.
struct Key(String);

impl<'de> serde::Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Key, E> {
                let fold = |letter: char| match letter {
                    '\u{17f}' => 's',
                    '\u{212a}' => 'k',
                    other => other.to_ascii_lowercase(),
                };
                Ok(Key(text.chars().map(fold).collect()))
            }
        }
        reader.deserialize_str(Name)
    }
}

/// The whole table.
struct Whole<'a>(&'a mut Builder);

impl<'de> DeserializeSeed<'de> for Whole<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Whole<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of contents")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = members.next_key()? {
            match key.as_str() {
                "entries" if self.0.has_entries => {
                    return Err(A::Error::custom("entries stands there twice"));
                }
                "entries" => {
                    self.0.has_entries = true;
                    members.next_value_seed(Entries(self.0))?;
                }
                "tarsplitdigest" if self.0.table.tar_split.is_some() => {
                    return Err(A::Error::custom("tarSplitDigest stands there twice"));
                }
                "tarsplitdigest" => {
                    let text: Option<String> = members.next_value()?;
                    self.0.table.tar_split = text.map(|text| Sum::read(&text));
                }
                // Also the version, which no engine looks at.
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Entries<'a>(&'a mut Builder);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(raw) = list.next_element::<Raw>()? {
            self.0.add(raw).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

impl<'de> serde::Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(OfRaw)
    }
}

struct OfRaw;

/// The members that are read, in lower case.
const MEMBERS: [&str; 20] = [
    "type",
    "name",
    "linkname",
    "size",
    "modtime",
    "mode",
    "uid",
    "gid",
    "username",
    "groupname",
    "devmajor",
    "devminor",
    "xattrs",
    "digest",
    "offset",
    "endoffset",
    "inneroffset",
    "chunkoffset",
    "chunksize",
    "chunkdigest",
];

impl<'de> Visitor<'de> for OfRaw {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Raw, A::Error> {
        let mut raw = Raw::default();
        let mut seen = 0_u32;
        while let Some(Key(key)) = members.next_key()? {
            let known = MEMBERS.iter().chain(&["chunktype"]);
            if let Some(place) = known.clone().position(|known| *known == key) {
                if seen & (1 << place) != 0 {
                    return Err(A::Error::custom(format!("an entry has {key} twice")));
                }
                seen |= 1 << place;
            }
            let members = &mut members;
            match key.as_str() {
                "type" => raw.kind = value(members)?,
                "name" => raw.name = value(members)?,
                "linkname" => raw.link = value(members)?,
                "size" => raw.size = count(members, "size")?,
                "modtime" => raw.modified = value(members)?,
                "mode" => raw.mode = value(members)?,
                "uid" => raw.user = value(members)?,
                "gid" => raw.group = value(members)?,
                "username" => raw.user_name = value(members)?,
                "groupname" => raw.group_name = value(members)?,
                "devmajor" => raw.device.0 = value(members)?,
                "devminor" => raw.device.1 = value(members)?,
                "xattrs" => raw.xattrs = xattrs(members)?,
                "digest" => raw.digest = Sum::read(&value::<String, _>(members)?),
                "offset" => raw.offset = count(members, "offset")?,
                "endoffset" => raw.end = count(members, "endOffset")?,
                "inneroffset" => raw.inner = count(members, "innerOffset")?,
                "chunkoffset" => raw.chunk_at = count(members, "chunkOffset")?,
                "chunksize" => raw.chunk_size = count(members, "chunkSize")?,
                "chunkdigest" => raw.chunk_digest = Sum::read(&value::<String, _>(members)?),
                "chunktype" => raw.chunk_type = value(members)?,
                // Also the times of access and change, which no engine applies.
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(raw)
    }
}

/// Reads a value; `null` leaves what Go leaves.
fn value<'de, T, A>(members: &mut A) -> Result<T, A::Error>
where
    T: serde::Deserialize<'de> + Default,
    A: MapAccess<'de>,
{
    let value: Option<T> = members.next_value()?;
    Ok(value.unwrap_or_default())
}

/// Reads a number that cannot be negative.
fn count<'de, A: MapAccess<'de>>(members: &mut A, name: &str) -> Result<u64, A::Error> {
    let number: i64 = value(members)?;
    u64::try_from(number).map_err(|_| A::Error::custom(format!("{name} is {number}")))
}

fn xattrs<'de, A: MapAccess<'de>>(members: &mut A) -> Result<Vec<Xattr>, A::Error> {
    // Of two with one name the last counts, as for everybody.
    let map: std::collections::BTreeMap<String, Option<String>> = value(members)?;
    let decoded = map.into_iter().map(|(name, value)| {
        let value = Base64::decode_vec(&value.unwrap_or_default())
            .map_err(|_| A::Error::custom("the value of an xattr is not base64"))?;
        Ok((name.into(), value.into()))
    });
    decoded.collect()
}
