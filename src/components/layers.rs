//! The cargo: the hold, the steps that loaded it, and the table of layers. A layer that is pointed at is lit in all
//! three; `data-layer` says which it is.

use waybill_core::config::{HistoryStep, ImageConfig};
use waybill_core::descriptor::Descriptor;
use waybill_core::humanize::{count, size};
use waybill_core::manifest::Image;
use waybill_core::manifest::schema1::EMPTY_LAYER;
use waybill_core::time::in_utc;

use super::config::more;
use super::element::{Element, el};
use super::table::cell;
use super::text::{code, pair, quiet, quiet_line, text, text_or_link, written_out};
use super::{digest, table};
use crate::limits::ITEMS_DRAWN;

/// The hold's width in the units of its drawing.
const WIDTH: u64 = 10_000;
/// The narrowest box.
const NARROWEST: u64 = 120;
/// The narrowest box that has room for its number.
const NUMBERED: u64 = 300;
/// How many annotations, addresses and members of one layer are drawn.
const DETAILS: usize = 20;

fn lit(layer: Option<usize>, pointed: Option<usize>) -> Option<&'static str> {
    (layer.is_some() && layer == pointed).then_some("lit")
}

/// Draws the hold: the layers as one strip of boxes, base first, as wide as they are large.
pub fn hold(layers: &[Descriptor], pointed: Option<usize>) -> Element {
    let layers = &layers[..layers.len().min(ITEMS_DRAWN)];
    let sizes: Vec<_> = layers
        .iter()
        .map(|layer| size_in_hold(layer.size, &layer.digest_text))
        .collect();
    hold_of(&sizes, pointed, &|_, _, inside| inside)
}

/// Tells how large a layer is in the hold: schema 1 states no sizes, but its throwaway layers have nothing in them.
#[must_use]
pub fn size_in_hold(stated: Option<u64>, digest: &str) -> Option<u64> {
    stated.or_else(|| (digest == EMPTY_LAYER).then_some(0))
}

/// Draws the hold of layers of these sizes. `fill` puts into each box what else is in it, behind its number: it is told
/// which box it is, and its width in ten-thousandths of the hold.
pub fn hold_of(
    sizes: &[Option<u64>],
    pointed: Option<usize>,
    fill: &dyn Fn(usize, u64, Element) -> Element,
) -> Element {
    let hold = el("svg")
        .attr("role", "list")
        .attr("aria-label", "Layers by compressed size, base first");
    let sizes = &sizes[..sizes.len().min(ITEMS_DRAWN)];
    let boxes = widths(sizes).into_iter().zip(sizes).enumerate();
    hold.class("hold")
        .children(boxes.map(|(index, (edges, size))| one_box(index, edges, *size, pointed, fill)))
}

fn one_box(
    index: usize,
    (left, width): (u64, u64),
    bytes: Option<u64>,
    pointed: Option<usize>,
    fill: &dyn Fn(usize, u64, Element) -> Element,
) -> Element {
    let bytes = match bytes {
        None => "size not stated".to_owned(),
        Some(0) => "nothing in it".to_owned(),
        Some(bytes) => size(bytes),
    };
    let label = format!("Layer {}, {bytes}", index + 1);
    let number = (width >= NUMBERED).then(|| {
        el("text")
            .attr("x", "8")
            .attr("y", "29")
            .attr("aria-hidden", "true")
            .child(format_args!("{}", index + 1))
    });
    let inside = el("svg")
        .attr("x", percent(left))
        .attr("width", percent(width))
        .attr("height", "48")
        .child(
            el("rect")
                .attr("x", "0.5")
                .attr("y", "0.5")
                .attr("width", "100%")
                .attr("height", "47"),
        );
    el("g")
        .key(&index.to_string())
        .attr("role", "listitem")
        .attr("tabindex", "0")
        .attr("aria-label", label.clone())
        .attr("data-layer", index.to_string())
        .attr("class", lit(Some(index), pointed))
        .child(el("title").child(label))
        .child(fill(index, width, inside).child(number))
}

fn percent(units: u64) -> String {
    format!("{}.{:02}%", units / 100, units % 100)
}

