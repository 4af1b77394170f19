//! The archive that is an OCI layout and a docker archive at once, as other tools read it.

use std::path::Path;
use std::process::Command;

use waybill_core::Digest;
use waybill_core::save::{LeftOut, oci_archive};
use waybill_testkit::image::{Image, has, skopeo_copy};

use super::{CONFIG, Store, root, work};

/// The digest of the manifest that skopeo wrote into a folder.
fn digest_in(folder: &Path) -> Digest {
    Digest::sha256(&std::fs::read(folder.join("manifest.json")).expect("a manifest"))
}

#[test]
fn skopeo_reads_the_same_digest_as_a_layout_and_an_image_as_docker() {
    if !has("skopeo") {
        return;
    }
    for is_oci in [true, false] {
        let folder = work(&format!("layout-{is_oci}"));
        let mut store = Store::default();
        let digest = store.image(&Image::new(is_oci, CONFIG, 3));
        let archive = oci_archive(&[root(digest.clone(), &["x:1"])], &|digest| {
            store.here(digest)
        });
        let path = folder.join("a.tar");
        store.write(&archive.expect("an archive"), &path);
        let dir = |name: &str| format!("dir:{}", folder.join(name).display());
        // Of a layout skopeo of that time takes OCI's own types only.
        if is_oci {
            let from = format!("oci-archive:{}:1", path.display());
            assert_eq!(skopeo_copy(&[&from, &dir("oci")]), Ok(()));
            assert_eq!(digest_in(&folder.join("oci")), digest);
        }
        let from = format!("docker-archive:{}:x:1", path.display());
        assert_eq!(
            skopeo_copy(&[&from, &dir("docker")]),
            Ok(()),
            "OCI {is_oci}"
        );
    }
}

#[test]
fn a_list_comes_out_whole() {
    if !has("skopeo") {
        return;
    }
    let folder = work("layout-list");
    let mut store = Store::default();
    let arm = CONFIG.replace("amd64", "arm64");
    let images = [Image::new(true, &arm, 1), Image::new(true, CONFIG, 2)];
    let digest = store.list(&[("arm64", &images[0]), ("amd64", &images[1])]);
    let archive = oci_archive(&[root(digest.clone(), &["ghcr.io/o/r:v1"])], &|digest| {
        store.here(digest)
    })
    .expect("an archive");
    assert_eq!(archive.left_out, []);
    let path = folder.join("a.tar");
    store.write(&archive, &path);
    let from = format!("oci-archive:{}:v1", path.display());
    let to = format!("dir:{}", folder.join("to").display());
    assert_eq!(skopeo_copy(&["--all", &from, &to]), Ok(()));
    assert_eq!(digest_in(&folder.join("to")), digest);
    // Docker's older store gets the image of linux/amd64, whatever stands first.
    let from = format!("docker-archive:{}:ghcr.io/o/r:v1", path.display());
    let to = folder.join("docker");
    assert_eq!(
        skopeo_copy(&[&from, &format!("dir:{}", to.display())]),
        Ok(())
    );
    let config = Digest::sha256(&images[1].config);
    assert!(
        to.join(config.encoded()).is_file(),
        "the config of linux/amd64"
    );
    reads_with_others(&path, &folder, &digest, "ghcr.io/o/r:v1");
}

/// crane, regctl, oras and GNU tar, each where it is there.
fn reads_with_others(path: &Path, folder: &Path, digest: &Digest, name: &str) {
    let run = |program: &str, arguments: &[&str]| {
        if !has(program) {
            return None;
        }
        let output = Command::new(program)
            .args(arguments)
            .output()
            .expect("it runs");
        assert!(
            output.status.success(),
            "{program} {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let text = path.to_str().expect("text");
    let listed = run("tar", &["-tf", text]).expect("tar");
    let first: Vec<&str> = listed.lines().take(3).collect();
    assert_eq!(first, ["oci-layout", "index.json", "manifest.json"]);
    run("crane", &["validate", "--tarball", text]);
    let tag = name.rsplit(':').next().expect("a tag");
    let layout = format!("{text}:{tag}");
    if let Some(said) = run(
        "oras",
        &["manifest", "fetch", "--oci-layout", "--descriptor", &layout],
    ) {
        assert!(said.contains(digest.as_str()), "{said}");
    }
    let target = format!("ocidir://{}:{tag}", folder.join("regctl").display());
    if run("regctl", &["image", "import", &target, text]).is_some() {
        let said = run("regctl", &["image", "digest", &target]).expect("regctl");
        assert_eq!(said.trim(), digest.as_str());
    }
}

#[test]
fn what_is_not_here_is_left_out_and_named() {
    let mut store = Store::default();
    let arm = CONFIG.replace("amd64", "arm64");
    let images = [Image::new(true, CONFIG, 1), Image::new(true, &arm, 2)];
    let list = store.list(&[("amd64", &images[0]), ("arm64", &images[1])]);
    let absent = Digest::sha256(&images[1].manifest);
    store.contents.retain(|(digest, _)| *digest != absent);
    let archive = oci_archive(&[root(list, &[])], &|digest| store.here(digest));
    let archive = archive.expect("an archive");
    assert_eq!(archive.left_out, [LeftOut::NotHere(absent)]);
}

#[test]
fn the_same_contents_are_in_it_once() {
    let mut store = Store::default();
    let digest = store.image(&Image::new(true, CONFIG, 2));
    let roots = [
        root(digest.clone(), &["x:1"]),
        root(digest, &["y:1", "y:1"]),
    ];
    let archive = oci_archive(&roots, &|digest| store.here(digest)).expect("an archive");
    let mut paths: Vec<&str> = archive
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(paths.len(), 3 + 1 + 1 + 2);
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), 7);
}
