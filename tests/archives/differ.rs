//! Where readers differ: each row of copy.md's table, beside what skopeo says of the same file.

use serde_json::json;
use waybill_blobs::archive::{Archive, Code, Form, Opened, Verdict, open};
use waybill_core::digest::Digest;
use waybill_testkit::registries::run_now;
use waybill_testkit::tar::file;

use super::harness::{
    Made, Memory, OCI_MANIFEST, codes, descriptor, digest, docker, ended, folder, gzip, hex, index,
    layout, link, listed, named, run, saved, says, skopeo, tar, verdict, verified, without,
};

/// What skopeo says of a docker archive when it copies it; `None` where it is not here.
fn copied(name: &str, bytes: &[u8], transport: &str) -> Option<Result<String, String>> {
    let folder = folder(name);
    saved(&folder, "a.tar", bytes);
    let from = format!("{transport}:a.tar");
    let copied = run(&folder, "skopeo", &["copy", "-q", &from, "dir:to"]);
    if copied.is_none() {
        without("skopeo");
    }
    copied
}

/// skopeo refuses with those words.
#[track_caller]
fn refuses(name: &str, bytes: &[u8], words: &str) {
    if let Some(said) = copied(name, bytes, "docker-archive") {
        let said = said.expect_err("skopeo refuses it");
        assert!(said.contains(words), "{said}");
    }
}

fn is_refused(archive: &Archive) -> bool {
    (0..archive.images.len()).all(|image| !archive.may_be_pushed(image))
}

/// The entries of a docker archive, with one of them made otherwise.
fn with(files: &[(String, Vec<u8>)], name: &str, entry: &[u8]) -> Vec<u8> {
    let entries = files.iter().map(|(known, bytes)| {
        if known == name {
            entry.to_vec()
        } else {
            file(known, bytes)
        }
    });
    ended(&entries.collect::<Vec<_>>())
}

#[test]
fn the_first_manifest_json_wins_for_skopeo_and_the_last_index_json() {
    let (one, two) = (Made::new("a", 1), Made::new("b", 1));
    let mut files = docker(&one, &["a:1"]);
    files.extend(docker(&two, &["b:1"]));
    let bytes = tar(&files);
    let archive = listed(&bytes);
    let names: Vec<_> = archive
        .images
        .iter()
        .map(|image| image.names.join(" "))
        .collect();
    assert_eq!(names, ["a:1", "b:1"], "both are shown");
    assert!(is_refused(&archive));
    assert_eq!(codes(&archive), ["entry-duplicate-differs"]);
    let at = folder("two-manifests");
    saved(&at, "a.tar", &bytes);
    if let Some(said) = skopeo(&at, "docker-archive:a.tar") {
        assert_eq!(said, Ok(digest(one.skopeos().as_bytes())));
    }
    // crane takes the first too.
    let crane = |name: &str| run(&at, "crane", &["digest", "--tarball", "a.tar", name]);
    match (crane("a:1"), crane("b:1")) {
        (Some(first), Some(second)) => {
            assert!(first.is_ok() && second.is_err(), "{first:?} {second:?}");
        }
        _ => without("crane"),
    }
    let mut files = layout(&one, "a");
    files.extend(layout(&two, "b"));
    let bytes = tar(&files);
    let archive = listed(&bytes);
    assert_eq!(archive.images.len(), 2);
    assert!(is_refused(&archive));
    saved(&at, "o.tar", &bytes);
    if let Some(said) = skopeo(&at, "oci-archive:o.tar") {
        assert_eq!(said, Ok(digest(&two.manifest())));
    }
    // The same twice harms nobody.
    let mut files = layout(&one, "a");
    files.extend(layout(&one, "a"));
    let archive = listed(&tar(&files));
    assert_eq!(codes(&archive), ["entry-duplicate"]);
    assert!(archive.may_be_pushed(0));
}

