//! Any text as a registry's `Link` header.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| waybill_fuzz::link(text));
