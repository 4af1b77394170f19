//! A dialog over the page. The shell opens and closes it by its id.

use yew::{Callback, Event};

use super::element::{Element, button, el};

/// Draws a dialog with its title and a button that closes it.
pub fn dialog(
    id: &'static str,
    title_id: &'static str,
    title: &str,
    on_close: Callback<Event>,
) -> Element {
    el("dialog")
        .attr("id", id)
        .attr("aria-labelledby", title_id)
        .child(
            el("div")
                .class("row dialog-head")
                .child(el("h2").attr("id", title_id).child(title))
                .child(button("Close", on_close)),
        )
}
