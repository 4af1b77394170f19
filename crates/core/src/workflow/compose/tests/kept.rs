//! What leaves the composition: a layout, and the snapshot of the tab.

use super::*;

#[test]
fn a_layout_holds_what_was_fetched_and_verified() {
    let mut registry = Registry::default();
    let entries: Vec<String> = (0..70)
        .map(|n| {
            let digest = registry.image(&n.to_string(), &format!("{AMD64},\"author\":\"{n}\""));
            registry.entry(&digest, "")
        })
        .collect();
    registry.put("many", &index(&entries, ""));
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, add(&["many"]));
    let missing = model.layout().missing;
    assert_eq!((missing.manifests.len(), missing.configs.len()), (6, 64));
    registry.send(&mut model, Msg::FetchAll);
    assert_eq!(model.layout().missing.to_string(), "70 configs");
    assert_eq!(model.layout_name(), "list.oci-layout.tar");

    // An image of its own is here with its config; one that lies is not in the list, and so not in the layout.
    let mut model = Model::new(Generation(2));
    registry.send(&mut model, add(&["0", "1"]));
    let named = format!("{REPOSITORY}@{}", Digest::sha256(b"else"));
    registry.contents.push((
        Digest::sha256(b"else").to_string(),
        b"other".to_vec(),
        String::new(),
    ));
    registry.send(
        &mut model,
        Msg::Add(vec![named.parse().expect("a reference")]),
    );
    registry.send(&mut model, Msg::Target(Some(reference("new"))));
    let layout = model.layout();
    assert_eq!(layout.missing.to_string(), "");
    // Two small files, the list, two manifests and two configs, a header and a content each; the end.
    assert_eq!(layout.bytes.len(), 512 * (7 * 2 + 2));
    assert_eq!(model.layout_name(), "app-new.oci-layout.tar");
}

#[test]
fn a_snapshot_holds_the_work_and_nothing_is_taken_for_verified() {
    let mut registry = Registry::default();
    let (amd64, _) = with_attestations(&mut registry);
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, Msg::Open(reference("list")));
    registry.send(&mut model, add(&["a"]));
    registry.send(&mut model, Msg::Subject(Some(reference("b"))));
    let name: Rc<[u8]> = b"{\"schemaVersion\":2}".as_slice().into();
    update(
        &mut model,
        Msg::Give(vec![LocalManifest {
            name: "pasted".to_owned(),
            bytes: name,
        }]),
    );
    let id = model.composition().rows[0].id;
    update(&mut model, Msg::Keep(id, false));
    update(&mut model, Msg::Form(Tool::Crane));
    update(
        &mut model,
        Msg::Annotate {
            on: AnnotationOwner::List,
            name: "é\"".to_owned(),
            value: Some("<".to_owned()),
        },
    );
    let text = model.snapshot();
    let (mut restored, effects) = Model::restore(&text, Generation(2)).expect("a snapshot");
    assert_eq!(restored.written().bytes, model.written().bytes);
    assert_eq!(restored.snapshot(), text);
    assert!(
        restored.composition().rows[..4]
            .iter()
            .all(|row| restored.state(row) == RowState::Unverified(None))
    );
    registry.serve(&mut restored, effects);
    assert_eq!(restored.findings(), model.findings());
    assert_eq!(restored.difference(), model.difference());
    assert!(
        restored
            .written()
            .list
            .entries
            .iter()
            .any(|entry| entry.digest.as_ref() == Some(&amd64))
    );
    let error = |text: &str| {
        Model::restore(text, Generation(3))
            .expect_err("no snapshot")
            .to_string()
    };
    assert_eq!(error("{"), "snapshot is not readable at line 1, column 1");
    assert_eq!(
        error(&text.replace("\"version\":1", "\"version\":9")),
        "snapshot is of version 9, this is version 1"
    );
    assert_eq!(
        error(&text.replace("crane", "cramp")),
        "snapshot has an unreadable form"
    );
}

#[test]
fn a_snapshot_holds_members_of_a_platform_that_no_specification_names() {
    let mut registry = Registry::default();
    let amd64 = registry.image("a", AMD64);
    let odd = format!(r#","platform":{{{AMD64},"x":[1.50]}}"#);
    registry.put("list", &index(&[registry.entry(&amd64, &odd)], ""));
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, Msg::Open(reference("list")));
    let (restored, _) = Model::restore(&model.snapshot(), Generation(2)).expect("a snapshot");
    assert_eq!(restored.written().bytes, bytes_of(&registry, "list"));
    assert!(restored.difference().is_some_and(|it| it.is_empty()));
}
