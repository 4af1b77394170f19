//! What happens to the files, and what they need done.

use std::rc::Rc;

use waybill_blobs::extract::Extracted;
use waybill_blobs::files::{Answer, Ask, Filter, Look, Sort};
use waybill_blobs::finding::Told;
use waybill_blobs::toc::{Proof, Seal, Stated};
use waybill_core::digest::Digest;

use super::Read;
pub use super::WantedLayer;
use super::address::Place;
use super::content::Shown;
use crate::shell::Request;

/// What happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The address names that place, or none, and the files are shown by now or not.
    Came(Option<String>, bool),
    /// Read the layers that were not read yet.
    Read,
    /// Read those again of which the contents were not hashed.
    ReadContents,
    /// List layers from their tables of contents, and read only those that have none.
    List,
    /// Stop reading them.
    Cancel,
    /// Read on, of the layer of that place among those that are read: it broke, or reached a limit.
    GoOn(usize),
    /// List what came, without the layers that did not.
    ListWhatCame,
    /// Something came of reading the layer of that place among those that are read.
    Told(usize, LayerTold),
    /// Something came of the table of that number.
    Table(u32, TableTold),
    /// The table of that layer was compared with its archive: what differs, and how much more does.
    Compared(u32, Vec<Told>, u64),
    /// The worker that holds the files is ready to be asked. Entries are left out of the layers that these name.
    Opened(Vec<Told>),
    /// It cannot read the listing of that layer.
    Unreadable(u32),
    /// It does not come, or stopped: why.
    Failed(String),
    /// It answered the question of that number.
    Answered(u32, Answer),
    /// Look otherwise.
    Look(Look),
    /// A search is typed.
    Typed(String),
    /// A filter was pressed.
    Filter(Filter),
    /// Another order.
    Sort(Sort),
    /// A path is typed.
    PathTyped(String),
    /// It was submitted.
    PathSubmitted,
    /// Go to a path of this look.
    Go(String),
    /// Go to a path of another look.
    GoIn(Look, String),
    /// The rows are scrolled to there.
    Scrolled(Scroll),
    /// A key was pressed on the rows.
    Key(Key),
    /// That row was pressed.
    Pressed(u32),
    /// The directory of that row is to be opened, or closed.
    Toggle(u32),
    /// Open the file that is chosen.
    Open,
    /// Show its content otherwise.
    Show(Shown),
    /// Draw its content from that line on.
    ShowFrom(usize),
    /// Leave its content.
    Close,
    /// Save the file that is chosen.
    Save,
    /// Something came of reading it.
    Content(ContentTold),
    /// Its picture, as an address that holds it.
    Picture(String),
}

/// What came of reading a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayerTold {
    /// So many bytes came.
    Progress(u64),
    /// It is whole.
    Done(Read),
    /// It unpacks to more than is expected, and waits for an answer.
    Asks,
    /// It cannot be read: why, and whether it can go on.
    Failed(String, bool),
}

/// What came of a table of contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableTold {
    /// It has the digest that the manifest names.
    Sealed(Box<Seal>),
    /// It cannot be used: why.
    Failed(String),
}

/// What came of reading a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContentTold {
    /// So many bytes of its layer came.
    Progress(u64),
    /// It is whole. The bytes are those to show; where it was saved there are none.
    Done(Extracted, Option<Rc<[u8]>>),
    /// It is whole, and what its layer's table of contents names.
    Proven(Extracted, Option<Rc<[u8]>>, Proof),
    /// It is not: why.
    Failed(String),
    /// Somebody was asked where to save it, and left.
    Left,
}

/// How the rows are scrolled, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scroll {
    /// How far from the top.
    pub top: f64,
    /// How much is in view.
    pub height: f64,
    /// How high a row is.
    pub row: f64,
}

/// A key that does something on the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// To the row above.
    Up,
    /// To the row below.
    Down,
    /// To the row a view above.
    PageUp,
    /// To the row a view below.
    PageDown,
    /// To the first row.
    Home,
    /// To the last row.
    End,
    /// Closes a directory, or goes to the one above.
    Left,
    /// Opens a directory, or goes to the first below it.
    Right,
    /// Opens or closes a directory, and opens a file.
    Enter,
}

/// What is needed.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read these layers, each with its place among those that are wanted, and send what comes of each back as
    /// [`Msg::Told`].
    Read(Vec<(usize, WantedLayer)>),
    /// Get these tables of contents, by their numbers, of the blobs of those digests, and send what comes of each back as
    /// [`Msg::Table`].
    ReadTables(Vec<(u32, Digest, Stated)>),
    /// Stop reading layers.
    StopReading,
    /// Read on, of the layer of that place.
    GoOn(usize),
    /// Answer the question of the layer of that place: it goes on without limits.
    Answer(usize),
    /// Open the listings of these layers, base first, in a worker; `None` where a layer has none. Behind them the layers
    /// that have a table of contents, with its number: those without a listing are listed from it, the others compared.
    OpenListings(Vec<Option<Digest>>, Vec<(u32, u32)>),
    /// Ask the worker.
    Ask(u32, Ask),
    /// Scroll the rows.
    ScrollTo(f64),
    /// Put the place into the address: as a new one, or over the one that stands there.
    Address(Place, bool),
    /// Read the entry of a layer, and send what comes of it back as [`Msg::Content`]; save it under that name, or bring
    /// its bytes.
    Extract {
        /// The layer.
        layer: WantedLayer,
        /// Where the header of its entry stands in the archive.
        entry: u64,
        /// The name to save it under.
        save: Option<String>,
    },
    /// The same by the chunks of a file, of an entry of the table of that number.
    ExtractChunks {
        /// The table.
        table: u32,
        /// The place of its entry in it.
        entry: u64,
        /// The name to save it under.
        save: Option<String>,
    },
    /// Stop that.
    StopExtracting,
    /// Make an address that holds a picture, and send it back as [`Msg::Picture`].
    Picture(Rc<[u8]>, &'static str),
    /// Ask the shell.
    Request(Request),
}
