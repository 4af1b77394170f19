//! What came, compared with what was named; and what that makes of an image.

use super::*;

fn judge(change: impl FnOnce(&mut PlannedLayer, &mut Found)) -> Seals {
    let (mut layer, mut found) = (layer("archive"), found("archive"));
    change(&mut layer, &mut found);
    Seals::compare(&layer, &found)
}

#[test]
fn all_three_hold() {
    let seals = judge(|_, _| {});
    assert!(seals.is_good() && !seals.is_wrong());
    assert_eq!(seals.size, Seal::Verified);
}

#[test]
fn each_is_told_apart() {
    let seals = judge(|layer, found| {
        found.digest = digest("other");
        found.diff_id = Ok(digest("third"));
        layer.size = Some(9);
    });
    assert_eq!(seals.digest, Seal::Wrong(Wrong::Digest(digest("other"))));
    assert_eq!(seals.diff_id, Seal::Wrong(Wrong::Digest(digest("third"))));
    let size = Wrong::Size {
        stated: 9,
        found: 7,
    };
    assert_eq!(seals.size, Seal::Wrong(size));
    // Edge case 22: the size alone is wrong.
    let seals = judge(|layer, _| layer.size = Some(8));
    assert!(seals.is_wrong() && seals.digest == Seal::Verified);
}

/// Edge case 19.
#[test]
fn bytes_that_hash_to_the_diff_id_were_unpacked_on_the_way() {
    let on_the_way = |compression| {
        judge(|layer, found| {
            layer.digest = Some(digest("compressed"));
            layer.size = Some(3);
            found.compression = compression;
        })
    };
    let seals = on_the_way(Compression::None);
    assert!(seals.is_unpacked_on_the_way() && !seals.is_wrong() && !seals.is_good());
    assert_eq!(seals.diff_id, Seal::Verified);
    assert_eq!(seals.size, Seal::NotChecked(NotChecked::UnpackedOnTheWay));
    // Compressed otherwise than the manifest names is another thing: somebody wrote it anew.
    assert!(on_the_way(Compression::Gzip).is_wrong());
}

/// Edge case 15: a stream that ends early, and edge case 14: one that takes too large a window.
#[test]
fn the_digest_holds_whatever_becomes_of_unpacking() {
    let seals = judge(|_, found| found.diff_id = Err(NotUnpacked::EndsEarly));
    assert_eq!(seals.digest, Seal::Verified);
    assert_eq!(seals.diff_id, Seal::Wrong(Wrong::EndsEarly));
    let seals = judge(|_, found| found.diff_id = Err(NotUnpacked::Corrupt("crc".into())));
    assert!(seals.is_wrong());
    for why in [
        NotUnpacked::Window(128 << 20),
        NotUnpacked::Unsupported,
        NotUnpacked::Stopped,
    ] {
        let seals = judge(|_, found| found.diff_id = Err(why));
        assert!(!seals.is_wrong() && !seals.is_good());
        assert!(matches!(
            seals.diff_id,
            Seal::NotChecked(NotChecked::NotUnpacked(..))
        ));
    }
}

#[test]
fn what_nobody_names_is_not_checked() {
    let seals = judge(|layer, _| {
        layer.size = None;
        layer.diff_id = Err(NoDiffId::NoConfig);
    });
    assert_eq!(seals.size, Seal::NotChecked(NotChecked::NoSize));
    assert!(!seals.is_good() && !seals.is_wrong());
    // Of what is no file system nobody names more.
    let seals = judge(|layer, found| {
        layer.reading = Reading::Hashed("an attestation");
        layer.diff_id = Err(NoDiffId::NoFileSystem);
        found.diff_id = Err(NotUnpacked::NotAsked);
    });
    assert!(seals.is_good());
}

fn image_of(layers: Vec<PlannedLayer>) -> ImagePlan {
    ImagePlan {
        manifest: None,
        title: String::new(),
        layers,
        spare: Vec::new(),
    }
}

/// A check in which each of these was read, and found to be that.
fn checked(all: &[(&PlannedLayer, Found)]) -> Model {
    let mut model = Model::new(Generation(1));
    for (layer, found) in all {
        let total = Total::of([&image_of(vec![(*layer).clone()])]);
        let effects = update(&mut model, Msg::Check(total.blobs));
        let [Effect::Begin { reading, .. }] = effects[..] else {
            panic!("it begins");
        };
        let event = Event::Done(Box::new(found.clone()));
        update(&mut model, Msg::Told { reading, event });
    }
    model
}

#[test]
fn an_image_is_verified_when_each_layer_is() {
    let (a, b) = (layer("a"), layer("b"));
    let image = image_of(vec![a.clone(), b.clone(), a.clone()]);
    let outcome = |model: &Model, image: &ImagePlan| Tally::of(model, [image]).outcome();
    assert_eq!(outcome(&checked(&[]), &image), Outcome::NotAsked);
    let half = checked(&[(&a, found("a"))]);
    assert_eq!(outcome(&half, &image), Outcome::Partly);
    let whole = checked(&[(&a, found("a")), (&b, found("b"))]);
    assert_eq!(Tally::of(&whole, [&image]).good, 3);
    assert_eq!(outcome(&whole, &image), Outcome::Verified);
    let wrong = checked(&[(&a, found("a")), (&b, found("c"))]);
    assert_eq!(outcome(&wrong, &image), Outcome::Mismatch);

    let mut spare = image.clone();
    spare.spare.push("sha256:0".into());
    assert_eq!(outcome(&whole, &spare), Outcome::Partly);
    let no_archive = Found {
        archive: Err("it is none".into()),
        ..found("b")
    };
    let model = checked(&[(&a, found("a")), (&b, no_archive)]);
    assert_eq!(outcome(&model, &image), Outcome::Partly);

    let mut foreign = image;
    foreign.layers[1].reading = Reading::Left(NotFetched::Foreign);
    assert_eq!(outcome(&whole, &foreign), Outcome::Partly);
    foreign.layers[1].reading = Reading::Left(NotFetched::Empty);
    assert_eq!(outcome(&whole, &foreign), Outcome::Verified);
}

#[test]
fn what_runs_is_running_unless_something_is_wrong() {
    let (a, b) = (layer("a"), layer("b"));
    let image = image_of(vec![a.clone(), b]);
    let mut model = checked(&[(&a, found("a"))]);
    update(&mut model, Msg::Check(Total::of([&image]).blobs));
    assert_eq!(Tally::of(&model, [&image]).outcome(), Outcome::Running);
    update(&mut model, Msg::Cancel(Which::All));
    let tally = Tally::of(&model, [&image]);
    assert_eq!((tally.cancelled, tally.outcome()), (1, Outcome::Partly));
    let mut model = checked(&[(&a, found("x"))]);
    update(&mut model, Msg::Check(Total::of([&image]).blobs));
    assert_eq!(Tally::of(&model, [&image]).outcome(), Outcome::Mismatch);
}
