//! Any bytes as a listing that was handed over.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| waybill_fuzz::tree::listing(bytes));
