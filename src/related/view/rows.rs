//! The tree: a section for each manifest around which is looked, and a line for each that refers to it.

use std::borrow::Cow;

use waybill_core::documents::predicate_name;
use waybill_core::humanize::{count, sentence, size};
use waybill_core::media_type::MediaType;
use waybill_core::time::in_utc;
use waybill_core::workflow::fetch::Fetch;
use waybill_core::workflow::related::{
    self as workflow, Asked, Model, NotKnown, Related, Role, Row,
};
use yew::Callback;

use super::super::message::Msg;
use super::super::state::State;
use super::document::documents;
use super::head::{notes, ways};
use super::line_id;
use super::signature;
use crate::components::digest::short;
use crate::components::element::{Element, EventKind, button, el};
use crate::components::listener::send;
use crate::components::text::{code, quiet, quiet_line, text, words};
use crate::language::phrase;
use crate::limits::ITEMS_DRAWN;

/// How many statements are named in one line.
const PREDICATES: usize = 4;

/// Draws every section into `tab`.
pub(super) fn sections(
    tab: Element,
    state: &State,
    model: &Model,
    link: &Callback<Msg>,
) -> Element {
    let mut number = 0;
    let mut without = Vec::new();
    // What has keys stands by itself, so that yew moves it rather than draws it anew.
    let mut list = el("div");
    for (root, rows) in state.lines() {
        let node = &model.nodes()[root];
        let is_quiet = matches!(node.role, Some(Role::Entry { .. }))
            && node.asked.as_ref().is_some_and(Asked::is_complete)
            && rows.is_empty();
        if is_quiet {
            without.push(node);
            continue;
        }
        let first = number;
        number += rows.len();
        list = list.child(section(state, model, (root, &rows, first), link));
    }
    let left = model.left_out();
    let left = (left > 0).then(|| {
        let words = [&count(left, "image"), " of the index were not asked about."].concat();
        quiet_line(words)
    });
    let beyond = model.beyond();
    let beyond = (beyond > 0).then(|| {
        let words = [
            &count(beyond, "manifest"),
            " more were found than are looked at.",
        ]
        .concat();
        el("p").class("warn").child(words)
    });
    let tab = tab.child(list).child(nothing(&without));
    tab.child(left).child(beyond)
}

/// Draws the images to which nothing refers.
fn nothing(without: &[&Related]) -> Option<Element> {
    let title = |node: &&Related| match &node.role {
        Some(Role::Entry { title, .. }) => words(title),
        _ => el("bdi"),
    };
    let mut line = el("p").class("quiet");
    line = line.child("No referrers of ");
    for (place, node) in without.iter().enumerate().take(ITEMS_DRAWN) {
        line = line
            .child(if place > 0 { ", " } else { "" })
            .child(title(node));
    }
    let words = ". cosign's tags of an image are asked for where it is looked at by itself.";
    (!without.is_empty()).then(|| line.child(words))
}

fn section(
    state: &State,
    model: &Model,
    (root, rows, first): (usize, &[Row], usize),
    link: &Callback<Msg>,
) -> Element {
    let node = &model.nodes()[root];
    let is_looked = node.role == Some(Role::Looked);
    let asked = node.asked.as_ref().filter(|_| !is_looked);
    let own = (is_looked && !node.documents().is_empty()).then(|| {
        let own = el("div").child(el("h4").child("What it holds itself"));
        own.child(signature::check(state, model, (root, root), link))
            .child(documents(state, model, root, root, link))
    });
    let is_none = rows.is_empty() && node.asked.as_ref().is_some_and(Asked::is_complete);
    let drawn = rows.iter().enumerate().take(ITEMS_DRAWN);
    let drawn = drawn.map(|(place, row)| line(state, model, *row, first + place, link));
    let list = (!rows.is_empty()).then(|| {
        let list = el("ul").attr("aria-label", "What refers to it");
        list.class("related-rows").children(drawn)
    });
    let rest = rows.len().saturating_sub(ITEMS_DRAWN);
    let rest = (rest > 0).then(|| quiet_line(format_args!("and {rest} more")));
    let outcome = (!is_looked).then(|| outcome(node, rows.is_empty()));
    el("section")
        .class("related-of")
        .key(node.digest.as_str())
        .child(title(state, node))
        .child(outcome.flatten())
        .child(asked.and_then(notes))
        .child(own)
        .child(is_none.then(|| quiet_line("Nothing refers to it.")))
        .child(list)
        .child(rest)
}

