//! Every state of every page, rendered on the host, against golden HTML in `tests/golden/views/`.
//!
//! `UPDATE_GOLDEN=1 cargo test --test views` writes the files anew. What holds of every page, whatever it looks like,
//! is in `views/rules.rs`.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod archive;
mod chinese;
mod compose;
mod copy;
mod diff;
mod early;
mod errors;
mod files;
mod flows;
mod golden;
mod hostile;
mod inspect;
mod harness;
mod long;
mod nodes;
mod page;
mod print;
mod push;
mod related;
mod rules;
mod save;
mod several;
mod shell;
mod signatures;
mod tables;
mod tags;
mod verify;

use std::sync::LazyLock;

use harness::Harness;

/// A state's name, which is its file's, and how to get there.
type Named = (&'static str, fn() -> Harness);

/// Every state that has a golden file.
fn states() -> Vec<Named> {
    [
        shell::STATES,
        inspect::STATES,
        errors::STATES,
        hostile::STATES,
        verify::STATES,
        compose::STATES,
        push::STATES,
        save::STATES,
        archive::STATES,
        copy::STATES,
        several::STATES,
        diff::STATES,
        tags::STATES,
    ]
    .concat()
}

/// Every state with its page.
fn html() -> &'static [(&'static str, String)] {
    static HTML: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
        states()
            .into_iter()
            .map(|(name, state)| (name, page::html(state())))
            .collect()
    });
    &HTML
}

/// Every state with its page, one tag a line.
fn pages() -> &'static [(&'static str, String)] {
    static PAGES: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
        html()
            .iter()
            .map(|(name, html)| (*name, page::one_tag_a_line(html)))
            .collect()
    });
    &PAGES
}
