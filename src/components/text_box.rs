//! Boxes of one line with what was read in them below: of a reference, such as the source of a copy, and of other text.

use waybill_core::humanize::sentence;
use yew::{Callback, Event};

use super::element::{Element, EventKind, el};
use super::text::{text, words};
use crate::place::Place;

/// A box of one line.
#[derive(Clone, Copy)]
pub struct TextBox<'a> {
    /// Its id.
    pub id: &'static str,
    /// What it is called.
    pub label: &'a str,
    /// An example of what stands in it.
    pub hint: &'static str,
    /// What stands in it.
    pub value: &'a str,
    /// Whether that cannot be used, or is missing.
    pub is_wrong: bool,
    /// Whether nothing can be typed now.
    pub is_disabled: bool,
}

/// Draws the box, and below it what was read in it, which is read aloud as it changes.
pub fn text_box(it: TextBox<'_>, read: Option<Element>, on_input: Callback<Event>) -> Element {
    let described = [it.id, "-read"].concat();
    let input = el("input")
        .attr("id", it.id)
        .attr("type", "text")
        .verbatim()
        .attr("placeholder", it.hint)
        .attr("aria-describedby", described.clone())
        .attr("aria-invalid", it.is_wrong.then_some("true"))
        .attr("disabled", it.is_disabled.then_some("disabled"))
        .value(it.value)
        .on(EventKind::Input, on_input);
    let line = el("p")
        .attr("id", described)
        .attr("aria-live", "polite")
        .class("read");
    el("div")
        .child(el("label").class("boxed").child(it.label).child(input))
        .child(line.child(read))
}

/// Says what text was read as, and whether plain http is meant.
pub fn read_as(read: &str, plain_http: bool) -> Element {
    el("span")
        .child("read as ")
        .child(el("b").child(text(read)))
        .child(plain_http.then_some(", over plain http"))
}

/// Says why text cannot be read.
pub fn misread(why: &impl ToString) -> Element {
    el("span")
        .class("bad")
        .child(words(&sentence(&why.to_string())))
}

/// Draws a box for a reference, and below it what was read in it.
pub fn reference_box(
    id: &'static str,
    label: &str,
    hint: &'static str,
    place: &Place,
    is_asked: bool,
    on_input: Callback<Event>,
) -> Element {
    let is_missing = is_asked && place.read.is_none();
    let read = match &place.read {
        None => is_missing.then(|| {
            let asked = "Name one, such as nginx:1.27.";
            el("span").class("bad").child(asked)
        }),
        Some(Ok(reference)) => Some(read_as(&reference.to_string(), place.plain_http)),
        Some(Err(error)) => Some(misread(error)),
    };
    let drawn = TextBox {
        id,
        label,
        hint,
        value: &place.text,
        is_wrong: is_missing || matches!(place.read, Some(Err(_))),
        is_disabled: false,
    };
    text_box(drawn, read, on_input)
}
