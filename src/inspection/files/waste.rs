//! What the image wastes: one bar, dive's figures beside ours, and the files that cost most.

use waybill_blobs::files::{Costly, Dive, Look, Waste};
use waybill_core::humanize::{count, number, size};
use yew::Callback;

use super::message::Msg;
use super::state::State;
use super::view::hidden_words;
use crate::components::element::{Element, EventKind, el};
use crate::components::listener::send;
use crate::components::table::{cell, table};
use crate::components::text::{self, pair, quiet, quiet_line, text};

/// Draws what the image wastes, once it is counted.
pub(super) fn section(state: &State, link: &Callback<Msg>) -> Option<Element> {
    let waste = state.waste.as_deref()?;
    let section = el("section")
        .attr("aria-label", "Waste")
        .class("waste")
        .child(el("h3").child("Waste"))
        .child(bar(waste))
        .child(figures(waste));
    let files = (!waste.costly.is_empty()).then(|| costly(waste, link));
    Some(section.child(files))
}

/// Draws one bar of the image's bytes, and says what its parts are.
fn bar(waste: &Waste) -> Element {
    let all = waste.seen + waste.duplicates + waste.hidden;
    let parts = [
        ("seen", "Seen", waste.seen),
        ("copies", "Seen more than once", waste.duplicates),
        ("hidden", "Hidden by a later layer", waste.hidden),
    ];
    let mut left = 0;
    let mut rect = |(class, _, bytes): &(&'static str, &str, u64)| {
        let part = |bytes: u64| {
            let tenths = u128::from(bytes) * 1000 / u128::from(all.max(1));
            format!("{}.{}%", tenths / 10, tenths % 10)
        };
        let drawn = el("rect")
            .attr("x", part(left))
            .attr("width", part(*bytes))
            .attr("height", "100%")
            .class(class);
        left += bytes;
        drawn
    };
    let drawing = el("svg").attr("aria-hidden", "true").class("waste-bar");
    let drawing = drawing.children(parts.iter().map(&mut rect).collect::<Vec<_>>());
    let key = |(class, name, bytes): &(&'static str, &str, u64)| {
        let sign = el("svg").attr("aria-hidden", "true").class("waste-sign");
        let sign = sign.child(
            el("rect")
                .attr("width", "100%")
                .attr("height", "100%")
                .class(class),
        );
        el("li")
            .child(sign)
            .child(*name)
            .child(" ")
            .child(el("span").class("number").child(size(*bytes)))
    };
    el("div").child(drawing).child(
        el("ul")
            .class("row waste-keys")
            .children(parts.iter().map(key)),
    )
}

/// Draws our count, dive's beside it, and why they differ.
fn figures(waste: &Waste) -> Element {
    let reasons: Vec<_> = waste
        .reasons
        .iter()
        .map(|(why, bytes)| {
            let word = match why {
                waybill_blobs::files::Why::Replaced => "replaced",
                waybill_blobs::files::Why::Whiteout => "removed",
                waybill_blobs::files::Why::Opaque => "in a directory made opaque",
                waybill_blobs::files::Why::ParentReplaced => "below what was replaced",
                waybill_blobs::files::Why::Duplicate => "written twice in one layer",
            };
            [&size(*bytes), " ", word].concat()
        })
        .collect();
    let reasons = (!reasons.is_empty()).then(|| quiet([" ", &reasons.join(", ")].concat()));
    let hidden = el("span").child(bytes(waste.hidden)).child(reasons);
    let mut list = pair(el("dl"), "Not in a flattened image", hidden);
    match &waste.dive {
        Some(Ok(dive)) => list = with_dive(list, dive),
        Some(Err(why)) => list = pair(list, "As dive counts", text::words(why)),
        None => {}
    }
    let partial = waste.is_partial.then(|| {
        quiet_line("A layer has more entries than are listed, so all of this is at least.")
    });
    el("div")
        .child(list)
        .child(quiet_line(
            "dive counts every copy of a file that was written twice, the one that is needed too, and nothing of what \
                went with a directory; the first figure is what a container never sees.",
        ))
        .child(partial)
}

fn with_dive(list: Element, dive: &Dive) -> Element {
    let list = pair(list, "dive: efficiency", dive.efficiency.as_str());
    let wasted = [
        &bytes(dive.wasted_bytes),
        ", ",
        &dive.user_wasted,
        " of what was added to the base",
    ];
    let list = pair(list, "dive: wasted", wasted.concat());
    let verdict = if dive.passes {
        el("span").class("good").child("passes")
    } else {
        let words = ["fails: ", &dive.failed.join(", ")].concat();
        el("span").class("bad").child(words)
    };
    pair(list, "dive --ci", verdict)
}

fn bytes(value: u64) -> String {
    if value < 1000 {
        return size(value);
    }
    [&size(value), ", ", &number(value), " bytes"].concat()
}

/// Draws the files that cost most.
fn costly(waste: &Waste, link: &Callback<Msg>) -> Element {
    let shown = waste.costly.len();
    let all = usize::try_from(waste.files).unwrap_or(usize::MAX);
    let caption = if all > shown {
        format!("What costs most: {shown} of {}", count(all, "file"))
    } else {
        "What costs most".to_owned()
    };
    let heads = [("Bytes", Some("number")), ("Path", None), ("Why", None)];
    let row = |one: &Costly| {
        let look = match one.hidden {
            Some(_) => Look::Layer(one.layer),
            None => Look::Image,
        };
        let why = match one.hidden {
            Some((by, why)) => format!("of layer {}, {}", one.layer + 1, hidden_words(by, why)),
            None => format!("{} of the same content", count(one.copies as usize, "file")),
        };
        let go = el("button")
            .attr("type", "button")
            .class("link")
            .on(
                EventKind::Click,
                send(link, Msg::GoIn(look, one.path.clone())),
            )
            .child(text(&one.path));
        el("tr")
            .child(cell("number").child(size(one.bytes)))
            .child(el("td").child(go))
            .child(el("td").child(why))
    };
    let rows = waste.costly.iter().map(row);
    table(&caption, &heads).child(el("tbody").children(rows))
}
