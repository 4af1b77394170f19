//! Inputs of the kinds that people reported from the field, each with what is right to say of it: the folder that
//! `WAYBILL_CASES` names, and instances of our own of each kind, which need no folder.
//!
//! The folder is not part of this project. Without it the tests over its files pass and say that they checked nothing.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod anything;
mod choice;
mod commands;
mod documents;
mod registries;

use std::io::Write as _;
use std::path::Path;
use std::sync::Once;

/// The bytes of a file of the folder, or `None` where no folder was named. A missing file fails.
fn file(name: &str) -> Option<Vec<u8>> {
    let Some(folder) = std::env::var_os("WAYBILL_CASES") else {
        static SAID: Once = Once::new();
        // Written past the test runner, which would keep the output of a test that passes.
        SAID.call_once(|| {
            let _ = std::io::stderr().write_all(
                b"\n*** CASES NOT CHECKED: WAYBILL_CASES is not set. It needs the path of the folder of inputs from\n\
                  *** the field.\n\n",
            );
        });
        return None;
    };
    let path = Path::new(&folder).join(name);
    Some(std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}
