//! Any text as the entries of layers: the waste of them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| waybill_fuzz::figures::waste(bytes));
