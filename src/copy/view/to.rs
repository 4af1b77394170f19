//! Where it goes.

use yew::Callback;

use super::reference_box;
use crate::components::custody::step;
use crate::components::element::{Element, EventKind, el};
use crate::components::listener::{send, send_text};
use crate::components::text::quiet_line;
use crate::copy::message::Msg;
use crate::copy::save;
use crate::copy::state::{Destination, State, TO};

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
        .child(state.is_same_place().then(|| quiet_line(words)))
}
