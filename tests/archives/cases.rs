//! The sharp cases of copy.md that are about reading, each with its right answer.

use serde_json::{Value, json};
use waybill_blobs::archive::{Archive, Code, Form, Verdict};
use waybill_core::digest::Digest;
use waybill_testkit::tar::file;

use super::harness::{
    LAYOUT, Made, OCI_MANIFEST, blob, bomb, codes, descriptor, digest, docker, ended, gzip, hex,
    index, layout, listed, named, says, tar, verdict, verified,
};

/// A layout of one manifest, and of blobs.
fn layout_of(manifest: &Value, blobs: &[&[u8]]) -> Vec<(String, Vec<u8>)> {
    let manifest = manifest.to_string().into_bytes();
    let mut files: Vec<_> = blobs
        .iter()
        .map(|bytes| (blob(bytes), bytes.to_vec()))
        .collect();
    let entry = named(descriptor(OCI_MANIFEST, &manifest), "x:1");
    files.push((blob(&manifest), manifest));
    files.push(("index.json".to_owned(), index(&[entry])));
    files.push(("oci-layout".to_owned(), LAYOUT.to_vec()));
    files
}

/// A manifest of an image whose layers have those types.
fn manifest(image: &Made, types: &[&str]) -> Value {
    let layers = image.layers.iter().zip(types);
    json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST,
        "config": descriptor("application/vnd.oci.image.config.v1+json", &image.config),
        "layers": layers.map(|(layer, kind)| descriptor(kind, layer)).collect::<Vec<_>>(),
    })
}

const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

fn replaced(files: &mut [(String, Vec<u8>)], name: &str, bytes: &[u8]) {
    let mut files = files.iter_mut();
    let (_, known) = files.find(|(known, _)| known == name).expect("a file");
    *known = bytes.to_vec();
}

#[test]
fn case_3_typed_gzip_and_plain() {
    let image = Made::new("a", 1);
    let manifest = manifest(&image, &[GZIP]);
    let (archive, judged) = verified(&tar(&layout_of(
        &manifest,
        &[&image.config, &image.layers[0]],
    )));
    says(
        &archive,
        Code::CompressionDiffers,
        "is not compressed, its media type says gzip",
    );
    assert!(archive.may_be_pushed(0));
    assert_eq!(judged[0].verdict, Verdict::Verified);
}

#[test]
fn case_7_the_bytes_win_over_layer_sources() {
    let image = Made::new("a", 1);
    let mut files = docker(&image, &["a:1"]);
    let with = |sources: Value| {
        let mut files = files.clone();
        let item = json!([{"Config": files[1].0, "RepoTags": ["a:1"], "Layers": [files[0].0], "LayerSources": sources}]);
        replaced(&mut files, "manifest.json", item.to_string().as_bytes());
        listed(&tar(&files))
    };
    let diff_id = digest(&image.layers[0]);
    let right = descriptor("application/vnd.oci.image.layer.v1.tar", &image.layers[0]);
    assert_eq!(
        codes(&with(json!({ &*diff_id: right }))),
        Vec::<&str>::new()
    );
    let mut size = right.clone();
    size["size"] = json!(7);
    let archive = with(json!({ &*diff_id: size }));
    says(&archive, Code::LayerSources, "states 7 bytes, there are");
    assert_eq!(
        archive.images[0].digest.as_ref().map(Digest::as_str),
        Some(&*digest(image.skopeos().as_bytes()))
    );
    let mut other = right.clone();
    other["digest"] = json!(digest(b"other"));
    says(
        &with(json!({ &*diff_id: other })),
        Code::LayerSources,
        "names another digest",
    );
    says(
        &with(json!({ "sha256:x": right })),
        Code::LayerSources,
        "which is no layer",
    );
    files.clear();
}

