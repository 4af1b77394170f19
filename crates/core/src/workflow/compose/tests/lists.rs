//! Lists that are opened: their entries, their attestations, and what is written of them.

use super::*;

#[test]
fn a_list_opens_into_its_entries_and_attestations_go_with_their_image() {
    let mut registry = Registry::default();
    with_attestations(&mut registry);
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, add(&["list"]));
    assert_eq!(
        platforms(&model),
        ["linux/amd64", "linux/arm64/v8", "unknown/unknown"]
    );
    assert!(
        model
            .composition()
            .rows
            .iter()
            .all(|row| model.state(row) == RowState::Verified)
    );
    let ids: Vec<u64> = model
        .composition()
        .rows
        .iter()
        .map(|row| row.id.0)
        .collect();
    update(&mut model, Msg::Keep(RowId(ids[1]), false));
    assert_eq!(platforms(&model), ["linux/amd64"]);
    assert_eq!(model.composition().rows.len(), 3);
    update(&mut model, Msg::Keep(RowId(ids[1]), true));
    update(&mut model, Msg::KeepAttestations(false));
    assert_eq!(platforms(&model), ["linux/amd64", "linux/arm64/v8"]);
    update(&mut model, Msg::KeepAttestations(true));
    update(&mut model, Msg::Remove(RowId(ids[1])));
    assert_eq!(model.composition().rows.len(), 1);
    update(&mut model, Msg::Undo);
    assert_eq!(model.composition().rows.len(), 3);
    // The whole list as one entry, and its entries again.
    update(&mut model, Msg::Nest(RowId(ids[0]), true));
    assert_eq!(model.composition().rows.len(), 1);
    assert_eq!(
        model.written().list.entries[0].media_type,
        Some(MediaType::OCI_INDEX)
    );
    update(&mut model, Msg::Kind(ListKind::DockerList));
    assert!(
        codes(&model).contains(&"nested-in-docker-list /manifests/0".to_owned()),
        "{:?}",
        codes(&model)
    );
    let id = model.composition().rows[0].id;
    update(&mut model, Msg::Nest(id, false));
    assert_eq!(model.composition().rows.len(), 3);
}

#[test]
fn a_child_that_is_another_is_left_out() {
    let mut registry = Registry::default();
    let (amd64, arm64) = with_attestations(&mut registry);
    registry
        .contents
        .iter_mut()
        .filter(|(name, ..)| name == amd64.as_str())
        .for_each(|(_, bytes, _)| bytes.push(b' '));
    registry
        .contents
        .retain(|(name, ..)| name != arm64.as_str());
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, add(&["list"]));
    // The one is not composed, the other is only the list's word.
    assert_eq!(platforms(&model), ["linux/arm64/v8", "unknown/unknown"]);
    assert_eq!(
        codes(&model),
        ["source-refused ", "source-unverified /manifests/0"]
    );
    let rows = &model.composition().rows;
    assert!(matches!(
        model.state(&rows[0]),
        RowState::Refused(Ineligible::Mismatch(_))
    ));
    assert_eq!(
        model.state(&rows[1]),
        RowState::Unverified(Some(&Failure::NotBundled))
    );
}

#[test]
fn an_opened_list_is_written_as_it_was_and_its_difference_is_told() {
    let mut registry = Registry::default();
    let (amd64, _) = with_attestations(&mut registry);
    let rest = format!(
        r#","annotations":{{"org.example.what":"a \u003c b"}},"subject":{}"#,
        registry.entry(&amd64, "")
    );
    // image-spec's order has annotations behind the subject.
    let text = index(&[registry.entry(&amd64, "")], &rest).replace(
        &rest,
        &format!(
            r#","subject":{},"annotations":{{"org.example.what":"a \u003c b"}}"#,
            registry.entry(&amd64, "")
        ),
    );
    registry.put("escaped", &text);

    let mut model = Model::new(Generation(1));
    registry.send(&mut model, Msg::Open(reference("escaped")));
    assert_eq!(String::from_utf8_lossy(&model.written().bytes), text);
    assert_eq!(model.composition().tool, Tool::Skopeo);
    assert!(model.difference().expect("one was opened").is_empty());
    assert_eq!(model.composition().target, Some(reference("escaped")));
    assert_eq!(model.file_name(), "app-escaped.oci-index.json");

    registry.send(&mut model, Msg::Open(reference("list")));
    assert_eq!(model.composition().tool, Tool::Waybill);
    assert!(model.difference().expect("one was opened").is_empty());
    let ids: Vec<u64> = model
        .composition()
        .rows
        .iter()
        .map(|row| row.id.0)
        .collect();
    update(
        &mut model,
        Msg::Move {
            id: RowId(ids[1]),
            to: 0,
        },
    );
    update(
        &mut model,
        Msg::Platform(RowId(ids[0]), "linux/amd64/v2".parse().ok()),
    );
    let value = Some("y".to_owned());
    update(
        &mut model,
        Msg::Annotate {
            on: AnnotationOwner::Row(RowId(ids[0])),
            name: "x".to_owned(),
            value,
        },
    );
    update(
        &mut model,
        Msg::ArtifactType(AnnotationOwner::List, Some(MediaType::new("a/b"))),
    );
    let difference = model.difference().expect("one was opened");
    let changed: Vec<_> = difference
        .entries
        .iter()
        .flat_map(|entry| &entry.members)
        .map(|one| &one.member)
        .collect();
    assert_eq!(changed, ["platform/variant", "annotations/x"]);
    assert_eq!(difference.members[0].member, "artifactType");
    assert_eq!(
        difference
            .entries
            .iter()
            .filter(|entry| entry.moved)
            .count(),
        1
    );
    for _ in 0..4 {
        update(&mut model, Msg::Undo);
    }
    assert!(model.difference().expect("one was opened").is_empty());
    assert!(model.can_redo());
    for _ in 0..4 {
        update(&mut model, Msg::Redo);
    }
    assert!(!model.can_redo());
    assert_eq!(platforms(&model)[..2], ["linux/arm64/v8", "linux/amd64/v2"]);
    // A new change forgets what was taken back.
    update(&mut model, Msg::Undo);
    update(&mut model, Msg::Form(Tool::Oras));
    assert!(!model.can_redo());
}

#[test]
fn an_attestation_of_nothing_goes_with_no_row() {
    let mut registry = Registry::default();
    let nameless = r#","annotations":{"vnd.docker.reference.type":"attestation-manifest"}"#;
    let empty = r#","annotations":{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":""}"#;
    let other = registry.put("other", r#"{"schemaVersion":2,"layers":[]}"#);
    let entries = [nameless, empty].map(|rest| registry.entry(&other, rest));
    registry.put("list", &index(&entries, ""));
    let mut model = Model::new(Generation(1));
    // One row that is still loading, and one that failed.
    registry.send(&mut model, add(&["list", "nowhere"]));
    update(&mut model, add(&["later"]));
    let rows = &model.composition().rows;
    assert_eq!(rows.len(), 4);
    let without_entry = [2, 3].map(|place| {
        assert_eq!(rows[place].entry, None);
        rows[place].id
    });
    for (id, left) in without_entry.into_iter().zip([3, 2]) {
        update(&mut model, Msg::Remove(id));
        assert_eq!(model.composition().rows.len(), left);
    }
}
