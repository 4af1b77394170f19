//! Archives made so that readers see different files: Go's archive/tar and GNU tar are asked, and where they differ the
//! archive is marked, or what is read is what they both read.

use std::path::Path;

use waybill_blobs::archive::{Archive, Code};
use waybill_testkit::oracle;
use waybill_testkit::tar::{Header, file, pax};

use super::harness::{
    Made, codes, docker, ended, folder, layout, listed, run, saved, says, tar, without,
};

/// The names that Go's archive/tar reads; `error` at the end where it ends with one.
fn go(archives: &[Vec<u8>]) -> Option<Vec<Vec<String>>> {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("archives-tar-oracle");
    let Some(program) = oracle::build("layers/oracle", program) else {
        without("Go's archive/tar");
        return None;
    };
    let bytes = archives.iter().flat_map(|it| oracle::behind_length(it));
    let answers = oracle::answers(&program, bytes.collect());
    let first = |line: &str| line.split(' ').next().map(str::to_owned);
    let names = |answer: &String| answer.lines().filter_map(first).collect();
    Some(answers.iter().take(archives.len()).map(names).collect())
}

/// The names that GNU tar lists, however it ends.
fn gnu(name: &str, bytes: &[u8]) -> Option<Vec<String>> {
    let folder = folder(&format!("gnu-{name}"));
    saved(&folder, "a.tar", bytes);
    let said = run(
        &folder,
        "sh",
        &["-c", "tar -tf a.tar --quoting-style=literal 2>&1 || true"],
    )?;
    let said = said.expect("sh runs");
    let lines = said.lines().filter(|line| !line.starts_with("tar: "));
    Some(lines.map(str::to_owned).collect())
}

fn ours(archive: &Archive) -> Vec<String> {
    let entries = archive.index.entries().iter();
    let names = entries.map(|entry| String::from_utf8_lossy(&entry.name).into_owned());
    names.collect()
}

