//! Every state of every page, rendered on the host, against golden HTML in `tests/golden/views/`.
//!
//! `UPDATE_GOLDEN=1 cargo test --test views` writes the files anew. What holds of every page, whatever it looks like,
//! is in `views/rules.rs`.

#![cfg(not(target_arch = "wasm32"))]

#[path = "common/fixtures.rs"]
mod fixtures;
#[path = "common/registries.rs"]
mod registries;
#[path = "common/signature.rs"]
mod signature;
#[path = "common/transport.rs"]
mod transport;

#[path = "views/compose.rs"]
mod compose;
#[path = "views/errors.rs"]
mod errors;
#[path = "views/golden.rs"]
mod golden;
#[path = "views/hostile.rs"]
mod hostile;
#[path = "views/inspect.rs"]
mod inspect;
#[path = "views/lab.rs"]
mod lab;
#[path = "views/long.rs"]
mod long;
#[path = "views/nodes.rs"]
mod nodes;
#[path = "views/page.rs"]
mod page;
#[path = "views/push.rs"]
mod push;
#[path = "views/rules.rs"]
mod rules;
#[path = "views/shell.rs"]
mod shell;
#[path = "views/verify.rs"]
mod verify;

use std::sync::LazyLock;

use waybill::state::State;

/// A state's name, which is its file's, and how to get there.
type Named = (&'static str, fn() -> State);

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
    ]
    .concat()
}

/// Every state with its page, one tag a line.
fn pages() -> &'static [(&'static str, String)] {
    static PAGES: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
        states()
            .into_iter()
            .map(|(name, state)| (name, page::render(state())))
            .collect()
    });
    &PAGES
}
