//! `archive save` of the headless reader: what it writes has the bytes of skopeo's own, and is read by others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Value, json};
use waybill_testkit::example;
use waybill_testkit::reader::{Ran, run as run_reader};

use super::harness::{
    Folder, Made, OCI_INDEX, OCI_MANIFEST, blob, descriptor, digest, docker, folder, gzip, index,
    layout, named, run, saved, skopeo, tar, without,
};

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| example::built("waybill-blobs", "archive"));

/// Runs `save` in a folder: places are of that folder.
fn save(folder: &Path, flags: &[&str], from: &str, to: &str) -> Ran {
    let place = |name: &str| folder.join(name).to_str().expect("text").to_owned();
    let (from, to) = (place(from), place(to));
    run_reader(&PROGRAM, &[&["save"], flags, &[&*from, &*to]].concat(), b"")
}

/// Saves what has to be saved, and gives what was told of it.
#[track_caller]
fn good(folder: &Path, flags: &[&str], from: &str, to: &str) -> Value {
    let ran = save(folder, flags, from, to);
    assert_eq!(ran.status, 0, "{flags:?} {from} {to}: {}", ran.output);
    ran.lines[0].clone()
}

/// An image with layers by gzip and a history, as an OCI layout in the folder `from`.
fn image(folder: &Path, seed: &str) -> Made {
    let plain = Made::new(seed, 3);
    let mut config: Value = serde_json::from_slice(&plain.config).expect("JSON");
    let step =
        |number| json!({"created": "2020-01-02T03:04:05Z", "created_by": format!("RUN {number}")});
    config["history"] = json!([step(0), step(1), step(2)]);
    config["config"]["Healthcheck"] = json!({"Test": ["NONE"]});
    let image = Made {
        layers: plain.layers.iter().map(|layer| gzip(layer)).collect(),
        config: config.to_string().into_bytes(),
    };
    for (name, bytes) in layout(&image, "h.example/a:1") {
        saved(folder, &format!("from/{name}"), &bytes);
    }
    image
}

