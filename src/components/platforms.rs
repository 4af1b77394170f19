//! The table of a list: a row a platform, attestations under the image that they attest.

use waybill_core::descriptor::Descriptor;
use waybill_core::limits::ROWS_DRAWN;
use waybill_core::manifest::List;
use waybill_core::words::{count, size};
use waybill_core::workflow::inspect::{Model, Node, Slot};
use yew::{Html, html};

use super::text::text;
use super::{digest, marks};

/// The rows; `href` gives the address of an entry's view.
pub fn table(model: &Model, list: &List, rows: usize, href: &dyn Fn(&Descriptor) -> Option<String>) -> Html {
    let drawn = in_reading_order(list).into_iter().take(rows.max(ROWS_DRAWN)).map(|(index, entry, below)| {
        let key = format!("{index}");
        let (seal, note) = model.entry_seal(entry);
        let node = model.child(entry).and_then(Slot::ready);
        let link = href(entry);
        let name = name(entry, below, node);
        html! {
            <tr {key} class={below.then_some("below")}>
                <th scope="row">{ match link { Some(href) => html! { <a {href}>{ name }</a> }, None => name } }</th>
                <td>{ entry.digest.as_ref().map_or_else(|| text(&entry.digest_text), digest::short) }</td>
                <td class="number wide-only">{ entry.size.map(size) }</td>
                <td class="number">{ content(node) }</td>
                <td class="wide-only">{ created(model, node) }</td>
                <td>{ marks::verdict(seal, &note) }</td>
            </tr>
        }
    });
    html! {
        <table class="platforms">
            <caption>{ "Clients take the first row that fits their machine." }</caption>
            <thead><tr>
                <th scope="col">{ "Platform" }</th><th scope="col">{ "Digest" }</th>
                <th scope="col" class="number wide-only">{ "Manifest" }</th><th scope="col" class="number">{ "Layers" }</th>
                <th scope="col" class="wide-only">{ "Created" }</th><th scope="col">{ "Verdict" }</th>
            </tr></thead>
            <tbody>{ for drawn }</tbody>
        </table>
    }
}

/// Entries in the author's order, each followed by the attestations of it; true marks those.
fn in_reading_order(list: &List) -> Vec<(usize, &Descriptor, bool)> {
    let entries = || list.entries.iter().enumerate();
    let mut by_image: std::collections::BTreeMap<&str, Vec<usize>> = std::collections::BTreeMap::new();
    for (index, entry) in entries() {
        if let Some(image) = entry.attests() {
            by_image.entry(image).or_default().push(index);
        }
    }
    let mut order = Vec::with_capacity(list.entries.len());
    for (index, entry) in entries().filter(|(_, entry)| entry.attests().is_none()) {
        order.push((index, entry, false));
        for attestation in by_image.remove(entry.digest_text.as_str()).unwrap_or_default() {
            order.push((attestation, &list.entries[attestation], true));
        }
    }
    // What is left attests nothing in this list.
    for index in by_image.into_values().flatten() {
        order.push((index, &list.entries[index], false));
    }
    order
}

fn name(entry: &Descriptor, below: bool, node: Option<&Node>) -> Html {
    if below || entry.attests().is_some() {
        let predicates = node.and_then(Node::image).map(|image| {
            let kinds =
                image.layers.iter().filter_map(|layer| layer.annotation("in-toto.io/predicate-type")).map(predicate);
            let mut kinds: Vec<_> = kinds.collect();
            kinds.dedup();
            kinds.join(", ")
        });
        return text(&predicates.filter(|kinds| !kinds.is_empty()).unwrap_or_else(|| "attestation".into()));
    }
    match (&entry.platform, &entry.media_type) {
        (Some(platform), _) => text(&platform.to_string()),
        (None, Some(media_type)) if media_type.is_list() => html! { "list" },
        (None, _) => match &entry.artifact_type {
            Some(artifact) => text(artifact.as_str()),
            None => html! { "no platform" },
        },
    }
}

/// The last two parts of an in-toto predicate type, as people call them.
fn predicate(kind: &str) -> &str {
    match kind {
        _ if kind.contains("slsa.dev/provenance") => "provenance",
        _ if kind.contains("spdx.dev") => "SBOM (SPDX)",
        _ if kind.contains("cyclonedx.org") => "SBOM (CycloneDX)",
        other => other,
    }
}

fn content(node: Option<&Node>) -> Html {
    let Some(node) = node else { return Html::default() };
    if let Some(list) = node.list() {
        return html! { { count(list.entries.len(), "entry") } };
    }
    match node.image().and_then(waybill_core::manifest::Image::layers_size) {
        Some(bytes) => html! { { size(bytes) } },
        None => Html::default(),
    }
}

fn created(model: &Model, node: Option<&Node>) -> Html {
    let created = node.and_then(Node::image).and_then(|image| model.image_config(image));
    created.and_then(|config| config.created.as_deref()).map_or_else(Html::default, date)
}

/// The date of an RFC 3339 time, with the whole time on hover.
pub fn date(time: &str) -> Html {
    match time.split_once('T') {
        Some((day, _)) if day.len() == 10 => html! { <time title={time.to_owned()}>{ text(day) }</time> },
        _ => text(time),
    }
}
