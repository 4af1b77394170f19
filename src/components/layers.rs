//! The cargo: the hold, the steps that loaded it, and the table of layers. A layer that is pointed at is lit in all
//! three; `data-layer` says which it is.

use waybill_core::config::{HistoryStep, ImageConfig};
use waybill_core::descriptor::Descriptor;
use waybill_core::limits::ROWS_DRAWN;
use waybill_core::manifest::Image;
use waybill_core::words::{count, size};
use yew::{Classes, Html, classes, html};

use super::digest;
use super::text::{text, text_or_link};

/// The hold's width in the units of its drawing.
const WIDTH: u64 = 10_000;
/// The narrowest box.
const NARROWEST: u64 = 120;
/// The narrowest box that has room for its number.
const NUMBERED: u64 = 300;

fn lit(layer: Option<usize>, pointed: Option<usize>) -> Classes {
    classes!((layer.is_some() && layer == pointed).then_some("lit"))
}

/// The layers as one strip of boxes, base first, as wide as they are large.
pub fn hold(layers: &[Descriptor], pointed: Option<usize>) -> Html {
    let boxes = widths(layers).into_iter().zip(layers).enumerate().map(|(index, ((left, width), layer))| {
        let bytes = layer.size.map_or_else(|| "size not stated".to_owned(), size);
        let label = format!("Layer {}, {bytes}", index + 1);
        html! {
            <g key={index} role="listitem" tabindex="0" aria-label={label.clone()} data-layer={index.to_string()}
                class={lit(Some(index), pointed)}>
                <title>{ label }</title>
                <svg x={percent(left)} width={percent(width)} height="48">
                    <rect x="0.5" y="0.5" width="100%" height="47" />
                    if width >= NUMBERED { <text x="8" y="29" aria-hidden="true">{ index + 1 }</text> }
                </svg>
            </g>
        }
    });
    html! { <svg class="hold" role="list" aria-label="Layers by compressed size, base first">{ for boxes }</svg> }
}

fn percent(units: u64) -> String {
    format!("{}.{:02}%", units / 100, units % 100)
}

