//! One page of the rows of a list: a tag each, or tags of one kind in one line.

use waybill_core::humanize::{age, count, number, size};
use waybill_core::tags::{Fold, Kind, Order, Row, Tagged};
use waybill_core::time::from_1970;
use waybill_core::workflow::tags::{Model, Progress};
use yew::Callback;

use super::super::message::Msg;
use super::super::state::State;
use super::row_id;
use crate::components::digest::short;
use crate::components::element::{Element, EventKind, button, el};
use crate::components::listener::send;
use crate::components::table::{PageOfRows, cell, table};
use crate::components::text::{quiet, quiet_line, text, written_out};
use crate::limits::ROWS_DRAWN;

/// How many platforms of a tag are drawn.
const PLATFORMS_DRAWN: usize = 3;

/// Says what there is to say of each tag that is drawn, so that no column is empty.
struct Columns {
    ages: bool,
    sizes: bool,
    platforms: bool,
}

pub(super) fn rows(state: &State, model: &Model, link: &Callback<Msg>) -> Element {
    let all = model.tags().all();
    let drawn = state.drawn();
    if drawn.is_empty() {
        let is_loading = *model.progress() == Progress::Loading;
        let words = match (all.len(), &state.digest) {
            (0, _) if is_loading => "Waiting for the answer.",
            (0, _) => return el("div"),
            (_, Some(_)) => "No tag is known to name this digest.",
            (_, None) => "No tag has these words in it.",
        };
        return el("div").child(quiet_line(words));
    }
    let tagged = |row: &Row| match row {
        Row::Tag(index) => all.get(*index),
        Row::Fold(_) => None,
    };
    let shown = state.rows.get(drawn.clone()).unwrap_or_default();
    let known = || shown.iter().filter_map(tagged).filter_map(Tagged::details);
    let columns = Columns {
        ages: known().any(|details| details.seconds.is_some()),
        sizes: known().any(|details| details.size.is_some()),
        platforms: known().any(|details| !details.platforms.is_empty()),
    };
    let mut heads = vec![("Tag", None), ("Digest", None)];
    if columns.ages {
        heads.push(("Age", Some("number")));
    }
    if columns.sizes {
        heads.push(("Size", Some("number")));
    }
    if columns.platforms {
        heads.push(("Platforms", None));
    }
    let width = heads.len();
    let page = PageOfRows {
        from: drawn.start,
        length: ROWS_DRAWN,
        of: state.rows.len(),
    };
    let body = drawn.clone().zip(shown).map(|(number, row)| match row {
        Row::Tag(index) => tag_row(state, model, number, &all[*index], &columns, link),
        Row::Fold(fold) => fold_row(number, *fold, width, link),
    });
    let caption = match (state.filter.is_empty(), state.order) {
        (false, _) => count(state.rows.len(), "row"),
        (true, Order::Newest) => "Newest first".to_owned(),
        (true, Order::Name) => "By name".to_owned(),
    };
    el("div")
        .child(
            table(&caption, &heads)
                .class("tags")
                .child(el("tbody").children(body)),
        )
        .child(page.turner("Tags", &|from| send(link, Msg::Rows(from))))
}

fn tag_row(
    state: &State,
    model: &Model,
    number: usize,
    tagged: &Tagged,
    columns: &Columns,
    link: &Callback<Msg>,
) -> Element {
    let tag = &tagged.tag;
    let name = tag.as_str();
    let tick = el("input")
        .attr("type", "checkbox")
        .attr("aria-label", ["Tick ", name].concat())
        .checked(state.ticked.contains(tag))
        .on(EventKind::Change, send(link, Msg::Tick(tag.clone())));
    let href = state.reference(tag).unwrap_or_default();
    let inspect = el("a")
        .attr("id", row_id(number))
        .attr("data-row", number.to_string())
        .attr("href", ["#/inspect/", &href].concat())
        .child(text(name));
    let details = tagged.details();
    let digest = match tagged.digest() {
        Some(digest) => short(digest),
        None if model.is_gone(tag) => el("span").class("bad").child("gone"),
        None if model.is_asked(tag) => quiet("asking"),
        None => quiet("not asked"),
    };
    let ages = details.and_then(|details| details.seconds).map(|seconds| {
        el("time")
            .attr("title", from_1970(seconds))
            .child(age(state.opened - seconds))
    });
    let sizes = details.and_then(|details| details.size).map(size);
    let platforms = details.map(|details| platforms(&details.platforms));
    let head = el("th")
        .attr("scope", "row")
        .child(el("span").class("row tag-name").child(tick).child(inspect));
    el("tr")
        .key(name)
        .child(head)
        .child(el("td").child(digest))
        .child(columns.ages.then(|| cell("number").child(ages)))
        .child(columns.sizes.then(|| cell("number").child(sizes)))
        .child(columns.platforms.then(|| el("td").child(platforms)))
}

/// Draws the first few platforms, and how many more there are.
fn platforms(all: &[String]) -> Element {
    let shown: Vec<_> = all
        .iter()
        .take(PLATFORMS_DRAWN)
        .map(String::as_str)
        .collect();
    let rest = all.len() - shown.len();
    let rest = (rest > 0).then(|| quiet(format_args!(" and {rest} more")));
    el("span")
        .attr(
            "title",
            (rest.is_some()).then(|| written_out(&all.join(", "))),
        )
        .child(text(&shown.join(", ")))
        .child(rest)
}

/// Names a tag of a kind.
fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Latest | Kind::Version | Kind::Word => "tag",
        Kind::Commit => "commit",
        Kind::Signature => "signature",
        Kind::Attestation => "attestation",
        Kind::Sbom => "SBOM",
        Kind::Referrers => "tag of a digest",
    }
}

/// Names tags of one kind.
fn kind_words(fold: Fold) -> String {
    if fold.kind == Kind::Referrers && fold.count != 1 {
        return [&number(fold.count as u64), " tags of digests"].concat();
    }
    count(fold.count, noun(fold.kind))
}

fn fold_row(row: usize, fold: Fold, width: usize, link: &Callback<Msg>) -> Element {
    let what = match fold.kind {
        Kind::Signature | Kind::Attestation | Kind::Sbom => " of cosign (sha256-…)",
        Kind::Referrers => " (sha256-…): what refers to it",
        Kind::Commit => " (hashes)",
        Kind::Latest | Kind::Version | Kind::Word => "",
    };
    let unfold = button(&kind_words(fold), send(link, Msg::Fold(fold.kind)))
        .attr("id", row_id(row))
        .attr("data-row", row.to_string())
        .attr("aria-expanded", if fold.is_open { "true" } else { "false" })
        .class("link");
    // No tag has a space in it. With a key the row stays the same, and has the focus still, when others follow it.
    let key = ["all ", noun(fold.kind)].concat();
    el("tr").key(key.as_str()).child(
        el("td")
            .attr("colspan", width.to_string())
            .child(unfold)
            .child(quiet(what)),
    )
}
