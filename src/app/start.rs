//! The first page: the box, one sentence, the examples, the promise.

use crate::components::element::{Element, el};
use crate::components::text::{quiet, quiet_line};
use crate::examples::EXAMPLES;
use crate::route::{InspectSource, Route, View};

/// Draws the first page around the box: one sentence, the examples, the promise.
pub(super) fn start(search: Element, links: Element) -> Element {
    let rows = EXAMPLES.iter().map(|example| {
        let route = Route::Inspect(InspectSource::Example(example.name.into()), View::default());
        let title = el("a")
            .attr("href", format_args!("{route}"))
            .child(example.title);
        el("li").child(title).child(quiet(example.about))
    });
    let header = el("header")
        .class("row")
        .child(el("span").class("word").child("Waybill"))
        .child(links);
    let examples = el("section")
        .attr("aria-labelledby", "examples")
        .child(
            el("h2")
                .attr("id", "examples")
                .child("Examples that need no network"),
        )
        .child(el("ul").class("examples").children(rows));
    let promise = "What you paste stays in this page. What you fetch is checked in this page.";
    let main = el("main")
        .child(el("h1").child("What is in this image, and is it what it says it is?"))
        .child(search)
        .child(el("p").class("promise").child(promise))
        .child(examples)
        .child(quiet_line(
            "Or paste a manifest, or drop a file, anywhere on the page.",
        ));
    el("div").class("start").child(header).child(main)
}
