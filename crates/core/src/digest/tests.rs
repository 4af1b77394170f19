use super::*;
use crate::humanize::start;

fn error(text: &str) -> String {
    text.parse::<Digest>()
        .expect_err("not a digest")
        .to_string()
}

#[test]
fn errors_say_what_was_expected() {
    assert_eq!(
        error("abc"),
        "digest has no colon, it needs the form sha256:<64 hex characters>"
    );
    assert_eq!(
        error("SHA256:00"),
        "digest algorithm \"SHA256\" is not lower-case letters and digits"
    );
    assert_eq!(error("sha256:"), "digest has nothing behind sha256:");
    assert_eq!(
        error("sha256:a/b"),
        "digest has a character at 8 that is not a letter, digit, =, _ or -"
    );
    assert_eq!(
        error(&format!("sha256:{}", "0".repeat(63))),
        "digest hex is 63 characters, sha256 needs 64"
    );
    assert_eq!(
        error(&format!("sha384:{}A", "0".repeat(95))),
        "digest has a character at 102 that is not lower-case hex, sha384 needs it"
    );
}

#[test]
fn every_algorithm_matches_its_published_test_value() {
    let of_abc = |algorithm| start(Digest::compute(algorithm, b"abc").encoded(), 16).to_owned();
    // FIPS 180-4 examples.
    assert_eq!(of_abc(Algorithm::Sha256), "ba7816bf8f01cfea");
    assert_eq!(of_abc(Algorithm::Sha384), "cb00753f45a35e8b");
    assert_eq!(of_abc(Algorithm::Sha512), "ddaf35a193617aba");
}

#[test]
fn an_unknown_algorithm_is_unsupported_not_wrong() {
    let digest: Digest = "sha256+b64:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564"
        .parse()
        .expect("grammar");
    assert_eq!(digest.algorithm(), None);
    assert_eq!(digest.check(b""), None);
    assert_eq!(digest.short(), "LCa0a2j_xo_5");
}
