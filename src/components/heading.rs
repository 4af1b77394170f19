//! The heading of a page, which is its verdict in one sentence.

use super::element::{Element, el};

/// The id of the heading: the focus goes there once there is something to say.
pub const HEADING: &str = "verdict";

/// Makes the heading of a page, which can have the focus.
pub fn heading() -> Element {
    el("h1").attr("id", HEADING).attr("tabindex", "-1")
}

/// Draws the page of an address that leads to nothing, with the reason and a way on.
pub fn nothing_here(said: &str, detail: &str) -> Element {
    el("article").class("sheet").child(
        el("div").class("verdict").child(
            el("div")
                .child(heading().child(said))
                .child(el("p").child(detail))
                .child(
                    el("p")
                        .class("row")
                        .child(el("a").attr("href", "#/").child("First page")),
                ),
        ),
    )
}
