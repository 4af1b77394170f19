//! What is asked of opened files, and what is answered: plain values, which travel as JSON text.
//!
//! Names and paths are texts for people here, escaped as by [`path`](crate::path), and what ends a
//! line too. A node is the
//! number of a row in one [`Look`]; it stays the same as long as the files are open.

use serde::{Deserialize, Serialize};

use waybill_core::finding::Severity;

use super::capability::Capabilities;
use super::differences::{DifferencesCounts, DifferencesQuery, DifferencesRows};
use crate::finding::Told;
use crate::listing::Kind;
use crate::toc::{TableCommand, TableEvent};

/// How somebody looks at the files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Look {
    /// What a container sees: all layers, flattened by the specification.
    #[default]
    Image,
    /// The entries of one layer, as they were written; layers are counted from 0, base first.
    Layer(u32),
    /// What one layer changed of those below it.
    Changes(u32),
}

/// What people look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Filter {
    /// Files that run as their owner or group, whoever starts them.
    Setuid,
    /// Files with capabilities.
    Capabilities,
    /// What everybody may write: no links, and no directories with the sticky bit.
    WorldWritable,
    /// Character and block devices.
    Devices,
    /// What a later layer hides.
    Hidden,
    /// Files, largest first.
    Largest,
    /// Files of the same content, those first that cost most.
    Duplicates,
    /// Where engines would make another file system of it.
    EnginesDiffer,
}

impl Filter {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Setuid,
        Self::Capabilities,
        Self::WorldWritable,
        Self::Devices,
        Self::Hidden,
        Self::Largest,
        Self::Duplicates,
        Self::EnginesDiffer,
    ];
}

/// In which order siblings stand, or what was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sort {
    /// By the bytes of names.
    #[default]
    Name,
    /// Largest first.
    Size,
}

/// What is to be shown: a tree of which some directories are open; or, where something is searched
/// or filtered, a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// How.
    pub look: Look,
    /// What is searched for; see [`Pattern`](super::Pattern).
    pub search: String,
    /// What alone is shown.
    pub filter: Option<Filter>,
    /// The order.
    pub sort: Sort,
    /// The directories that are open.
    pub opened: Vec<u32>,
    /// Whose place is wanted; the directories above it are open.
    pub reveal: Option<Which>,
    /// The first row that is wanted.
    pub from: u32,
    /// How many.
    pub count: u32,
}

/// Names a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// By its number.
    Node(u32),
    /// The one above that node.
    Above(u32),
    /// By its path, with or without a `/` before it.
    Path(String),
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// The rows in view.
    Rows(Query),
    /// Everything known of one node.
    Entry(Look, Which),
    /// What the image wastes.
    Waste,
    /// What is found in its layers together.
    Findings,
}

/// What the page tells the worker that holds the files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FilesCommand {
    /// Opens the listings that travel beside this, base first.
    Open {
        /// The layers that have none, counted from 0 among all: nothing of them is shown, unless
        /// a table lists them.
        missing: Vec<u32>,
        /// The layers that have a table of contents, each with its number.
        tables: Vec<(u32, u32)>,
    },
    /// Something about tables of contents; bytes may travel beside it.
    Table(TableCommand),
    /// Asks something; the answer has the same number.
    Ask(u32, Ask),
    /// Compares two images, of whose layers the listings travel beside this, each once.
    Compare {
        /// The layers that have none.
        missing: Vec<u32>,
        /// The layers of each, base first: their places among the listings.
        sides: [Vec<u32>; 2],
    },
    /// Asks for some of what differs; the answer has the same number.
    Differences(u32, DifferencesQuery),
    /// Asks for all of what differs as a report.
    Report(ReportForm),
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReportForm {
    /// A line each, for people.
    Text,
    /// For programs.
    Json,
}

