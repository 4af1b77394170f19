//! A list as an OCI image layout: what GNU tar finds in the file, and what is said to be missing.

use std::fs;
use std::process::Command;
use std::rc::Rc;

use waybill_core::compose::layout::Layout;
use waybill_core::compose::{Draft, Entry, ListKind, Written};
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::{Algorithm, Digest};
use waybill_core::media_type::MediaType;
use waybill_core::reference::Tag;

use crate::forms::golden;
use crate::headless::Folder;

fn entry(media_type: MediaType, digest: Digest, size: usize) -> Entry {
    let (digest_text, size) = (digest.to_string(), Some(size as u64));
    let (media_type, digest) = (Some(media_type), Some(digest));
    Entry {
        descriptor: Descriptor {
            media_type,
            digest,
            digest_text,
            size,
            ..Descriptor::default()
        },
        ..Entry::default()
    }
}

fn list(entries: Vec<Entry>) -> Written {
    Draft {
        entries,
        ..Draft::new(ListKind::OciIndex)
    }
    .write()
}

fn layout(written: &Written, tag: Option<&Tag>, here: &[&[u8]]) -> Layout {
    let find = |digest: &Digest| {
        here.iter()
            .find(|bytes| digest.check(bytes) == Some(true))
            .map(|bytes| Rc::from(*bytes))
    };
    written.layout(tag, &find)
}

/// An image that is here with its config, one without, one whose digest is sha512, one that is not here, and a list
/// that names the first once more.
#[test]
fn it_holds_what_is_here_and_names_what_is_not() {
    let [amd64, arm64, arm] = ["oci-amd64", "oci-arm64-v8", "oci-arm-v7"]
        .map(|name| golden(&format!("sources/{name}.json")));
    let config = golden("sources/oci-amd64.json.config");
    let image = |digest, size| entry(MediaType::OCI_MANIFEST, digest, size);
    let nested = list(vec![image(Digest::sha256(&amd64), amd64.len())]);
    let absent = Digest::sha256(b"not here");
    let sha512 = Digest::compute(Algorithm::Sha512, &arm);
    let written = list(vec![
        image(Digest::sha256(&amd64), amd64.len()),
        image(Digest::sha256(&arm64), arm64.len()),
        image(sha512.clone(), arm.len()),
        image(absent.clone(), 7),
        entry(
            MediaType::OCI_INDEX,
            nested.digest.clone(),
            nested.bytes.len(),
        ),
    ]);
    let here: [&[u8]; 6] = [
        &amd64,
        &arm64,
        &arm,
        &config,
        &nested.bytes,
        b"of no manifest",
    ];
    let tag = "1.0".parse().expect("a tag");
    let made = layout(&written, Some(&tag), &here);
    assert_eq!(
        made,
        layout(&written, Some(&tag), &here),
        "the same bytes each time"
    );

    assert_eq!(made.missing.manifests, [absent]);
    assert_eq!(made.missing.configs.len(), 2);
    // All three images have one layer in common.
    assert_eq!(
        made.missing.to_string(),
        "1 manifest, 2 configs, 1 layer (29 B)"
    );

    let folder = Folder::new("tar");
    let file = folder.0.join("layout.tar");
    fs::write(&file, &made.bytes).expect("written");
    let tar = |arguments: &[&str]| {
        let mut command = Command::new("tar");
        command
            .env("TZ", "UTC")
            .arg("-C")
            .arg(&folder.0)
            .arg("-f")
            .arg(&file)
            .args(arguments);
        let output = command.output().expect("tar runs");
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("text")
    };
    let mut blobs: Vec<(Digest, &[u8])> = vec![
        (written.digest.clone(), &written.bytes),
        (nested.digest.clone(), &nested.bytes),
        (Digest::sha256(&amd64), &amd64),
        (Digest::sha256(&arm64), &arm64),
        (Digest::sha256(&config), &config),
        (sha512, &arm),
    ];
    blobs.sort();
    let path = |digest: &Digest| format!("blobs/{}/{}", digest.algorithm_name(), digest.encoded());
    let listed = tar(&["-tv"]);
    let mut lines = listed.lines();
    let mut next = || {
        lines
            .next()
            .and_then(|line| line.split_once(" 0/0 "))
            .expect("a file of nobody")
    };
    for (name, size) in [("oci-layout", 30), ("index.json", 295)] {
        assert_eq!(
            next(),
            (
                "-rw-r--r--",
                &*format!("{size:>15} 1970-01-01 00:00 {name}")
            )
        );
    }
    for (digest, bytes) in &blobs {
        assert_eq!(
            next(),
            (
                "-rw-r--r--",
                &*format!("{:>15} 1970-01-01 00:00 {}", bytes.len(), path(digest))
            )
        );
    }
    assert_eq!(lines.next(), None);

    tar(&["-x"]);
    let read = |name: &str| fs::read(folder.0.join(name)).expect("a file");
    for (digest, bytes) in &blobs {
        assert_eq!(read(&path(digest)), *bytes);
    }
    assert_eq!(read("oci-layout"), br#"{"imageLayoutVersion":"1.0.0"}"#);
    let (digest, size) = (&written.digest, written.bytes.len());
    let index = "application/vnd.oci.image.index.v1+json";
    assert_eq!(
        String::from_utf8(read("index.json")).expect("text"),
        format!(
            r#"{{"schemaVersion":2,"mediaType":"{index}","manifests":[{{"mediaType":"{index}","digest":"{digest}","size":{size},"annotations":{{"org.opencontainers.image.ref.name":"1.0"}}}}]}}"#
        )
    );
}

#[test]
fn a_list_that_is_not_to_be_pushed_has_no_name_and_nothing_may_be_missing() {
    let made = layout(&list(Vec::new()), None, &[]);
    assert_eq!(made.missing.to_string(), "");
    assert!(!String::from_utf8_lossy(&made.bytes).contains("annotations"));
    assert_eq!(made.bytes.len() % 512, 0);
}
