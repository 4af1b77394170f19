//! The same copies by other tools.

use waybill_core::workflow::copy::Commands;

use crate::components::commands::{command, note};
use crate::components::element::{Element, el};
use crate::components::text::words;

/// Draws the lines of each tool, below what is said of all of them.
pub fn drawn(tools: &[Commands], said: Element) -> Element {
    let note = note(tools.iter().flat_map(|tool| &tool.lines).flatten());
    let each = tools.iter().map(|tool| {
        let lines = match &tool.lines {
            Ok(lines) => lines
                .iter()
                .map(|line| command(el("li"), Ok(line)))
                .collect(),
            Err(why) => vec![command(el("li"), Err(why))],
        };
        let left_out = (!tool.left_out.is_empty()).then(|| {
            el("span")
                .class("warn")
                .child(" leaves out ")
                .child(words(&tool.left_out.join(", ")))
        });
        el("details")
            .child(
                el("summary")
                    .child(el("b").child(tool.tool))
                    .child(left_out),
            )
            .child(el("ul").children(lines))
    });
    el("div")
        .child(said)
        .child(note.map(|note| el("p").child(note)))
        .child(el("div").class("tools").children(each))
}
