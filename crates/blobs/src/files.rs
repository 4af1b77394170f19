//! The files of an image, opened to be looked at: rows in view, searches, filters, and everything
//! known of one of them.
//!
//! [`Files`] holds the listings of all layers and what they are together ([`Tree`]). It answers
//! one [`Ask`] after the other with plain values, a few rows at a time, so that a worker can hold
//! it and a page asks. What takes a walk over all files, the tree of a [`Look`] and the rows of a
//! search, is made once and kept as long as it is asked for: scrolling costs the rows in view.
//!
//! ```
//! use waybill_blobs::files::{Answer, Ask, Files, Query};
//! use waybill_blobs::listing::Listing;
//! use waybill_blobs::tar::Entry;
//!
//! let mut layer = Listing::new();
//! layer.push(&Entry { name: b"etc/passwd".to_vec(), kind: b'0', ..Entry::default() });
//! let mut files = Files::open(vec![layer]);
//! let query = Query { search: "pass*".into(), count: 10, ..Query::default() };
//! let Answer::Rows(found) = files.answer(&Ask::Rows(query)) else { panic!() };
//! assert_eq!((found.total, found.rows[0].name.as_str()), (1, "etc/passwd"));
//! ```

mod capability;
mod details;
mod differences;
mod forest;
mod looks;
mod pattern;
mod query;
mod rows;
mod waste;

use std::fmt::Write as _;

use waybill_core::lenient::is_hidden;

use crate::finding::{Code, Finding, Told, find};
use crate::listing::{EntryView, Listing};
use crate::path::{self, Cleaned};
use crate::tree::{self, Place, Tree, Version};

pub use capability::Capabilities;
pub use differences::{
    Difference, Differences, DifferencesCounts, DifferencesQuery, DifferencesRows, Differs,
};
pub use pattern::Pattern;
pub use query::{
    Answer, Ask, Costly, Details, Dive, FilesCommand, FilesEvent, Filter, Hidden, Link, Look,
    Query, ReportForm, Row, Rows, Said, Sort, State, Waste, Which, Why, Xattr,
};

use looks::Looked;

/// The files of an image.
#[derive(Debug)]
pub struct Files {
    image: Image,
    /// What was looked at last, the newest first.
    looks: Vec<Looked>,
}

/// How many looks are kept: going to and fro costs nothing.
const LOOKS: usize = 2;

/// What does not change as long as the files are open.
#[derive(Debug)]
struct Image {
    layers: Vec<Listing>,
    tree: Tree,
    /// What is wrong with the layers, or worth knowing.
    findings: Vec<Finding>,
}

impl Files {
    /// Opens the listings of all layers, base first.
    #[must_use]
    pub fn open(layers: Vec<Listing>) -> Self {
        Self::open_with(layers, Vec::new())
    }

    /// The same, with what else was found in the layers, such as by their tables of contents.
    #[must_use]
    pub fn open_with(layers: Vec<Listing>, others: Vec<Finding>) -> Self {
        let tree = Tree::flatten(&layers);
        let mut findings = find(&tree, &layers, &[]);
        findings.extend(others);
        let image = Image {
            layers,
            tree,
            findings,
        };
        Self {
            image,
            looks: Vec::new(),
        }
    }

    /// Says of which layers entries are left out, and how many.
    #[must_use]
    pub fn left_out(&self) -> Vec<Told> {
        let findings = self.image.findings.iter();
        let left_out = findings.filter(|finding| finding.code == Code::LeftOut);
        left_out.map(Told::of).collect()
    }

    /// Answers what is asked.
    pub fn answer(&mut self, ask: &Ask) -> Answer {
        let Self { image, looks } = self;
        match ask {
            Ask::Rows(query) => {
                let looked = looked(image, looks, query.look);
                Answer::Rows(rows::answer(image, looked, query))
            }
            Ask::Entry(look, which) => {
                let looked = looked(image, looks, *look);
                Answer::Entry(details::answer(image, looked, which).map(Box::new))
            }
            Ask::Waste => Answer::Waste(Box::new(waste::of(image))),
            Ask::Findings => Answer::Findings(image.findings.iter().map(Told::of).collect()),
        }
    }
}

/// Writes a name for people: what is not UTF-8, a backslash, and what ends a line, as `\xNN`.
fn written(name: &[u8]) -> String {
    let text = path::escape(name);
    let ends = [('\n', "\\x0a"), ('\r', "\\x0d"), ('\t', "\\x09")];
    ends.into_iter().fold(text, |text, (end, escaped)| {
        if text.contains(end) {
            text.replace(end, escaped)
        } else {
            text
        }
    })
}

/// Writes a path as people see and type it in one line: characters that do not show, too, as the
/// `\xNN` of their bytes. Such a path is found as well.
///
/// ```
/// assert_eq!(waybill_blobs::files::typeable("/a\u{202e}b"), "/a\\xe2\\x80\\xaeb");
/// ```
#[must_use]
pub fn typeable(path: &str) -> String {
    let mut typed = String::with_capacity(path.len());
    for character in path.chars() {
        if is_hidden(character) {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                // Writing to a text does not fail.
                let _ = write!(typed, "\\x{byte:02x}");
            }
        } else {
            typed.push(character);
        }
    }
    typed
}

/// Finds a look, and makes it where it is not kept.
fn looked<'a>(image: &Image, looks: &'a mut Vec<Looked>, look: Look) -> &'a mut Looked {
    let kept = looks.iter().position(|kept| kept.look == look);
    let looked = match kept {
        Some(place) => looks.remove(place),
        None => Looked::new(image, look),
    };
    looks.truncate(LOOKS - 1);
    looks.insert(0, looked);
    &mut looks[0]
}

impl Image {
    fn entry(&self, place: Place) -> Option<EntryView<'_>> {
        tree::entry(&self.layers, place)
    }

    /// The version that an entry is; `None` where it stands nowhere.
    fn version(&self, place: Place) -> Option<&Version> {
        let Cleaned::Path(path) = path::clean(self.entry(place)?.name) else {
            return None;
        };
        let node = self.tree.find(&path)?;
        self.tree
            .versions(node)
            .find(|it| it.place() == Some(place))
    }
}
