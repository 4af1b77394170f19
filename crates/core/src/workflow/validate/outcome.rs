//! How checks come out: what a report consists of, and what was found in contents.

use std::collections::BTreeMap;

use super::Check;
use crate::digest::Digest;
use crate::finding::Severity;
use crate::json::Pointer;
use crate::workflow::fetch::{Failure, Received};
use crate::workflow::inspect::{Node, read_node};

/// How a check came out, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Something is wrong: an engine refuses the image, or two engines see two things.
    Failed,
    /// Nothing is wrong, and somebody is likely to be surprised.
    Warning,
    /// It is needed for a verdict, and could not be made.
    NotChecked,
    /// Worth knowing, or a check that does not apply here.
    Note,
    /// It is as it has to be.
    Passed,
}

impl Outcome {
    /// All of them, the worst first.
    pub const ALL: [Self; 5] = [
        Self::Failed,
        Self::Warning,
        Self::NotChecked,
        Self::Note,
        Self::Passed,
    ];

    /// The word in text and JSON; stable.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Warning => "warning",
            Self::NotChecked => "not checked",
            Self::Note => "note",
            Self::Passed => "passed",
        }
    }
}

impl From<Severity> for Outcome {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Failed,
            Severity::Warning => Self::Warning,
            Severity::Note => Self::Note,
        }
    }
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the list that names the manifest, as a JSON pointer.
    List(Pointer),
    /// In the manifest itself; empty for the whole.
    Manifest(Pointer),
    /// In the config; empty for the whole.
    Config(Pointer),
    /// In a layer.
    Layer {
        /// Which, base first, from 0.
        index: usize,
        /// The path in it, escaped for people; empty for the whole.
        path: String,
    },
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which check.
    pub check: Check,
    /// How it came out.
    pub outcome: Outcome,
    /// Where.
    pub place: Place,
    /// The stable name of the finding behind it, where there is one.
    pub code: Option<String>,
    /// What was compared, or why it was not; lower case and without a full stop.
    pub evidence: String,
}

/// What the checks are about: one manifest with all that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The digest of the manifest; `None` where it is not here and nobody names a valid one.
    pub digest: Option<Digest>,
    /// What it is called: its platform, or what it is.
    pub title: String,
    /// Where it stands: a JSON pointer into the list that is looked at, then one into each list on
    /// the way down. Empty for what is looked at itself.
    pub way: Vec<Pointer>,
    /// The chain IDs of the layers, base first: what engines name an unpacked stack of layers
    /// by. Empty where a diff ID is missing or is none.
    ///
    /// They are computed of the diff IDs that the config names. Source: image-spec `config.md`,
    /// "Layer `ChainID`".
    pub chain_ids: Vec<Digest>,
    /// The checks, the worst first; those that came out alike in the order of reading.
    pub rows: Vec<Row>,
}

/// What came of all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing failed, and nothing that is needed was left unchecked.
    Valid,
    /// Something failed.
    Invalid,
    /// Nothing failed so far, and something that is needed was not checked.
    Incomplete,
}

impl Verdict {
    /// The word in JSON; stable.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Incomplete => "incomplete",
        }
    }
}

/// One thing that was found inside a layer, or between layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentFinding {
    /// Its stable name, such as `duplicate-path`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// The path that it is about, escaped for people; empty for the whole layer.
    pub path: String,
    /// What was found, lower case and without a full stop.
    pub message: String,
}

/// What came of the table of contents of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableFound {
    /// It has the digest that the manifest names, and was compared with the archive.
    Compared {
        /// That digest.
        digest: Digest,
        /// How many entries it has.
        entries: u64,
    },
    /// It is not what the manifest announces: why, without a full stop.
    Wrong(String),
    /// It could not be had: why, without a full stop.
    NotHere(String),
}

/// What was found in the contents of layers, as far as somebody looked.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// By the digest of a layer: what its stream shows, whichever image has it.
    pub of_layers: BTreeMap<Digest, Vec<ContentFinding>>,
    /// By the digest of a manifest: for each of its layers, base first, what their entries
    /// show, by themselves and where the layers lie over each other.
    pub of_images: BTreeMap<Digest, Vec<Vec<ContentFinding>>>,
    /// By the digest of a manifest: for each of its layers, base first, what came of the table of
    /// contents that the layer announces. Where table and archive differ is among
    /// [`of_images`](Self::of_images).
    pub of_tables: BTreeMap<Digest, Vec<Option<TableFound>>>,
    /// By its digest: what came of a manifest that others refer to as their `subject`.
    pub(super) of_subjects: BTreeMap<Digest, Result<Node, Failure>>,
}

impl Contents {
    /// Takes what came of a manifest that is a `subject`. It is read, and not believed to be the
    /// one of that digest.
    pub fn subject_came(&mut self, digest: Digest, came: Result<Received, Failure>) {
        let node = came.map(|received| read_node(received, None, None));
        self.of_subjects.insert(digest, node);
    }
}
