//! Pushes between real registries: CNCF distribution, which mounts, and crane's, which does not.
//! skopeo is the judge. Needs docker-registry, crane, skopeo and curl: `scripts/test judges` runs it.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod copy;

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::pin::pin;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use waybill_core::compose::{Draft, Entry, ListKind};
use waybill_core::digest::Digest;
use waybill_core::limits::PIECE_BYTES;
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::media_type::MediaType;
use waybill_core::platform::Platform;
use waybill_core::reference::{Reference, Target};
use waybill_core::registry::client::Client;
use waybill_core::registry::push::Repository;
use waybill_core::registry::upload::{Blob, BlobSource, Upload};
use waybill_core::workflow::fetch::Generation;
use waybill_core::workflow::push::{
    Effect, Model, Msg, Phase, Root, StepState, Task, Totals, run, update,
};
use waybill_testkit::curl::Curl;

fn run_now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("curl is waited for at once"),
    }
}

fn folder_of(address: &str) -> PathBuf {
    std::env::temp_dir().join(format!("waybill-push-{}", address.replace(':', "-")))
}

/// A registry on this machine, stopped when it is dropped.
struct Registry {
    child: Child,
    address: String,
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(folder_of(&self.address));
    }
}

impl Registry {
    fn start(command: impl FnOnce(&str) -> Command) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|free| free.local_addr())
            .expect("a port")
            .port();
        let address = format!("127.0.0.1:{port}");
        let child = command(&address)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a registry");
        let registry = Self { child, address };
        let until = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(&registry.address).is_err() {
            assert!(
                Instant::now() < until,
                "no registry at {}",
                registry.address
            );
            std::thread::yield_now();
        }
        registry
    }

    fn distribution() -> Self {
        Self::start(|address| {
            let folder = folder_of(address);
            std::fs::create_dir_all(&folder).expect("a folder");
            let config = folder.join("config.yml");
            let text = format!(
                "version: 0.1\nstorage: {{inmemory: {{}}}}\nhttp: {{addr: '{address}', secret: x}}\n"
            );
            std::fs::write(&config, text).expect("a file");
            let mut command = Command::new("docker-registry");
            command.arg("serve").arg(config);
            command
        })
    }

    fn crane() -> Self {
        Self::start(|address| {
            let mut command = Command::new("crane");
            command.args(["registry", "serve", "--address", address]);
            command
        })
    }

    fn place(&self, repository: &str) -> Repository {
        Repository::from_reference(
            &format!("{}/{repository}", self.address)
                .parse::<Reference>()
                .expect("a reference"),
        )
    }
}

/// Puts an image with these layers, and gives its entry.
fn image(client: &Client<Curl>, to: &Repository, architecture: &str, layers: &[Vec<u8>]) -> Entry {
    let config = format!(
        r#"{{"architecture":"{architecture}","os":"linux","rootfs":{{"type":"layers","diff_ids":[]}}}}"#
    );
    let part = |kind: &str, bytes: &[u8]| {
        let digest = Digest::sha256(bytes);
        let text = format!(
            r#"{{"mediaType":"application/vnd.oci.image.{kind}","digest":"{digest}","size":{}}}"#,
            bytes.len()
        );
        let blob = Blob {
            digest,
            size: bytes.len() as u64,
            from: BlobSource::Bytes(bytes.into()),
            to: to.clone(),
        };
        run_now(client.send_blob(&blob, None, &mut |_| {})).expect("a blob");
        text
    };
    let config = part("config.v1+json", config.as_bytes());
    let layers = layers
        .iter()
        .map(|bytes| part("layer.v1.tar+gzip", bytes))
        .collect::<Vec<_>>()
        .join(",");
    let media_type = MediaType::OCI_MANIFEST;
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{media_type}","config":{config},"layers":[{layers}]}}"#
    );
    let target = Target::Digest(Digest::sha256(text.as_bytes()));
    run_now(client.put_manifest(to, &target, &media_type, text.as_bytes())).expect("a manifest");
    let (manifest, _) =
        Manifest::read(text.into_bytes(), &DeclaredTypes::none()).expect("a manifest");
    let mut entry = Entry::from_manifest(&manifest, None);
    let platform = Platform {
        architecture: architecture.into(),
        os: "linux".into(),
        ..Platform::default()
    };
    entry.descriptor.platform = Some(platform);
    entry
}