/// Left edge and width of each box. A box is never too narrow to be pointed at.
fn widths(layers: &[Descriptor]) -> Vec<(u64, u64)> {
    // A layer of a terabyte is a lie; without its low bits the products below stay in 64 bits all the same.
    let shift = if layers.iter().any(|layer| layer.size >= Some(1 << 40)) { 24 } else { 0 };
    let mut sizes: Vec<u64> = layers.iter().map(|layer| layer.size.unwrap_or_default() >> shift).collect();
    if sizes.iter().all(|bytes| *bytes == 0) {
        sizes.fill(1);
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
    (0..).zip(sizes).map(|(index, bytes)| edge(index, bytes)).collect()
}

/// The steps of the history, each with the layer it made.
pub fn steps(config: &ImageConfig, layers: &[Descriptor], pointed: Option<usize>) -> Html {
    let rows =
        config.history.iter().take(ROWS_DRAWN).enumerate().map(|(index, step)| row(index, step, layers, pointed));
    html! {
        <>
            <ol class="steps" aria-label="History">{ for rows }</ol>
            if config.history.len() > ROWS_DRAWN {
                <p class="quiet">{ format!("{} more in the Config tab", count(config.history.len() - ROWS_DRAWN, "step")) }</p>
            }
        </>
    }
}

fn row(index: usize, step: &HistoryStep, layers: &[Descriptor], pointed: Option<usize>) -> Html {
    let layer = step.layer.and_then(|index| layers.get(index));
    let bytes = layer.and_then(|layer| layer.size).map(size).unwrap_or_default();
    let attribute = step.layer.map(|layer| layer.to_string());
    let class = classes!("step", step.empty_layer.then_some("empty"), lit(step.layer, pointed));
    html! {
        <li key={index} {class} data-layer={attribute} title={step.created.clone()}>
            <span class="number">{ step.layer.filter(|_| !step.empty_layer).map(|layer| layer + 1) }</span>
            if step.created_by.is_empty() { <i class="quiet">{ "no command was recorded" }</i> } else { <code>{ text(&step.instruction()) }</code> }
            <span class="number">{ bytes }</span>
        </li>
    }
}

/// The table of layers.
pub fn table(image: &Image, config: Option<&ImageConfig>, pointed: Option<usize>) -> Html {
    let rows = image.layers.iter().take(ROWS_DRAWN).enumerate().map(|(index, layer)| {
        let diff_id = config.and_then(|config| config.diff_ids.get(index));
        html! {
            <tr key={index} data-layer={index.to_string()} class={lit(Some(index), pointed)}>
                <td class="number">{ index + 1 }</td>
                <td>{ digest_of(layer) }</td>
                <td class="number">{ layer.size.map(size) }</td>
                <td class="wide-only">{ media_type(layer) }</td>
                <td class="wide-only">{ for diff_id.map(|diff_id| short_or_text(diff_id)) }</td>
            </tr>
        }
    });
    html! {
        <table>
            <caption>{ "Base first. Layers are not downloaded, so their digests are not checked." }</caption>
            <thead><tr>
                <th scope="col" class="number">{ "Layer" }</th><th scope="col">{ "Digest" }</th>
                <th scope="col" class="number">{ "Size" }</th><th scope="col" class="wide-only">{ "Media type" }</th>
                <th scope="col" class="wide-only">{ "Diff ID" }</th>
            </tr></thead>
            <tbody>{ for rows }</tbody>
        </table>
    }
}

fn short_or_text(digest: &str) -> Html {
    digest.parse().map_or_else(|_| text(digest), |digest| digest::short(&digest))
}

fn digest_of(layer: &Descriptor) -> Html {
    layer.digest.as_ref().map_or_else(|| text(&layer.digest_text), digest::short)
}

fn media_type(layer: &Descriptor) -> Html {
    layer.media_type.as_ref().map_or_else(Html::default, |media_type| match media_type.meaning() {
        Some(meaning) => html! { <span title={media_type.to_string()}>{ meaning }</span> },
        None => text(media_type.as_str()),
    })
}

/// Everything known of each layer.
pub fn details(image: &Image, config: Option<&ImageConfig>, pointed: Option<usize>) -> Html {
    let sections = image.layers.iter().take(ROWS_DRAWN).enumerate().map(|(index, layer)| {
        let diff_id = config.and_then(|config| config.diff_ids.get(index));
        let step = config.and_then(|config| config.history.iter().find(|step| step.layer == Some(index)));
        html! {
            <section key={index} class={classes!("layer", lit(Some(index), pointed))} data-layer={index.to_string()}>
                <h3>{ format!("Layer {}", index + 1) }<small>{ layer.size.map(|bytes| format!("{}, {bytes} bytes", size(bytes))) }</small></h3>
                if let Some(step) = step { <p><code>{ text(&step.instruction()) }</code></p> }
                <dl>
                    <dt>{ "Digest" }</dt><dd>{ digest::written(&layer.digest_text, layer.digest.as_ref()) }</dd>
                    if let Some(diff_id) = diff_id {
                        <dt>{ "Diff ID" }</dt><dd>{ digest::written(diff_id, diff_id.parse().ok().as_ref()) }</dd>
                    }
                    if let Some(media_type) = &layer.media_type {
                        <dt>{ "Media type" }</dt><dd><code>{ text(media_type.as_str()) }</code>{ media_type.meaning().map(|meaning| html! { <span class="quiet">{ " " }{ meaning }</span> }) }</dd>
                    }
                    { for layer.annotations.iter().map(|(name, value)| html! { <><dt>{ text(name) }</dt><dd>{ text_or_link(value) }</dd></> }) }
                    { for layer.urls.iter().map(|url| html! { <><dt>{ "Also said to be at" }</dt><dd><code>{ text(url) }</code></dd></> }) }
                    { for layer.unknown.iter().map(|(name, value)| html! { <><dt>{ text(name) }</dt><dd><code>{ text(value) }</code></dd></> }) }
                </dl>
            </section>
        }
    });
    html! { <>{ for sections }</> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hold_is_filled_and_no_box_is_too_narrow() {
        let layer = |size| Descriptor { size, ..Descriptor::default() };
        for sizes in [
            vec![Some(1), Some(1_000_000_000)],
            vec![None; 3],
            vec![Some(0); 200],
            vec![Some(7)],
            vec![Some(u64::MAX / 2); 2],
        ] {
            let layers: Vec<_> = sizes.into_iter().map(layer).collect();
            let boxes = widths(&layers);
            assert_eq!(boxes.iter().map(|(_, width)| width).sum::<u64>(), WIDTH);
            assert!(boxes.iter().all(|(_, width)| *width >= 30), "{boxes:?}");
            assert!(boxes.windows(2).all(|pair| pair[0].0 + pair[0].1 == pair[1].0));
        }
        assert_eq!(percent(120), "1.20%");
    }
}
