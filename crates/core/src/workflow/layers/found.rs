//! What reading a blob found, as plain values; and how that compares with what was named.

use serde::{Deserialize, Serialize};

use super::plan::{NoDiffId, PlannedLayer, Reading};
use crate::digest::Digest;
use crate::registry::error::RegistryError;

/// How bytes are compressed, by their beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compression {
    /// They are not, as far as can be told.
    None,
    /// gzip, RFC 1952.
    Gzip,
    /// Zstandard, RFC 8878; a skippable frame may come first.
    Zstd,
    /// bzip2, which no specification of layers names, and docker alone unpacks.
    Bzip2,
    /// xz, likewise.
    Xz,
}

impl Compression {
    /// Its name in a sentence.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "not compressed",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }
}

/// What a blob was found to be, once all of it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The digest of the bytes as they came, in the algorithm of the one that was named.
    pub digest: Digest,
    /// How many bytes came.
    pub size: u64,
    /// How they are compressed.
    pub compression: Compression,
    /// The SHA-256 of what they unpack to.
    pub diff_id: Result<Digest, NotUnpacked>,
    /// How many bytes they unpack to, as far as they do.
    pub unpacked: u64,
    /// How many bytes stand behind the compressed ones. Some engines refuse any.
    pub trailing: u64,
    /// Whether it is an archive; else why it is none, or not a whole one, as a
    /// sentence without its full stop.
    pub archive: Result<(), String>,
}

/// Why the bytes were not unpacked, or not to their end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotUnpacked {
    /// Nobody asked for it.
    NotAsked,
    /// The compressed data end inside of themselves.
    EndsEarly,
    /// They are not what their beginning says, or their checksum is another one: the
    /// library's words.
    Corrupt(String),
    /// It takes a window of so many bytes, more than a page gives it.
    Window(u64),
    /// Nothing here unpacks what is compressed so.
    Unsupported,
    /// A person said that it unpacks to too much.
    Stopped,
}

/// Why a reading cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The person cancelled.
    Cancelled,
    /// The registry refused, or there is no way to it.
    Registry(RegistryError),
    /// The connection broke, or nothing more came.
    Broken,
    /// What reads in the background did not start, or ended: its words.
    Worker(String),
}

/// One comparison of what came with what was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// Nothing can be said yet.
    Open,
    /// It is what was named.
    Verified,
    /// It is not.
    Wrong(Wrong),
    /// Nothing could be compared.
    NotChecked(NotChecked),
}

/// How something differs from what was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It hashes to another digest.
    Digest(Digest),
    /// It has another size in bytes.
    Size {
        /// As it was stated.
        stated: u64,
        /// As it came.
        found: u64,
    },
    /// It does not unpack: its compressed data end early.
    EndsEarly,
    /// It does not unpack: the library's words.
    Corrupt(String),
}

/// Why nothing could be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotChecked {
    /// The manifest states no size.
    NoSize,
    /// The bytes were unpacked on the way, so those that are named were not seen.
    UnpackedOnTheWay,
    /// Nobody says what it has to unpack to.
    NoDiffId(NoDiffId),
    /// It was not unpacked: why.
    NotUnpacked(NotUnpacked, Compression),
}

/// The three seals of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seals {
    /// Of the bytes as they came.
    pub digest: Seal,
    /// Of how many they are.
    pub size: Seal,
    /// Of what they unpack to.
    pub diff_id: Seal,
}

impl Seals {
    /// Seals of which nothing can be said yet.
    #[must_use]
    pub fn open() -> Self {
        Self {
            digest: Seal::Open,
            size: Seal::Open,
            diff_id: Seal::Open,
        }
    }

