//! One layer, checked while it streams: what came, what it unpacks to, and the entries in it.
//!
//! [`Layer`] takes the bytes of a blob as they come. It hashes them, unpacks them, hashes what
//! they unpack to, and reads that as an archive, each at once and none waiting for another: a
//! fault of the archive leaves both digests right, and one of the compression leaves the first.
//!
//! ```
//! use waybill_blobs::layer::Layer;
//! use waybill_core::digest::{Algorithm, Digest};
//!
//! let archive = [0; 1024];
//! let mut layer = Layer::new(Algorithm::Sha256);
//! layer.push(&archive, &mut |_| {});
//! let found = layer.finish(&mut |_| {});
//! assert_eq!(found.digest, Digest::sha256(&archive));
//! assert_eq!(found.diff_id, Ok(Digest::sha256(&archive)));
//! assert!(found.archive.is_ok());
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};
use waybill_core::digest::{Algorithm, Digest, Hasher};

use crate::sniff::Compression;
use crate::tar::{End, Event, Reader, TarError};
use crate::unpack::{Part, UnpackError, Unpacked, Unpacker};

/// Checks a layer of which the bytes come one after the other.
#[derive(Debug)]
pub struct Layer {
    received: Hasher,
    is_sha256: bool,
    size: u64,
    unpacker: Unpacker,
    unpacked: Content,
    failed: Option<UnpackError>,
}

/// What becomes of the bytes that were unpacked.
#[derive(Debug)]
struct Content {
    hasher: Hashing,
    /// Whether the bytes that came are hashed already, by the same algorithm.
    is_hashed: bool,
    size: u64,
    archive: Reader,
    failed: Option<TarError>,
}

/// Where what was unpacked is hashed.
enum Hashing {
    Here(Box<Hasher>),
    /// By whoever is handed the bytes.
    Elsewhere(Hand),
}

/// What hands bytes to whoever hashes them.
pub type Hand = Box<dyn FnMut(&[u8])>;

impl fmt::Debug for Hashing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hashing")
    }
}

impl Content {
    fn take(&mut self, bytes: &[u8], tell: &mut dyn FnMut(Event<'_>)) {
        if !self.is_hashed {
            match &mut self.hasher {
                Hashing::Here(hasher) => hasher.update(bytes),
                Hashing::Elsewhere(hand) => hand(bytes),
            }
        }
        self.size += bytes.len() as u64;
        if bytes.is_empty() {
            tell(Event::Data(bytes));
        } else if self.failed.is_none() {
            self.failed = self.archive.push(bytes, tell).err();
        }
    }
}

/// What a layer was found to be, once all of it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The digest of the bytes as they came.
    pub digest: Digest,
    /// How many bytes came.
    pub size: u64,
    /// How they are compressed.
    pub compression: Compression,
    /// The digest of what they unpack to; the error where they do not.
    pub diff_id: Result<Digest, UnpackError>,
    /// How many bytes they unpack to, as far as they do.
    pub unpacked_size: u64,
    /// The parts of the compressed stream, and what stands behind it.
    pub stream: Unpacked,
    /// The end of the archive; the error where it is none, or ends early.
    pub archive: Result<End, TarError>,
}

impl Found {
    /// Takes the SHA-256 of what the layer unpacks to from who was handed that
    /// ([`Layer::hash_elsewhere`]). What came as it is was hashed by who received it.
    pub fn take_hash(&mut self, hash: [u8; 32]) {
        let is_plain = self.compression == Compression::None;
        let is_known = is_plain && self.digest.algorithm() == Some(Algorithm::Sha256);
        if let (Ok(diff_id), false) = (&mut self.diff_id, is_known) {
            *diff_id = Digest::of_sha256(hash);
        }
    }
}

