use super::*;
use crate::digest::Digest;
use crate::media_type::MediaType;
use crate::registry::error::RegistryError;
use crate::registry::transport::{TransportError, Via};
use crate::workflow::fetch::Generation;
use crate::workflow::layers::{
    Bytes, Effect, Event, Model, Msg, ReadingId, Which, standing, update,
};

fn digest(text: &str) -> Digest {
    Digest::sha256(text.as_bytes())
}

fn layer(text: &str) -> PlannedLayer {
    PlannedLayer {
        digest: Some(digest(text)),
        size: Some(2_000_000),
        media_type: Some(MediaType::new(
            "application/vnd.oci.image.layer.v1.tar+gzip",
        )),
        reading: Reading::Unpacked,
        diff_id: Ok(digest("unpacked")),
        has_table: false,
    }
}

fn found(text: &str) -> Found {
    Found {
        digest: digest(text),
        size: 2_000_000,
        compression: Compression::Gzip,
        diff_id: Ok(digest("unpacked")),
        unpacked: 5_000_000,
        trailing: 0,
        archive: Ok(()),
    }
}

fn image(layers: Vec<PlannedLayer>) -> ImagePlan {
    ImagePlan {
        manifest: Some(digest("manifest")),
        title: String::new(),
        layers,
        spare: Vec::new(),
    }
}

/// A check of these layers, which all are being read by now.
fn begun(image: &ImagePlan) -> (Model, Vec<ReadingId>) {
    let mut model = Model::new(Generation(1));
    let effects = update(&mut model, Msg::Check(Total::of([image]).blobs));
    let readings = effects.iter().filter_map(|effect| match effect {
        Effect::Begin { reading, .. } => Some(*reading),
        _ => None,
    });
    let readings = readings.collect();
    (model, readings)
}

fn tell(model: &mut Model, reading: ReadingId, event: Event) {
    update(model, Msg::Told { reading, event });
}

fn done(found: Found) -> Event {
    Event::Done(Box::new(found))
}

fn line(model: &Model, layer: &PlannedLayer) -> String {
    let (standing, blob) = standing(model, layer);
    layer.words(&standing, blob).line
}

#[test]
fn the_button_says_what_it_costs_first() {
    let mut unknown = layer("c");
    unknown.size = None;
    let offer = |layers: Vec<PlannedLayer>| Total::of([&image(layers)]).offer(None);
    assert_eq!(offer(vec![layer("a")]), "Check 1 layer, 2.0 MB");
    assert_eq!(
        offer(vec![layer("a"), layer("b")]),
        "Check 2 layers, 4.0 MB"
    );
    assert_eq!(
        offer(vec![layer("a"), layer("a")]),
        "Check 2 layers, 2.0 MB"
    );
    assert_eq!(
        offer(vec![layer("a"), unknown.clone()]),
        "Check 2 layers, at least 2.0 MB"
    );
    assert_eq!(offer(vec![unknown]), "Check 1 layer, of unknown size");
    let two = [image(vec![layer("a"), layer("b")]), image(vec![layer("a")])];
    assert_eq!(
        Total::of(&two).offer(Some(2)),
        "Check 3 layers of 2 images, 4.0 MB"
    );
}

#[test]
fn a_row_says_how_far_it_is() {
    let (first, second) = (layer("a"), layer("b"));
    let image = image(vec![first.clone(), second.clone()]);
    let (mut model, readings) = begun(&image);
    assert_eq!(line(&model, &first), "Waiting for its bytes");
    for (now, received) in [(0, 0), (1_000, 500_000)] {
        let bytes = Bytes {
            received,
            unpacked: 0,
        };
        let all = vec![(readings[0], bytes)];
        update(&mut model, Msg::Progress { now, all });
    }
    assert_eq!(
        line(&model, &first),
        "500.0 kB of 2.0 MB, 500.0 kB a second, 3 s left"
    );
    assert_eq!(
        total_words(model.blobs()).line,
        "500.0 kB of 4.0 MB, 500.0 kB a second, 7 s left"
    );
    let (now, all) = (4_000, Vec::new());
    update(&mut model, Msg::Progress { now, all });
    assert_eq!(
        line(&model, &first),
        "500.0 kB of 2.0 MB, waiting: nothing for 3 s"
    );
    // It is not told of a layer that no registry answered yet.
    assert_eq!(line(&model, &second), "Waiting for its bytes");
    let (now, all) = (4_000, vec![(readings[1], Bytes::default())]);
    update(&mut model, Msg::Progress { now, all });
    let (now, all) = (6_000, Vec::new());
    update(&mut model, Msg::Progress { now, all });
    assert_eq!(line(&model, &second), "Waiting for its bytes for 2 s");
    update(&mut model, Msg::Pause(Which::All));
    assert_eq!(line(&model, &first), "Paused at 500.0 kB of 2.0 MB");
    update(&mut model, Msg::GoOn(Which::All));
    tell(&mut model, readings[0], done(found("a")));
    assert_eq!(line(&model, &first), "2.0 MB read, 5.0 MB unpacked");
    update(&mut model, Msg::Cancel(Which::All));
    assert_eq!(line(&model, &second), "Cancelled");
}

