//! The table of a list: a row a platform, attestations under the image that they attest.

use std::collections::BinaryHeap;

use waybill_core::descriptor::Descriptor;
use waybill_core::humanize::{count, size};
use waybill_core::manifest::List;
use waybill_core::time::in_utc;
use waybill_core::view::ChoiceWords;
use waybill_core::workflow::fetch::Fetch;
use waybill_core::workflow::inspect::{Model, Node};

use super::element::{Element, el};
use super::table::{PageOfRows, cell};
use super::text::{text, words, written_out};
use super::{digest, status, table};

/// Draws a page of the rows, and marks those of `choices`; `href` gives the address of an entry's view.
pub fn table(
    model: &Model,
    list: &List,
    page: PageOfRows,
    choices: &[ChoiceWords],
    href: &dyn Fn(&Descriptor) -> Option<String>,
) -> Element {
    let entries = in_reading_order(list)
        .into_iter()
        .enumerate()
        .skip(page.from)
        .take(page.length);
    let drawn = entries.map(|(place, (index, entry, below))| {
        // The head is row 1.
        let place = page.is_part().then(|| (place + 2).to_string());
        let taken = choices.iter().filter(|choice| choice.entry == Some(index));
        row(model, entry, below, href(entry), taken)
            .attr("aria-rowindex", place)
            .key(&index.to_string())
    });
    let heads = [
        ("Platform", None),
        ("Digest", None),
        ("Manifest", Some("number wide-only")),
        ("Layers", Some("number")),
        ("Created", Some("wide-only")),
        ("Verdict", None),
    ];
    let table = table::table(
        "Clients take the first row that fits their machine.",
        &heads,
    )
    .class("platforms");
    let all = page.is_part().then(|| (page.of + 1).to_string());
    table
        .attr("aria-rowcount", all)
        .child(el("tbody").children(drawn))
}

fn row<'c>(
    model: &Model,
    entry: &Descriptor,
    below: bool,
    href: Option<String>,
    taken: impl Iterator<Item = &'c ChoiceWords>,
) -> Element {
    let (status, note) = model.entry_status(entry);
    let node = model.child(entry).and_then(Fetch::done);
    let head = el("th").attr("scope", "row");
    let head = match href {
        Some(href) => head.child(name(el("a").attr("href", href), entry, below, node)),
        None => name(head, entry, below, node),
    };
    let marks = taken.map(|choice| {
        el("span")
            .class("taken")
            .child(["taken by ", &choice.clients].concat())
    });
    let head = head.children(marks);
    el("tr")
        .attr("class", below.then_some("below"))
        .child(head)
        .child(el("td").child(digest::short_or_text(
            &entry.digest_text,
            entry.digest.as_ref(),
        )))
        .child(cell("number wide-only").child(entry.size.map(size)))
        .child(cell("number").child(content(node)))
        .child(cell("wide-only").child(created(model, node)))
        .child(el("td").child(status::verdict(status, &note)))
}

/// Entries in the author's order, each followed by the attestations of it; true marks those.
fn in_reading_order(list: &List) -> Vec<(usize, &Descriptor, bool)> {
    let entries = || list.entries.iter().enumerate();
    let attested = list.entries.iter().filter_map(Descriptor::attests);
    // By a heap: the library's sorts are six times as large.
    let mut attested = attested.collect::<BinaryHeap<_>>().into_sorted_vec();
    attested.dedup();
    let mut below = vec![Vec::new(); attested.len()];
    for (index, entry) in entries() {
        if let Some(Ok(image)) = entry.attests().map(|image| attested.binary_search(&image)) {
            below[image].push(index);
        }
    }
    let mut order = Vec::with_capacity(list.entries.len());
    for (index, entry) in entries().filter(|(_, entry)| entry.attests().is_none()) {
        order.push((index, entry, false));
        if let Ok(image) = attested.binary_search(&entry.digest_text.as_str()) {
            let attestations = std::mem::take(&mut below[image]);
            order.extend(
                attestations
                    .into_iter()
                    .map(|index| (index, &list.entries[index], true)),
            );
        }
    }
    // What is left attests nothing in this list.
    order.extend(
        below
            .into_iter()
            .flatten()
            .map(|index| (index, &list.entries[index], false)),
    );
    order
}

fn name(parent: Element, entry: &Descriptor, below: bool, node: Option<&Node>) -> Element {
    if below || entry.attests().is_some() {
        return parent.child(words(&attestation(node)));
    }
    parent.child(words(&entry.title()))
}

/// Names what an attestation says, in a word.
#[must_use]
pub fn attestation(node: Option<&Node>) -> String {
    let image = node.and_then(Node::image);
    let predicates = image
        .iter()
        .flat_map(|image| &image.layers)
        .filter_map(|layer| layer.annotation("in-toto.io/predicate-type").map(predicate));
    let mut kinds: Vec<_> = predicates.collect();
    kinds.dedup();
    if kinds.is_empty() {
        "attestation".to_owned()
    } else {
        kinds.join(", ")
    }
}

/// Returns the last two parts of an in-toto predicate type, as people call them.
fn predicate(kind: &str) -> &str {
    match kind {
        _ if kind.contains("slsa.dev/provenance") => "provenance",
        _ if kind.contains("spdx.dev") => "SBOM (SPDX)",
        _ if kind.contains("cyclonedx.org") => "SBOM (CycloneDX)",
        other => other,
    }
}

/// Says what an entry holds: how many entries, or how many bytes of layers.
fn content(node: Option<&Node>) -> Option<String> {
    match node?.list() {
        Some(list) => Some(count(list.entries.len(), "entry")),
        None => node?.image()?.layers_size().map(size),
    }
}

/// Draws the day in UTC, with the whole time on hover; nothing where none is stated.
fn created(model: &Model, node: Option<&Node>) -> Option<Element> {
    let time = model.true_config(node?.image()?)?.created.as_deref()?;
    let time = in_utc(time)?;
    Some(match time.split_once(' ') {
        Some((day, _)) if day.len() == 10 => el("time")
            .attr("title", written_out(&time))
            .child(text(day)),
        _ => text(&time),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(digest: &str, attests: Option<&str>) -> Descriptor {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let annotations = attests.map(|image| {
            vec![
                pair("vnd.docker.reference.type", "attestation-manifest"),
                pair("vnd.docker.reference.digest", image),
            ]
        });
        Descriptor {
            digest_text: digest.to_owned(),
            annotations: annotations.unwrap_or_default().into(),
            ..Descriptor::default()
        }
    }

    #[test]
    fn attestations_stand_below_the_first_entry_that_is_their_image_or_at_the_end() {
        let entries = vec![
            entry("p", Some("b")),
            entry("q", Some("nothing")),
            entry("b", None),
            entry("a", None),
            entry("r", Some("a")),
            entry("s", Some("b")),
            entry("b", None),
        ];
        let list = List {
            entries,
            ..List::default()
        };
        let order: Vec<_> = in_reading_order(&list)
            .into_iter()
            .map(|(index, _, below)| (index, below))
            .collect();
        let expected = [
            (2, false),
            (0, true),
            (5, true),
            (3, false),
            (4, true),
            (6, false),
            (1, false),
        ];
        assert_eq!(order, expected);
    }
}
