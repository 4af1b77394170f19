//! One byte changed anywhere: nothing holds that held, unless the byte says nothing.

use serde_json::Value;
use waybill_core::base64;

use super::harness::{Fixture, all, authority, sigstore_js};

fn everything() -> Vec<Fixture> {
    let mut fixtures = all();
    fixtures.retain(|fixture| fixture.check().holds());
    fixtures.push(authority("good"));
    fixtures
}

/// Every place of short texts, some of long ones.
fn places(length: usize) -> impl Iterator<Item = usize> {
    (0..length).step_by((length / 31).max(1))
}

#[test]
fn a_blob_with_one_byte_changed_is_not_the_one_that_its_manifest_names() {
    for fixture in everything() {
        for place in places(fixture.signed.bytes.len()) {
            let mut changed = fixture.clone();
            changed.signed.bytes[place] ^= 1;
            assert!(!changed.check().holds(), "{} at {place}", fixture.name);
        }
    }
}

/// Where the manifest names the changed blob rightly: the signature and what is signed are told from all else.
#[test]
fn what_is_signed_and_the_signature_hold_in_no_other_byte() {
    for fixture in everything() {
        if fixture.name.ends_with("cose") {
            continue;
        }
        if fixture.name.ends_with("payload") {
            for place in places(fixture.signed.bytes.len()) {
                let mut bytes = fixture.signed.bytes.clone();
                bytes[place] ^= 1;
                assert!(
                    !fixture.with_blob(bytes).check().holds(),
                    "{} at {place}",
                    fixture.name
                );
            }
            continue;
        }
        let value: Value = serde_json::from_slice(&fixture.signed.bytes).expect("JSON");
        for pointer in [
            "/payload",
            "/protected",
            "/signature",
            "/signatures/0/sig",
            "/dsseEnvelope/payload",
            "/dsseEnvelope/signatures/0/sig",
            "/messageSignature/signature",
            "/messageSignature/messageDigest/digest",
            "/verificationMaterial/certificate/rawBytes",
            "/verificationMaterial/tlogEntries/0/canonicalizedBody",
            "/verificationMaterial/tlogEntries/0/inclusionPromise/signedEntryTimestamp",
            "/verificationMaterial/tlogEntries/0/inclusionProof/rootHash",
        ] {
            let Some(Value::String(text)) = value.pointer(pointer) else {
                continue;
            };
            let bytes = base64::decode(text).or_else(|| base64::decode_from_url(text));
            let (bytes, is_url) = (bytes.expect("base64"), base64::decode(text).is_none());
            for place in places(bytes.len()) {
                let mut bytes = bytes.clone();
                bytes[place] ^= 1;
                let text = if is_url || fixture.name.ends_with("jws") {
                    base64::encode_for_url(&bytes)
                } else {
                    base64::encode(&bytes)
                };
                let mut changed = value.clone();
                *changed.pointer_mut(pointer).expect(pointer) = text.into();
                let changed = fixture.with_blob(changed.to_string().into_bytes());
                let report = changed.check();
                assert!(
                    !report.holds(),
                    "{} {pointer} at {place}: {report:#?}",
                    fixture.name
                );
            }
        }
    }
}

#[test]
fn what_is_cut_off_anywhere_is_read_without_harm() {
    let mut fixtures = everything();
    fixtures.push(sigstore_js());
    for fixture in fixtures {
        let length = fixture.signed.bytes.len();
        for end in places(length) {
            let bytes = fixture.signed.bytes[..end].to_vec();
            assert!(
                !fixture.with_blob(bytes).check().holds(),
                "{} to {end}",
                fixture.name
            );
        }
    }
}

/// An envelope in CBOR, byte by byte: what holds all the same is the name of the tool that signed, which nobody signed.
#[test]
fn an_envelope_in_cbor_holds_in_no_byte_but_those_of_the_tools_name() {
    let fixture = super::harness::find("notation/p256-cose");
    let bytes = &fixture.signed.bytes;
    let name = b"io.cncf.notary.signingAgent";
    let start = bytes.windows(name.len()).position(|window| window == name);
    let start = start.expect("the tool's name");
    let end = start + name.len() + b"x\x18notation-go/1.3.2 Notation/1.3.2".len() + 8;
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        let holds = fixture.with_blob(changed).check().holds();
        assert!(
            !holds || (start..end).contains(&place),
            "at {place}, the name is {start} to {end}"
        );
    }
}
