//! The arrows between files: no circle longer than one folder, and nothing that knows what stands above it.
//!
//! What the tree does not hold yet stands in a table beside its rule. A table can only shrink: what is not in it fails,
//! and so does an entry that is no longer true.

use std::collections::BTreeSet;

use waybill_testkit::project;

use super::graph::{Graph, is_one_folder};
use super::sources;

const CRATES: [&str; 6] = [
    "src",
    "crates/blobs/src",
    "crates/core/src",
    "crates/proxy/src",
    "crates/signatures/src",
    "crates/testkit/src",
];

/// The pages. Each is a folder and the file of its name.
const PAGES: [&str; 5] = ["inspect", "verify", "compose", "copy", "archive"];

/// The parts of a page that the app knows, since it tells the page by them and mounts it.
const DOORS: [&str; 5] = [
    "inspect.rs",
    "verify.rs",
    "compose.rs",
    "copy.rs",
    "archive.rs",
];

/// Files that stand in a circle longer than one folder.
const CIRCLES: &[&str] = &[];

/// A page that knows another page, the app or its state.
const PAGES_KNOW: &[&str] = &[];

/// The app past a page's door.
const APP_KNOWS: &[&str] = &[];

/// A view or a state that knows the browser.
const BROWSER_KNOWN: &[&str] = &[];

/// A component that knows a page, the app, its state or the browser.
const COMPONENTS_KNOW: &[&str] = &[];

/// Core below `view` that knows `view`.
const CORE_KNOWS_VIEW: &[&str] = &[];

/// A state that holds fetch or browser types: file and word.
const STATE_HOLDS: &[&str] = &[];

fn graph(source: &str) -> Graph {
    let files = files(source);
    Graph::read(
        files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str())),
    )
}

/// The files of a crate: path below its `src`, and text.
fn files(source: &str) -> Vec<(String, String)> {
    let below = |(path, text): (std::path::PathBuf, String)| {
        let path = path.strip_prefix(project().join(source)).expect("below it");
        (path.to_str().expect("text").to_owned(), text)
    };
    sources(source).into_iter().map(below).collect()
}

/// Holds what was found to the table of exceptions, in both directions.
fn hold(rule: &str, found: Vec<String>, exceptions: &[&str]) {
    let found: BTreeSet<_> = found.into_iter().collect();
    let exceptions: BTreeSet<_> = exceptions.iter().map(|&one| one.to_owned()).collect();
    let wrong: Vec<_> = found.difference(&exceptions).collect();
    let mended: Vec<_> = exceptions.difference(&found).collect();
    assert!(wrong.is_empty(), "{rule}; mend these:\n{wrong:#?}");
    assert!(
        mended.is_empty(),
        "{rule}; these are mended, take them out of the table:\n{mended:#?}"
    );
}

fn page(file: &str) -> Option<&'static str> {
    PAGES.into_iter().find(|page| is_in(page, file))
}

/// The app, which mounts the pages.
fn is_app(file: &str) -> bool {
    is_in("app", file) || file == "main.rs"
}

/// What a page's component is made of: it hears the browser and runs effects.
fn runs(file: &str) -> bool {
    [
        "effects.rs",
        "extraction.rs",
        "page.rs",
        "listeners.rs",
        "app.rs",
    ]
    .iter()
    .any(|end| file == *end || file.ends_with(&format!("/{end}")))
}

fn is_in(folder: &str, file: &str) -> bool {
    file.strip_prefix(folder)
        .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

#[test]
fn no_circle_is_longer_than_one_folder() {
    let mut found = Vec::new();
    for source in CRATES {
        let graph = graph(source);
        let circles = graph.circles();
        let long = circles.iter().filter(|circle| !is_one_folder(circle));
        found.extend(long.flatten().map(|file| format!("{source}/{file}")));
    }
    hold("a circle of files lies in one folder", found, CIRCLES);
}

#[test]
fn no_page_knows_another_page_the_app_or_its_state() {
    let others =
        |from: &str, to: &str| is_app(to) || (page(to).is_some() && page(to) != page(from));
    let found = graph("src").edges(|file| page(file).is_some(), others);
    hold(
        "a page knows its own folder, the shell and what stands below",
        found,
        PAGES_KNOW,
    );
}

#[test]
fn the_app_knows_of_a_page_what_its_door_shows() {
    let inside = |_: &str, to: &str| page(to).is_some() && !DOORS.contains(&to);
    let found = graph("src").edges(is_app, inside);
    hold("the app tells a page and mounts it", found, APP_KNOWS);
}

#[test]
fn only_what_runs_effects_knows_the_browser() {
    let is_pure = |file: &str| {
        (page(file).is_some() || is_in("inspection", file) || is_app(file)) && !runs(file)
    };
    let is_browser = |_: &str, to: &str| is_in("browser", to);
    let found = graph("src").edges(is_pure, is_browser);
    hold("a state or a view is values", found, BROWSER_KNOWN);
}

#[test]
fn no_component_knows_a_page_the_app_or_the_browser() {
    let above = |_: &str, to: &str| {
        let is_above = ["inspection", "shell", "page"]
            .iter()
            .any(|above| is_in(above, to));
        is_app(to) || page(to).is_some() || is_in("browser", to) || is_above
    };
    let found = graph("src").edges(|file| is_in("components", file), above);
    hold(
        "components take values and give HTML",
        found,
        COMPONENTS_KNOW,
    );
}

#[test]
fn nothing_in_core_below_the_view_knows_it() {
    let found = graph("crates/core/src").edges(
        |file| !is_in("view", file) && file != "lib.rs",
        |_, to| is_in("view", to),
    );
    hold("core's view is its second storey", found, CORE_KNOWS_VIEW);
}

#[test]
fn no_page_holds_the_fetch_or_the_browser_in_its_state() {
    let mut found = Vec::new();
    for (file, text) in files("src") {
        let is_state = !is_in("browser", &file)
            && ["/state.rs", "/message.rs", "/command.rs"]
                .iter()
                .any(|end| file.ends_with(end));
        if !is_state {
            continue;
        }
        let words = [
            "web_sys",
            "js_sys",
            "gloo",
            "wasm_bindgen",
            "Transport",
            "Client<",
            "AbortController",
        ];
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let code: String = code.collect::<Vec<_>>().join("\n");
        found.extend(
            words
                .iter()
                .filter(|word| code.contains(**word))
                .map(|word| format!("{file}: {word}")),
        );
    }
    hold("a state is values", found, STATE_HOLDS);
}
