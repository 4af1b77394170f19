//! Pushes of composed lists: request by request, cut at each step, and what is told of what went wrong.

use std::rc::Rc;

use waybill_core::compose::{Draft, Entry, ListKind};
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Digest;
use waybill_core::limits::PIECE_BYTES;
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::media_type::MediaType;
use waybill_core::reference::{Reference, Tag};
use waybill_core::registry::client::Client;
use waybill_core::registry::push::Repository;
use waybill_core::registry::transport::{Response, TransportError};
use waybill_core::workflow::fetch::Generation;
use waybill_core::workflow::push::{
    Effect, Failure, Model, Msg, Phase, Request, Root, Step, StepState, Task, Totals, Transfer,
    run, update,
};
use waybill_testkit::registries::{InterruptedUpload, Registries, run_now};
use waybill_testkit::transport::{Script, answer, with};

use super::{DOCKER, OCI};

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn place(text: &str) -> Repository {
    Repository::from_reference(&text.parse::<Reference>().expect("a reference"))
}

/// An image in a repository: its manifest's bytes.
fn image(registries: &Registries, repository: &str, name: &str, more: &str) -> Vec<u8> {
    let part = |kind: &str, text: &str| {
        let digest = registries.put_blob(repository, text.as_bytes());
        format!(
            r#"{{"mediaType":"application/vnd.oci.image.{kind}","digest":"{digest}","size":{}}}"#,
            text.len()
        )
    };
    let config = part(
        "config.v1+json",
        &format!(r#"{{"architecture":"{name}","os":"linux"}}"#),
    );
    let layers = [
        part("layer.v1.tar", "base"),
        part("layer.v1.tar", &format!("layer of {name}")),
    ]
    .join(",");
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{config},"layers":[{layers}]{more}}}"#
    );
    registries.put(
        repository,
        Digest::sha256(text.as_bytes()).as_str(),
        IMAGE,
        text.as_bytes(),
    );
    text.into_bytes()
}

fn entry(bytes: &[u8]) -> Entry {
    let (manifest, _) = Manifest::read(bytes, &DeclaredTypes::none()).expect("a manifest");
    Entry::from_manifest(&manifest, None)
}

/// Two images of `source` as `t.example/app:1`.
fn two(registries: &Registries, source: &str) -> Task {
    let images = [
        image(registries, source, "amd64", ""),
        image(registries, source, "arm64", ""),
    ];
    task(
        &Draft {
            entries: images.iter().map(|bytes| entry(bytes)).collect(),
            ..Draft::new(ListKind::OciIndex)
        },
        source,
    )
}

fn task(draft: &Draft, source: &str) -> Task {
    let written = Rc::new(draft.write());
    let sources = vec![Some(place(source)); written.list.entries.len()];
    let tag = "1".parse::<Tag>().expect("a tag");
    Task {
        target: place("t.example/app"),
        tag,
        root: Root::Composed(written),
        sources,
        given: Vec::new(),
        known: Vec::new(),
        left_out: Vec::new(),
        more_tags: Vec::new(),
        companions: Vec::new(),
    }
}

struct Push {
    client: Client<Registries>,
    model: Model,
    effects: Vec<Effect>,
}

impl Push {
    fn new(registries: Registries, task: Task) -> Self {
        let (model, effects) = Model::open(task, Generation(1));
        let mut push = Self {
            client: Client::new(registries),
            model,
            effects,
        };
        push.go_on();
        push
    }

    fn registries(&self) -> &Registries {
        self.client.transport()
    }

    /// Runs every effect to its end, the oldest first.
    fn go_on(&mut self) {
        while !self.effects.is_empty() {
            let Effect::Run {
                generation,
                step,
                request,
            } = self.effects.remove(0)
            else {
                continue;
            };
            let mut told = Vec::new();
            let mut progress = |sent| {
                told.push(Msg::Progress {
                    generation,
                    step,
                    sent,
                });
            };
            let answer = run_now(run(&self.client, request, &mut progress));
            for msg in told.into_iter().chain([Msg::Answered {
                generation,
                step,
                answer,
            }]) {
                self.effects.extend(update(&mut self.model, msg));
            }
        }
    }

    fn tell(&mut self, msg: Msg) {
        self.effects = update(&mut self.model, msg);
        self.go_on();
    }

