//! Any bytes as an archive of images: opened, measured and verified.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| waybill_fuzz::archive::archive(bytes));
