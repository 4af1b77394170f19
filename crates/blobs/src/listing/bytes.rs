//! A listing as one buffer, which a worker hands over. Numbers are little-endian; those of entries
//! are as short as they can be (LEB128), and of a name what it has in common with the one before
//! is left out: a browser holds the buffer as long as the layer is of use.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use super::seams::{Piece, Seams};
use super::{
    Attribute, Kind, Listing, NAME_BYTES, Owner, Quirks, Record, TEXT_BYTES, Text, Totals,
};
use crate::unpack::Part;

/// What the buffer begins with: who reads another version's bytes is told.
const BEGINNING: &[u8; 8] = b"listing4";
/// How many bytes an entry takes at the least.
const RECORD_BYTES: u64 = 11;
/// How many bytes an owner takes at the least.
const OWNER_BYTES: u64 = 20;

/// Why bytes are no listing: they were not written by [`Listing::to_bytes`] of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListingError;

impl fmt::Display for ListingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these bytes are no listing of a layer")
    }
}

impl std::error::Error for ListingError {}

impl Listing {
    /// Writes it as one buffer.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(BEGINNING);
        let totals = self.totals;
        for number in [totals.entries, totals.bytes, totals.left_out] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        count(&mut bytes, self.owners.len());
        for owner in &self.owners {
            bytes.extend_from_slice(&owner.user.to_le_bytes());
            bytes.extend_from_slice(&owner.group.to_le_bytes());
            text(&mut bytes, &owner.user_name);
            text(&mut bytes, &owner.group_name);
        }
        count(&mut bytes, self.texts.len());
        count(&mut bytes, self.records.len());
        let (mut before, mut offset): (&[u8], u64) = (&[], 0);
        for (index, record) in (0..).zip(self.records.iter().copied()) {
            let gnu = self.gnu.get(&index);
            let name = self.at(record.name());
            let common = name.iter().zip(before).take_while(|(a, b)| a == b).count();
            short(&mut bytes, common as u64);
            short_text(&mut bytes, name.get(common..).unwrap_or_default());
            before = name;
            short_text(&mut bytes, self.at(record.link()));
            bytes.push(record.kind.byte());
            bytes.push(record.quirks.bits());
            bytes.push(u8::from(gnu.is_some()));
            short(&mut bytes, u64::from(record.mode));
            short(&mut bytes, u64::from(record.owner));
            short(&mut bytes, record.size);
            // Before 1970 it takes ten bytes.
            short(&mut bytes, record.seconds.cast_unsigned());
            short(&mut bytes, u64::from(record.nanoseconds));
            short(&mut bytes, record.offset.wrapping_sub(offset));
            offset = record.offset;
            for place in gnu.into_iter().flatten() {
                short_text(&mut bytes, self.at(*place));
            }
        }
        count(&mut bytes, self.devices.len());
        for (index, (major, minor)) in &self.devices {
            bytes.extend_from_slice(&index.to_le_bytes());
            bytes.extend_from_slice(&major.to_le_bytes());
            bytes.extend_from_slice(&minor.to_le_bytes());
        }
        count(&mut bytes, self.xattrs.len());
        for (index, attributes) in &self.xattrs {
            bytes.extend_from_slice(&index.to_le_bytes());
            count(&mut bytes, attributes.len());
            for (name, value) in attributes {
                text(&mut bytes, name);
                text(&mut bytes, value);
            }
        }
        count(&mut bytes, self.contents.len());
        for (index, digest) in &self.contents {
            bytes.extend_from_slice(&index.to_le_bytes());
            bytes.extend_from_slice(digest);
        }
        let Seams {
            parts,
            has_too_many,
            pieces,
        } = &self.seams;
        bytes.extend_from_slice(&[u8::from(*has_too_many), u8::from(self.has_empties)]);
        count(&mut bytes, parts.len());
        for part in parts {
            // Of what holds something 0, else its length and 1.
            let skipped = part.skipped.map_or(0, |length| length.saturating_add(1));
            for number in [part.packed, part.unpacked, skipped] {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
        }
        count(&mut bytes, pieces.len());
        for piece in pieces {
            bytes.extend_from_slice(&piece.entry.to_le_bytes());
            bytes.extend_from_slice(&piece.at.to_le_bytes());
            bytes.extend_from_slice(&piece.digest);
        }
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    ///
    /// Fails on all other bytes; it takes no more memory than a layer may.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ListingError> {
        let mut all = Some(bytes);
        Self::read(bytes.len() as u64, &mut || all.take().map(Cow::Borrowed))
    }