    fn asked(&self) -> Vec<String> {
        let short = |line: String| {
            line.replace("direct ", "")
                .replace("https://", "")
                .replace("/v2/", "/")
        };
        self.registries().asked().into_iter().map(short).collect()
    }

    fn failures(&self) -> Vec<String> {
        self.model
            .failures()
            .into_iter()
            .map(|(step, failure)| format!("{step:?}: {failure}"))
            .collect()
    }

    fn is_verified(&self) -> bool {
        self.model.phase() == Phase::Done
            && self
                .model
                .outcome()
                .is_some_and(|one| one.verdict.is_verified())
    }
}

fn digests(task: &Task) -> Vec<String> {
    let entries = task
        .root
        .entries()
        .iter()
        .map(|entry| entry.digest_text.clone());
    entries.chain([task.root.digest().to_string()]).collect()
}

/// The digests of the blobs of both images: config, shared layer and own layer of the first; config and layer.
fn blobs(push: &Push) -> Vec<String> {
    push.model
        .blobs()
        .iter()
        .map(|blob| blob.digest.to_string())
        .collect()
}

#[test]
fn within_one_repository_only_the_list_is_put() {
    let registries = Registries::default();
    let task = two(&registries, "t.example/app");
    let [amd64, arm64, list] = digests(&task).try_into().expect("three");
    let mut push = Push::new(registries, task);
    assert_eq!(push.model.phase(), Phase::Planned);
    let (manifests, size) = (
        push.model.manifests(),
        push.model.task().root.bytes().len() as u64,
    );
    assert_eq!(
        [manifests[0].how, manifests[1].how, manifests[2].how],
        [Some(Transfer::Put), None, None]
    );
    assert_eq!(
        push.model.totals(),
        Totals {
            manifests_present: 2,
            manifests_put: 1,
            bytes: size,
            ..Totals::default()
        }
    );
    assert_eq!(
        push.asked(),
        [
            format!("GET t.example/app/manifests/1{DOCKER}"),
            // No list is there under that type either.
            format!("GET t.example/app/manifests/1{OCI}"),
            format!("HEAD t.example/app/manifests/{list} | accept: {INDEX}"),
            format!("HEAD t.example/app/manifests/{amd64} | accept: {IMAGE}"),
            format!("HEAD t.example/app/manifests/{arm64} | accept: {IMAGE}"),
        ]
    );
    push.tell(Msg::Start);
    assert_eq!(
        push.asked(),
        [
            format!("PUT t.example/app/manifests/{list} | content-type: {INDEX} | {size} bytes"),
            format!("PUT t.example/app/manifests/1 | content-type: {INDEX} | {size} bytes"),
            format!("GET t.example/app/manifests/1{DOCKER}"),
        ]
    );
    assert!(push.is_verified());
    assert_eq!(
        (push.model.totals().sent, push.model.tag().named.clone()),
        (size, None)
    );

    // Once more there is nothing to do but to read it back.
    let (model, effects) = Model::open(push.model.task().clone(), Generation(2));
    let mut again = Push {
        client: push.client,
        model,
        effects,
    };
    again.go_on();
    assert_eq!(again.model.tag().state, StepState::Present);
    assert_eq!(
        again.model.totals(),
        Totals {
            manifests_present: 3,
            ..Totals::default()
        }
    );
    again.asked();
    again.tell(Msg::Start);
    assert_eq!(
        again.asked(),
        [format!("GET t.example/app/manifests/1{DOCKER}")]
    );
    assert!(again.is_verified());
}

