//! A target that is answered for by hand: its progress, and how its failures are told.

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

mod learned;
mod planning;

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
        root: Root::Composed(written),
        sources,
        given: Vec::new(),
        known: Vec::new(),
        left_out: Vec::new(),
        more_tags: Vec::new(),
        companions: Vec::new(),
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
