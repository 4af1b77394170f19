//! The custody line: one stop after another, each with its seal.

use waybill_core::view::Status;

use super::element::{Element, el};
use super::status;

/// Draws a stop: its seal, name and note on the line, `body` beside it.
pub fn stop(status: Status, name: &str, note: &str, body: Element) -> Element {
    let said = match status {
        Status::Verified => "verified: ",
        Status::Failed => "wrong: ",
        Status::Unchecked => "not checked: ",
        Status::Pending => "checking: ",
    };
    place(status::status(status), Some(said), name, note, body)
}

/// Draws a stop at which something is decided rather than checked: a point in place of a seal.
pub fn step(name: &str, note: &str, body: Element) -> Element {
    place(status::knot(), None, name, note, body)
}

fn place(status: Element, said: Option<&str>, name: &str, note: &str, body: Element) -> Element {
    el("li")
        .class("stop")
        .child(
            el("div")
                .class("stop-name")
                .child(status)
                .child(el("h2").child(name))
                .child(
                    el("small")
                        .child(said.map(|said| el("span").class("offscreen").child(said)))
                        .child(note),
                ),
        )
        .child(body.class("stop-body"))
}
