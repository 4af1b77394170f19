//! Any bytes as OCI Manifest.
#![no_main]

use waybill_core::media_type::MediaType;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| waybill_fuzz::manifest(bytes, &MediaType::OCI_MANIFEST));