#[test]
fn links_are_followed_inside_of_the_archive() {
    let image = Made::new("a", 1);
    let files = docker(&image, &["a:1"]);
    let name = format!("{}.tar", hex(&image.layers[0]));
    let layer = |path: &str| file(path, &image.layers[0]);
    let expected = digest(image.skopeos().as_bytes());
    let right = |entry: Vec<u8>| {
        let bytes = with(&files, &name, &entry);
        let (archive, judged) = verified(&bytes);
        assert_eq!(judged[0].verdict, Verdict::Verified, "{judged:?}");
        assert_eq!(
            archive.images[0].digest.as_ref().map(Digest::as_str),
            Some(&*expected)
        );
        assert_eq!(codes(&archive), ["link-followed"]);
        bytes
    };
    let bytes = right([link(&name, b'2', "real"), layer("real")].concat());
    refuses("symlink", &bytes, "expected 0, got");
    let chain = [
        link(&name, b'2', "./x/../one"),
        link("one", b'2', "/real"),
        layer("real"),
    ]
    .concat();
    let bytes = right(chain);
    refuses("symlinks", &bytes, "");
    let bytes = right([layer("real"), link(&name, b'1', "real")].concat());
    if let Some(said) = copied("hardlink", &bytes, "docker-archive") {
        // skopeo takes it for an empty file.
        assert!(said.expect_err("it refuses").contains("e3b0c44298fc"));
    }
    // Sixteen are followed, and no more.
    let chain = |links: usize| {
        let mut entries = link(&name, b'2', "0");
        for number in 1..links {
            let (own, next) = ((number - 1).to_string(), number.to_string());
            entries.extend(link(&own, b'2', &next));
        }
        entries.extend(layer(&(links - 1).to_string()));
        entries
    };
    right(chain(16));
    for (entry, words) in [
        (chain(17), "leads to no end"),
        (link(&name, b'2', &name), "leads to no end"),
        (
            [link(&name, b'2', "b"), link("b", b'2', &name)].concat(),
            "leads to no end",
        ),
        (
            link(&name, b'2', "nowhere"),
            "a link to what is not in the archive",
        ),
        (
            link(&name, b'2', "../../etc/passwd"),
            "leads out of the archive",
        ),
        // A hard link leads back only.
        (
            [link(&name, b'1', "real"), layer("real")].concat(),
            "a link to what is not in the archive",
        ),
        (
            link(&name, b'1', &name),
            "a link to what is not in the archive",
        ),
    ] {
        let archive = listed(&with(&files, &name, &entry));
        says(&archive, Code::BlobMissing, words);
        assert!(is_refused(&archive) && !archive.images[0].complete);
    }
}

#[test]
fn names_with_dots_and_slashes_are_one_name() {
    let image = Made::new("a", 2);
    let mut files = docker(&image, &["a:1"]);
    for ((name, _), way) in files
        .iter_mut()
        .zip(["./", ".//", "/", "././"].into_iter().cycle())
    {
        *name = format!("{way}{name}");
    }
    let archive = listed(&tar(&files));
    assert_eq!(codes(&archive), Vec::<&str>::new());
    assert!(archive.may_be_pushed(0));
    assert!(
        archive.index.entries()[1].name.starts_with(b".//"),
        "as it is written"
    );
}

#[test]
fn a_config_outside_is_not_in_the_archive() {
    let image = Made::new("a", 1);
    let mut files = docker(&image, &["a:1"]);
    let layer = files[0].0.clone();
    let item = json!([{"Config": "../../etc/hostname", "RepoTags": ["a:1"], "Layers": [layer]}]);
    files.last_mut().expect("manifest.json").1 = item.to_string().into_bytes();
    let bytes = tar(&files);
    let archive = listed(&bytes);
    says(
        &archive,
        Code::PathTraversal,
        "../../etc/hostname leads out of the archive",
    );
    assert!(is_refused(&archive) && !archive.images[0].complete);
    assert_eq!(archive.images[0].digest, None);
    refuses("outside", &bytes, "");
}

#[test]
fn zeros_at_the_end_of_a_layer_are_named() {
    let image = Made::new("a", 1);
    let mut files = docker(&image, &["a:1"]);
    files[0].1.extend([0; 512]);
    let bytes = tar(&files);
    let (is, why) = verdict(&bytes);
    assert_eq!(is, Verdict::Mismatch);
    assert!(
        why.contains("512 zero bytes at the end do not belong to it"),
        "{why}"
    );
    refuses("zeros", &bytes, "");
    // Of a manifest's layer too, whatever its length.
    for extra in [512, 5120] {
        let packed = Made {
            layers: vec![gzip(&image.layers[0])],
            ..image.clone()
        };
        let mut files = layout(&packed, "a");
        for (name, bytes) in &mut files {
            if *name == super::harness::blob(&packed.layers[0]) {
                bytes.extend(vec![0; extra]);
            }
        }
        let (is, why) = verdict(&tar(&files));
        assert_eq!(is, Verdict::Mismatch);
        assert!(
            why.contains(&format!("{extra} zero bytes at the end")),
            "{why}"
        );
    }
    // And those that were cut off.
    let mut files = docker(&image, &["a:1"]);
    let length = files[0].1.len();
    files[0].1.truncate(length - 512);
    let (_, why) = verdict(&tar(&files));
    assert!(
        why.contains("512 zero bytes are missing at the end"),
        "{why}"
    );
}

#[test]
fn layers_and_diff_ids_have_to_be_as_many() {
    let image = Made::new("a", 3);
    let mut files = docker(&image, &["a:1"]);
    let layers: Vec<_> = files[..2].iter().map(|(name, _)| name.clone()).collect();
    let config = files[3].0.clone();
    let item = json!([{"Config": config, "RepoTags": ["a:1"], "Layers": layers}]);
    files.last_mut().expect("manifest.json").1 = item.to_string().into_bytes();
    let bytes = tar(&files);
    let (archive, judged) = verified(&bytes);
    says(
        &archive,
        Code::LayerCount,
        "2 layers, and 3 diff_ids in the config",
    );
    assert_eq!(archive.images[0].names, ["a:1"]);
    assert!(is_refused(&archive));
    assert_eq!(judged[0].verdict, Verdict::Mismatch);
    refuses("count", &bytes, "Inconsistent layer count");
}