#[test]
fn across_repositories_blobs_are_mounted_before_their_manifests() {
    let registries = Registries::default();
    registries.mounting("t.example");
    let task = two(&registries, "t.example/source");
    let [amd64, arm64, list] = digests(&task).try_into().expect("three");
    let mut push = Push::new(registries, task);
    let [config1, base, layer1, config2, layer2] = blobs(&push).try_into().expect("five");
    assert!(
        push.model
            .blobs()
            .iter()
            .all(|blob| blob.how == Some(Transfer::Mount) && blob.state == StepState::Planned)
    );
    let mut asked = push.asked();
    assert_eq!(asked.len(), 12);
    asked.sort();
    let heads = [&config1, &base, &layer1, &config2, &layer2]
        .map(|blob| format!("HEAD t.example/app/blobs/{blob}"));
    assert!(heads.iter().all(|head| asked.contains(head)));
    assert!(asked.contains(&format!(
        "GET t.example/source/manifests/{amd64} | accept: {IMAGE}"
    )));
    push.tell(Msg::Start);
    let asked = push.asked();
    let mount = |blob: &str| format!("POST t.example/app/blobs/uploads/?mount={blob}&from=source");
    let mut mounts = [&config1, &base, &layer1, &config2, &layer2].map(|blob| mount(blob));
    let mut puts: Vec<String> = asked.clone();
    puts.retain(|line| !line.starts_with("POST"));
    let mut mounted: Vec<String> = asked
        .iter()
        .filter(|line| line.starts_with("POST"))
        .cloned()
        .collect();
    mounted.sort();
    mounts.sort();
    assert_eq!(mounted, mounts);
    let size = |place: usize| push.model.manifests()[place].size.expect("a size");
    let put = |to: &str, kind: &str, place: usize| {
        format!(
            "PUT t.example/app/manifests/{to} | content-type: {kind} | {} bytes",
            size(place)
        )
    };
    assert_eq!(
        puts,
        [
            put(&amd64, IMAGE, 1),
            put(&arm64, IMAGE, 2),
            put(&list, INDEX, 0),
            put("1", INDEX, 0),
            format!("GET t.example/app/manifests/1{DOCKER}")
        ]
    );
    // A manifest comes when its own blobs are there.
    let at = |line: &str| {
        asked
            .iter()
            .position(|one| one == line)
            .expect("it was asked")
    };
    assert!(
        at(&put(&amd64, IMAGE, 1)) > at(&mount(&layer1))
            && at(&put(&arm64, IMAGE, 2)) > at(&mount(&layer2))
    );
    assert!(push.is_verified());
}

#[test]
fn across_registries_blobs_are_copied() {
    for (source, mounting) in [("s.example/app", true), ("t.example/source", false)] {
        let registries = Registries::default();
        if mounting {
            registries.mounting("t.example");
        }
        let task = two(&registries, source);
        let mut push = Push::new(registries, task);
        assert_eq!(push.model.phase(), Phase::Planned, "{:?}", push.failures());
        push.asked();
        push.tell(Msg::Start);
        assert!(push.is_verified(), "{:?}", push.failures());
        let layer = &blobs(&push)[2];
        let asked = push.asked();
        let lines: Vec<_> = asked
            .iter()
            .filter(|line| line.contains(layer.as_str()))
            .cloned()
            .collect();
        let (begun, read, put) = (
            lines.len() - 2,
            &lines[lines.len() - 2],
            &lines[lines.len() - 1],
        );
        assert_eq!(begun, usize::from(!mounting));
        assert_eq!(*read, format!("GET {source}/blobs/{layer}"));
        assert!(
            put.starts_with("PUT t.example/app/blobs/uploads/")
                && put.ends_with(" | layer of amd64"),
            "{put}"
        );
        assert_eq!(push.registries().blobs("t.example/app"), 5);
        assert!(
            push.model
                .blobs()
                .iter()
                .all(|blob| blob.how == Some(Transfer::Copy) && blob.state == StepState::Done)
        );
        let totals = push.model.totals();
        assert_eq!(
            (totals.sent, totals.blobs_sent, totals.unknown),
            (totals.bytes, 5, 0)
        );
    }
}

#[test]
fn a_cut_at_any_step_leaves_no_tag_and_a_retry_completes() {
    let whole = {
        let registries = Registries::default();
        let task = two(&registries, "s.example/app");
        let mut push = Push::new(registries, task);
        push.tell(Msg::Start);
        assert!(push.is_verified());
        push.asked().len()
    };
    assert_eq!(whole, 12 + 5 * 3 + 2 + 2 + 1);
    for number in 0..whole {
        for cut in [
            InterruptedUpload::Request(number),
            InterruptedUpload::Answer(number),
        ] {
            let registries = Registries::default();
            let task = two(&registries, "s.example/app");
            registries.cut.set(Some(cut));
            let mut push = Push::new(registries, task);
            if push.model.phase() == Phase::Planned {
                push.tell(Msg::Start);
            }
            assert!(!push.model.failures().is_empty(), "{number}");
            let tagged = push.registries().manifest("t.example/app", "1").is_some();
            let put = push
                .registries()
                .log
                .borrow()
                .iter()
                .filter(|line| line.contains("PUT https://t.example/v2/app/manifests/1 "))
                .count();
            assert!(!tagged || put == 1, "{number}");
            let is_end = number >= whole - 2;
            assert_eq!(
                put == 1,
                is_end,
                "the tag is asked for before the end: {number} of {whole}"
            );
            // Nothing else is begun until somebody says so.
            push.registries().cut.set(None);
            let before = push.registries().log.borrow().len();
            push.tell(Msg::Start);
            assert_eq!(push.registries().log.borrow().len(), before);
            push.tell(Msg::Retry);
            if push.model.phase() == Phase::Planned {
                push.tell(Msg::Start);
            }
            assert!(push.is_verified(), "{number}: {:?}", push.failures());
            let written = push.model.task().root.bytes();
            assert_eq!(
                push.registries().manifest("t.example/app", "1").as_deref(),
                Some(&**written)
            );
            // What was done is not done again: the cut step, and what it began with, at most.
            let asked = push.asked().len();
            assert!(
                asked <= whole + 3,
                "{number}: {asked} requests instead of {whole}"
            );
        }
    }
}

