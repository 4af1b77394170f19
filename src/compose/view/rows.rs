//! The rows: what is in the list and what is left out, in the list's order.

use waybill_core::humanize::{count, number, sentence, size};
use waybill_core::view::Status;
use waybill_core::view::{Action, Explanation};
use waybill_core::workflow::compose::{Msg as Change, Row, RowState, Source};
use waybill_core::workflow::fetch::Failure;
use yew::{Callback, Event, TargetCast};

use super::entry::editor;
use super::{change, name_of};
use crate::components::custody;
use crate::components::digest::short;
use crate::components::element::{Element, EventKind, button, el};
use crate::components::error::{actions, evidence};
use crate::components::listener::send;
use crate::components::platforms::attestation;
use crate::components::status;
use crate::components::table::PageOfRows;
use crate::components::text::{quiet, quiet_line, text, words, written_out};
use crate::compose::ids::row_id;
use crate::compose::message::Msg;
use crate::compose::rows::name;
use crate::compose::state::State;
use crate::limits::ROWS_DRAWN;
use crate::route::{InspectSource, Route, View};

/// Draws this stop of the line.
pub(super) fn stop(compose: &State, link: &Callback<Msg>) -> Element {
    let (model, shown) = (&compose.model, &compose.derived.shown);
    let rows = &model.composition().rows;
    let page = PageOfRows {
        from: compose.drawn.row,
        length: ROWS_DRAWN,
        of: shown.len(),
    };
    let turner = || page.turner("Rows", &|row| send(link, Msg::ShowRowsFrom(row)));
    let mut list = el("ol").attr("aria-label", "Entries").class("rows");
    let mut group: Option<&Source> = None;
    for (place, below) in shown.iter().skip(page.from).take(page.length) {
        let row = &rows[*place];
        if row.from.as_ref() != group {
            group = row.from.as_ref();
            list = list.child(group.map(|from| list_head(compose, row, from, link)));
        }
        list = list.child(self::row(compose, row, *below, link));
    }
    let waiting = rows
        .iter()
        .filter(|row| model.state(row) == RowState::Unverified(None))
        .count();
    let fetch = (waiting > 0
        && model.pending() == 0
        && rows.iter().any(|row| row.source.reference().is_some()))
    .then(|| {
        button(
            &format!("Fetch the other {}", count(waiting, "manifest")),
            change(link, Change::FetchAll),
        )
    });
    let did_not_come = |state| matches!(state, RowState::Failed(_) | RowState::Unverified(Some(_)));
    let again = rows.iter().any(|row| did_not_come(model.state(row)));
    let again = again.then(|| button("Fetch again what did not come", change(link, Change::Retry)));
    let body = el("div")
        .child(quiet_line(
            "Clients take the first that fits their machine. Alt with an arrow key moves a row.",
        ))
        .child(attestations(compose, link))
        .child(turner())
        .child(list)
        .child(turner())
        .child(el("p").class("row").child(fetch).child(again));
    let kept = count(model.written().list.entries.len(), "entry");
    custody::stop(
        status(compose),
        "Entries",
        &[&kept, " written"].concat(),
        body,
    )
}

/// Returns the worst status of the rows that are kept.
fn status(compose: &State) -> Status {
    let mut worst = Status::Verified;
    for row in compose
        .model
        .composition()
        .rows
        .iter()
        .filter(|row| row.kept)
    {
        match compose.model.state(row) {
            RowState::Failed(_) | RowState::Refused(_) => return Status::Failed,
            RowState::Loading => worst = Status::Pending,
            RowState::Unverified(_) if worst == Status::Verified => worst = Status::Unchecked,
            RowState::Unverified(_) | RowState::Verified => {}
        }
    }
    worst
}

/// Draws one switch for every attestation.
fn attestations(compose: &State, link: &Callback<Msg>) -> Option<Element> {
    let attests = |row: &Row| {
        row.entry
            .as_ref()
            .is_some_and(|entry| entry.descriptor.attests().is_some())
    };
    let rows = &compose.model.composition().rows;
    let (mut all, mut kept) = (0, 0);
    for row in rows.iter().filter(|row| attests(row)) {
        all += 1;
        kept += usize::from(row.kept);
    }
    let on = checked(link, |on| Msg::Change(Change::KeepAttestations(on)));
    let words = format!(
        "Keep all attestations ({} of {} kept)",
        number(kept as u64),
        number(all as u64)
    );
    (all > 0).then(|| {
        el("p").child(
            el("label")
                .class("check")
                .child(
                    el("input")
                        .attr("id", "attestations")
                        .attr("type", "checkbox")
                        .checked(kept == all)
                        .on(EventKind::Change, on),
                )
                .child(words),
        )
    })
}

