//! What is easily got wrong, one by one. The numbers are those of the list in `docs` of the project's design.

use serde_json::{Value, json};
use waybill_core::base64;
use waybill_core::digest::Digest;
use waybill_signatures::{Given, Question, Report, Verdict, What, check, summary};

use super::harness::{
    Fixture, Insecure, Library, NOW, all, all_given, authority, authority_certificate,
    authority_payload, edited, find, given, now, public, sigstore_js, subject,
};

/// The first step that looks at this: its verdict and evidence.
pub(crate) fn step(report: &Report, what: What) -> (Verdict, &str) {
    let step = report.of(what).next();
    let step = step.unwrap_or_else(|| panic!("no {what:?}: {report:#?}"));
    (step.verdict, &step.evidence)
}

/// Asserts that a report is a cross, and at which step.
pub(crate) fn fails_at(report: &Report, what: What) -> String {
    assert_eq!(report.conclusion.verdict, Verdict::Fails, "{report:#?}");
    let failed = report.of(what).find(|step| step.verdict == Verdict::Fails);
    let failed = failed.unwrap_or_else(|| panic!("no cross at {what:?}: {report:#?}"));
    failed.evidence.clone()
}

#[test]
fn a_good_signature_of_another_image_is_a_cross() {
    for name in [
        "cosign/p256-payload",
        "cosign/p256-bundle",
        "notation/p256-jws",
    ] {
        let mut fixture = find(name);
        fixture.subject = subject("oci-manifest/lantern-linux-amd64");
        let report = fixture.check();
        assert_eq!(step(&report, What::Signature).0, Verdict::Holds, "{name}");
        let evidence = fails_at(&report, What::Subject);
        assert!(
            evidence.contains("another") || evidence.contains("something else"),
            "{evidence}"
        );
    }
}

