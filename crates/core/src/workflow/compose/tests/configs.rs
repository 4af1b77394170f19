//! Configs that come late, or not at all; and lists that are nested or empty.

use super::*;
use crate::compose::commands::manifest_tool::Specification;
use crate::platform::Platform;

/// Takes the config of an image away, and gives it back as bytes.
fn without_config(registry: &mut Registry, platform: &str) -> Rc<[u8]> {
    let config = format!("{{{platform}}}").into_bytes();
    let digest = Digest::sha256(&config).to_string();
    registry.contents.retain(|(name, ..)| *name != digest);
    config.into()
}

/// Begins anew with an image of which a file of manifest-tool states that platform.
fn stating(tag: &str, platform: Platform) -> Msg {
    Msg::OpenSpecification(Box::new(Specification {
        image: reference("target"),
        tags: Vec::new(),
        annotations: crate::annotation::Annotations::default(),
        manifests: vec![(reference(tag), platform)],
    }))
}

fn variant(variant: &str) -> Platform {
    Platform {
        variant: Some(variant.to_owned()),
        ..Platform::default()
    }
}

#[test]
fn a_config_that_failed_is_fetched_again_and_gives_the_platform() {
    let windows = "windows(10.0.20348.1+win32k)/amd64";
    let stated = "windows/amd64".parse::<Platform>().expect("a platform");
    for (config, msg, without, with) in [
        (AMD64, add(&["a"]), "", "linux/amd64"),
        (WINDOWS, add(&["a"]), "", windows),
        (ARM64, stating("a", variant("v9")), "", "linux/arm64/v9"),
        (WINDOWS, stating("a", stated), "windows/amd64", windows),
    ] {
        let mut registry = Registry::default();
        registry.image("a", config);
        without_config(&mut registry, config);
        let mut model = Model::new(Generation(1));
        registry.send(&mut model, msg);
        assert_eq!(platforms(&model), [without]);
        // It may be away for longer, and only what failed is asked for.
        registry.asked.clear();
        registry.send(&mut model, Msg::Retry);
        assert_eq!(
            (platforms(&model), registry.asked.len()),
            (vec![without.to_owned()], 1)
        );
        registry.put("-", &format!("{{{config}}}"));
        registry.send(&mut model, Msg::Retry);
        assert_eq!(
            (platforms(&model), registry.asked.len()),
            (vec![with.to_owned()], 2)
        );
        registry.send(&mut model, Msg::Retry);
        assert_eq!(registry.asked.len(), 2);
    }
    // Two images of one config, of which one has another platform by a person's word.
    let mut registry = Registry::default();
    registry.image("a", AMD64);
    registry.contents.retain(|(name, ..)| name == "a");
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, add(&["a", "a"]));
    let id = model.composition().rows[0].id;
    update(&mut model, Msg::Platform(id, "linux/s390x".parse().ok()));
    registry.put("-", &format!("{{{AMD64}}}"));
    registry.send(&mut model, Msg::Retry);
    assert_eq!(platforms(&model), ["linux/s390x", "linux/amd64"]);
    assert_eq!(codes(&model), ["listed-platform /manifests/0/platform"]);
    // The work as it was before the platform was set has the config's too.
    update(&mut model, Msg::Undo);
    assert_eq!(platforms(&model), ["linux/amd64", "linux/amd64"]);
    // What states no platform is not asked for again.
    let mut registry = Registry::default();
    registry.image("a", "");
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, add(&["a"]));
    registry.send(&mut model, Msg::Retry);
    assert_eq!(
        (platforms(&model), registry.asked.len()),
        (vec![String::new()], 2)
    );
}

#[test]
fn a_config_whose_fetching_was_cancelled_is_fetched_again() {
    let mut registry = Registry::default();
    registry.image("a", ARM64);
    let mut model = Model::new(Generation(1));
    let mut effects = update(&mut model, add(&["a"]));
    let Some(Effect::Fetch {
        generation,
        reference,
        what,
        ..
    }) = effects.pop()
    else {
        panic!("a request")
    };
    let result = Ok(Received::local(bytes_of(&registry, "a")));
    let late = update(
        &mut model,
        Msg::Received {
            generation,
            reference,
            what,
            result,
        },
    );
    assert_eq!(late.len(), 1);
    update(&mut model, Msg::Cancel);
    assert_eq!(platforms(&model), [""]);
    registry.serve(&mut model, late);
    assert_eq!(platforms(&model), [""], "it is of another generation");
    // What was kept over a reload lacks it as well.
    let text = model.snapshot();
    let (mut restored, effects) = Model::restore(&text, Generation(5)).expect("a snapshot");
    registry.serve(&mut restored, effects);
    assert_eq!(platforms(&restored), ["linux/arm64/v8"]);
    registry.send(&mut model, Msg::Retry);
    assert_eq!(platforms(&model), ["linux/arm64/v8"]);
}

#[test]
fn a_config_that_is_given_by_hand_leaves_what_was_stated() {
    let stated = |text: &str| text.parse::<Platform>().expect("a platform");
    for (config, platform, expected) in [
        (ARM64, variant("v9"), "linux/arm64/v9"),
        (AMD64, variant("v3"), "linux/amd64/v3"),
        (ARM64, stated("linux/arm64"), "linux/arm64/v8"),
        (
            WINDOWS,
            stated("windows(10.0.1)/amd64"),
            "windows(10.0.1+win32k)/amd64",
        ),
    ] {
        let mut registry = Registry::default();
        registry.image("a", config);
        let bytes = without_config(&mut registry, config);
        let mut model = Model::new(Generation(1));
        registry.send(&mut model, stating("a", platform));
        let name = "config".to_owned();
        registry.send(&mut model, Msg::Give(vec![LocalManifest { name, bytes }]));
        assert_eq!(platforms(&model), [expected]);
    }
}

