//! `docker-archive:` byte for byte as skopeo writes it, and read by crane.

use std::process::Command;

use waybill_core::save::{Content, docker_archive};
use waybill_testkit::image::{Image, has, skopeo_copy};

use super::{CONFIG, Store, root, work};

/// Configs with the members that skopeo repeats in the newest layer, without some, and with nulls; each with the
/// number of its layers.
const CONFIGS: &[(&str, usize)] = &[
    (CONFIG, 1),
    (CONFIG, 3),
    (
        r#"{"os":"linux","architecture":"arm64","created":"2020-01-02T03:04:05.12Z","author":"me","config":{"Env":["A=<b>&c"],"Cmd":["é","😀"]},"container":"c","container_config":{"Cmd":["x"]},"docker_version":"20.10","rootfs":{"type":"layers","diff_ids":diffIds},"history":[]}"#,
        2,
    ),
    (
        r#"{"os":null,"architecture":"amd64","config":{ "Labels" : { "a" : "b" } },"container":null,"rootfs":{"type":"layers","diff_ids":diffIds}}"#,
        2,
    ),
    (CONFIG, 0),
];

#[test]
fn it_has_the_bytes_of_skopeos_own() {
    if !has("skopeo") {
        return;
    }
    for (index, (config, layers)) in CONFIGS.iter().enumerate() {
        for is_oci in [false, true] {
            for name in [None, Some("x:1"), Some("localhost:5000/a/b:tag")] {
                let what = format!("config {index}, OCI {is_oci}, {name:?}");
                let image = Image::new(is_oci, config, *layers);
                let folder = work(&format!("docker-{index}-{is_oci}-{}", name.is_some()));
                image.write(&folder.join("from"));
                let theirs = folder.join("theirs.tar");
                let to = match name {
                    Some(name) => format!("docker-archive:{}:{name}", theirs.display()),
                    None => format!("docker-archive:{}", theirs.display()),
                };
                let from = format!("dir:{}", folder.join("from").display());
                assert_eq!(skopeo_copy(&[&from, &to]), Ok(()), "{what}");

                let mut store = Store::default();
                let names: Vec<&str> = name.into_iter().collect();
                let root = root(store.image(&image), &names);
                let archive = docker_archive(&[root], &|digest| store.here(digest), &|digest| {
                    store.unpacked(digest)
                });
                let ours = folder.join("ours.tar");
                store.write(&archive.expect("an archive"), &ours);
                let read = |path| std::fs::read(path).expect("a file");
                let (ours, theirs) = (read(ours), read(theirs));
                let first = ours
                    .iter()
                    .zip(&theirs)
                    .position(|(one, other)| one != other);
                assert!(
                    ours == theirs,
                    "{what}: differs at {first:?} of {} and {}: {:?} and {:?}",
                    ours.len(),
                    theirs.len(),
                    first.map(
                        |at| String::from_utf8_lossy(&ours[at..(at + 200).min(ours.len())])
                            .into_owned()
                    ),
                    first.map(|at| String::from_utf8_lossy(
                        &theirs[at..(at + 200).min(theirs.len())]
                    )
                    .into_owned()),
                );
            }
        }
    }
}

#[test]
fn several_images_with_shared_layers_are_one_file() {
    if !has("skopeo") {
        return;
    }
    let folder = work("docker-several");
    let other = CONFIG.replace("amd64", "arm64");
    let images = [
        (Image::new(false, CONFIG, 2), vec!["x:1", "x:2"]),
        (Image::new(true, &other, 3), vec!["y:1"]),
    ];
    let mut store = Store::default();
    let roots: Vec<_> = images
        .iter()
        .map(|(image, names)| root(store.image(image), names))
        .collect();
    let archive = docker_archive(&roots, &|digest| store.here(digest), &|digest| {
        store.unpacked(digest)
    })
    .expect("an archive");
    let path = folder.join("a.tar");
    store.write(&archive, &path);
    for name in ["x:1", "x:2", "y:1"] {
        let from = format!("docker-archive:{}:{name}", path.display());
        let to = folder.join(name.replace(':', "-"));
        let to = format!("dir:{}", to.display());
        assert_eq!(skopeo_copy(&[&from, &to]), Ok(()), "{name}");
    }
    // Three layers and no more: the first two are shared.
    let is_layer = |content: &Content| matches!(content, Content::Unpacked(..));
    let layers = archive.files.iter().filter(|file| is_layer(&file.content));
    assert_eq!(layers.count(), 3);
}

#[test]
fn crane_finds_one_image_whole() {
    if !has("crane") {
        return;
    }
    let folder = work("docker-crane");
    let mut store = Store::default();
    let root = root(store.image(&Image::new(true, CONFIG, 3)), &["x:1"]);
    let archive = docker_archive(&[root], &|digest| store.here(digest), &|digest| {
        store.unpacked(digest)
    });
    let path = folder.join("a.tar");
    store.write(&archive.expect("an archive"), &path);
    let said = Command::new("crane")
        .arg("validate")
        .arg("--tarball")
        .arg(&path)
        .output()
        .expect("crane runs");
    assert!(
        said.status.success(),
        "{}",
        String::from_utf8_lossy(&said.stderr)
    );
}