#[test]
fn cancelling_stops_and_a_retry_goes_on() {
    let registries = Registries::default();
    let task = two(&registries, "s.example/app");
    let mut push = Push::new(registries, task);
    push.effects = update(&mut push.model, Msg::Start);
    assert_eq!(push.effects.len(), 4);
    let old = std::mem::take(&mut push.effects);
    assert_eq!(update(&mut push.model, Msg::Cancel), [Effect::Abort]);
    assert_eq!(push.model.failures().len(), 4);
    assert!(
        push.model
            .failures()
            .iter()
            .all(|(_, failure)| **failure == Failure::Cancelled)
    );
    // Answers with the old stamp change nothing.
    push.effects = old;
    push.go_on();
    assert_eq!((push.model.failures().len(), push.model.pending()), (4, 0));
    push.tell(Msg::Retry);
    assert!(push.is_verified());
}

/// The talk that writes a blob of three pieces, `at` being the address of uploads: each request
/// with its answer. The address of the upload ends in the number of pieces that are there.
fn in_three_pieces(bytes: &[u8], at: &str) -> Vec<(String, Response)> {
    let digest = Digest::sha256(bytes);
    let octets = "content-type: application/octet-stream";
    let mut talk = vec![(
        format!("direct POST {at}"),
        with(answer(202, ""), "location", "0"),
    )];
    for (number, piece) in bytes.chunks(PIECE_BYTES).enumerate() {
        let start = number * PIECE_BYTES;
        let (length, last) = (piece.len(), start + piece.len() - 1);
        let read = format!("direct GET https://s.example/v2/app/blobs/{digest}");
        talk.push((
            format!("{read} | range: bytes={start}-{last}"),
            answer(206, piece),
        ));
        let body = match std::str::from_utf8(piece) {
            Ok(text) if text.len() <= 60 => text.to_owned(),
            _ => format!("{length} bytes"),
        };
        talk.push((
            format!(
                "direct PATCH {at}{number} | {octets} | content-range: {start}-{last} | {body}"
            ),
            with(answer(202, ""), "location", &(number + 1).to_string()),
        ));
    }
    talk.push((
        format!("direct PUT {at}3?digest={digest} | {octets}"),
        answer(201, ""),
    ));
    talk
}

