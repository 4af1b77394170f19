//! The browser's arithmetic, over the signatures that `tests/signature_checks` checks by libraries.

use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;
use waybill::browser::arithmetic::WebCrypto;
use waybill_core::base64;
use waybill_core::digest::Digest;
use waybill_signatures::{Form, Given, Question, Report, Signed, Subject, check};

use super::js;

/// Checks each signature that a tool made, with what holds it.
async fn all() -> Vec<(String, Report)> {
    let index = include_str!("../fixtures/signature_checks/index.json");
    let index: Value = serde_json::from_str(index).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut reports = Vec::new();
    for one in index["signatures"].as_array().expect("signatures") {
        let signed = Signed {
            form: Form::of_media_type(&text(&one["mediaType"])).expect("a form"),
            bytes: base64::decode(&text(&one["blob"])).expect("base64"),
            digest: text(&one["digest"]).parse().expect("a digest"),
            size: one["size"].as_u64().expect("a size"),
            annotations: serde_json::from_value(one["annotations"].clone()).expect("pairs"),
        };
        let bytes = match text(&one["subject"]).as_str() {
            "oci-manifest/greeter" => &include_bytes!("../fixtures/oci-manifest/greeter.json")[..],
            _ => include_bytes!("../fixtures/oci-index/lantern.json"),
        };
        let subject = Subject {
            digest: Digest::sha256(bytes),
            size: bytes.len() as u64,
            media_type: text(&serde_json::from_slice::<Value>(bytes).expect("JSON")["mediaType"]),
            bytes: bytes.to_vec(),
        };
        let mut given = Given::default();
        let pem = text(&index["given"][text(&one["given"])]);
        given.add(pem.as_bytes()).expect("a key");
        let question = Question {
            signed: &signed,
            subject: &subject,
            looked_at: None,
            asked: None,
            given: &given,
            now: 1_798_761_600,
        };
        reports.push((text(&one["name"]), check(&question, &WebCrypto).await));
    }
    reports
}

#[wasm_bindgen_test]
async fn everything_that_a_tool_signed_holds_with_its_key() {
    let mut others = 0;
    for (name, report) in all().await {
        others += usize::from(name == "cosign/two-signers-payload" && !report.holds());
        assert!(
            report.holds() || name == "cosign/two-signers-payload",
            "{name}: {report:#?}"
        );
    }
    assert_eq!(others, 1);
}

/// As on a page that came over plain http: Ed25519 alone is not the browser's.
#[wasm_bindgen_test]
async fn without_a_secure_context_only_ed25519_is_checked() {
    js("Object.defineProperty(crypto, 'subtle', {value: undefined, configurable: true})");
    let reports = all().await;
    js("delete crypto.subtle");
    for (name, report) in reports {
        assert_eq!(
            report.holds(),
            name.contains("ed25519"),
            "{name}: {report:#?}"
        );
    }
}
