//! What a page and the worker that holds its files say to each other of tables of contents: plain
//! values, which travel as JSON text, with bytes beside some of them.
//!
//! The page knows how to reach a registry, and the worker what to ask for: it says which bytes of
//! a blob it needs, the page fetches them by one range request and sends them back.
//!
//! ```text
//! page      Begin         Bytes           File              FileBytes
//! worker            Need         Sealed         FileNeed               FilePiece … FileDone
//! ```

use std::ops::Range;

use serde::{Deserialize, Serialize};
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Digest;
use waybill_core::media_type::MediaType;

use super::announced::first_request;
use super::{Announced, Fetch, Format, Proof, Step};
use crate::extract::Extracted;
use crate::finding::Told;

/// What a descriptor states of its layer, as far as it takes to get the layer's table.
///
/// ```
/// use waybill_blobs::toc::Stated;
/// use waybill_core::descriptor::Descriptor;
///
/// let mut layer = Descriptor { size: Some(100_000), ..Descriptor::default() };
/// assert_eq!(Stated::of(&layer), None);
/// let digest = format!("sha256:{}", "0".repeat(64));
/// layer.annotations.set("containerd.io/snapshot/stargz/toc.digest", digest);
/// let stated = Stated::of(&layer).expect("a table");
/// assert_eq!(stated.first(), 34_464..100_000);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    size: u64,
    media_type: Option<String>,
    annotations: Vec<(String, String)>,
    first: Range<u64>,
    is_all: bool,
}

impl Stated {
    /// Of a layer; `None` where its annotations announce no table, and where it has no size, since
    /// its end is where the place of most tables stands.
    #[must_use]
    pub fn of(layer: &Descriptor) -> Option<Self> {
        let (first, is_all) = first_request(layer)?;
        Some(Self {
            size: layer.size?,
            media_type: layer.media_type.as_ref().map(|it| it.as_str().to_owned()),
            annotations: layer.annotations.iter().cloned().collect(),
            first,
            is_all,
        })
    }

    /// The bytes of the layer that the first request asks for; none where it is clear that the
    /// table cannot be had.
    #[must_use]
    pub fn first(&self) -> Range<u64> {
        self.first.clone()
    }

    /// Whether that is the only request for sure; else a long table takes another.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.is_all
    }

    /// Begins to get the table.
    pub(super) fn begin(&self) -> Option<(Announced, Fetch, Step)> {
        let announced = Announced::by(&Descriptor {
            media_type: self.media_type.as_deref().map(MediaType::new),
            annotations: self.annotations.clone().into(),
            ..Descriptor::default()
        })?;
        let (fetch, step) = Fetch::begin(announced.clone(), self.size);
        Some((announced, fetch, step))
    }
}

/// What the page tells the worker of tables. A table has a number, which the page chooses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TableCommand {
    /// Begins with a table; what was known of that number is forgotten.
    Begin(u32, Stated),
    /// The bytes that [`TableEvent::Need`] asked for travel beside this; they begin at that byte of
    /// the blob.
    Bytes(u32, u64),
    /// Begins to read a file. What was read before is given up.
    File {
        /// A number for the file, which comes back with all that is told of it.
        file: u32,
        /// The table.
        table: u32,
        /// The place of its entry among those of the table: the offset in
        /// [`Table::listing`](super::Table::listing).
        entry: u64,
    },
    /// The bytes that [`TableEvent::FileNeed`] asked for travel beside this.
    FileBytes(u32),
}

/// What the worker tells the page of tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TableEvent {
    /// Of the blob of that table these bytes are needed, in one request.
    Need(u32, Range<u64>),
    /// The table is there and has the digest that the manifest names.
    Sealed(u32, Box<Seal>),
    /// It cannot be had, or is not what the manifest names.
    Failed {
        /// The table.
        table: u32,
        /// Why, without a full stop.
        why: String,
        /// Whether the layer is at fault, so that engines that go by the table fail on it.
        is_wrong: bool,
    },
    /// The table of the layer was compared with what its archive holds.
    Compared {
        /// Which layer, base first, from 0.
        layer: u32,
        /// What differs, and what else is wrong.
        differences: Vec<Told>,
        /// How many more there are.
        left_out: u64,
    },
    /// Of the blob of the file's layer these bytes are needed, in one request.
    FileNeed(u32, Range<u64>),
    /// The next bytes of the file travel beside this. They are not checked yet: show nothing of
    /// them before [`FileDone`](Self::FileDone).
    FilePiece(u32),
    /// All of it came, and is what the table names.
    FileDone(u32, Extracted, Proof),
    /// It cannot be read, or is not what the table names: why, without a full stop.
    FileFailed(u32, String),
}

/// A table that has the digest which the manifest names. It says nothing of the layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// Its format.
    pub format: Format,
    /// The digest that the manifest names, and that the table has.
    pub digest: Digest,
    /// Whether that is of the table's compressed bytes; else of its JSON.
    pub is_packed: bool,
    /// How many entries it has.
    pub entries: u64,
    /// How many requests it took.
    pub requests: u32,
    /// How many bytes of the layer they brought.
    pub bytes: u64,
    /// What is wrong with the table by itself.
    pub problems: Vec<Told>,
    /// How many more problems there are.
    pub left_out: u64,
}