#[test]
fn a_cancelled_upload_goes_on_where_the_registry_is() {
    let bytes: Vec<u8> = b"layer"
        .iter()
        .copied()
        .cycle()
        .take(2 * PIECE_BYTES + 10)
        .collect();
    let at = "https://t.example/v2/app/blobs/uploads/";
    let talk = in_three_pieces(&bytes, at);
    let patched = |step: usize| {
        talk[..step]
            .iter()
            .filter(|it| it.0.contains(" PATCH "))
            .count()
    };
    let run_over = |effect: &Effect, script: Script| {
        let Effect::Run {
            generation,
            step,
            request,
        } = effect.clone()
        else {
            panic!("{effect:?}")
        };
        let client = Client::new(script);
        let answer = client.transport().run(run(&client, request, &mut |_| {}));
        client.transport().finish();
        Msg::Answered {
            generation,
            step,
            answer,
        }
    };
    // What the person cancels: any of the requests, and what the registry then knows of it.
    for (cancelled, is_known) in (0..talk.len()).flat_map(|step| [(step, true), (step, false)]) {
        let registries = Registries::default();
        let digest = registries.put_blob("s.example/app", &bytes);
        let text = format!(
            r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{digest}","size":{size}}},"layers":[]}}"#,
            size = bytes.len()
        );
        let own = Digest::sha256(text.as_bytes());
        registries.put("s.example/app", own.as_str(), IMAGE, text.as_bytes());
        let draft = Draft {
            entries: vec![entry(text.as_bytes())],
            ..Draft::new(ListKind::OciIndex)
        };
        let mut push = Push::new(registries, task(&draft, "s.example/app"));
        let effects = update(&mut push.model, Msg::Start);
        assert_eq!(effects.len(), 1);
        let script = Script::new();
        for (line, answer) in &talk[..cancelled] {
            script.expect(line, Ok(answer.clone()));
        }
        script.expect(&talk[cancelled].0, Err(TransportError::Cancelled));
        // While a piece is written, the next is read.
        if let Some((line, _)) = talk.get(cancelled + 1)
            && line.contains(" GET ")
            && cancelled > 0
        {
            script.expect(line, Err(TransportError::Cancelled));
        }
        assert_eq!(update(&mut push.model, Msg::Cancel), [Effect::Abort]);
        let late = run_over(&effects[0], script);
        // Of another push, or when the blob is written again already, nothing is taken.
        let mut other = push.model.clone();
        if let Msg::Answered { step, answer, .. } = late.clone() {
            let generation = Generation(0);
            let answered = Msg::Answered {
                generation,
                step,
                answer,
            };
            assert_eq!(update(&mut other, answered), []);
        }
        let begins_anew = |effects: Vec<Effect>| {
            matches!(
                &effects[..],
                [Effect::Run {
                    request: Request::SendBlob { upload: None, .. },
                    ..
                }]
            )
        };
        assert!(begins_anew(update(&mut other, Msg::Retry)));
        assert_eq!(update(&mut other, late.clone()), []);
        assert_eq!(update(&mut other, Msg::Cancel), [Effect::Abort]);
        assert!(begins_anew(update(&mut other, Msg::Retry)));

        assert_eq!(update(&mut push.model, late), []);
        assert_eq!(push.failures(), ["Blob(0): cancelled"]);

        let effects = update(&mut push.model, Msg::Retry);
        assert_eq!(effects.len(), 1);
        let script = Script::new();
        // The state that was left is the one before the piece that was cut, so another client reads
        // that piece again, and the registry says how much of it is there.
        let (begun, there) = match cancelled {
            7 => (2, bytes.len()),
            step => (patched(step), patched(step) * PIECE_BYTES),
        };
        let mut rest = &talk[..];
        if begun > 0 {
            let range = format!("0-{}", there - 1);
            let known = with(answer(204, ""), "range", &range);
            let known = with(known, "location", &patched(cancelled).to_string());
            let said = if is_known { known } else { answer(404, "") };
            script.expect(format!("direct GET {at}{begun}"), Ok(said));
            if is_known {
                rest = &talk[1 + 2 * begun..];
            }
        }
        for (line, answer) in rest {
            let is_there = cancelled == 7 && is_known && line.contains(" PATCH ");
            if !is_there {
                script.expect(line, Ok(answer.clone()));
            }
        }
        let sent = run_over(&effects[0], script);
        push.registries().put_blob("t.example/app", &bytes);
        push.effects = update(&mut push.model, sent);
        push.go_on();
        assert!(push.is_verified(), "{cancelled}: {:?}", push.failures());
    }
}

