//! Images and bytes that are given: which row each gets, and which entry.

use super::*;

#[test]
fn images_become_entries_with_the_platform_of_their_config() {
    let mut registry = Registry::default();
    let amd64 = registry.image("amd64", AMD64);
    registry.image("arm64", ARM64);
    registry.image("windows", WINDOWS);
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, add(&["amd64", "arm64", "windows"]));
    assert_eq!(
        platforms(&model),
        [
            "linux/amd64",
            "linux/arm64/v8",
            "windows(10.0.20348.1+win32k)/amd64"
        ]
    );
    assert_eq!(codes(&model), [""; 0]);
    assert_eq!(
        model.written().list.entries[0].digest.as_ref(),
        Some(&amd64)
    );
    assert!(
        model
            .composition()
            .rows
            .iter()
            .all(|row| model.state(row) == RowState::Verified)
    );
    assert_eq!(model.pending(), 0);
    // Each manifest and each config once.
    assert_eq!(registry.asked.len(), 6);
}

#[test]
fn what_cannot_be_composed_says_so_and_the_rest_goes_on() {
    let mut registry = Registry::default();
    registry.image("good", AMD64);
    registry.put(
        "schema1",
        r#"{"schemaVersion":1,"name":"a","tag":"b","fsLayers":[],"history":[]}"#,
    );
    registry.put(
        "both",
        r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],"layers":[]}"#,
    );
    registry.put("text", "hello");
    registry.put(
        "twice",
        r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],"manifests":[]}"#,
    );
    registry.image("lie", ARM64);
    registry
        .contents
        .iter_mut()
        .filter(|(name, ..)| name == "lie")
        .for_each(|(_, _, said)| {
            *said = Digest::sha256(b"else").to_string();
        });
    let mut model = Model::new(Generation(1));
    registry.send(
        &mut model,
        add(&["schema1", "both", "text", "twice", "lie", "gone", "good"]),
    );
    let said: Vec<_> = model
        .findings()
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    let lie = Digest::sha256(b"else");
    assert_eq!(
        said,
        [
            "r.example/app:schema1: it is Docker schema 1, which no list may name",
            "r.example/app:both: ambiguous: OCI image index that holds layers, manifests",
            "r.example/app:text: it is not a manifest: line 1, column 1: 'h', a value belongs here",
            "r.example/app:twice: duplicate-name: \"manifests\" stands here 2 times",
            &format!("r.example/app:lie: its bytes are not those of {lie}"),
            "r.example/app:gone: it is not here",
        ]
    );
    assert_eq!(platforms(&model), ["linux/amd64"]);
    assert_eq!(model.findings()[0].code.rule().name, "source-refused");
    assert_eq!(
        model.state(&model.composition().rows[5]),
        RowState::Failed(&Failure::NotBundled)
    );
    // A row that is not kept says nothing.
    let id = model.composition().rows[0].id;
    update(&mut model, Msg::Keep(id, false));
    assert_eq!(model.findings().len(), 5);
    // What failed can come later.
    registry.image("gone", ARM64);
    registry.send(&mut model, Msg::Retry);
    assert_eq!(platforms(&model), ["linux/arm64/v8", "linux/amd64"]);
}

#[test]
fn bytes_that_were_given_need_no_registry() {
    let mut registry = Registry::default();
    let (digest, _) = (registry.image("a", AMD64), registry.image("b", ARM64));
    let bytes = |registry: &Registry, name: &str| -> Rc<[u8]> {
        registry
            .contents
            .iter()
            .find(|(known, ..)| known == name)
            .expect("there")
            .1
            .as_slice()
            .into()
    };
    let mut model = Model::new(Generation(1));
    let give = |model: &mut Model, name: &str, bytes: Rc<[u8]>| {
        assert_eq!(
            update(
                model,
                Msg::Give(vec![LocalManifest {
                    name: name.to_owned(),
                    bytes
                }])
            ),
            []
        );
    };
    give(&mut model, "a.json", bytes(&registry, "a"));
    assert_eq!(platforms(&model), [""]);
    assert_eq!(codes(&model), ["platform-unstated /manifests/0"]);
    // Its config comes behind it, another's before it.
    give(
        &mut model,
        "a.config",
        Rc::from(format!("{{{AMD64}}}").as_bytes()),
    );
    assert_eq!(platforms(&model), ["linux/amd64"]);
    assert_eq!(model.composition().rows.len(), 1);
    give(
        &mut model,
        "b.config",
        Rc::from(format!("{{{ARM64}}}").as_bytes()),
    );
    give(&mut model, "b.json", bytes(&registry, "b"));
    assert_eq!(platforms(&model), ["linux/amd64", "linux/arm64/v8"]);
    assert_eq!(
        model.composition().rows.len(),
        2,
        "a config has no row once its image is here"
    );
    assert!(model.given(&digest).is_some());
    // Stated otherwise, it is used and told.
    let id = model.composition().rows[0].id;
    update(&mut model, Msg::Platform(id, "linux/s390x".parse().ok()));
    assert!(codes(&model).contains(&"listed-platform /manifests/0/platform".to_owned()));
}

