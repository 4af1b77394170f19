//! Any text in the one box.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| waybill_fuzz::input(text));
