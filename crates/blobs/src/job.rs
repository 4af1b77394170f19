//! The job of a worker: one layer, checked by what a page asked for, up to its limits.

use waybill_core::digest::{Algorithm, Hasher};

use crate::layer::{Found, Layer};
use crate::listing::{Kind, Listing};
use crate::message::{Limit, Limits, Progress, Start, Wanted};
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
        Self {
            layer: Layer::new(start.algorithm),
            entries: Entries {
                wanted: start.wanted,
                listing: Listing::new(),
                content: None,
            },
            size: start.size,
            limits: Some(start.limits),
        }
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
            self.layer.push(step, &mut |event| entries.take(event));
            rest = behind;
        }
        None
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

    /// Takes what was answered at a limit: there is none from now on, or nothing more is unpacked.
    pub fn answer(&mut self, go_on: bool) {
        self.limits = None;
        if !go_on {
            self.layer.stop_unpacking();
        }
    }

    /// Ends the layer where its bytes end: what it was found to be, and the bytes of its listing
    /// where one was wanted.
    #[must_use]
    pub fn finish(self) -> (Found, Option<Vec<u8>>) {
        let Self {
            layer, mut entries, ..
        } = self;
        let found = layer.finish(&mut |event| entries.take(event));
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
    /// Of the content of the last entry, where that is a file.
    content: Option<Hasher>,
}

impl Entries {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Entry(entry) if self.wanted.listing => {
                self.end_content();
                self.listing.push(&entry);
                self.content = (self.wanted.contents && has_content(&entry))
                    .then(|| Hasher::new(Algorithm::Sha256));
            }
            Event::Entry(_) => {}
            Event::Data(bytes) => {
                if let Some(hasher) = &mut self.content {
                    hasher.update(bytes);
                }
            }
        }
    }

    /// Notes what the content of the last entry hashes to.
    fn end_content(&mut self) {
        if let Some(hash) = self.content.take().and_then(Hasher::finish_sha256) {
            self.listing.hash_content(hash);
        }
    }
}

/// Tells whether the bytes that are told of an entry are all of a file: of a sparse one they are
/// not, and its holes may be larger than anybody can hash.
fn has_content(entry: &Entry) -> bool {
    Kind::of(entry.kind) == Kind::File && entry.sparse.is_none()
}