/// Makes a listener that sends whether a box is ticked.
fn checked(link: &Callback<Msg>, msg: impl Fn(bool) -> Msg + 'static) -> Callback<Event> {
    link.reform(move |event: Event| {
        let on = event
            .target_dyn_into::<web_sys::HtmlInputElement>()
            .is_some_and(|input| input.checked());
        msg(on)
    })
}

/// Draws the head of the rows of one list.
fn list_head(compose: &State, row: &Row, from: &Source, link: &Callback<Msg>) -> Element {
    let original = compose
        .model
        .composition()
        .original
        .as_ref()
        .map(|original| &original.source);
    let words = if original == Some(from) {
        "The list it began with: "
    } else {
        "Entries of "
    };
    let begin = (original != Some(from))
        .then(|| button("Begin anew with it", send(link, Msg::StartFrom(row.id))));
    el("li")
        .key(&["list-", &row.id.to_string()].concat())
        .class("row list-head")
        .child(el("span").child(words).child(el("b").child(source(from))))
        .child(button(
            "Make it one entry",
            change(link, Change::Nest(row.id, true)),
        ))
        .child(begin)
}

/// Draws where a manifest is; a link, where it can be inspected.
fn source(source: &Source) -> Element {
    let Some(reference) = source.reference() else {
        return name_of(&source.name());
    };
    let route = Route::Inspect(
        InspectSource::Reference(reference.familiar()),
        View::default(),
    );
    let whole = reference.familiar();
    let link = el("a").attr("href", route.to_string());
    match reference.digest() {
        // The whole digest stands beside it, or in the address.
        Some(digest) => {
            let name = whole.trim_end_matches(digest.as_str());
            link.attr("title", whole.clone())
                .child(text(&[name, digest.short(), "…"].concat()))
        }
        None => link.child(text(&whole)),
    }
}

/// Says what a row is called; an attestation by what it says.
fn title(compose: &State, row: &Row) -> String {
    let attests = row
        .entry
        .as_ref()
        .is_some_and(|entry| entry.descriptor.attests().is_some());
    if attests {
        attestation(compose.model.node(row))
    } else {
        name(row)
    }
}

fn row(compose: &State, row: &Row, below: bool, link: &Callback<Msg>) -> Element {
    let (id, name) = (row.id, title(compose, row));
    let spoken = written_out(&name);
    let open = compose.unfolded.contains(&id);
    let descriptor = row.entry.as_ref().map(|entry| &entry.descriptor);
    let keep = checked(link, move |on| Msg::Change(Change::Keep(id, on)));
    let title = el("span").class("entry-name");
    let title = if row.entry.is_some() {
        title.child(words(&name))
    } else {
        title.child(source(&row.source))
    };
    let from =
        (row.from.is_none() && row.entry.is_some()).then(|| el("small").child(source(&row.source)));
    let (status, words) = state_words(&compose.model.state(row));
    let class = match (below, row.kept) {
        (false, _) if row.entry.is_none() => "entry bare",
        (false, true) => "entry",
        (false, false) => "entry dropped",
        (true, true) => "entry below",
        (true, false) => "entry below dropped",
    };
    el("li")
        .key(&id.to_string())
        .attr("id", row_id("row", id))
        .attr("tabindex", "-1")
        .attr("data-row", id.to_string())
        .attr("class", class)
        .child(
            el("input")
                .attr("id", row_id("keep", id))
                .attr("type", "checkbox")
                .attr("aria-label", ["Keep ", &spoken].concat())
                .checked(row.kept)
                .on(EventKind::Change, keep),
        )
        .child(el("div").class("entry-about").child(title).child(from))
        .child(el("span").child(descriptor.and_then(|one| one.digest.as_ref()).map(short)))
        .child(
            el("span")
                .class("number")
                .child(descriptor.and_then(|one| one.size).map(size)),
        )
        .child(status::verdict(status, words))
        .child(tools(row, &spoken, below, open, link))
        .child(trouble(compose, row, link))
        .child(open.then(|| editor(compose, row, link)))
}

