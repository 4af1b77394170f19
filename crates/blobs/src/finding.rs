//! What is wrong with layers or worth knowing, and where engines see different things.
//!
//! [`find`] goes over all layers of an image once. It says where the entries of an archive, or
//! the layers together, are read otherwise by somebody (the specification, containerd, moby,
//! crane, dive, GNU tar), and names who sees what; and what the stream of a layer is like
//! ([`Stream`]). How bad a finding is and why it matters belongs to its [`Code`].
//!
//! Of each code at most [`OF_A_CODE`] are listed for a layer; one more counts the rest. The time
//! it takes grows with the names' bytes, and not faster.
//!
//! ```
//! use waybill_blobs::finding::{Code, find};
//! use waybill_blobs::listing::Listing;
//! use waybill_blobs::tar::Entry;
//! use waybill_blobs::tree::Tree;
//!
//! let mut listing = Listing::new();
//! listing.push(&Entry { name: b"../etc/passwd".to_vec(), kind: b'0', ..Entry::default() });
//! let layers = [listing];
//! let found = find(&Tree::flatten(&layers), &layers, &[]);
//! assert_eq!((found[0].code, found[0].layer), (Code::NameOutside, Some(0)));
//! ```

mod entry;
mod layers;
mod rules;
mod stream;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use waybill_core::finding::Severity;
use waybill_core::media_type::MediaType;

use crate::layer::Found;
use crate::listing::Listing;
use crate::path::escape;
use crate::tree::{Nowhere, PATHS, Tree};

pub(crate) use rules::codes;
pub use rules::{Code, Rule};

/// How many findings of one code are listed for one layer, or one archive.
pub const OF_A_CODE: usize = 100;

/// One thing that is wrong with a layer or worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub code: Code,
    /// Which layer, base first, from 0; `None` where it is about all of them.
    pub layer: Option<usize>,
    /// The clean path that it is about; the name as it is written where that leads nowhere, and
    /// empty where it is about the whole layer.
    pub path: Vec<u8>,
    /// What was found and who sees what, lower case and without a full stop.
    pub message: String,
}

impl Finding {
    /// How bad it is: its rule's severity.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// What is known of the stream of a layer; nothing has to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stream<'a> {
    /// What it was found to be, once all of it came.
    pub found: Option<&'a Found>,
    /// What the manifest calls it.
    pub media_type: Option<&'a MediaType>,
}

/// Finds everything in layers, base first, and in their tree, which is that of the same layers.
/// `streams` may be shorter, or empty.
#[must_use]
pub fn find(tree: &Tree, layers: &[Listing], streams: &[Stream<'_>]) -> Vec<Finding> {
    let mut findings = Findings::default();
    let mut walk = layers::Walk::new(tree);
    let mut too_many = BTreeMap::new();
    for misplaced in tree.misplaced() {
        if misplaced.reason == Nowhere::TooMany {
            *too_many.entry(misplaced.place.layer as usize).or_default() += 1;
        }
    }
    for (layer, listing) in layers.iter().enumerate() {
        findings.layer = layer;
        if let Some(stream) = streams.get(layer) {
            stream::check(*stream, stream::is_estargz(listing), &mut findings);
        }
        let left_out = listing.totals().left_out;
        if left_out > 0 {
            findings.add(Code::LeftOut, b"", || {
                let entries = if left_out == 1 {
                    "entry is"
                } else {
                    "entries are"
                };
                format!("{left_out} {entries} counted and not listed")
            });
        }
        if let Some(number @ 1_u64..) = too_many.get(&layer).copied() {
            findings.add(Code::LeftOut, b"", || {
                format!(
                    "{number} entries stand nowhere: together they need more than {PATHS} paths"
                )
            });
        }
        walk.layer(layers, &mut findings);
        findings.end_layer();
    }
    findings.list
}

/// Finds what the stream of one layer shows by itself, without what is in it. `is_estargz` says
/// whether the layer is announced as one: a table of contents stands behind its archive's end.
#[must_use]
pub fn find_in_stream(stream: Stream<'_>, is_estargz: bool) -> Vec<Finding> {
    let mut findings = Findings::default();
    stream::check(stream, is_estargz, &mut findings);
    findings.end_layer();
    findings.list
}

/// A finding as a worker tells it: in plain values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The stable name of its code.
    pub code: String,
    /// How bad it is: the name of the severity.
    pub severity: String,
    /// Which layer, base first, from 0.
    pub layer: usize,
    /// The path that it is about, escaped for people.
    pub path: String,
    /// What was found.
    pub message: String,
}

impl Told {
    /// Puts a finding into plain values.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        Self {
            code: finding.code.name().to_owned(),
            severity: finding.severity().name().to_owned(),
            layer: finding.layer.unwrap_or_default(),
            path: escape(&finding.path),
            message: finding.message.clone(),
        }
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        [Severity::Note, Severity::Warning]
            .into_iter()
            .find(|severity| severity.name() == self.severity)
            .unwrap_or(Severity::Error)
    }
}

/// The findings so far.
#[derive(Default)]
struct Findings {
    list: Vec<Finding>,
    /// The layer that is looked at.
    layer: usize,
    /// How many of each code it has.
    counts: BTreeMap<Code, usize>,
}

impl Findings {
    fn add(&mut self, code: Code, path: &[u8], message: impl FnOnce() -> String) {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if *count <= OF_A_CODE {
            self.list.push(Finding {
                code,
                layer: Some(self.layer),
                path: path.to_vec(),
                message: message(),
            });
        }
    }

    /// Counts what is not listed.
    fn end_layer(&mut self) {
        for (code, count) in std::mem::take(&mut self.counts) {
            if count > OF_A_CODE {
                self.list.push(Finding {
                    code,
                    layer: Some(self.layer),
                    path: Vec::new(),
                    message: format!("{} more of these are not listed", count - OF_A_CODE),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_codes_are_unique_and_in_kebab_case() {
        let names: std::collections::BTreeSet<_> =
            Code::ALL.iter().map(|code| code.rule().name).collect();
        assert_eq!(names.len(), Code::ALL.len());
        let is_kebab = |name: &str| {
            name.chars()
                .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-')
        };
        assert!(names.iter().all(|name| is_kebab(name)), "{names:?}");
    }
}