#[test]
fn what_is_given_together_is_one_change_and_what_another_names_has_no_row() {
    let mut registry = Registry::default();
    let amd64 = registry.image("a", AMD64);
    registry.image("b", ARM64);
    let list = index(
        &[registry.entry(
            &amd64,
            r#","platform":{"architecture":"amd64","os":"linux"}"#,
        )],
        "",
    );
    registry.put("list", &list);
    let given = |name: &str| LocalManifest {
        name: name.to_owned(),
        bytes: bytes_of(&registry, name),
    };
    let config = LocalManifest {
        name: "config".to_owned(),
        bytes: format!("{{{ARM64}}}").as_bytes().into(),
    };
    let mut model = Model::new(Generation(1));
    update(
        &mut model,
        Msg::Give(vec![config, given("a"), given("b"), given("list")]),
    );
    assert_eq!(platforms(&model), ["linux/arm64/v8", "linux/amd64"]);
    assert!(
        model
            .composition()
            .rows
            .iter()
            .all(|row| model.state(row) == RowState::Verified)
    );
    update(&mut model, Msg::Undo);
    assert_eq!(model.composition().rows.len(), 0);
    // A child that comes behind its list is the one that was missing, also where a registry names it.
    let mut model = Model::new(Generation(1));
    update(&mut model, Msg::Give(vec![given("list")]));
    assert_eq!(
        model.state(&model.composition().rows[0]),
        RowState::Unverified(None)
    );
    update(&mut model, Msg::Give(vec![given("a")]));
    assert_eq!(
        model.state(&model.composition().rows[0]),
        RowState::Verified
    );
    registry
        .contents
        .retain(|(name, ..)| name != amd64.as_str());
    let child = LocalManifest {
        name: "a".to_owned(),
        bytes: bytes_of(&registry, "a"),
    };
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, add(&["list"]));
    assert!(matches!(
        model.state(&model.composition().rows[0]),
        RowState::Unverified(Some(_))
    ));
    registry.send(&mut model, Msg::Give(vec![child]));
    assert_eq!(
        model.state(&model.composition().rows[0]),
        RowState::Verified
    );
    assert_eq!(model.composition().rows.len(), 1);
}

#[test]
fn what_is_typed_is_one_change() {
    let mut registry = Registry::default();
    registry.image("a", AMD64);
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, add(&["a"]));
    let id = model.composition().rows[0].id;
    let annotate = |value: &str| Msg::Annotate {
        on: AnnotationOwner::List,
        name: "a".to_owned(),
        value: Some(value.to_owned()),
    };
    for platform in ["linux/arm", "linux/arm64", "linux/arm64/v9"] {
        update(&mut model, Msg::Platform(id, platform.parse().ok()));
    }
    for value in ["b", "bc"] {
        update(&mut model, annotate(value));
    }
    update(&mut model, Msg::Undo);
    assert_eq!(
        (model.composition().annotations.len(), platforms(&model)),
        (0, vec!["linux/arm64/v9".to_owned()])
    );
    update(&mut model, Msg::Undo);
    assert_eq!(platforms(&model), ["linux/amd64"]);
    update(&mut model, Msg::Redo);
    assert_eq!(platforms(&model), ["linux/arm64/v9"]);
    // What was taken back is a change of its own.
    update(&mut model, Msg::Platform(id, None));
    update(&mut model, Msg::Undo);
    assert_eq!(platforms(&model), ["linux/arm64/v9"]);
}

