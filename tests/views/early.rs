//! The pages that are there before the program: they are what it draws, so that nothing moves when it comes.
//!
//! `static/boot.js` shows them. In Chinese the first page is among them, and what `index.html` says otherwise.

use std::fs;

use waybill::language::{Language, phrase, speak};
use waybill_testkit::project;

use super::golden::{UPDATE, difference};
use super::harness::Harness;
use super::page;

/// Pages that are the same for everybody who comes to them, by the part of the address that `static/boot.js` knows.
const PAGES: [&str; 4] = ["verify", "compose", "copy", "diff"];

/// What `index.html` says outside of the page.
const SAID: [&str; 6] = [
    "A newer Waybill is there: it comes when this page is loaded again.",
    "Waybill has a fault and stopped.",
    "Waybill could not be loaded.",
    "Loading the page again is safe: Compose finds its work again. What was pasted may have to be \
     pasted again, a push begun again.",
    "Load the page again",
    "If it happens again, please report these lines:",
];

/// The page at that address up to that end, behind which are the notice and dialogs.
fn drawn(address: &str, end: &str) -> String {
    let page = page::html(Harness::at(address));
    let length = page.find(end).expect("an end") + end.len();
    page.split_at(length).0.to_owned()
}

/// The page of that name. What is in it cannot be used until the program is there.
fn early(name: &str) -> String {
    let main = format!("<main inert data-address=\"#/{name}\">");
    let page = drawn(&format!("/{name}"), "</main>").replacen("<main>", &main, 1);
    assert!(page.contains(&main), "{name}");
    format!("<div data-page=\"{name}\">{page}</div>\n")
}

/// Those elements of `index.html` whose ids `static/boot.js` knows, in the language that is spoken.
fn said() -> String {
    let index = fs::read_to_string(project().join("index.html")).expect("index.html");
    let newer = "<p id=\"newer\"";
    let (_, rest) = index.split_once(newer).expect("that a newer one is there");
    let (said, _) = rest
        .split_once("<noscript>")
        .expect("what it says without scripts");
    let mut said = [newer, said.trim_end()].concat();
    for text in SAID {
        assert!(said.contains(text), "{text}");
        said = said.replace(text, &phrase(text));
    }
    said
}

#[test]
fn each_is_what_the_program_draws() {
    let begin = |tag: &str| {
        format!(
            "<!doctype html>\n<html lang=\"{tag}\">\n<!-- Written by tests/views/early.rs: UPDATE_GOLDEN=1 -->\n\
             <meta charset=\"utf-8\" />\n"
        )
    };
    let pages = || PAGES.map(early).concat();
    let english = begin(Language::English.tag()) + &pages();
    speak(Language::Chinese);
    let start = format!(
        "<div data-page=\"start\">{}</div>\n",
        drawn("/", "</main></div>")
    );
    let chinese = begin(Language::Chinese.tag()) + &start + &pages() + &said() + "\n";
    speak(Language::English);
    for (file, now) in [("pages.html", english), ("pages.zh.html", chinese)] {
        let file = project().join("static").join(file);
        if std::env::var_os(UPDATE).is_some() {
            fs::write(&file, &now).expect("the file is written");
        }
        let before = fs::read_to_string(&file).unwrap_or_default();
        if let Some(difference) = difference(&before, &now) {
            panic!(
                "{}: {difference}\n\nIf that is meant: {UPDATE}=1 cargo test --test views",
                file.display()
            );
        }
    }
}