/// Has skopeo copy in that folder; false where it is not here.
#[track_caller]
fn copy(folder: &Path, arguments: &[&str]) -> bool {
    let all = [&["copy", "-q"][..], arguments].concat();
    match run(folder, "skopeo", &all) {
        Some(Ok(_)) => true,
        Some(Err(complaint)) => panic!("skopeo {arguments:?}: {complaint}"),
        None => {
            without("skopeo");
            false
        }
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    Folder::read(folder).0.into_iter().collect()
}

#[track_caller]
fn same_files(folder: &Path, ours: &str, theirs: &str) {
    let (ours, theirs) = (files(&folder.join(ours)), files(&folder.join(theirs)));
    assert_eq!(
        ours.keys().collect::<Vec<_>>(),
        theirs.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &ours {
        assert!(theirs[name] == *bytes, "{name}");
    }
}

#[track_caller]
fn same(folder: &Path, ours: &str, theirs: &str) {
    let read = |name: &str| std::fs::read(folder.join(name)).expect("a file");
    assert!(read(ours) == read(theirs), "{ours} and {theirs} differ");
}

#[test]
fn each_form_comes_out_of_the_others_with_its_digest() {
    let folder = folder("save-forms");
    let made = image(&folder, "a");
    let manifest = digest(&made.manifest());
    let told = good(&folder, &["--as", "oci-archive"], "from", "a.tar");
    assert_eq!(
        told["images"],
        json!([{"names": ["h.example/a:1"], "mediaType": OCI_MANIFEST, "digest": manifest, "made": false}])
    );
    let size = std::fs::metadata(folder.join("a.tar"))
        .expect("a file")
        .len();
    assert_eq!(
        (&told["size"], &told["leftOut"]),
        (&json!(size), &json!([]))
    );
    good(&folder, &["--as", "dir"], "a.tar", "dir");
    good(&folder, &["--as", "dir"], "a.tar", "dir.tar");
    good(&folder, &["--as", "docker-archive"], "dir", "d.tar");
    let told = good(&folder, &["--as", "docker-archive"], "dir.tar", "e.tar");
    same(&folder, "d.tar", "e.tar");
    // What a docker archive becomes is the image that skopeo makes of it.
    let back = good(&folder, &["--as", "oci-archive"], "d.tar", "back.tar");
    assert_eq!(back["images"][0]["digest"], told["images"][0]["digest"]);
    assert_eq!(told["images"][0]["made"], true);
    assert_eq!(
        good(&folder, &["--as", "dir"], "back.tar", "back")["images"][0]["made"],
        false
    );

    if !copy(&folder, &["oci:from:h.example/a:1", "dir:theirs"]) {
        return;
    }
    same_files(&folder, "dir", "theirs");
    copy(&folder, &["dir:theirs", "docker-archive:theirs.tar"]);
    same(&folder, "d.tar", "theirs.tar");
    for (place, expected) in [
        ("oci-archive:a.tar:1", &*manifest),
        ("dir:dir", &*manifest),
        (
            "docker-archive:d.tar",
            told["images"][0]["digest"].as_str().expect("a digest"),
        ),
    ] {
        let told = skopeo(&folder, place).expect("it copied");
        assert_eq!(told.as_deref(), Ok(expected), "{place}");
    }
    copy(
        &folder,
        &[
            "docker-archive:a.tar:h.example/a:1",
            "docker-archive:third.tar:h.example/a:1",
        ],
    );
    good(&folder, &["--as", "docker-archive"], "a.tar", "named.tar");
    same(&folder, "named.tar", "third.tar");
}

#[test]
fn others_read_the_archive_that_is_both() {
    let folder = folder("save-others");
    let made = image(&folder, "a");
    let manifest = digest(&made.manifest());
    good(&folder, &["--as", "oci-archive"], "from", "a.tar");
    let said = |program: &str, arguments: &[&str]| {
        let ran = run(&folder, program, arguments);
        if ran.is_none() {
            without(program);
        }
        ran.map(|ran| {
            ran.unwrap_or_else(|complaint| panic!("{program} {arguments:?}: {complaint}"))
        })
    };
    said("crane", &["validate", "--tarball", "a.tar"]);
    let fetch = [
        "manifest",
        "fetch",
        "--oci-layout",
        "--descriptor",
        "a.tar:1",
    ];
    if let Some(told) = said("oras", &fetch) {
        assert!(told.contains(&manifest), "{told}");
    }
    if said("regctl", &["image", "import", "ocidir://regctl:1", "a.tar"]).is_some() {
        let told = said("regctl", &["image", "digest", "ocidir://regctl:1"]);
        assert_eq!(told.expect("it is here").trim(), manifest);
    }
    let listed = said("tar", &["-tf", "a.tar"]).expect("tar");
    assert!(listed.contains("blobs/sha256/"), "{listed}");
    std::fs::create_dir(folder.join("unpacked")).expect("a folder");
    said("tar", &["-xf", "a.tar", "-C", "unpacked"]);
    if let Some(told) = said("umoci", &["stat", "--image", "unpacked:1", "--json"]) {
        assert!(told.contains("RUN 2"), "{told}");
    }
    let store = ["--storage-driver=vfs", "--root=store", "--runroot=run"];
    for program in ["buildah", "podman"] {
        for place in ["oci-archive:a.tar", "docker-archive:a.tar:h.example/a:1"] {
            // Without root it has nowhere to keep an image.
            let all = [&store[..], &["pull", "-q", place]].concat();
            match run(&folder, program, &all) {
                Some(Ok(id)) => {
                    let id = format!("sha256:{}", id.trim());
                    assert_eq!(id, digest(&made.config), "{place}");
                }
                Some(Err(complaint)) => eprintln!("*** {program} {place}: {complaint}"),
                None => without(program),
            }
        }
    }
}

#[test]
fn formats_have_skopeos_bytes() {
    let folder = folder("save-formats");
    image(&folder, "a");
    let to = |format: &str, from: &str, to: &str| {
        good(&folder, &["--as", "dir", "--format", format], from, to)
    };
    to("v2s2", "from", "v2s2");
    let lost = to("oci", "v2s2", "oci");
    assert_eq!(lost["lost"], json!(["config/config/Healthcheck"]));
    to("v2s1", "v2s2", "v2s1");
    to("v2s2", "v2s1", "again");
    if !copy(
        &folder,
        &[
            "--format",
            "v2s2",
            "oci:from:h.example/a:1",
            "dir:v2s2-theirs",
        ],
    ) {
        return;
    }
    same_files(&folder, "v2s2", "v2s2-theirs");
    copy(&folder, &["--format", "oci", "dir:v2s2", "dir:oci-theirs"]);
    same_files(&folder, "oci", "oci-theirs");
    copy(
        &folder,
        &["--format", "v2s1", "dir:v2s2", "dir:v2s1-theirs"],
    );
    // Signed and not, the digest is that of the payload.
    let of = |name: &str| skopeo(&folder, &format!("dir:{name}"));
    assert_eq!(of("v2s1"), of("v2s1-theirs"));
    copy(
        &folder,
        &["--format", "v2s2", "dir:v2s1", "dir:again-theirs"],
    );
    same_files(&folder, "again", "again-theirs");
    let refused = save(
        &folder,
        &["--as", "oci-archive", "--format", "v2s1"],
        "from",
        "no.tar",
    );
    assert_eq!(refused.status, 2);
}

#[test]
fn layers_that_are_compressed_anew_unpack_to_the_same() {
    let folder = folder("save-compress");
    let made = image(&folder, "a");
    let mut archives = vec![];
    for (from, packing, to) in [
        ("from", "none", "none.tar"),
        ("none.tar", "zstd", "zstd.tar"),
        ("zstd.tar", "gzip", "gzip.tar"),
    ] {
        let flags = ["--as", "oci-archive", "--compress", packing];
        let told = good(&folder, &flags, from, to);
        assert_ne!(
            told["images"][0]["digest"],
            digest(&made.manifest()),
            "{packing}"
        );
        let path = folder.join(to);
        let ran = run_reader(&PROGRAM, &["verify", path.to_str().expect("text")], b"");
        assert_eq!(ran.status, 0, "{packing}: {}", ran.output);
        assert_eq!(ran.lines[1]["verdict"], "verified", "{packing}");
        good(
            &folder,
            &["--as", "docker-archive"],
            to,
            &format!("docker-{to}"),
        );
        archives.push(to);
        let place = format!("oci-archive:{to}:1");
        // skopeo of that time makes no docker archive of zstd, and unpacks it on its way to gzip.
        let (flags, theirs) = match packing {
            "zstd" => (
                &["--dest-compress-format", "gzip"][..],
                "oci:theirs-zstd:1".to_owned(),
            ),
            _ => (&[][..], format!("docker-archive:theirs-{to}:h.example/a:1")),
        };
        if copy(&folder, &[flags, &[&*place, &*theirs]].concat()) && packing != "zstd" {
            same(&folder, &format!("docker-{to}"), &format!("theirs-{to}"));
        }
    }
    // Whatever the compression was, the docker archive is the same.
    for to in &archives[1..] {
        same(&folder, "docker-none.tar", &format!("docker-{to}"));
    }
    // What is compressed so already stays as it is.
    let flags = ["--as", "oci-archive", "--compress", "gzip"];
    let told = good(&folder, &flags, "from", "same.tar");
    assert_eq!(told["images"][0]["digest"], digest(&made.manifest()));
    // Docker's format has no zstd.
    let flags = ["--as", "dir", "--format", "v2s2", "--compress", "zstd"];
    assert_eq!(save(&folder, &flags, "from", "no").status, 2);
}

#[test]
fn lists_are_saved_whole_or_one_image_of_them() {
    let folder = folder("save-lists");
    let images = [Made::new("a", 1), Made::new("b", 2)];
    let mut entries = Vec::new();
    for (image, architecture) in images.iter().zip(["amd64", "arm64"]) {
        let mut entry = descriptor(OCI_MANIFEST, &image.manifest());
        entry["platform"] = json!({"os": "linux", "architecture": architecture});
        entries.push(entry);
        for (name, bytes) in layout(image, "x") {
            saved(&folder, &format!("from/{name}"), &bytes);
        }
    }
    let list = index(&entries);
    saved(&folder, &format!("from/{}", blob(&list)), &list);
    let top = index(&[named(descriptor(OCI_INDEX, &list), "h.example/a:1")]);
    saved(&folder, "from/index.json", &top);
    let told = good(&folder, &["--as", "oci-archive"], "from", "a.tar");
    assert_eq!(told["images"][0]["digest"], digest(&list));
    good(&folder, &["--as", "dir"], "a.tar", "dir");
    let arm = digest(&images[1].manifest());
    let one = ["--as", "docker-archive", "--image", &*arm];
    assert_eq!(
        good(&folder, &one, "a.tar", "arm.tar")["images"][0]["made"],
        true
    );
    for flags in [
        &["--as", "docker-archive"][..],
        &["--as", "dir", "--format", "v2s2"],
    ] {
        let ran = save(&folder, flags, "a.tar", "no");
        assert_eq!(ran.status, 2);
        let error = ran.lines[0]["error"].as_str().expect("words");
        assert!(error.contains("is a list"), "{error}");
    }
    if copy(&folder, &["--all", "oci:from:h.example/a:1", "dir:theirs"]) {
        same_files(&folder, "dir", "theirs");
    }
    // One that is not here is left out, and said to be.
    let absent = blob(&images[0].manifest());
    std::fs::remove_file(folder.join("from").join(absent)).expect("a file");
    let ran = save(&folder, &["--as", "oci-archive"], "from", "sparse.tar");
    assert_eq!(ran.status, 1, "{}", ran.output);
    let left_out = ran.lines[0]["leftOut"][0].as_str().expect("words");
    assert!(
        left_out.starts_with(&digest(&images[0].manifest())),
        "{left_out}"
    );
}

#[test]
fn nothing_half_done_has_the_name() {
    let folder = folder("save-wrong");
    let made = image(&folder, "a");
    let nothing_new = |what: &str| {
        let names = std::fs::read_dir(&folder).expect("a folder");
        let names = names.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<_> = names.filter_map(|name| name.into_string().ok()).collect();
        names.sort();
        assert_eq!(names, ["from", "there.tar"], "{what}");
    };
    saved(&folder, "there.tar", b"mine");
    let ran = save(&folder, &["--as", "oci-archive"], "from", "there.tar");
    assert_eq!(ran.status, 2);
    assert_eq!(
        std::fs::read(folder.join("there.tar")).expect("a file"),
        b"mine"
    );
    let layer = format!("from/{}", blob(&made.layers[1]));
    let mut other = made.layers[1].clone();
    other[20] ^= 1;
    for (what, bytes, words) in [
        ("other", &other[..], "hash"),
        ("cut", &made.layers[1][..30], "bytes"),
    ] {
        saved(&folder, &layer, bytes);
        for flags in [
            &["--as", "oci-archive"][..],
            &["--as", "docker-archive"],
            &["--as", "dir"],
            &["--as", "oci-archive", "--compress", "none"],
        ] {
            let ran = save(&folder, flags, "from", "new");
            assert_eq!(ran.status, 2, "{what} {flags:?}: {}", ran.output);
            assert_eq!(ran.lines[0]["kind"], "refused");
            let error = ran.lines[0]["error"].as_str().expect("words");
            if flags == ["--as", "oci-archive"] {
                assert!(error.contains(words), "{what}: {error}");
            }
            nothing_new(what);
        }
    }
    std::fs::remove_file(folder.join(&layer)).expect("a file");
    let ran = save(&folder, &["--as", "oci-archive"], "from", "new");
    let error = ran.lines[0]["error"].as_str().expect("words");
    assert!(
        ran.status == 2 && error.contains("is not in the archive"),
        "{error}"
    );
    nothing_new("without a layer");
}

#[test]
fn what_readers_see_differently_is_not_saved() {
    let folder = folder("save-differs");
    let made = Made::new("a", 1);
    let mut twice = docker(&made, &["a:1"]);
    let mut other = twice[0].clone();
    other.1[0] ^= 1;
    twice.push(other);
    saved(&folder, "twice.tar", &tar(&twice));
    let ran = save(&folder, &["--as", "oci-archive"], "twice.tar", "new.tar");
    assert_eq!(ran.status, 2, "{}", ran.output);
    assert!(!folder.join("new.tar").exists());
    let ran = save(&folder, &["--as", "tar"], "twice.tar", "new.tar");
    assert!(
        ran.status == 2 && ran.complaint.contains("usage: "),
        "{}",
        ran.complaint
    );
}
