//! What is written: the bytes, their digest, what there is to say of them, and what has changed.

use waybill_core::compose::ListKind;
use waybill_core::compose::difference::{Changed, Difference, EntryChange};
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Digest;
use waybill_core::humanize::{count, number};
use yew::{Callback, Event, TargetCast};

use crate::components::code::{self, ContentView};
use crate::components::custody;
use crate::components::digest::full;
use crate::components::element::{Element, button, el};
use crate::components::findings::findings;
use crate::components::listener::send;
use crate::components::table::table;
use crate::components::text::{code as code_of, field, quiet_line, wide_field, words};
use crate::compose::layout;
use crate::compose::message::Msg;
use crate::compose::state::State;
use crate::limits::{FINDINGS_DRAWN, ITEMS_DRAWN};
use crate::route::{InspectSource, Route, View};

/// Draws this stop of the line.
pub(super) fn stop(compose: &State, link: &Callback<Msg>) -> Element {
    let model = &compose.model;
    let written = model.written();
    let download = button("Download", send(link, Msg::Save)).class("primary");
    let copy = button("Copy as JSON", send(link, Msg::Copy));
    let body = el("div")
        .child(
            el("div")
                .class("fields")
                .child(wide_field("Digest").child(full(&written.digest)))
                .child(
                    wide_field("Media type")
                        .child(el("code").child(written.kind.media_type().as_str())),
                )
                .child(
                    field("Size").child([&number(written.bytes.len() as u64), " bytes"].concat()),
                )
                .child(field("File").child(code_of(&model.file_name()))),
        )
        .child(layout::view(compose, link))
        .child(findings(model.findings(), &compose.derived.places))
        .child(
            compose
                .derived
                .difference
                .as_ref()
                .map(|difference| difference_of(compose, difference)),
        );
    let found = &model.findings()[..model.findings().len().min(FINDINGS_DRAWN)];
    let content = ContentView {
        bytes: &written.bytes,
        found,
        places: &compose.derived.places,
        from: compose.drawn.line,
    };
    let on_indent = link.reform(|event: Event| {
        let on = event
            .target_dyn_into::<web_sys::HtmlInputElement>()
            .is_some_and(|input| input.checked());
        Msg::Indent(on)
    });
    let go = |line| send(link, Msg::ShowLinesFrom(line));
    let body = code::bytes(
        body,
        content,
        (compose.drawn.indented, on_indent),
        [download, copy],
        &|digest| inspect(compose, digest),
        &go,
    );
    let name = if written.kind == ListKind::OciIndex {
        "Index"
    } else {
        "List"
    };
    custody::step(name, "these bytes, and no others", body)
}

/// Returns the address of an entry's view, where it is in a registry.
fn inspect(compose: &State, digest: &Digest) -> Option<String> {
    let is_it = |row: &&waybill_core::workflow::compose::Row| {
        row.entry
            .as_ref()
            .is_some_and(|entry| entry.descriptor.digest.as_ref() == Some(digest))
    };
    let row = compose.model.written_rows().find(is_it)?;
    let reference = row
        .source
        .reference()?
        .at(waybill_core::reference::Target::Digest(digest.clone()));
    Some(
        Route::Inspect(
            InspectSource::Reference(reference.familiar()),
            View::default(),
        )
        .to_string(),
    )
}

/// Draws what became of the list that was opened.
fn difference_of(compose: &State, difference: &Difference) -> Element {
    let part = el("section").attr("aria-label", "Difference to the list it began with");
    let part = part.child(el("h3").child("Difference to the list it began with"));
    let model = &compose.model;
    let Some(original) = &model.composition().original else {
        return part;
    };
    if difference.is_empty() {
        let same = original.bytes == model.written().bytes;
        let words = if same {
            "None: these are its very bytes."
        } else {
            "None in what it says; the bytes are written in another form, so the digest differs."
        };
        return part.child(quiet_line(words));
    }
    let entry = |list: &[Descriptor], place: Option<usize>| {
        place.and_then(|place| list.get(place)).map(name_of)
    };
    let of_list = difference
        .members
        .iter()
        .map(|changed| row("the list", "changed", Some(changed)));
    let changes = || difference.entries.iter().filter(|change| !change.is_kept());
    let of_entries = changes().flat_map(|change| {
        let name = entry(&model.written().list.entries, change.after)
            .or(entry(&original.list.entries, change.before));
        let name = name.unwrap_or_default();
        what(change)
            .into_iter()
            .map(move |(words, member)| row(&name, &words, member))
    });
    let all = difference.members.len() + changes().count();
    let heads = [
        ("What", None),
        ("Happened", None),
        ("Before", None),
        ("Now", None),
    ];
    let caption = [&count(all, "change"), " since it was opened"].concat();
    part.child(
        table(&caption, &heads)
            .child(el("tbody").children(of_list.chain(of_entries).take(ITEMS_DRAWN))),
    )
}

fn name_of(entry: &Descriptor) -> String {
    match (&entry.platform, entry.attests()) {
        (_, Some(_)) => "attestation".to_owned(),
        (Some(platform), None) => platform.to_string(),
        (None, None) => entry
            .digest
            .as_ref()
            .map(|digest| digest.short().to_owned())
            .unwrap_or_default(),
    }
}

/// Says what happened to an entry, a line each.
fn what(change: &EntryChange) -> Vec<(String, Option<&Changed>)> {
    let place = |place: usize| number(place as u64 + 1);
    match (change.before, change.after) {
        (None, Some(after)) => vec![(["added as entry ", &place(after)].concat(), None)],
        (Some(before), None) => vec![(["removed, was entry ", &place(before)].concat(), None)],
        (Some(before), Some(after)) => {
            let moved = change.moved.then(|| {
                (
                    ["moved from ", &place(before), " to ", &place(after)].concat(),
                    None,
                )
            });
            let members = change
                .members
                .iter()
                .map(|changed| ("changed".to_owned(), Some(changed)));
            moved.into_iter().chain(members).collect()
        }
        (None, None) => Vec::new(),
    }
}

fn row(name: &str, happened: &str, changed: Option<&Changed>) -> Element {
    let side = |side: Option<&String>| el("td").child(side.map(|value| code_of(value)));
    el("tr")
        .child(el("th").attr("scope", "row").child(words(name)))
        .child(
            el("td").child(happened).child(
                changed.map(|changed| el("span").child(": ").child(code_of(&changed.member))),
            ),
        )
        .child(side(changed.and_then(|changed| changed.before.as_ref())))
        .child(side(changed.and_then(|changed| changed.after.as_ref())))
}
