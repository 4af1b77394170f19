//! A listing as one buffer, which a worker hands over. Numbers are little-endian.

use std::collections::BTreeMap;
use std::fmt;

use super::{Attribute, Kind, Listing, Owner, Quirks, Record, Text, Time, Totals};

/// What the buffer begins with: who reads another version's bytes is told.
const BEGINNING: &[u8; 8] = b"listing2";
/// How many bytes a record takes.
const RECORD_BYTES: usize = 48;
/// How many bytes an owner takes at the least.
const OWNER_BYTES: usize = 20;

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
        let mut bytes = Vec::with_capacity(self.texts.len() + self.records.len() * RECORD_BYTES);
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
        text(&mut bytes, &self.texts);
        count(&mut bytes, self.records.len());
        for record in &self.records {
            places(&mut bytes, [record.name, record.link]);
            bytes.push(record.kind.byte());
            bytes.extend_from_slice(&record.mode.to_le_bytes());
            bytes.extend_from_slice(&record.owner.to_le_bytes());
            bytes.extend_from_slice(&record.size.to_le_bytes());
            bytes.extend_from_slice(&record.modified.seconds.to_le_bytes());
            bytes.extend_from_slice(&record.modified.nanoseconds.to_le_bytes());
            bytes.extend_from_slice(&record.offset.to_le_bytes());
            bytes.push(record.quirks.bits());
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
        count(&mut bytes, self.gnu.len());
        for (index, texts) in &self.gnu {
            bytes.extend_from_slice(&index.to_le_bytes());
            places(&mut bytes, *texts);
        }
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    ///
    /// Fails on all other bytes; it takes no more memory than they have.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ListingError> {
        let mut reader = Bytes(bytes);
        let listing = reader.listing().ok_or(ListingError)?;
        if reader.0.is_empty() {
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

/// Writes where two texts are.
fn places(bytes: &mut Vec<u8>, texts: [Text; 2]) {
    for (place, length) in texts {
        bytes.extend_from_slice(&place.to_le_bytes());
        bytes.extend_from_slice(&length.to_le_bytes());
    }
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
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
    fn count(&mut self, least: usize) -> Option<usize> {
        let number = self.u32()? as usize;
        (number <= self.0.len() / least).then_some(number)
    }

    fn text(&mut self) -> Option<Vec<u8>> {
        let length = self.count(1)?;
        self.take(length).map(<[u8]>::to_vec)
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
        let texts = self.text()?;
        let listed = self.count(RECORD_BYTES)?;
        // Its bytes are there, so this is what they take.
        let mut records: Vec<Record> = Vec::with_capacity(listed);
        for _ in 0..listed {
            records.push(self.record(texts.len(), owners.len())?);
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
        let mut gnu = BTreeMap::new();
        for _ in 0..self.count(16)? {
            let index = self.index(number)?;
            gnu.insert(index, [self.place(texts.len())?, self.place(texts.len())?]);
        }
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
            totals,
        })
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

    /// Reads where a text is, among so many bytes of texts.
    fn place(&mut self, texts: usize) -> Option<Text> {
        let (place, length) = (self.u32()?, self.u16()?);
        (place as usize + usize::from(length) <= texts).then_some((place, length))
    }

    fn record(&mut self, texts: usize, owners: usize) -> Option<Record> {
        Some(Record {
            name: self.place(texts)?,
            link: self.place(texts)?,
            kind: Kind::of(self.array::<1>()?[0]),
            mode: self.u16()?,
            owner: self.u32().filter(|owner| (*owner as usize) < owners)?,
            size: self.u64()?,
            modified: Time {
                seconds: self.i64()?,
                nanoseconds: self.u32()?,
            },
            offset: self.u64()?,
            quirks: Quirks::from_bits(self.array::<1>()?[0]),
        })
    }
}
