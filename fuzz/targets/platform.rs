//! Any text as a platform.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| waybill_fuzz::platform(text));