#[test]
fn a_row_of_a_list_is_nested_into_that_list() {
    let mut registry = Registry::default();
    let (amd64, _) = with_attestations(&mut registry);
    let nested = |registry: &Registry, tag: &str| {
        let bytes = bytes_of(registry, tag);
        let (digest, size) = (Digest::sha256(&bytes), bytes.len());
        let kind = MediaType::OCI_INDEX;
        format!(r#"{{"mediaType":"{kind}","digest":"{digest}","size":{size}}}"#)
    };
    let entries = [nested(&registry, "list"), registry.entry(&amd64, "")];
    registry.put("outer", &index(&entries, ""));
    let entries = [registry.entry(&amd64, ""), nested(&registry, "outer")];
    registry.put("outmost", &index(&entries, ""));
    for (list, place) in [("outer", 0), ("outer", 1), ("outmost", 0), ("outmost", 1)] {
        let mut model = Model::new(Generation(1));
        registry.send(&mut model, add(&[list]));
        assert_eq!(model.composition().rows.len(), 2);
        let id = model.composition().rows[place].id;
        registry.send(&mut model, Msg::Nest(id, true));
        let rows = &model.composition().rows;
        assert_eq!(
            (rows.len(), rows[0].source.reference()),
            (1, Some(&reference(list)))
        );
        // It is one entry already: what is set in it stays, and its id.
        let id = rows[0].id;
        let annotate = Msg::Annotate {
            on: AnnotationOwner::Row(id),
            name: "a".to_owned(),
            value: Some("b".to_owned()),
        };
        update(&mut model, annotate);
        let before = model.composition().clone();
        update(&mut model, Msg::Nest(id, true));
        assert_eq!(*model.composition(), before);
    }
    // A nested list that is opened is the list that its own entries came of.
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, add(&["outer"]));
    let id = model.composition().rows[0].id;
    registry.send(&mut model, Msg::Nest(id, false));
    assert_eq!(model.composition().rows.len(), 4);
    let id = model.composition().rows[1].id;
    registry.send(&mut model, Msg::Nest(id, true));
    assert_eq!(model.composition().rows.len(), 2);
    let whole: String = nested(&registry, "list");
    let digest = model.composition().rows[0].source.reference();
    let digest = digest.and_then(Reference::digest).map(ToString::to_string);
    assert!(whole.contains(&digest.expect("a digest")));
}

#[test]
fn a_list_without_entries_says_so() {
    let docker = format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[]}}"#,
        MediaType::DOCKER_LIST
    );
    let annotated = index(&[], r#","annotations":{"a":"b"}"#);
    let mut registry = Registry::default();
    registry.image("a", AMD64);
    let null = index(&[], "").replace("[]", "null");
    for text in [index(&[], ""), docker, annotated, null] {
        registry.put("none", &text);
        let mut model = Model::new(Generation(1));
        registry.send(&mut model, add(&["none", "a", "none"]));
        let said = || "r.example/app:none: it is a list without entries".to_owned();
        let messages = |model: &Model| -> Vec<String> {
            let findings = model.findings().iter();
            findings.map(|finding| finding.message.clone()).collect()
        };
        assert_eq!(messages(&model), [said(), said()]);
        assert_eq!(platforms(&model), ["linux/amd64"]);
        let rows = &model.composition().rows;
        assert_eq!(rows.len(), 3);
        assert_eq!(model.state(&rows[0]), RowState::Refused(Ineligible::Empty));
        // Over a reload too.
        let (mut restored, effects) =
            Model::restore(&model.snapshot(), Generation(2)).expect("a snapshot");
        registry.serve(&mut restored, effects);
        assert_eq!(messages(&restored), messages(&model));
        // As one entry it is as good as any; opened again it is not.
        let id = rows[0].id;
        registry.send(&mut model, Msg::Nest(id, true));
        let left_out = messages(&model).into_iter().filter(|it| *it == said());
        assert_eq!(left_out.count(), 1);
        assert_eq!(model.written().list.entries.len(), 2);
        let id = model.composition().rows[0].id;
        registry.send(&mut model, Msg::Nest(id, false));
        assert_eq!(messages(&model), [said(), said()]);
        // Given by hand.
        let (name, bytes) = ("none.json".to_owned(), text.as_bytes().into());
        let mut model = Model::new(Generation(1));
        update(&mut model, Msg::Give(vec![LocalManifest { name, bytes }]));
        assert!(messages(&model).contains(&"none.json: it is a list without entries".to_owned()));
        // As the start it is what it is.
        let mut model = Model::new(Generation(1));
        registry.send(&mut model, Msg::Open(reference("none")));
        assert_eq!(model.composition().rows.len(), 0);
        assert!(model.difference().expect("one was opened").is_empty());
        assert_eq!(codes(&model), ["empty-list /manifests"]);
        registry.contents.retain(|(name, ..)| name != "none");
    }
}