/// What that worker tells the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FilesEvent {
    /// It hears.
    Ready,
    /// The files are open, but for the entries of layers that these say are left out.
    Opened(Vec<Told>),
    /// The listing of that layer cannot be read.
    Unreadable(u32),
    /// The answer to the question of that number.
    Answer(u32, Answer),
    /// Two images are compared.
    Compared(DifferencesCounts),
    /// The answer to [`FilesCommand::Differences`] of that number.
    Differences(u32, DifferencesRows),
    /// What [`FilesCommand::Report`] asked for.
    Report(ReportForm, String),
    /// Something about tables of contents; bytes may travel beside it.
    Table(TableEvent),
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// To [`Ask::Rows`].
    Rows(Rows),
    /// To [`Ask::Entry`]; `None` where there is no such node.
    Entry(Option<Box<Details>>),
    /// To [`Ask::Waste`].
    Waste(Box<super::Waste>),
    /// To [`Ask::Findings`].
    Findings(Vec<Told>),
}

/// Rows in view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// How many rows there are in all.
    pub total: u32,
    /// The place of the first one here.
    pub from: u32,
    /// They.
    pub rows: Vec<Row>,
    /// Where that stands which was to be revealed: its row and its node. `None` where it has no
    /// row.
    pub revealed: Option<(u32, u32)>,
    /// The directories that were opened for it.
    pub opened: Vec<u32>,
    /// How many nodes of this look each filter has, in the order of [`Filter::ALL`].
    pub counts: [u32; Filter::ALL.len()],
    /// How many files, directories and others there are in this look.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many entries are not listed, since there are too many.
    pub left_out: u64,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its node.
    pub node: u32,
    /// Its name; in a list its path.
    pub name: String,
    /// What it is; a directory that no entry makes is [`Kind::Directory`] too.
    pub kind: Kind,
    /// How deep it stands: 1 at the root, and in a list.
    pub depth: u32,
    /// Which of its siblings it is, counted from 1, and how many they are.
    pub sibling: (u32, u32),
    /// Whether it is open; `None` where there is nothing to open.
    pub is_open: Option<bool>,
    /// Its bytes, with all below it.
    pub bytes: u64,
    /// How large it is beside what stands with it, in thousandths.
    pub share: u16,
    /// The layer it comes from.
    pub layer: u32,
    /// How it stands.
    pub state: State,
    /// Where a link leads, as it is written.
    pub link: Option<String>,
    /// Whether engines would make something else of it.
    pub engines_differ: bool,
    /// Whether it belongs to the layer's format, and no container sees it as content.
    pub is_format: bool,
    /// Where duplicates are listed: which copy of one content it is, counted from 1, and how many
    /// there are.
    pub copy: Option<(u32, u32)>,
}

/// How a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// A container sees it.
    Seen,
    /// No entry makes it; something stands below it.
    Implied,
    /// It is hidden, by the layer of that number.
    Hidden(u32, Why),
    /// It hides what stands below, and is no content.
    Whiteout,
    /// The layer adds it.
    Added,
    /// The layer changed it.
    Changed,
    /// The layer removed it.
    Removed,
}

/// Why something is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// A later layer has an entry of that path.
    Replaced,
    /// A whiteout names it.
    Whiteout,
    /// A directory above it is opaque.
    Opaque,
    /// Something above it was replaced by what is no directory.
    ParentReplaced,
    /// A later entry of its own layer has the same path.
    Duplicate,
}