#[test]
fn a_child_that_differs_is_never_put() {
    let registries = Registries::default();
    let task = two(&registries, "s.example/app");
    let amd64 = task.root.entries()[0].digest_text.clone();
    registries.put("s.example/app", &amd64, IMAGE, br#"{"schemaVersion":2}"#);
    let push = Push::new(registries, task.clone());
    assert_eq!(
        push.failures(),
        [format!("Manifest(1): its bytes are not those of {amd64}")]
    );
    assert_eq!(push.model.phase(), Phase::Planning);
    // The rest of the plan is made all the same.
    assert!(push.model.manifests()[2].state == StepState::Planned && push.model.blobs().len() == 3);

    let registries = Registries::default();
    two(&registries, "s.example/app");
    let layer = Digest::sha256(b"layer of arm64");
    registries.spoil("s.example/app", &layer, b"LAYER OF ARM64");
    let mut push = Push::new(registries, task);
    push.tell(Msg::Start);
    let found = Digest::sha256(b"LAYER OF ARM64");
    assert_eq!(
        push.failures(),
        [format!(
            "Blob(4): its source has other bytes, they hash to {found}"
        )]
    );
    assert_eq!(push.registries().manifest("t.example/app", "1"), None);
    push.registries()
        .spoil("s.example/app", &layer, b"layer of arm64");
    push.tell(Msg::Retry);
    assert!(push.is_verified());
}

#[test]
fn what_the_registry_lacks_is_told_with_its_words() {
    let registries = Registries::default();
    let task = two(&registries, "t.example/app");
    let mut push = Push::new(registries, task);
    // Somebody deletes an image meanwhile.
    let other = Registries::default();
    push.client = Client::new(other);
    push.tell(Msg::Start);
    let [(step, failure)] = push.model.failures()[..] else {
        panic!("one failure")
    };
    assert_eq!(step, Step::Manifest(0));
    let told = failure.explain();
    assert_eq!(told.what, "t.example refuses this (400)");
    assert_eq!(
        told.evidence[1],
        r#"MANIFEST_BLOB_UNKNOWN: blob unknown: {"x":1}"#
    );
    assert_eq!(
        told.causes,
        ["the registry does not have everything that the manifest names"]
    );
    assert_eq!(
        told.next,
        ["make the plan again, so that what is missing is looked for"]
    );
}

#[test]
fn another_list_under_the_tag_is_told_and_never_overwritten() {
    let registries = Registries::default();
    let task = two(&registries, "t.example/app");
    registries.put("t.example/app", "1", INDEX, b"{}");
    let mut push = Push::new(registries, task);
    assert_eq!(push.model.tag().named, Some(Digest::sha256(b"{}")));
    // Somebody else puts another list after ours: the answer to the tag is theirs.
    push.effects = update(&mut push.model, Msg::Start);
    for _ in 0..2 {
        let Effect::Run {
            generation,
            step,
            request,
        } = push.effects.remove(0)
        else {
            panic!("a request")
        };
        let answer = run_now(run(&push.client, request, &mut |_| {}));
        push.effects.extend(update(
            &mut push.model,
            Msg::Answered {
                generation,
                step,
                answer,
            },
        ));
    }
    push.registries().put("t.example/app", "1", INDEX, b"[]");
    push.go_on();
    assert_eq!(push.model.phase(), Phase::Done);
    assert!(
        push.model
            .outcome()
            .is_some_and(|one| one.verdict.is_mismatch())
    );
    push.asked();
    push.tell(Msg::Retry);
    assert_eq!(push.asked().len(), 1);
    assert!(
        push.model
            .outcome()
            .is_some_and(|one| one.verdict.is_mismatch())
    );
}

#[test]
fn nested_lists_attestations_and_given_manifests_come_along() {
    let registries = Registries::default();
    let inner = image(&registries, "s.example/app", "amd64", "");
    let attestation = image(&registries, "s.example/app", "unknown", "");
    let mut attests = entry(&attestation).descriptor;
    attests.annotations = vec![
        (
            "vnd.docker.reference.type".into(),
            "attestation-manifest".into(),
        ),
        (
            "vnd.docker.reference.digest".into(),
            Digest::sha256(&inner).to_string(),
        ),
    ]
    .into();
    let entries = vec![
        entry(&inner),
        Entry {
            descriptor: attests,
            ..Entry::default()
        },
    ];
    let nested = Draft {
        entries,
        ..Draft::new(ListKind::OciIndex)
    }
    .write();
    registries.put(
        "s.example/app",
        nested.digest.as_str(),
        INDEX,
        &nested.bytes,
    );
    // One that was pasted, whose config was pasted too; its layer is nowhere but at the target.
    let given = image(&Registries::default(), "t.example/app", "arm64", "");
    let config = br#"{"architecture":"arm64","os":"linux"}"#;
    for layer in ["base", "layer of arm64"] {
        registries.put_blob("t.example/app", layer.as_bytes());
    }
    let entries = vec![entry(&nested.bytes), entry(&given)];
    let mut task = task(
        &Draft {
            entries,
            ..Draft::new(ListKind::OciIndex)
        },
        "s.example/app",
    );
    task.sources[1] = None;
    task.given = [&given[..], config]
        .map(|bytes| (Digest::sha256(bytes), bytes.into()))
        .to_vec();
    let mut without = task.clone();
    let mut push = Push::new(registries, task);
    push.tell(Msg::Start);
    assert!(push.is_verified(), "{:?}", push.failures());
    assert_eq!(push.model.manifests()[1].children, [3, 4]);
    for bytes in [&inner, &attestation, &given, &nested.bytes.to_vec()] {
        let digest = Digest::sha256(bytes);
        assert_eq!(
            push.registries()
                .manifest("t.example/app", digest.as_str())
                .as_ref(),
            Some(bytes)
        );
    }
    without.given.clear();
    let push = Push::new(Registries::default(), without);
    assert_eq!(
        push.failures()[1],
        "Manifest(2): the target does not have it, and no source of it is known".to_owned()
    );
}

#[test]
#[allow(
    clippy::too_many_lines,
    reason = "one table of what may stand under the tag"
)]
fn a_subject_that_the_registry_ignores_is_kept_under_its_tag() {
    let subject = Digest::sha256(b"subject");
    let draft = |registries: &Registries| {
        let bytes = image(registries, "t.example/app", "amd64", "");
        let annotations = vec![("a".to_owned(), "b".to_owned())];
        let subject = Descriptor {
            media_type: Some(MediaType::new(IMAGE)),
            digest: Some(subject.clone()),
            digest_text: subject.to_string(),
            size: Some(7),
            ..Descriptor::default()
        };
        let artifact_type = Some(MediaType::new("application/x"));
        let entries = vec![entry(&bytes)];
        Draft {
            entries,
            subject: Some(subject),
            artifact_type,
            annotations: annotations.into(),
            ..Draft::new(ListKind::OciIndex)
        }
    };
    let tag = format!("sha256-{}", subject.encoded());
    let registries = Registries::default();
    registries.referring("t.example");
    let task_of = |registries: &Registries| task(&draft(registries), "t.example/app");
    let task = task_of(&registries);
    let mut push = Push::new(registries, task);
    push.tell(Msg::Start);
    assert!(push.is_verified() && push.model.referrers().is_empty());

    let registries = Registries::default();
    let task = task_of(&registries);
    let mut push = Push::new(registries, task);
    push.asked();
    push.tell(Msg::Start);
    let (list, size) = (
        push.model.task().root.digest().clone(),
        push.model.task().root.bytes().len(),
    );
    let expected = format!(
        r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{{"mediaType":"{INDEX}","digest":"{list}","size":{size},"annotations":{{"a":"b"}},"artifactType":"application/x"}}]}}"#
    );
    let kept = push
        .registries()
        .manifest("t.example/app", &tag)
        .expect("the tag");
    assert_eq!(String::from_utf8(kept).expect("text"), expected);
    let asked = push.asked();
    assert_eq!(
        asked[2..],
        [
            format!("GET t.example/app/referrers/{subject} | accept: {INDEX}"),
            format!("GET t.example/app/manifests/{tag}{DOCKER}"),
            format!("GET t.example/app/manifests/{tag}{OCI}"),
            format!(
                "PUT t.example/app/manifests/{tag} | content-type: {INDEX} | {} bytes",
                expected.len()
            ),
            format!("GET t.example/app/manifests/1{DOCKER}"),
        ]
    );
    assert!(push.is_verified());
    assert_eq!(push.model.referrers()[0].state, StepState::Done);

    // One that keeps them and does not say so when they are put.
    let registries = Registries::default();
    registries.referring_silently("t.example");
    let task = task_of(&registries);
    let mut push = Push::new(registries, task);
    push.tell(Msg::Start);
    assert!(push.is_verified() && push.model.referrers()[0].state == StepState::Present);
    assert_eq!(push.registries().manifest("t.example/app", &tag), None);

    // What is there stays; what is no list of referrers is left alone, and the push comes to its end.
    let other = |entry: &str| {
        format!(r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{entry}]}}"#)
    };
    let of = |media_type: &str, more: &str| {
        format!(r#"{{"mediaType":"{media_type}","digest":"{subject}","size":7{more}}}"#)
    };
    let platform = r#","platform":{"os":"linux","architecture":"amd64"}"#;
    let artifact = r#","artifactType":"application/x""#;
    let not = || StepState::Failed(Failure::NotReferrers);
    for (there, state) in [
        (expected.as_str(), StepState::Present),
        ("{}", not()),
        // GitLab: the bytes of the subject.
        ("subject", StepState::Failed(Failure::SubjectItself)),
        // A plain image, an index of platforms, one whose entries are of no artifact, and a mixture.
        (
            &String::from_utf8_lossy(&image(&Registries::default(), "x", "amd64", "")),
            not(),
        ),
        (&other(&of(IMAGE, platform)), not()),
        (&other(&of(IMAGE, "")), not()),
        (
            &other(&[of(IMAGE, artifact), of(IMAGE, platform)].join(",")),
            not(),
        ),
        (&other(&of(IMAGE, &[artifact, platform].concat())), not()),
        (
            &other(&of(IMAGE, artifact))
                .replace("oci.image.index.v1", "docker.distribution.manifest.list.v2"),
            not(),
        ),
        ("<html>", not()),
    ] {
        let registries = Registries::default();
        registries.put("t.example/app", &tag, INDEX, there.as_bytes());
        let task = task_of(&registries);
        let mut push = Push::new(registries, task);
        push.tell(Msg::Start);
        assert_eq!(push.model.referrers()[0].state, state);
        assert_eq!(
            push.registries().manifest("t.example/app", &tag).as_deref(),
            Some(there.as_bytes())
        );
        assert!(push.is_verified() && push.registries().manifest("t.example/app", "1").is_some());
    }

    // To a list of referrers the entry is added: of artifacts, of an index without a type, and an empty one.
    for there in [
        other(&of(IMAGE, artifact)),
        other(&of(INDEX, "")),
        other(""),
    ] {
        let registries = Registries::default();
        registries.put("t.example/app", &tag, INDEX, there.as_bytes());
        let task = task_of(&registries);
        let mut push = Push::new(registries, task);
        push.tell(Msg::Start);
        assert!(push.is_verified());
        let kept = push.registries().manifest("t.example/app", &tag);
        let kept = String::from_utf8(kept.expect("the tag")).expect("text");
        assert!(kept.contains(&list.to_string()) && kept.starts_with(there.trim_end_matches("]}")));
    }
}

