//! What is read of an image, and of a list.

use super::*;

#[test]
fn an_image_is_its_layers_with_the_diff_ids_in_their_order() {
    let config = config(&[digest("a"), digest("b")]);
    let layers = ["x", "y"].map(|text| descriptor(OCI_LAYER, &digest(text), 10));
    let plan = Plan::of(&inspect(&[&image(&config, &layers), &config]));
    let [image] = &plan.images[..] else {
        panic!("one image");
    };
    assert_eq!(image.layers[1].digest, Some(digest("y")));
    assert_eq!(image.layers[1].diff_id, Ok(digest("b")));
    assert!(image.spare.is_empty() && !plan.grows && plan.left_out == 0);
    let total = Total::of(&plan.images);
    assert_eq!((total.layers, total.blobs.len()), (2, 2));
    assert_eq!((total.bytes, total.is_exact), (20, true));
}

/// Edge case 21: paired by order, the rest named, nothing past the end.
#[test]
fn diff_ids_of_another_number_are_paired_by_order() {
    let layers = ["x", "y"].map(|text| descriptor(OCI_LAYER, &digest(text), 10));
    let few = config(&[digest("a")]);
    let plan = Plan::of(&inspect(&[&image(&few, &layers), &few]));
    let ids: Vec<_> = plan.images[0].layers.iter().map(|it| &it.diff_id).collect();
    assert_eq!(ids, [&Ok(digest("a")), &Err(NoDiffId::TooFew)]);

    let many = config(&[digest("a"), digest("b"), digest("c")]);
    let plan = Plan::of(&inspect(&[&image(&many, &layers), &many]));
    assert_eq!(plan.images[0].spare, [digest("c").to_string()]);
    assert_eq!(plan.images[0].layers[1].diff_id, Ok(digest("b")));
}

#[test]
fn a_config_that_is_missing_or_another_names_nothing() {
    let config = config(&[digest("a")]);
    let layers = [descriptor(OCI_LAYER, &digest("x"), 10)];
    let plan = Plan::of(&inspect(&[&image(&config, &layers)]));
    let first = &plan.images[0].layers[0];
    assert_eq!(first.diff_id, Err(NoDiffId::ConfigMissing));

    // As many bytes, and another digest: it is handed out by the name of the right one.
    let manifest = image(&config, &layers);
    let mut model = inspect(&[&manifest]);
    inspect::update(&mut model, inspect::Msg::Retry);
    let wrong = config.replace("amd64", "arm64");
    inspect::update(
        &mut model,
        inspect::Msg::Received {
            generation: Generation(1),
            key: ContentKey::Config(Digest::sha256(config.as_bytes())),
            result: Ok(Received::local(Rc::from(wrong.as_bytes()))),
        },
    );
    let plan = Plan::of(&model);
    assert_eq!(plan.images[0].layers[0].diff_id, Err(NoDiffId::ConfigWrong));
}

/// Edge case 25: what is no file system is named, and nothing is fetched from `urls`.
#[test]
fn what_is_no_file_system_is_named() {
    let empty = Digest::sha256(b"{}");
    let foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    let rows = [
        (OCI_LAYER, Reading::Unpacked),
        (
            "application/vnd.docker.image.rootfs.diff.tar.zstd",
            Reading::Unpacked,
        ),
        (foreign, Reading::Left(NotFetched::Foreign)),
        (
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
            Reading::Left(NotFetched::Foreign),
        ),
        (
            "application/vnd.oci.image.layer.v1.tar+gzip+encrypted",
            Reading::Hashed("encrypted"),
        ),
        (
            "application/vnd.oci.image.layer.nydus.blob.v1",
            Reading::Hashed("a blob of nydus"),
        ),
        (
            "application/vnd.in-toto+json",
            Reading::Hashed("an attestation"),
        ),
        ("application/wasm", Reading::Hashed("a WebAssembly module")),
        (
            "application/vnd.oci.empty.v1+json",
            Reading::Left(NotFetched::Empty),
        ),
    ];
    let config = config(&[]);
    let layers: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(number, (media_type, _))| descriptor(media_type, &digest(&number.to_string()), 2))
        .chain([
            descriptor(OCI_LAYER, &empty, 2),
            descriptor(OCI_LAYER, &digest("z"), 2).replace("sha256", "blake3"),
            format!(r#"{{"mediaType":"{OCI_LAYER}","digest":"none","size":2}}"#),
        ])
        .collect();
    let plan = Plan::of(&inspect(&[&image(&config, &layers), &config]));
    let readings: Vec<_> = plan.images[0].layers.iter().map(|it| it.reading).collect();
    let expected: Vec<_> = rows.iter().map(|(_, reading)| *reading).collect();
    assert_eq!(readings[..expected.len()], expected[..]);
    let left = |why| Reading::Left(why);
    assert_eq!(
        readings[expected.len()..],
        [
            left(NotFetched::Empty),
            left(NotFetched::Algorithm),
            left(NotFetched::NoDigest)
        ]
    );
    assert_eq!(Total::of(&plan.images).blobs.len(), 6);
}

/// Edge case 24: one blob, two layers.
#[test]
fn a_blob_that_stands_there_twice_is_read_once() {
    let first = config(&[digest("a"), digest("a")]);
    let twice = ["x", "x"].map(|text| descriptor(OCI_LAYER, &digest(text), 10));
    let one = image(&first, &twice);
    let second = config(&[digest("a"), digest("b")]);
    let shared = ["x", "y"].map(|text| descriptor(OCI_LAYER, &digest(text), 10));
    let other = image(&second, &shared);
    let list = index(&[&one, &other, &one]);
    let plan = Plan::of(&inspect(&[&list, &one, &first, &other, &second]));
    assert_eq!(plan.images.len(), 2);
    let total = Total::of(&plan.images);
    assert_eq!((total.layers, total.blobs.len(), total.bytes), (4, 2, 20));
    // Only what is chosen is counted.
    assert_eq!(Total::of(&plan.images[..1]).bytes, 10);
}

#[test]
fn what_a_list_names_and_is_not_here_is_counted() {
    let config = config(&[digest("a")]);
    let here = image(&config, &[descriptor(OCI_LAYER, &digest("x"), 10)]);
    let gone = image(&config, &[]);
    let plan = Plan::of(&inspect(&[&index(&[&here, &gone]), &here, &config]));
    assert_eq!((plan.images.len(), plan.left_out), (1, 1));
    assert_eq!(
        plan.images[0].manifest,
        Some(Digest::sha256(here.as_bytes()))
    );
    assert_eq!(Plan::of(&inspect(&["no manifest"])), Plan::default());
}

#[test]
fn sizes_that_are_not_stated_make_the_total_a_least_one() {
    let mut unknown = layer("b");
    unknown.size = None;
    let image = ImagePlan {
        manifest: None,
        title: String::new(),
        layers: vec![layer("aa"), unknown],
        spare: Vec::new(),
    };
    let total = Total::of([&image]);
    assert_eq!((total.bytes, total.is_exact), (2, false));
}
