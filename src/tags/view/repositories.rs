//! The repositories of a registry.

use waybill_core::workflow::catalog::{self, Model};
use waybill_core::workflow::tags::{Partial, Progress};
use yew::Callback;

use super::super::message::Msg;
use super::super::state::State;
use super::progress::title;
use super::{failure, filter, head, row_id};
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::table::{PageOfRows, table};
use crate::components::text::text;
use crate::limits::ROWS_DRAWN;

/// Draws the repositories of a registry.
pub(super) fn repositories(state: &State, model: &Model, link: &Callback<Msg>) -> Element {
    let host = model.host().as_str();
    let (progress, goes_on) = (model.progress(), model.goes_on());
    let here = model.repositories().len();
    let title = title(host, progress, here, "repository", "repositories");
    let send_on = |msg| send(link, Msg::Catalog(msg));
    let under_way = match progress {
        Progress::Loading => Some(
            el("p")
                .class("row progress")
                .child(el("progress").attr("aria-label", "Listing"))
                .child(button("Cancel", send_on(catalog::Msg::Cancel))),
        ),
        Progress::Partial(Partial::Bound | Partial::Cancelled) if goes_on => Some(
            el("p")
                .class("row")
                .child(button("Load more", send_on(catalog::Msg::More))),
        ),
        Progress::Complete | Progress::Partial(_) => None,
    };
    let trouble = match progress {
        Progress::Partial(Partial::Failed(why)) => Some(failure(why, link)),
        Progress::Loading | Progress::Complete | Progress::Partial(_) => None,
    };
    let drawn = state.drawn();
    let row = |row: usize| {
        let route = state.repository_at(row)?;
        let name = model.repositories().get(*state.found.get(row)?)?;
        let go = el("a")
            .attr("id", row_id(row))
            .attr("data-row", row.to_string())
            .attr("href", route.to_string())
            .child(text(name.as_str()));
        Some(
            el("tr")
                .key(name.as_str())
                .child(el("th").attr("scope", "row").child(go)),
        )
    };
    let page = PageOfRows {
        from: drawn.start,
        length: ROWS_DRAWN,
        of: state.len(),
    };
    let tools = state.is_listed().then(|| {
        let filter = filter(state, "Filter", link);
        el("div").class("row file-tools").child(filter)
    });
    let rows = (!drawn.is_empty()).then(|| {
        table("Repositories", &[("Repository", None)])
            .child(el("tbody").children(drawn.clone().filter_map(row)))
    });
    head(&title, progress, (here, model.pages()), under_way).child(
        el("div")
            .class("tab")
            .child(trouble)
            .child(tools)
            .child(rows)
            .child(page.turner("Repositories", &|from| send(link, Msg::Rows(from)))),
    )
}