#[test]
fn case_8_a_blob_has_another_digest_than_its_name() {
    let image = Made::new("a", 1);
    let mut files = layout(&image, "x:1");
    replaced(&mut files, &blob(&image.layers[0]), b"other bytes");
    let (archive, judged) = verified(&tar(&files));
    says(
        &archive,
        Code::BlobDiffers,
        &format!("hashes to {}", digest(b"other bytes")),
    );
    assert_eq!(judged[0].verdict, Verdict::Mismatch);
    assert!(!archive.may_be_pushed(0));
    // In docker's own form names claim less: the config decides.
    let image = Made::new("a", 1);
    let mut files = docker(&image, &["a:1"]);
    let wrong = format!("{}.tar", hex(b"wrong"));
    files[0].0.clone_from(&wrong);
    let item = json!([{"Config": files[1].0, "RepoTags": ["a:1"], "Layers": [wrong]}]);
    replaced(&mut files, "manifest.json", item.to_string().as_bytes());
    let (archive, judged) = verified(&tar(&files));
    says(&archive, Code::NameDiffers, &digest(&image.layers[0]));
    assert_eq!(judged[0].verdict, Verdict::Verified);
    assert!(archive.may_be_pushed(0));
}

#[test]
fn case_9_one_name_twice() {
    let image = Made::new("a", 1);
    let files = docker(&image, &["a:1"]);
    let twice = |bytes: &[u8]| {
        let mut files = files.clone();
        files.insert(0, (files[0].0.clone(), bytes.to_vec()));
        tar(&files)
    };
    let archive = listed(&twice(&image.layers[0]));
    assert_eq!(codes(&archive), ["entry-duplicate"]);
    assert!(archive.may_be_pushed(0));
    let archive = listed(&twice(b"other"));
    assert_eq!(codes(&archive), ["entry-duplicate-differs"]);
    assert!(!archive.may_be_pushed(0));
    // Large ones of one size are compared by verifying.
    let large = |last: u8| {
        let mut content = vec![1; 5 << 20];
        *content.last_mut().expect("one") = last;
        let image = Made::of(vec![ended(&[file("large", &content)])]);
        (image.layers[0].clone(), image)
    };
    let (layer, image) = large(1);
    let files = docker(&image, &["a:1"]);
    for (first, code, verdict) in [
        (layer, "entry-duplicate", true),
        (large(2).0, "entry-duplicate-differs", false),
    ] {
        let mut files = files.clone();
        files.insert(0, (files[0].0.clone(), first));
        let bytes = tar(&files);
        let archive = listed(&bytes);
        assert_eq!(codes(&archive), ["entry-duplicate-unread"]);
        assert!(!archive.may_be_pushed(0));
        let (archive, _) = verified(&bytes);
        assert_eq!(codes(&archive), [code]);
        assert_eq!(archive.may_be_pushed(0), verdict);
    }
}

#[test]
fn case_10_a_diff_id_is_another_while_the_digest_holds() {
    let plain = Made::new("a", 1);
    let other = Made::new("b", 1);
    let image = Made {
        config: plain.config,
        layers: vec![gzip(&other.layers[0])],
    };
    let (archive, judged) = verified(&tar(&layout(&image, "x:1")));
    says(&archive, Code::DiffIdDiffers, "the config says");
    let why = archive.findings[0].code.rule().why;
    assert!(why.contains("skopeo copies it"), "{why}");
    assert_eq!(judged[0].verdict, Verdict::Mismatch);
    assert!(!archive.may_be_pushed(0));
    assert!(!codes(&archive).contains(&"blob-differs"));
}

#[test]
fn case_11_members_of_gzip_are_one_layer() {
    let image = Made::new("a", 1);
    let (first, second) = image.layers[0].split_at(700);
    let image = Made {
        layers: vec![[gzip(first), gzip(second)].concat()],
        config: image.config,
    };
    assert_eq!(verdict(&tar(&layout(&image, "x:1"))).0, Verdict::Verified);
}

