//! The one box: takes anything, and says what it understood before anything is fetched.

use std::fmt::Display;

use waybill_core::input::{Input, InputError, Note};
use yew::{Callback, Event};

use super::element::{Element, EventKind, button, el};
use super::text::{self, text};

/// Holds what the box shows.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    /// The text in it.
    pub value: &'a str,
    /// What the text means.
    pub read: &'a Result<Input, InputError>,
    /// What is wrong with it, or what its notes say.
    pub words: &'a [String],
    /// Whether the text was submitted as it is, so that its faults are said out loud.
    pub submitted: bool,
    /// How the answers came, where something was fetched.
    pub via: Option<&'a str>,
}

/// Draws the box, and below it what was understood; `on_input` and `on_submit` listen to it.
pub fn search(given: Typed<'_>, on_input: Callback<Event>, on_submit: Callback<Event>) -> Element {
    let wrong = given.submitted && given.read.is_err();
    let read = el("p")
        .attr("id", "read")
        .attr("aria-live", "polite")
        .class("read");
    el("form")
        .attr("role", "search")
        .class("box")
        .on(EventKind::Submit, on_submit)
        .child(
            el("input")
                .attr("id", "box")
                .attr("type", "text")
                .attr("name", "reference")
                .attr("aria-label", "Reference, command or manifest")
                .verbatim()
                .attr(
                    "placeholder",
                    "nginx:1.27, a docker pull command, or a manifest",
                )
                .attr("aria-describedby", "read")
                .attr("aria-invalid", wrong.then_some("true"))
                .value(given.value)
                .on(EventKind::Input, on_input),
        )
        .child(el("button").attr("type", "submit").child("Inspect"))
        .child(reading(read, given))
}

fn reading(line: Element, given: Typed<'_>) -> Element {
    let word = |class: Option<&'static str>| el("span").attr("class", class);
    let submitted = |class: &'static str| given.submitted.then_some(class);
    match given.read {
        // What cannot be read yet is not empty: its reader is on the way.
        Ok(Input::Empty) if !given.submitted || !given.value.is_empty() => line,
        Ok(Input::Empty) => line.child(
            word(Some("warn"))
                .child("Type a reference, such as nginx:1.27, or drop a manifest on this page."),
        ),
        Ok(Input::Manifest) => line.child("a manifest: press Enter to open it"),
        Ok(Input::Digest(digest)) => {
            let name = digest.algorithm_name();
            line.child(format_args!(
                "a digest: press Enter to give the bytes; a registry needs name@{name}:…"
            ))
        }
        Ok(Input::Reference(found)) => {
            let reference = &found.reference;
            let mut line = said(line, "read as ", reference.host());
            line = said(line, " / ", reference.repository());
            if let Some(tag) = reference.tag() {
                line = said(line, ", tag ", tag);
            }
            if let Some(digest) = reference.digest() {
                line = said(line, ", digest ", &digest.short());
            }
            if found.plain_http {
                line = line.child(", over plain http");
            }
            let note = |words: &str| el("span").class("note").child(" · ").child(words);
            // What was meant is a press away.
            let step = |(step, words): (&Note, &String)| {
                let Note::Meant { meant } = step else {
                    return note(words);
                };
                el("span").child(" · ").child(
                    el("a")
                        .attr("href", ["#/inspect/", &meant.familiar()].concat())
                        .child(words.as_str()),
                )
            };
            line.children(found.notes.iter().zip(given.words).map(step))
                .children(given.via.map(note))
        }
        Err(error) => {
            let words = given.words.iter().map(|words| text::words(words));
            let words = word(submitted("bad")).children(words);
            let place = place(given.value, error.position()).map(|(before, at)| {
                el("span")
                    .attr("aria-hidden", "true")
                    .class("place")
                    .child(" ")
                    .child(
                        el("code")
                            .child(text(&before))
                            .child(el("mark").child(text(&at))),
                    )
            });
            line.child(words.child(place))
        }
    }
}

/// Draws a word and the part of a reference that it announces.
fn said(line: Element, word: &str, part: &dyn Display) -> Element {
    line.child(word)
        .child(el("b").child(text(&part.to_string())))
}

/// Returns the text around a position: what stands before it, and the character there.
fn place(value: &str, position: usize) -> Option<(String, String)> {
    let (before, behind) = value.split_at_checked(position)?;
    let tail: Vec<char> = before.chars().rev().take(16).collect();
    let at = behind
        .chars()
        .next()
        .map_or_else(|| "␣".to_owned(), String::from);
    Some((tail.into_iter().rev().collect(), at))
}

/// Draws the links beside the box.
pub fn links(on_settings: Callback<Event>, on_shortcuts: Callback<Event>) -> Element {
    el("nav")
        .attr("aria-label", "Page")
        .class("row")
        .child(
            el("a")
                .attr("href", "#/compose")
                .class("link")
                .child("Compose"),
        )
        .child(el("a").attr("href", "#/copy").class("link").child("Copy"))
        .child(
            el("a")
                .attr("href", "#/verify")
                .class("link")
                .child("Verify"),
        )
        .child(
            button("Settings", on_settings)
                .attr("id", "open-settings")
                .class("link"),
        )
        .child(
            button("?", on_shortcuts)
                .attr("id", "open-shortcuts")
                .attr("aria-label", "Keyboard shortcuts")
                .attr("title", "Keyboard shortcuts")
                .class("link"),
        )
}
