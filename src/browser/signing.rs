//! Signs a manifest of Docker schema 1 with a key that is made for it and kept nowhere.

use js_sys::{Array, Date, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use waybill_core::conversion::ToSign;
use web_sys::{CryptoKey, SubtleCrypto};

use super::signature::subtle;
use super::workers::thread::words;

/// Signs a manifest, by ECDSA on P-256 with SHA-256.
///
/// # Errors
///
/// Fails where the page is not in a secure context, or the browser refuses, with words.
pub(crate) async fn sign(payload: &[u8]) -> Result<Vec<u8>, String> {
    let subtle = subtle()
        .ok_or("a browser signs only on a page that came over https, or from this machine")?;
    let now = String::from(Date::new_0().to_iso_string());
    let time = now.split_once('.').map_or(&*now, |(seconds, _)| seconds);
    let time = [time, "Z"].concat();
    let to_sign =
        ToSign::new(payload.to_vec(), &time).ok_or("it does not end as a manifest does")?;
    let signed = by_fresh_key(&subtle, &to_sign.signing_input()).await;
    let (point, signature) = signed.map_err(|thrown| words(&thrown))?;
    let parts = (|| {
        // A point as it is exported: 4, then both numbers.
        let x = point.get(1..33)?.try_into().ok()?;
        let y = point.get(33..65)?.try_into().ok()?;
        to_sign.signed(&x, &y, &signature.try_into().ok()?)
    })();
    parts.ok_or_else(|| "the browser made another key than was asked for".to_owned())
}

/// The point of the public key, and the signature.
async fn by_fresh_key(subtle: &SubtleCrypto, input: &[u8]) -> Result<(Vec<u8>, Vec<u8>), JsValue> {
    let algorithm = Object::new();
    for (name, value) in [
        ("name", "ECDSA"),
        ("namedCurve", "P-256"),
        ("hash", "SHA-256"),
    ] {
        Reflect::set(&algorithm, &name.into(), &value.into())?;
    }
    let usages = Array::of2(&"sign".into(), &"verify".into());
    // The public key can be exported all the same.
    let pair = subtle.generate_key_with_object(&algorithm, false, &usages)?;
    let pair = JsFuture::from(pair).await?;
    let key = |name: &str| -> Result<CryptoKey, JsValue> {
        Ok(Reflect::get(&pair, &name.into())?.unchecked_into())
    };
    let input = Uint8Array::from(input);
    let signature =
        subtle.sign_with_object_and_js_u8_array(&algorithm, &key("privateKey")?, &input)?;
    let signature = JsFuture::from(signature).await?;
    let point = JsFuture::from(subtle.export_key("raw", &key("publicKey")?)?).await?;
    let bytes = |buffer: &JsValue| Uint8Array::new(buffer).to_vec();
    Ok((bytes(&point), bytes(&signature)))
}