/// Computes the left edge and width of each box. A box is never too narrow to be pointed at.
fn widths(layers: &[Option<u64>]) -> Vec<(u64, u64)> {
    // A layer of a terabyte is a lie; without its low bits the products below stay in 64 bits all the same.
    let shift = if layers.iter().any(|size| *size >= Some(1 << 40)) {
        24
    } else {
        0
    };
    let mut sizes: Vec<u64> = layers
        .iter()
        .map(|size| size.unwrap_or_default() >> shift)
        .collect();
    if sizes.iter().all(|bytes| *bytes == 0) {
        // Those of which nothing is known are as wide as each other.
        let is_known = layers.iter().all(Option::is_some);
        sizes = layers
            .iter()
            .map(|size| u64::from(is_known || size.is_none()))
            .collect();
    }
    let (number, total) = (sizes.len() as u64, sizes.iter().sum::<u64>().max(1));
    let least = NARROWEST.min(WIDTH * 6 / 10 / number.max(1));
    let room = WIDTH - least * number;
    let mut before = 0;
    let mut edge = |index: u64, bytes: u64| {
        let left = least * index + room * before / total;
        before += bytes;
        (left, least * (index + 1) + room * before / total - left)
    };
    (0..)
        .zip(sizes)
        .map(|(index, bytes)| edge(index, bytes))
        .collect()
}

/// Puts the steps of the history into `parent`, each with the layer it made.
pub fn steps(
    parent: Element,
    config: &ImageConfig,
    layers: &[Descriptor],
    pointed: Option<usize>,
) -> Element {
    let steps = config.history.iter().take(ITEMS_DRAWN).enumerate();
    let rows = steps.map(|(index, step)| {
        let is_readable = config.is_readable(&format!("/history/{index}/created_by"));
        row(index, step, is_readable, layers, pointed)
    });
    let rest = config.history.len().saturating_sub(ITEMS_DRAWN);
    let rest = (rest > 0).then(|| {
        quiet_line(format_args!(
            "{} more in the Config tab",
            count(rest, "step")
        ))
    });
    parent
        .child(
            el("ol")
                .attr("aria-label", "History")
                .class("steps")
                .children(rows),
        )
        .child(rest)
}

fn row(
    index: usize,
    step: &HistoryStep,
    is_readable: bool,
    layers: &[Descriptor],
    pointed: Option<usize>,
) -> Element {
    let layer = step.layer.and_then(|index| layers.get(index));
    let class = match (step.empty_layer, lit(step.layer, pointed).is_some()) {
        (false, false) => "step",
        (false, true) => "step lit",
        (true, false) => "step empty",
        (true, true) => "step empty lit",
    };
    let number = step
        .layer
        .filter(|_| !step.empty_layer)
        .map(|layer| (layer + 1).to_string());
    let command = if !is_readable {
        quiet("not readable")
    } else if step.created_by.is_empty() {
        el("i").class("quiet").child("no command was recorded")
    } else {
        code(&step.instruction())
    };
    el("li")
        .key(&index.to_string())
        .attr("data-layer", step.layer.map(|layer| layer.to_string()))
        .attr(
            "title",
            step.created
                .as_deref()
                .and_then(in_utc)
                .as_deref()
                .map(written_out),
        )
        .class(class)
        .child(el("span").class("number").child(number))
        .child(command)
        .child(
            el("span")
                .class("number")
                .child(layer.and_then(|layer| layer.size).map(size)),
        )
}

/// Draws the table of layers.
pub fn table(image: &Image, config: Option<&ImageConfig>, pointed: Option<usize>) -> Element {
    let layers = image.layers.iter().take(ITEMS_DRAWN).enumerate();
    let rows = layers.map(|(index, layer)| {
        let diff_id = config.and_then(|config| config.diff_ids.get(index));
        let diff_id =
            diff_id.map(|diff_id| digest::short_or_text(diff_id, diff_id.parse().ok().as_ref()));
        let media_type = layer
            .media_type
            .as_ref()
            .map(|media_type| match media_type.meaning() {
                Some(meaning) => el("span")
                    .attr("title", media_type.to_string())
                    .child(meaning),
                None => text(media_type.as_str()),
            });
        el("tr")
            .key(&index.to_string())
            .attr("data-layer", index.to_string())
            .attr("class", lit(Some(index), pointed))
            .child(cell("number").child((index + 1).to_string()))
            .child(el("td").child(digest::short_or_text(
                &layer.digest_text,
                layer.digest.as_ref(),
            )))
            .child(cell("number").child(layer.size.map(size)))
            .child(cell("wide-only").child(media_type))
            .child(cell("wide-only").child(diff_id))
    });
    let heads = [
        ("Layer", Some("number")),
        ("Digest", None),
        ("Size", Some("number")),
        ("Media type", Some("wide-only")),
        ("Diff ID", Some("wide-only")),
    ];
    let caption = "Base first. Layers are not downloaded, so their digests are not checked.";
    table::table(caption, &heads).child(el("tbody").children(rows))
}

