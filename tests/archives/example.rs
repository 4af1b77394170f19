//! The headless reader of archives (`crates/blobs/examples/archive/`): its lines and its exit status.

use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::json;
use waybill_testkit::example;
use waybill_testkit::reader::{Ran, run};

use super::harness::{Made, bomb, digest, docker, folder, gzip, layout, saved, tar};

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| example::built("waybill-blobs", "archive"));

fn archive(command: &str, path: &str) -> Ran {
    run(&PROGRAM, &[command, path], b"")
}

#[test]
fn an_archive_has_a_line_and_so_has_each_image_and_finding() {
    let folder = folder("example");
    let image = Made::new("a", 2);
    let path = saved(
        &folder,
        "docker.tar",
        &tar(&docker(&image, &["a:1", "b:2"])),
    );
    let ran = archive("list", &path);
    assert_eq!(ran.status, 0, "{}", ran.output);
    let made = image.skopeos();
    assert_eq!(
        ran.lines,
        [
            json!({"kind": "archive", "form": "docker-archive", "compression": "none"}),
            json!({
                "kind": "image", "names": ["a:1", "b:2"],
                "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                "digest": digest(made.as_bytes()), "size": made.len(), "made": true, "platform": "linux/arm64",
                "layers": 2, "complete": true,
            }),
        ]
    );
    let ran = archive("verify", &path);
    assert_eq!(ran.status, 0, "{}", ran.output);
    assert_eq!(ran.lines[1]["verdict"], "verified");
    assert_eq!(ran.lines[1]["causes"], json!([]));
    let mut files = docker(&image, &["a:1"]);
    files[0].1.extend([0; 512]);
    let path = saved(&folder, "zeros.tar", &tar(&files));
    assert_eq!(archive("list", &path).status, 0);
    let ran = archive("verify", &path);
    assert_eq!(ran.status, 1);
    assert_eq!(ran.lines[1]["verdict"], "mismatch");
    let finding = &ran.lines[2];
    assert_eq!(
        (&finding["kind"], &finding["code"]),
        (&json!("finding"), &json!("diff-id-differs"))
    );
    assert_eq!(
        (&finding["severity"], &finding["path"]),
        (&json!("error"), &json!(files[0].0))
    );
    assert!(
        finding["message"]
            .as_str()
            .expect("words")
            .contains("512 zero bytes")
    );
}

#[test]
fn what_is_compressed_is_unpacked_first() {
    let folder = folder("example-gzip");
    let image = Made::new("a", 1);
    let path = saved(&folder, "a.tar.gz", &gzip(&tar(&layout(&image, "x:1"))));
    let ran = archive("verify", &path);
    assert_eq!(ran.status, 0, "{}", ran.output);
    assert_eq!(ran.lines[0]["compression"], "gzip");
    assert_eq!(ran.lines[0]["form"], "oci-archive");
    let path = saved(
        &folder,
        "a.tar.gz.gz",
        &gzip(&gzip(&tar(&layout(&image, "x:1")))),
    );
    let ran = archive("list", &path);
    assert_eq!((ran.status, ran.lines.len()), (2, 1));
    assert_eq!(
        ran.lines[0]["error"],
        "what it unpacks to is compressed again"
    );
    let cut = gzip(&tar(&layout(&image, "x:1")));
    let path = saved(&folder, "cut.tar.gz", &cut[..cut.len() / 2]);
    let ran = archive("list", &path);
    assert_eq!(ran.status, 2);
    assert_eq!(ran.lines[0]["error"], "its compressed data end early");
    let path = saved(&folder, "bomb.zst", &bomb());
    let ran = archive("list", &path);
    assert_eq!(ran.status, 2);
    let error = ran.lines[0]["error"].as_str().expect("words");
    assert!(
        error.starts_with("it unpacks to far more than any archive"),
        "{error}"
    );
}

#[test]
fn a_folder_is_an_archive_too() {
    let folder = folder("example-folder");
    let image = Made::new("a", 1);
    for (name, bytes) in layout(&image, "x:1") {
        saved(&folder, &name, &bytes);
    }
    let ran = archive("verify", folder.to_str().expect("text"));
    assert_eq!(ran.status, 0, "{}", ran.output);
    assert_eq!(ran.lines[0]["form"], "oci-layout");
    assert_eq!(ran.lines[1]["digest"], digest(&image.manifest()));
    assert_eq!(ran.lines[1]["names"], json!(["x:1"]));
}

#[test]
fn the_status_says_how_bad_it_is() {
    let folder = folder("example-status");
    let ran = archive("list", "/there/is/no/such/file");
    assert_eq!(ran.status, 2);
    assert!(ran.lines[0]["error"].is_string());
    let path = saved(&folder, "page.tar", b"<!DOCTYPE html><html></html>");
    let ran = archive("list", &path);
    assert_eq!((ran.status, &ran.lines[0]["form"]), (2, &json!("none")));
    assert_eq!(ran.lines[0]["what"], "an HTML page");
    let mut files = layout(&Made::new("a", 1), "x:1");
    files.pop();
    let path = saved(&folder, "version.tar", &tar(&files));
    assert_eq!(archive("list", &path).status, 1);
    for arguments in [
        &[][..],
        &["list"],
        &["list", "a", "b"],
        &["save", "a", "b"],
        &["save", "--as", "dir", "a"],
        &["--wrong"],
    ] {
        let ran = run(&PROGRAM, arguments, b"");
        assert_eq!(ran.status, 2, "{arguments:?}");
        assert!(ran.complaint.contains("usage: "), "{}", ran.complaint);
    }
    let ran = run(&PROGRAM, &["--help"], b"");
    assert_eq!(ran.status, 0);
    assert!(ran.output.contains("exit status:"));
}
