//! Seals and the stamp. A shape and a word always, never colour alone.

use waybill_core::view::{Stamp, Status};

use super::element::{Element, el};

/// Draws a seal: a filled tick, a cross, a hollow ring, or a dashed ring that turns.
pub fn status(status: Status) -> Element {
    let circle = |radius: &'static str| {
        el("circle")
            .attr("cx", "8")
            .attr("cy", "8")
            .attr("r", radius)
    };
    let drawing = el("svg")
        .attr("viewBox", "0 0 16 16")
        .attr("aria-hidden", "true");
    let drawing = drawing.attr("class", ["seal ", class(status)].concat());
    let cut = |path| el("path").attr("d", path).class("cut");
    match status {
        Status::Verified => drawing
            .child(circle("7.25").class("disc"))
            .child(cut("M4.6 8.3 7 10.7l4.5-5.1")),
        Status::Failed => drawing
            .child(circle("7.25").class("disc"))
            .child(cut("M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6")),
        Status::Unchecked => drawing.child(circle("6.25").class("ring")),
        Status::Pending => {
            drawing.child(circle("6.25").attr("pathLength", "8").class("ring turning"))
        }
    }
}

/// Draws a point of the custody line at which nothing is checked.
pub fn knot() -> Element {
    el("svg")
        .attr("viewBox", "0 0 16 16")
        .attr("aria-hidden", "true")
        .class("seal")
        .child(
            el("circle")
                .attr("cx", "8")
                .attr("cy", "8")
                .attr("r", "4")
                .class("disc"),
        )
}

/// Returns the class that gives a seal its colour.
#[must_use]
pub fn class(status: Status) -> &'static str {
    match status {
        Status::Verified => "good",
        Status::Failed => "bad",
        Status::Unchecked => "hollow",
        Status::Pending => "working",
    }
}

/// Draws a seal with its word.
pub fn verdict(kind: Status, words: &str) -> Element {
    verdict_around(kind, el("span").child(words))
}

/// Draws a seal with what is drawn of its word.
pub fn verdict_around(kind: Status, words: Element) -> Element {
    let class = ["verdict-word ", class(kind)].concat();
    el("span")
        .attr("class", class)
        .child(status(kind))
        .child(words)
}

/// Draws the stamp: its word, and what it is about.
pub fn stamp(stamp: &Stamp) -> Element {
    el("div")
        .attr("class", ["stamp ", class(stamp.status)].concat())
        .child(stamp.text.as_str())
        .child(el("small").child(stamp.small.as_str()))
}
