//! What only a browser has, in headless Chromium: `fetch`, the address and the history, storage, dialogs, the clipboard,
//! files and signatures. `scripts/test wasm` runs it; the test runner's own server answers with the project's files.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod arithmetic;
mod digests;
mod given;
mod history;
mod page;
mod signatures;
mod transport;

use wasm_bindgen::JsValue;
use web_sys::{Document, Window};

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

fn window() -> Window {
    web_sys::window().expect("a window")
}

fn document() -> Document {
    window().document().expect("a document")
}

/// The value of a JavaScript expression.
fn js(expression: &str) -> JsValue {
    let function = js_sys::Function::new_no_args(&format!("return ({expression});"));
    function
        .call0(&JsValue::NULL)
        .unwrap_or_else(|error| panic!("{expression}: {error:?}"))
}
