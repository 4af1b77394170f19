//! The signatures of schema 1: vectors of every algorithm, good and broken, and manifests that real tools signed.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use waybill_core::finding::Finding;
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::manifest::schema1::jws::{Checked, SignatureAlgorithm};
use waybill_testkit::{fixtures, signature, signed_vectors};

/// The manifest, and what was found of its signing.
fn read(bytes: &[u8]) -> (Manifest, Vec<Finding>) {
    let (manifest, mut findings) =
        Manifest::read(bytes, &DeclaredTypes::none()).expect("a JSON object");
    let of_signing = |name: &str| name.starts_with("signature-") || name == "outside-payload";
    findings.retain(|finding| of_signing(finding.code.rule().name));
    (manifest, findings)
}

fn check(manifest: &Manifest) -> Vec<Checked> {
    let signed = manifest
        .image()
        .and_then(|image| image.signed.as_ref())
        .expect("a signed manifest");
    signature::check_all(signed)
}

#[test]
fn every_vector_comes_out_as_it_was_made() {
    for vector in signed_vectors::all() {
        let name = &vector.name;
        let (manifest, findings) = read(vector.manifest.as_bytes());
        assert_eq!(check(&manifest), vector.results, "{name}");
        let signed = manifest
            .image()
            .and_then(|image| image.signed.as_ref())
            .expect(name);
        let ids: Vec<_> = signed
            .signatures
            .iter()
            .map(|signature| signature.key_id.clone())
            .collect();
        assert_eq!(ids, vector.key_ids, "{name}");
        let codes: Vec<_> = findings
            .iter()
            .map(|finding| finding.code.to_string())
            .collect();
        assert_eq!(codes, vector.findings, "{name}: {findings:?}");
    }
}

#[test]
fn the_vectors_cover_every_algorithm_with_every_kind_of_key_and_both_answers() {
    let names: Vec<_> = signed_vectors::all()
        .into_iter()
        .map(|vector| vector.name)
        .collect();
    for algorithm in SignatureAlgorithm::ALL.map(SignatureAlgorithm::name) {
        for rest in [
            " by jwk",
            " by x5c",
            ", one word of the payload changed",
            ", signed by another key than named",
        ] {
            assert!(
                names.contains(&[algorithm, rest].concat()),
                "{algorithm}{rest}"
            );
        }
    }
}

