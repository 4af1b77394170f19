//! What is asked for, in which order, and what becomes of answers that are late or not needed.

use super::*;

#[test]
fn an_index_fetches_its_children_side_by_side_then_their_configs() {
    let mut contents = Contents::default();
    let entries: Vec<_> = (0..20)
        .map(|number| contents.image(&format!("a{number}")))
        .collect();
    let root = contents.index(&entries);
    let (mut model, effects) = Model::open(tagged(), Vec::new(), Generation(1));
    assert_eq!(effects.len(), 1);
    let effects = update(
        &mut model,
        Msg::Received {
            generation: Generation(1),
            key: ContentKey::Root,
            result: contents.answer(&root, &ContentKey::Root),
        },
    );
    assert_eq!(effects.len(), limits::REQUESTS_AT_ONCE);
    let keys = contents.finish(&root, &mut model, effects);
    assert_eq!(keys.len(), 40);
    assert_eq!(model.pending(), 0);
    let summary = model.summary();
    assert_eq!(
        summary.title,
        "registry.example/app:1 is an OCI image index for 20 platforms"
    );
    assert_eq!(
        summary.detail,
        "Its bytes hash to the digest the registry named."
    );
    assert_eq!(
        (summary.stamp.status, summary.stamp.small.as_str()),
        (Status::Verified, "all 21 manifests")
    );
}

#[test]
fn one_image_of_an_index_costs_three_fetches() {
    let mut contents = Contents::default();
    let entries: Vec<_> = (0..8)
        .map(|number| contents.image(&format!("a{number}")))
        .collect();
    let root = contents.index(&entries);
    let (model, _) = contents.run(&root, Vec::new());
    let Current::List(_, list) = model.current() else {
        panic!("a list")
    };
    let digest = list.entries[3].digest.clone().expect("a digest");
    let (model, keys) = contents.run(&root, vec![digest]);
    assert_eq!(keys.len(), 3);
    let summary = model.summary();
    assert_eq!(
        summary.title,
        "linux/a3 of registry.example/app:1 is an OCI image in 0 layers"
    );
    assert_eq!(
        summary.detail,
        "Its bytes hash to the digest the list names, as the registry said."
    );
    let kinds: Vec<_> = model
        .custody()
        .iter()
        .map(|stop| (stop.kind, stop.status))
        .collect();
    assert_eq!(
        kinds,
        [
            (CustodyStepKind::Asked, Status::Unchecked),
            (CustodyStepKind::Above(0), Status::Verified),
            (CustodyStepKind::Manifest, Status::Verified),
            (CustodyStepKind::Config, Status::Verified),
            (CustodyStepKind::Layers, Status::Unchecked),
        ]
    );
}

#[test]
fn stale_answers_are_dropped_and_cancel_keeps_what_came() {
    let mut contents = Contents::default();
    let entries = [contents.image("a"), contents.image("b")];
    let root = contents.index(&entries);
    let (mut model, _) = Model::open(tagged(), Vec::new(), Generation(5));
    let old = Msg::Received {
        generation: Generation(4),
        key: ContentKey::Root,
        result: contents.answer(&root, &ContentKey::Root),
    };
    assert_eq!(update(&mut model, old), []);
    assert!(matches!(model.current(), Current::Loading));
    let effects = update(
        &mut model,
        Msg::Received {
            generation: Generation(5),
            key: ContentKey::Root,
            result: contents.answer(&root, &ContentKey::Root),
        },
    );
    assert_eq!(update(&mut model, Msg::Cancel), [Effect::Abort]);
    assert_eq!(
        contents.finish(&root, &mut model, effects).len(),
        2,
        "answers with the old stamp start nothing"
    );
    let Current::List(_, list) = model.current() else {
        panic!("the list stays")
    };
    assert_eq!(
        model.entry_status(&list.entries[0]),
        (Status::Unchecked, "cancelled".into())
    );
    let effects = update(&mut model, Msg::Retry);
    contents.finish(&root, &mut model, effects);
    assert_eq!(model.summary().stamp.status, Status::Verified);
}

#[test]
fn a_digest_that_the_list_does_not_name_is_said_and_not_fetched() {
    let mut contents = Contents::default();
    let entry = contents.image("a");
    let root = contents.index(&[entry]);
    let stranger = Digest::sha256(b"stranger");
    let (model, keys) = contents.run(&root, vec![stranger.clone()]);
    assert_eq!(keys, [ContentKey::Root]);
    assert!(
        matches!(model.current(), Current::Failed(Failure::NotListed(digest)) if *digest == stranger)
    );
}

#[test]
fn embedded_and_empty_contents_need_no_request() {
    let mut contents = Contents::default();
    let config =
        r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, config);
    let (digest, size) = (Digest::sha256(config.as_bytes()), config.len());
    let root = contents.add(&format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"{}","digest":"{digest}","size":{size},"data":"{data}"}},"layers":[]}}"#,
        MediaType::OCI_CONFIG
    ));
    let (model, keys) = contents.run(&root, Vec::new());
    assert_eq!(keys, [ContentKey::Root]);
    let Current::Image(_, image) = model.current() else {
        panic!("an image")
    };
    assert_eq!(
        model
            .image_config(image)
            .map(|config| config.platform.to_string())
            .as_deref(),
        Some("linux/amd64")
    );
}

#[test]
fn a_long_list_is_fetched_in_part_unless_asked_for() {
    let mut contents = Contents::default();
    let entries: Vec<_> = (0..limits::CHILDREN_FETCHED + 6)
        .map(|number| contents.image(&format!("a{number}")))
        .collect();
    let root = contents.index(&entries);
    let (mut model, keys) = contents.run(&root, Vec::new());
    assert_eq!(keys.len(), 1 + 2 * limits::CHILDREN_FETCHED);
    let Current::List(_, list) = model.current() else {
        panic!("a list")
    };
    assert_eq!(model.held_back(list), 6);
    assert_eq!(model.summary().stamp.text, "Partly checked");
    let effects = update(&mut model, Msg::FetchAll);
    assert_eq!(contents.finish(&root, &mut model, effects).len(), 12);
    assert_eq!(model.summary().stamp.status, Status::Verified);
}