#[test]
fn a_config_may_have_any_name() {
    let image = Made::new("a", 1);
    let mut files = docker(&image, &["a:1"]);
    files[1].0 = "wrong.json".to_owned();
    let item = json!([{"Config": "wrong.json", "RepoTags": [], "Layers": [files[0].0]}]);
    files[2].1 = item.to_string().into_bytes();
    let bytes = tar(&files);
    let archive = listed(&bytes);
    assert_eq!(codes(&archive), ["config-name"]);
    assert!(archive.may_be_pushed(0) && archive.images[0].names.is_empty());
    if let Some(said) = copied("wrong-json", &bytes, "docker-archive") {
        said.expect("skopeo takes it");
    }
}

#[test]
fn several_images_are_listed_where_skopeo_asks_for_one() {
    let (one, two) = (Made::new("a", 1), Made::new("b", 1));
    let mut files = docker(&one, &["a:1"]);
    let first = files.pop().expect("manifest.json").1;
    files.extend(docker(&two, &["b:1"]));
    let second = files.pop().expect("manifest.json").1;
    let both = [&first[..first.len() - 1], b",", &second[1..]].concat();
    files.push(("manifest.json".to_owned(), both));
    let bytes = tar(&files);
    assert_eq!(listed(&bytes).images.len(), 2);
    refuses("several", &bytes, "expected 1 item, got 2");
}

#[test]
fn gzip_outside_is_told_before_anything_is_read() {
    let bytes = tar(&docker(&Made::new("a", 1), &["a:1"]));
    for packed in [gzip(&bytes), gzip(&gzip(&bytes))] {
        let opened = run_now(open(&Memory::of(packed))).expect("it is read");
        assert!(matches!(
            opened,
            Opened::Packed(waybill_blobs::sniff::Compression::Gzip)
        ));
    }
}

/// skopeo takes a manifest that is not what index.json names, and says nothing.
#[test]
fn a_manifest_is_held_to_index_json() {
    let image = Made::new("a", 1);
    let mut files = layout(&image, "a");
    let name = super::harness::blob(&image.manifest());
    for (known, bytes) in &mut files {
        if *known == name {
            bytes.push(b'\n');
        }
    }
    let bytes = tar(&files);
    let (archive, judged) = verified(&bytes);
    says(&archive, Code::ManifestDiffers, "newline");
    assert!(is_refused(&archive));
    assert_eq!(judged[0].verdict, Verdict::Mismatch);
    if let Some(said) = copied("newline", &bytes, "oci-archive") {
        said.expect("skopeo does not look");
    }
}

/// skopeo does not look at `oci-layout`.
#[test]
fn oci_layout_is_missing_or_of_another_version() {
    let image = Made::new("a", 1);
    let mut files = layout(&image, "a");
    files.last_mut().expect("oci-layout").1 = br#"{"imageLayoutVersion":"9.9.9"}"#.to_vec();
    let bytes = tar(&files);
    assert_eq!(codes(&listed(&bytes)), ["layout-version"]);
    files.pop();
    let archive = listed(&tar(&files));
    assert_eq!(
        (codes(&archive), archive.form),
        (vec!["layout-version"], Form::OciArchive)
    );
    if let Some(said) = copied("layout-version", &bytes, "oci-archive") {
        said.expect("skopeo does not look");
    }
}

#[test]
fn names_that_stand_twice_in_json_are_read_differently() {
    let (one, two) = (Made::new("a", 1), Made::new("b", 1));
    let mut files = docker(&one, &["a:1"]);
    let second = docker(&two, &["b:1"]);
    files.extend(second[..2].to_vec());
    let (config, other) = (&second[1].0, &files[1].0);
    let text = format!(
        r#"[{{"Config":"{other}","config":"{config}","RepoTags":["a:1"],"Layers":["{}"]}}]"#,
        files[0].0
    );
    files[2].1 = text.into_bytes();
    let archive = listed(&tar(&files));
    assert!(is_refused(&archive));
    assert!(
        codes(&archive).contains(&"document-ambiguous"),
        "{:?}",
        codes(&archive)
    );
    let entry = named(descriptor(OCI_MANIFEST, &one.manifest()), "a");
    let text = String::from_utf8(index(std::slice::from_ref(&entry))).expect("text");
    let twice = text.replacen('{', r#"{"manifests":[],"#, 1);
    let mut files = layout(&one, "a");
    files.retain(|(name, _)| name != "index.json");
    files.push(("index.json".to_owned(), twice.into_bytes()));
    let archive = listed(&tar(&files));
    assert!(
        codes(&archive).contains(&"document-ambiguous"),
        "{:?}",
        codes(&archive)
    );
    assert!(is_refused(&archive));
}
