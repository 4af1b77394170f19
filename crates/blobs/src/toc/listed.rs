//! A table as a listing, and against one that was made of the archive.

use super::compare::{Pairs, compare};
use super::geometry::clean;
use super::{Entry, Format, Problems, Sum, TABLE_NAME, Table};
use crate::finding::Code;
use crate::listing::{EntryView, Listing};
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
    /// It is less than [`Comparison`](super::Comparison) finds: contents are compared where the
    /// listing has their digests, and a chunk only where it is the whole file. Those of the
    /// others are not, which is told as [`Code::TableNotCompared`]: an engine that pulls lazily
    /// goes by them. Nor is what of a mode is no permission.
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
                    left += self.compare_content(&entry, &view, &mut problems);
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
        problems
    }

    /// Compares a content as far as the listing has it; 1 where that is not all of it.
    fn compare_content(&self, entry: &Entry, view: &EntryView<'_>, found: &mut Problems) -> u64 {
        let Some(theirs) = view.content else {
            return u64::from(view.size > 0);
        };
        let mut is_other = matches!(&entry.content, Sum::Sha256(ours) if *ours != theirs);
        let is_part = match self.chunks(entry) {
            [] => false,
            [only] if only.at == 0 && only.size == entry.size && !only.is_zeros => {
                is_other |= matches!(&only.sum, Sum::Sha256(ours) if *ours != theirs);
                false
            }
            _ => true,
        };
        if is_other {
            let message = "its content has another digest in the archive";
            found.push(Code::TableDiffers, view.name, message);
        }
        u64::from(is_part)
    }
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