/// Draws the buttons of a row. Those without an effect stay, so that the focus stays on them.
fn tools(row: &Row, name: &str, below: bool, open: bool, link: &Callback<Msg>) -> Element {
    let id = row.id;
    let tool = |what: &'static str, words: &str, label: [&str; 3], msg: Msg| {
        button(words, send(link, msg))
            .attr("id", row_id(what, id))
            .attr("aria-label", label.concat())
    };
    let arrow = |what, words, end, up| tool(what, words, ["Move ", name, end], Msg::Move(id, up));
    let unfolded = if open { "true" } else { "false" };
    let edit =
        tool("edit", "Edit", ["Edit ", name, ""], Msg::Unfold(id)).attr("aria-expanded", unfolded);
    el("span")
        .class("entry-tools")
        .child((!below).then(|| arrow("up", "↑", " up", true)))
        .child((!below).then(|| arrow("down", "↓", " down", false)))
        .child(edit)
        .child(tool(
            "remove",
            "Remove",
            ["Remove ", name, ""],
            Msg::Remove(id),
        ))
}

fn state_words(state: &RowState<'_>) -> (Status, &'static str) {
    match state {
        RowState::Loading => (Status::Pending, "being fetched"),
        RowState::Failed(Failure::Cancelled) => (Status::Unchecked, "cancelled"),
        RowState::Failed(_) => (Status::Failed, "did not come"),
        RowState::Refused(_) => (Status::Failed, "not composed"),
        RowState::Verified => (Status::Verified, "hashed here"),
        RowState::Unverified(_) => (Status::Unchecked, "by the list's word"),
    }
}

/// Draws what is wrong with a row, and what can be done.
fn trouble(compose: &State, row: &Row, link: &Callback<Msg>) -> Element {
    let trouble = el("div").class("entry-trouble");
    match compose.model.state(row) {
        RowState::Refused(why) => trouble.child(
            el("p")
                .class("bad")
                .child(words(&sentence(&why.to_string()))),
        ),
        RowState::Failed(failure) => failed(trouble, row, failure, "bad", link),
        RowState::Unverified(Some(failure)) => failed(trouble, row, failure, "warn", link),
        RowState::Loading | RowState::Verified | RowState::Unverified(None) => trouble,
    }
    .children(remarks(compose, row))
}

fn failed(
    trouble: Element,
    row: &Row,
    failure: &Failure,
    class: &'static str,
    link: &Callback<Msg>,
) -> Element {
    let said = |what: &str| el("p").class(class).child(words(what));
    match (failure, row.source.reference()) {
        (Failure::Registry(error), Some(reference)) => {
            let told: Explanation = error.explain();
            let host = reference.host().clone();
            let act = |action: &Action| {
                let msg = Msg::Act(host.clone(), action.clone());
                link.reform(move |_: Event| msg.clone())
            };
            trouble
                .child(error.said().map(|words| said(&words)))
                .child(said(&sentence(&told.what)))
                .child(actions(&told, &act))
                .child(
                    el("details")
                        .child(el("summary").child("Why, and what to do"))
                        .child(evidence(&told)),
                )
        }
        (Failure::TooLarge { size: bytes }, _) => trouble.child(said(
            &[&size(*bytes), ": registries take manifests of 4 MiB."].concat(),
        )),
        (Failure::Cancelled, _) => trouble.child(quiet("Its fetching was cancelled.")),
        _ => trouble.child(said("It is not here.")),
    }
}

/// Draws what was found in a row's entry.
fn remarks(compose: &State, row: &Row) -> Vec<Element> {
    let Some(place) = compose
        .model
        .written_rows()
        .position(|written| written.id == row.id)
    else {
        return Vec::new();
    };
    let pointer = format!("/manifests/{place}");
    let is_its = |found: &str| {
        found
            .strip_prefix(&pointer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let found = compose
        .model
        .findings()
        .iter()
        .filter(|finding| is_its(&finding.pointer))
        .take(5);
    found
        .map(|finding| {
            let rule = finding.code.rule();
            let class = super::severity_class(rule.severity);
            el("p")
                .class(class)
                .child(rule.title)
                .child(": ")
                .child(words(&finding.message))
        })
        .collect()
}
