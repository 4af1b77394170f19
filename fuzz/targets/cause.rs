//! Why any bytes have not a digest, and whether what is proved is true.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| waybill_fuzz::cause(bytes));
