use super::*;
use crate::compose::{Draft, Entry, ListKind};
use crate::descriptor::Descriptor;
use crate::media_type::MediaType;
use crate::registry::error::{ErrorAnswer, RegistryError};
use crate::registry::transport::{Response, Via};
use crate::registry::upload::UploadOutcome;
use crate::workflow::compose;
use crate::workflow::fetch::Generation;
use crate::workflow::fetch::Received;

fn descriptor(bytes: &[u8], media_type: MediaType) -> Descriptor {
    let digest = Digest::sha256(bytes);
    let (digest_text, size) = (digest.to_string(), Some(bytes.len() as u64));
    Descriptor {
        media_type: Some(media_type),
        digest: Some(digest),
        digest_text,
        size,
        ..Descriptor::default()
    }
}

fn task(entries: Vec<Descriptor>) -> Task {
    let entries = entries
        .into_iter()
        .map(|descriptor| Entry {
            descriptor,
            ..Entry::default()
        })
        .collect();
    let written = std::rc::Rc::new(
        Draft {
            entries,
            ..Draft::new(ListKind::OciIndex)
        }
        .write(),
    );
    let place = |text: &str| {
        crate::registry::push::Repository::from_reference(&text.parse().expect("a reference"))
    };
    let sources = vec![Some(place("s.example/a")); written.list.entries.len()];
    Task {
        target: place("t.example/b"),
        tag: "1".parse().expect("a tag"),
        written,
        sources,
        given: Vec::new(),
    }
}

/// Answers every effect that `answer` has an answer to; gives back the others.
fn answer(
    model: &mut Model,
    effects: Vec<Effect>,
    answer: &dyn Fn(&Request) -> Option<Outcome>,
) -> Vec<Effect> {
    let mut open = std::collections::VecDeque::from(effects);
    let mut left = Vec::new();
    while let Some(effect) = open.pop_front() {
        let Effect::Run {
            generation,
            step,
            request,
        } = &effect
        else {
            continue;
        };
        match answer(request) {
            Some(answer) => open.extend(update(
                model,
                Msg::Answered {
                    generation: *generation,
                    step: *step,
                    answer,
                },
            )),
            None => left.push(effect),
        }
    }
    left
}

fn error(kind: fn(ErrorAnswer) -> RegistryError, status: u16) -> RegistryError {
    let response = Response {
        status,
        headers: Vec::new(),
        body: Vec::new(),
        over_limit: false,
    };
    kind(ErrorAnswer::new(
        "https://t.example/v2/b/x",
        Via::Direct,
        &response,
        &[],
    ))
}

fn nothing_there(request: &Request) -> Option<Outcome> {
    match request {
        Request::HasManifest { .. } | Request::HasBlob { .. } => Some(Outcome::Has(Ok(false))),
        Request::ReadTarget { .. } => Some(Outcome::Read(Err(error(RegistryError::NotFound, 404)))),
        _ => None,
    }
}

fn failures(model: &Model) -> Vec<String> {
    model
        .failures()
        .into_iter()
        .map(|(step, failure)| format!("{step:?}: {failure}"))
        .collect()
}

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
            step: Step::Tag,
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

fn image(layers: &[Descriptor]) -> Vec<u8> {
    let part = |one: &Descriptor| {
        let media_type = one
            .media_type
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let size = one
            .size
            .map(|size| format!(",\"size\":{size}"))
            .unwrap_or_default();
        format!(
            r#"{{"mediaType":"{media_type}","digest":"{}"{size}}}"#,
            one.digest_text
        )
    };
    let config = part(&descriptor(b"{}", MediaType::OCI_CONFIG));
    let layers = layers.iter().map(part).collect::<Vec<_>>().join(",");
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","config":{config},"layers":[{layers}]}}"#,
        MediaType::OCI_MANIFEST
    )
    .into_bytes()
}

