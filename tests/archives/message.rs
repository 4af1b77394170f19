//! What a worker tells its page of an archive: every digest that an image names leads to bytes that have it.

use waybill_blobs::archive::message::{Bytes, Command, Event, Told};
use waybill_blobs::archive::{Outer, Place, Source, Verdict};
use waybill_core::digest::Digest;
use waybill_testkit::registries::run_now;

use super::harness::{Made, Memory, docker, gzip, layout, opened, tar};

/// The bytes that a content leads to, as the page serves them.
fn served(source: &Memory, bytes: &Bytes) -> Vec<u8> {
    let at = |place: &Place| {
        let range = place.offset..place.end();
        run_now(source.read(place.file, range)).expect("it is read")
    };
    match bytes {
        Bytes::Made(made) => made.clone(),
        Bytes::At(place) => at(place),
        Bytes::Packed(place) => {
            let (mut outer, mut unpacked) = (Outer::new(), Vec::new());
            let packed = at(place);
            outer
                .push(&packed, &mut |bytes| unpacked.extend_from_slice(bytes))
                .expect("it unpacks");
            outer
                .finish(&mut |bytes| unpacked.extend_from_slice(bytes))
                .expect("it ends");
            unpacked
        }
    }
}

/// Opens an archive, and holds what is told of it to its bytes; how many contents have to be unpacked.
fn all_is_served(bytes: Vec<u8>, contents: usize) -> usize {
    let source = Memory::of(bytes);
    let told = Told::new(&opened(&source), None);
    for content in &told.contents {
        let bytes = served(&source, &content.bytes);
        assert_eq!(Digest::sha256(&bytes), content.digest, "{content:?}");
    }
    let digests: Vec<_> = told.contents.iter().map(|it| it.digest.as_str()).collect();
    assert!(digests.is_sorted(), "they are found by halving");
    assert_eq!(told.contents.len(), contents);
    let manifest = told.images[0].digest.as_ref().expect("it is known");
    let manifest = told.contents.iter().find(|it| it.digest == *manifest);
    assert!(manifest.expect("it is served").media_type.is_some());
    // It travels as text.
    let text = serde_json::to_string(&Event::Told(Box::new(told.clone()))).expect("JSON");
    assert_eq!(
        serde_json::from_str::<Event>(&text).expect("JSON"),
        Event::Told(Box::new(told.clone()))
    );
    let packed = told.contents.iter();
    packed
        .filter(|it| matches!(it.bytes, Bytes::Packed(_)))
        .count()
}

#[test]
fn every_digest_leads_to_bytes_that_have_it() {
    let image = Made::new("a", 3);
    assert_eq!(all_is_served(tar(&layout(&image, "a:1")), 5), 0);
    assert_eq!(all_is_served(tar(&docker(&image, &["a:1"])), 5), 0);
}

#[test]
fn a_manifest_that_was_made_names_layers_that_are_served_unpacked() {
    let image = Made::new("a", 2);
    let mut files = docker(&image, &["a:1"]);
    for (_, bytes) in files.iter_mut().take(2) {
        *bytes = gzip(bytes);
    }
    assert_eq!(all_is_served(tar(&files), 4), 2);
}

#[test]
fn what_reading_all_showed_and_what_is_still_to_be_read_is_told() {
    let image = Made::new("a", 2);
    let source = Memory::of(tar(&layout(&image, "a:1")));
    let mut archive = opened(&source);
    let told = Told::new(&archive, None);
    let sizes = image.layers.iter().map(Vec::len).sum::<usize>() + image.config.len();
    assert_eq!((told.to_verify, told.to_measure), (sizes as u64, 0));
    assert_eq!(told.images[0].verdict, None);
    let mut read = 0;
    let judged = run_now(archive.verify(&source, &mut |bytes| read += bytes));
    let told = Told::new(&archive, Some(&judged.expect("it is read")));
    assert_eq!(read, sizes as u64, "as was told before");
    assert_eq!(
        (told.to_verify, told.images[0].verdict),
        (0, Some(Verdict::Verified))
    );
    assert!(told.images[0].may_be_pushed);
}

#[test]
fn commands_travel_as_text() {
    for command in [
        Command::Open { paths: None },
        Command::Open {
            paths: Some(vec!["a/b".into()]),
        },
        Command::Unpack { name: "x".into() },
        Command::Measure,
        Command::Verify,
    ] {
        let text = serde_json::to_string(&command).expect("JSON");
        assert_eq!(
            serde_json::from_str::<Command>(&text).expect("JSON"),
            command
        );
    }
}
