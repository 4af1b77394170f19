//! What is wrong with a table of contents, for a person.

use std::fmt;

use waybill_core::finding::Severity;

use crate::path::escape;

/// A rule that a table of contents, or what stands around it, breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// A layer is announced as eStargz and as zstd:chunked.
    Both,
    /// An annotation of a table is not of its form, or two of them disagree.
    Annotation,
    /// The table, or what belongs to it, does not stand where it is said to stand.
    Place,
    /// Two entries have one path.
    Duplicate,
    /// The content of a file has no digest that can be checked.
    NoDigest,
    /// The chunks of a file do not make up the file.
    Chunks,
    /// A chunk stands where none can be.
    Offset,
    /// A hard link leads nowhere.
    Link,
    /// An entry has a type that no table has.
    Type,
    /// The layer holds bytes that no table, no file and no header is in.
    Outside,
    /// A file of the archive was not compared.
    NotCompared,
    /// The table and the archive have two accounts of one layer.
    Differs,
    /// The tar-split data are not those of the layer.
    TarSplit,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 13] = [
        Self::Both,
        Self::Annotation,
        Self::Place,
        Self::Duplicate,
        Self::NoDigest,
        Self::Chunks,
        Self::Offset,
        Self::Link,
        Self::Type,
        Self::Outside,
        Self::NotCompared,
        Self::Differs,
        Self::TarSplit,
    ];

    /// The word for addresses and for JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Both => "toc-both",
            Self::Annotation => "toc-annotation",
            Self::Place => "toc-place",
            Self::Duplicate => "toc-duplicate",
            Self::NoDigest => "toc-no-digest",
            Self::Chunks => "toc-chunks",
            Self::Offset => "toc-offset",
            Self::Link => "toc-link",
            Self::Type => "toc-type",
            Self::Outside => "toc-outside",
            Self::NotCompared => "toc-not-compared",
            Self::Differs => "toc-differs",
            Self::TarSplit => "toc-tar-split",
        }
    }

    /// How bad it is: an error where two engines may see two different things.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::NotCompared => Severity::Note,
            Self::Annotation | Self::Place | Self::Duplicate | Self::Outside => Severity::Warning,
            Self::Both
            | Self::NoDigest
            | Self::Chunks
            | Self::Offset
            | Self::Link
            | Self::Type
            | Self::Differs
            | Self::TarSplit => Severity::Error,
        }
    }

    /// Why it matters: who sees what.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Both => "podman refuses a layer with both tables",
            Self::Annotation => "engines that pull lazily read it otherwise, or pull the whole",
            Self::Place => "engines that go by the other place read other bytes",
            Self::Duplicate => "engines that pull lazily see the last one alone",
            Self::NoDigest => "engines that pull lazily refuse it, or read unchecked bytes",
            Self::Chunks | Self::Offset => {
                "engines that pull lazily fail on it, or see other bytes"
            }
            Self::Link => "stargz refuses the layer, or never ends",
            Self::Type => "podman refuses the layer, stargz shows a file without a type",
            Self::Outside => "no engine shows what stands there",
            Self::NotCompared => "only its entry was compared",
            Self::Differs => "lazy and ordinary engines see different files",
            Self::TarSplit => "podman refuses the layer, or exports another one",
        }
    }
}

/// One thing that is wrong with a table of contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The rule.
    pub code: Code,
    /// The path of the entry, as it is written; empty where the layer itself is meant.
    pub path: Vec<u8>,
    /// What was found: a sentence without its full stop.
    pub message: String,
}

/// Problems in the order found; of a great many only the first are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    list: Vec<Problem>,
    left_out: u64,
}

/// Cuts a text that may have any length, and escapes it as a path.
pub(super) fn shown(text: &[u8]) -> String {
    /// What one line holds.
    const SHOWN: usize = 160;
    let cut = text.get(..SHOWN);
    let rest = if cut.is_some() { "…" } else { "" };
    escape(cut.unwrap_or(text)) + rest
}

/// How many problems are kept.
const KEPT: usize = 1000;

impl Problems {
    pub(super) fn push(&mut self, code: Code, path: &[u8], message: impl fmt::Display) {
        if self.list.len() < KEPT {
            self.list.push(Problem {
                code,
                path: path.to_vec(),
                message: message.to_string(),
            });
        } else {
            self.left_out += 1;
        }
    }

    pub(super) fn append(&mut self, others: Self) {
        let room = KEPT - self.list.len().min(KEPT);
        self.left_out += others.left_out + others.list.len().saturating_sub(room) as u64;
        self.list.extend(others.list.into_iter().take(room));
    }

    /// Those that were kept.
    #[must_use]
    pub fn list(&self) -> &[Problem] {
        &self.list
    }

    /// How many more there were.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Whether there was none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