/// A copy of what `source` has under a digest.
fn copy(bytes: &[u8], source: &str) -> Task {
    let (manifest, _) = Manifest::read(bytes, &DeclaredTypes::none()).expect("a manifest");
    let target = "t.example/app:1".parse::<Reference>().expect("a reference");
    Task::copy(Rc::new(manifest), place(source), &target).expect("a copy")
}

#[test]
fn an_image_is_copied_with_its_blobs_before_its_manifest_and_its_tag_last() {
    let registries = Registries::default();
    let bytes = image(&registries, "s.example/app", "amd64", "");
    let digest = Digest::sha256(&bytes);
    let mut push = Push::new(registries, copy(&bytes, "s.example/app"));
    assert_eq!(push.model.phase(), Phase::Planned, "{:?}", push.failures());
    let totals = push.model.totals();
    assert_eq!((totals.blobs_sent, totals.manifests_put), (3, 1));
    push.tell(Msg::Start);
    assert!(push.is_verified(), "{:?}", push.failures());
    assert_eq!(*push.model.task().root.digest(), digest);
    let puts: Vec<String> = push
        .asked()
        .into_iter()
        .filter(|line| line.starts_with("PUT") && line.contains("/manifests/"))
        .collect();
    let place_of = |text: &str| puts.iter().position(|line| line.contains(text));
    assert_eq!(puts.len(), 2, "{puts:?}");
    assert!(
        place_of(digest.as_str()) < place_of("/manifests/1 "),
        "{puts:?}"
    );
}

#[test]
fn everything_of_a_list_that_is_copied_comes_from_its_one_source() {
    let registries = Registries::default();
    let images = [
        image(&registries, "s.example/app", "amd64", ""),
        image(&registries, "s.example/app", "arm64", ""),
    ];
    let list = Draft {
        entries: images.iter().map(|bytes| entry(bytes)).collect(),
        ..Draft::new(ListKind::OciIndex)
    }
    .write();
    let task = copy(&list.bytes, "s.example/app");
    let mut push = Push::new(registries, task);
    assert_eq!(push.model.phase(), Phase::Planned, "{:?}", push.failures());
    push.tell(Msg::Start);
    assert!(push.is_verified(), "{:?}", push.failures());
    assert_eq!(push.model.totals().manifests_put, 3);
}
