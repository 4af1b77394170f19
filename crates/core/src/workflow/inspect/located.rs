//! Findings with their places, kept as long as they are the same.
//!
//! Looking for places reads the bytes from the start, so `Model::places` keeps what it found
//! last.

use std::rc::Rc;

use crate::finding::Finding;
use crate::json::Place;

/// Findings with the places where they stand in the bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Located {
    /// The bytes that the places are in; compared by pointer.
    pub(super) bytes: Rc<[u8]>,
    /// The findings that were looked for: the first so many.
    pub(super) findings: Vec<Finding>,
    /// The place of each, in their order; `None` where it points at nothing in the bytes.
    pub(super) places: Rc<[Option<Place>]>,
}
