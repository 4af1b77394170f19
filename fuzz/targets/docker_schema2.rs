//! Any bytes as Docker Schema2.
#![no_main]

use waybill_core::media_type::MediaType;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| waybill_fuzz::manifest(
    bytes,
    &MediaType::DOCKER_SCHEMA2
));