#[test]
fn a_bomb_is_a_question() {
    let first = layer("a");
    let (mut model, readings) = begun(&image(vec![first.clone()]));
    let bytes = Bytes {
        received: 6_000,
        unpacked: 1_500_000_000,
    };
    let all = vec![(readings[0], bytes)];
    update(&mut model, Msg::Progress { now: 0, all });
    tell(&mut model, readings[0], Event::Asks(Limit::Ratio));
    assert_eq!(
        line(&model, &first),
        "It unpacks to 1.5 GB by now, 250,000 times as much as came. Go on?"
    );
}

#[test]
fn a_failure_says_where_and_what_to_do() {
    let first = layer("a");
    let (mut model, readings) = begun(&image(vec![first.clone()]));
    let bytes = Bytes {
        received: 1_234,
        unpacked: 0,
    };
    let all = vec![(readings[0], bytes)];
    update(&mut model, Msg::Progress { now: 0, all });
    let mut failed = |failure, kept| {
        let failure = Box::new(failure);
        tell(&mut model, readings[0], Event::Failed { failure, kept });
        model.blobs()[0].explain()
    };
    let told = failed(Failure::Broken, true).expect("it is told");
    assert_eq!(
        told.what,
        "the connection broke after 1,234 of 2,000,000 bytes"
    );
    assert!(told.next[0].starts_with("go on: it begins behind what came"));
    let offline = RegistryError::Transport {
        url: "https://r.example/v2/a/blobs/sha256:0".into(),
        attempts: vec![(Via::Direct, TransportError::Offline)],
    };
    let told = failed(Failure::Registry(offline), true).expect("it is told");
    assert!(
        told.evidence
            .contains(&"it stopped after 1,234 of 2,000,000 bytes".to_owned())
    );
    assert!(!told.actions.contains(&Action::Retry));
    assert_eq!(failed(Failure::Cancelled, false), None);
}

/// The notes of a layer that was found to be that.
fn notes(change: impl FnOnce(&mut PlannedLayer, &mut Found)) -> Vec<String> {
    let (mut layer, mut found) = (layer("a"), found("a"));
    change(&mut layer, &mut found);
    let seals = Seals::compare(&layer, &found);
    let words = layer.words(&Standing::Done(seals, &found), None);
    words.notes.into_iter().map(|(_, words)| words).collect()
}

/// Edge cases 15, 18, 19 and 25 of the facts on layers.
#[test]
fn what_is_odd_is_noted_beside_the_seals() {
    assert_eq!(notes(|_, _| {}), [""; 0]);
    assert_eq!(
        notes(|_, found| found.trailing = 8),
        ["8 bytes stand behind the gzip data: some engines refuse them."]
    );
    assert_eq!(
        notes(|_, found| found.compression = Compression::Zstd),
        ["Its media type says gzip, its bytes are zstd: most engines go by the bytes."]
    );
    assert_eq!(
        notes(|_, found| found.archive = Err("it ends inside of a header".into())),
        ["It is no whole archive: it ends inside of a header."]
    );
    let on_the_way = notes(|layer, found| {
        layer.digest = Some(digest("compressed"));
        found.compression = Compression::None;
    });
    assert!(on_the_way.len() == 1 && on_the_way[0].contains("unpacked on the way"));
    let attestation = notes(|layer, found| {
        layer.reading = Reading::Hashed("an attestation");
        found.archive = Err("it is no archive".into());
    });
    assert!(attestation.len() == 1 && attestation[0].starts_with("It is an attestation"));
}

#[test]
fn a_seal_says_why() {
    let words = |seal: Seal| seal.words().1;
    assert_eq!(
        words(Seal::Wrong(Wrong::Size {
            stated: 5_678,
            found: 1_234
        })),
        "ended after 1,234 of 5,678 bytes"
    );
    let window = NotUnpacked::Window(128 << 20);
    assert_eq!(
        words(Seal::NotChecked(NotChecked::NotUnpacked(
            window,
            Compression::Zstd
        ))),
        "not checked: unpacking it takes a window of 128 MiB, more than this page gives it"
    );
    assert_eq!(
        words(Seal::NotChecked(NotChecked::NoDiffId(NoDiffId::TooFew))),
        "not checked: the config names none for it"
    );
}

