//! What is wrong with a table of contents, for a person.

use std::fmt;

use crate::finding::{Code, Finding};
use crate::path::escape;

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

    /// The same as findings of a layer, counted from the base.
    #[must_use]
    pub fn findings(&self, layer: usize) -> Vec<Finding> {
        let finding = |problem: &Problem| Finding {
            code: problem.code,
            layer: Some(layer),
            path: problem.path.clone(),
            message: problem.message.clone(),
        };
        self.list.iter().map(finding).collect()
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