fn planned(layers: &[Descriptor]) -> (Model, Vec<Effect>) {
    let bytes = image(layers);
    let (mut model, effects) = Model::open(
        task(vec![descriptor(&bytes, MediaType::OCI_MANIFEST)]),
        Generation(7),
    );
    let reads = |request: &Request| match request {
        Request::ReadSource { .. } => {
            let content_type = Some(MediaType::OCI_MANIFEST);
            Some(Outcome::Read(Ok(crate::registry::answer::Fetched {
                bytes: bytes.clone(),
                content_type,
                docker_content_digest: None,
                via: Via::Direct,
                from_session: false,
            })))
        }
        request => nothing_there(request),
    };
    let left = answer(&mut model, effects, &reads);
    (model, left)
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
fn progress_is_of_its_own_push_only_and_bytes_mean_that_nothing_was_mounted() {
    let layer = || MediaType::new("application/vnd.oci.image.layer.v1.tar");
    let (mut model, _) = planned(&[descriptor(b"layer", layer()), descriptor(b"layer", layer())]);
    assert_eq!((model.phase(), model.blobs().len()), (Phase::Planned, 2));
    assert_eq!(model.manifests()[1].blobs, [0, 1, 1]);
    let effects = update(&mut model, Msg::Start);
    assert_eq!(effects.len(), 2);
    model.blobs[1].how = Some(Transfer::Mount);
    let before = model.totals();
    update(
        &mut model,
        Msg::Progress {
            generation: Generation(6),
            step: Step::Blob(1),
            sent: 3,
        },
    );
    assert_eq!(model.totals(), before);
    update(
        &mut model,
        Msg::Progress {
            generation: Generation(7),
            step: Step::Blob(1),
            sent: 3,
        },
    );
    let totals = model.totals();
    assert_eq!(
        (totals.blobs_mounted, totals.sent, totals.bytes),
        (0, 3, before.bytes + 5)
    );
    let sent = |request: &Request| match request {
        Request::SendBlob { .. } => Some(Outcome::Sent(Ok(UploadOutcome::Uploaded))),
        _ => None,
    };
    let left = answer(&mut model, effects, &sent);
    assert!(
        matches!(
            &left[..],
            [Effect::Run {
                step: Step::Manifest(1),
                ..
            }]
        ),
        "{left:?}"
    );
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
    assert_eq!(task.written.digest, composition.written().digest);
    let sources: Vec<_> = task
        .sources
        .iter()
        .map(|one| one.as_ref().map(|one| one.repository.as_str()))
        .collect();
    assert_eq!(sources, [Some("a"), None]);
    assert!(task.given(&Digest::sha256(b"{}")).is_some());
}

#[test]
fn what_was_aborted_from_elsewhere_counts_as_cancelled() {
    let (mut model, effects) = Model::open(
        task(vec![descriptor(b"x", MediaType::OCI_MANIFEST)]),
        Generation(1),
    );
    let attempts = vec![(
        Via::Direct,
        crate::registry::transport::TransportError::Cancelled,
    )];
    let cancelled = RegistryError::Transport {
        url: "https://t.example/v2/".into(),
        attempts,
    };
    answer(&mut model, effects, &|_| {
        Some(Outcome::Has(Err(cancelled.clone())))
    });
    assert!(
        model
            .failures()
            .iter()
            .all(|(_, failure)| **failure == Failure::Cancelled)
    );
    assert_eq!(update(&mut model, Msg::Retry).len(), 3);
}

#[test]
fn every_failure_has_its_words_and_what_to_do_next() {
    for (failure, words) in [
        (
            Failure::NoSource,
            "the target does not have it, and no source of it is known",
        ),
        (
            Failure::NotReferrers,
            "the fallback tag names something else than a list of referrers",
        ),
        (
            Failure::SubjectItself,
            "the registry answers the fallback tag with the subject itself, so no referrers are known",
        ),
        (Failure::TooMany, "more than 100,000 manifests and blobs"),
        (Failure::Cancelled, "cancelled"),
    ] {
        assert_eq!(failure.to_string(), words);
        assert_eq!(
            (
                failure.explain().what.as_str(),
                failure.explain().next.len()
            ),
            (words, 1)
        );
    }
}
