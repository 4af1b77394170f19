//! What cannot be saved in a form, each with its reason, before a byte is written.

use waybill_core::Digest;
use waybill_core::save::{Archive, SaveError, docker_archive, folder, oci_archive};
use waybill_testkit::image::Image;

use super::{CONFIG, Store, root};

const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

fn docker(store: &Store, digest: Digest) -> Result<Archive, SaveError> {
    docker_archive(
        &[root(digest, &["x:1"])],
        &|digest| store.here(digest),
        &|digest| store.unpacked(digest),
    )
}

fn changed(from: &str, to: &str) -> Image {
    let mut image = Image::new(true, CONFIG, 1);
    let text = String::from_utf8(image.manifest).expect("text");
    assert!(text.contains(from));
    image.manifest = text.replacen(from, to, 1).into_bytes();
    image
}

#[test]
fn what_is_not_here_cannot_be_begun() {
    let absent = Digest::sha256(b"absent");
    let error = oci_archive(&[root(absent.clone(), &[])], &|_| None);
    assert_eq!(error, Err(SaveError::NotHere(absent.clone())));
    // Other bytes than the digest says are not it.
    let error = oci_archive(&[root(absent.clone(), &[])], &|_| {
        Some(b"{}".as_slice().into())
    });
    assert_eq!(error, Err(SaveError::NotHere(absent)));
}

#[test]
fn a_docker_archive_holds_images_only() {
    let mut store = Store::default();
    let list = store.list(&[("amd64", &Image::new(true, CONFIG, 1))]);
    assert_eq!(docker(&store, list.clone()), Err(SaveError::List(list)));
    let helm = changed(
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.cncf.helm.config.v1+json",
    );
    let helm = store.image(&helm);
    assert_eq!(docker(&store, helm.clone()), Err(SaveError::Artifact(helm)));
}

#[test]
fn foreign_layers_are_named_in_a_layout_and_refused_elsewhere() {
    let image = changed(
        GZIP,
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    );
    let layer = Digest::sha256(&image.layers[0].stored);
    let mut store = Store::default();
    let digest = store.image(&image);
    let roots = [root(digest.clone(), &[])];
    let archive = oci_archive(&roots, &|digest| store.here(digest)).expect("named, not here");
    assert_eq!(archive.left_out.len(), 1);
    // Docker could not load it, so it is not offered to it.
    assert!(
        archive
            .files
            .iter()
            .all(|file| file.path != "manifest.json")
    );
    let refused = SaveError::NotDistributed(layer);
    assert_eq!(
        folder(&roots, &|digest| store.here(digest)),
        Err(refused.clone())
    );
    assert_eq!(docker(&store, digest), Err(refused));
}

#[test]
fn sizes_and_unpacked_sizes_have_to_be_known() {
    let mut store = Store::default();
    let image = changed("\"size\":", "\"siez\":");
    let digest = store.image(&image);
    let error = oci_archive(&[root(digest.clone(), &[])], &|digest| store.here(digest));
    assert!(matches!(error, Err(SaveError::Incomplete(of, _)) if of == digest));

    let image = Image::new(true, CONFIG, 1);
    let digest = store.image(&image);
    store.unpacked.clear();
    let layer = Digest::sha256(&image.layers[0].stored);
    assert_eq!(docker(&store, digest), Err(SaveError::NotUnpacked(layer)));
}

#[test]
fn one_content_has_one_size_and_one_name_one_image() {
    let mut store = Store::default();
    let mut image = Image::new(true, CONFIG, 1);
    let text = String::from_utf8(image.manifest).expect("text");
    let layer = text.find("\"layers\": [").expect("layers") + "\"layers\": [".len();
    let (before, descriptor) = text.split_at(layer);
    let other = descriptor
        .replacen("\"size\":", "\"size\":1", 1)
        .replace("]\n}", "");
    image.manifest = format!("{before}{other}, {descriptor}").into_bytes();
    let digest = store.image(&image);
    let twice = Digest::sha256(&image.layers[0].stored);
    let error = oci_archive(&[root(digest, &[])], &|digest| store.here(digest));
    assert_eq!(error, Err(SaveError::TwoSizes(twice)));

    let one = store.image(&Image::new(true, CONFIG, 1));
    let other = store.image(&Image::new(true, CONFIG, 2));
    let roots = [root(one, &["x:1"]), root(other, &["docker.io/library/x:1"])];
    let error = oci_archive(&roots, &|digest| store.here(digest));
    assert_eq!(
        error,
        Err(SaveError::NameTwice("docker.io/library/x:1".to_owned()))
    );
    let two = folder(&roots, &|digest| store.here(digest));
    assert_eq!(two, Err(SaveError::SeveralRoots));
}
