//! What is planned, and what is asked before anything is written.

use super::*;

#[test]
fn a_list_that_no_registry_takes_is_asked_about_nowhere() {
    let schema1 = descriptor(b"x", MediaType::DOCKER_SCHEMA1);
    let (mut model, effects) = Model::open(task(vec![schema1]), Generation(1));
    assert_eq!(effects, []);
    assert_eq!(
        failures(&model),
        ["Manifest(0): it is Docker schema 1, which no list may name"]
    );
    assert_eq!(update(&mut model, Msg::Start), []);
    // It stays what it is, however often somebody tries.
    assert_eq!(update(&mut model, Msg::Retry), []);
    assert_eq!(
        (failures(&model).len(), model.phase()),
        (1, Phase::Planning)
    );
    let nameless = Descriptor {
        digest: None,
        digest_text: String::new(),
        ..descriptor(b"x", MediaType::OCI_MANIFEST)
    };
    let (model, _) = Model::open(task(vec![nameless]), Generation(1));
    assert_eq!(
        failures(&model),
        ["Manifest(0): its entry has no valid digest"]
    );
}

#[test]
fn at_most_so_many_requests_are_under_way_and_nothing_is_written_before_the_start() {
    let entry = |number: usize| descriptor(number.to_string().as_bytes(), MediaType::OCI_MANIFEST);
    let (mut model, effects) = Model::open(task((0..9).map(entry).collect()), Generation(1));
    assert_eq!(
        (effects.len(), model.pending()),
        (limits::PUSH_REQUESTS_AT_ONCE, limits::PUSH_REQUESTS_AT_ONCE)
    );
    let has = |request: &Request| match request {
        Request::HasManifest { .. } => Some(Outcome::Has(Ok(true))),
        request => nothing_there(request),
    };
    assert_eq!(answer(&mut model, effects, &has), []);
    assert_eq!(model.phase(), Phase::Planned);
    assert_eq!(model.totals().manifests_present, 10);
    let effects = update(&mut model, Msg::Start);
    assert!(matches!(
        &effects[..],
        [Effect::Run {
            step: Step::Tag(0),
            request: Request::PutManifest { .. },
            ..
        }]
    ));
    // Once is enough.
    assert_eq!(update(&mut model, Msg::Start), []);
}

#[test]
fn when_the_target_refuses_nothing_more_is_asked() {
    let entry = |number: usize| descriptor(number.to_string().as_bytes(), MediaType::OCI_MANIFEST);
    let (mut model, effects) = Model::open(task((0..9).map(entry).collect()), Generation(1));
    let refuses = |_: &Request| {
        Some(Outcome::Has(Err(error(
            RegistryError::CredentialsNeeded,
            401,
        ))))
    };
    assert_eq!(answer(&mut model, effects, &refuses), []);
    assert_eq!(model.failures().len(), limits::PUSH_REQUESTS_AT_ONCE);
    let Failure::Target(_) = model.failures()[0].1 else {
        panic!("the target")
    };
    assert_eq!(
        model.failures()[0].1.explain().next,
        ["enter credentials that may push to this repository"]
    );
    // A source that fails does so for itself.
    let effects = update(&mut model, Msg::Retry);
    let gone = |request: &Request| match request {
        Request::ReadSource { .. } => Some(Outcome::Read(Err(error(RegistryError::NotFound, 404)))),
        request => nothing_there(request),
    };
    assert_eq!(answer(&mut model, effects, &gone), []);
    assert_eq!(
        (model.failures().len(), model.phase()),
        (9, Phase::Planning)
    );
}

#[test]
fn a_blob_without_a_size_cannot_be_written_and_a_foreign_layer_stays_away() {
    let layer = MediaType::new("application/vnd.oci.image.layer.v1.tar");
    let foreign = MediaType::new("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");
    let sizeless = Descriptor {
        size: None,
        ..descriptor(b"x", layer)
    };
    let (model, left) = planned(&[sizeless, descriptor(b"far", foreign)]);
    assert_eq!(left, []);
    assert_eq!(failures(&model), ["Blob(1): its entry has no valid size"]);
    assert_eq!(
        (model.blobs()[0].how, model.blobs()[2].how),
        (Some(Transfer::Copy), None)
    );
    assert_eq!(model.blobs()[2].state, StepState::NotDistributed);
}

#[test]
fn a_composition_says_what_is_pushed_where() {
    let mut composition = compose::Model::new(Generation(1));
    assert!(Task::from_composition(&composition).is_none());
    let target = "t.example/b".parse().ok();
    compose::update(&mut composition, compose::Msg::Target(target));
    let bytes = image(&[]);
    let effects = compose::update(
        &mut composition,
        compose::Msg::Add(vec!["s.example/a:1".parse().expect("one")]),
    );
    let compose::Effect::Fetch {
        generation,
        reference,
        what,
        ..
    } = effects[0].clone()
    else {
        panic!("a fetch")
    };
    let result = Ok(Received::local(bytes.clone().into()));
    compose::update(
        &mut composition,
        compose::Msg::Received {
            generation,
            reference,
            what,
            result,
        },
    );
    let config = compose::LocalManifest {
        name: "config".into(),
        bytes: b"{}"[..].into(),
    };
    compose::update(&mut composition, compose::Msg::Give(vec![config]));
    let given = compose::LocalManifest {
        name: "given".into(),
        bytes: image(&[descriptor(b"x", MediaType::OCI_EMPTY)]).into(),
    };
    compose::update(&mut composition, compose::Msg::Give(vec![given]));
    let task = Task::from_composition(&composition).expect("a task");
    assert_eq!(
        (task.tag.as_str(), task.target.repository.as_str()),
        ("latest", "b")
    );
    assert_eq!(*task.root.digest(), composition.written().digest);
    let sources: Vec<_> = task
        .sources
        .iter()
        .map(|one| one.as_ref().map(|one| one.repository.as_str()))
        .collect();
    assert_eq!(sources, [Some("a"), None]);
    assert!(task.given(&Digest::sha256(b"{}")).is_some());
}
