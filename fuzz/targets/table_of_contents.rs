//! Any JSON as a table of contents that has the right digest, and any blob beside it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| waybill_fuzz::table::table_of_contents(bytes));
