//! Checking a [`Signed`] manifest's signatures with `WebCrypto`.

use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use waybill_core::manifest::schema1::Signed;
use waybill_core::manifest::schema1::jws::{Checked, KeyKind, NotChecked, SignatureCheck};
use web_sys::{CryptoKey, SubtleCrypto};

/// Finds the browser's arithmetic; `None` where the page is not in a secure context.
pub(super) fn subtle() -> Option<SubtleCrypto> {
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    crypto
        .map(|crypto| crypto.subtle())
        .filter(|subtle| !subtle.is_undefined())
}

/// Checks each signature. Without a secure context there is no `WebCrypto`, and none is checked.
pub async fn check(signed: &Signed) -> Vec<Checked> {
    let subtle = subtle();
    let mut results = Vec::with_capacity(signed.signatures.len());
    // One after another: each holds a copy of the payload.
    for one in signed.checks() {
        results.push(match (one, &subtle) {
            (None, _) => Checked::NotChecked(NotChecked::Unreadable),
            (Some(_), None) => Checked::NotChecked(NotChecked::InsecurePage),
            (Some(one), Some(subtle)) => match verify_one(subtle, &one).await {
                Ok(holds) if holds.is_truthy() => Checked::Holds,
                Ok(_) => Checked::DoesNotHold,
                Err(_) => Checked::NotChecked(NotChecked::KeyRefused),
            },
        });
    }
    results
}

async fn verify_one(subtle: &SubtleCrypto, one: &SignatureCheck) -> Result<JsValue, JsValue> {
    let kind = one.algorithm.key();
    let name = if kind == KeyKind::Rsa {
        "RSASSA-PKCS1-v1_5"
    } else {
        "ECDSA"
    };
    let parameters = Parameters {
        name,
        curve: kind.name(),
        hash: one.algorithm.hash(),
        salt: 0,
    };
    let (key, input) = (one.key.der(), &one.signing_input);
    verify(subtle, &parameters, key, &one.signature, input).await
}

/// What `WebCrypto` has to know to check a signature: its own names, and the bytes of RSA-PSS's salt.
pub(super) struct Parameters {
    pub(super) name: &'static str,
    pub(super) curve: &'static str,
    pub(super) hash: &'static str,
    pub(super) salt: usize,
}

/// Tells whether the signature holds, as `true` or `false`; an error where the browser does not take the key.
pub(super) async fn verify(
    subtle: &SubtleCrypto,
    parameters: &Parameters,
    key: &[u8],
    signature: &[u8],
    input: &[u8],
) -> Result<JsValue, JsValue> {
    let algorithm = Object::new();
    // Each of the two calls takes what it needs and leaves the rest.
    for (member, value) in [
        ("name", parameters.name.into()),
        ("namedCurve", parameters.curve.into()),
        ("hash", parameters.hash.into()),
        ("saltLength", JsValue::from(parameters.salt)),
    ] {
        Reflect::set(&algorithm, &member.into(), &value)?;
    }
    let der = Uint8Array::from(key);
    let usages = js_sys::Array::of1(&"verify".into());
    let key = subtle.import_key_with_object("spki", &der, &algorithm, false, &usages)?;
    let key: CryptoKey = JsFuture::from(key).await?.unchecked_into();
    let signature = Uint8Array::from(signature);
    let input = Uint8Array::from(input);
    let holds = subtle
        .verify_with_object_and_js_u8_array_and_js_u8_array(&algorithm, &key, &signature, &input)?;
    JsFuture::from(holds).await
}
