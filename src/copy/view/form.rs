//! What of it goes along.

use waybill_core::workflow::copy::{Choice, Entry, Kind, Model};
use yew::Callback;

use super::choice::Choosing;
use crate::components::custody::step;
use crate::components::element::{Element, el};
use crate::components::listener::send_text;
use crate::copy::message::Msg;
use crate::copy::state::{Destination, Stage, State};
use crate::copy::view::to::tags_box;

/// Draws this stop of the line.
pub(super) fn stop(state: &State, link: &Callback<Msg>) -> Element {
    let source = state
        .source
        .as_ref()
        .filter(|source| source.root().done().is_some());
    let exact = source.is_none_or(|source| source.choice().is_exact());
    let chosen: Callback<Choice> = link.reform(Msg::Choose);
    let choosing = source.map(|source| Choosing {
        choice: source.choice(),
        is_busy: false,
        link: &chosen,
    });
    let entries = source.map(Model::entries).unwrap_or_default();
    let is_attestation = |entry: &Entry<'_>| matches!(entry.kind, Kind::Attestation(_));
    let attestations = entries.iter().any(is_attestation);
    let to_registry = state.destination == Destination::Registry;
    let body = el("div")
        .child(
            choosing
                .filter(|_| !entries.is_empty())
                .map(|choosing| choosing.of_list("Of the list")),
        )
        .child(choosing.map(Choosing::format))
        .child(choosing.map(Choosing::compression))
        .child(choosing.and_then(|choosing| choosing.along(attestations, to_registry)))
        .child(other_tags(state, link))
        .child(el("p").class("row").child(submit(state)));
    step(
        "Form",
        if exact { "byte for byte" } else { "rewritten" },
        body,
    )
}

/// Draws the box for other tags of the source; into a file one image or list goes.
fn other_tags(state: &State, link: &Callback<Msg>) -> Option<Element> {
    let is_wanted = state.destination == Destination::Registry || !state.other_tags.is_empty();
    let names = [
        "Other tags of the source, each under its own name",
        "Other tags, with blanks between them",
        "1.1 1.2",
    ];
    let on_input = send_text(link, Msg::OtherTagsTyped);
    is_wanted.then(|| tags_box("copy-others", names, &state.other_tags, on_input))
}

/// Draws the button that goes on: it says what it does.
fn submit(state: &State) -> Element {
    let is_file = state.destination == Destination::File;
    let words = match (state.stage(), state.target()) {
        (Stage::Empty | Stage::Reading | Stage::Unread, None) => "Read the source",
        (Stage::Empty | Stage::Reading | Stage::Unread, _) if is_file => "Read the source",
        _ if is_file => "Plan the file",
        _ => "Plan the copy",
    };
    el("button")
        .attr("type", "submit")
        .class("primary")
        .child(words)
}
