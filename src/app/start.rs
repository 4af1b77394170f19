//! The first page: the box, one sentence, the examples, the promise.

use crate::components::element::{Element, el};
use crate::components::text::{quiet, quiet_line};
use crate::examples::EXAMPLES;
use crate::route::{InspectSource, Route, View};

/// Draws the first page around the box: one sentence, the examples, the promise.
pub(super) fn start(search: Element, links: Element) -> Element {
    let rows = EXAMPLES.iter().map(|example| {
        let route = Route::Inspect(InspectSource::Example(example.name.into()), View::default());
        el("li")
            .child(
                el("a")
                    .attr("href", format_args!("{route}"))
                    .child(example.title),
            )
            .child(quiet(example.about))
    });
    let promise = "What you paste stays in this page. What you fetch is checked in this page.";
    el("div")
        .class("start")
        .child(
            el("header")
                .class("row")
                .child(el("span").class("word").child("Waybill"))
                .child(links),
        )
        .child(
            el("main")
                .child(el("h1").child("What is in this image, and is it what it says it is?"))
                .child(search)
                .child(el("p").class("promise").child(promise))
                .child(
                    el("section")
                        .attr("aria-labelledby", "examples")
                        .child(
                            el("h2")
                                .attr("id", "examples")
                                .child("Examples that need no network"),
                        )
                        .child(el("ul").class("examples").children(rows)),
                )
                .child(
                    quiet_line(
                        "Or paste a manifest, or drop a file or a folder, anywhere on the page. ",
                    )
                    .child(
                        el("a")
                            .attr("href", "#/archive")
                            .child("Open an archive of images"),
                    ),
                ),
        )
}
