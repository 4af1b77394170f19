//! The sheet of a page: its verdict with the stamp, and what is said of it to those who do not see it.

use waybill_core::view::Stamp;

use super::element::{Element, el};
use super::status;

/// Draws a sheet up to what hangs below its verdict. `announced` is what screen readers hear as soon as it changes.
pub fn sheet(
    class: &'static str,
    words: Element,
    stamp: Option<&Stamp>,
    announced: &str,
) -> Element {
    el("article")
        .class(class)
        .child(
            el("div")
                .class("verdict")
                .child(words)
                .child(stamp.map(status::stamp)),
        )
        .child(
            el("p")
                .attr("role", "status")
                .attr("aria-live", "polite")
                .class("offscreen")
                .child(announced),
        )
}
