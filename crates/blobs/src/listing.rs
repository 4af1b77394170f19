//! What one layer holds: its entries in the order in which they are written.
//!
//! A [`Listing`] is filled while the layer streams ([`push`](Listing::push), by
//! [`Event::Entry`](crate::tar::Event::Entry)) and judges nothing: names are kept as they are
//! written, an entry that stands twice is there twice. It is compact, since a layer may hold a
//! million entries: their names lie in one buffer, and what few entries have beside it. What is
//! over a limit is counted and left out ([`Totals`]).
//!
//! A worker hands it over as one buffer of bytes: [`to_bytes`](Listing::to_bytes).
//!
//! ```
//! use waybill_blobs::listing::{Kind, Listing};
//! use waybill_blobs::tar::Entry;
//!
//! let mut listing = Listing::new();
//! listing.push(&Entry { name: b"etc/passwd".to_vec(), kind: b'0', size: 7, ..Entry::default() });
//! let entry = listing.entry(0).ok_or("it is there")?;
//! assert_eq!((entry.name, entry.kind, entry.size), (&b"etc/passwd"[..], Kind::File, 7));
//! assert_eq!(Listing::from_bytes(&listing.to_bytes())?, listing);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bytes;
mod seams;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::tar::{self, Quirks, Time};

pub use bytes::ListingError;
pub use seams::Piece;
use seams::Seams;

/// How many entries of one layer are kept.
pub const ENTRIES: usize = 1_000_000;
/// How many bytes the name, or the link, of an entry has that is kept.
pub const NAME_BYTES: usize = 4_096;
/// How many bytes of extended attributes one entry has that are kept.
const ATTRIBUTE_BYTES: usize = 64 << 10;
/// The sha256 of no bytes.
const OF_NOTHING: [u8; 32] = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];
/// How many bytes of names, links and attributes one layer has that are kept.
const TEXT_BYTES: usize = 256 << 20;

/// What an entry is, by the byte of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// A file; of the types `0`, `S` and `7` Go tells the first two as one.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    SymbolicLink,
    /// A hard link: another name of an entry of this layer.
    HardLink,
    /// A character device.
    CharacterDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Pipe,
    /// A PAX header for the whole archive: nothing in the file system.
    GlobalHeader,
    /// A type that engines refuse, by its byte.
    Other(u8),
}

impl Kind {
    /// By the byte of the type, as the reader of archives tells it.
    #[must_use]
    pub fn of(byte: u8) -> Self {
        match byte {
            b'0' | b'S' => Self::File,
            b'1' => Self::HardLink,
            b'2' => Self::SymbolicLink,
            b'3' => Self::CharacterDevice,
            b'4' => Self::BlockDevice,
            b'5' => Self::Directory,
            b'6' => Self::Pipe,
            b'g' => Self::GlobalHeader,
            other => Self::Other(other),
        }
    }

    /// The byte of the type; of a sparse file that of a file.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::File => b'0',
            Self::HardLink => b'1',
            Self::SymbolicLink => b'2',
            Self::CharacterDevice => b'3',
            Self::BlockDevice => b'4',
            Self::Directory => b'5',
            Self::Pipe => b'6',
            Self::GlobalHeader => b'g',
            Self::Other(byte) => byte,
        }
    }
}

/// The name and the value of an extended attribute.
pub type Attribute = (Vec<u8>, Vec<u8>);
type Attributes = Vec<Attribute>;