impl Layer {
    /// Of a layer of which nothing came yet; its digests are of that algorithm.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        Self {
            received: Hasher::new(algorithm),
            size: 0,
            unpacker: Unpacker::new(),
            unpacked: Content {
                // The diff_id's algorithm is its own: nobody writes another.
                hasher: Hashing::Here(Box::new(Hasher::new(Algorithm::Sha256))),
                is_hashed: false,
                size: 0,
                archive: Reader::new(),
                failed: None,
            },
            failed: None,
            is_sha256: algorithm == Algorithm::Sha256,
        }
    }

    /// Has what it unpacks to hashed by somebody else, from its first byte on. What is found at the
    /// end lacks that hash: [`Found::take_hash`].
    ///
    /// ```
    /// # use std::{cell::RefCell, rc::Rc};
    /// use waybill_blobs::layer::Layer;
    /// use waybill_core::digest::{Algorithm, Digest, Hasher};
    ///
    /// // Another algorithm's layer, which is not compressed: its `diff_id` is a hash of its own.
    /// let handed = Rc::new(RefCell::new(Vec::new()));
    /// let hand = Rc::clone(&handed);
    /// let mut layer = Layer::new(Algorithm::Sha512);
    /// layer.hash_elsewhere(Box::new(move |bytes| hand.borrow_mut().extend_from_slice(bytes)));
    /// layer.push(&[0; 1024], &mut |_| {});
    /// let mut found = layer.finish(&mut |_| {});
    /// let mut hasher = Hasher::new(Algorithm::Sha256);
    /// hasher.update(&handed.borrow());
    /// found.take_hash(hasher.finish_sha256().expect("a SHA-256"));
    /// assert_eq!(found.diff_id, Ok(Digest::sha256(&[0; 1024])));
    /// ```
    pub fn hash_elsewhere(&mut self, hand: Hand) {
        self.unpacked.hasher = Hashing::Elsewhere(hand);
    }

    /// How many bytes came.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How many bytes they unpacked to so far.
    #[must_use]
    pub fn unpacked_size(&self) -> u64 {
        self.unpacked.size
    }

    /// Unpacks nothing more of what comes: it is hashed, and no more is known of it.
    pub fn stop_unpacking(&mut self) {
        self.failed
            .get_or_insert(UnpackError::Stopped(self.unpacked.size));
    }

    /// Takes out the members or frames that began since the last call, as
    /// [`Unpacker::take_parts`] does: a table of contents names some of them.
    pub fn take_parts(&mut self) -> Vec<Part> {
        self.unpacker.take_parts()
    }

    /// Takes the next bytes, and tells the entries that are whole by them. An empty
    /// [`Event::Data`] is told where a member or frame begins.
    pub fn push(&mut self, bytes: &[u8], tell: &mut dyn FnMut(Event<'_>)) {
        self.push_and_keep(bytes, tell, &mut |_| {});
    }

    /// The same, and tells what they unpack to: for who saves it.
    pub fn push_and_keep(
        &mut self,
        bytes: &[u8],
        tell: &mut dyn FnMut(Event<'_>),
        keep: &mut dyn FnMut(&[u8]),
    ) {
        self.received.update(bytes);
        self.size += bytes.len() as u64;
        if self.failed.is_none() {
            let unpacked = &mut self.unpacked;
            let pushed = self.unpacker.push(bytes, &mut |bytes| {
                unpacked.take(bytes, tell);
                keep(bytes);
            });
            self.failed = pushed.err();
            let is_plain = self.unpacker.compression() == Some(Compression::None);
            self.unpacked.is_hashed = is_plain && self.is_sha256;
        }
    }

    /// Ends the layer where its bytes end.
    pub fn finish(self, tell: &mut dyn FnMut(Event<'_>)) -> Found {
        self.finish_and_keep(tell, &mut |_| {})
    }

    /// The same, and tells the last of what they unpack to.
    pub fn finish_and_keep(
        self,
        tell: &mut dyn FnMut(Event<'_>),
        keep: &mut dyn FnMut(&[u8]),
    ) -> Found {
        let mut unpacked = self.unpacked;
        let compression = self.unpacker.compression_at_end();
        let ended = self.unpacker.finish(&mut |bytes| {
            unpacked.take(bytes, tell);
            keep(bytes);
        });
        let ended = self.failed.map_or(ended, Err);
        let archive = match unpacked.failed {
            Some(error) => Err(error),
            None => unpacked.archive.finish(),
        };
        let digest = self.received.finish();
        let diff_id = match unpacked.hasher {
            Hashing::Here(hasher) if !unpacked.is_hashed => hasher.finish(),
            Hashing::Here(_) | Hashing::Elsewhere(_) => digest.clone(),
        };
        Found {
            digest,
            size: self.size,
            compression,
            diff_id: ended.clone().map(|_| diff_id),
            unpacked_size: unpacked.size,
            stream: ended.unwrap_or_default(),
            archive,
        }
    }
}
