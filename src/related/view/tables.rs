//! Lists in documents: packages, materials, statements, of which a page of rows is drawn.

use waybill_core::documents::Table;
use waybill_core::humanize::{count, number};
use yew::Callback;

use super::super::message::{Msg, Part, Shown};
use super::super::state::State;
use crate::components::element::{Element, EventKind, button, el};
use crate::components::listener::send;
use crate::components::table::{self as rows, PageOfRows};
use crate::components::text::{quiet, quiet_line, text};
use crate::limits::ROWS_DRAWN;

/// From how many rows on there is something to search.
const SEARCHED: usize = 8;

/// How many values of a counted column are shown.
const COUNTS: usize = 12;

/// Draws one list of a document.
pub(super) fn table(
    state: &State,
    table: &Table,
    part: &Part,
    place: usize,
    link: &Callback<Msg>,
) -> Element {
    let (words, from) = state.rows_of(part, place);
    let found = state.found_in(part, place);
    let of = found.map_or(table.rows.len(), |found| found.rows.len());
    let page = PageOfRows {
        from: from.min(of),
        length: ROWS_DRAWN,
        of,
    };
    let drawn = (page.from..of.min(page.from + ROWS_DRAWN)).filter_map(|at| {
        let row = found.map_or(Some(at), |found| found.rows.get(at).copied());
        table.rows.get(row?)
    });
    let (noun, heads) = (table.of.noun(), table.of.heads());
    let heads: Vec<_> = heads.iter().map(|head| (*head, None)).collect();
    let cells =
        |row: &Vec<String>| el("tr").children(row.iter().map(|it| el("td").child(text(it))));
    let caption = match found {
        Some(found) => {
            let until = if found.is_done { "" } else { ", so far" };
            let of = count(table.rows.len(), noun);
            format!("{} of {of}{until}", number(found.rows.len() as u64))
        }
        None => count(table.rows.len() + table.beyond, noun),
    };
    let beyond = (table.beyond > 0).then(|| {
        quiet_line(format_args!(
            "The last {} are not here.",
            number(table.beyond as u64)
        ))
    });
    let go = |row| send(link, Msg::Draw(part.clone(), Shown::Row(place, row)));
    let is_searched = table.rows.len() > SEARCHED;
    el("div")
        .class("related-table")
        .child(is_searched.then(|| search(words, table, part, place, link)))
        .child(counts(table, part, place, link))
        .child(page.turner("Rows", &go))
        .child(rows::table(&caption, &heads).child(el("tbody").children(drawn.map(cells))))
        .child(beyond)
}

fn search(words: &str, table: &Table, part: &Part, place: usize, link: &Callback<Msg>) -> Element {
    let part = part.clone();
    let typed = link.reform(move |event: yew::Event| {
        use yew::TargetCast;
        let input = event.target_dyn_into::<web_sys::HtmlInputElement>();
        let words = input.map(|input| input.value()).unwrap_or_default();
        Msg::Draw(part.clone(), Shown::Filter(place, words))
    });
    el("input")
        .attr("type", "search")
        .attr(
            "aria-label",
            format_args!("Search every {}", table.of.noun()),
        )
        .attr("placeholder", "Search")
        .attr("spellcheck", "false")
        .attr("autocomplete", "off")
        .class("file-search")
        .value(words)
        .on(EventKind::Input, typed)
}

/// Draws how many rows have each value of the counted column; one that is pressed is searched for.
fn counts(table: &Table, part: &Part, place: usize, link: &Callback<Msg>) -> Option<Element> {
    let counts = table.counts.as_ref()?;
    let name = table.of.heads().get(counts.column)?;
    let chip = |(value, times): &(String, usize)| {
        let item = el("li");
        let times = quiet(format_args!(" {}", number(*times as u64)));
        if value.is_empty() {
            return item.child("not said").child(times);
        }
        let wanted = Msg::Draw(part.clone(), Shown::Filter(place, value.clone()));
        item.child(
            button("", send(link, wanted))
                .class("link")
                .child(text(value)),
        )
        .child(times)
    };
    let rest = counts.values.len().saturating_sub(COUNTS) + counts.beyond;
    let rest =
        (rest > 0).then(|| el("li").child(quiet(format_args!("and {} more", number(rest as u64)))));
    let list = el("ul").attr("aria-label", format_args!("By {}", name.to_lowercase()));
    let list = list
        .class("chips")
        .children(counts.values.iter().take(COUNTS).map(chip));
    Some(list.child(rest))
}
