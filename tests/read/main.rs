//! The headless reader as a script uses it: its lines and its exit status.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

use serde_json::json;
use waybill_testkit::fixtures;
use waybill_testkit::project;
use waybill_testkit::reader::{Ran, read};

const MEMBERS: [&str; 9] = [
    "file",
    "format",
    "evidence",
    "mediaType",
    "digest",
    "size",
    "verdict",
    "cause",
    "findings",
];

fn of_text(text: &str, arguments: &[&str]) -> Ran {
    read(&[&["-"], arguments].concat(), text.as_bytes())
}

/// Where each member stands in a line: serde's own `Value` does not keep their order.
fn places(line: &str) -> Vec<usize> {
    MEMBERS
        .map(|name| {
            line.find(&format!("\"{name}\":"))
                .unwrap_or_else(|| panic!("{name} in {line}"))
        })
        .into()
}

#[test]
fn each_fixture_has_one_line_with_its_digest_and_an_exit_status() {
    for fixture in fixtures::all() {
        let path = format!("tests/fixtures/{}.json", fixture.name);
        let ran = read(
            &[
                &path,
                "--expect",
                &fixture.digest,
                "--content-type",
                &fixture.media_type,
            ],
            b"",
        );
        assert_eq!(
            (ran.lines.len(), ran.output.lines().count()),
            (1, 1),
            "{path}"
        );
        let line = &ran.lines[0];
        assert_eq!(line["file"], path.as_str());
        assert_eq!(line["digest"], fixture.digest.as_str(), "{path}");
        assert_eq!(
            line["size"],
            fixture.payload_size.unwrap_or(fixture.size),
            "{path}"
        );
        assert_eq!(line["mediaType"], fixture.media_type.as_str(), "{path}");
        assert_eq!(line["verdict"], "verified", "{path}");
        assert!(places(&ran.output).is_sorted(), "{}", ran.output);
        let above = line["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .any(|found| found["severity"] != "note");
        assert_eq!(ran.status, i32::from(above), "{path}");
    }
}

#[test]
fn several_files_are_read_in_order_and_the_worst_decides() {
    let good = "tests/fixtures/oci-manifest/zstd.json";
    let warned = "tests/fixtures/oci-index/duplicate-platform.json";
    assert_eq!(read(&[good, good], b"").status, 0);
    let ran = read(&[good, warned, good], b"");
    assert_eq!(ran.status, 1);
    let files: Vec<_> = ran.lines.iter().map(|line| &line["file"]).collect();
    assert_eq!(files, [good, warned, good]);
    let ran = read(&["tests/fixtures/nothing.json", warned, "README.md"], b"");
    assert_eq!(ran.status, 2);
    let errors: Vec<_> = ran
        .lines
        .iter()
        .map(|line| line["error"].is_string())
        .collect();
    assert_eq!(errors, [true, false, true]);
    assert_eq!(
        (&ran.lines[0]["digest"], &ran.lines[0]["size"]),
        (&json!(null), &json!(null))
    );
}

#[test]
fn findings_have_their_line_and_column_and_the_worst_is_first() {
    let text = "{\"schemaVersion\":2,\n \"mediaType\":\"application/vnd.oci.image.index.v1+json\",\n \"manifests\":[\n  \
                {\"mediaType\":\"a/b\",\"digest\":\"sha256:12\",\"size\":1,\"urls\":[\"https://example.com\"]}]}";
    let ran = of_text(text, &[]);
    assert_eq!(ran.status, 1);
    let found: Vec<_> = ran.lines[0]["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .take(2)
        .collect();
    let expected = json!({"code": "digest-malformed", "severity": "error", "pointer": "/manifests/0/digest",
        "line": 4, "column": 31, "message": "digest hex is 2 characters, sha256 needs 64"});
    assert_eq!(found[0], &expected);
    assert_eq!(
        (&found[1]["code"], &found[1]["line"]),
        (&json!("descriptor-urls"), &json!(4))
    );
    assert_eq!(ran.lines[0]["format"], "OCI image index");
    let says = "application/vnd.oci.image.index.v1+json";
    assert_eq!(
        ran.lines[0]["evidence"],
        json!([{"source": "mediaType", "says": says, "agrees": true}])
    );
}

#[test]
fn what_is_not_expected_is_a_mismatch_in_any_algorithm() {
    let text = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
    let zeros =
        |algorithm: &str, length: usize| format!("--expect={algorithm}:{}", "0".repeat(length));
    for (algorithm, length) in [("sha256", 64), ("sha384", 96), ("sha512", 128)] {
        let ran = of_text(text, &[&zeros(algorithm, length)]);
        assert_eq!(
            (ran.status, &ran.lines[0]["verdict"]),
            (1, &json!("mismatch")),
            "{algorithm}"
        );
        let digest = ran.lines[0]["digest"]
            .as_str()
            .expect("a digest")
            .to_owned();
        assert!(digest.starts_with(algorithm), "{digest}");
        assert_eq!(
            of_text(text, &["--expect", &digest]).lines[0]["verdict"],
            "verified"
        );
    }
    // What cannot be compared is not good, even where nothing is wrong with the manifest.
    let good = std::fs::read_to_string(project().join("tests/fixtures/oci-manifest/zstd.json"));
    let ran = of_text(&good.expect("text"), &["--expect", "blake3:00"]);
    assert_eq!(
        (ran.status, &ran.lines[0]["verdict"]),
        (1, &json!("not checked"))
    );
    assert_eq!(
        ran.lines[0]["reason"],
        "the digest is of an algorithm that is not computed here"
    );
}

#[test]
fn a_mismatch_names_its_cause() {
    for fixture in fixtures::all() {
        let ran = read(
            &["-", "--expect", &fixture.digest],
            &[fixture.bytes.as_slice(), b"\r\n\r\n"].concat(),
        );
        // What stands behind a signed manifest changes nothing.
        if fixture.payload_size.is_some() {
            assert_eq!(
                (ran.status, &ran.lines[0]["verdict"]),
                (0, &json!("verified")),
                "{}",
                fixture.name
            );
            continue;
        }
        let line = &ran.lines[0];
        assert_eq!(
            (ran.status, &line["verdict"]),
            (1, &json!("mismatch")),
            "{}",
            fixture.name
        );
        assert!(
            line["cause"]
                .as_str()
                .is_some_and(|cause| cause == "final-newline-removed"),
            "{}: {line}",
            fixture.name
        );
        assert!(
            line["reason"]
                .as_str()
                .is_some_and(|why| why.contains("the digest is that of")),
            "{line}"
        );
    }
    let fixture = fixtures::find("oci-index/empty");
    let marked = [b"\xef\xbb\xbf", fixture.bytes.as_slice()].concat();
    let line = read(
        &["-", "--expect", &format!("a/b@{}", fixture.digest)],
        &marked,
    )
    .lines
    .remove(0);
    assert_eq!(
        (&line["verdict"], &line["cause"]),
        (&json!("mismatch"), &json!("byte-order-mark"))
    );
    // Nothing in common with the bytes: no cause is made up.
    let line = of_text("{}", &["--expect", &fixture.digest])
        .lines
        .remove(0);
    assert_eq!(
        (&line["verdict"], &line["cause"]),
        (&json!("mismatch"), &json!(null))
    );
    assert!(
        line["reason"]
            .as_str()
            .is_some_and(|why| why.starts_with("the bytes hash to sha256:44136f")),
        "{line}"
    );
}

#[test]
fn a_digest_that_holds_does_not_verify_what_is_no_manifest_or_an_ambiguous_one() {
    for (text, status, has_format) in [
        ("<html>", 2, true),
        ("[1]", 2, false),
        ("", 2, false),
        (r#"{"schemaVersion":2,"layers":[],"manifests":[]}"#, 1, true),
    ] {
        let digest = of_text(text, &[]).lines[0]["digest"]
            .as_str()
            .expect("a digest")
            .to_owned();
        let ran = of_text(text, &["--expect", &digest]);
        assert_eq!(
            (ran.status, &ran.lines[0]["verdict"]),
            (status, &json!("not checked")),
            "{text}"
        );
        assert_eq!(ran.lines[0]["format"].is_null(), !has_format, "{text}");
        assert!(
            ran.lines[0]["reason"]
                .as_str()
                .expect("a reason")
                .starts_with("the digest holds"),
            "{text}"
        );
    }
    let ran = of_text("{\"config\":{\n  \"size\":07}}", &[]);
    let error = "line 2, column 11: '7', a number has no leading zero";
    assert_eq!(ran.lines[0]["error"], error);
    let expected = json!([{"code": "not-json", "severity": "error", "pointer": "/config", "line": 2, "column": 11,
        "message": error}]);
    assert_eq!(ran.lines[0]["findings"], expected);
}

#[test]
fn the_content_type_is_an_opinion_and_a_digest_outweighs_it() {
    let path = "tests/fixtures/oci-manifest/zstd.json";
    let fixture = fixtures::find("oci-manifest/zstd");
    let codes = |ran: &Ran| ran.lines[0]["findings"][0]["code"].clone();
    let ran = read(&[path, "--content-type", "text/html; charset=utf-8"], b"");
    assert_eq!((ran.status, codes(&ran)), (1, json!("media-type-conflict")));
    let ran = read(
        &[
            path,
            "--content-type=text/html",
            "--expect",
            &fixture.digest,
        ],
        b"",
    );
    assert_eq!(
        (ran.status, codes(&ran)),
        (1, json!("content-type-differs"))
    );
    assert_eq!(ran.lines[0]["verdict"], "verified");
}

#[test]
fn wrong_usage_is_told_on_stderr() {
    let wrong: [(&[&str], &str); 5] = [
        (&[], "read: no file was given\n\n"),
        (&["-", "--expect"], "read: --expect needs a value\n\n"),
        (
            &["-", "--expect", "sha256:00"],
            "read: --expect sha256:00: digest hex is 2 characters, sha256 needs 64\n\n",
        ),
        (
            &["--content-type"],
            "read: --content-type needs a value\n\n",
        ),
        (&["--loud", "-"], "read: no flag is called --loud\n\n"),
    ];
    for (arguments, complaint) in wrong {
        let ran = read(arguments, b"{}");
        assert_eq!((ran.status, ran.output.as_str()), (2, ""), "{arguments:?}");
        assert!(
            ran.complaint.starts_with(complaint) && ran.complaint.contains("usage: "),
            "{}",
            ran.complaint
        );
    }
    let help = read(&["--help"], b"");
    assert_eq!((help.status, help.complaint.as_str()), (0, ""));
    for name in MEMBERS {
        assert!(help.output.contains(&format!("\n  {name} ")), "{name}");
    }
    // Behind `--` everything is a file.
    let ran = read(&["--", "--loud"], b"");
    assert_eq!((ran.status, &ran.lines[0]["file"]), (2, &json!("--loud")));
}

#[test]
fn signatures_are_checked() {
    let codes = |text: &str| {
        let ran = of_text(text, &[]);
        let found = ran.lines[0]["findings"]
            .as_array()
            .expect("findings")
            .clone();
        found
            .iter()
            .map(|found| found["code"].as_str().expect("a code").to_owned())
            .collect::<Vec<_>>()
    };
    let signed = fixtures::find("docker-schema1-signed/lantern-signed");
    let text = std::str::from_utf8(&signed.bytes).expect("text");
    assert_eq!(codes(text), ["deprecated-format"]);
    assert_eq!(
        codes(&text.replacen("2.4.1", "2.4.2", 1)),
        ["signature-invalid", "deprecated-format"]
    );
}
