//! Platforms that are named for sources that nobody looked at.

use super::*;
use crate::workflow::copy::several::{Decision, Image, Standing, decide, read_platforms};

fn decided(source: &Source, root: &Digest, platforms: &str) -> (Decision, Model) {
    let platforms = read_platforms(platforms).expect("platforms");
    let (model, _) = source.choose(root, |_| {});
    (decide(&platforms, &model), model)
}

/// How it stands once it is planned as was decided.
fn standing(source: &Source, root: &Digest, platforms: &str, scope: Scope) -> Image {
    let (decision, _) = decided(source, root, platforms);
    let Decision::Chosen(chosen) = decision else {
        panic!("{decision:?}");
    };
    let (model, _) = source.choose(root, |choice| {
        (choice.scope, choice.chosen) = (scope, chosen);
    });
    let selection = model.selection().expect("nothing refused");
    let platforms = read_platforms(platforms).expect("platforms");
    Image::new(
        Standing::Planned,
        &platforms,
        &model,
        selection.as_ref(),
        None,
    )
}

#[test]
fn entries_are_chosen_by_what_they_are_made_for() {
    let (source, root) = two();
    let chosen = |platforms| decided(&source, &root, platforms).0;
    let of = |chosen: [bool; 4]| Decision::Chosen(chosen.to_vec());
    assert_eq!(chosen("linux/x86_64"), of([true, false, false, false]));
    assert_eq!(chosen("linux/arm64/v8"), of([false, true, false, false]));
    assert_eq!(
        chosen("linux/arm64,linux/amd64"),
        of([true, true, false, false])
    );
}

#[test]
fn a_list_with_none_of_them_says_which_it_has() {
    let (source, root) = two();
    let (decision, _) = decided(&source, &root, "linux/s390x, windows/amd64");
    let why = "it has none of these platforms, only linux/amd64, linux/arm64";
    assert_eq!(decision, Decision::Left(why.to_owned()));
    let mut source = Source::default();
    let (digest, _) = source.image("amd64");
    let entry = format!(r#"{{"mediaType":"{IMAGE}","digest":"{digest}","size":1}}"#);
    let root = source.list(&[entry]);
    let (decision, _) = decided(&source, &root, "linux/amd64");
    let why = "none of its entries names a platform";
    assert_eq!(decision, Decision::Left(why.to_owned()));
}

#[test]
fn a_row_says_what_goes_along_and_what_is_missing() {
    let (source, root) = two();
    let image = standing(&source, &root, "linux/amd64 linux/s390x", Scope::Shrunk);
    assert_eq!(image.notes, ["2 entries cut out"]);
    assert_eq!(image.lacks.len(), 1);
    assert_eq!(image.lacks[0].to_string(), "linux/s390x");
    assert_ne!(image.source, image.target);
    let image = standing(&source, &root, "linux/arm64", Scope::Sparse);
    assert_eq!(image.notes, ["2 entries not copied"]);
    assert_eq!(image.source, image.target);
    let image = standing(&source, &root, "linux/arm64", Scope::One);
    assert_eq!(image.notes, ["one image, without the list"]);
}

#[test]
fn one_image_of_two_that_are_named_is_refused() {
    let (source, root) = two();
    let (Decision::Chosen(chosen), _) = decided(&source, &root, "linux/amd64,linux/arm64") else {
        panic!("both are there");
    };
    let refused = source.select(&root, |choice| {
        (choice.scope, choice.chosen) = (Scope::One, chosen);
    });
    assert_eq!(refused.err(), Some(Refused::NotOne(2)));
}

#[test]
fn an_image_that_is_no_list_goes_whole_unless_it_is_for_another_platform() {
    let mut source = Source::default();
    let (root, _) = source.image("arm64");
    let arm = read_platforms("linux/arm64").expect("a platform");
    let (decision, mut model) = decided(&source, &root, "linux/arm64");
    assert_eq!(decision, Decision::Config);
    let effects = update(&mut model, Msg::Gather(Depth::Configs));
    assert_eq!(source.serve(&mut model, effects, &root), 1);
    assert_eq!(decide(&arm, &model), Decision::Chosen(Vec::new()));
    let amd = read_platforms("linux/amd64").expect("a platform");
    let why = "it is no list, and made for linux/arm64";
    assert_eq!(decide(&amd, &model), Decision::Left(why.to_owned()));
    let selection = model.selection().expect("nothing refused");
    let image = |platforms| {
        Image::new(
            Standing::Planned,
            platforms,
            &model,
            selection.as_ref(),
            None,
        )
    };
    assert_eq!(image(&arm).notes, ["no list: it goes whole"]);
    assert_eq!(image(&[]).notes, [""; 0]);
}

#[test]
fn an_image_that_names_no_platform_goes_whole() {
    let mut source = Source::default();
    let config = source.put("{}");
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config}","size":2}},"layers":[]}}"#
    );
    let root = source.put(&text);
    let amd = read_platforms("linux/amd64").expect("a platform");
    let (_, mut model) = decided(&source, &root, "linux/amd64");
    let effects = update(&mut model, Msg::Gather(Depth::Configs));
    source.serve(&mut model, effects, &root);
    assert_eq!(decide(&amd, &model), Decision::Chosen(Vec::new()));
    // An artifact has no platform: nothing of it is read for that.
    let text = text.replace("image.config.v1", "helm.config.v1");
    let root = source.put(&text);
    let (decision, _) = decided(&source, &root, "linux/amd64");
    assert_eq!(decision, Decision::Chosen(Vec::new()));
}

#[test]
fn what_is_no_platform_is_named() {
    let wrong = |text: &str| read_platforms(text).expect_err("none").to_string();
    assert!(wrong("linux/amd64,linux/*").starts_with("linux/*: platform has a character at 6"));
    assert!(wrong("intel").starts_with("intel: platform is"));
    assert_eq!(read_platforms(" , ").map(|all| all.len()), Ok(0));
}
