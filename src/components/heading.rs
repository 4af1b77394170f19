//! The heading of a page, which is its verdict in one sentence.

use super::element::{Element, el};

/// The id of the heading: the focus goes there once there is something to say.
pub const HEADING: &str = "verdict";

/// Makes the heading of a page, which can have the focus.
pub fn heading() -> Element {
    el("h1").attr("id", HEADING).attr("tabindex", "-1")
}
