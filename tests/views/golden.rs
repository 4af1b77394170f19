//! Pages against the files that say how they look.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use waybill_testkit::project;

use super::print::print;
use super::{Named, hostile, html, push, shell};

/// Set to write the files rather than to compare with them.
pub(crate) const UPDATE: &str = "UPDATE_GOLDEN";

/// Names the folder for the pages that `tests/e2e/widths.test.mjs` opens in a browser.
const PAGES: &str = "WAYBILL_PAGES";

/// Writes a page there as it is.
pub(crate) fn keep(name: &str, html: &str) {
    if let Some(folder) = std::env::var_os(PAGES) {
        fs::write(Path::new(&folder).join(format!("{name}.html")), html)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

fn folder() -> PathBuf {
    project().join("tests/golden/views")
}

/// The part of a page that its file holds. Header and the shell's dialogs are the same on every page but for what was
/// typed, so only the states that are about them have them: the shell's the whole page, those of hostile text the header. The
/// states of a push are all of one composition, so that theirs hold only what stands of the push.
pub(crate) fn kept<'a>(name: &str, page: &'a str) -> &'a str {
    let is_of = |states: &[Named]| states.iter().any(|(state, _)| *state == name);
    if is_of(shell::STATES) {
        return page;
    }
    let page = page
        .split("<dialog id=\"settings\"")
        .next()
        .unwrap_or_default();
    let start = if is_of(push::STATES) {
        page.find("<h2>Push</h2>")
    } else if is_of(hostile::STATES) {
        None
    } else {
        page.find("<main")
    };
    page.split_at(start.unwrap_or_default()).1
}

/// The first line that differs: its number, the line of the file, the line of the page.
pub(crate) fn difference(golden: &str, page: &str) -> Option<String> {
    let mut golden = golden.lines();
    let mut page = page.lines();
    for number in 1.. {
        match (golden.next(), page.next()) {
            (None, None) => return None,
            (before, now) if before == now => {}
            (before, now) => {
                let line = |line: Option<&str>| line.unwrap_or("(the end)").trim_start().to_owned();
                return Some(format!(
                    "line {number}\n  golden: {}\n  now:    {}",
                    line(before),
                    line(now)
                ));
            }
        }
    }
    None
}

#[test]
fn every_state_looks_as_its_golden_file() {
    let update = std::env::var_os(UPDATE).is_some();
    let mut names = BTreeSet::new();
    let mut wrong = Vec::new();
    for (name, page) in html() {
        assert!(
            names.insert(format!("{name}.html")),
            "two states are called {name}"
        );
        keep(name, page);
        let page = print(kept(name, page));
        let file = folder().join(format!("{name}.html"));
        let golden = fs::read_to_string(&file).unwrap_or_default();
        if golden == page {
            continue;
        }
        if update {
            fs::write(&file, &page).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        } else if let Some(difference) = difference(&golden, &page) {
            wrong.push(format!("{name}: {difference}"));
        } else {
            wrong.push(format!("{name}: the line ends differ"));
        }
    }
    for entry in fs::read_dir(folder()).expect("the folder of golden files") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name")
            .to_owned();
        if !names.contains(&name) && update {
            fs::remove_file(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        } else if !names.contains(&name) {
            wrong.push(format!("{name}: no state is called so"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n\nIf that is meant: {UPDATE}=1 cargo test --test views",
        wrong.join("\n")
    );
}

#[test]
fn a_difference_is_told_by_its_first_line() {
    assert_eq!(difference("a\nb\n", "a\nb\n"), None);
    assert_eq!(
        difference("a\n b\nc", "a\n x\ny").as_deref(),
        Some("line 2\n  golden: b\n  now:    x")
    );
    assert_eq!(
        difference("a", "a\nb").as_deref(),
        Some("line 2\n  golden: (the end)\n  now:    b")
    );
}