/// What is said at the end of layers of which each was found to be that, or did not come.
fn conclusion(layers: &[(PlannedLayer, Option<Found>)]) -> (Option<String>, Told) {
    let image = image(layers.iter().map(|(layer, _)| layer.clone()).collect());
    let (mut model, readings) = begun(&image);
    for (reading, (_, found)) in readings.into_iter().zip(layers) {
        let event = found.clone().map_or_else(
            || Event::Failed {
                failure: Box::new(Failure::Broken),
                kept: false,
            },
            done,
        );
        tell(&mut model, reading, event);
    }
    let tally = Tally::of(&model, [&image]);
    (tally.conclusion(false), tally.told(digest("manifest")))
}

#[test]
fn at_the_end_there_is_one_sentence() {
    let good = |text: &str| (layer(text), Some(found(text)));
    let (words, told) = conclusion(&[good("a"), good("b"), good("c"), good("d")]);
    assert_eq!(
        words.as_deref(),
        Some("All 4 layers are the ones the manifest names, and unpack to what the config says.")
    );
    assert_eq!(
        (told.outcome, told.note.as_str()),
        (Outcome::Verified, "all 4 verified")
    );
    let (words, told) = conclusion(&[good("a")]);
    assert_eq!(
        words.as_deref(),
        Some("The only layer is the one the manifest names, and unpacks to what the config says.")
    );
    assert_eq!(told.note, "verified");

    let (words, told) = conclusion(&[good("a"), (layer("b"), Some(found("x")))]);
    assert_eq!(
        words.as_deref(),
        Some("Of 2 layers 1 is not what was named; 1 is what was named.")
    );
    assert_eq!((told.wrong, told.note.as_str()), (1, "1 of 2 differs"));
    let (words, told) = conclusion(&[good("a"), (layer("b"), None)]);
    assert_eq!(
        words.as_deref(),
        Some("Of 2 layers 1 did not come; 1 is what was named.")
    );
    assert_eq!((told.missing, told.note.as_str()), (1, "1 of 2 missing"));
    let mut nameless = layer("b");
    nameless.diff_id = Err(NoDiffId::TooFew);
    let (words, told) = conclusion(&[good("a"), (nameless, Some(found("b")))]);
    assert_eq!(
        words.as_deref(),
        Some(
            "Of 2 layers 1 is the one the manifest names, its diff ID was not checked; 1 is what \
             was named."
        )
    );
    assert_eq!(told.note, "partly: 1 of 2 verified");
}

#[test]
fn what_is_no_file_system_is_not_said_to_unpack() {
    let attestation = |text: &str| PlannedLayer {
        reading: Reading::Hashed("an attestation"),
        diff_id: Err(NoDiffId::NoFileSystem),
        ..layer(text)
    };
    let (words, _) = conclusion(&[
        (attestation("a"), Some(found("a"))),
        (attestation("b"), Some(found("b"))),
    ]);
    assert_eq!(
        words.as_deref(),
        Some("All 2 layers are the ones the manifest names; they are no file systems.")
    );
    let (words, _) = conclusion(&[
        (attestation("a"), Some(found("a"))),
        (layer("b"), Some(found("b"))),
    ]);
    let words = words.expect("it is said");
    assert!(words.ends_with("the 1 file system among them unpack to what the config says."));
}

#[test]
fn nothing_is_concluded_while_something_runs() {
    let image = image(vec![layer("a"), layer("b")]);
    let (mut model, readings) = begun(&image);
    tell(&mut model, readings[0], done(found("a")));
    assert_eq!(Tally::of(&model, [&image]).conclusion(false), None);
    update(&mut model, Msg::Pause(Which::All));
    assert_eq!(
        Tally::of(&model, [&image]).conclusion(false).as_deref(),
        Some("Paused: 1 of 2 layers checked so far.")
    );
}

#[test]
fn diff_ids_without_a_layer_are_named() {
    let mut image = image(vec![layer("a")]);
    assert_eq!(image.spare_words(), None);
    image.spare = vec!["sha256:1".into(), "sha256:2".into()];
    assert_eq!(
        image.spare_words().as_deref(),
        Some(
            "The config names 3 diff IDs for 1 layer: they are paired by their order, and \
             sha256:1 and 1 more have none."
        )
    );
}
