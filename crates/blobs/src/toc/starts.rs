//! Whether the members and frames of a layer are those that its table names.

use super::{Chunk, Format, Problems, Table};
use crate::finding::Code;
use crate::unpack::Part;

/// Where in the blob chunks begin and end.
#[derive(Debug)]
pub(super) struct Starts {
    /// In their order.
    places: Vec<Place>,
    /// How many of them were passed.
    passed: usize,
    /// The chunk that begins at the last of them, and how many bytes those before unpack to.
    open: Option<(Place, u64)>,
    /// How many parts began, and how many of them at the table or behind it.
    parts: u64,
    behind: u64,
}

/// A place where a member or frame has to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    offset: u64,
    entry: u32,
    /// How many bytes have to be unpacked from here on; none where a file ends.
    needed: u64,
}

impl Starts {
    pub(super) fn of(table: &Table) -> Self {
        let mut places = Vec::new();
        for (index, entry) in (0_u32..).zip(&table.entries) {
            let place = |offset, needed| Place {
                offset,
                entry: index,
                needed,
            };
            let chunks = table.chunks(entry);
            let needed = |chunk: &Chunk| chunk.inner.saturating_add(chunk.size);
            places.extend(chunks.iter().map(|it| place(it.offset, needed(it))));
            if entry.end > 0 && !chunks.is_empty() {
                places.push(place(entry.end, 0));
            }
            // The last file ends where the table begins.
            if index == 0 {
                places.push(place(table.end, 0));
            }
        }
        places.sort_unstable();
        Self {
            places,
            passed: 0,
            open: None,
            parts: 0,
            behind: 0,
        }
    }

    pub(super) fn take(&mut self, part: Part, table: &Table, problems: &mut Problems) {
        self.parts += 1;
        self.miss(part.packed, table, problems);
        while let Some(place) = self.places.get(self.passed).copied()
            && place.offset == part.packed
        {
            self.passed += 1;
            self.close(part, table, problems);
            let open = self.open.map_or(0, |(open, _)| open.needed);
            if place.needed > open {
                self.open = Some((place, part.unpacked));
            }
        }
        let is_behind = part.packed >= table.end;
        self.behind += u64::from(is_behind);
        // Behind the files stand the table, in zstd:chunked the tar-split data, and the footer.
        let is_named = match (table.format, is_behind) {
            (Format::Estargz, true) => self.behind <= 2,
            (Format::ZstdChunked, true) => part.skipped.is_some() && self.behind <= 3,
            (Format::Estargz | Format::ZstdChunked, false) => part.skipped.is_none(),
        };
        if !is_named {
            let place = part.packed;
            let message = match part.skipped {
                Some(length) => format!("{length} bytes in a skippable frame at byte {place}"),
                None => format!("more data begin at byte {place}, behind the table"),
            };
            problems.push(Code::TableOutside, b"", message);
        }
    }

    /// Ends the chunk before a place, where it began at another.
    fn close(&mut self, part: Part, table: &Table, problems: &mut Problems) {
        let Some((place, unpacked)) = self.open else {
            return;
        };
        if place.offset == part.packed {
            return;
        }
        self.open = None;
        let has = part.unpacked.saturating_sub(unpacked);
        if has < place.needed {
            let message = format!(
                "{has} bytes are unpacked from byte {} of the layer, its chunk takes {}",
                place.offset, place.needed
            );
            problems.push(Code::TableChunks, name(table, place.entry), message);
        }
    }

    /// Says which chunks begin or end before a place, where no part does.
    fn miss(&mut self, before: u64, table: &Table, problems: &mut Problems) {
        while let Some(place) = self.places.get(self.passed).copied()
            && place.offset < before
        {
            self.passed += 1;
            let message = format!(
                "nothing that unpacks begins at byte {} of the layer",
                place.offset
            );
            problems.push(Code::TableOffset, name(table, place.entry), message);
        }
    }

    pub(super) fn end(&mut self, table: &Table, problems: &mut Problems) {
        if self.parts > 0 {
            self.miss(u64::MAX, table, problems);
        }
    }
}

fn name(table: &Table, entry: u32) -> &[u8] {
    let entry = table.entries.get(entry as usize);
    entry.map(|entry| entry.name.as_bytes()).unwrap_or_default()
}
