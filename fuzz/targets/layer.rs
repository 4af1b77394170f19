//! Any bytes as a layer, in one piece and in many.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| waybill_fuzz::blobs::layer(bytes));
