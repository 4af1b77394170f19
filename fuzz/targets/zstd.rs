//! Any bytes as a stream of zstd, in one piece and in many.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| waybill_fuzz::blobs::zstd(bytes));
