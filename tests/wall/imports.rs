//! The arrows between files: no circle longer than one folder, and nothing that knows what stands above it.
//!
//! What the tree does not hold yet stands in a table beside its rule. A table can only shrink: what is not in it fails,
//! and so does an entry that is no longer true.

use std::collections::BTreeSet;

use waybill_testkit::project;

use super::graph::{Graph, is_one_folder};
use super::sources;

const CRATES: [&str; 4] = [
    "src",
    "crates/core/src",
    "crates/proxy/src",
    "crates/testkit/src",
];

/// The pages, each with what its files' paths begin with.
const PAGES: [(&str, &[&str]); 3] = [
    (
        "inspect",
        &[
            "inspect.rs",
            "inspect/",
            "pages/inspect.rs",
            "pages/inspect/",
        ],
    ),
    (
        "verify",
        &["verify.rs", "verify/", "pages/verify.rs", "pages/verify/"],
    ),
    ("compose", &["compose.rs", "compose/"]),
];

/// Files that stand in a circle longer than one folder.
const CIRCLES: &[&str] = &[
    "src/compose.rs",
    "src/compose/layout.rs",
    "src/compose/own.rs",
    "src/compose/page.rs",
    "src/compose/push.rs",
    "src/compose/push/failures.rs",
    "src/compose/push/plan.rs",
    "src/compose/push/run.rs",
    "src/compose/push/view.rs",
    "src/compose/push/words.rs",
    "src/compose/rows.rs",
    "src/compose/run.rs",
    "src/compose/view.rs",
    "src/pages.rs",
    "src/state.rs",
    "src/state/compose.rs",
    "src/state/verify.rs",
    "src/verify.rs",
];

/// A page that knows another page, the app or its state.
const PAGES_KNOW: &[&str] = &[
    "compose.rs -> state.rs",
    "compose/layout.rs -> state.rs",
    "compose/page.rs -> state.rs",
    "compose/push/failures.rs -> state.rs",
    "compose/push/plan.rs -> state.rs",
    "compose/push/run.rs -> state.rs",
    "compose/push/view.rs -> state.rs",
    "compose/run.rs -> state.rs",
    "compose/take.rs -> state.rs",
    "compose/view.rs -> pages.rs",
    "compose/view.rs -> state.rs",
    "compose/view/commands.rs -> state.rs",
    "compose/view/entry.rs -> state.rs",
    "compose/view/list.rs -> state.rs",
    "compose/view/rows.rs -> state.rs",
    "compose/view/sources.rs -> state.rs",
    "compose/view/written.rs -> state.rs",
    "pages/inspect.rs -> pages.rs",
    "pages/inspect.rs -> state.rs",
    "pages/inspect/stops.rs -> state.rs",
    "pages/verify.rs -> pages.rs",
    "pages/verify.rs -> pages/inspect.rs",
    "pages/verify.rs -> state.rs",
    "verify.rs -> pages.rs",
    "verify.rs -> state.rs",
];

/// A component that knows a page, the app, its state or the browser.
const COMPONENTS_KNOW: &[&str] = &[];

/// Core below `view` that knows `view`.
const CORE_KNOWS_VIEW: &[&str] = &[];

/// A page's state that holds fetch or browser types: file and word.
const STATE_HOLDS: &[&str] = &[
    "compose/page.rs: Client<",
    "compose/page.rs: Transport",
    "compose/push.rs: Client<",
    "compose/push.rs: Transport",
];

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
    let is = |starts: &[&str]| starts.iter().any(|start| file.starts_with(start));
    PAGES
        .iter()
        .find(|(_, starts)| is(starts))
        .map(|(name, _)| *name)
}

/// The app, which draws the pages and holds their states.
fn is_app(file: &str) -> bool {
    [
        "app.rs", "app/", "state.rs", "state/", "pages.rs", "main.rs",
    ]
    .iter()
    .any(|start| file.starts_with(start))
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
fn no_component_knows_a_page_the_app_or_the_browser() {
    let above = |_: &str, to: &str| {
        is_app(to) || page(to).is_some() || is_in("browser", to) || is_in("pages", to)
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
        // `compose/page.rs` and `compose/push.rs` are Compose's state, and will be called so.
        let is_state = page(&file).is_some() && file.ends_with("state.rs")
            || ["state.rs", "compose/page.rs", "compose/push.rs"].contains(&file.as_str())
            || file.starts_with("state/") && file != "state/tests.rs";
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
