//! Reports that were read: what is none, and what its own bytes say otherwise.

use super::*;
use crate::base64;
use crate::digest::Digest;

const CONFIG: &[u8] = br#"{"architecture":"amd64","os":"linux"}"#;

fn manifest() -> Vec<u8> {
    let digest = Digest::sha256(CONFIG);
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    format!(r#"{{"schemaVersion":2,"mediaType":"{media_type}","config":{{"digest":"{digest}","size":37}},"layers":[]}}"#)
        .into_bytes()
}

fn index(entry: &Digest) -> Vec<u8> {
    let media_type = "application/vnd.oci.image.index.v1+json";
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{media_type}","manifests":[{{"digest":"{entry}"}}]}}"#
    )
    .into_bytes()
}

fn content(bytes: &[u8], format: Option<&str>) -> Content {
    Content {
        digest: Some(Digest::sha256(bytes).to_string()),
        size: bytes.len() as u64,
        format: format.map(str::to_owned),
        data: bytes.into(),
        ..Content::default()
    }
}

/// An image below an index, asked for by the digest of that.
fn report() -> Report {
    let manifest = manifest();
    let index = index(&Digest::sha256(&manifest));
    let image = content(&manifest, Some("OCI image manifest"));
    let mut report = Report::new("2026-11-29T10:00:00Z".to_owned(), "app:1".to_owned(), image);
    report.reference = Some(format!("r.example/app:1@{}", Digest::sha256(&index)));
    report.config = Some(content(CONFIG, None));
    report.lists = vec![content(&index, Some("OCI image index"))];
    report
}

fn wrong(report: &Report) -> Vec<String> {
    let all = report.check().into_iter();
    let lines = all.flat_map(|it| {
        it.evidence()
            .into_iter()
            .map(move |line| [&it.name, ": ", &line].concat())
    });
    lines.collect()
}

#[test]
fn a_report_of_one_piece_holds() {
    let report = report();
    let read = Report::read(report.to_json().as_bytes()).expect("a report");
    assert_eq!(read, report);
    let checked = read.check();
    let names: Vec<_> = checked.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["list 1", "manifest", "config"]);
    assert!(
        checked
            .iter()
            .all(|it| it.verdict.is_verified() && !it.is_wrong())
    );
}

#[test]
fn whatever_is_changed_is_told_with_what_the_bytes_show() {
    let space = |bytes: &[u8]| [bytes, b" "].concat();
    let (image, other) = (manifest(), Digest::sha256(b"other"));
    let right = Digest::sha256(&image);

    let mut one = report();
    one.manifest.data = image
        .iter()
        .map(|byte| if *byte == b'2' { b'3' } else { *byte })
        .collect();
    let found = Digest::sha256(&one.manifest.data);
    let lines = wrong(&one);
    assert_eq!(
        lines[0],
        format!(
            "manifest: its digest is {right} as the report says; the bytes in it hash to {found}"
        )
    );

    let mut one = report();
    one.manifest.data = space(&image).into();
    let (said, found) = (image.len(), image.len() + 1);
    let hash = Digest::sha256(&one.manifest.data);
    assert_eq!(
        wrong(&one),
        [
            format!(
                "manifest: its digest is {right} as the report says; the bytes in it hash to {hash}"
            ),
            format!(
                "manifest: its size is {said} bytes as the report says; there are {found} in it"
            ),
        ]
    );

    // What is put right with the change is found by what leads to it.
    let mut one = report();
    one.manifest = content(&space(&image), Some("OCI image manifest"));
    assert_eq!(wrong(&one), ["manifest: list 1 does not name it"]);
    let mut one = report();
    one.config = Some(content(b"{}", None));
    assert_eq!(wrong(&one), ["config: the manifest does not name it"]);
    let mut one = report();
    one.reference = Some(format!("r.example/app:1@{other}"));
    assert_eq!(
        wrong(&one),
        [format!(
            "list 1: the reference asks for {other}, which is another"
        )]
    );
    let mut one = report();
    one.manifest.format = Some("OCI image index".to_owned());
    let line =
        "manifest: its format is OCI image index as the report says; it is OCI image manifest";
    assert_eq!(wrong(&one), [line]);
}

#[test]
fn what_states_no_digest_is_not_checked() {
    let mut one = report();
    one.reference = None;
    one.lists.clear();
    one.manifest.digest = None;
    let checked = one.check();
    assert!(!checked[0].verdict.is_verified() && !checked[0].is_wrong());
    one.manifest.digest = Some("blake3:00".to_owned());
    assert!(!one.check()[0].verdict.is_verified());
}

#[test]
fn what_is_no_report_is_told_apart() {
    let read = |text: &str| Report::read(text.as_bytes()).map_err(|error| error.to_string());
    assert!(read("{}").is_err_and(|it| it.starts_with("the report is broken: kind is missing")));
    assert!(read("[").is_err());
    let of = |kind: &str, version| format!(r#"{{"kind":"{kind}","version":{version}}}"#);
    assert_eq!(
        read(&of("other", 1)),
        Err("it is no report of Waybill".into())
    );
    let newer =
        "it is a report of version 2, and version 1 is read here: open it with a newer Waybill";
    assert_eq!(read(&of(KIND, 2)), Err(newer.into()));
    assert!(read(&of(KIND, 1)).is_err_and(|it| it.contains("manifest is missing")));
    let text = report().to_json();
    let data = base64::encode(CONFIG);
    let cut = read(&text.replace(&data, data.trim_start_matches('e')));
    assert!(cut.is_err_and(|it| it.starts_with("the report is broken: config.data is no base64")));
    // Two of one name: readers differ on which counts.
    let twice = text.replacen("\"created\"", "\"name\": \"another\", \"created\"", 1);
    assert!(read(&twice).is_err_and(|it| it.contains("name stands in one object twice")));
    // What a later version adds is no fault.
    assert!(read(&text.replacen("\"created\"", "\"more\": [1], \"created\"", 1)).is_ok());
}

#[test]
fn the_text_holds_no_line_and_no_markup_of_a_stranger() {
    let hostile = "x](javascript:y)\n\n# <img src=z>`\u{202e}@all";
    let mut one = report();
    let text = |of: &str| of.to_owned();
    one.verdict = Verdict {
        status: text("good`"),
        stamp: text(hostile),
        sentence: text(hostile),
        detail: text(hostile),
    };
    one.reference = Some(text(hostile));
    one.created = text(hostile);
    one.custody = vec![Step {
        step: text(hostile),
        status: text(hostile),
        note: text(hostile),
    }];
    one.manifests = vec![
        Entry {
            platform: text(hostile),
            media_type: None,
            digest: text(hostile),
            size: None,
            status: text("verified"),
            note: text(hostile),
        };
        40
    ];
    one.findings = vec![Found {
        severity: text(hostile),
        code: text(hostile),
        title: text(hostile),
        r#in: text(hostile),
        pointer: text(hostile),
        line: Some(1),
        column: Some(2),
        message: text(hostile),
        source: text(hostile),
    }];
    let shown = "``x](javascript:y)[U+000A][U+000A]# <img src=z>`[U+202E]@all``";
    let written = one.to_text();
    for line in written.lines() {
        let rest = line.replace(shown, "");
        assert!(
            !rest.contains(['`', '<', '#', ']', '@', '\u{202e}']),
            "{line}"
        );
    }
    assert!(written.contains(&format!("- ✓ {shown}, {shown}: {shown}\n")));
    assert!(written.contains("- and 10 more\n"));
}
