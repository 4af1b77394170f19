//! `dir:` of skopeo as a tar file: unpacked by GNU tar, read by skopeo.

use std::process::Command;

use waybill_core::Digest;
use waybill_core::digest::Algorithm;
use waybill_core::save::folder;
use waybill_testkit::image::{Image, has, skopeo_copy};

use super::{CONFIG, Store, root, work};

#[test]
fn skopeo_reads_an_image_and_a_list_with_their_digests() {
    if !has("skopeo") {
        return;
    }
    let arm = CONFIG.replace("amd64", "arm64");
    let images = [Image::new(true, &arm, 1), Image::new(true, CONFIG, 2)];
    for is_list in [false, true] {
        let folder_of = work(&format!("folder-{is_list}"));
        let mut store = Store::default();
        let digest = if is_list {
            store.list(&[("arm64", &images[0]), ("amd64", &images[1])])
        } else {
            store.image(&images[1])
        };
        let archive = folder(&[root(digest.clone(), &[])], &|digest| store.here(digest));
        let path = folder_of.join("a.tar");
        store.write(&archive.expect("an archive"), &path);
        let from = folder_of.join("from");
        std::fs::create_dir(&from).expect("a folder");
        let unpacked = Command::new("tar")
            .arg("-xf")
            .arg(&path)
            .arg("-C")
            .arg(&from)
            .status();
        assert!(unpacked.is_ok_and(|status| status.success()));
        let to = folder_of.join("to");
        let copied = skopeo_copy(&[
            "--all",
            &format!("dir:{}", from.display()),
            &format!("dir:{}", to.display()),
        ]);
        assert_eq!(copied, Ok(()));
        let manifest = std::fs::read(to.join("manifest.json")).expect("a manifest");
        assert_eq!(Digest::sha256(&manifest), digest);
    }
}

#[test]
fn other_digests_have_their_algorithm_in_front() {
    let mut image = Image::new(true, CONFIG, 1);
    let layer = &image.layers[0].stored;
    let (old, new) = (
        Digest::sha256(layer),
        Digest::compute(Algorithm::Sha512, layer),
    );
    let text = String::from_utf8(image.manifest).expect("text");
    image.manifest = text.replace(old.as_str(), new.as_str()).into_bytes();
    let mut store = Store::default();
    let digest = store.image(&image);
    let archive = folder(&[root(digest, &[])], &|digest| store.here(digest)).expect("an archive");
    let paths: Vec<&str> = archive
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(paths[2], format!("sha512-{}", new.encoded()));
    let last = archive.files.last().expect("a file");
    assert_eq!(last.path, "version");
    assert_eq!(
        last.content,
        waybill_core::save::Content::Bytes(b"Directory Transport Version: 1.2\n".as_slice().into())
    );
}
