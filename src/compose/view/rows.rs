//! The rows: what is in the list and what is left out, in its order.

use waybill_core::limits::ROWS_DRAWN;
use waybill_core::words::count;
use waybill_core::workflow::compose::{Row, State as RowState};
use waybill_core::workflow::inspect::Seal;
use yew::Callback;

use super::{row_id, send};
use crate::components::custody::stop as custody_stop;
use crate::components::digest::short;
use crate::components::element::{Element, button, el};
use crate::components::marks;
use crate::components::table::{Page, table};
use crate::components::text::text;
use crate::compose::page::{Compose, Own};
use crate::compose::rows::name;
use crate::state::{Msg, State};

/// The stop.
pub(super) fn stop(compose: &Compose, _state: &State, link: &Callback<Msg>) -> Element {
    let work = compose.model.work();
    let shown = &compose.derived.shown;
    let page = Page { from: compose.drawn.row, length: ROWS_DRAWN, of: shown.len() };
    let turner = || page.turner("Rows", &|row| send(link, Own::FromRow(row)));
    let heads = [("Platform", None), ("Digest", None), ("State", None), ("Change", None)];
    let rows = shown.iter().skip(page.from).take(page.length).map(|(place, _)| row(compose, &work.rows[*place], link));
    let table = table("Clients take the first row that fits their machine.", &heads).child(el("tbody").children(rows));
    let body = el("div").child(turner()).child(table).child(turner());
    custody_stop(Seal::Hollow, "Entries", &count(shown.len(), "row"), body)
}

fn row(compose: &Compose, row: &Row, link: &Callback<Msg>) -> Element {
    let name = name(row);
    let digest = row.entry.as_ref().and_then(|entry| entry.descriptor.digest.as_ref());
    let remove = button("Remove", send(link, Own::Remove(row.id))).attr("id", row_id("remove", row.id));
    el("tr")
        .key(&row.id.to_string())
        .attr("data-row", row.id.to_string())
        .child(el("th").attr("scope", "row").child(text(&name)))
        .child(el("td").child(digest.map(short)))
        .child(el("td").child(state_of(compose, row)))
        .child(el("td").child(remove))
}

fn state_of(compose: &Compose, row: &Row) -> Element {
    match compose.model.state(row) {
        RowState::Loading => marks::verdict(Seal::Working, "being fetched"),
        RowState::Failed(_) => marks::verdict(Seal::Bad, "did not come"),
        RowState::Refused(why) => marks::verdict(Seal::Bad, &why.to_string()),
        RowState::Verified => marks::verdict(Seal::Good, "hashed here"),
        RowState::Unverified(_) => marks::verdict(Seal::Hollow, "by the list's word"),
    }
}
