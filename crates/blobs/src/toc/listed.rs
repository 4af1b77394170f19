//! A table as a listing, and against one that was made of the archive.

use waybill_core::digest::{Algorithm, Hasher};

use super::compare::{Pairs, compare};
use super::geometry::clean;
use super::starts::Starts;
use super::{Entry, Format, Problems, Sum, TABLE_NAME, Table};
use crate::finding::Code;
use crate::listing::{EntryView, Listing, Piece};
use crate::tar;

impl Table {
    /// Lists the layer as its archive would be listed.
    ///
    /// The contents' digests are those that the table states: nothing was hashed. Entries have
    /// no place in an archive: the offset of each is its index among
    /// [`entries`](Self::entries), which leads back where some are left out.
    #[must_use]
    pub fn listing(&self) -> Listing {
        let mut listing = Listing::new();
        for (index, entry) in (0..).zip(&self.entries) {
            listing.push(&tar::Entry {
                offset: index,
                ..entry.header()
            });
            if let Sum::Sha256(hash) = &entry.content {
                listing.hash_content(*hash);
            }
        }
        listing
    }

    /// Finds the entry with a path, however it is written; of several the last, which is the
    /// one that engines show.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<usize> {
        let path = clean(path);
        self.entries
            .iter()
            .rposition(|entry| clean(&entry.name) == path)
    }

    /// Compares the table with a listing of the archive that was read before.
    ///
    /// Contents are compared where the listing has their digests, a chunk where it is the whole
    /// file or a member or frame ends with it, and places where the listing has the
    /// [`parts`](Listing::parts). What is not compared, since the layer was read without it, is
    /// told as [`Code::TableNotCompared`]: an engine that pulls lazily goes by it. What of a mode
    /// is no permission is not in a listing; [`Comparison`](super::Comparison) has that too.
    #[must_use]
    pub fn compare(&self, archive: &Listing) -> Problems {
        let mut problems = Problems::default();
        let mut pairs = Pairs::of(self);
        let last = archive.len().saturating_sub(1);
        let mut left = 0;
        for view in archive.entries() {
            let is_own = self.format == Format::Estargz
                && view.index == last
                && view.name == TABLE_NAME.as_bytes();
            let header = header(&view);
            if header.kind == b'g' || is_own {
                continue;
            }
            let index = pairs.take(self, view.name);
            if let Some(entry) = index.and_then(|index| self.entries.get(index)) {
                let entry = Entry {
                    mode: entry.mode & 0o7777,
                    ..entry.clone()
                };
                compare(
                    &entry,
                    &header,
                    Code::TableDiffers,
                    "the archive",
                    &mut problems,
                );
                if entry.kind == b'0' && header.kind == b'0' {
                    let pieces = archive.pieces(view.index);
                    let is_compared = self.compare_content(&entry, &view, pieces, &mut problems);
                    left += u64::from(!is_compared);
                }
            } else {
                let message = "the archive has it, the table has not";
                problems.push(Code::TableDiffers, view.name, message);
            }
        }
        pairs.left(self, "the archive", Code::TableDiffers, &mut problems);
        if left > 0 {
            let message =
                format!("the contents of {left} files were not compared in full, chunk by chunk");
            problems.push(Code::TableNotCompared, b"", message);
        }
        if let Some(parts) = archive.parts() {
            let mut starts = Starts::of(self);
            for part in parts {
                starts.take(*part, self, &mut problems);
            }
            starts.end(self, &mut problems);
        } else {
            let message = "where its chunks begin and end was not compared";
            problems.push(Code::TableNotCompared, b"", message);
        }
        problems
    }

    /// Compares a content as far as the listing has it, and tells whether that is all of it.
    fn compare_content(
        &self,
        entry: &Entry,
        view: &EntryView<'_>,
        pieces: &[Piece],
        found: &mut Problems,
    ) -> bool {
        let Some(whole) = view.content else {
            return view.size == 0;
        };
        // That was said, and what of it is a chunk is anybody's guess.
        if entry.size != view.size {
            return true;
        }
        let (is_same, mut is_all) = entry.content.is(whole);
        if !is_same {
            let message = "its content has another digest in the archive";
            found.push(Code::TableDiffers, view.name, message);
        }
        let mut behind = 0;
        for chunk in self.chunks(entry) {
            // Where chunks do not follow one another, `Table::check` says so.
            if chunk.at != behind {
                return false;
            }
            let end = chunk.at.saturating_add(chunk.size);
            behind = end;
            let place = pieces.binary_search_by_key(&chunk.at, |piece| piece.at);
            let piece = place.ok().and_then(|place| {
                let next = pieces.get(place + 1).map_or(view.size, |next| next.at);
                (next == end).then(|| pieces.get(place))?
            });
            let theirs = match piece {
                Some(piece) => piece.digest,
                None if chunk.at == 0 && end == view.size => whole,
                None => {
                    is_all = false;
                    continue;
                }
            };
            let (is_same, is_known) = chunk.sum.is(theirs);
            is_all &= is_known;
            if !is_same {
                let message = format!(
                    "its chunk at {} has another digest in the archive",
                    chunk.at
                );
                found.push(Code::TableDiffers, view.name, message);
            }
            if chunk.is_zeros && !is_of_zeros(theirs, chunk.size) {
                let message = format!(
                    "the table has zeros for the chunk at {}, the archive has not",
                    chunk.at
                );
                found.push(Code::TableDiffers, view.name, message);
            }
        }
        is_all
    }
}

impl Sum {
    /// Whether it is that sha256 or states nothing else, and whether that was compared.
    fn is(&self, found: [u8; 32]) -> (bool, bool) {
        match self {
            Self::Absent => (true, true),
            Self::Sha256(stated) => (*stated == found, true),
            Self::Other(_) => (true, false),
        }
    }
}

/// Whether that is the sha256 of so many zeros. As many bytes came, so there is no more to hash.
fn is_of_zeros(digest: [u8; 32], mut size: u64) -> bool {
    let mut hasher = Hasher::new(Algorithm::Sha256);
    let zeros = [0; 4096];
    while size > 0 {
        let length = usize::try_from(size).map_or(zeros.len(), |size| size.min(zeros.len()));
        hasher.update(&zeros[..length]);
        size -= length as u64;
    }
    hasher.finish_sha256() == Some(digest)
}

fn header(view: &EntryView<'_>) -> tar::Entry {
    tar::Entry {
        name: view.name.to_vec(),
        link: view.link.to_vec(),
        kind: view.kind.byte(),
        size: view.size.try_into().unwrap_or(i64::MAX),
        mode: view.mode.into(),
        user: view.user,
        group: view.group,
        modified: view.modified,
        device: view.device,
        xattrs: view.xattrs.to_vec(),
        ..tar::Entry::default()
    }
}