/// Puts everything known of each layer into `parent`.
pub fn details(
    parent: Element,
    image: &Image,
    config: Option<&ImageConfig>,
    pointed: Option<usize>,
) -> Element {
    let layers = image.layers.iter().take(ITEMS_DRAWN).enumerate();
    let drawn = layers
        .map(|(index, layer)| section(index, layer, config, lit(Some(index), pointed).is_some()));
    parent.children(drawn).children(more(image.layers.len()))
}

fn section(index: usize, layer: &Descriptor, config: Option<&ImageConfig>, lit: bool) -> Element {
    let bytes = layer.size.map(|bytes| {
        if bytes < 1000 {
            size(bytes)
        } else {
            format!("{}, {bytes} bytes", size(bytes))
        }
    });
    let step =
        config.and_then(|config| config.history.iter().find(|step| step.layer == Some(index)));
    let step = step.map(|step| el("p").child(code(&step.instruction())));

    let mut list = pair(
        el("dl"),
        "Digest",
        digest::written(&layer.digest_text, layer.digest.as_ref()),
    );
    let diff_id = config.and_then(|config| config.diff_ids.get(index));
    if let Some(diff_id) = diff_id.filter(|diff_id| !diff_id.is_empty()) {
        list = pair(
            list,
            "Diff ID",
            digest::written(diff_id, diff_id.parse().ok().as_ref()),
        );
    }
    if let Some(media_type) = &layer.media_type {
        let meaning = media_type
            .meaning()
            .map(|meaning| quiet(" ").child(meaning));
        list = list
            .child(el("dt").child("Media type"))
            .child(el("dd").child(code(media_type.as_str())).child(meaning));
    }
    for (name, value) in layer.annotations.iter().take(DETAILS) {
        list = pair(list, text(name), text_or_link(value));
    }
    for url in layer.urls.iter().take(DETAILS) {
        list = pair(list, "Also said to be at", code(url));
    }
    for (name, value) in layer.unknown.iter().take(DETAILS) {
        list = pair(list, text(name), code(value));
    }
    el("section")
        .key(&index.to_string())
        .attr("data-layer", index.to_string())
        .class(if lit { "layer lit" } else { "layer" })
        .child(
            el("h3")
                .child(format_args!("Layer {}", index + 1))
                .child(el("small").child(bytes)),
        )
        .child(step)
        .child(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hold_is_filled_and_no_box_is_too_narrow() {
        for sizes in [
            vec![Some(1), Some(1_000_000_000)],
            vec![None; 3],
            vec![Some(0); 200],
            vec![Some(7)],
            vec![Some(u64::MAX / 2); 2],
        ] {
            let boxes = widths(&sizes);
            assert_eq!(boxes.iter().map(|(_, width)| width).sum::<u64>(), WIDTH);
            assert!(boxes.iter().all(|(_, width)| *width >= 30), "{boxes:?}");
            assert!(
                boxes
                    .windows(2)
                    .all(|pair| pair[0].0 + pair[0].1 == pair[1].0)
            );
        }
        assert_eq!(percent(120), "1.20%");
    }

    #[test]
    fn a_throwaway_layer_of_schema_1_is_as_narrow_as_can_be() {
        let sizes = [None, size_in_hold(None, EMPTY_LAYER), None];
        let boxes = widths(&sizes).into_iter().map(|(_, width)| width);
        assert_eq!(boxes.collect::<Vec<_>>(), [4_940, 120, 4_940]);
    }
}
