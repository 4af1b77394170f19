//! Where it goes.

use yew::{Callback, Event};

use crate::components::custody::step;
use crate::components::element::{Element, EventKind, el};
use crate::components::listener::{send, send_text};
use crate::components::text::{quiet_line, text};
use crate::components::text_box::{TextBox, reference_box, text_box};
use crate::copy::message::Msg;
use crate::copy::save;
use crate::copy::state::{Destination, State, TO, tags_in};

/// Draws this stop of the line.
pub(super) fn stop(state: &State, link: &Callback<Msg>) -> Element {
    let (note, body) = match state.destination {
        Destination::Registry => ("a registry", registry(state, link)),
        Destination::File => ("a file", save::view::choice(state, link)),
    };
    let body = el("div").child(places(state, link)).child(body);
    step("To", note, body)
}

/// Draws the kinds of places that it may go to.
fn places(state: &State, link: &Callback<Msg>) -> Element {
    let kinds = [
        (Destination::Registry, "a registry"),
        (Destination::File, "a file"),
    ];
    let kind = |(kind, words): (Destination, &'static str)| {
        let tick = el("input")
            .attr("type", "radio")
            .attr("name", "copy-to-kind")
            .checked(state.destination == kind)
            .on(EventKind::Change, send(link, Msg::Destination(kind)));
        el("label").class("check").child(tick).child(words)
    };
    el("fieldset")
        .class("row")
        .child(el("legend").class("offscreen").child("Where it goes"))
        .children(kinds.map(kind))
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
    let names = [
        "More tags",
        "Tags, with blanks between them",
        "1.0 1 stable",
    ];
    let on_input = send_text(link, Msg::MoreTagsTyped);
    tags_box("copy-tags", names, &state.more_tags, on_input)
}

/// Draws a box for tags, folded until there are some: its id; what it is called while it is folded, its name, and an
/// example.
pub(super) fn tags_box(
    id: &'static str,
    [summary, label, hint]: [&'static str; 3],
    typed: &str,
    on_input: Callback<Event>,
) -> Element {
    let tags = tags_in(typed);
    let wrong = tags.as_ref().err();
    let says = wrong.map(|word| {
        el("span")
            .class("bad")
            .child(text(word))
            .child(" is no tag")
    });
    let drawn = TextBox {
        id,
        label,
        hint,
        value: typed,
        is_wrong: wrong.is_some(),
        is_disabled: false,
    };
    el("details")
        .attr("open", (!typed.is_empty()).then_some("open"))
        .child(el("summary").child(summary))
        .child(text_box(drawn, says, on_input))
}
