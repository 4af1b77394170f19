//! Findings with their places, kept as long as they are the same.

use std::rc::Rc;

use crate::finding::Finding;
use crate::json::Place;

/// Findings with the places where they stand in the bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Located {
    pub(super) bytes: Rc<[u8]>,
    pub(super) findings: Vec<Finding>,
    pub(super) places: Rc<[Option<Place>]>,
}
