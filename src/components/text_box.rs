//! A box for a reference on a page of its own, such as the source of a copy.

use waybill_core::humanize::sentence;
use yew::{Callback, Event};

use super::element::{Element, EventKind, el};
use super::text::{text, words};
use crate::place::Place;

/// Draws a box for a reference, and below it what was read in it.
pub fn reference_box(
    id: &'static str,
    label: &str,
    hint: &'static str,
    place: &Place,
    is_asked: bool,
    on_input: Callback<Event>,
) -> Element {
    let read_id = [id, "-read"].concat();
    let wrong = matches!(place.read, Some(Err(_))) || is_asked && place.read.is_none();
    let line = el("p")
        .attr("id", read_id.clone())
        .attr("aria-live", "polite")
        .class("read");
    let line = match &place.read {
        None if is_asked => line.child(
            el("span")
                .class("bad")
                .child("Name one, such as nginx:1.27."),
        ),
        None => line,
        Some(Ok(reference)) => {
            let http = place.plain_http.then_some(", over plain http");
            line.child("read as ")
                .child(el("b").child(text(&reference.to_string())))
                .child(http)
        }
        Some(Err(error)) => line.child(
            el("span")
                .class("bad")
                .child(words(&sentence(&error.to_string()))),
        ),
    };
    let input = el("input")
        .attr("id", id)
        .attr("type", "text")
        .attr("spellcheck", "false")
        .attr("autocomplete", "off")
        .attr("autocapitalize", "off")
        .attr("placeholder", hint)
        .attr("aria-describedby", read_id)
        .attr("aria-invalid", wrong.then_some("true"))
        .value(&place.text)
        .on(EventKind::Input, on_input);
    el("div")
        .child(el("label").class("boxed").child(label).child(input))
        .child(line)
}
