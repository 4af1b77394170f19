//! Holes that other checkers had: each is tried here, and none is green.

use serde_json::{Value, json};
use waybill_core::base64;
use waybill_signatures::{Given, Verdict, What};

use super::harness::{Fixture, authority, edited, find, sigstore_js};
use super::sharp::fails_at;

fn bundle(fixture: &Fixture) -> Value {
    serde_json::from_slice(&fixture.signed.bytes).expect("JSON")
}

/// CVE-2026-22703, CVE-2022-36056: a genuine entry of a log, of something else.
#[test]
fn a_genuine_entry_of_another_artifact_does_not_count() {
    for name in ["good for another", "good by another certificate"] {
        let other = bundle(&authority(name));
        let fixture = edited(&authority("good"), |bundle| {
            bundle["verificationMaterial"]["tlogEntries"] =
                other["verificationMaterial"]["tlogEntries"].clone();
        });
        fails_at(&fixture.check(), What::LogEntry);
        // Also where nobody gave a root: the entry is of something else all the same.
        fails_at(&fixture.check_with(&Given::default()), What::LogEntry);
    }
}

/// CVE-2026-22703, for an entry beside a signature of a key.
#[test]
fn an_entry_of_another_signature_by_the_same_key_does_not_count() {
    let entries = bundle(&authority("good"))["verificationMaterial"]["tlogEntries"].clone();
    let fixture = edited(&find("cosign/p256-bundle"), |bundle| {
        bundle["verificationMaterial"]["tlogEntries"] = entries.clone();
    });
    fails_at(&fixture.check(), What::LogEntry);
}

/// CVE-2026-24122.
#[test]
fn an_issuer_that_expired_before_the_signing_is_a_cross() {
    let evidence = fails_at(&authority("issuer expired").check(), What::Validity);
    assert!(evidence.contains("CN=old issuer"), "{evidence}");
}

/// CVE-2026-39395: what cannot be read was called verified.
#[test]
fn a_payload_that_cannot_be_read_never_holds() {
    for payload in [
        "",
        "{",
        "[]",
        "null",
        r#"{"_type":1}"#,
        r#"{"_type":"https://in-toto.io/Statement/v1"}"#,
    ] {
        let fixture = edited(&find("cosign/p256-bundle"), |bundle| {
            bundle["dsseEnvelope"]["payload"] = base64::encode(payload.as_bytes()).into();
        });
        assert_eq!(
            fixture.check().conclusion.verdict,
            Verdict::Fails,
            "{payload}"
        );
        let fixture = find("cosign/p256-payload").with_blob(payload.as_bytes().to_vec());
        assert_eq!(
            fixture.check().conclusion.verdict,
            Verdict::Fails,
            "{payload}"
        );
    }
    let fixture = edited(&find("cosign/p256-bundle"), |bundle| {
        bundle["dsseEnvelope"]["payloadType"] = "text/plain".into();
    });
    fails_at(&fixture.check(), What::PayloadType);
}

/// CVE-2026-39984: the certificate that counts is not chosen from what a stamp brings along.
#[test]
fn a_time_stamp_by_a_stranger_who_brings_certificates_does_not_count() {
    let fixture = authority("stamped by a stranger who brings certificates");
    let report = fixture.check();
    let stamps: Vec<_> = report
        .of(What::TimeStamp)
        .map(|step| step.verdict)
        .collect();
    assert_eq!(stamps, [Verdict::NotChecked]);
    let without_log = edited(&fixture, |bundle| {
        bundle["verificationMaterial"]["tlogEntries"] = json!([]);
    });
    assert!(!without_log.check().holds());
}

#[test]
fn a_time_stamp_of_another_signature_is_a_cross() {
    let other = bundle(&authority("good for another"));
    let fixture = edited(&authority("good"), |bundle| {
        bundle["verificationMaterial"]["timestampVerificationData"] =
            other["verificationMaterial"]["timestampVerificationData"].clone();
    });
    fails_at(&fixture.check(), What::TimeStamp);
}

/// GHSA-9vcr-p3rj-q5q6: one log is one log.
#[test]
fn the_same_log_twice_counts_once() {
    let fixture = edited(&authority("good"), |bundle| {
        let entries = bundle["verificationMaterial"]["tlogEntries"].as_array_mut();
        let entries = entries.expect("entries");
        entries.push(entries[0].clone());
    });
    let report = fixture.check();
    let notes = report
        .of(What::LogEntry)
        .filter(|step| step.verdict == Verdict::Note);
    assert_eq!(notes.count(), 1, "{report:#?}");
}

/// GHSA-wqqc-jjcq-vfxm: that a key counts for some time only was not looked at.
#[test]
fn a_key_without_a_checked_time_is_said_to_have_none() {
    let report = find("cosign/p256-bundle").check();
    let note = report.of(What::Validity).next().expect("a note");
    assert_eq!(note.verdict, Verdict::Note);
    assert!(note.evidence.contains("no time of signing was checked"));
}

/// CVE-2022-23649: a promise of the log that was made for something else, or by nobody.
#[test]
fn a_promise_of_the_log_that_does_not_hold_is_a_cross() {
    for (name, value) in [
        ("logIndex", json!("8")),
        ("integratedTime", json!("1600000000")),
    ] {
        let fixture = edited(&sigstore_js(), |bundle| {
            bundle["verificationMaterial"]["tlogEntries"][0][name] = value.clone();
        });
        fails_at(&fixture.check(), What::LogPromise);
    }
}

/// CVE-2022-36056: whom a certificate names means nothing without who issued it.
#[test]
fn a_certificate_that_nobody_known_issued_is_a_cross() {
    let report = authority("good").check_with(&sigstore_js().given);
    fails_at(&report, What::Chain);
}

#[test]
fn a_certificate_that_is_not_for_signing_is_a_cross() {
    fails_at(
        &authority("certificate of a server").check(),
        What::Certificate,
    );
}

#[test]
fn a_critical_extension_that_is_not_known_is_a_cross() {
    fails_at(
        &authority("unknown critical extension").check(),
        What::Chain,
    );
}

/// CVE-2023-33958: signatures without end.
#[test]
fn of_many_signatures_only_sixteen_are_checked() {
    let fixture = edited(&find("cosign/spdx-envelope"), |envelope| {
        let all = envelope["signatures"].as_array_mut().expect("signatures");
        let good = all.remove(0);
        let bad = json!({ "sig": base64::encode(b"no") });
        all.extend(std::iter::repeat_n(bad, 16));
        all.push(good);
    });
    let report = fixture.check();
    assert!(!report.holds());
    assert_eq!(report.of(What::Signature).count(), 16);
}

/// GHSA-xhg5-42rf-296r: the digest is not all of a descriptor.
#[test]
fn the_size_and_the_type_of_the_image_are_compared_too() {
    for form in ["jws", "cose"] {
        let mut fixture = find(&format!("notation/p256-{form}"));
        fixture.subject.size += 1;
        assert!(fails_at(&fixture.check(), What::Subject).contains("another size"));
        let mut fixture = find(&format!("notation/p256-{form}"));
        fixture.subject.media_type = "application/json".to_owned();
        assert!(fails_at(&fixture.check(), What::Subject).contains("another type"));
    }
}

/// CVE-2024-23332: an older image, signed, under a newer tag. A signature binds bytes, and the words say no more.
#[test]
fn no_conclusion_speaks_of_a_tag() {
    let report = find("cosign/p256-payload").check();
    assert!(
        report
            .conclusion
            .words
            .starts_with("signature of the image:")
    );
}
