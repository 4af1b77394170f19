//! Lenient reading: each member is taken if it can be, and a finding says so if it cannot.
//!
//! `Reader` gathers the findings of one document; `Fields` is a place in it, an object whose
//! members are asked for by name. What the members of a certain document mean stands in
//! [`crate::descriptor`], [`crate::config`] and [`crate::manifest`], not here.
//!
//! A wrong member never stops the reading: it is taken as absent, and a finding says what was
//! there. So one fault does not hide the next.

mod fields;
mod hidden;
mod path;

use std::cell::{Cell, RefCell};

use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::json::{Anomaly, Pointer};
use crate::limits;

pub(crate) use crate::json::{first_equals, fold};
pub(crate) use fields::{Field, Fields, Kind};
pub use hidden::{find_hidden, is_hidden};

/// Gathers findings, in the order in which they are made, while the members of a document are read.
///
/// It is shared by all places of the document that are being read, hence the cell.
#[derive(Debug)]
pub(crate) struct Reader {
    findings: RefCell<Vec<Finding>>,
    /// How many of each code came by [`find_lazily`](Self::find_lazily).
    lazy: [Cell<usize>; Code::ALL.len()],
}

impl Reader {
    /// Begins with what was found while the document was read as JSON.
    pub(crate) fn new(anomalies: Vec<Anomaly>) -> Self {
        let findings = anomalies.into_iter().map(Finding::from).collect();
        Self {
            findings: RefCell::new(findings),
            lazy: [const { Cell::new(0) }; Code::ALL.len()],
        }
    }

    /// Adds a finding.
    pub(crate) fn find(&self, code: Code, pointer: impl Into<Pointer>, message: impl Into<String>) {
        self.add([Finding::new(code, pointer, message)]);
    }

    /// Adds a finding that each entry of a long list may have: `make` is called only while there
    /// may be room for it among those that are listed, since the others are only counted.
    pub(crate) fn find_lazily(&self, code: Code, make: impl FnOnce() -> (Pointer, String)) {
        let count = &self.lazy[code as usize];
        let (pointer, message) = if count.get() < limits::FINDINGS_OF_A_CODE {
            count.set(count.get() + 1);
            make()
        } else {
            Default::default()
        };
        self.find(code, pointer, message);
    }

    /// Adds findings that were made elsewhere.
    pub(crate) fn add(&self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.borrow_mut().extend(findings);
    }

    /// Returns the pointers of what was found so far.
    pub(crate) fn pointers(&self) -> Vec<Pointer> {
        let findings = self.findings.borrow();
        findings.iter().map(|it| it.pointer.clone()).collect()
    }

    /// Returns everything that was found.
    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings.into_inner()
    }

    /// Says that `name` is `null`: what belongs there, and what clients in Go read.
    fn null(&self, code: Code, pointer: Pointer, name: &str, kind: Kind) {
        let (wanted, go) = kind.words();
        let message = format!("{name} is null, it has to be {wanted}; clients in Go read {go}");
        self.find(code, pointer, message);
    }

    /// Reads a text as a digest; `pointer` is asked for only where there is a finding.
    pub(crate) fn digest(&self, text: &str, pointer: impl FnOnce() -> Pointer) -> Option<Digest> {
        match text.parse::<Digest>() {
            Ok(digest) => {
                if digest.algorithm().is_none() {
                    let message = format!("{} cannot be computed here", digest.algorithm_name());
                    self.find(Code::DigestUnsupported, pointer(), message);
                }
                Some(digest)
            }
            Err(error) => {
                self.find(Code::DigestMalformed, pointer(), error.to_string());
                None
            }
        }
    }

    /// Says that `text` holds characters that do not show where they stand; whether it does. Most
    /// text is ASCII without controls, and has none.
    fn hidden(&self, text: &str, pointer: impl FnOnce() -> Pointer) -> bool {
        let hidden = if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            None
        } else {
            find_hidden(text, 0)
        };
        if let Some((_, character)) = hidden {
            let message = format!(
                "the text holds U+{:04X}, which does not show",
                character as u32
            );
            self.find(Code::HiddenCharacters, pointer(), message);
        }
        hidden.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_that_is_not_listed_is_counted_and_not_made() {
        let reader = Reader::new(Vec::new());
        let made = Cell::new(0);
        for _ in 0..limits::FINDINGS_OF_A_CODE + 3 {
            reader.find_lazily(Code::PlatformName, || {
                made.set(made.get() + 1);
                ("/a".into(), "x".to_owned())
            });
        }
        assert_eq!(made.get(), limits::FINDINGS_OF_A_CODE);
        let listed = crate::finding::bounded(reader.into_findings());
        let (more, made) = listed.split_last().expect("there are some");
        assert!(
            made.iter()
                .all(|it| it.pointer == "/a" && it.message == "x")
        );
        assert_eq!(more.message, "3 more of these are not listed");
    }
}
