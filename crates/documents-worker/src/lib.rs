//! The worker of the page that reads a long document around an image: an SBOM of 40 MiB would keep the page busy for a
//! second.
//!
//! It is a program of its own, without anything that fetches: the worker of layers brings the bytes and hashes them, and
//! `src/browser/documents.rs` hands them on as they come, without a look at them. One document is read by one worker,
//! which the page ends behind it, since nothing else gives its memory back. A message is a list:
//!
//! ```text
//! page     [how many bytes there may be]  [bytes] …  [the media type]
//! worker   []                                                          [a slice, as JSON text] …  [all bytes, the first of them, the payload]
//! ```
//!
//! Slices ([`Slice`](waybill_core::documents::Slice)) are small, so that the page takes each in no time. The bytes stay
//! with the browser (`Blob`), for a download.

use std::cell::RefCell;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use waybill_core::documents;
use waybill_core::limits;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

/// Hears what the page says, from now on.
#[wasm_bindgen(start)]
fn start() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let held = RefCell::new(Vec::new());
    let teller = scope.clone();
    let hear = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let said = Array::from(&event.data()).get(0);
        if let Some(media_type) = said.as_string() {
            tell(&teller, &held.take(), &media_type);
        } else if let Some(size) = said.as_f64() {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a size"
            )]
            held.borrow_mut()
                .reserve_exact((size as usize).min(limits::DOCUMENT_BYTES));
        } else {
            let piece = Uint8Array::new(&said);
            let mut bytes = held.borrow_mut();
            let before = bytes.len();
            bytes.resize(before + piece.length() as usize, 0);
            piece.copy_to(&mut bytes[before..]);
        }
    });
    scope.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    hear.forget();
    post(&scope, &Array::new());
}

/// Reads a document and tells what it says.
fn tell(scope: &DedicatedWorkerGlobalScope, bytes: &[u8], media_type: &str) {
    let mut document = documents::read(bytes, media_type);
    let inner = document.inner.take();
    for slice in document.into_slices() {
        // There is no map in it whose key is no text, so it can be written.
        let text = serde_json::to_string(&slice).unwrap_or_default();
        post(scope, &Array::of1(&text.into()));
    }
    let mut first = &bytes[..bytes.len().min(limits::LONG_DOCUMENT_SHOWN_BYTES)];
    if let Err(error) = std::str::from_utf8(first)
        && error.error_len().is_none()
    {
        // No half of a character.
        first = &first[..error.valid_up_to()];
    }
    let inner = inner.map_or(JsValue::UNDEFINED, |inner| held(&inner));
    post(
        scope,
        &Array::of3(&held(bytes), &Uint8Array::from(first), &inner),
    );
}

/// Has the browser hold bytes; nothing where it refuses.
fn held(bytes: &[u8]) -> JsValue {
    let copy = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence(&copy).map_or(JsValue::UNDEFINED, JsValue::from)
}

fn post(scope: &DedicatedWorkerGlobalScope, message: &Array) {
    // Texts, bytes and blobs can be sent.
    let _ = scope.post_message(message);
}
