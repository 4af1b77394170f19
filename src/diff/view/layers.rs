//! The layers of two images beside each other.

use waybill_core::diff::{ImageDiff, Layer, LayerRow, Sharing};
use waybill_core::humanize::{count, size};
use yew::Callback;

use super::super::message::Msg;
use super::super::state::State;
use crate::components::custody::step;
use crate::components::digest::short_or_text;
use crate::components::element::{Element, el};
use crate::components::listener::send;
use crate::components::table::PageOfRows;
use crate::components::text::code;
use crate::limits::ROWS_DRAWN;

/// Draws the layers: what both share, one after the other, is folded into one line.
pub(super) fn stop(state: &State, found: &ImageDiff, link: &Callback<Msg>) -> Element {
    let (shared, of) = found.shared_layers();
    let note = format!("{shared} of {of} shared");
    let runs = runs(&found.layers);
    let page = PageOfRows {
        from: state.from_row,
        length: ROWS_DRAWN,
        of: runs.len(),
    };
    let shown = runs.iter().skip(page.from).take(page.length);
    let rows = el("ul")
        .class("pairs")
        .children(shown.map(|rows| run(rows)));
    let turner = page.turner("Layers", &|row| send(link, Msg::ShowFrom(row)));
    step("Layers", &note, el("div").child(rows).child(turner))
}

/// Takes what is shared by bytes, one after the other, together; the rest stands alone.
fn runs(rows: &[LayerRow]) -> Vec<&[LayerRow]> {
    let is_shared = |row: &LayerRow| row.sharing == Sharing::Bytes;
    rows.chunk_by(|one, next| is_shared(one) && is_shared(next))
        .collect()
}

fn run(rows: &[LayerRow]) -> Element {
    match rows {
        [first, .., last] => {
            let bytes = rows
                .iter()
                .filter_map(|row| row.left.as_ref()?.item.size)
                .sum();
            let words = format!("{} in both, {}", count(rows.len(), "layer"), size(bytes));
            let place = |row: &LayerRow| row.left.as_ref().map_or(0, |layer| layer.item.index + 1);
            let number = format!("{}–{}", place(first), place(last));
            let inside = el("ul").class("pairs").children(rows.iter().map(row));
            let summary = el("summary")
                .child(sign("="))
                .child(el("span").class("number").child(number))
                .child(el("span").child(words));
            el("li")
                .class("folded")
                .child(el("details").child(summary).child(inside))
        }
        rows => rows.first().map_or_else(|| el("li"), row),
    }
}

fn row(row: &LayerRow) -> Element {
    let (mark, said) = match (row.sharing, &row.left, &row.right) {
        (Sharing::Bytes, ..) => ("=", "in both".to_owned()),
        (Sharing::Content, ..) => ("≈", "the same content, compressed otherwise".to_owned()),
        (Sharing::Elsewhere(place), Some(_), _) => {
            ("−", format!("moved: layer {} of the other", place + 1))
        }
        (Sharing::Elsewhere(place), ..) => {
            ("+", format!("moved: layer {} of the other", place + 1))
        }
        (Sharing::Nothing, Some(_), _) => ("−", "only in the left one".to_owned()),
        (Sharing::Nothing, ..) => ("+", "only in the right one".to_owned()),
    };
    let of_right = row
        .right
        .as_ref()
        .filter(|_| row.sharing == Sharing::Content);
    let drawn = el("li").child(sign(mark));
    let Some(layer) = row.left.as_ref().or(row.right.as_ref()) else {
        return drawn;
    };
    let step = layer.instruction.as_deref().filter(|step| !step.is_empty());
    let body = el("div")
        .child(digests(layer, of_right))
        .child(step.map(|step| el("p").child(code(step))));
    drawn
        .child(
            el("span")
                .class("number")
                .child((layer.item.index + 1).to_string()),
        )
        .child(body)
        .child(el("span").class("quiet").child(said))
}

fn digests(layer: &Layer, other: Option<&Layer>) -> Element {
    let one = |layer: &Layer| {
        let bytes = layer
            .item
            .size
            .map_or_else(|| "size not stated".to_owned(), size);
        el("span")
            .child(short_or_text(
                &layer.item.digest_text,
                layer.item.digest.as_ref(),
            ))
            .child(" ")
            .child(bytes)
    };
    el("p").class("row").child(one(layer)).child(other.map(one))
}

/// Draws a sign, which the words behind it say too.
pub(super) fn sign(sign: &'static str) -> Element {
    el("span")
        .attr("aria-hidden", "true")
        .class("sign")
        .child(sign)
}
