//! Bytes for which skopeo gives another digest than Waybill, or one where Waybill has more to say.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use waybill_core::digest::Digest;
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_testkit::fixtures;

/// The version whose answers are recorded here and in docs/FORMATS.md.
const SKOPEO: &str = "skopeo version 1.9.3";

/// What `skopeo manifest-digest` answers.
enum Fetched {
    /// The sha256 of these bytes.
    Sha256(&'static str),
    /// The sha256 of the whole.
    Whole,
    /// It ends with these words.
    Ends(&'static str),
}

/// What is special, the bytes, skopeo's answer, whether Waybill gives a digest, and what it finds first.
type Row = (&'static str, String, Fetched, bool, &'static str);

fn signed(header: &str) -> String {
    let entry = format!(
        r#"{{"header":{{"alg":"ES256"}},"signature":"AA","protected":"{}"}}"#,
        URL_SAFE_NO_PAD.encode(header)
    );
    format!(r#"{{"schemaVersion":1,"name":"a","signatures":[{entry}]}}"#)
}

fn rows() -> [Row; 7] {
    let index = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]"#;
    let empty = r#"{"schemaVersion":1,"name":"a","signatures":[]}"#.to_owned();
    [
        (
            "no signature",
            empty,
            Fetched::Sha256(""),
            false,
            "signature-block",
        ),
        (
            "a negative length",
            signed(r#"{"formatLength":-1,"formatTail":"fQ"}"#),
            Fetched::Ends("slice bounds out of range [:-1]"),
            false,
            "signature-block",
        ),
        (
            "a fractional length",
            signed(r#"{"formatLength":1.5,"formatTail":"fQ"}"#),
            Fetched::Sha256("{}"),
            false,
            "signature-block",
        ),
        (
            "a payload that is no manifest",
            signed(r#"{"formatLength":1,"formatTail":"fQ"}"#),
            Fetched::Sha256("{}"),
            false,
            "signature-block",
        ),
        (
            "no JSON",
            "hello".to_owned(),
            Fetched::Whole,
            false,
            "line 1, column 1: 'h', a value belongs here",
        ),
        (
            "two kinds at once",
            format!("{index},\"layers\":[]}}"),
            Fetched::Whole,
            true,
            "ambiguous",
        ),
        (
            "data behind the object",
            format!("{index}}} x"),
            Fetched::Whole,
            true,
            "trailing-data",
        ),
    ]
}

#[test]
fn waybill_gives_no_digest_of_what_hides_its_payload() {
    for (what, bytes, _, has_digest, first) in rows() {
        match Manifest::read(bytes.as_bytes(), &DeclaredTypes::none()) {
            Ok((manifest, findings)) => {
                assert_eq!(manifest.digest_input().is_some(), has_digest, "{what}");
                assert!(
                    findings
                        .iter()
                        .any(|finding| finding.code.rule().name == first),
                    "{what}: {findings:?}"
                );
            }
            Err(error) => assert!(error.to_string().starts_with(first), "{what}: {error}"),
        }
    }
}

#[test]
fn skopeo_answers_what_the_document_says_of_it() {
    let version = Command::new("skopeo").arg("--version").output();
    if version.map_or(true, |version| {
        !version.stdout.starts_with(SKOPEO.as_bytes())
    }) {
        println!("*** SKOPEO NOT ASKED: {SKOPEO} is not installed (apt install skopeo, Debian 12)");
        return;
    }
    for (what, bytes, answer, ..) in rows() {
        let file = std::env::temp_dir().join(format!("waybill-peers-{}", std::process::id()));
        std::fs::write(&file, &bytes).expect("a temporary file");
        let output = Command::new("skopeo")
            .arg("manifest-digest")
            .arg(&file)
            .output()
            .expect("skopeo runs");
        std::fs::remove_file(&file).expect("it was there");
        let (said, complaint) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        match answer {
            Fetched::Sha256(of) => assert_eq!(
                said.trim(),
                Digest::sha256(of.as_bytes()).as_str(),
                "{what}"
            ),
            Fetched::Whole => assert_eq!(
                said.trim(),
                Digest::sha256(bytes.as_bytes()).as_str(),
                "{what}"
            ),
            Fetched::Ends(with) => assert!(complaint.contains(with), "{what}: {complaint}"),
        }
    }
}

/// docs/FORMATS.md says that no judge differs over a fixture.
#[test]
fn no_judge_differs_over_a_fixture() {
    for fixture in fixtures::all() {
        let mut judges = fixture.judges.iter();
        assert!(
            judges.all(|(_, digest)| *digest == fixture.digest) && fixture.judges.len() == 3,
            "{}",
            fixture.name
        );
    }
}
