//! Where it goes.

use yew::Callback;

use crate::components::custody::step;
use crate::components::element::{Element, EventKind, el};
use crate::components::listener::send_text;
use crate::components::reference_box::reference_box;
use crate::components::text::{quiet_line, text};
use crate::copy::message::Msg;
use crate::copy::state::{Destination, State, TO};

/// Draws this stop of the line.
pub(super) fn stop(state: &State, link: &Callback<Msg>) -> Element {
    let body = match state.destination {
        Destination::Registry => registry(state, link),
    };
    step("To", "a registry", body)
}

fn registry(state: &State, link: &Callback<Msg>) -> Element {
    let is_asked = state.submitted && state.to.text.trim().is_empty();
    let words = "Source and target are one repository: only the tag is new.";
    el("div")
        .child(reference_box(
            TO,
            "Target",
            "registry.example/app:1.0",
            &state.to,
            is_asked,
            send_text(link, Msg::ToTyped),
        ))
        .child(more_tags(state, link))
        .child(state.is_same_place().then(|| quiet_line(words)))
}

/// Draws the box for more tags.
fn more_tags(state: &State, link: &Callback<Msg>) -> Element {
    let tags = state.tags();
    let wrong = tags.as_ref().err();
    let says = wrong.map(|word| {
        el("span")
            .class("bad")
            .child(text(word))
            .child(" is no tag")
    });
    el("details")
        .attr("open", (!state.more_tags.is_empty()).then_some("open"))
        .child(el("summary").child("More tags"))
        .child(
            el("label")
                .class("boxed")
                .child("Tags, with blanks between them")
                .child(
                    el("input")
                        .attr("id", "copy-tags")
                        .attr("type", "text")
                        .attr("spellcheck", "false")
                        .attr("autocomplete", "off")
                        .attr("autocapitalize", "off")
                        .attr("placeholder", "1.0 1 stable")
                        .attr("aria-describedby", "copy-tags-read")
                        .attr("aria-invalid", wrong.map(|_| "true"))
                        .value(&state.more_tags)
                        .on(EventKind::Input, send_text(link, Msg::MoreTagsTyped)),
                ),
        )
        .child(
            el("p")
                .attr("id", "copy-tags-read")
                .class("read")
                .child(says),
        )
}
