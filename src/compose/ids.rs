//! The ids of what the view draws and the state moves the focus to.

use waybill_core::workflow::compose::{AnnotationOwner, RowId};

/// The id of the box of sources.
pub(super) const SOURCES: &str = "sources";

/// Returns the id of the box for the name of a new annotation.
pub(super) fn name_id(on: AnnotationOwner) -> String {
    match on {
        AnnotationOwner::List => "annotation-name".to_owned(),
        AnnotationOwner::Row(id) => row_id("annotation-name", id),
    }
}

/// Returns the id of what a row has under that name.
pub(super) fn row_id(what: &str, id: RowId) -> String {
    format!("{what}-{id}")
}