/// One entry of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryView<'a> {
    /// Its place among the entries of the layer, from 0.
    pub index: usize,
    /// The path, as it is written.
    pub name: &'a [u8],
    /// What it is.
    pub kind: Kind,
    /// The permissions, and setuid, setgid and sticky: the lowest 12 bits.
    pub mode: u32,
    /// The owner's number.
    pub user: i64,
    /// The group's number.
    pub group: i64,
    /// The owner's name; engines do not look at it.
    pub user_name: &'a [u8],
    /// The group's name; engines do not look at it.
    pub group_name: &'a [u8],
    /// The size in bytes, as the header states it: of a sparse file with its holes, and of what
    /// has no bytes of its own it need not be 0.
    pub size: u64,
    /// When the content was changed.
    pub modified: Time,
    /// What a link points at, as it is written.
    pub link: &'a [u8],
    /// The major and minor number of a device.
    pub device: (i64, i64),
    /// Extended attributes, names and values as they are written.
    pub xattrs: &'a [Attribute],
    /// Where its own header stands, in bytes from the beginning of the archive.
    pub offset: u64,
    /// The sha256 of its content, where somebody asked for contents.
    pub content: Option<[u8; 32]>,
    /// What of its headers others read otherwise.
    pub quirks: Quirks,
    /// The name that GNU tar reads, where that is another one; else empty.
    pub gnu_name: &'a [u8],
    /// The target of the link that GNU tar reads, where that is another one; else empty.
    pub gnu_link: &'a [u8],
}

/// How much a layer holds, with what is left out of the listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many entries the layer has.
    pub entries: u64,
    /// The sizes of all of them together, in bytes.
    pub bytes: u64,
    /// How many were left out, since there are too many of them or their names are too long.
    pub left_out: u64,
}

/// The entries of one layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    records: Vec<Record>,
    /// Names and links, one behind the other.
    texts: Vec<u8>,
    owners: Vec<Owner>,
    /// What few entries have: by the index of the entry.
    devices: BTreeMap<u32, (i64, i64)>,
    xattrs: BTreeMap<u32, Attributes>,
    /// In the order of the entries; without those of empty files.
    contents: Vec<(u32, [u8; 32])>,
    /// Whether contents of empty files were hashed.
    has_empties: bool,
    /// The name and the link that GNU tar reads.
    gnu: BTreeMap<u32, [Text; 2]>,
    /// For who compares it with a table of contents.
    seams: Seams,
    /// Finds an owner; not part of what is handed over.
    known: BTreeMap<Owner, u32>,
    /// How many bytes texts and attributes have.
    text_bytes: usize,
    totals: Totals,
    /// Whether the entry that was pushed last is kept.
    kept_last: bool,
}

/// Where a text begins, and how long it is.
type Text = (u32, u16);

/// An entry without its texts. There may be a million of them, so no byte lies between two fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(Rust, packed)]
struct Record {
    name: u32,
    name_length: u16,
    link: u32,
    link_length: u16,
    kind: Kind,
    mode: u16,
    owner: u32,
    size: u64,
    seconds: i64,
    nanoseconds: u32,
    offset: u64,
    quirks: Quirks,
}

impl Record {
    fn name(self) -> Text {
        (self.name, self.name_length)
    }

    fn link(self) -> Text {
        (self.link, self.link_length)
    }

