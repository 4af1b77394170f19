//! Signed schema 1: the digest covers the signed payload, and nothing outside it is shown.

use waybill_core::digest::{Algorithm, Digest};
use waybill_core::finding::Finding;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::manifest::{Format, Manifest};
use waybill_testkit::fixtures::{self, Fixture};

const SIGNED: [&str; 2] = [
    "docker-schema1-signed/lantern-signed",
    "docker-schema1-signed/converted",
];

fn signed() -> [&'static Fixture; 2] {
    SIGNED.map(fixtures::find)
}

fn read(bytes: &[u8]) -> (Manifest, Vec<String>) {
    let (manifest, findings) =
        Manifest::read(bytes, &DeclaredTypes::none()).expect("a JSON object");
    assert_eq!(manifest.format, Format::DockerSchema1Signed);
    let shown =
        |finding: &Finding| format!("{} {}: {}", finding.code, finding.pointer, finding.message);
    let findings = findings
        .iter()
        .filter(|finding| finding.pointer != "/schemaVersion")
        .map(shown);
    (manifest, findings.collect())
}

fn digest(bytes: &[u8]) -> Option<String> {
    read(bytes)
        .0
        .digest(Algorithm::Sha256)
        .map(|digest| digest.to_string())
}

/// The fixture with `new` in place of the first `old`.
fn changed(fixture: &Fixture, old: &str, new: &str) -> Vec<u8> {
    let text = std::str::from_utf8(&fixture.bytes).expect("text");
    assert!(text.contains(old), "{old} is not in {}", fixture.name);
    text.replacen(old, new, 1).into_bytes()
}

/// The fixture with more members behind its last one, which is outside the payload.
fn injected(fixture: &Fixture, members: &str) -> Vec<u8> {
    let text = std::str::from_utf8(&fixture.bytes).expect("text");
    let body = text.trim_end().strip_suffix('}').expect("an object");
    format!("{body},{members}}}").into_bytes()
}

#[test]
fn the_digest_is_skopeos_and_of_the_payload_only() {
    for fixture in signed() {
        let (manifest, findings) = read(&fixture.bytes);
        assert_eq!(findings, [""; 0], "{}", fixture.name);
        let payload = manifest.digest_input().expect("a payload");
        assert_eq!(
            Some(payload.len()),
            fixture.payload_size,
            "{}",
            fixture.name
        );
        assert_eq!(
            Digest::sha256(payload).to_string(),
            fixture.judges["skopeo"],
            "{}",
            fixture.name
        );
        assert_ne!(
            Digest::sha256(&fixture.bytes).to_string(),
            fixture.digest,
            "{}",
            fixture.name
        );
        assert!(
            !String::from_utf8_lossy(payload).contains("signatures"),
            "{}",
            fixture.name
        );
    }
}

#[test]
fn the_payload_is_the_unsigned_manifest_to_the_byte() {
    let unsigned = fixtures::find("docker-schema1/lantern-unsigned");
    let [signed, _] = signed();
    assert_eq!(
        read(&signed.bytes).0.digest_input(),
        Some(unsigned.bytes.as_slice())
    );
}

#[test]
fn one_byte_inside_the_payload_changes_the_digest() {
    for fixture in signed() {
        for (old, new) in [
            ("amd64", "amd65"),
            ("\"name\"", " \"name\""),
            ("2.4.1", "2.4.2"),
        ] {
            let changed = changed(fixture, old, new);
            assert_ne!(
                digest(&changed),
                Some(fixture.digest.clone()),
                "{}: {old}",
                fixture.name
            );
        }
        // What stands in front moves the payload's end; the number in the block counts bytes as they were received.
        let moved = [b"\n", fixture.bytes.as_slice()].concat();
        assert_ne!(
            digest(&moved),
            Some(fixture.digest.clone()),
            "{}",
            fixture.name
        );
    }
    // The registry wrote this one in lines; skopeo wrote the other in one.
    let [_, in_lines] = signed();
    let other_lines = String::from_utf8_lossy(&in_lines.bytes)
        .replace('\n', "\r\n")
        .into_bytes();
    assert_ne!(digest(&other_lines), Some(in_lines.digest.clone()));
}

#[test]
fn what_stands_outside_the_payload_does_not_change_the_digest() {
    for fixture in signed() {
        for end in ["\n", "\r\n", "   \t\n\n"] {
            let longer = [fixture.bytes.as_slice(), end.as_bytes()].concat();
            assert_eq!(
                digest(&longer),
                Some(fixture.digest.clone()),
                "{} and {end:?}",
                fixture.name
            );
            assert_eq!(read(&longer).1, [""; 0], "{} and {end:?}", fixture.name);
        }
        let resigned = changed(fixture, "\"ES256\"", "\"none\"");
        assert_eq!(
            digest(&resigned),
            Some(fixture.digest.clone()),
            "{}",
            fixture.name
        );
    }
}

