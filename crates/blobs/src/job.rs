//! The job of a worker: one layer, checked by what a page asked for, up to its limits.

use waybill_core::digest::{Algorithm, Hasher};

use crate::extract::{Content, Extracted, Piece};
use crate::layer::{Found, Hand, Layer};
use crate::listing::{Kind, Listing};
use crate::message::{Bytes, Limit, Limits, Progress, Start, Wanted};
use crate::tar::{Entry, Event};

/// So many bytes are unpacked between two looks at the limits: at the highest ratio of zstd, which
/// is 32,480 to 1, one step ends 133 MB behind a limit.
const STEP: usize = 4 << 10;

/// A layer that is being checked.
#[derive(Debug)]
pub struct Job {
    layer: Layer,
    /// What is wanted of its entries.
    entries: Entries,
    size: Option<u64>,
    /// `None` once somebody answered.
    limits: Option<Limits>,
}

impl Job {
    /// Begins, with nothing received.
    #[must_use]
    pub fn new(start: &Start) -> Self {
        let mut layer = Layer::new(start.algorithm);
        if start.wanted.bytes == Bytes::Stored {
            layer.stop_unpacking();
        }
        Self {
            layer,
            entries: Entries {
                wanted: start.wanted,
                listing: Listing::new(),
                content: None,
                file: None,
                pieces: Vec::new(),
            },
            size: start.size,
            limits: Some(start.limits),
        }
    }

    /// Has what the layer unpacks to hashed by somebody else, as [`Layer::hash_elsewhere`] does.
    pub fn hash_elsewhere(&mut self, hand: Hand) {
        self.layer.hash_elsewhere(hand);
    }

    /// Tells how far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            received: self.layer.size(),
            unpacked: self.layer.unpacked_size(),
        }
    }

    /// Tells whether as many bytes came as the descriptor states; not where it states none.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.size == Some(self.layer.size())
    }

    /// Takes the next bytes, up to a limit. Where one is reached, the answer is the limit and the
    /// bytes that were not taken: they are to be pushed again after [`answer`](Self::answer).
    pub fn push<'a>(&mut self, bytes: &'a [u8]) -> Option<(Limit, &'a [u8])> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if let Some(limit) = self.limit() {
                return Some((limit, rest));
            }
            let (step, behind) = rest.split_at(rest.len().min(STEP));
            let entries = &mut self.entries;
            if entries.wanted.bytes == Bytes::Unpacked {
                let pieces = &mut entries.pieces;
                let keep = &mut |bytes: &[u8]| add(pieces, bytes);
                self.layer.push_and_keep(step, &mut |_| {}, keep);
            } else {
                self.layer.push(step, &mut |event| entries.take(event));
            }
            if self.entries.wanted.contents {
                self.entries.listing.note_parts(&self.layer.take_parts());
            }
            rest = behind;
        }
        None
    }

    /// Tells whether the page is given the bytes as they came.
    #[must_use]
    pub fn wants_stored(&self) -> bool {
        self.entries.wanted.bytes == Bytes::Stored
    }

    fn limit(&self) -> Option<Limit> {
        let limits = self.limits?;
        let Progress { received, unpacked } = self.progress();
        let ratio = unpacked / received.max(1);
        if received > limits.received {
            Some(Limit::Received)
        } else if unpacked > limits.unpacked {
            Some(Limit::Unpacked)
        } else if unpacked > limits.ratio_beyond && ratio > limits.ratio {
            Some(Limit::Ratio)
        } else {
            None
        }
    }

    /// Takes what came of the file that is wanted since it was asked for last.
    pub fn pieces(&mut self) -> Vec<OwnPiece> {
        std::mem::take(&mut self.entries.pieces)
    }

    /// Tells what the file that is wanted was found to be; `None` before it began.
    pub fn file(&mut self) -> Option<Extracted> {
        self.entries.file.take().map(Content::finish)
    }

    /// Tells whether the file that is wanted is whole, so that nothing more is wanted.
    #[must_use]
    pub fn has_file(&self) -> bool {
        self.entries.file.as_ref().is_some_and(Content::is_whole)
    }

    /// Takes what was answered at a limit: there is none from now on, or nothing more is unpacked.
    pub fn answer(&mut self, go_on: bool) {
        self.limits = None;
        if !go_on {
            self.layer.stop_unpacking();
        }
    }

    /// Ends the layer where its bytes end: what it was found to be, and the bytes of its listing
    /// where one was wanted, or the last of what it unpacks to.
    #[must_use]
    pub fn finish(self) -> (Found, Option<Vec<u8>>) {
        let Self {
            layer, mut entries, ..
        } = self;
        let mut last = Vec::new();
        let keep = &mut |bytes: &[u8]| last.extend_from_slice(bytes);
        let found = layer.finish_and_keep(&mut |event| entries.take(event), keep);
        if entries.wanted.bytes == Bytes::Unpacked {
            return (found, Some(last));
        }
        // Of a file that ends early not all was hashed.
        if found.archive.is_ok() {
            entries.end_content();
        }
        let listing = entries.wanted.listing.then(|| entries.listing.to_bytes());
        (found, listing)
    }
}