#[test]
fn case_15_encrypted_layers_are_checked_by_their_digest_alone() {
    let image = Made::new("a", 1);
    let sealed = Made {
        layers: vec![b"sealed".to_vec()],
        ..image
    };
    let manifest = manifest(
        &sealed,
        &["application/vnd.oci.image.layer.v1.tar+gzip+encrypted"],
    );
    let bytes = tar(&layout_of(&manifest, &[&sealed.config, &sealed.layers[0]]));
    let (archive, judged) = verified(&bytes);
    says(&archive, Code::NotChecked, "encrypted");
    assert_eq!(judged[0].verdict, Verdict::NotChecked);
    assert!(archive.may_be_pushed(0));
}

#[test]
fn case_16_an_artifact_is_as_good_as_an_image() {
    let chart = gzip(b"a chart");
    let config = b"{\"name\":\"chart\"}";
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST,
        "config": descriptor("application/vnd.cncf.helm.config.v1+json", config),
        "layers": [descriptor("application/vnd.cncf.helm.chart.content.v1.tar+gzip", &chart)],
    });
    let (archive, judged) = verified(&tar(&layout_of(&manifest, &[config, &chart])));
    assert_eq!(codes(&archive), Vec::<&str>::new());
    assert_eq!(judged[0].verdict, Verdict::Verified);
    assert_eq!(archive.images[0].platform, None);
    // The content of an empty config may stand in the manifest.
    let empty = json!({
        "mediaType": "application/vnd.oci.empty.v1+json", "digest": digest(b"{}"), "size": 2, "data": "e30=",
    });
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "artifactType": "application/x.test",
        "config": empty, "layers": [empty],
    });
    let (archive, judged) = verified(&tar(&layout_of(&manifest, &[])));
    assert!(archive.images[0].complete);
    assert_eq!(judged[0].verdict, Verdict::Verified);
    // An entry of a type that nobody knows must not be an error.
    let blob_of = b"anything".to_vec();
    let entry = named(descriptor("application/x.unknown", &blob_of), "any");
    let mut files = vec![(blob(&blob_of), blob_of)];
    files.push(("index.json".to_owned(), index(&[entry])));
    files.push(("oci-layout".to_owned(), LAYOUT.to_vec()));
    let (archive, judged) = verified(&tar(&files));
    assert_eq!(codes(&archive), Vec::<&str>::new());
    assert_eq!(judged[0].verdict, Verdict::Verified);
}

#[test]
fn case_17_a_foreign_layer_need_not_be_here() {
    let image = Made::new("a", 1);
    let mut manifest = manifest(
        &image,
        &["application/vnd.oci.image.layer.nondistributable.v1.tar"],
    );
    manifest["layers"][0]["urls"] = json!(["https://h.example/layer"]);
    let (archive, judged) = verified(&tar(&layout_of(&manifest, &[&image.config])));
    assert_eq!(codes(&archive), ["foreign-layer"]);
    assert!(archive.images[0].complete && archive.may_be_pushed(0));
    assert_eq!(judged[0].verdict, Verdict::NotChecked);
}

#[test]
fn case_19_names_are_shown_as_they_are_written() {
    let image = Made::new("a", 1);
    let tags = ["x:1", "docker.io/library/x:1", "x", "Foo/Bar:1"];
    let archive = listed(&tar(&docker(&image, &tags)));
    assert_eq!(archive.images[0].names, ["x:1", "x", "Foo/Bar:1"]);
    assert_eq!(codes(&archive), ["name-invalid"]);
    assert!(archive.may_be_pushed(0));
}

/// A form, and what it is instead.
fn what(archive: &Archive) -> (Form, &str) {
    assert!(archive.images.is_empty());
    (archive.form, archive.what.as_deref().unwrap_or_default())
}

