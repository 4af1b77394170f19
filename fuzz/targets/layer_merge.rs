//! Any text as the entries of layers, flattened.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| waybill_fuzz::tree::layer_merge(bytes));
