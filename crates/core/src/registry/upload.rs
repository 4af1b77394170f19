//! Writes blobs: mounted from another repository of the registry, or uploaded, a bounded piece
//! at a time.
//!
//! Here are the nouns: what to write ([`Blob`]), what came of it ([`UploadOutcome`],
//! [`InterruptedUpload`]), and what is kept in between ([`Upload`]). The requests are in three
//! private modules: `send` begins, resumes and repeats an upload, `piece` reads the source and
//! writes, `location` judges the addresses that the registry names. The entry is
//! [`send_blob`](super::client::Client::send_blob).
//!
//! Source: distribution-spec, "Pushing Blobs", "Mounting a blob from another repository".

mod location;
mod piece;
mod send;

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::error::RegistryError;
use super::push::Repository;
use super::transport::Via;
use crate::digest::{Digest, Hasher};
use crate::humanize;
use crate::limits;

/// A blob that is to be written to a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Its digest, checked before the upload is completed.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Where it is.
    pub from: BlobSource,
    /// Where it goes.
    pub to: Repository,
}

/// Where the bytes of a blob are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlobSource {
    /// Here.
    Bytes(Rc<[u8]>),
    /// In a repository. Where it is one of the registry that is written to, mounting is tried
    /// first.
    Repository(Repository),
}

/// How a blob was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadOutcome {
    /// The registry took it from another of its repositories.
    Mounted,
    /// Its bytes were uploaded.
    Uploaded,
}

/// Pieces of blobs that were read and could not be written: whoever goes on has them without
/// reading them again. As many are kept as a push has requests under way, the newest.
#[derive(Debug, Default)]
pub(super) struct CutPieces(RefCell<Vec<CutPiece>>);

#[derive(Debug)]
struct CutPiece {
    blob: Blob,
    start: u64,
    bytes: Vec<u8>,
}

impl CutPieces {
    /// Keeps a piece, which begins there. One of bytes that are here anyway is not kept.
    fn keep(&self, blob: &Blob, start: u64, bytes: Vec<u8>) {
        if matches!(blob.from, BlobSource::Bytes(_)) {
            return;
        }
        let mut kept = self.0.borrow_mut();
        if kept.len() == limits::PUSH_REQUESTS_AT_ONCE {
            kept.remove(0);
        }
        let blob = blob.clone();
        kept.push(CutPiece { blob, start, bytes });
    }

    /// Gives the piece of that length back that begins there.
    fn take(&self, blob: &Blob, start: u64, length: u64) -> Option<Vec<u8>> {
        let mut kept = self.0.borrow_mut();
        let is_it = |piece: &CutPiece| {
            piece.blob == *blob && piece.start == start && piece.bytes.len() as u64 == length
        };
        let place = kept.iter().position(is_it)?;
        Some(kept.remove(place).bytes)
    }
}

/// An upload that was begun: where it goes on, and what was hashed of it.
///
/// It is what a push keeps of a blob that was cut, to pass it to
/// [`send_blob`](super::client::Client::send_blob) again. Nothing in it outlives the page: the
/// state of the hash is only in memory.
#[derive(Clone)]
pub struct Upload {
    /// May hold a token of the registry's own in its query.
    location: String,
    /// The way on which it was begun; every request of it takes that one.
    via: Via,
    /// How many bytes the registry has.
    held: u64,
    /// Of the first `hashed` bytes, never more than `held`.
    hasher: Box<Hasher>,
    /// How far the source was read. The next piece begins here.
    hashed: u64,
    /// How many bytes to read at once, as settled when it was begun.
    piece: u64,
}

impl Upload {
    /// How many bytes the registry has.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.held
    }
}

impl PartialEq for Upload {
    /// Compares the address, the way and both counts. The state of the hash follows from the
    /// counts, as long as both are of one blob; the size of a piece does not count.
    fn eq(&self, other: &Self) -> bool {
        self.location == other.location
            && (self.via, self.held, self.hashed) == (other.via, other.held, other.hashed)
    }
}

impl fmt::Debug for Upload {
    /// Never shows the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes via {:?}", self.held, self.via)
    }
}

/// A blob that was not written.
#[derive(Clone, Debug)]
pub struct InterruptedUpload {
    /// Why.
    pub error: UploadError,
    /// What to go on with, where the upload had begun and may be gone on with.
    pub upload: Option<Upload>,
}

/// Why a blob was not written.
///
/// The blob is not known to be in the repository then. After a [`Target`](Self::Target) error
/// it may be there all the same, where only the answer to the last request was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadError {
    /// The registry that it is read from, or the way to it.
    Source(RegistryError),
    /// The registry that it is written to, or the way to it.
    Target(RegistryError),
    /// Its digest cannot be computed here, so that its bytes cannot be checked.
    Unsupported,
    /// The bytes of the source are others.
    Digest {
        /// What they hash to.
        found: Digest,
    },
    /// The source has more or fewer bytes than the descriptor states.
    Length {
        /// What the descriptor states.
        stated: u64,
        /// How many there are; `None` where there are more.
        found: Option<u64>,
    },
    /// The registry that it is written to holds another count of bytes than it was sent.
    Held {
        /// How many it was sent.
        sent: u64,
        /// How many it says it has.
        held: u64,
    },
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) | Self::Target(error) => error.fmt(f),
            Self::Unsupported => f.write_str(
                "its digest is of an algorithm that is not computed here, it cannot be checked",
            ),
            Self::Digest { found } => write!(f, "its source has other bytes, they hash to {found}"),
            Self::Length { stated, found } => {
                let stated = humanize::number(*stated);
                match found {
                    Some(found) => {
                        let found = humanize::number(*found);
                        write!(
                            f,
                            "its source has {found} bytes, the descriptor states {stated}"
                        )
                    }
                    None => write!(
                        f,
                        "its source has more bytes than the {stated} that the descriptor states"
                    ),
                }
            }
            Self::Held { sent, held } => {
                write!(
                    f,
                    "the registry has {} of {} bytes sent",
                    humanize::number(*held),
                    humanize::number(*sent)
                )
            }
        }
    }
}

impl std::error::Error for UploadError {}
