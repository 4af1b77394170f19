//! The contents that were given: each may name another, and all are compared with one digest.

use crate::inspection::Contents;
use crate::local_content::LocalContent;
use std::rc::Rc;
use waybill_core::digest::{Algorithm, Digest};
use waybill_core::workflow::fetch::Received;
use waybill_core::workflow::inspect::Node;
use waybill_core::workflow::verify::Report;

/// The contents that were given, seen as those of an inspection of one of them.
pub(super) struct Given<'a> {
    pub(super) files: &'a [LocalContent],
    pub(super) index: usize,
}

impl Contents for Given<'_> {
    fn root(&self) -> Option<Received> {
        let given = self.files.get(self.index)?;
        Some(Received {
            sha256: Some(given.sha256().clone()),
            ..Received::local(Rc::clone(&given.bytes))
        })
    }

    fn find(&self, digest: &Digest) -> Option<Rc<[u8]>> {
        let is_named = |given: &&LocalContent| match digest.algorithm() {
            Some(Algorithm::Sha256) => given.sha256() == digest,
            _ => digest.check(&given.bytes) == Some(true),
        };
        self.files
            .iter()
            .find(is_named)
            .map(|given| Rc::clone(&given.bytes))
    }

    fn others(&self, than: &[u8]) -> Vec<LocalContent> {
        self.files
            .iter()
            .filter(|other| *other.bytes != *than)
            .cloned()
            .collect()
    }
}

/// Compares contents with what is expected. Of the one that is shown, its index, and how it was read where it was.
pub(super) fn report(
    files: &[LocalContent],
    expected: &str,
    shown: Option<(usize, Option<&Node>)>,
) -> Report {
    let contents: Vec<_> = files
        .iter()
        .map(|given| (&*given.bytes, given.sha256()))
        .collect();
    let read = shown.and_then(|(_, read)| read);
    Report::compare(&contents, expected, shown.map(|(index, _)| index), read)
}
