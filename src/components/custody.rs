//! The custody line: one stop after another, each with its seal.

use waybill_core::workflow::inspect::Seal;

use super::element::{Element, el};
use super::marks;

/// A stop: its seal and name on the line, `body` beside it.
pub fn stop(seal: Seal, name: &str, note: &str, body: Element) -> Element {
    let said = match seal {
        Seal::Good => "verified: ",
        Seal::Bad => "wrong: ",
        Seal::Hollow => "not checked: ",
        Seal::Working => "checking: ",
    };
    place(marks::seal(seal), Some(said), name, note, body)
}

/// A stop at which something is decided rather than checked.
pub fn step(name: &str, note: &str, body: Element) -> Element {
    place(marks::knot(), None, name, note, body)
}

fn place(mark: Element, said: Option<&str>, name: &str, note: &str, body: Element) -> Element {
    let note = el("small")
        .child(said.map(|said| el("span").class("offscreen").child(said)))
        .child(note);
    let head = el("div")
        .class("stop-name")
        .child(mark)
        .child(el("h2").child(name))
        .child(note);
    el("li")
        .class("stop")
        .child(head)
        .child(body.class("stop-body"))
}