    /// Compares what came with what a manifest and its config name.
    ///
    /// Bytes that are no compressed ones and hash to the diff ID, while digest and size are
    /// others, are the layer, unpacked by who delivered it: a browser undoes
    /// `Content-Encoding: gzip` before a page sees a byte. So that is neither verified nor
    /// wrong: the bytes that the manifest names were not seen here.
    ///
    /// ```
    /// use waybill_core::digest::Digest;
    /// use waybill_core::workflow::layers::{
    ///     Compression, Found, PlannedLayer, Reading, Seal, Seals,
    /// };
    ///
    /// let archive = [0; 1024];
    /// let digest = Digest::sha256(&archive);
    /// let layer = PlannedLayer {
    ///     digest: Some(digest.clone()),
    ///     size: Some(1024),
    ///     media_type: None,
    ///     reading: Reading::Unpacked,
    ///     diff_id: Ok(digest.clone()),
    ///     has_table: false,
    /// };
    /// let found = Found {
    ///     digest: digest.clone(),
    ///     size: 1024,
    ///     compression: Compression::None,
    ///     diff_id: Ok(digest),
    ///     unpacked: 1024,
    ///     trailing: 0,
    ///     archive: Ok(()),
    /// };
    /// let seals = Seals::compare(&layer, &found);
    /// assert!(seals.digest == Seal::Verified && seals.diff_id == Seal::Verified);
    /// ```
    #[must_use]
    pub fn compare(layer: &PlannedLayer, found: &Found) -> Self {
        let digest = match &layer.digest {
            Some(named) if *named == found.digest => Seal::Verified,
            Some(_) | None => Seal::Wrong(Wrong::Digest(found.digest.clone())),
        };
        let size = match layer.size {
            None => Seal::NotChecked(NotChecked::NoSize),
            Some(stated) if stated == found.size => Seal::Verified,
            Some(stated) => Seal::Wrong(Wrong::Size {
                stated,
                found: found.size,
            }),
        };
        let diff_id = diff_id(layer, found);
        let is_unpacked = found.compression == Compression::None
            && diff_id == Seal::Verified
            && matches!(digest, Seal::Wrong(_));
        if is_unpacked {
            let seal = Seal::NotChecked(NotChecked::UnpackedOnTheWay);
            return Self {
                digest: seal.clone(),
                size: seal,
                diff_id,
            };
        }
        Self {
            digest,
            size,
            diff_id,
        }
    }

    /// Whether something is not what was named.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        [&self.digest, &self.size, &self.diff_id]
            .iter()
            .any(|seal| matches!(seal, Seal::Wrong(_)))
    }

    /// Whether the bytes are the layer's content, while those that the manifest names were not
    /// seen.
    #[must_use]
    pub fn is_unpacked_on_the_way(&self) -> bool {
        self.digest == Seal::NotChecked(NotChecked::UnpackedOnTheWay)
    }

    /// Whether all is what was named: of schema 1, which states no sizes, without them, and of
    /// what is no file system without what it unpacks to.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let size = matches!(
            self.size,
            Seal::Verified | Seal::NotChecked(NotChecked::NoSize)
        );
        let diff_id = matches!(
            self.diff_id,
            Seal::Verified | Seal::NotChecked(NotChecked::NoDiffId(NoDiffId::NoFileSystem))
        );
        self.digest == Seal::Verified && size && diff_id
    }
}

/// A fault of the compressed data is a fault of the layer whoever says what it unpacks to: no
/// engine could use it.
fn diff_id(layer: &PlannedLayer, found: &Found) -> Seal {
    if !matches!(layer.reading, Reading::Unpacked) {
        return Seal::NotChecked(NotChecked::NoDiffId(NoDiffId::NoFileSystem));
    }
    match (&found.diff_id, &layer.diff_id) {
        (Err(NotUnpacked::EndsEarly), _) => Seal::Wrong(Wrong::EndsEarly),
        (Err(NotUnpacked::Corrupt(reason)), _) => Seal::Wrong(Wrong::Corrupt(reason.clone())),
        (Err(why), _) => Seal::NotChecked(NotChecked::NotUnpacked(why.clone(), found.compression)),
        (Ok(_), Err(why)) => Seal::NotChecked(NotChecked::NoDiffId(*why)),
        (Ok(found), Ok(named)) if found == named => Seal::Verified,
        (Ok(found), Ok(_)) => Seal::Wrong(Wrong::Digest(found.clone())),
    }
}