/// The list of the entries, as far as it is wanted.
#[derive(Debug)]
struct Entries {
    wanted: Wanted,
    listing: Listing,
    /// The content of the last entry, where that is a file.
    content: Option<Hashed>,
    /// The file that is wanted, once it begins.
    file: Option<Content>,
    /// What came of it.
    pieces: Vec<OwnPiece>,
}

/// A piece of the file that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnPiece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// So many zeros.
    Zeros(u64),
}

/// Adds bytes behind the others.
fn add(pieces: &mut Vec<OwnPiece>, bytes: &[u8]) {
    match pieces.last_mut() {
        Some(OwnPiece::Bytes(before)) => before.extend_from_slice(bytes),
        Some(OwnPiece::Zeros(_)) | None => pieces.push(OwnPiece::Bytes(bytes.to_vec())),
    }
}

impl Entries {
    fn take(&mut self, event: Event<'_>) {
        if self.wanted.file.is_some() {
            self.take_file(event);
            return;
        }
        match event {
            Event::Entry(entry) if self.wanted.listing => {
                self.end_content();
                self.listing.push(&entry);
                self.content =
                    (self.wanted.contents && has_content(&entry)).then(|| Hashed::of(&entry));
            }
            Event::Entry(_) => {}
            Event::Data(bytes) => {
                if let Some(content) = &mut self.content {
                    content.take(bytes, &mut self.listing);
                }
            }
        }
    }

    /// Takes what is of the file that is wanted.
    fn take_file(&mut self, event: Event<'_>) {
        let bytes = match event {
            Event::Entry(entry) if Some(entry.offset) == self.wanted.file => {
                self.file = Some(Content::of(&entry));
                &[]
            }
            Event::Entry(_) => return,
            Event::Data(bytes) => bytes,
        };
        let pieces = &mut self.pieces;
        if let Some(file) = &mut self.file {
            file.push(bytes, &mut |piece| match piece {
                Piece::Bytes(bytes) => add(pieces, bytes),
                Piece::Zeros(count) => pieces.push(OwnPiece::Zeros(count)),
            });
        }
    }

    /// Notes what the content of the last entry hashes to.
    fn end_content(&mut self) {
        if let Some(content) = self.content.take() {
            content.finish(&mut self.listing);
        }
    }
}

/// A content that is hashed as a whole, and piece by piece where it lies in several members or
/// frames: a table of contents names what can be unpacked alone.
#[derive(Debug)]
struct Hashed {
    whole: Hasher,
    size: u64,
    position: u64,
    /// Where the piece begins that is coming, unless it is the first.
    piece: Option<(u64, Hasher)>,
}

impl Hashed {
    fn of(entry: &Entry) -> Self {
        Self {
            whole: Hasher::new(Algorithm::Sha256),
            size: u64::try_from(entry.size).unwrap_or_default(),
            position: 0,
            piece: None,
        }
    }

    fn take(&mut self, bytes: &[u8], listing: &mut Listing) {
        self.whole.update(bytes);
        if let Some((_, piece)) = &mut self.piece {
            piece.update(bytes);
        }
        self.position += bytes.len() as u64;
        // A member or frame begins here, within the file.
        if bytes.is_empty() && self.position > 0 && self.position < self.size {
            self.end_piece(listing);
            self.piece = Some((self.position, Hasher::new(Algorithm::Sha256)));
        }
    }

    /// Notes what the piece hashes to that ends here.
    fn end_piece(&mut self, listing: &mut Listing) {
        let piece = self.piece.take();
        let (at, hasher) = piece.unwrap_or_else(|| (0, self.whole.clone()));
        if let Some(hash) = hasher.finish_sha256().filter(|_| at < self.position) {
            listing.hash_piece(at, hash);
        }
    }

    fn finish(mut self, listing: &mut Listing) {
        if self.piece.is_some() {
            self.end_piece(listing);
        }
        if let Some(hash) = self.whole.finish_sha256() {
            listing.hash_content(hash);
        }
    }
}

/// Tells whether the bytes that are told of an entry are all of a file: of a sparse one they are
/// not, and its holes may be larger than anybody can hash.
fn has_content(entry: &Entry) -> bool {
    Kind::of(entry.kind) == Kind::File && entry.sparse.is_none()
}
