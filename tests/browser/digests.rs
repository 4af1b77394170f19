//! The digests computed in the page against the browser's own.

use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use waybill_core::digest::{Algorithm, Digest};

use super::window;

async fn by_the_browser(name: &str, bytes: &[u8]) -> String {
    let subtle = window().crypto().expect("crypto").subtle();
    let hashing = subtle
        .digest_with_str_and_js_u8_array(name, &Uint8Array::from(bytes))
        .expect("an algorithm");
    let hash = Uint8Array::new(&JsFuture::from(hashing).await.expect("a hash")).to_vec();
    hash.iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}

#[wasm_bindgen_test]
async fn every_algorithm_hashes_as_the_browser_does() {
    // Around the ends of the blocks of SHA-256 (64 bytes) and SHA-512 (128 bytes), and one of many blocks.
    for length in [
        0_usize, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 1_000_003,
    ] {
        let bytes: Vec<u8> = (0..length)
            .map(|at| u8::try_from(at * 31 % 251).expect("below 251"))
            .collect();
        for (algorithm, name) in [
            (Algorithm::Sha256, "SHA-256"),
            (Algorithm::Sha384, "SHA-384"),
            (Algorithm::Sha512, "SHA-512"),
        ] {
            let ours = Digest::compute(algorithm, &bytes);
            assert_eq!(
                ours.encoded(),
                by_the_browser(name, &bytes).await,
                "{name} of {length} bytes"
            );
        }
    }
}
