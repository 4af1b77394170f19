//! What is looked for, and what can be done with what was ticked.

use waybill_core::digest::Digest;
use waybill_core::humanize::{count, number};
use waybill_core::reference::Tag;
use waybill_core::tags::{Row, Tagged};
use waybill_core::workflow::tags::{Model, Progress};
use yew::Callback;

use super::super::message::Msg;
use super::super::state::State;
use crate::components::digest::short;
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::text::{quiet, text};
use crate::route::{ComposeIntent, PartPage, Route, to_query};

/// Draws that tags of one digest are looked for: how many were found, and what it takes to know them all.
pub(super) fn digest_line(state: &State, model: &Model, link: &Callback<Msg>) -> Option<Element> {
    let digest = state.digest.as_ref()?;
    let is_tag = |row: &&Row| matches!(row, Row::Tag(_));
    let found = count(state.rows.iter().filter(is_tag).count(), "tag");
    let to_ask = model.to_ask();
    let words = match model.search() {
        Some(search) if state.is_searching() => {
            let asked = number(search.of.saturating_sub(to_ask) as u64);
            let of = number(search.of as u64);
            [&found, " so far, ", &asked, " of ", &of, " asked about"].concat()
        }
        _ if to_ask == 0 => [&found, " of those listed here"].concat(),
        _ => [&found, " known"].concat(),
    };
    let ask = (to_ask > 0 && !state.is_searching()).then(|| find_all(digest, to_ask, link));
    let row = el("p")
        .class("row")
        .child("Only tags of ")
        .child(short(digest));
    Some(
        row.child(el("span").attr("role", "status").child(words))
            .child(ask)
            .child(button("Show all tags", send(link, Msg::ShowAll))),
    )
}

/// Draws the button that asks about every tag that nothing is known of, and says how many those are.
fn find_all(digest: &Digest, to_ask: usize, link: &Callback<Msg>) -> Element {
    let words = match to_ask {
        0 => "Show its other tags".to_owned(),
        _ => ["Find all its tags: ", &count(to_ask, "request")].concat(),
    };
    button(&words, send(link, Msg::Find(digest.clone())))
}

/// Draws what can be done with what was ticked. It is there before anything is, so that no row moves under the mouse.
pub(super) fn chosen(state: &State, model: &Model, link: &Callback<Msg>) -> Option<Element> {
    let row = el("p").class("row ticked");
    let row = match state.ticked.as_slice() {
        [] => {
            let hint = "Tick one tag to copy or compose it, or two to compare them.";
            let is_to_come = *model.progress() == Progress::Loading;
            return (is_to_come || !state.is_empty()).then(|| row.child(quiet(hint)));
        }
        [tag] => {
            let tagged = model.tags().find(tag);
            let tagged = tagged.and_then(|place| model.tags().all().get(place));
            let find = tagged
                .and_then(Tagged::digest)
                .filter(|digest| state.digest.as_ref() != Some(*digest))
                .map(|digest| find_all(digest, model.to_ask(), link));
            let reference = state.reference(tag)?;
            let copy = Route::Part(PartPage::Copy, to_query(&[("from", &reference)]));
            let compose = Route::Compose(Some(ComposeIntent::Add(reference)));
            let before = model.tags().before(tag).and_then(|before| {
                let words = ["Compare with ", before.as_str()].concat();
                Some(lead(&compare(state, before, tag)?, &words))
            });
            row.child(el("b").child(text(tag.as_str())))
                .child(lead(&copy, "Copy"))
                .child(lead(&compose, "Compose"))
                .child(before)
                .child(find)
        }
        [from, to] => {
            let both = el("b")
                .child(text(from.as_str()))
                .child(" and ")
                .child(text(to.as_str()));
            row.child(both)
                .child(compare(state, from, to).map(|route| lead(&route, "Compare")))
                .child(copy_all(state).map(|route| lead(&route, "Copy both")))
                .child(lead(&copy_several(state), SEVERAL))
        }
        more => row
            .child(format_args!("{} ticked.", more.len()))
            .child(copy_all(state).map(|route| lead(&route, "Copy all of them")))
            .child(lead(&copy_several(state), SEVERAL))
            .child(quiet("Two can be compared, one composed.")),
    };
    Some(row.child(button("Untick", send(link, Msg::Untick))))
}

fn compare(state: &State, from: &Tag, to: &Tag) -> Option<Route> {
    let (from, to) = (state.reference(from)?, state.reference(to)?);
    let address = to_query(&[("from", &from), ("to", &to)]);
    Some(Route::Part(PartPage::Diff, address))
}

/// Copies what is ticked, each under its own tag.
fn copy_all(state: &State) -> Option<Route> {
    let (first, others) = state.ticked.split_first()?;
    let others: Vec<_> = others.iter().map(Tag::as_str).collect();
    let (from, with) = (state.reference(first)?, others.join(","));
    let address = to_query(&[("from", &from), ("with", &with)]);
    Some(Route::Part(PartPage::Copy, address))
}

/// Says what leads to a copy of which more may be chosen than of tags that go along with another.
const SEVERAL: &str = "Choose platforms or a format";

/// Copies what is ticked as images of their own.
fn copy_several(state: &State) -> Route {
    let images: Vec<_> = state
        .ticked
        .iter()
        .filter_map(|tag| state.reference(tag))
        .collect();
    let address = to_query(&[("images", &images.join(","))]);
    Route::Part(PartPage::Copy, address)
}

fn lead(route: &Route, words: &str) -> Element {
    let link = el("a").attr("href", route.to_string()).class("button");
    link.child(words)
}