/// Everything known of one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Its node.
    pub node: u32,
    /// Its path, from the root on, with a `/` before it.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// How it stands.
    pub state: State,
    /// The layer it comes from, and which of its entries it is; `None` where no entry makes it.
    pub entry: Option<(u32, u32)>,
    /// The name as the archive has it, where that is another than the path.
    pub written: Option<String>,
    /// Permissions, setuid, setgid and sticky.
    pub mode: u32,
    /// The same as `ls` writes it.
    pub mode_text: String,
    /// The owner's number, and the name that the archive gives it.
    pub user: (i64, String),
    /// The group's number, and the name that the archive gives it.
    pub group: (i64, String),
    /// Its own bytes.
    pub size: u64,
    /// How many entries stand below it.
    pub below: u32,
    /// Their bytes.
    pub below_bytes: u64,
    /// When it was changed, in UTC.
    pub modified: String,
    /// Where a link leads.
    pub link: Option<Link>,
    /// The major and minor number of a device.
    pub device: Option<(i64, i64)>,
    /// Extended attributes.
    pub xattrs: Vec<Xattr>,
    /// The capabilities; an error where the kernel would refuse the value.
    pub capabilities: Option<Result<Capabilities, ()>>,
    /// The SHA-256 of its content in hexadecimal, where it was computed.
    pub content: Option<String>,
    /// Where its content is, where it has one: the layer, and where the header of the entry that has it stands in the
    /// archive; a hard link has its target's. Of a layer that is listed from its table of contents the latter is the
    /// entry's place in the table.
    pub file: Option<(u32, u64)>,
    /// What it hides, from the topmost layer down.
    pub hides: Vec<Hidden>,
    /// Other paths of the same content, the first of them.
    pub copies: Vec<String>,
    /// How many there are.
    pub copies_in_all: u32,
    /// What was found at it.
    pub findings: Vec<Said>,
    /// What the layer changed of it, in words, where changes are looked at.
    pub changes: Vec<String>,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// As it is written.
    pub text: String,
    /// The path that is meant, from the root on; `None` where it leads out of the root.
    pub path: Option<String>,
    /// Whether something stands there.
    pub is_there: bool,
}

/// An extended attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Xattr {
    /// Its name.
    pub name: String,
    /// The beginning of its value, escaped.
    pub value: String,
    /// How many bytes it has.
    pub length: u32,
}

/// What a node hides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// Its path.
    pub path: String,
    /// Its layer.
    pub layer: u32,
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub size: u64,
    /// Why it is hidden.
    pub why: Why,
}

/// A finding, as it is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in a few words.
    pub title: String,
    /// What was found and who sees what, lower case and without a full stop.
    pub message: String,
    /// The layer it is of.
    pub layer: Option<u32>,
}

/// What an image carries for nothing, by two ways to count. All but dive's figures are of contents:
/// a content that has two names counts once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waste {
    /// The bytes that a container sees, each content once.
    pub seen: u64,
    /// The bytes that a container sees more than once, in files of the same content.
    pub duplicates: u64,
    /// The bytes that a flattened image would not hold.
    pub hidden: u64,
    /// The same by why they are hidden.
    pub reasons: Vec<(Why, u64)>,
    /// What costs most.
    pub costly: Vec<Costly>,
    /// How many hidden files and duplicated contents there are in all.
    pub files: u64,
    /// Whether all of this is too small: a layer has entries that are not listed.
    pub is_partial: bool,
    /// What dive says; in words, why it says nothing.
    pub dive: Option<Result<Dive, String>>,
}

/// What costs bytes for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Costly {
    /// Its path; of files of the same content that of the first.
    pub path: String,
    /// The bytes that it costs.
    pub bytes: u64,
    /// The layer that carries it.
    pub layer: u32,
    /// The layer that hides it and why; `None` where it is a duplicate.
    pub hidden: Option<(u32, Why)>,
    /// How many files have the content.
    pub copies: u32,
}

/// Dive's figures, as `dive --ci` writes them, and its verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dive {
    /// The efficiency, in percent with four digits.
    pub efficiency: String,
    /// How many bytes it calls wasted.
    pub wasted_bytes: u64,
    /// They by what was added to the first layer, in percent with four digits.
    pub user_wasted: String,
    /// Whether `dive --ci` passes with its own thresholds.
    pub passes: bool,
    /// The rules that failed, by their names in dive's configuration.
    pub failed: Vec<String>,
}