fn task(entries: Vec<Entry>, source: &Repository, target: Repository, subject: bool) -> Task {
    let subject = entries
        .first()
        .filter(|_| subject)
        .map(|entry| entry.descriptor.clone());
    let subject = subject.map(|subject| waybill_core::descriptor::Descriptor {
        platform: None,
        ..subject
    });
    let written = Rc::new(
        Draft {
            entries,
            subject,
            ..Draft::new(ListKind::OciIndex)
        }
        .write(),
    );
    let sources = vec![Some(source.clone()); written.list.entries.len()];
    Task {
        target,
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

fn go_on(client: &Client<Curl>, model: &mut Model, effects: Vec<Effect>) {
    let mut open = std::collections::VecDeque::from(effects);
    while let Some(effect) = open.pop_front() {
        let Effect::Run {
            generation,
            step,
            request,
        } = effect
        else {
            continue;
        };
        let answer = run_now(run(client, request, &mut |_| {}));
        open.extend(update(
            model,
            Msg::Answered {
                generation,
                step,
                answer,
            },
        ));
    }
}

fn tell(client: &Client<Curl>, model: &mut Model, msg: Msg) {
    let effects = update(model, msg);
    go_on(client, model, effects);
}

/// Plans, pushes, and gives the plan.
fn push(client: &Client<Curl>, task: Task) -> (Model, Totals) {
    let (mut model, effects) = Model::open(task, Generation(1));
    go_on(client, &mut model, effects);
    assert_eq!(model.phase(), Phase::Planned, "{:?}", model.failures());
    let plan = model.totals();
    tell(client, &mut model, Msg::Start);
    assert_verified(&model);
    judge(&model);
    (model, plan)
}

fn assert_verified(model: &Model) {
    let outcome = model
        .outcome()
        .unwrap_or_else(|| panic!("{:?}", model.failures()));
    assert!(outcome.verdict.is_verified(), "{outcome:?}");
}

/// skopeo reads the list's very bytes, and copies the image of each machine with all its blobs.
fn judge(model: &Model) {
    let task = model.task();
    let name = format!(
        "docker://{}/{}:1",
        task.target.host.as_str(),
        task.target.repository.as_str()
    );
    let skopeo = |arguments: &[&str]| {
        let output = Command::new("skopeo")
            .args(arguments)
            .output()
            .expect("skopeo runs");
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    };
    assert_eq!(
        skopeo(&["inspect", "--raw", "--tls-verify=false", &name]),
        &**task.root.bytes()
    );
    for entry in task.root.entries() {
        let architecture = entry
            .platform
            .as_ref()
            .expect("a platform")
            .architecture
            .as_str();
        let place = format!("waybill-push-{}-{architecture}", task.root.digest().short());
        let folder = std::env::temp_dir().join(place);
        let to = format!("dir:{}", folder.display());
        skopeo(&[
            "copy",
            "--src-tls-verify=false",
            "--override-arch",
            architecture,
            "--override-os",
            "linux",
            &name,
            &to,
        ]);
        let manifest = std::fs::read(folder.join("manifest.json")).expect("a manifest");
        assert_eq!(Some(Digest::sha256(&manifest)), entry.digest);
        let _ = std::fs::remove_dir_all(folder);
    }
}

fn layers(name: &str) -> Vec<Vec<u8>> {
    vec![b"base".to_vec(), format!("layer of {name}").into_bytes()]
}

#[test]
#[ignore = "needs docker-registry, crane, skopeo and curl: scripts/test judges"]
fn lists_and_images_are_copied_as_they_are_to_another_registry() {
    let (distribution, crane) = (Registry::distribution(), Registry::crane());
    let client = Client::new(Curl::default());
    let source = distribution.place("source");
    let entries = vec![
        image(&client, &source, "amd64", &layers("amd64")),
        image(&client, &source, "arm64", &layers("arm64")),
    ];
    let list = task(entries.clone(), &source, source.clone(), false);
    push(&client, list.clone());
    let copy = |target: &Target, to: &str| {
        let place = (&source.host, &source.repository);
        let fetched = run_now(client.manifest(place.0, place.1, target, None)).expect("a manifest");
        let (manifest, _) =
            Manifest::read(fetched.bytes, &DeclaredTypes::none()).expect("a manifest");
        let to = format!("{}/{to}:1", crane.address);
        let to = to.parse::<Reference>().expect("a reference");
        Task::copy(Rc::new(manifest), source.clone(), &to).expect("a copy")
    };
    let (model, plan) = push(&client, copy(&Target::Tag(list.tag.clone()), "list"));
    assert_eq!(model.task().root.digest(), list.root.digest());
    assert_eq!((plan.blobs_sent, plan.manifests_put), (5, 3));
    let one = entries[1].descriptor.digest.clone().expect("a digest");
    let (model, plan) = push(&client, copy(&Target::Digest(one.clone()), "one"));
    assert_eq!(*model.task().root.digest(), one);
    assert_eq!(plan.manifests_put, 1);
}

#[test]
#[ignore = "needs docker-registry, crane, skopeo and curl: scripts/test judges"]
fn lists_are_pushed_within_a_repository_across_repositories_and_across_registries() {
    let (distribution, crane) = (Registry::distribution(), Registry::crane());
    let client = Client::new(Curl::default());
    for (here, there) in [(&distribution, &crane), (&crane, &distribution)] {
        let source = here.place("source");
        let large: Vec<u8> = (0..=250).cycle().take(2 * PIECE_BYTES + 5).collect();
        let mut amd64 = layers("amd64");
        amd64.push(large);
        let entries = vec![
            image(&client, &source, "amd64", &amd64),
            image(&client, &source, "arm64", &layers("arm64")),
        ];
        let mounts = std::ptr::eq(here, &raw const distribution);

        let (_, plan) = push(
            &client,
            task(entries.clone(), &source, source.clone(), false),
        );
        assert_eq!((plan.manifests_present, plan.manifests_put), (2, 1));

        // All of crane's repositories have one another's blobs, so that there is nothing to mount.
        let (model, plan) = push(
            &client,
            task(entries.clone(), &source, here.place("team/app"), true),
        );
        assert_eq!(
            (plan.blobs_mounted, plan.blobs_present),
            if mounts { (6, 0) } else { (0, 6) }
        );
        assert_eq!(model.totals().blobs_mounted, plan.blobs_mounted);
        // Neither keeps referrers, so that the tag has to.
        assert_eq!(model.referrers()[0].state, StepState::Done);

        let (model, plan) = push(
            &client,
            task(entries, &source, there.place("copied"), false),
        );
        assert_eq!((plan.blobs_sent, plan.manifests_put), (6, 3));
        assert_eq!(model.totals().sent, plan.bytes);
    }
}

#[test]
#[ignore = "needs docker-registry, crane, skopeo and curl: scripts/test judges"]
fn a_cut_at_each_step_leaves_no_tag_and_a_retry_completes() {
    let (distribution, crane) = (Registry::distribution(), Registry::crane());
    let client = Client::new(Curl::default());
    for (here, there) in [(&distribution, &crane), (&crane, &distribution)] {
        let source = here.place("source");
        for number in 0.. {
            let target = there.place(&format!("cut-{number}"));
            let layers = |name: &str| layers(&format!("{name} {number}"));
            let entries = vec![
                image(&client, &source, "amd64", &layers("amd64")),
                image(&client, &source, "arm64", &layers("arm64")),
            ];
            let task = task(entries, &source, target.clone(), false);
            client.transport().sent.set(0);
            client.transport().cut.set(Some(number));
            let (mut model, effects) = Model::open(task, Generation(1));
            go_on(&client, &mut model, effects);
            tell(&client, &mut model, Msg::Start);
            client.transport().cut.set(None);
            if model.phase() == Phase::Done {
                assert_eq!(
                    client.transport().sent.get(),
                    number,
                    "no step was left to cut"
                );
                assert!(number > 20);
                break;
            }
            // Only the last two requests, the tag and reading it, may leave one.
            let is_end =
                model.tag().state.failure().is_some() || model.read_back().failure().is_some();
            let tag = Target::Tag("1".parse().expect("a tag"));
            let tagged = run_now(client.manifest_to_replace(&target, &tag)).is_ok();
            assert!(
                !tagged || (is_end && model.phase() == Phase::Running),
                "{number}"
            );
            tell(&client, &mut model, Msg::Retry);
            tell(&client, &mut model, Msg::Start);
            assert_verified(&model);
        }
    }
}

#[test]
#[ignore = "needs docker-registry, crane, skopeo and curl: scripts/test judges"]
fn an_upload_that_was_cut_goes_on_or_begins_anew_and_either_completes() {
    let (distribution, crane) = (Registry::distribution(), Registry::crane());
    let client = Client::new(Curl::default());
    let bytes: Vec<u8> = (0..=250).cycle().take(2 * PIECE_BYTES + 5).collect();
    let (digest, size) = (Digest::sha256(&bytes), bytes.len() as u64);
    let sent = &client.transport().sent;
    // begin, read, write, read, write, read, write, complete: the second piece is not read, or its answer is lost.
    for (to, cut, requests) in [
        (&distribution, 3, 6),
        (&distribution, 4, 9),
        (&crane, 3, 9),
        (&crane, 4, 9),
    ] {
        let from = if std::ptr::eq(to, &raw const crane) {
            distribution.place("a")
        } else {
            crane.place("a")
        };
        let source = Blob {
            digest: digest.clone(),
            size,
            from: BlobSource::Bytes(bytes.as_slice().into()),
            to: from.clone(),
        };
        run_now(client.send_blob(&source, None, &mut |_| {})).expect("the source");
        let blob = Blob {
            from: BlobSource::Repository(from),
            to: to.place("b"),
            ..source
        };
        client.transport().cut.set(Some(cut));
        sent.set(0);
        let cut = run_now(client.send_blob(&blob, None, &mut |_| {})).expect_err("it is cut");
        client.transport().cut.set(None);
        assert_eq!(
            cut.upload.as_ref().map(Upload::held),
            Some(PIECE_BYTES as u64)
        );
        sent.set(0);
        run_now(client.send_blob(&blob, cut.upload, &mut |_| {})).expect("it completes");
        assert_eq!(sent.get(), requests);
        let held = run_now(client.blob(&blob.to.host, &blob.to.repository, &digest, bytes.len()));
        assert!(held.is_ok_and(|held| held.bytes == bytes));
    }
}