    fn modified(self) -> Time {
        Time {
            seconds: self.seconds,
            nanoseconds: self.nanoseconds,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Owner {
    user: i64,
    group: i64,
    user_name: Vec<u8>,
    group_name: Vec<u8>,
}

impl Listing {
    /// Of a layer of which nothing was read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next entry.
    pub fn push(&mut self, entry: &tar::Entry) {
        let size = u64::try_from(entry.size).unwrap_or_default();
        self.totals.entries += 1;
        self.totals.bytes = self.totals.bytes.saturating_add(size);
        self.kept_last = self.keep(entry, size).is_some();
        self.totals.left_out += u64::from(!self.kept_last);
    }

    /// Keeps an entry; `None` where it is over a limit.
    fn keep(&mut self, entry: &tar::Entry, size: u64) -> Option<()> {
        let index = u32::try_from(self.records.len()).ok()?;
        let attributes: usize = entry
            .xattrs
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        let texts = [&entry.name, &entry.link, &entry.gnu_name, &entry.gnu_link];
        let bytes = texts.iter().map(|text| text.len()).sum::<usize>() + attributes;
        if self.records.len() >= ENTRIES
            || texts.iter().any(|text| text.len() > NAME_BYTES)
            || attributes > ATTRIBUTE_BYTES
            || self.text_bytes + bytes > TEXT_BYTES
        {
            return None;
        }
        let ((name, name_length), (link, link_length)) =
            (self.text(&entry.name)?, self.text(&entry.link)?);
        let record = Record {
            name,
            name_length,
            link,
            link_length,
            kind: Kind::of(entry.kind),
            mode: u16::try_from(entry.mode & 0o7777).ok()?,
            owner: self.owner(entry)?,
            size,
            seconds: entry.modified.seconds,
            nanoseconds: entry.modified.nanoseconds,
            offset: entry.offset,
            quirks: entry.quirks,
        };
        if !entry.gnu_name.is_empty() || !entry.gnu_link.is_empty() {
            let texts = [self.text(&entry.gnu_name)?, self.text(&entry.gnu_link)?];
            self.gnu.insert(index, texts);
        }
        self.text_bytes += bytes;
        self.records.push(record);
        if entry.device != (0, 0) {
            self.devices.insert(index, entry.device);
        }
        if !entry.xattrs.is_empty() {
            self.xattrs.insert(index, entry.xattrs.clone());
        }
        Some(())
    }

    fn text(&mut self, text: &[u8]) -> Option<Text> {
        let place = u32::try_from(self.texts.len()).ok()?;
        let length = u16::try_from(text.len()).ok()?;
        self.texts.extend_from_slice(text);
        Some((place, length))
    }

    /// The number of an owner; most entries of a layer have the same few.
    fn owner(&mut self, entry: &tar::Entry) -> Option<u32> {
        let name = |name: &[u8]| name[..name.len().min(NAME_BYTES)].to_vec();
        let owner = Owner {
            user: entry.user,
            group: entry.group,
            user_name: name(&entry.user_name),
            group_name: name(&entry.group_name),
        };
        if let Some(number) = self.known.get(&owner) {
            return Some(*number);
        }
        let bytes = owner.user_name.len() + owner.group_name.len();
        if self.text_bytes + bytes > TEXT_BYTES {
            return None;
        }
        let number = u32::try_from(self.owners.len()).ok()?;
        self.text_bytes += bytes;
        self.owners.push(owner.clone());
        self.known.insert(owner, number);
        Some(number)
    }

    /// Takes the sha256 of the content of the entry that was pushed last.
    pub fn hash_content(&mut self, digest: [u8; 32]) {
        let last = self.records.len().checked_sub(1);
        if let (true, Some(Ok(last))) = (self.kept_last, last.map(u32::try_from)) {
            // An image may have a hundred thousand of them.
            if digest == OF_NOTHING && self.is_empty_file(last) {
                self.has_empties = true;
                return;
            }
            self.contents.pop_if(|(index, _)| *index == last);
            self.contents.push((last, digest));
        }
    }

    /// How many entries are listed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// How much the layer holds.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Returns one entry, by its place from 0.
    #[must_use]
    pub fn entry(&self, index: usize) -> Option<EntryView<'_>> {
        let record = *self.records.get(index)?;
        let owner = self.owners.get(record.owner as usize)?;
        let beside = u32::try_from(index).ok()?;
        let [gnu_name, gnu_link] = self.gnu.get(&beside).copied().unwrap_or_default();
        Some(EntryView {
            index,
            name: self.at(record.name()),
            kind: record.kind,
            mode: u32::from(record.mode),
            user: owner.user,
            group: owner.group,
            user_name: &owner.user_name,
            group_name: &owner.group_name,
            size: record.size,
            modified: record.modified(),
            link: self.at(record.link()),
            device: self.devices.get(&beside).copied().unwrap_or_default(),
            xattrs: self.xattrs.get(&beside).map_or(&[], Vec::as_slice),
            offset: record.offset,
            content: self.content(beside),
            quirks: record.quirks,
            gnu_name: self.at(gnu_name),
            gnu_link: self.at(gnu_link),
        })
    }

    fn at(&self, (place, length): Text) -> &[u8] {
        let place = place as usize;
        let text = self.texts.get(place..place + usize::from(length));
        text.unwrap_or_default()
    }

    fn content(&self, index: u32) -> Option<[u8; 32]> {
        match self.contents.binary_search_by_key(&index, |(of, _)| *of) {
            Ok(place) => self.contents.get(place).map(|(_, digest)| *digest),
            Err(_) => (self.has_empties && self.is_empty_file(index)).then_some(OF_NOTHING),
        }
    }

    fn is_empty_file(&self, index: u32) -> bool {
        let record = self.records.get(index as usize).copied();
        record.is_some_and(|record| record.kind == Kind::File && record.size == 0)
    }

    /// Goes over all entries, in their order.
    pub fn entries(&self) -> impl Iterator<Item = EntryView<'_>> {
        (0..self.len()).filter_map(|index| self.entry(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unpack::Part;

    fn listing() -> Listing {
        let mut listing = Listing::new();
        listing.push(&tar::Entry {
            name: b"dev/".to_vec(),
            kind: b'5',
            mode: 0o40_755,
            ..tar::Entry::default()
        });
        listing.push(&tar::Entry {
            name: b"dev/null".to_vec(),
            kind: b'3',
            device: (1, 3),
            user: -1,
            user_name: b"r\xff".to_vec(),
            modified: Time {
                seconds: -5,
                nanoseconds: 7,
            },
            ..tar::Entry::default()
        });
        listing.push(&tar::Entry {
            name: b"bin/ping".to_vec(),
            kind: b'S',
            size: 9,
            xattrs: vec![(b"security.capability".to_vec(), vec![1, 0, 2])],
            offset: 1536,
            quirks: Quirks::from_bits(0b10),
            gnu_name: b"ping".to_vec(),
            ..tar::Entry::default()
        });
        listing.hash_content([7; 32]);
        listing.note_parts(&[Part {
            packed: 0,
            unpacked: 0,
            skipped: Some(4),
        }]);
        for at in [0, 5] {
            listing.hash_piece(at, [3; 32]);
        }
        listing
    }

    #[test]
    fn entries_are_as_they_were_written() {
        let listing = listing();
        assert_eq!(listing.len(), 3);
        assert_eq!(listing.entry(0).map(|it| it.mode), Some(0o755));
        let null = listing.entry(1).expect("it is there");
        assert_eq!(
            (null.device, null.user, null.user_name),
            ((1, 3), -1, &b"r\xff"[..])
        );
        let ping = listing.entry(2).expect("it is there");
        assert_eq!(
            (ping.kind, ping.offset, ping.content),
            (Kind::File, 1536, Some([7; 32]))
        );
        assert_eq!(ping.xattrs[0].1, [1, 0, 2]);
        assert_eq!((ping.gnu_name, ping.gnu_link), (&b"ping"[..], &b""[..]));
        assert!(ping.quirks.has(tar::Quirk::Name));
        assert_eq!(listing.entry(3), None);
        assert_eq!(listing.parts().map(<[Part]>::len), Some(1));
        let places = |index| listing.pieces(index).iter().map(|piece| piece.at);
        assert!(places(2).eq([0, 5]) && places(1).next().is_none());
        let totals = listing.totals();
        assert_eq!((totals.entries, totals.bytes, totals.left_out), (3, 9, 0));
    }

    #[test]
    fn what_is_over_a_limit_is_counted_and_its_content_belongs_to_no_other() {
        let mut listing = listing();
        let before = listing.clone();
        for (name, link) in [(NAME_BYTES + 1, 0), (1, NAME_BYTES + 1)] {
            listing.push(&tar::Entry {
                name: vec![b'a'; name],
                link: vec![b'a'; link],
                size: 5,
                ..tar::Entry::default()
            });
            listing.hash_content([9; 32]);
        }
        assert_eq!(listing.totals().left_out, 2);
        assert_eq!((listing.totals().entries, listing.totals().bytes), (5, 19));
        assert!(listing.entries().eq(before.entries()));
    }

    #[test]
    fn a_buffer_gives_the_same_listing_and_no_other_bytes_do() {
        let listing = listing();
        let bytes = listing.to_bytes();
        assert_eq!(Listing::from_bytes(&bytes).as_ref(), Ok(&listing));
        for end in 0..bytes.len() {
            assert_eq!(Listing::from_bytes(&bytes[..end]), Err(ListingError));
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(Listing::from_bytes(&longer), Err(ListingError));
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 0xff;
            if let Ok(listing) = Listing::from_bytes(&changed) {
                assert!(listing.entries().count() <= 3);
            }
        }
    }
}
