//! Any text as a reference, and its parts.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| waybill_fuzz::reference(text));
