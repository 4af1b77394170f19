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

/// The narrowest box, in percent of the hold.
const NARROWEST: f64 = 1.2;
/// The narrowest box that has room for its number.
const NUMBERED: f64 = 3.0;

fn lit(layer: Option<usize>, pointed: Option<usize>) -> Classes {
    classes!((layer.is_some() && layer == pointed).then_some("lit"))
}

/// The layers as one strip of boxes, base first, as wide as they are large.
#[must_use]
pub fn hold(layers: &[Descriptor], pointed: Option<usize>) -> Html {
    let boxes = widths(layers).into_iter().zip(layers).enumerate().map(|(index, ((left, width), layer))| {
        let bytes = layer.size.map_or_else(|| "size not stated".to_owned(), size);
        let label = format!("Layer {}, {bytes}", index + 1);
        html! {
            <g key={index} role="listitem" tabindex="0" aria-label={label.clone()} data-layer={index.to_string()}
                class={lit(Some(index), pointed)}>
                <title>{ label }</title>
                <rect x={format!("{left:.2}%")} y="1" width={format!("{width:.2}%")} height="46" />
                if width >= NUMBERED {
                    <text x={format!("{:.2}%", left + 0.7)} y="28" aria-hidden="true">{ index + 1 }</text>
                }
            </g>
        }
    });
    html! { <svg class="hold" role="list" aria-label="Layers by compressed size, base first">{ for boxes }</svg> }
}

/// Left edge and width of each box in percent. A box is never too narrow to be pointed at.
#[allow(clippy::cast_precision_loss, reason = "a drawing needs no more than 52 bits")]
fn widths(layers: &[Descriptor]) -> Vec<(f64, f64)> {
    let number = layers.len() as f64;
    let sizes: Vec<f64> = layers.iter().map(|layer| layer.size.unwrap_or_default() as f64).collect();
    let total: f64 = sizes.iter().sum();
    let least = NARROWEST.min(60.0 / number);
    let mut left = 0.0;
    let place = |bytes: f64| {
        let share = if total > 0.0 { bytes / total } else { 1.0 / number };
        let width = least + (100.0 - least * number) * share;
        let at = left;
        left += width;
        (at, width - 0.2)
    };
    sizes.into_iter().map(place).collect()
}

/// The steps of the history, each with the layer it made.
#[must_use]
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
            <code>{ text(&step.instruction()) }</code>
            <span class="number">{ bytes }</span>
        </li>
    }
}

/// The table of layers.
#[must_use]
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
#[must_use]
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
        for sizes in [vec![Some(1), Some(1_000_000_000)], vec![None, None, None], vec![Some(0); 200], vec![Some(7)]] {
            let layers: Vec<_> = sizes.into_iter().map(layer).collect();
            let widths = widths(&layers);
            let (left, width) = widths[widths.len() - 1];
            assert!((left + width - 99.8).abs() < 0.01, "{left} {width}");
            assert!(widths.iter().all(|(_, width)| *width > 0.05));
        }
    }
}
