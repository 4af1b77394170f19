//! Any text as a registry's challenge.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| waybill_fuzz::challenge(text));
