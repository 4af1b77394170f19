//! Tables of contents: what a layer says of its own files, so that engines can read them lazily.
//!
//! Two formats put such a table into a layer, eStargz (gzip) and zstd:chunked, and annotations of
//! the layer's descriptor name its digest. With it a layer is listed by one or two requests, and
//! one file is read without the others. A table that was checked says nothing of the layer: it
//! is a second account of the same files, and engines that go by it may see other files than
//! those that unpack the archive. So a seal of the table is never one of the layer, and
//! [`Comparison`] holds the two against each other once the layer is read in full.
//!
//! | step | what does it |
//! | --- | --- |
//! | does a layer have a table, by its annotations | [`Announced`] |
//! | which bytes to ask for, which next, and the checked table | [`Fetch`] |
//! | what the table holds, and what is wrong with it alone | [`Table`] |
//! | one file by its chunks | [`FileFetch`] |
//! | the table against the archive, and tar-split against both | [`Comparison`], [`SplitArchive`] |
//! | all of it in a worker, with what that and the page say to each other | [`Tables`] |
//!
//! Sources: stargz-snapshotter `docs/estargz.md` and `estargz/`; containers/storage
//! `pkg/chunked`.

mod announced;
mod compare;
mod fetch;
mod file;
mod footer;
mod geometry;
mod listed;
mod message;
mod problem;
mod read;
mod split;
mod starts;
mod tables;

pub use announced::{Announced, Format, Position};
pub use compare::Comparison;
pub use fetch::{Fetch, Fetched, Step, TarSplit, TocError};
pub use file::{FileError, FileFetch, Proof};
pub use message::{Seal, Stated, TableCommand, TableEvent};
pub use problem::{Problem, Problems};
pub use read::ReadError;
pub use split::{SplitArchive, SplitError};
pub use tables::Tables;

use std::ops::Range;
use std::sync::Arc;

use waybill_core::digest::{Algorithm, Digest};

use crate::tar::{self, Time};

/// How many bytes a table may have, packed and unpacked. Source: `maxTocSize` of
/// containers/storage.
pub const TABLE_BYTES: u64 = 150 << 20;
/// How many entries a table may have, chunks not counted.
pub const ENTRIES: usize = 1_000_000;
/// How many chunks all files of a table may have together.
pub const CHUNKS: usize = 2_000_000;

/// The name of the table's own entry at the end of an eStargz layer.
pub const TABLE_NAME: &str = "stargz.index.json";

/// Whether an entry belongs to eStargz itself and is no content of the layer: the table, and the
/// landmarks that tell what to fetch beforehand.
///
/// ```
/// use waybill_blobs::toc::is_part_of_format;
///
/// assert!(is_part_of_format(b".prefetch.landmark"));
/// assert!(!is_part_of_format(b"etc/.prefetch.landmark"));
/// ```
#[must_use]
pub fn is_part_of_format(name: &[u8]) -> bool {
    let name = name.strip_prefix(b"./").unwrap_or(name);
    name == TABLE_NAME.as_bytes()
        || name == b".prefetch.landmark"
        || name == b".no.prefetch.landmark"
}

/// A table of contents that was read; it comes out of [`Fetch`] only with the digest that the
/// manifest names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    format: Format,
    entries: Vec<Entry>,
    chunks: Vec<Chunk>,
    /// What was wrong while it was read.
    problems: Problems,
    /// Where in the blob the table begins: every file ends before.
    end: u64,
    tar_split: Option<Sum>,
}

/// One entry of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    name: Box<str>,
    link: Box<str>,
    /// As in [`tar::Entry`]; `?` for a type that no table has.
    kind: u8,
    size: u64,
    mode: i64,
    user: i64,
    group: i64,
    user_name: Option<Arc<str>>,
    group_name: Option<Arc<str>>,
    modified: Time,
    device: (i64, i64),
    xattrs: Box<[Xattr]>,
    content: Sum,
    chunks: Range<u32>,
    /// Where in the blob its bytes end, where the table says it.
    end: u64,
}

/// The name and the value of an extended attribute.
type Xattr = (Box<str>, Box<[u8]>);

