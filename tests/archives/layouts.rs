//! The layouts of every writer, made by hand as copy.md's table has them.

use serde_json::{Value, json};
use waybill_blobs::archive::{Code, Form, Holds, Image, Verdict};

use super::harness::{
    Folder, LAYOUT, Made, OCI_INDEX, OCI_MANIFEST, blob, codes, descriptor, digest, docker, ended,
    folder, gzip, hex, index, layout, link, listed, named, opened, saved, says, skopeo, tar,
    verified,
};
use waybill_core::digest::Digest;
use waybill_testkit::tar::file;

fn text(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn named_file(name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    (name.to_owned(), bytes.to_vec())
}

fn digest_of(image: &Image) -> &str {
    image.digest.as_ref().map_or("", Digest::as_str)
}

/// What docker up to 24 writes: a layer that stands twice is a symbolic link the second time.
fn docker_24(image: &Made) -> Vec<u8> {
    let mut entries = Vec::new();
    let mut paths = Vec::new();
    let mut top = String::new();
    for (number, layer) in image.layers.iter().enumerate() {
        let id = hex(format!("{number}").as_bytes());
        entries.push(file(&format!("{id}/VERSION"), b"1.0"));
        entries.push(file(&format!("{id}/json"), br#"{"id":"x"}"#));
        let path = format!("{id}/layer.tar");
        let first = image.layers.iter().position(|known| known == layer);
        match first.filter(|first| *first < number) {
            Some(first) => entries.push(link(&path, b'2', &format!("../{}", paths[first]))),
            None => entries.push(file(&path, layer)),
        }
        paths.push(path);
        top = id;
    }
    let config = format!("{}.json", hex(&image.config));
    entries.push(file(&config, &image.config));
    let manifest =
        json!([{"Config": config, "RepoTags": ["busybox:1", "busybox:2"], "Layers": paths}]);
    entries.push(file("manifest.json", &text(&manifest)));
    entries.push(file(
        "repositories",
        &text(&json!({"busybox": {"1": top, "2": top}})),
    ));
    ended(&entries)
}

#[test]
fn docker_up_to_24() {
    let layer = Made::new("a", 1).layers.remove(0);
    let other = Made::new("b", 1).layers.remove(0);
    let image = Made::of(vec![layer.clone(), other, layer]);
    let bytes = docker_24(&image);
    let (archive, judged) = verified(&bytes);
    assert_eq!(archive.form, Form::DockerArchive);
    let found = &archive.images[0];
    assert_eq!(found.names, ["busybox:1", "busybox:2"]);
    assert!(found.made && found.complete && archive.may_be_pushed(0));
    assert_eq!(digest_of(found), digest(image.skopeos().as_bytes()));
    assert_eq!(found.bytes.as_deref(), Some(image.skopeos().as_bytes()));
    assert_eq!(judged[0].verdict, Verdict::Verified);
    assert_eq!(codes(&archive), ["link-followed"]);
    let folder = folder("docker-24");
    saved(&folder, "a.tar", &bytes);
    if let Some(said) = skopeo(&folder, "docker-archive:a.tar:busybox:1") {
        assert_eq!(said.as_deref(), Ok(digest_of(found)));
    }
}

/// What docker 25 to 28 writes with its graph drivers.
fn docker_25(image: &Made, manifest: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = image
        .layers
        .iter()
        .chain([&image.config])
        .map(|bytes| (blob(bytes), bytes.clone()))
        .collect();
    files.push((blob(manifest), manifest.to_vec()));
    // The config of a version 1 that nothing names.
    files.push((blob(b"{}"), b"{}".to_vec()));
    let mut entry = named(descriptor(OCI_MANIFEST, manifest), "1");
    entry["annotations"]["io.containerd.image.name"] = json!("docker.io/library/x:1");
    files.push(named_file("index.json", &index(&[entry])));
    let layers: Vec<_> = image.layers.iter().map(|layer| blob(layer)).collect();
    let sources: serde_json::Map<_, _> = image
        .layers
        .iter()
        .map(|layer| {
            let source = descriptor("application/vnd.oci.image.layer.v1.tar", layer);
            (digest(layer), source)
        })
        .collect();
    let item = json!({"Config": blob(&image.config), "RepoTags": ["x:1"], "Layers": layers, "LayerSources": sources});
    files.push(named_file("manifest.json", &text(&json!([item]))));
    files.push(named_file(
        "oci-layout",
        br#"{"imageLayoutVersion": "1.0.0"}"#,
    ));
    files.push(named_file(
        "repositories",
        &text(&json!({"x": {"1": hex(&image.layers[0])}})),
    ));
    files
}

#[test]
fn docker_25_to_28_name_one_image_twice() {
    let image = Made::new("x", 2);
    let files = docker_25(&image, &image.manifest());
    let (archive, judged) = verified(&tar(&files));
    assert_eq!((archive.form, archive.images.len()), (Form::Hybrid, 1));
    let found = &archive.images[0];
    assert_eq!(found.names, ["docker.io/library/x:1"]);
    assert!(!found.made);
    assert_eq!(digest_of(found), digest(&image.manifest()));
    assert_eq!(
        found.platform.as_ref().map(ToString::to_string).as_deref(),
        Some("linux/arm64")
    );
    assert_eq!(judged[0].verdict, Verdict::Verified);
    assert_eq!(codes(&archive), Vec::<&str>::new());
}

/// docker 25.0.0-beta wrote manifests without layers (moby#47065).
#[test]
fn a_manifest_without_layers_gives_way_to_manifest_json() {
    let image = Made::new("x", 2);
    let empty = Made {
        layers: Vec::new(),
        ..image.clone()
    };
    let archive = listed(&tar(&docker_25(&image, &empty.manifest())));
    assert_eq!(archive.images.len(), 2);
    assert!(!archive.may_be_pushed(0) && archive.may_be_pushed(1));
    assert_eq!(
        digest_of(&archive.images[1]),
        digest(image.skopeos().as_bytes())
    );
    says(&archive, Code::LayerCount, "0 layers, and 2 diff_ids");
}

/// What docker writes with containerd's store: compressed layers, all platforms in index.json, one in manifest.json.
#[test]
fn dockers_containerd_store_names_platforms_that_are_not_there() {
    let plain = Made::new("x", 2);
    let here = Made {
        layers: plain.layers.iter().map(|layer| gzip(layer)).collect(),
        ..plain
    };
    let there = Made::new("y", 1).manifest();
    let mut entries = [
        descriptor(OCI_MANIFEST, &here.manifest()),
        descriptor(OCI_MANIFEST, &there),
    ];
    entries[0]["platform"] = json!({"os": "linux", "architecture": "amd64"});
    entries[1]["platform"] = json!({"os": "linux", "architecture": "s390x"});
    let list = index(&entries);
    let mut top = named(descriptor(OCI_INDEX, &list), "1");
    top["annotations"]["io.containerd.image.name"] = json!("docker.io/library/x:1");
    let layers: Vec<_> = here.layers.iter().map(|layer| blob(layer)).collect();
    let item = json!({"Config": blob(&here.config), "RepoTags": ["x:1"], "Layers": layers});
    let mut files = here.blobs();
    files.push((blob(&list), list.clone()));
    files.push(named_file("index.json", &index(&[top])));
    files.push(named_file("manifest.json", &text(&json!([item]))));
    files.push(named_file("oci-layout", LAYOUT));
    let (archive, judged) = verified(&tar(&files));
    let [whole, first, second] = &archive.images[..] else {
        panic!("{:#?}", archive.images);
    };
    assert_eq!(whole.names, ["docker.io/library/x:1"]);
    assert_eq!(digest_of(whole), digest(&list));
    let Holds::Index(children) = &whole.holds else {
        panic!("{whole:?}");
    };
    let children: Vec<_> = children.iter().map(Digest::as_str).collect();
    assert_eq!(children, [digest(&here.manifest()), digest(&there)]);
    assert!(!whole.complete && first.complete && !second.complete);
    assert!(archive.may_be_pushed(1) && !archive.may_be_pushed(0));
    // The one of manifest.json is the one of the index.
    assert_eq!(first.names, ["x:1"]);
    assert_eq!(
        first.platform.as_ref().map(ToString::to_string).as_deref(),
        Some("linux/amd64")
    );
    let verdicts: Vec<_> = judged.iter().map(|judged| judged.verdict).collect();
    let not = Verdict::NotChecked;
    assert_eq!(verdicts, [not, Verdict::Verified, not]);
    assert_eq!(codes(&archive), ["manifest-missing"]);
}

/// crane's tarball: names with a colon, compressed layers, so the digest needs them unpacked.
#[test]
fn what_is_compressed_has_a_digest_once_it_was_unpacked() {
    let plain = Made::new("x", 2);
    let packed: Vec<_> = plain.layers.iter().map(|layer| gzip(layer)).collect();
    let mut files: Vec<_> = packed
        .iter()
        .map(|layer| (format!("{}.tar.gz", hex(layer)), layer.clone()))
        .collect();
    let layers: Vec<_> = files.iter().map(|(name, _)| name.clone()).collect();
    let config = digest(&plain.config);
    files.insert(0, (config.clone(), plain.config.clone()));
    let item = json!({"Config": config, "RepoTags": ["r/x:i-was-a-digest"], "Layers": layers});
    files.push(named_file("manifest.json", &text(&json!([item]))));
    let bytes = tar(&files);
    let source = super::harness::Memory::of(bytes.clone());
    let opened = waybill_testkit::registries::run_now(waybill_blobs::archive::open(&source));
    let Ok(waybill_blobs::archive::Opened::Archive(unread)) = opened else {
        panic!("it is an archive");
    };
    assert_eq!(unread.images[0].digest, None);
    let sum: usize = packed.iter().map(Vec::len).sum();
    assert_eq!(unread.to_measure(), sum as u64);
    let (archive, judged) = verified(&bytes);
    assert_eq!(
        digest_of(&archive.images[0]),
        digest(plain.skopeos().as_bytes())
    );
    assert_eq!(judged[0].verdict, Verdict::Verified);
    assert_eq!(codes(&archive), Vec::<&str>::new());
}

#[test]
fn buildx_names_one_image_by_several_tags() {
    let image = Made::new("x", 1);
    let entry = |name: &str| {
        let mut entry = named(descriptor(OCI_MANIFEST, &image.manifest()), "1");
        entry["annotations"]["io.containerd.image.name"] = json!(name);
        entry
    };
    let mut files = image.blobs();
    let tops = [
        entry("docker.io/library/x:1"),
        entry("docker.io/library/x:latest"),
    ];
    files.push(named_file("index.json", &index(&tops)));
    files.push(named_file("oci-layout", LAYOUT));
    let archive = listed(&tar(&files));
    assert_eq!(archive.images.len(), 1);
    assert_eq!(
        archive.images[0].names,
        ["docker.io/library/x:1", "docker.io/library/x:latest"]
    );
}

/// skopeo's `dir:`, as a folder and as a tar file, with all endings and algorithms.
#[test]
fn a_directory_of_skopeo() {
    let image = Made::new("x", 3);
    let manifest = image.manifest();
    let mut list = descriptor(OCI_MANIFEST, &manifest);
    list["platform"] = json!({"os": "linux", "architecture": "arm64"});
    let list = index(&[list]);
    let mut files = vec![
        named_file("version", b"Directory Transport Version: 1.1\n"),
        named_file("manifest.json", &list),
        (
            format!("{}.manifest.json", hex(&manifest)),
            manifest.clone(),
        ),
        (hex(&image.config), image.config.clone()),
    ];
    for (layer, ending) in image.layers.iter().zip(["", ".tar", ".tar.gz"]) {
        files.push((hex(layer) + ending, layer.clone()));
    }
    for archive in [opened(&Folder(files.clone())), listed(&tar(&files))] {
        assert_eq!((archive.form, archive.images.len()), (Form::Directory, 2));
        assert_eq!(digest_of(&archive.images[0]), digest(&list));
        assert_eq!(digest_of(&archive.images[1]), digest(&manifest));
        assert!(archive.may_be_pushed(0) && archive.may_be_pushed(1));
        assert_eq!(codes(&archive), Vec::<&str>::new());
    }
    // An interrupted copy.
    let archive = opened(&Folder(vec![files[0].clone()]));
    assert_eq!(archive.form, Form::Directory);
    assert_eq!(codes(&archive), ["copy-interrupted"]);
    // Another version.
    files[0].1 = b"Directory Transport Version: 2.0\n".to_vec();
    assert_eq!(codes(&opened(&Folder(files))), ["directory-version"]);
}

#[test]
fn sha512_is_found_in_each_form() {
    use waybill_core::digest::Algorithm;
    let image = Made::new("x", 1);
    let layer = &image.layers[0];
    let sum = Digest::compute(Algorithm::Sha512, layer);
    let manifest = String::from_utf8(image.manifest()).expect("text");
    let manifest = manifest.replace(&digest(layer), sum.as_str()).into_bytes();
    let mut files = vec![
        (blob(&image.config), image.config.clone()),
        (blob(&manifest), manifest.clone()),
        (format!("blobs/sha512/{}", sum.encoded()), layer.clone()),
        named_file("oci-layout", LAYOUT),
    ];
    let entry = named(descriptor(OCI_MANIFEST, &manifest), "x");
    files.push(named_file("index.json", &index(&[entry])));
    let (archive, judged) = verified(&tar(&files));
    assert!(archive.images[0].complete);
    assert_eq!(judged[0].verdict, Verdict::Verified);
    let directory = vec![
        named_file("version", b"Directory Transport Version: 1.2\n"),
        named_file("manifest.json", &manifest),
        (hex(&image.config), image.config.clone()),
        (format!("sha512-{}", sum.encoded()), layer.clone()),
    ];
    let archive = opened(&Folder(directory));
    assert!(archive.images[0].complete);
    assert_eq!(codes(&archive), Vec::<&str>::new());
}

/// An index.json that is the list of platforms itself: skopeo says "choose an image".
#[test]
fn the_entries_of_index_json_may_be_one_list() {
    let images = [Made::new("a", 1), Made::new("b", 1)];
    let mut files = Vec::new();
    let mut entries = Vec::new();
    for (image, architecture) in images.iter().zip(["amd64", "arm64"]) {
        files.extend(image.blobs());
        let mut entry = descriptor(OCI_MANIFEST, &image.manifest());
        entry["platform"] = json!({"os": "linux", "architecture": architecture});
        entries.push(entry);
    }
    let top = index(&entries);
    files.push(named_file("index.json", &top));
    files.push(named_file("oci-layout", LAYOUT));
    let archive = listed(&tar(&files));
    assert_eq!(archive.images.len(), 3);
    assert_eq!(digest_of(&archive.images[0]), digest(&top));
    assert!((0..3).all(|image| archive.may_be_pushed(image)));
    assert_eq!(codes(&archive), ["index-is-list"]);
}

#[test]
fn two_images_of_one_name_each_and_two_of_one_config() {
    // skopeo says "expected 1 item, got 2".
    let (one, two) = (Made::new("a", 1), Made::new("b", 1));
    let mut files = docker(&one, &["a:1"]);
    let first = files.pop().expect("manifest.json").1;
    files.extend(docker(&two, &["b:1"]));
    let second = files.pop().expect("manifest.json").1;
    let both = [&first[..first.len() - 1], b",", &second[1..]].concat();
    files.push(named_file("manifest.json", &both));
    let archive = listed(&tar(&files));
    let names: Vec<_> = archive
        .images
        .iter()
        .map(|image| image.names.join(" "))
        .collect();
    assert_eq!(names, ["a:1", "b:1"]);
    // One config with layers of another compression is another image.
    let packed = Made {
        layers: one.layers.iter().map(|layer| gzip(layer)).collect(),
        ..one.clone()
    };
    let mut files = layout(&one, "plain");
    files.extend(packed.blobs());
    let entries =
        [&one, &packed].map(|image| named(descriptor(OCI_MANIFEST, &image.manifest()), "x"));
    files.retain(|(name, _)| name != "index.json");
    files.push(named_file("index.json", &index(&entries)));
    assert_eq!(listed(&tar(&files)).images.len(), 2);
}

/// By-digest images are lost in index.json (moby#51389), other platforms in manifest.json.
#[test]
fn what_only_one_of_both_lists_names_is_listed_and_said() {
    let (one, two, three) = (Made::new("a", 1), Made::new("b", 1), Made::new("c", 1));
    let mut files = layout(&one, "docker.io/library/a:1");
    files.extend(two.blobs());
    files.extend(three.blobs());
    let entries = [(&one, "a:1"), (&three, "c:1")]
        .map(|(image, name)| named(descriptor(OCI_MANIFEST, &image.manifest()), name));
    files.retain(|(name, _)| name != "index.json");
    files.push(named_file("index.json", &index(&entries)));
    let items = [(&one, Some("a:1")), (&two, None)].map(|(image, tag)| {
        json!({"Config": blob(&image.config), "RepoTags": tag.map(|tag| [tag]), "Layers": [blob(&image.layers[0])]})
    });
    files.push(named_file("manifest.json", &text(&json!(items))));
    let archive = listed(&tar(&files));
    assert_eq!(archive.images.len(), 3);
    says(&archive, Code::ListedOnce, "c:1: only index.json names it");
    says(&archive, Code::ListedOnce, "only manifest.json names it");
    assert_eq!(codes(&archive), ["listed-once"]);
    assert_eq!(
        digest_of(&archive.images[2]),
        digest(two.skopeos().as_bytes())
    );
}

/// What docker wrote before 1.10: no manifest.json, so skopeo does not read it.
#[test]
fn docker_before_1_10() {
    let image = Made::new("x", 2);
    let layer = |number: usize, parent: &str| {
        let id = hex(format!("{number}").as_bytes());
        let text = json!({
            "id": id, "parent": parent, "docker_version": "1.9.1", "architecture": "amd64", "os": "linux",
            "created": "2015-10-01T10:00:00Z", "container_config": {"Cmd": ["/bin/sh"]},
        });
        let files = [
            (format!("{id}/VERSION"), b"1.0".to_vec()),
            (format!("{id}/json"), text.to_string().into_bytes()),
            (format!("{id}/layer.tar"), image.layers[number].clone()),
        ];
        (id, files)
    };
    let (base, files) = layer(0, "");
    let mut files = files.to_vec();
    let (top, more) = layer(1, &base);
    files.extend(more);
    files.push(named_file(
        "repositories",
        &text(&json!({"h/x": {"1": top, "2": top}})),
    ));
    let bytes = tar(&files);
    let (archive, judged) = verified(&bytes);
    assert_eq!((archive.form, archive.images.len()), (Form::Legacy, 1));
    let found = &archive.images[0];
    assert_eq!(found.names, ["h/x:1", "h/x:2"]);
    assert_eq!(
        found.platform.as_ref().map(ToString::to_string).as_deref(),
        Some("linux/amd64")
    );
    assert!(found.made && found.complete && archive.may_be_pushed(0));
    let config = found
        .config()
        .and_then(|config| config.embedded.clone())
        .expect("a config");
    let read: Value = serde_json::from_slice(&config).expect("JSON");
    let diff_ids: Vec<_> = image.layers.iter().map(|layer| digest(layer)).collect();
    assert_eq!(
        read["rootfs"],
        json!({"type": "layers", "diff_ids": diff_ids})
    );
    assert_eq!(read["history"].as_array().map(Vec::len), Some(2));
    let whole = Made {
        config,
        ..image.clone()
    };
    assert_eq!(digest_of(found), digest(whole.skopeos().as_bytes()));
    assert_eq!(judged[0].verdict, Verdict::NotChecked);
    assert_eq!(codes(&archive), ["legacy-layout"]);
    let folder = folder("docker-1.9");
    saved(&folder, "a.tar", &bytes);
    if let Some(said) = skopeo(&folder, "docker-archive:a.tar") {
        let said = said.expect_err("skopeo refuses it");
        assert!(said.contains("manifest.json"), "{said}");
    }
    // Without names, by the parents alone; one that is missing is said.
    files.pop();
    let archive = listed(&tar(&files));
    assert_eq!((archive.form, archive.images.len()), (Form::Legacy, 1));
    files.retain(|(name, _)| !name.starts_with(&base));
    let archive = listed(&tar(&files));
    says(&archive, Code::BlobMissing, "/json is not in the archive");
    assert!(!archive.may_be_pushed(0));
    // One that is its own parent.
    let text = json!({"id": "a", "parent": "a"}).to_string().into_bytes();
    let circle = tar(&[
        ("a/json".to_owned(), text),
        ("a/layer.tar".to_owned(), image.layers[0].clone()),
        ("repositories".to_owned(), br#"{"a":{"1":"a"}}"#.to_vec()),
    ]);
    says(
        &listed(&circle),
        Code::DocumentInvalid,
        "itself for a parent",
    );
}

/// `tar cf a.tar folder` in place of `tar -C folder -cf a.tar .`: only the page reads it.
#[test]
fn a_folder_that_was_packed_as_a_whole_is_read_from_there() {
    let image = Made::new("x", 1);
    let within = |files: Vec<(String, Vec<u8>)>| {
        let files = files
            .into_iter()
            .map(|(name, bytes)| (format!("./some/{name}"), bytes));
        tar(&files.collect::<Vec<_>>())
    };
    for (bytes, form) in [
        (within(layout(&image, "x:1")), Form::OciArchive),
        (within(docker(&image, &["x:1"])), Form::DockerArchive),
    ] {
        let (archive, judged) = verified(&bytes);
        assert_eq!(archive.form, form);
        assert_eq!(codes(&archive), ["in-folder"]);
        assert!(archive.may_be_pushed(0));
        assert_eq!(judged[0].verdict, Verdict::Verified);
    }
    // Links in it lead on.
    let mut entries = Vec::new();
    for (name, bytes) in docker(&image, &["x:1"]) {
        if bytes == image.layers[0] {
            entries.push(link(&format!("some/{name}"), b'2', "real"));
            entries.push(file("some/real", &bytes));
        } else {
            entries.push(file(&format!("some/{name}"), &bytes));
        }
    }
    let archive = listed(&ended(&entries));
    assert!(archive.may_be_pushed(0), "{:?}", archive.findings);
    // Beside something else it stays what it is.
    entries.push(file("other", b""));
    assert_eq!(listed(&ended(&entries)).form, Form::None);
}
