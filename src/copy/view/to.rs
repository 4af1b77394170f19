//! Where it goes.

use yew::Callback;

use super::reference_box;
use crate::components::custody::step;
use crate::components::element::{Element, el};
use crate::components::listener::send_text;
use crate::components::text::quiet_line;
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
        .child(state.is_same_place().then(|| quiet_line(words)))
}
