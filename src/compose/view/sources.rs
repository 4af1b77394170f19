//! The box for sources, and what was read in it.

use yew::Callback;

use super::{name_of, typed};
use crate::components::alert::alert;
use crate::components::custody::step;
use crate::components::element::{Element, EventKind, button, el};
use crate::components::listener::send;
use crate::components::text::{quiet, quiet_line, text, words};
use crate::compose::ids::SOURCES;
use crate::compose::message::{Field, Msg};
use crate::compose::sources::{Read, SourceInput, is_content, read};
use crate::compose::state::State;
use crate::shell::FILES;

/// Draws this stop of the line.
pub(super) fn stop(compose: &State, link: &Callback<Msg>) -> Element {
    let value = compose.typed(&Field::Sources).unwrap_or_default();
    let reads = read(value, compose.model.composition().target.as_ref());
    let wrong = compose.submitted && reads.iter().any(|read| read.found.is_err());
    let open = (reads.len() == 1)
        .then(|| button("Begin anew with this list", send(link, Msg::OpenSource)));
    let files = el("input")
        .attr("id", FILES)
        .attr("type", "file")
        .attr("multiple", "multiple")
        .class("offscreen");
    let body = el("div")
        .child(left_out(compose))
        .child(
            el("label")
                .class("boxed")
                .child("Images and lists, one a line")
                .child(
                    el("textarea")
                        .attr("id", SOURCES)
                        .attr("rows", (value.lines().count() + 1).clamp(3, 12).to_string())
                        .verbatim()
                        .attr(
                            "placeholder",
                            "ghcr.io/owner/app:amd64\nghcr.io/owner/app@sha256:…",
                        )
                        .attr("aria-describedby", "sources-read")
                        .attr("aria-invalid", wrong.then_some("true"))
                        .value(value)
                        .on(EventKind::Input, typed(link, Field::Sources)),
                ),
        )
        .child(reading(compose, value, &reads))
        .child(
            el("p")
                .class("row")
                .child(button("Add", send(link, Msg::AddSources)).class("primary"))
                .child(open)
                .child(el("label").class("button").child(files).child("Open files")),
        )
        .child(quiet_line(
            "References, digests, commands, addresses of web pages; or drop \
             manifests, configs and manifest-tool's YAML anywhere. Files \
             stay in this page and need no network.",
        ));
    step("Sources", "what goes in", body)
}

/// Draws what each line was read as.
fn reading(compose: &State, value: &str, reads: &[Read]) -> Element {
    let list = el("ul")
        .attr("id", "sources-read")
        .attr("aria-live", "polite")
        .class("read lines-read");
    if value.trim().is_empty() {
        let asked = el("li")
            .class("warn")
            .child("Name at least one source, such as nginx:1.27.");
        return list.child(compose.submitted.then_some(asked));
    }
    if is_content(value) {
        return list.child(el("li").child("a manifest: Add takes it as it stands"));
    }
    list.children(reads.iter().take(20).map(|read| match &read.found {
        Ok(found) => el("li").child("read as ").child(found_words(found)),
        Err(fault) => {
            let class = if compose.submitted { "bad" } else { "quiet" };
            el("li")
                .class(class)
                .child(text(&read.line))
                .child(": ")
                .child(words(&fault.to_string()))
        }
    }))
}

/// Draws a source in words.
pub(super) fn found_words(found: &SourceInput) -> Element {
    let words = el("span").child(el("b").child(text(&found.reference.familiar())));
    let http = found.plain_http.is_some().then_some(", over plain http");
    words.child(http).children(
        found
            .notes
            .iter()
            .map(|note| quiet(format_args!(" · {note}"))),
    )
}

/// Draws what was not taken, and why.
fn left_out(compose: &State) -> Option<Element> {
    let row = |(name, why): &(String, String)| {
        let item = el("li").child(name_of(name)).child(": ");
        item.child(words(why))
    };
    let rows = compose.left_out.iter().map(row).collect();
    alert(rows).map(|it| it.class("warn"))
}