/// docker/libtrust, asked when the vectors were made, verifies what holds here and nothing else, but for two: it takes a
/// key that anybody can sign with, and does not compare a JWK's id with the certificate beside it.
#[test]
fn libtrust_comes_to_the_same() {
    for vector in signed_vectors::all() {
        let good = vector
            .results
            .iter()
            .all(|result| *result == Checked::Holds)
            && vector.findings.is_empty();
        let differs =
            ["jwk holds the private key", "x5c comes before jwk"].contains(&vector.name.as_str());
        assert_eq!(
            vector.libtrust == "verifies",
            good || differs,
            "{}: {}",
            vector.name,
            vector.libtrust
        );
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let message = |name: &str| {
        let vector = signed_vectors::all()
            .into_iter()
            .find(|vector| vector.name == name)
            .expect(name);
        let (_, findings) = read(vector.manifest.as_bytes());
        findings
            .iter()
            .map(|found| format!("{}: {}", found.pointer, found.message))
            .collect::<Vec<_>>()
            .join("; ")
    };
    let algorithms = "only ES256, ES384, ES512, RS256, RS384 and RS512 are checked here";
    let keys = "only keys on P-256, P-384 and P-521 and RSA keys are used here";
    let certificate = "the first of x5c is not base64 of an X.509 certificate with a valid key";
    for (name, expected) in [
        (
            "jwk holds the private key",
            "jwk holds d, the private key: anybody can sign with it",
        ),
        ("no key", "header has no key, it needs x5c or jwk"),
        ("no header", "header has no key, it needs x5c or jwk"),
        (
            "algorithm of another curve",
            "the key is P-256, ES384 needs P-384",
        ),
        (
            "algorithm of another kind of key",
            "the key is P-256, RS256 needs RSA",
        ),
        (
            "r and s one byte short",
            "signature is 63 bytes, ES256 needs 64",
        ),
        (
            "r and s one byte long",
            "signature is 65 bytes, ES256 needs 64",
        ),
        (
            "signature is not base64url",
            "signature is not base64url text",
        ),
        ("no signature", "signature is not base64url text"),
        ("x5c is not base64", certificate),
        ("x5c is not a certificate", certificate),
        ("x5c is cut off", certificate),
        (
            "x coordinate one byte short",
            "x of jwk is 31 bytes, P-256 needs 32",
        ),
        (
            "no y coordinate",
            "jwk has no y that is base64url of a number",
        ),
        (
            "modulus is not base64url",
            "jwk has no n that is base64url of a number",
        ),
        ("unknown algorithm", &format!("alg is PS256, {algorithms}")),
        ("no algorithm", &format!("alg is missing, {algorithms}")),
        ("unknown curve", &format!("the key is secp256k1, {keys}")),
        ("unknown kind of key", &format!("the key is OKP, {keys}")),
    ] {
        assert_eq!(
            message(name),
            format!("/signatures/0: {expected}"),
            "{name}"
        );
    }
    let differs = message("kid of another key");
    assert!(
        differs.starts_with("/signatures/0/header/jwk/kid: kid is \""),
        "{differs}"
    );
    assert!(differs.contains("\", the key's id is "), "{differs}");
}

const REAL: [&str; 2] = [
    "docker-schema1-signed/lantern-signed",
    "docker-schema1-signed/converted",
];

#[test]
fn what_skopeo_and_the_registry_signed_holds_until_a_byte_of_it_changes() {
    for name in REAL {
        let text = std::str::from_utf8(&fixtures::find(name).bytes).expect("text");
        let (manifest, findings) = read(text.as_bytes());
        assert_eq!(
            (check(&manifest), findings),
            (vec![Checked::Holds], Vec::new()),
            "{name}"
        );
        for (old, new) in [
            ("amd64", "amd65"),
            ("2.4.1", "2.4.2"),
            ("\"ES256\"", "\"ES512\""),
        ] {
            assert!(text.contains(old), "{name} has no {old}");
            let changed = read(text.replacen(old, new, 1).as_bytes()).0;
            assert_ne!(check(&changed), [Checked::Holds], "{name}: {old}");
        }
        // Of the time in the protected header too: it is a part of what was signed.
        let is_protected = |word: &&str| word.starts_with("eyJmb3JtYXRMZW5ndGgi");
        let protected = text
            .split('"')
            .find(is_protected)
            .expect("a protected header");
        let header =
            String::from_utf8(URL_SAFE_NO_PAD.decode(protected).expect("base64url")).expect("text");
        let later = header.replace("\"time\":\"2026", "\"time\":\"2027");
        assert_ne!(later, header);
        let changed = text.replace(protected, &URL_SAFE_NO_PAD.encode(later));
        assert_eq!(
            check(&read(changed.as_bytes()).0),
            [Checked::DoesNotHold],
            "{name}"
        );
    }
}

#[test]
fn a_member_injected_outside_the_payload_leaves_the_signature_good_and_is_found() {
    for name in REAL {
        let text = std::str::from_utf8(&fixtures::find(name).bytes).expect("text");
        let injected = format!(
            "{},\"author\":\"somebody else\"}}",
            text.trim_end().strip_suffix('}').expect("an object")
        );
        let (manifest, findings) = read(injected.as_bytes());
        assert_eq!(check(&manifest), [Checked::Holds], "{name}");
        let found: Vec<_> = findings
            .iter()
            .map(|found| (found.code.to_string(), found.pointer.as_str()))
            .collect();
        assert_eq!(found, [("outside-payload".to_owned(), "/author")], "{name}");
    }
}

#[test]
fn of_thousands_of_signatures_the_first_are_checked_and_the_rest_counted() {
    let text = std::str::from_utf8(&fixtures::find(REAL[0]).bytes).expect("text");
    let (start, block) = text.split_once("\"signatures\":[").expect("a block");
    let (block, _) = block.rsplit_once(']').expect("its end");
    let many = format!("{start}\"signatures\":[{}]}}", vec![block; 3000].join(","));
    let (manifest, findings) = read(many.as_bytes());
    assert_eq!(check(&manifest), [Checked::Holds; 16]);
    let found: Vec<_> = findings
        .iter()
        .map(|found| (found.pointer.as_str(), found.message.as_str()))
        .collect();
    assert_eq!(found, [("/signatures", "the first 16 of 3000 are checked")]);
}
