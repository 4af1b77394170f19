//! The frame of a page whose part of the program is not there: it is on its way, or it did not come.

use waybill_core::humanize::sentence;
use yew::{Callback, Event};

use super::element::{Element, button, el};
use super::heading::heading;
use super::text::quiet_line;
use crate::lazy::LoadError;

/// Draws, in place of the page of that name, that it is loading, or why it did not come; `again` loads it once more.
pub fn view(page: &str, failed: Option<LoadError>, again: Callback<Event>) -> Element {
    let words = match failed {
        None => el("div").child(heading().child(page)).child(
            el("p")
                .class("row progress")
                .child(el("progress").attr("aria-label", "Loading"))
                .child(format_args!("Loading {page}")),
        ),
        Some(error) => el("div")
            .child(heading().child(format_args!("{page} could not be loaded")))
            .child(
                el("p")
                    .attr("role", "alert")
                    .child(sentence(&error.to_string())),
            )
            .child(quiet_line(
                "Nothing is lost, and nothing was sent. Where trying again does \
                    not help, load the page again.",
            ))
            .child(
                el("p")
                    .class("row")
                    .child(button("Try again", again).class("primary")),
            ),
    };
    el("article")
        .class("sheet")
        .child(el("div").class("verdict").child(words))
}