/// Draws what the section is around.
fn title(state: &State, node: &Related) -> Element {
    let head = el("h3");
    let link = |address: String, words: Element| el("a").attr("href", address).child(words);
    match &node.role {
        Some(Role::Entry { number, title }) => head
            .child(link(state.entry_address(&node.digest), words(title)))
            .child(" ")
            .child(quiet(format_args!("entry {number} of this index"))),
        Some(Role::Above { number }) => {
            let steps = state
                .at
                .at
                .iter()
                .rev()
                .skip(1)
                .position(|it| *it == node.digest);
            let steps = steps.map_or(state.at.at.len(), |place| place + 1);
            head.child(link(
                state.above_address(steps),
                el("span").child("The index above"),
            ))
            .child(" ")
            .child(quiet(format_args!(
                "this is its entry {number}: what is said of the index covers it by its digest"
            )))
        }
        _ => head.child("This manifest"),
    }
}

/// Draws what was asked about an image of the index, or about the index above, unless what was found says it all.
fn outcome(node: &Related, is_empty: bool) -> Option<Element> {
    let Some(asked) = &node.asked else {
        return Some(quiet_line("Not asked yet."));
    };
    (is_empty || !asked.is_complete()).then(|| ways(asked))
}

fn line(state: &State, model: &Model, row: Row, number: usize, link: &Callback<Msg>) -> Element {
    let node = &model.nodes()[row.node];
    let is_open = state.open.contains(&node.digest) && !row.is_again && !row.is_loop;
    let edge = model.edge(row);
    let findings = edge.map(|edge| node.findings(edge, &model.nodes()[row.parent]));
    let findings = findings.unwrap_or_default();
    let is_bad = findings.iter().any(workflow::Finding::is_bad) || row.is_loop;
    let name = el("button")
        .attr("type", "button")
        .attr("id", line_id(number))
        .attr("data-related", number.to_string())
        .attr("aria-expanded", if is_open { "true" } else { "false" })
        .class("link related-name")
        .on(
            EventKind::Click,
            send(link, Msg::Toggle(node.digest.clone())),
        )
        .child(
            el("span")
                .attr("aria-hidden", "true")
                .child(if is_open { "▾ " } else { "▸ " }),
        )
        .child(kind(node));
    let found = edge.into_iter().flat_map(|edge| &edge.ways);
    let found = found.map(|way| el("li").child(way.words()));
    let head = el("div")
        .class("related-line")
        .child(name)
        .child(
            el("ul")
                .attr("aria-label", "Found by")
                .class("chips")
                .children(found),
        )
        .child(short(&node.digest))
        .child(
            el("span")
                .class("number")
                .child(node.size().map(size).unwrap_or_default()),
        );
    let words = if row.is_loop && findings.is_empty() {
        Some(finding(&workflow::Finding::Loop))
    } else {
        let again = || quiet_line("It stands above with what refers to it.");
        row.is_again.then(again)
    };
    // What is looked at says so itself.
    let asked = node
        .asked
        .as_ref()
        .filter(|_| node.role.is_none() && !row.is_again);
    let failed = asked.and_then(|asked| asked.failures().next());
    let failed = failed.map(|failure| {
        let why = NotKnown::of(failure).words();
        quiet_line(format_args!("What refers to it is {why}."))
    });
    let class = if is_bad {
        "related-row bad-row"
    } else {
        "related-row"
    };
    // As many children whether it is open or not, so that the focus stays where it is.
    el("li")
        .attr("data-depth", row.depth.min(4).to_string())
        .class(class)
        .key(&[node.digest.as_str(), &row.parent.to_string()].concat())
        .child(head)
        .child(about(node))
        .child((!findings.is_empty()).then(|| el("div").children(findings.iter().map(finding))))
        .child(words)
        .child(asked.and_then(notes))
        .child(failed)
        .child(is_open.then(|| opened(state, model, row, is_bad, link)))
}

