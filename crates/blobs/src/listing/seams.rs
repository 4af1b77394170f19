//! How a compressed layer is put together, for who compares it with a table of contents: where its
//! members or frames begin, and what the pieces of a file hash to that lie in several of them.

use super::Listing;
use crate::unpack::Part;

/// How many parts of one layer are kept.
const PARTS: usize = 1 << 20;

/// What was noted of a layer while its contents were hashed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seams {
    pub(super) parts: Vec<Part>,
    /// Whether there are more than are kept, so that none are.
    pub(super) has_too_many: bool,
    /// In the order of the entries, and in that of the bytes.
    pub(super) pieces: Vec<Piece>,
}

/// A piece of a file that lies in several members or frames: what of it lies in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The index of the entry.
    pub(super) entry: u32,
    /// Where in the file it begins, in bytes. It ends where the next one of the file begins, or
    /// where the file ends.
    pub at: u64,
    /// Its sha256.
    pub digest: [u8; 32],
}

impl Listing {
    /// Takes members or frames, in their order.
    pub fn note_parts(&mut self, parts: &[Part]) {
        let seams = &mut self.seams;
        seams.has_too_many |= seams.parts.len() + parts.len() > PARTS;
        if seams.has_too_many {
            seams.parts = Vec::new();
        } else {
            seams.parts.extend_from_slice(parts);
        }
    }

    /// Takes the sha256 of a piece of the entry that was pushed last, which begins there in it.
    pub fn hash_piece(&mut self, at: u64, digest: [u8; 32]) {
        let last = self.records.len().checked_sub(1);
        let last = last.filter(|_| self.kept_last && self.seams.pieces.len() < PARTS);
        if let Some(Ok(entry)) = last.map(u32::try_from) {
            self.seams.pieces.push(Piece { entry, at, digest });
        }
    }

    /// Where the members or frames of the layer begin; `None` where nobody noted it, or there are
    /// too many.
    #[must_use]
    pub fn parts(&self) -> Option<&[Part]> {
        let Seams {
            parts,
            has_too_many,
            ..
        } = &self.seams;
        (!has_too_many && !parts.is_empty()).then_some(parts)
    }

    /// The pieces of an entry that lies in several of them, as far as they are known.
    #[must_use]
    pub fn pieces(&self, index: usize) -> &[Piece] {
        let pieces = &self.seams.pieces;
        let from = pieces.partition_point(|piece| (piece.entry as usize) < index);
        let to = pieces.partition_point(|piece| (piece.entry as usize) <= index);
        pieces.get(from..to).unwrap_or_default()
    }

    /// Forgets the parts and pieces, once they were compared.
    pub fn forget_parts(&mut self) {
        self.seams = Seams::default();
    }
}
