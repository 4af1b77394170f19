//! What of it goes along.

use waybill_core::workflow::copy::{Choice, Entry, Kind, Model, Scope};
use yew::{Callback, Event};

use super::chosen;
use crate::components::custody::step;
use crate::components::element::{Element, EventKind, el};
use crate::components::text::quiet_line;
use crate::copy::message::Msg;
use crate::copy::state::{Destination, Stage, State};

/// Names each way to choose of a list.
const SCOPES: [(Scope, &str, &str); 4] = [
    (Scope::All, "all", "everything in the list"),
    (
        Scope::Shrunk,
        "shrunk",
        "the ticked entries; the list names no others, so its digest changes",
    ),
    (
        Scope::Sparse,
        "sparse",
        "the ticked entries; the list keeps its digest and names others that are not there",
    ),
    (Scope::One, "one", "one image, without the list"),
];

/// Draws this stop of the line.
pub(super) fn stop(state: &State, link: &Callback<Msg>) -> Element {
    let body = el("div")
        .child(
            state
                .source
                .as_ref()
                .and_then(|source| of_list(source, link)),
        )
        .child(el("p").class("row").child(submit(state)));
    step("Form", "byte for byte", body)
}

/// Draws what may be chosen of a list; nothing of an image.
fn of_list(source: &Model, link: &Callback<Msg>) -> Option<Element> {
    let entries = source.entries();
    let choice = source.choice();
    let options = SCOPES.iter().map(|(scope, name, words)| {
        el("option")
            .attr("value", *name)
            .attr("selected", (*scope == choice.scope).then_some("selected"))
            .child(*words)
    });
    let from = choice.clone();
    let on_scope = link.reform(move |event: Event| {
        let name = chosen(&event);
        let scope = SCOPES.iter().find(|(_, known, _)| *known == name);
        Msg::Choose(Choice {
            scope: scope.map_or(Scope::All, |(scope, ..)| *scope),
            ..from.clone()
        })
    });
    let is_attestation = |entry: &Entry<'_>| matches!(entry.kind, Kind::Attestation(_));
    let attestations = entries.iter().any(is_attestation).then(|| {
        let toggled = Choice {
            attestations: !choice.attestations,
            ..choice.clone()
        };
        let tick = el("input")
            .attr("type", "checkbox")
            .checked(choice.attestations)
            .on(
                EventKind::Change,
                link.reform(move |_| Msg::Choose(toggled.clone())),
            );
        el("label")
            .class("check")
            .child(tick)
            .child("Attestations go along with their images")
    });
    let sparse = "A registry may refuse a list that names what is not there.";
    (!entries.is_empty()).then(|| {
        el("div")
            .child(
                el("label").class("boxed").child("Of the list").child(
                    el("select")
                        .attr("id", "copy-scope")
                        .on(EventKind::Change, on_scope)
                        .children(options),
                ),
            )
            .child((choice.scope == Scope::Sparse).then(|| quiet_line(sparse)))
            .child(attestations)
    })
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