/// A piece of a file that is compressed so that it can be read alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// Where in the blob the member or frame begins that holds it.
    offset: u64,
    /// Where in the blob that ends, or what comes next.
    end: u64,
    /// How many unpacked bytes stand before it there.
    inner: u64,
    /// Where in the file it stands.
    at: u64,
    /// How many bytes of the file it is.
    size: u64,
    sum: Sum,
    /// Engines write zeros for it, and do not read it.
    is_zeros: bool,
}

/// A digest as a table states it, kept small.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Sum {
    /// None is stated.
    #[default]
    Absent,
    Sha256([u8; 32]),
    /// One that is computed otherwise, or no digest at all.
    Other(Box<str>),
}

impl Sum {
    fn read(text: &str) -> Self {
        if text.is_empty() {
            return Self::Absent;
        }
        let digest = text.parse::<Digest>().ok();
        match digest.as_ref().and_then(hash) {
            Some(hash) => Self::Sha256(hash),
            None => Self::Other(text.into()),
        }
    }

    /// The digest, where it is one that can be computed here.
    fn digest(&self) -> Option<Digest> {
        match self {
            Self::Absent => None,
            Self::Sha256(hash) => {
                use std::fmt::Write as _;
                let mut text = String::from("sha256:");
                for byte in hash {
                    // Writing to a text cannot fail.
                    let _ = write!(text, "{byte:02x}");
                }
                text.parse().ok()
            }
            Self::Other(text) => {
                let digest = text.parse::<Digest>().ok();
                digest.filter(|digest| digest.algorithm().is_some())
            }
        }
    }
}

/// The bytes of a sha256 digest.
fn hash(digest: &Digest) -> Option<[u8; 32]> {
    if digest.algorithm() != Some(Algorithm::Sha256) {
        return None;
    }
    let mut hash = [0; 32];
    let digits = digest.encoded().as_bytes().chunks_exact(2);
    for (byte, digits) in hash.iter_mut().zip(digits) {
        let digits = std::str::from_utf8(digits).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(hash)
}

impl Table {
    /// The format it stands in.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Its entries, in the order written; chunks belong to their files.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The chunks of an entry, in the order written. Only a file that is not empty has any.
    #[must_use]
    pub fn chunks(&self, entry: &Entry) -> &[Chunk] {
        let range = entry.chunks.start as usize..entry.chunks.end as usize;
        self.chunks.get(range).unwrap_or_default()
    }

    /// The digest of the file's content that the table states, where it can be computed here.
    #[must_use]
    pub fn digest(&self, entry: &Entry) -> Option<Digest> {
        entry.content.digest()
    }

    /// The sum over the packed tar-split data, where the table states one.
    #[must_use]
    pub fn tar_split(&self) -> Option<Digest> {
        self.tar_split.as_ref().and_then(Sum::digest)
    }
}

impl Entry {
    /// The path, as it is written.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type's byte, as in [`tar::Entry::kind`]; `?` for a type that no table has.
    #[must_use]
    pub fn kind(&self) -> u8 {
        self.kind
    }

    /// The size of a file in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The entry that an archive would have for it, so that both are listed alike.
    ///
    /// It has no place in an archive: [`tar::Entry::offset`] is 0.
    #[must_use]
    pub fn header(&self) -> tar::Entry {
        let text = |text: &Option<Arc<str>>| {
            let text = text.as_deref().unwrap_or_default();
            text.as_bytes().to_vec()
        };
        tar::Entry {
            name: self.name.as_bytes().to_vec(),
            link: self.link.as_bytes().to_vec(),
            kind: self.kind,
            size: self.size.try_into().unwrap_or(i64::MAX),
            mode: self.mode,
            user: self.user,
            group: self.group,
            user_name: text(&self.user_name),
            group_name: text(&self.group_name),
            modified: self.modified,
            device: self.device,
            xattrs: self
                .xattrs
                .iter()
                .map(|(name, value)| (name.as_bytes().to_vec(), value.to_vec()))
                .collect(),
            ..tar::Entry::default()
        }
    }
}

impl Chunk {
    /// Where in the file it stands.
    #[must_use]
    pub fn at(&self) -> u64 {
        self.at
    }

    /// How many bytes of the file it is.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where in the blob the member or frame stands that holds it.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.offset..self.end
    }
}