fn finding(found: &workflow::Finding) -> Element {
    let class = if found.is_bad() { "bad" } else { "warn" };
    el("p").class(class).child(words(&sentence(&found.words())))
}

/// What it is: as its own manifest says.
fn kind(node: &Related) -> Element {
    let artifact = node.artifact_type();
    let words = match artifact.map(MediaType::as_str) {
        Some(kind) if kind.contains("attestation") || kind.contains("in-toto") => {
            Some("attestation")
        }
        Some(kind) if kind.contains("simplesigning") || kind.contains("cosign.artifact.sig") => {
            Some("cosign signature")
        }
        Some(kind) if kind.contains("notary.signature") => Some("notation signature"),
        _ => artifact
            .and_then(MediaType::artifact_kind)
            .map(without_article),
    };
    match (words, artifact, &node.manifest) {
        (Some(words), ..) => el("span").child(words),
        (None, Some(kind), _) => text(kind.as_str()),
        (None, None, Some(Fetch::Pending)) => quiet("on its way"),
        (None, None, Some(Fetch::Done(it))) if it.list().is_some() => el("span").child("index"),
        (None, None, _) => el("span").child("manifest"),
    }
}

fn without_article(words: &'static str) -> &'static str {
    let articles = ["a ", "an "];
    articles
        .into_iter()
        .find_map(|article| words.strip_prefix(article))
        .unwrap_or(words)
}

/// Draws its type, what its statements are about, and when it was made.
fn about(node: &Related) -> Element {
    let mut line = el("p");
    match &node.manifest {
        Some(Fetch::Failed(failure)) => {
            return line.class("bad").child(format_args!(
                "It did not come: {}.",
                NotKnown::of(failure).words()
            ));
        }
        Some(Fetch::Pending) => return quiet_line("Its manifest is on its way."),
        Some(Fetch::Done(_)) | None => {}
    }
    line = line.class("quiet related-about");
    if let Some(kind) = node.artifact_type() {
        line = line.child(code(kind.as_str()));
    }
    let documents = node.documents();
    let own = node
        .annotations()
        .and_then(|all| all.get("dev.sigstore.bundle.predicateType"));
    let predicates = documents
        .iter()
        .filter_map(workflow::Listed::predicate)
        .chain(own);
    let mut named: Vec<Cow<'_, str>> = Vec::new();
    for predicate in predicates {
        let name = predicate_name(predicate).map_or(Cow::Borrowed(predicate), phrase);
        if !named.contains(&name) && named.len() < PREDICATES {
            named.push(name);
        }
    }
    if !named.is_empty() {
        line = line
            .child(" says it is about: ")
            .child(text(&named.join(&*phrase(", "))));
    }
    if let Some(created) = node.created() {
        let shown = in_utc(created).unwrap_or_else(|| created.to_owned());
        line = line.child(" made ").child(text(&shown));
    }
    line
}

fn opened(state: &State, model: &Model, row: Row, is_bad: bool, link: &Callback<Msg>) -> Element {
    let node = &model.nodes()[row.node];
    let words = "It does not count as related to what stands above it; what is in it is shown all the same.";
    let warned = is_bad.then(|| el("p").class("bad").child(words));
    let words = "It holds no documents: what it is stands in its annotations.";
    let is_empty = node.documents().is_empty() && node.node().is_some();
    let annotations = node.annotations().map(|all| {
        let pairs = all.iter().take(ITEMS_DRAWN);
        let list = pairs.fold(el("dl"), |list, (name, value)| {
            list.child(el("dt").child(text(name)))
                .child(el("dd").child(text(value)))
        });
        let title = el("summary").child(format_args!("{}", count(all.len(), "annotation")));
        el("details").child(title).child(list)
    });
    let retry = matches!(node.manifest, Some(Fetch::Failed(_)));
    let retry = retry.then(|| button("Ask again", send(link, Msg::Workflow(workflow::Msg::Retry))));
    el("div")
        .class("related-open")
        .child(warned)
        .child(is_empty.then(|| quiet_line(words)))
        .child(retry)
        .child(annotations.filter(|_| node.annotations().is_some_and(|all| !all.is_empty())))
        .child(signature::check(state, model, (row.node, row.parent), link))
        .child(documents(state, model, row.node, row.parent, link))
}
