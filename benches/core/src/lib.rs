//! Core's functions for `scripts/bench` to time in a browser, built with the profile of the page.

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;
use waybill_core::digest::Digest;
use waybill_core::json;
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;

/// Bytes that were handed over before the clock starts.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Bytes(Rc<[u8]>);

#[wasm_bindgen]
impl Bytes {
    /// Takes a copy into the memory of the program.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// Their digest as hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        Digest::sha256(&self.0).encoded().to_owned()
    }

    /// The scan of the text and the reading of its JSON; whether it is an object.
    #[must_use]
    pub fn scan(&self) -> bool {
        json::read(&self.0).is_ok()
    }

    /// All of a manifest: scan, JSON, format, every field, findings; how many findings.
    #[must_use]
    pub fn read(&self) -> usize {
        Manifest::read(Rc::clone(&self.0), &DeclaredTypes::none())
            .map_or(0, |(_, findings)| findings.len())
    }
}
