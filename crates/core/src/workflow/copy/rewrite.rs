//! The bytes of what changes.

use std::fmt;

use crate::compose::eligibility::Ineligible;
use crate::digest::Digest;
use crate::json::{Occurrence, places};

/// Why nothing can be copied in the way that was chosen. Nothing was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// What the reference names.
    Root(Ineligible),
    /// Something that goes along.
    Document(Digest, Ineligible),
    /// No entry of the list is chosen.
    NothingChosen,
    /// One image is to be copied, and another number of them is chosen.
    NotOne(usize),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(Ineligible::Schema1) => f.write_str(
                "it is Docker schema 1, which does not state the sizes of its layers, so that \
                 nobody can copy them without reading them first: skopeo does",
            ),
            Self::Root(refused) => refused.fmt(f),
            Self::Document(digest, refused) => write!(f, "{digest}: {refused}"),
            Self::NothingChosen => f.write_str("no entry of the list is chosen"),
            Self::NotOne(count) => write!(f, "one image is wanted, and {count} are chosen"),
        }
    }
}

impl std::error::Error for Refused {}

/// A list without the entries that are not kept: its own bytes, with those of the others cut out,
/// so that nothing else changes. `None` where the bytes are no list with so many entries.
pub(super) fn shrink(bytes: &[u8], kept: &[bool]) -> Option<Vec<u8>> {
    let pointers: Vec<_> = (0..kept.len())
        .map(|place| ["/manifests/", &place.to_string()].concat())
        .collect();
    let asked = pointers
        .iter()
        .map(|pointer| (pointer.as_str(), Occurrence::First));
    let ranges: Vec<_> = places(bytes, asked)
        .into_iter()
        .map(|place| place.filter(|place| place.exact).map(|place| place.range))
        .collect::<Option<_>>()?;
    let (first, last) = (ranges.first()?, ranges.last()?);
    let mut written = bytes.get(..first.start)?.to_vec();
    let mut is_first = true;
    for (place, range) in ranges.iter().enumerate().filter(|(place, _)| kept[*place]) {
        if !std::mem::take(&mut is_first) {
            // What stands between it and the one before: a comma, and white space.
            let before = ranges.get(place.checked_sub(1)?)?;
            written.extend_from_slice(bytes.get(before.end..range.start)?);
        }
        written.extend_from_slice(bytes.get(range.clone())?);
    }
    written.extend_from_slice(bytes.get(last.end..)?);
    Some(written)
}
