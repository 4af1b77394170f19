//! The headless reader of layers (`crates/blobs/examples/layer.rs`): its lines and its exit status.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Value, json};
use waybill_core::digest::Digest;
use waybill_testkit::example;
use waybill_testkit::reader::{Ran, run};

use super::archives::{Header, file};
use super::unpacking::gzip;

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| example::built("waybill-blobs", "layer"));

fn layer<S: AsRef<std::ffi::OsStr>>(arguments: &[S], input: &[u8]) -> Ran {
    run(&PROGRAM, arguments, input)
}

/// Writes a file for the program, under a name that is this test's.
fn saved(name: &str, bytes: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).expect("a file");
    path.to_str().expect("text").to_owned()
}

fn archive(entries: &[Vec<u8>]) -> Vec<u8> {
    [entries.concat(), vec![0; 1024]].concat()
}

fn of_kind<'a>(ran: &'a Ran, kind: &str) -> Vec<&'a Value> {
    ran.lines
        .iter()
        .filter(|line| line["kind"] == kind)
        .collect()
}

#[test]
fn a_layer_has_a_line_and_so_has_each_entry() {
    let bytes = archive(&[
        Header::new("bin/", b'5').octal(100, 8, 0o40_755).then(b""),
        Header::new("bin/su", b'0')
            .octal(100, 8, 0o4755)
            .with(b"root"),
        Header::new("bin/sh", b'2').set(157, b"su").then(b""),
        Header::new("bin/s\\h", b'1').set(157, b"bin/su").then(b""),
        Header::new("null", b'3')
            .octal(329, 8, 1)
            .octal(337, 8, 3)
            .then(b""),
        Header::new("disk", b'4').then(b""),
        Header::new("pipe", b'6').then(b""),
        Header::new("caf", b'0').set(3, b"\xe9\n").then(b""),
    ]);
    let packed = gzip(&bytes);
    let ran = layer(&["-"], &packed);
    assert_eq!(ran.status, 0, "{}", ran.output);
    assert_eq!(
        ran.lines[0],
        json!({
            "kind": "layer", "file": "-", "digest": Digest::sha256(&packed).to_string(), "size": packed.len(),
            "compression": "gzip", "diffId": Digest::sha256(&bytes).to_string(), "unpackedSize": bytes.len(),
            "entries": 8,
        })
    );
    let entry = |path: &str, kind: &str, mode: &str, size: u64, link: Option<&str>| {
        json!({
            "kind": "entry", "layer": 0, "path": path, "type": kind, "mode": mode, "uid": 1000, "gid": 100,
            "size": size, "mtime": 1_700_000_000, "link": link,
        })
    };
    let expected = [
        entry("bin/", "dir", "0755", 0, None),
        entry("bin/su", "file", "4755", 4, None),
        entry("bin/sh", "symlink", "0644", 0, Some("su")),
        entry("bin/s\\x5ch", "hardlink", "0644", 0, Some("bin/su")),
        entry("null", "char", "0644", 0, None),
        entry("disk", "block", "0644", 0, None),
        entry("pipe", "fifo", "0644", 0, None),
        entry("caf\\xe9\n", "file", "0644", 0, None),
    ];
    assert_eq!(ran.lines[1..9], expected);
    assert_eq!((ran.lines.len(), ran.output.lines().count()), (10, 10));
    assert_eq!(ran.lines[9]["kind"], "total");
    assert!(ran.output.contains(r"caf\\xe9\n"), "escaped as JSON");
    // The members stand in the order that is told.
    let places = [
        "kind",
        "file",
        "digest",
        "size",
        "compression",
        "diffId",
        "unpackedSize",
        "entries",
    ]
    .map(|name| {
        ran.output
            .find(&format!("\"{name}\":"))
            .expect("it is there")
    });
    assert!(places.is_sorted(), "{}", ran.output);
}

#[test]
fn layers_are_flattened_base_first_and_findings_decide_the_status() {
    let base = saved(
        "flat-0.tar.gz",
        &gzip(&archive(&[
            Header::new("./etc/", b'5').then(b""),
            file("./etc/a", b"1"),
            file("./etc/b", b"22"),
        ])),
    );
    let upper = saved(
        "flat-1.tar",
        &archive(&[
            file("etc/.wh.a", b""),
            file("etc/b", b"333"),
            file("new/c", b""),
        ]),
    );
    let ran = layer(&["--flatten", &base, &upper], b"");
    assert_eq!(ran.status, 0, "{}", ran.output);
    let layers: Vec<_> = of_kind(&ran, "layer")
        .into_iter()
        .map(|line| line["file"].clone())
        .collect();
    assert_eq!(layers, [base.as_str(), upper.as_str()]);
    assert_eq!(of_kind(&ran, "layer")[1]["compression"], "none");
    let entries: Vec<_> = of_kind(&ran, "entry")
        .into_iter()
        .map(|line| {
            (
                line["path"].as_str().expect("text"),
                line["layer"].as_u64().expect("a number"),
            )
        })
        .collect();
    assert_eq!(entries, [("etc", 0), ("etc/b", 1), ("new/c", 1)]);
    // In the other order the whiteout deletes nothing, which is worth a note.
    let ran = layer(&[&upper, &base], b"");
    let codes: Vec<_> = of_kind(&ran, "finding")
        .into_iter()
        .map(|line| &line["code"])
        .collect();
    assert_eq!(codes, ["whiteout-dangling"]);
    assert_eq!(ran.status, 0);
    assert_eq!(of_kind(&ran, "entry").len(), 6);
    let twice = saved("twice.tar", &archive(&[file("f", b"1"), file("./f", b"2")]));
    let ran = layer(&[&base, &twice], b"");
    let found = of_kind(&ran, "finding")[0].clone();
    let message = found["message"].as_str().expect("text");
    let expected = json!({
        "kind": "finding", "code": "duplicate-path", "severity": "error", "layer": 1, "path": "f", "message": message,
    });
    assert_eq!((found, ran.status), (expected, 1));
}

#[test]
fn what_is_not_readable_or_no_archive_ends_with_2() {
    let good = saved("good.tar", &archive(&[file("f", b"1")]));
    let ran = layer(&["tests/nothing.tar", &good], b"");
    assert_eq!(ran.status, 2);
    assert_eq!(ran.lines[0]["digest"], Value::Null);
    assert!(ran.lines[0]["error"].is_string());
    assert_eq!(ran.lines[1]["entries"], 1, "the other is read all the same");
    assert_eq!(of_kind(&ran, "entry")[0]["layer"], 1);
    let ran = layer(&["-"], &[b'x'; 2000]);
    assert_eq!(
        (ran.status, &of_kind(&ran, "finding")[0]["code"]),
        (2, &json!("not-a-tar"))
    );
    assert_eq!(ran.lines[0]["compression"], "none");
    // Cut short: the digest of what came is told, the diff_id is not.
    let packed = gzip(&archive(&[file("f", b"1")]));
    let ran = layer(&["-"], &packed[..packed.len() - 4]);
    assert_eq!((ran.status, &ran.lines[0]["diffId"]), (1, &Value::Null));
    assert_eq!(ran.lines[0]["size"], packed.len() - 4);
    for wrong in [&["--nothing", "-"][..], &[]] {
        let ran = layer(wrong, b"");
        assert_eq!((ran.status, &*ran.output), (2, ""));
        assert!(
            ran.complaint
                .contains("usage: cargo run -p waybill-blobs --example layer")
        );
    }
    let ran = layer(&["--help"], b"");
    assert_eq!((ran.status, &*ran.complaint), (0, ""));
    assert!(ran.output.contains("--flatten"));
}
