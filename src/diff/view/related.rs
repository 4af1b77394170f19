//! What refers to the two, and the packages of their SBOMs.

use yew::Callback;

use super::super::message::Msg;
use super::super::state::{PARTS, State};
use super::sections;
use crate::components::custody::step;
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::text::{quiet, quiet_line, words};

/// Draws what differs of it into `stops`, or the button that looks for it.
pub(super) fn stops(stops: Element, state: &State, link: &Callback<Msg>) -> Element {
    let title = "What refers to them";
    let [_, id] = PARTS;
    let step = |title: &str, note: &str, body: Element| {
        step(title, note, body.attr("id", id).attr("tabindex", "-1"))
    };
    let Some((related, _)) = &state.related else {
        let words = "Asks both registries for signatures, attestations and SBOMs of the two, and reads the SBOMs.";
        let button = button(
            "Compare signatures and SBOMs",
            send(link, Msg::CompareRelated),
        );
        let body = el("div")
            .child(quiet_line(words))
            .child(el("p").class("row").child(button));
        return stops.child(step(title, "not compared", body));
    };
    let Some(found) = related.found() else {
        let line = el("p")
            .class("row progress")
            .child(el("progress").attr("aria-label", "Asking what refers to them"))
            .child(quiet("Asking what refers to them"))
            .child(button("Cancel", send(link, Msg::CancelRelated)));
        return stops.child(step(title, "it is asked for", line));
    };
    let has_some = found
        .sections
        .iter()
        .any(|section| section.kind == waybill_core::diff::Kind::Referrer);
    let stops = sections(stops, &found.sections);
    let notes = el("ul").children(found.notes.iter().map(|note| el("li").child(words(note))));
    let nothing = (!has_some).then(|| quiet_line("Nothing was found that refers to either."));
    let signed = has_some.then(|| {
        quiet_line(
            "Whether a signature holds is not a part of this: the tab Related of each says it.",
        )
    });
    let again = button("Ask again", send(link, Msg::CompareRelated));
    let body = el("div")
        .child(nothing)
        .child((!found.notes.is_empty()).then_some(notes))
        .child(signed)
        .child(el("p").class("row").child(again));
    stops.child(step("Signatures and SBOMs", "what was asked", body))
}