#[test]
fn what_is_given_piece_by_piece_comes_out_as_if_it_were_given_together() {
    let mut registry = Registry::default();
    let amd64 = registry.image("a", AMD64);
    let arm64 = registry.image("b", ARM64);
    let of = |registry: &Registry, digest: &Digest, platform: &str| {
        registry.entry(digest, &format!(r#","platform":{{{platform}}}"#))
    };
    let (one, other) = (of(&registry, &amd64, AMD64), of(&registry, &arm64, ARM64));
    let list = registry.put("list", &index(&[one.clone(), other], ""));
    registry.put("half", &index(&[one], r#","annotations":{"a":"b"}"#));
    let nested = registry.entry(&list, "").replace(
        MediaType::OCI_MANIFEST.as_str(),
        MediaType::OCI_INDEX.as_str(),
    );
    registry.put("outer", &index(&[nested], ""));
    registry.put("config", &format!("{{{AMD64}}}"));
    let given = |name: &str| LocalManifest {
        name: name.to_owned(),
        bytes: bytes_of(&registry, name),
    };
    let bytes = |parts: &[&[&str]]| {
        let mut model = Model::new(Generation(1));
        for part in parts {
            let contents = part.iter().map(|name| given(name)).collect();
            update(&mut model, Msg::Give(contents));
        }
        String::from_utf8_lossy(&model.written().bytes).into_owned()
    };
    let together = bytes(&[&["a", "list"]]);
    for parts in [
        &[&["a"][..], &["list"]][..],
        &[&["list"], &["a"]],
        &[&["a"], &["b"], &["list"]],
        &[&["a", "b"], &["list"]],
        &[&["config"], &["a"], &["list"]],
        &[&["a"], &["config"], &["list"]],
        &[&["a"], &["list"], &["config"]],
    ] {
        assert_eq!(bytes(parts), together, "{parts:?}");
    }
    // A list that another names, too. It has rows for its entries by then.
    let together = bytes(&[&["list", "outer"]]);
    for parts in [
        &[&["list"][..], &["outer"]][..],
        &[&["a"], &["list"], &["outer"]],
        &[&["a", "list"], &["outer"]],
    ] {
        assert_eq!(bytes(parts), together, "{parts:?}");
    }
    // Only what is given says so, and of what somebody has changed nothing is taken away.
    let half = bytes(&[&["list"], &["half"]]);
    assert_eq!(half.matches(amd64.as_str()).count(), 2);
    let list = given("list");
    let changed = |change: &dyn Fn(RowId) -> Msg| {
        let mut model = Model::new(Generation(1));
        update(&mut model, Msg::Give(vec![given("a")]));
        let id = model.composition().rows[0].id;
        update(&mut model, change(id));
        update(&mut model, Msg::Give(vec![list.clone()]));
        model.composition().rows.len()
    };
    assert_eq!(changed(&|id| Msg::Keep(id, true)), 2);
    assert_eq!(changed(&|id| Msg::Keep(id, false)), 3);
    assert_eq!(
        changed(&|id| Msg::Platform(id, "linux/386".parse().ok())),
        3
    );
    let annotate = |id| Msg::Annotate {
        on: AnnotationOwner::Row(id),
        name: "a".to_owned(),
        value: Some("b".to_owned()),
    };
    assert_eq!(changed(&annotate), 3);
    // Nor of a list of which somebody has taken an entry away, or made one entry.
    for (change, rows) in [
        (&Msg::Remove as &dyn Fn(RowId) -> Msg, 2),
        (&|id| Msg::Nest(id, true), 2),
        (&|id| Msg::Move { id, to: 0 }, 3),
        (&|id| Msg::Keep(id, true), 1),
    ] {
        let mut model = Model::new(Generation(1));
        update(&mut model, Msg::Give(vec![list.clone()]));
        let last = model.composition().rows[1].id;
        update(&mut model, change(last));
        update(&mut model, Msg::Give(vec![given("outer")]));
        assert_eq!(model.composition().rows.len(), rows);
    }
}
