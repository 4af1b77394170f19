//! The entries of two lists beside each other.

use waybill_core::diff::{EntryRow, Item, Kind, ListDiff};
use yew::Callback;

use super::super::message::Msg;
use super::super::state::State;
use super::changes;
use super::layers::sign;
use crate::components::custody::step;
use crate::components::digest::short_or_text;
use crate::components::element::{Element, el};
use crate::components::listener::send;
use crate::components::table::PageOfRows;
use crate::components::text::words;
use crate::limits::ROWS_DRAWN;

/// Draws the entries, with a way to the images of each platform that differ.
pub(super) fn stop(state: &State, found: &ListDiff, link: &Callback<Msg>) -> Element {
    let same = found.entries.iter().filter(|row| row.is_same()).count();
    let note = format!("{same} of {} the same", found.entries.len());
    let page = PageOfRows {
        from: state.from_row,
        length: ROWS_DRAWN,
        of: found.entries.len(),
    };
    let shown = found.entries.iter().skip(page.from).take(page.length);
    let rows = el("ul")
        .class("pairs")
        .children(shown.map(|row| entry(state, row)));
    let turner = page.turner("Entries", &|row| send(link, Msg::ShowFrom(row)));
    step("Entries", &note, el("div").child(rows).child(turner))
}

fn entry(state: &State, row: &EntryRow) -> Element {
    let (mark, said) = match (&row.left, &row.right) {
        _ if row.is_same() => ("=", "the same"),
        (Some(_), Some(_)) => ("≠", "differs"),
        (Some(_), None) => ("−", "only in the left one"),
        (None, _) => ("+", "only in the right one"),
    };
    let both = row.left.is_some() && row.right.is_some();
    let compare = row.platform.as_ref().filter(|_| both && !row.is_same());
    let compare = compare.map(|platform| {
        el("a")
            .attr("href", state.for_platform(Some(platform)))
            .attr("aria-label", ["Compare ", &row.title].concat())
            .child("Compare")
    });
    let digest = |entry: &Item| short_or_text(&entry.digest_text, entry.digest.as_ref());
    let right = row.right.as_ref().filter(|_| !row.is_same());
    let digests = el("p")
        .class("row")
        .child(row.left.as_ref().map(digest))
        .child(right.map(digest));
    let annotations =
        (!row.changes.is_empty()).then(|| changes(&row.changes, Some(Kind::Annotation)));
    let body = el("div")
        .child(el("p").child(words(&row.title)))
        .child(digests)
        .child(annotations);
    el("li")
        .child(sign(mark))
        .child(el("span").class("number"))
        .child(body)
        .child(
            el("span")
                .class("quiet")
                .child(said)
                .child(" ")
                .child(compare),
        )
}
