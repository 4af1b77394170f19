//! A signature around schema 1: checked by another hand than the one that made it, and the digest stays.

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use waybill_core::conversion::{Form, ToSign, convert};
use waybill_core::manifest::Format;
use waybill_core::manifest::schema1::jws::Checked;
use waybill_core::{Algorithm, Digest};
use waybill_testkit::image::{Image, read};
use waybill_testkit::signature::check_all;

#[test]
fn a_signed_manifest_is_read_as_signed_and_keeps_its_digest() {
    let config = r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created_by":"é <a>"}]}"#;
    let image = Image::new(false, config, 1);
    let form = Form::DockerSchema1 {
        name: "library/a".to_owned(),
        tag: "1".to_owned(),
    };
    let converted = convert(&image.read(), &image.config, &form).expect("schema 1");
    let digest = Digest::sha256(&converted.manifest);
    let to_sign = ToSign::new(converted.manifest, "2026-11-28T17:31:57Z").expect("an object");

    let key = SigningKey::from_slice(&[7; 32]).expect("a key");
    let signature: Signature = key.sign(&to_sign.signing_input());
    let point = key.verifying_key().to_sec1_point(false);
    let coordinate =
        |at: usize| -> [u8; 32] { point.as_bytes()[at..at + 32].try_into().expect("32 bytes") };
    let signed = to_sign
        .signed(
            &coordinate(1),
            &coordinate(33),
            &signature.to_bytes().into(),
        )
        .expect("a key of P-256");

    let manifest = read(&signed);
    assert_eq!(manifest.format, Format::DockerSchema1Signed);
    assert_eq!(manifest.digest(Algorithm::Sha256), Some(digest));
    let block = manifest
        .image()
        .and_then(|image| image.signed.clone())
        .expect("signatures");
    assert_eq!(check_all(&block), [Checked::Holds]);
    let one = &block.signatures[0];
    assert_eq!(one.stated_key_id, one.key_id);
}

#[test]
fn what_is_no_object_is_not_signed() {
    for bytes in [&b""[..], b"[]", b"{} "] {
        assert_eq!(ToSign::new(bytes.to_vec(), "2026-11-28T17:31:57Z"), None);
    }
}
