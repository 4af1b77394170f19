//! What happens in the tab, and what it needs done.

use waybill_core::digest::Digest;
use waybill_core::view::Action;
use waybill_core::workflow::related as workflow;

use crate::lazy::LoadError;
use crate::shell::Request;
use crate::signatures;

/// What happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The tab is shown now, or another one.
    Shown(bool),
    /// Something happened to what is looked for.
    Workflow(workflow::Msg),
    /// A manifest is to be opened, or closed.
    Toggle(Digest),
    /// What is drawn of a document changed.
    Draw(Part, Shown),
    /// A document, or what is inside of its envelopes, is to be saved.
    Save(Part, bool),
    /// Check the signatures that a manifest holds, as found under the one of that place.
    Check(Digest, usize),
    /// The bytes of the long documents among them came.
    Brought(Digest, usize, Vec<(Digest, Vec<u8>)>),
    /// Search on.
    Search(Search),
    /// Close the check.
    StopChecking,
    /// What checks signatures came, or did not.
    PanelCame(Result<signatures::Draw, LoadError>),
    /// What somebody gave to check signatures with.
    Keep(signatures::Kept),
    /// A key was pressed on the line of that number.
    Key(usize, Key),
    /// A button of an error was pressed.
    Action(Action),
    /// What is set for the registry changed.
    Changed,
}

/// A document of a manifest: by the manifest's digest, and its place among the documents.
pub type Part = (Digest, usize);

/// What is drawn of a document otherwise than at first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Its bytes, or what was decoded.
    Bytes(bool),
    /// The bytes from that line on.
    Line(usize),
    /// The rows of its table of that number in which these words stand.
    Filter(usize, String),
    /// The rows from that one on.
    Row(usize, usize),
}

/// A search for rows: words in a table of a document, by its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The document.
    pub part: Part,
    /// The number of the table.
    pub table: usize,
    /// The words.
    pub words: String,
}

/// A key that does something on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// To the line above.
    Up,
    /// To the line below.
    Down,
    /// To the first line.
    Home,
    /// To the last line.
    End,
    /// Open it.
    Right,
    /// Close it.
    Left,
}

/// What the tab needs done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// For what is looked for.
    Workflow(workflow::Effect),
    /// Load what checks signatures, and send it back as [`Msg::PanelCame`].
    LoadPanel,
    /// Keep what signatures are checked with, as long as the page is open.
    Keep(signatures::Kept),
    /// Bring the bytes of long documents of a manifest, to check their signatures, and send them back as
    /// [`Msg::Brought`].
    Bring(Digest, usize, Vec<Digest>),
    /// Save a long document, or what is inside of its envelopes, as a file of that name.
    SaveLong(Digest, bool, String),
    /// Send it back as [`Msg::Search`] once the page had a turn.
    GoOn(Search),
    /// Move the focus to the line of that number.
    FocusLine(usize),
    /// Move the focus to the head of the tab, where what had it is gone.
    KeepFocus,
    /// Ask the shell.
    Request(Request),
}