#[test]
fn a_name_in_two_spellings_is_a_cross() {
    let fixture = find("cosign/p256-payload");
    let text = String::from_utf8(fixture.signed.bytes.clone()).expect("text");
    let digest = r#""docker-manifest-digest""#;
    let other = "sha256:".to_owned() + &"0".repeat(64);
    let twice = text.replace(
        digest,
        &format!(r#""Docker-Manifest-Digest":"{other}",{digest}"#),
    );
    let report = fixture.with_blob(twice.into_bytes()).check();
    assert!(fails_at(&report, What::Form).contains("two ways"));
}

#[test]
fn a_name_in_another_spelling_is_not_taken_for_it() {
    let fixture = find("cosign/p256-payload");
    let text = String::from_utf8(fixture.signed.bytes.clone()).expect("text");
    let other = text.replace("docker-manifest-digest", "Docker-manifest-digest");
    let report = fixture.with_blob(other.into_bytes()).check();
    let (verdict, evidence) = step(&report, What::Subject);
    assert_eq!(verdict, Verdict::NotChecked);
    assert!(
        evidence.contains("is spelled Docker-manifest-digest"),
        "{evidence}"
    );
}

#[test]
fn bytes_that_are_not_the_layers_are_a_cross_and_no_signature_is_checked_on_them() {
    let mut fixture = find("cosign/p256-payload");
    let value: Value = serde_json::from_slice(&fixture.signed.bytes).expect("JSON");
    fixture.signed.bytes = serde_json::to_vec_pretty(&value).expect("JSON");
    let report = fixture.check();
    fails_at(&report, What::Bytes);
    assert_eq!(report.of(What::Signature).count(), 0);
    // And where the layer names them rightly, the signature is of other bytes.
    let again = fixture.with_blob(fixture.signed.bytes.clone());
    fails_at(&again.check(), What::Signature);
}

#[test]
fn of_two_signers_the_image_is_signed_by_one_of_two() {
    let mut reports: Vec<_> = all()
        .iter()
        .filter(|one| one.name == "cosign/two-signers-payload")
        .map(Fixture::check)
        .collect();
    assert_eq!(
        summary(&reports),
        "1 of 2 signatures and signed statements hold with what you gave"
    );
    reports.retain(|report| !report.holds());
    let evidence = fails_at(&reports[0], What::Signature);
    assert!(evidence.contains("another key made it"), "{evidence}");
}

#[test]
fn the_hash_is_named_by_which_a_signature_holds() {
    // cosign signs payloads by P-384 and P-521 with their own hash, and takes its own signatures of those for false;
    // Ed25519 in the form that hashes first.
    for (name, scheme) in [
        ("p256-payload", "ECDSA P-256 with SHA-256"),
        ("p384-payload", "ECDSA P-384 with SHA-"),
        ("p384-bundle", "ECDSA P-384 with SHA-"),
        ("p521-bundle", "ECDSA P-521 with SHA-"),
        ("rsa-bundle", "RSA PKCS #1 v1.5 with SHA-256"),
        ("ed25519-payload", "Ed25519"),
        ("ed25519-bundle", "Ed25519"),
    ] {
        let report = find(&format!("cosign/{name}")).check();
        let (verdict, evidence) = step(&report, What::Signature);
        assert_eq!(verdict, Verdict::Holds, "{name}");
        assert!(evidence.contains(scheme), "{name}: {evidence}");
    }
}

#[test]
fn what_cosign_takes_holds_here() {
    let judged: Vec<_> = all()
        .into_iter()
        .filter(|one| one.cosign == Some(true))
        .collect();
    assert!(judged.len() >= 4);
    for fixture in judged {
        assert!(fixture.check().holds(), "{}", fixture.name);
    }
}

#[test]
fn a_certificate_that_expired_holds_at_the_checked_time_of_signing() {
    let report = authority("good").check();
    assert!(report.holds(), "{report:#?}");
    let (_, evidence) = step(&report, What::Validity);
    assert!(
        evidence.contains("were made for the time of signing, 20"),
        "{evidence}"
    );
    for what in [
        What::TimeStamp,
        What::LogEntry,
        What::LogPromise,
        What::InclusionProof,
        What::Checkpoint,
        What::Log,
    ] {
        assert_eq!(step(&report, what).0, Verdict::Holds);
    }
}

#[test]
fn a_certificate_that_expired_is_not_checked_without_a_checked_time() {
    let fixture = edited(&authority("good"), |bundle| {
        let material = &mut bundle["verificationMaterial"];
        material["tlogEntries"] = json!([]);
        material["timestampVerificationData"] = Value::Null;
    });
    let report = fixture.check();
    assert_eq!(
        report.conclusion.verdict,
        Verdict::NotChecked,
        "{report:#?}"
    );
    assert!(
        step(&report, What::Validity)
            .1
            .contains("the time of signing was not checked")
    );
}

#[test]
fn a_certificate_of_somebody_else_than_was_asked_for_is_a_cross() {
    let mut fixture = authority("good");
    fixture.given.signer = Some("somebody@waybill.example".to_owned());
    assert!(fixture.check().holds());
    fixture.given.signer = Some("somebody@waybill.example.org".to_owned());
    fails_at(&fixture.check(), What::Certificate);
}

#[test]
fn whom_somebody_asked_for_is_never_passed_over() {
    let mut fixture = find("notation/p256-jws");
    for name in [
        "p256 signs",
        "C=DE, ST=Hamburg, O=Waybill tests, CN=p256 signs",
    ] {
        fixture.given.signer = Some(name.to_owned());
        assert!(fixture.check().holds(), "{name}");
    }
    for name in ["root of p256", "p256", "somebody@waybill.example"] {
        fixture.given.signer = Some(name.to_owned());
        fails_at(&fixture.check(), What::Certificate);
    }
    // A key names nobody.
    for name in ["cosign/p256-payload", "cosign/p256-bundle"] {
        let mut fixture = find(name);
        fixture.given.signer = Some("somebody@waybill.example".to_owned());
        let report = fixture.check();
        assert_eq!(
            report.conclusion.verdict,
            Verdict::NotChecked,
            "{report:#?}"
        );
        assert_eq!(step(&report, What::Certificate).0, Verdict::NotChecked);
    }
}

#[test]
fn a_chain_is_checked_to_a_certificate_that_was_given() {
    // The issuer in between is brought along only where a signature stands beside its image.
    let mut fixture = authority("good");
    fixture.given = authority_certificate();
    fails_at(&fixture.check(), What::Chain);
    let mut fixture = authority_payload();
    fixture.given = authority_certificate();
    let report = fixture.check();
    assert_eq!(step(&report, What::Chain).0, Verdict::Holds);
    // No root names a log or an authority of time stamps, and the certificate is not made for now.
    assert_eq!(
        report.conclusion.verdict,
        Verdict::NotChecked,
        "{report:#?}"
    );
    assert!(
        step(&report, What::Validity)
            .1
            .contains("the time of signing was not checked")
    );
}

#[test]
fn a_certificate_a_log_and_a_stamp_beside_an_image_are_checked_as_in_a_bundle() {
    let fixture = authority_payload();
    let report = fixture.check();
    assert!(report.holds(), "{report:#?}");
    for what in [
        What::TimeStamp,
        What::LogEntry,
        What::LogPromise,
        What::Log,
        What::Chain,
        What::Validity,
    ] {
        assert_eq!(step(&report, what).0, Verdict::Holds);
    }
    // What stands in the annotations and cannot be read is a cross, not nothing.
    for name in ["certificate", "bundle", "rfc3161timestamp"] {
        let mut broken = fixture.clone();
        let annotations = broken.signed.annotations.iter_mut();
        for (_, value) in annotations.filter(|(key, _)| key.ends_with(name)) {
            value.insert(1, '?');
        }
        assert_eq!(broken.check().conclusion.verdict, Verdict::Fails, "{name}");
    }
}

#[test]
fn a_bundle_of_the_public_instance_holds_against_its_root() {
    let fixture = sigstore_js();
    let report = fixture.check();
    assert!(report.holds(), "{report:#?}");
    let words = &report.conclusion.words;
    assert!(
        words.starts_with("signed statement: provenance; it is no signature of the image"),
        "{words}"
    );
    assert!(
        words.contains("sigstore's public root of 2025-09-22"),
        "{words}"
    );
    assert_eq!(step(&report, What::CertificateLog).0, Verdict::Holds);
    // Without that root nobody knows whose certificate it is.
    let report = fixture.check_with(&Given::default());
    assert_eq!(report.conclusion.verdict, Verdict::NotChecked);
    assert_eq!(step(&report, What::Signature).0, Verdict::Holds);
    assert_eq!(step(&report, What::LogEntry).0, Verdict::Holds);
    // Against another root it is a stranger's.
    let report = fixture.check_with(&authority("good").given);
    fails_at(&report, What::Chain);
    // A time before it was signed has no future entries in it.
    let question = Question {
        signed: &fixture.signed,
        subject: &fixture.subject,
        looked_at: None,
        asked: None,
        given: &public(),
        now: 1_600_000_000,
    };
    fails_at(&now(check(&question, &Library)), What::LogPromise);
}

#[test]
fn with_a_root_that_certifies_anybody_nothing_is_green_before_a_name_is_given() {
    for fixture in [authority("good"), authority_payload(), sigstore_js()] {
        assert!(fixture.check().holds(), "{}", fixture.name);
        let nobody = Given {
            signer: None,
            ..fixture.given.clone()
        };
        let report = fixture.check_with(&nobody);
        assert_eq!(report.conclusion.verdict, Verdict::NotChecked);
        let words = &report.conclusion.words;
        assert!(
            words.contains("say above who should have signed"),
            "{words}"
        );
    }
}

#[test]
fn a_message_signature_over_a_manifest_that_is_not_here_is_not_checked() {
    let mut fixture = edited(&authority("good"), |bundle| {
        bundle["messageSignature"] = json!({ "signature": "AA==" });
        bundle
            .as_object_mut()
            .expect("an object")
            .remove("dsseEnvelope");
    });
    fixture.subject.bytes.clear();
    let report = fixture.check();
    assert_eq!(
        report.conclusion.verdict,
        Verdict::NotChecked,
        "{report:#?}"
    );
}

#[test]
fn a_bundle_of_a_version_that_is_not_known_is_shown_and_not_checked() {
    for version in [
        "application/vnd.dev.sigstore.bundle.v0.4+json",
        "application/json",
    ] {
        let fixture = edited(&find("cosign/p256-bundle"), |bundle| {
            bundle["mediaType"] = version.into();
        });
        let report = fixture.check();
        assert_eq!(report.conclusion.verdict, Verdict::NotChecked);
        assert!(step(&report, What::Form).1.contains(version));
    }
}

#[test]
fn a_bundle_of_version_0_3_with_a_chain_is_noted() {
    let fixture = edited(&authority("good"), |bundle| {
        let material = &mut bundle["verificationMaterial"];
        let certificate = material["certificate"].take();
        material["x509CertificateChain"] = json!({ "certificates": [certificate] });
    });
    let report = fixture.check();
    assert!(report.holds(), "{report:#?}");
    assert!(report.of(What::Certificate).any(
        |step| step.verdict == Verdict::Note && step.evidence.contains("this one has a chain")
    ));
}

#[test]
fn a_bundle_with_two_signatures_is_refused() {
    let fixture = edited(&find("cosign/p256-bundle"), |bundle| {
        let all = bundle["dsseEnvelope"]["signatures"]
            .as_array_mut()
            .expect("signatures");
        all.push(all[0].clone());
    });
    fails_at(&fixture.check(), What::Form);
}

#[test]
fn an_envelope_by_itself_may_have_several_signatures_each_told() {
    let fixture = find("cosign/spdx-envelope");
    let more = edited(&fixture, |envelope| {
        let all = envelope["signatures"].as_array_mut().expect("signatures");
        all.insert(0, json!({ "sig": base64::encode(b"somebody else's") }));
    });
    let report = more.check();
    assert!(report.holds(), "{report:#?}");
    let notes = report
        .of(What::Signature)
        .filter(|step| step.verdict == Verdict::Note);
    assert_eq!(notes.count(), 1);
}

#[test]
fn base64_for_addresses_is_read_in_envelopes() {
    let url = |value: &mut Value| {
        let bytes = base64::decode(value.as_str().expect("text")).expect("base64");
        *value = base64::encode_for_url(&bytes).into();
    };
    let fixture = edited(&find("cosign/spdx-envelope"), |envelope| {
        url(&mut envelope["payload"]);
        url(&mut envelope["signatures"][0]["sig"]);
    });
    assert!(fixture.check().holds());
}

#[test]
fn a_signed_report_of_a_failed_test_is_a_statement_and_no_signature_of_the_image() {
    let report = find("cosign/failed-test-bundle").check();
    let words = &report.conclusion.words;
    assert!(
        words.starts_with("signed statement: test result FAILED; it is no signature of the image"),
        "{words}"
    );
    let words = find("cosign/p256-bundle").check().conclusion.words;
    assert!(
        words.starts_with("signature of the image: holds with the key you gave"),
        "{words}"
    );
}

#[test]
fn a_signed_index_covers_its_image_and_a_signed_image_no_index() {
    let index = find("cosign/index-bundle");
    let child = subject("oci-manifest/lantern-linux-amd64");
    let ask = |fixture: &Fixture, looked_at| {
        let question = Question {
            signed: &fixture.signed,
            subject: &fixture.subject,
            looked_at: Some(looked_at),
            asked: None,
            given: &fixture.given,
            now: NOW,
        };
        now(check(&question, &Library))
    };
    let report = ask(&index, &child);
    assert!(report.holds());
    let words = &report.conclusion.words;
    assert!(
        words.contains("the index is signed; this image is covered as its entry 1"),
        "{words}"
    );
    let stranger = subject("oci-manifest/greeter");
    fails_at(&ask(&index, &stranger), What::Coverage);
    // The other way: a signature of an entry says nothing of the index.
    let mut greeter = find("cosign/p256-bundle");
    let text =
        json!({"schemaVersion": 2, "manifests": [{"digest": greeter.subject.digest.as_str()}]});
    let bytes = text.to_string().into_bytes();
    let mut list = greeter.subject.clone();
    list.digest = Digest::sha256(&bytes);
    list.bytes = bytes;
    let report = ask(&greeter, &list);
    assert_eq!(step(&report, What::Signature).0, Verdict::Holds);
    assert_eq!(report.conclusion.verdict, Verdict::NotChecked);
    let words = &report.conclusion.words;
    assert!(
        words.contains("only entry 1 of this index is signed, which says nothing of the index"),
        "{words}"
    );
    // Bytes that are not the index's cover nothing.
    greeter = index.clone();
    greeter.subject.bytes.push(b' ');
    fails_at(&ask(&greeter, &child), What::Coverage);
}

#[test]
fn a_reference_that_it_was_not_signed_for_is_a_note() {
    let fixture = find("cosign/p256-payload");
    let question = Question {
        signed: &fixture.signed,
        subject: &fixture.subject,
        looked_at: None,
        asked: Some("mirror.example/greeter:1"),
        given: &fixture.given,
        now: NOW,
    };
    let report = now(check(&question, &Library));
    assert!(report.holds());
    let (verdict, evidence) = step(&report, What::SignedFor);
    assert_eq!(verdict, Verdict::Note);
    assert!(
        evidence.contains("you asked for mirror.example/greeter:1"),
        "{evidence}"
    );
}

#[test]
fn without_the_browsers_arithmetic_all_is_decoded_and_nothing_holds() {
    // The second of two signers made it by RSA, which no signature of the given key can be.
    let is_other = |one: &Fixture| one.name.contains("ed25519") || one.name.contains("two-signers");
    for fixture in all().into_iter().filter(|one| !is_other(one)) {
        let question = Question {
            signed: &fixture.signed,
            subject: &fixture.subject,
            looked_at: None,
            asked: None,
            given: &fixture.given,
            now: NOW,
        };
        let report = now(check(&question, &Insecure));
        assert_eq!(
            report.conclusion.verdict,
            Verdict::NotChecked,
            "{}",
            fixture.name
        );
        let (_, evidence) = step(&report, What::Signature);
        assert_eq!(
            evidence,
            "decoded, not checked here: needs https or localhost"
        );
        assert_eq!(step(&report, What::Subject).0, Verdict::Holds);
    }
}

#[test]
fn what_is_too_large_is_not_checked() {
    let fixture = find("cosign/p256-payload");
    let mut large = fixture.signed.bytes.clone();
    large.resize(64 * 1024 + 1, b' ');
    let report = fixture.with_blob(large).check();
    assert_eq!(step(&report, What::Bytes).0, Verdict::NotChecked);
    assert_eq!(report.conclusion.verdict, Verdict::NotChecked);
    assert_eq!(report.of(What::Signature).count(), 0);
}

#[test]
fn texts_from_outside_are_cut() {
    let long = "<script>".repeat(1_000_000);
    let fixture = edited(&find("cosign/p256-bundle"), |bundle| {
        bundle["mediaType"] = long.clone().into();
    });
    let report = fixture.check();
    let longest = report.steps.iter().map(|step| step.evidence.len()).max();
    assert!(longest.is_some_and(|longest| longest < 1000), "{longest:?}");
}

#[test]
fn a_signature_that_ended_is_a_cross() {
    for name in ["notation/expires-jws", "notation/expires-cose"] {
        let fixture = find(name);
        assert!(fixture.check().holds());
        let question = Question {
            signed: &fixture.signed,
            subject: &fixture.subject,
            looked_at: None,
            asked: None,
            given: &fixture.given,
            now: NOW + 400 * 86_400,
        };
        fails_at(&now(check(&question, &Library)), What::Expiry);
    }
}

#[test]
fn every_form_of_a_key_is_read_and_a_private_one_is_refused() {
    for (name, pem) in all_given() {
        let read = given(&pem);
        assert!(!read.is_empty(), "{name}");
        if let [key] = read.keys.as_slice() {
            let mut again = Given::default();
            again.add(key.der()).expect("DER");
            assert_eq!(again, read);
        } else {
            let mut again = Given::default();
            again.add(read.certificates[0].der()).expect("DER");
            assert_eq!(again, read);
        }
    }
    for (bytes, words) in [
        (&b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"[..], "private key"),
        (b"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----", "private key"),
        (br#"{"kty":"EC","crv":"P-256","x":"","y":"","d":"AA"}"#, "private key"),
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----", "OpenPGP"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "not checked here"),
        (b"hello", "a trusted_root.json of sigstore's"),
        (b"", "PEM or DER"),
    ] {
        let error = Given::default().add(bytes).expect_err("no key").to_string();
        assert!(error.contains(words), "{error}");
    }
    let mut of_jwk = Given::default();
    let jwk = br#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    of_jwk.add(jwk).expect("RFC 7515, A.3.1");
    assert!(of_jwk.words()[0].starts_with("P-256 key"));
}
