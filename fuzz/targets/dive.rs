//! Any text as the entries of layers: dive's figures of them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| waybill_fuzz::figures::dive(bytes));