/// A name as the oracle writes it.
fn hex(name: &str) -> String {
    let digits: Vec<_> = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// A tar file inside a file of an image's archive: where sizes are read otherwise, its entries come out.
fn inner() -> Vec<u8> {
    ended(&[file("manifest.json", b"[]"), file("smuggled", b"!")])
}

/// The three holes of 2025 and 2026, each as an archive, and whether PAX sizes are in it.
fn holes() -> Vec<(&'static str, Vec<u8>)> {
    let content = inner();
    let size = content.len().to_string();
    let record = pax(b'x', &[("size", &size)]);
    let long = "long/".repeat(30) + "name";
    vec![
        // CVE-2025-62518: the header says 0, so a reader that goes by it reads the content as entries.
        ("cve-2025-62518", {
            let header = Header::new("nested.tar", b'0').then(&content);
            ended(&[record.clone(), header, file("behind", b"1")])
        }),
        // CVE-2026-33055: the header says something else, and a reader ignores the PAX header then.
        ("cve-2026-33055", {
            let header = Header::new("nested.tar", b'0')
                .octal(124, 12, 512)
                .then(&content);
            ended(&[record.clone(), header, file("behind", b"1")])
        }),
        // GHSA-3pv8-6f4r-ffg2: the size of the PAX header is taken for that of the long name behind it.
        ("ghsa-3pv8-6f4r-ffg2", {
            let name = [long.as_bytes(), b"\0"].concat();
            let name = Header::new("././@LongLink", b'L').gnu().with(&name);
            let header = Header::new("short", b'0').gnu().with(&content);
            ended(&[record, name, header, file("behind", b"1")])
        }),
    ]
}

#[test]
fn sizes_that_readers_take_from_different_places_are_marked() {
    let holes = holes();
    let archives: Vec<_> = holes.iter().map(|(_, bytes)| bytes.clone()).collect();
    let go = go(&archives);
    for (number, (name, bytes)) in holes.iter().enumerate() {
        let archive = listed(bytes);
        let names = ours(&archive);
        // What Go reads, and GNU tar: the inner entries are none.
        if let Some(go) = &go {
            let hexed: Vec<_> = names.iter().map(|name| hex(name)).collect();
            assert_eq!(hexed, go[number], "{name}");
        }
        if let Some(gnu) = gnu(name, bytes) {
            assert_eq!(names, gnu, "{name}");
        }
        assert_eq!(names.last().map(String::as_str), Some("behind"));
        assert!(!names.contains(&"smuggled".to_owned()));
        assert!(
            codes(&archive).contains(&"entry-read-differently"),
            "{name}: {:?}",
            archive.findings
        );
    }
}

/// With an image in it, it is marked, and the image is not to be pushed.
#[test]
fn an_image_in_such_an_archive_is_not_to_be_pushed() {
    let image = tar(&layout(&Made::new("a", 1), "a"));
    for (name, bytes) in holes() {
        let both = [&bytes[..bytes.len() - 1024], &image[..]].concat();
        let archive = listed(&both);
        assert_eq!(archive.images.len(), 1, "{name}");
        assert!(
            archive.images[0].complete && !archive.may_be_pushed(0),
            "{name}"
        );
    }
}

#[test]
fn headers_that_programs_write_are_not_marked() {
    let size = inner().len().to_string();
    let name = "long/".repeat(30) + "name";
    for entry in [
        // Both say the same.
        [
            pax(b'x', &[("size", &size)]),
            Header::new("a", b'0').with(&inner()),
        ]
        .concat(),
        [
            pax(b'x', &[("path", &name), ("mtime", "1.5")]),
            file("short", b"1"),
        ]
        .concat(),
        [
            Header::new("././@LongLink", b'L')
                .gnu()
                .with(name.as_bytes()),
            file("short", b"1"),
        ]
        .concat(),
        // git archive's.
        [pax(b'g', &[("comment", "0123")]), file("a", b"1")].concat(),
    ] {
        let image = tar(&docker(&Made::new("a", 1), &["a:1"]));
        let archive = listed(&[entry, image].concat());
        assert_eq!(codes(&archive), Vec::<&str>::new());
    }
    // GNU tar applies a global size to all, Go to none.
    let image = tar(&docker(&Made::new("a", 1), &["a:1"]));
    let archive = listed(&[pax(b'g', &[("size", "0")]), image].concat());
    assert_eq!(codes(&archive), ["entry-read-differently"]);
    assert!(!archive.may_be_pushed(0));
}

#[test]
fn the_end_of_an_archive_is_looked_at() {
    let image = Made::new("a", 1);
    let whole = tar(&docker(&image, &["a:1"]));
    let content = whole.len() - 1024;
    let row = |bytes: &[u8]| {
        let archive = listed(bytes);
        (codes(&archive), archive.may_be_pushed(0))
    };
    let none = Vec::<&str>::new();
    assert_eq!(row(&whole), (none.clone(), true));
    // GNU tar fills up to 10,240 bytes.
    let filled = [&whole[..], &[0; 9216]].concat();
    assert_eq!(row(&filled), (none, true));
    assert_eq!(row(&whole[..content]), (vec!["archive-without-end"], true));
    assert_eq!(
        row(&whole[..content + 512]),
        (vec!["archive-without-end"], true)
    );
    let other = tar(&docker(&Made::new("b", 1), &["b:1"]));
    assert_eq!(
        row(&[&filled[..], &other].concat()),
        (vec!["archives-concatenated"], true)
    );
    assert_eq!(
        row(&[&whole[..], b"#!/bin/sh"].concat()),
        (vec!["bytes-behind-end"], true)
    );
    // Concatenated without an end between, both are one; the second manifest.json is one too many.
    let both = [&whole[..content], &other[..]].concat();
    assert_eq!(row(&both), (vec!["entry-duplicate-differs"], false));
    // One block of zeros between entries: Go fails there, GNU tar ends.
    let lone = [&whole[..content], &[0; 512], &other[..]].concat();
    assert_eq!(row(&lone), (vec!["archive-broken"], false));
    // A header that is none: Go fails there, GNU tar looks for the next.
    let noise = [&whole[..content], &[7; 512], &other[..]].concat();
    assert_eq!(row(&noise), (vec!["archive-broken"], false));
    if let Some(names) = gnu("noise", &noise) {
        assert_eq!(
            names.iter().filter(|name| *name == "manifest.json").count(),
            2
        );
    }
    // Cut off in the middle: the first layer is there, nothing is named.
    let archive = listed(&whole[..700]);
    assert_eq!(archive.form.name(), "docker-archive");
    assert_eq!(codes(&archive), ["archive-truncated", "document-invalid"]);
}

#[test]
fn what_no_archive_of_images_has_is_said() {
    let image = Made::new("a", 1);
    let rest = tar(&docker(&image, &["a:1"]));
    let odd = [
        file("../../etc/passwd", b"root::0:0"),
        Header::new("null", b'3').then(b""),
        Header::new("pipe", b'6').then(b""),
        Header::new("volume", b'V').then(b""),
    ];
    let archive = listed(&[odd.concat(), rest].concat());
    assert_eq!(codes(&archive), ["path-traversal", "entry-special"]);
    says(&archive, Code::PathTraversal, "../../etc/passwd leads out");
    assert!(archive.may_be_pushed(0), "nothing of the image is there");
}

#[test]
fn a_sparse_layer_is_refused_with_its_reason() {
    let image = Made::new("a", 1);
    let files = docker(&image, &["a:1"]);
    let layer = &image.layers[0];
    let mut header = Header::new(&files[0].0, b'S');
    header
        .gnu()
        .octal(386, 12, 0)
        .octal(398, 12, layer.len() as u64);
    header.octal(483, 12, layer.len() as u64);
    let bytes = ended(&[
        header.with(layer),
        file(&files[1].0, &files[1].1),
        file(&files[2].0, &files[2].1),
    ]);
    let archive = listed(&bytes);
    says(
        &archive,
        Code::BlobMissing,
        "is a sparse file, which is not read here",
    );
    assert!(!archive.may_be_pushed(0));
}
