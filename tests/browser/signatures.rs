//! The browser's answers on signatures, over the vectors that `tests/signatures` checks without a browser.

use wasm_bindgen_test::wasm_bindgen_test;
use waybill::browser::signature;
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::manifest::schema1::jws::{Checked, NotChecked};
use waybill_testkit::signed_vectors;

use super::js;

async fn check(manifest: &str) -> Vec<Checked> {
    let (manifest, _) =
        Manifest::read(manifest.as_bytes(), &DeclaredTypes::none()).expect("a JSON object");
    let signed = manifest
        .image()
        .and_then(|image| image.signed.clone())
        .expect("a signed manifest");
    signature::check(&signed).await
}

#[wasm_bindgen_test]
async fn every_vector_comes_out_as_it_was_made() {
    for vector in signed_vectors::all() {
        assert_eq!(
            check(&vector.manifest).await,
            vector.results,
            "{}",
            vector.name
        );
    }
}

/// As on a page that came over plain http.
#[wasm_bindgen_test]
async fn without_a_secure_context_nothing_is_checked() {
    let vectors = signed_vectors::all();
    let of = |name: &str| {
        vectors
            .iter()
            .find(|vector| vector.name == name)
            .expect(name)
            .manifest
            .as_str()
    };
    js("Object.defineProperty(crypto, 'subtle', {value: undefined, configurable: true})");
    let good = check(of("ES256 by jwk")).await;
    let broken = check(of("no key")).await;
    js("delete crypto.subtle");
    assert_eq!(good, [Checked::NotChecked(NotChecked::InsecurePage)]);
    assert_eq!(broken, [Checked::NotChecked(NotChecked::Unreadable)]);
    assert_eq!(check(of("ES256 by jwk")).await, [Checked::Holds]);
}
