//! What the grammar of JSON allows and clients read differently.

use super::pointer::Pointer;
use super::text::Position;

pub use super::number::NumberForm;

/// One thing in a document that two clients may read in two ways, as the scan saw it.
///
/// Nothing is judged here: [`crate::finding`] says how bad it is, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anomaly {
    /// The way to it; empty for the whole document.
    pub pointer: Pointer,
    /// What it is.
    pub kind: AnomalyKind,
}

/// The kinds of anomaly. What may stand in a document a million times is told once, with its count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnomalyKind {
    /// The document begins with U+FEFF, which JSON forbids.
    ByteOrderMark,
    /// An object has several members of one name.
    DuplicateName {
        /// The name, its escapes resolved.
        name: String,
        /// How many members have it.
        times: usize,
    },
    /// An object has members whose names differ only in case, which Go's decoder takes for one.
    CaseVariantName {
        /// The later name.
        name: String,
        /// The earlier one.
        of: String,
    },
    /// A number that not every client reads alike.
    Number {
        /// In which way.
        form: NumberForm,
        /// The first such number, shortened where it is long.
        first: String,
        /// What is said of that one.
        what: &'static str,
        /// How many there are of this form.
        times: usize,
    },
    /// A text escapes half a surrogate pair, which is no character.
    LoneSurrogate {
        /// How many texts do.
        times: usize,
    },
    /// Something other than white space follows the object.
    TrailingData {
        /// How many bytes follow.
        length: usize,
        /// Where they begin.
        position: Position,
    },
}
