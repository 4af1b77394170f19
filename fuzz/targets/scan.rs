//! Any bytes through the scan and `serde_json`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| waybill_fuzz::scan(bytes));
