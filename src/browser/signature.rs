//! Checking a [`Signed`] manifest's signatures with `WebCrypto`.

use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use waybill_core::manifest::schema1::Signed;
use waybill_core::manifest::schema1::jws::{Checked, KeyKind, NotChecked, SignatureCheck};
use web_sys::{CryptoKey, SubtleCrypto};

/// Checks each signature. Without a secure context there is no `WebCrypto`, and none is checked.
pub async fn check(signed: &Signed) -> Vec<Checked> {
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    let subtle = crypto
        .map(|crypto| crypto.subtle())
        .filter(|subtle| !subtle.is_undefined());
    let mut results = Vec::with_capacity(signed.signatures.len());
    // One after another: each holds a copy of the payload.
    for one in signed.checks() {
        results.push(match (one, &subtle) {
            (None, _) => Checked::NotChecked(NotChecked::Unreadable),
            (Some(_), None) => Checked::NotChecked(NotChecked::InsecurePage),
            (Some(one), Some(subtle)) => match verify(subtle, &one).await {
                Ok(holds) if holds.is_truthy() => Checked::Holds,
                Ok(_) => Checked::DoesNotHold,
                Err(_) => Checked::NotChecked(NotChecked::KeyRefused),
            },
        });
    }
    results
}

/// Tells whether the signature holds, as `true` or `false`; an error where the browser does not take the key.
async fn verify(subtle: &SubtleCrypto, one: &SignatureCheck) -> Result<JsValue, JsValue> {
    let kind = one.algorithm.key();
    let name = if kind == KeyKind::Rsa {
        "RSASSA-PKCS1-v1_5"
    } else {
        "ECDSA"
    };
    let algorithm = Object::new();
    // Each of the two calls takes what it needs and leaves the rest.
    for (member, value) in [
        ("name", name),
        ("namedCurve", kind.name()),
        ("hash", one.algorithm.hash()),
    ] {
        Reflect::set(&algorithm, &member.into(), &value.into())?;
    }
    let der = Uint8Array::from(one.key.der());
    let usages = js_sys::Array::of1(&"verify".into());
    let key = subtle.import_key_with_object("spki", &der, &algorithm, false, &usages)?;
    let key: CryptoKey = JsFuture::from(key).await?.unchecked_into();
    let signature = Uint8Array::from(one.signature.as_slice());
    let input = Uint8Array::from(one.signing_input.as_slice());
    let holds = subtle
        .verify_with_object_and_js_u8_array_and_js_u8_array(&algorithm, &key, &signature, &input)?;
    JsFuture::from(holds).await
}
