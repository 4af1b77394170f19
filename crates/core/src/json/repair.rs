//! What is JSON and refused by `serde_json`, and how it is made to take that.

use std::ops::Range;

/// Something that is JSON, and that `serde_json` refuses.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Repair {
    /// An escape of half a surrogate pair, six bytes from here.
    Surrogate(usize),
    /// A number of a magnitude beyond or near the end of what 64 bits of floating point hold.
    Number(Range<usize>),
}

/// A copy of the same length that `serde_json` takes: U+FFFD for half a surrogate pair, as
/// most clients read it, and zero for a number whose text the scan has.
pub(super) fn repaired(text: &str, repairs: &[Repair]) -> String {
    let mut copy = String::with_capacity(text.len());
    for repair in repairs {
        let (range, with) = match repair {
            Repair::Surrogate(start) => (*start..start + 6, "\\ufffd"),
            Repair::Number(range) => (range.clone(), "0"),
        };
        copy.push_str(text.get(copy.len()..range.start).unwrap_or_default());
        copy.push_str(with);
        copy.extend(std::iter::repeat_n(' ', range.end - copy.len()));
    }
    copy.push_str(text.get(copy.len()..).unwrap_or_default());
    copy
}