#[test]
fn case_20_what_is_no_archive_of_images_is_named() {
    for (bytes, name) in [
        (b"".to_vec(), "an empty file"),
        (
            b"<!DOCTYPE html><html>not found</html>".to_vec(),
            "an HTML page",
        ),
        (b"PK\x03\x04 and more".to_vec(), "a zip archive"),
        (b"\xfd7zXZ\0 and more".to_vec(), "an xz file"),
        (vec![0; 1024], "an empty tar archive"),
        (
            ended(&[file("README", b"hello")]),
            "a tar archive of other files",
        ),
        (b"anything".repeat(100), "text that is no JSON"),
        (b"\x01\x02\xff".repeat(900), "binary data"),
    ] {
        let archive = listed(&bytes);
        let (form, found) = what(&archive);
        assert_eq!(form, Form::None);
        assert_eq!(found, name);
    }
    // What docker export writes.
    let export = ended(&[
        file(".dockerenv", b""),
        file("etc/passwd", b"root"),
        file("bin/sh", b""),
    ]);
    assert_eq!(what(&listed(&export)), (Form::RootFileSystem, ""));
    let layer = ended(&[file("usr/bin/x", b""), file("etc/passwd", b"root")]);
    assert_eq!(what(&listed(&layer)), (Form::RootFileSystem, ""));
}

#[test]
fn blobs_that_are_not_here_are_named() {
    let image = Made::new("a", 2);
    for (bytes, words) in [
        (&image.config, "blobs/sha256/"),
        (&image.layers[1], "is not in the archive"),
        (&image.manifest(), "is not in the archive"),
    ] {
        let mut files = layout(&image, "x:1");
        files.retain(|(name, _)| *name != blob(bytes));
        let (archive, judged) = verified(&tar(&files));
        says(&archive, Code::BlobMissing, words);
        assert!(!archive.images[0].complete && !archive.may_be_pushed(0));
        assert_eq!(judged[0].verdict, Verdict::NotChecked);
    }
    // A size that is not the one that is stated.
    let mut files = layout(&image, "x:1");
    let cut = &image.layers[0][..700];
    replaced(&mut files, &blob(&image.layers[0]), cut);
    let (archive, judged) = verified(&tar(&files));
    says(&archive, Code::BlobSize, "has 700 bytes");
    assert!(
        judged[0].causes.join(";").contains("bytes are missing"),
        "{judged:?}"
    );
}

#[test]
fn documents_that_are_none_or_too_large_are_said() {
    let image = Made::new("a", 1);
    let files = docker(&image, &["a:1"]);
    for (text, code, words) in [
        ("[{", Code::DocumentInvalid, "line 1, column"),
        ("[1]", Code::DocumentInvalid, "names no config"),
        ("7", Code::DocumentInvalid, "no array"),
        ("[] []", Code::DocumentInvalid, ""),
    ] {
        let mut files = files.clone();
        replaced(&mut files, "manifest.json", text.as_bytes());
        says(&listed(&tar(&files)), code, words);
    }
    let config = |text: &[u8]| {
        let mut files = files.clone();
        let name = files[1].0.clone();
        replaced(&mut files, &name, text);
        listed(&tar(&files))
    };
    says(&config(b"[]"), Code::ConfigInvalid, "");
    says(
        &config(&vec![b' '; (4 << 20) + 1]),
        Code::DocumentTooLarge,
        "at most 4 MiB",
    );
    let mut files = files.clone();
    let text = String::from_utf8(files[2].1.clone()).expect("text") + &" ".repeat(1 << 20);
    replaced(&mut files, "manifest.json", text.as_bytes());
    assert_eq!(codes(&listed(&tar(&files))), ["document-large"]);
}

#[test]
fn a_layer_that_unpacks_to_far_too_much_is_not_unpacked_to_its_end() {
    let image = Made {
        layers: vec![bomb()],
        ..Made::new("a", 1)
    };
    let manifest = manifest(&image, &["application/vnd.oci.image.layer.v1.tar+zstd"]);
    let bytes = tar(&layout_of(&manifest, &[&image.config, &image.layers[0]]));
    let (archive, judged) = verified(&bytes);
    says(
        &archive,
        Code::Unpackable,
        "unpacks to far more than any layer",
    );
    assert_eq!(judged[0].verdict, Verdict::NotChecked);
}