    /// The same of so many bytes that come piece by piece, so that they are never there as a whole
    /// beside the listing. `more` gives the next ones.
    ///
    /// # Errors
    ///
    /// Fails on bytes that are no listing, and where they end early.
    pub fn read<'a>(
        size: u64,
        more: &mut dyn FnMut() -> Option<Cow<'a, [u8]>>,
    ) -> Result<Self, ListingError> {
        let mut reader = Bytes {
            piece: Cow::Borrowed(&[]),
            place: 0,
            left: size,
            more,
        };
        let listing = reader.listing().ok_or(ListingError)?;
        if reader.left == 0 {
            Ok(listing)
        } else {
            Err(ListingError)
        }
    }
}

/// Writes how many follow: fewer than 2³², since all that is counted is limited.
fn count(bytes: &mut Vec<u8>, number: usize) {
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn text(bytes: &mut Vec<u8>, text: &[u8]) {
    count(bytes, text.len());
    bytes.extend_from_slice(text);
}

/// Writes a number with seven bits a byte, the lowest first.
fn short(bytes: &mut Vec<u8>, mut number: u64) {
    while let Ok(low) = u8::try_from(number & 0x7f)
        && number > 0x7f
    {
        bytes.push(low | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or_default());
}

fn short_text(bytes: &mut Vec<u8>, text: &[u8]) {
    short(bytes, text.len() as u64);
    bytes.extend_from_slice(text);
}

/// What is left to read.
struct Bytes<'m, 'a> {
    /// What came last, and how much of it was taken.
    piece: Cow<'a, [u8]>,
    place: usize,
    /// How many bytes are left with those that did not come yet.
    left: u64,
    more: &'m mut dyn FnMut() -> Option<Cow<'a, [u8]>>,
}

impl Bytes<'_, '_> {
    fn fill(&mut self, mut into: &mut [u8]) -> Option<()> {
        self.left = self.left.checked_sub(into.len() as u64)?;
        while !into.is_empty() {
            let rest = self.piece.get(self.place..).unwrap_or_default();
            if rest.is_empty() {
                self.piece = (self.more)().filter(|piece| !piece.is_empty())?;
                self.place = 0;
                continue;
            }
            let length = rest.len().min(into.len());
            let (now, then) = into.split_at_mut(length);
            now.copy_from_slice(rest.get(..length)?);
            self.place += length;
            into = then;
        }
        Some(())
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut array = [0; N];
        self.fill(&mut array)?;
        Some(array)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    /// Reads how many follow, of which each takes so many bytes at the least: not more than fit.
    fn count(&mut self, least: u64) -> Option<usize> {
        let number = self.u32()?;
        (u64::from(number) <= self.left / least).then_some(number as usize)
    }

    fn text(&mut self) -> Option<Vec<u8>> {
        // Its bytes are there, so this is what they take.
        let mut text = vec![0; self.count(1)?];
        self.fill(&mut text)?;
        Some(text)
    }

    fn listing(&mut self) -> Option<Listing> {
        if self.array()? != *BEGINNING {
            return None;
        }
        let totals = Totals {
            entries: self.u64()?,
            bytes: self.u64()?,
            left_out: self.u64()?,
        };
        let owners: Vec<Owner> = (0..self.count(OWNER_BYTES)?)
            .map(|_| self.owner())
            .collect::<Option<_>>()?;
        let text_bytes = self.u32()? as usize;
        let listed = self.count(RECORD_BYTES)?;
        // Names that have much in common are longer than their bytes here.
        let room = usize::try_from(self.left.saturating_mul(4)).unwrap_or(usize::MAX);
        let mut entries = Entries {
            texts: Vec::with_capacity(text_bytes.min(room).min(TEXT_BYTES)),
            records: Vec::with_capacity(listed),
            gnu: BTreeMap::new(),
        };
        for _ in 0..listed {
            self.record(&mut entries, owners.len())?;
        }
        let Entries {
            texts,
            records,
            gnu,
        } = entries;
        if texts.len() != text_bytes {
            return None;
        }
        let number = records.len();
        if totals.entries.checked_sub(totals.left_out) != Some(number as u64) {
            return None;
        }
        let mut devices = BTreeMap::new();
        for _ in 0..self.count(20)? {
            devices.insert(self.index(number)?, (self.i64()?, self.i64()?));
        }
        let mut xattrs = BTreeMap::new();
        for _ in 0..self.count(8)? {
            let index = self.index(number)?;
            let attributes = (0..self.count(8)?)
                .map(|_| Some((self.text()?, self.text()?)))
                .collect::<Option<_>>()?;
            xattrs.insert(index, attributes);
        }
        let hashed = self.count(36)?;
        let mut contents: Vec<(u32, [u8; 32])> = Vec::with_capacity(hashed);
        for _ in 0..hashed {
            let index = self.index(number)?;
            if contents.last().is_some_and(|(before, _)| *before >= index) {
                return None;
            }
            contents.push((index, self.array()?));
        }
        let (seams, has_empties) = self.seams(number)?;
        let known = (0..)
            .zip(&owners)
            .map(|(number, owner)| (owner.clone(), number));
        let names = owners
            .iter()
            .map(|owner| owner.user_name.len() + owner.group_name.len());
        let attributes = xattrs.values().flatten();
        let attributes = attributes.map(|(name, value): &Attribute| name.len() + value.len());
        Some(Listing {
            text_bytes: texts.len() + names.sum::<usize>() + attributes.sum::<usize>(),
            known: known.collect(),
            // As it was where the last entry is kept; who goes on pushing tells it anew.
            kept_last: number > 0,
            records,
            texts,
            owners,
            devices,
            xattrs,
            contents,
            gnu,
            seams,
            has_empties,
            totals,
        })
    }

    fn seams(&mut self, entries: usize) -> Option<(Seams, bool)> {
        let (has_too_many, has_empties) = match self.array::<2>()? {
            [first @ (0 | 1), second @ (0 | 1)] => (first == 1, second == 1),
            _ => return None,
        };
        let noted = self.count(24)?;
        let mut parts = Vec::with_capacity(noted);
        for _ in 0..noted {
            parts.push(Part {
                packed: self.u64()?,
                unpacked: self.u64()?,
                skipped: self.u64()?.checked_sub(1),
            });
        }
        let hashed = self.count(44)?;
        let mut pieces: Vec<Piece> = Vec::with_capacity(hashed);
        for _ in 0..hashed {
            let piece = Piece {
                entry: self.index(entries)?,
                at: self.u64()?,
                digest: self.array()?,
            };
            let place = |piece: &Piece| (piece.entry, piece.at);
            let last = pieces.last();
            if last.is_some_and(|last| place(last) >= place(&piece)) {
                return None;
            }
            pieces.push(piece);
        }
        let seams = Seams {
            parts,
            has_too_many,
            pieces,
        };
        Some((seams, has_empties))
    }

    fn index(&mut self, below: usize) -> Option<u32> {
        self.u32().filter(|index| (*index as usize) < below)
    }

    fn owner(&mut self) -> Option<Owner> {
        Some(Owner {
            user: self.i64()?,
            group: self.i64()?,
            user_name: self.text()?,
            group_name: self.text()?,
        })
    }

    /// Reads a number of seven bits a byte.
    fn short(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has one bit.
            if shift == 63 && bits > 1 {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// Reads a text behind others, of which it has so much in common with the one there.
    fn short_text(&mut self, texts: &mut Vec<u8>, before: Text, common: usize) -> Option<Text> {
        let own = usize::try_from(self.short()?).ok()?;
        let length = common.checked_add(own)?;
        let from = before.0 as usize;
        if common > usize::from(before.1) || length > NAME_BYTES {
            return None;
        }
        let place = u32::try_from(texts.len()).ok()?;
        if texts.len() + length > TEXT_BYTES {
            return None;
        }
        texts.extend_from_within(from..from + common);
        let start = texts.len();
        texts.resize(start + own, 0);
        self.fill(texts.get_mut(start..)?)?;
        Some((place, u16::try_from(length).ok()?))
    }

    fn record(&mut self, entries: &mut Entries, owners: usize) -> Option<()> {
        let Entries {
            texts,
            records,
            gnu,
        } = entries;
        let (before, offset) = records
            .last()
            .map_or(((0, 0), 0), |last: &Record| (last.name(), last.offset));
        let common = usize::try_from(self.short()?).ok()?;
        let (name, name_length) = self.short_text(texts, before, common)?;
        let (link, link_length) = self.short_text(texts, (0, 0), 0)?;
        let [kind, quirks, has_gnu] = self.array()?;
        let mode = u16::try_from(self.short()?).ok()?;
        let owner = u32::try_from(self.short()?).ok()?;
        if owner as usize >= owners || has_gnu > 1 {
            return None;
        }
        let record = Record {
            name,
            name_length,
            link,
            link_length,
            kind: Kind::of(kind),
            mode,
            owner,
            size: self.short()?,
            seconds: self.short()?.cast_signed(),
            nanoseconds: u32::try_from(self.short()?).ok()?,
            offset: self.short()?.wrapping_add(offset),
            quirks: Quirks::from_bits(quirks),
        };
        if has_gnu == 1 {
            let places = [
                self.short_text(texts, (0, 0), 0)?,
                self.short_text(texts, (0, 0), 0)?,
            ];
            gnu.insert(u32::try_from(records.len()).ok()?, places);
        }
        records.push(record);
        Some(())
    }
}

/// The entries that were read so far.
struct Entries {
    texts: Vec<u8>,
    records: Vec<Record>,
    gnu: BTreeMap<u32, [Text; 2]>,
}