#[test]
fn a_member_outside_the_payload_is_found_and_not_shown() {
    const EVIL: &str = "sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";
    for fixture in signed() {
        let (whole, _) = read(&fixture.bytes);
        let members = format!(r#""layers":[{{"digest":"{EVIL}"}}],"author":"somebody else""#);
        let (manifest, findings) = read(&injected(fixture, &members));
        assert_eq!(
            findings,
            [
                "ambiguous : signed Docker schema 1 manifest that holds fsLayers, history, layers",
                "outside-payload /layers: \"layers\" is not in the signed payload, so it is not shown",
                "outside-payload /author: \"author\" is not in the signed payload, so it is not shown",
            ],
            "{}",
            fixture.name
        );
        assert_eq!(manifest.image(), whole.image(), "{}", fixture.name);
        assert_eq!(
            manifest.digest(Algorithm::Sha256),
            whole.digest(Algorithm::Sha256),
            "{}",
            fixture.name
        );
    }
}

#[test]
fn layers_injected_under_a_name_of_the_payload_are_not_shown() {
    for fixture in signed() {
        let (whole, _) = read(&fixture.bytes);
        for members in [
            r#""fsLayers":[]"#,
            r#""FsLayers":[]"#,
            r#""history":[],"name":"x""#,
        ] {
            let (manifest, _) = read(&injected(fixture, members));
            assert_eq!(
                manifest.image(),
                whole.image(),
                "{}: {members}",
                fixture.name
            );
            assert_eq!(
                manifest.digest_input(),
                whole.digest_input(),
                "{}: {members}",
                fixture.name
            );
        }
    }
}

/// Clients written in Go take the last of two equal names, so they show these layers beside the good digest.
#[test]
fn layers_injected_under_a_name_of_the_payload_are_found() {
    let [fixture, _] = signed();
    for name in ["fsLayers", "history", "name"] {
        let (_, findings) = read(&injected(fixture, &format!("\"{name}\":[]")));
        assert_eq!(findings.len(), 2, "{name}: {findings:?}");
        for (finding, code) in findings.iter().zip(["duplicate-name", "outside-payload"]) {
            assert!(
                finding.starts_with(&format!("{code} /{name}: ")),
                "{findings:?}"
            );
        }
    }
}

#[test]
fn a_block_that_does_not_describe_the_document_leaves_nothing_to_show() {
    let [fixture, _] = signed();
    let text = String::from_utf8_lossy(&fixture.bytes).into_owned();
    let (start, _) = text.split_once("\"signatures\"").expect("a block");
    let block = |signatures: &str| format!("{start}\"signatures\": {signatures}}}").into_bytes();
    let protected = |header: &str| {
        let text =
            base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header);
        block(&format!("[{{\"protected\":\"{text}\"}}]"))
    };
    for (body, why) in [
        (
            block("[]"),
            "signatures is empty, a signed manifest has at least one",
        ),
        (block("{}"), "signatures is not an array"),
        (
            block("[{\"protected\":\"!\"}]"),
            "signature 0 has no protected text that is base64url of a JSON object",
        ),
        (
            protected("{\"formatLength\":0,\"formatTail\":\"W10\"}"),
            "the signature block does not describe this document",
        ),
        (
            protected("{\"formatLength\":0,\"formatTail\":\"e30\"}"),
            "the signature block does not describe this document",
        ),
    ] {
        let (manifest, findings) = read(&body);
        assert_eq!(findings, [format!("signature-block /signatures: {why}")]);
        assert_eq!(
            (manifest.digest_input(), manifest.digest(Algorithm::Sha256)),
            (None, None),
            "{why}"
        );
        assert!(
            manifest
                .image()
                .is_some_and(|image| image.layers.is_empty()),
            "{why}"
        );
    }
    for length in ["-1", "1.5", "1e3", "99999999", "null"] {
        let body = protected(&format!(
            "{{\"formatLength\":{length},\"formatTail\":\"fQ\"}}"
        ));
        let found = if length == "null" { "missing" } else { length };
        let expected = format!(
            "formatLength of signature 0 is {found}, it has to be a whole number from 0 to"
        );
        assert_eq!(
            read(&body).1,
            [format!(
                "signature-block /signatures: {expected} {}",
                body.len()
            )]
        );
    }
}

/// Each member is compared with those of the payload, and each signature with the first: neither may take its square.
#[test]
fn as_many_members_and_signatures_as_fit_are_compared() {
    let members = |name: &str| {
        (0..50_000)
            .map(|number| format!(",\"{name}{number}\":1"))
            .collect::<Vec<_>>()
            .concat()
    };
    let head = format!(
        "{{\"schemaVersion\":1,\"fsLayers\":[],\"history\":[]{}",
        members("a")
    );
    let header = format!("{{\"formatLength\":{},\"formatTail\":\"fQ\"}}", head.len());
    let text = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header);
    let block = vec![format!("{{\"protected\":\"{text}\"}}"); 10_000].join(",");
    let body = format!("{head},\"signatures\":[{block}]{}}}", members("b"));
    let (manifest, findings) = read(body.as_bytes());
    assert_eq!(
        manifest.digest_input().map(<[u8]>::len),
        Some(head.len() + 1)
    );
    let outside: Vec<_> = findings
        .iter()
        .filter(|finding| finding.starts_with("outside-payload"))
        .collect();
    assert_eq!(
        outside[0],
        "outside-payload /b0: \"b0\" is not in the signed payload, so it is not shown"
    );
    assert_eq!(
        outside[100..],
        ["outside-payload : 49,900 more of these are not listed"]
    );
}
