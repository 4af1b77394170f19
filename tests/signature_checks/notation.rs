//! Notation's envelopes with one thing wrong each: every one is a cross of its own.

use serde_json::{Value, json};
use waybill_core::base64;
use waybill_signatures::{Verdict, What};

use super::harness::{Fixture, edited, find, given};
use super::sharp::{fails_at, step};

/// An envelope in JSON whose protected headers are changed; the signature is not made anew, so it does not hold either.
fn with_protected(change: impl Fn(&mut Value)) -> Fixture {
    edited(&find("notation/p256-jws"), |envelope| {
        let text = envelope["protected"].as_str().expect("text");
        let bytes = base64::decode_from_url(text).expect("base64");
        let mut protected: Value = serde_json::from_slice(&bytes).expect("JSON");
        change(&mut protected);
        envelope["protected"] = base64::encode_for_url(protected.to_string().as_bytes()).into();
    })
}

#[test]
fn an_algorithm_that_is_not_the_keys_is_a_cross() {
    for algorithm in ["RS256", "PS256", "ES384", "none", ""] {
        let fixture = with_protected(|protected| protected["alg"] = algorithm.into());
        let report = fixture.check();
        assert!(fails_at(&report, What::Algorithm).contains("signs by ES256"));
        assert_eq!(report.of(What::Signature).count(), 0);
    }
}

#[test]
fn a_critical_header_that_is_not_known_is_a_cross() {
    let fixture = with_protected(|protected| {
        protected["crit"]
            .as_array_mut()
            .expect("a list")
            .push("x.strange".into());
        protected["x.strange"] = true.into();
    });
    assert!(fails_at(&fixture.check(), What::Critical).contains("x.strange"));
}

#[test]
fn a_scheme_that_need_not_be_understood_is_a_cross() {
    for critical in [json!([]), json!(["io.cncf.notary.expiry"])] {
        let fixture = with_protected(|protected| protected["crit"] = critical.clone());
        fails_at(&fixture.check(), What::Critical);
    }
}

#[test]
fn an_authority_that_states_no_authentic_time_is_a_cross() {
    let fixture = with_protected(|protected| {
        protected["io.cncf.notary.signingScheme"] = "notary.x509.signingAuthority".into();
    });
    fails_at(&fixture.check(), What::Critical);
}

#[test]
fn certificates_in_another_order_are_a_cross() {
    let fixture = edited(&find("notation/p256-jws"), |envelope| {
        envelope["header"]["x5c"]
            .as_array_mut()
            .expect("a chain")
            .reverse();
    });
    let report = fixture.check();
    fails_at(&report, What::Signature);
    fails_at(&report, What::Chain);
    fails_at(&report, What::Thumbprints);
}

#[test]
fn a_chain_without_its_root_is_a_cross() {
    let fixture = edited(&find("notation/p256-jws"), |envelope| {
        envelope["header"]["x5c"]
            .as_array_mut()
            .expect("a chain")
            .pop();
    });
    assert!(fails_at(&fixture.check(), What::Chain).contains("no root"));
}

#[test]
fn thumbprints_of_other_certificates_are_a_cross_and_their_case_is_none() {
    let mut fixture = find("notation/p256-cose");
    for (name, value) in &mut fixture.signed.annotations {
        if name.contains("thumbprint") {
            *value = value.to_uppercase();
        }
    }
    assert!(fixture.check().holds());
    for (name, value) in &mut fixture.signed.annotations {
        if name.contains("thumbprint") {
            *value = value.replacen(['A', 'B', 'C', 'D', 'E', 'F'], "0", 1);
        }
    }
    let report = fixture.check();
    fails_at(&report, What::Thumbprints);
    // The key is shown all the same.
    assert!(step(&report, What::Algorithm).1.contains("P-256 key"));
}

#[test]
fn a_time_stamp_outside_of_what_is_signed_is_said_to_be_not_checked() {
    let fixture = edited(&find("notation/p256-jws"), |envelope| {
        envelope["header"]["io.cncf.notary.timestampSignature"] = "AAAA".into();
    });
    let report = fixture.check();
    assert_eq!(step(&report, What::TimeStamp).0, Verdict::NotChecked);
}

#[test]
fn a_plugin_that_is_asked_for_is_not_here() {
    let fixture = with_protected(|protected| {
        protected["io.cncf.notary.verificationPlugin"] = "example".into();
    });
    assert_eq!(step(&fixture.check(), What::Plugin).0, Verdict::NotChecked);
}

#[test]
fn a_root_of_another_is_a_cross() {
    let fixture = find("notation/p256-cose");
    let other = &super::harness::all_given()["notation-p384"];
    let report = fixture.check_with(&given(other));
    fails_at(&report, What::Chain);
    assert_eq!(step(&report, What::Signature).0, Verdict::Holds);
}

#[test]
fn a_payload_of_another_type_is_a_cross() {
    let fixture = with_protected(|protected| protected["cty"] = "application/json".into());
    fails_at(&fixture.check(), What::PayloadType);
}
