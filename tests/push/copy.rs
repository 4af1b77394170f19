//! Copies between two real registries, chosen and rewritten, with skopeo's own copy beside: equal bytes. The commands
//! that the page shows are run against the same registries.

use std::path::PathBuf;
use std::process::Command;

use waybill_core::conversion::{Compression, ConfigBytes, Packing};
use waybill_core::digest::Digest;
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::media_type::MediaType;
use waybill_core::reference::{Reference, Tag, Target};
use waybill_core::registry::client::Client;
use waybill_core::registry::push::Repository;
use waybill_core::registry::upload::{Blob, BlobSource};
use waybill_core::workflow::copy::{
    Choice, Effect as Reading, Format, Model as Source, Msg as Read, Refused, Report, Scope,
    Selection, commands, run as read, update as take,
};
use waybill_core::workflow::fetch::{Generation, Received};
use waybill_core::workflow::push::{Model, Msg, Phase, StepState};
use waybill_testkit::curl::Curl;
use waybill_testkit::empty_folder;
use waybill_testkit::image::{Image, has, skopeo_copy};

use super::{Registry, assert_verified, go_on, run_now, tell};

const CONFIG: &str = r#"{"architecture":"ARCH","os":"linux","created":"2020-01-02T03:04:05.120Z","config":{"Env":["A=<b>&c"],"Healthcheck":{"Test":["CMD","x"]},"Shell":["/bin/bash"]},"rootfs":{"type":"layers","diff_ids":diffIds},"history":[{"created_by":"a"},{"created_by":"b"}]}"#;

fn parsed(text: &str) -> Reference {
    text.parse().expect("a reference")
}

/// A repository that things are put into, and what was put.
struct Place<'a> {
    client: &'a Client<Curl>,
    to: Repository,
}

impl Place<'_> {
    fn blob(&self, bytes: &[u8]) {
        let blob = Blob {
            digest: Digest::sha256(bytes),
            size: bytes.len() as u64,
            from: BlobSource::Bytes(bytes.into()),
            to: self.to.clone(),
        };
        run_now(self.client.send_blob(&blob, None, &mut |_| {})).expect("a blob");
    }

    fn manifest(&self, target: &Target, bytes: &[u8]) {
        let (manifest, _) = Manifest::read(bytes, &DeclaredTypes::none()).expect("a manifest");
        let media_type = manifest.format.media_type().expect("a format");
        run_now(
            self.client
                .put_manifest(&self.to, target, &media_type, bytes),
        )
        .expect("a manifest");
    }

    /// Puts an image for a machine, and says how a list names it.
    fn image(&self, is_oci: bool, architecture: &str, layers: usize) -> (Digest, String) {
        let image = Image::new(is_oci, &CONFIG.replace("ARCH", architecture), layers);
        self.blob(&image.config);
        for layer in &image.layers {
            self.blob(&layer.stored);
        }
        self.listed(
            &image.manifest,
            &format!(r#","platform":{{"architecture":"{architecture}","os":"linux"}}"#),
        )
    }

    fn listed(&self, manifest: &[u8], more: &str) -> (Digest, String) {
        let digest = Digest::sha256(manifest);
        self.manifest(&Target::Digest(digest.clone()), manifest);
        let (read, _) = Manifest::read(manifest, &DeclaredTypes::none()).expect("a manifest");
        let media_type = read.format.media_type().expect("a format");
        let entry = format!(
            r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{}{more}}}"#,
            manifest.len()
        );
        (digest, entry)
    }

    /// Puts an attestation of an image, as `BuildKit` does.
    fn attestation(&self, of: &Digest) -> String {
        let statement = format!(r#"{{"subject":"{of}"}}"#);
        let config = br#"{"architecture":"unknown","os":"unknown","config":{},"rootfs":{"type":"layers","diff_ids":[]}}"#;
        self.blob(statement.as_bytes());
        self.blob(config);
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"{}","digest":"{}","size":{}}},"layers":[{{"mediaType":"application/vnd.in-toto+json","digest":"{}","size":{}}}]}}"#,
            MediaType::OCI_MANIFEST,
            MediaType::OCI_CONFIG,
            Digest::sha256(config),
            config.len(),
            Digest::sha256(statement.as_bytes()),
            statement.len(),
        );
        let more = format!(
            r#","annotations":{{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"{of}"}},"platform":{{"architecture":"unknown","os":"unknown"}}"#
        );
        self.listed(manifest.as_bytes(), &more).1
    }

    fn list(&self, tag: &str, media_type: &MediaType, entries: &[String]) -> Digest {
        let text = format!(
            "{{\n  \"schemaVersion\": 2,\n  \"mediaType\": \"{media_type}\",\n  \"manifests\": [\n    {}\n  ]\n}}",
            entries.join(",\n    ")
        );
        self.manifest(&Target::Tag(tag.parse().expect("a tag")), text.as_bytes());
        Digest::sha256(text.as_bytes())
    }
}

/// Reads a source, with what is chosen of it.
fn open(client: &Client<Curl>, from: &str, choose: impl FnOnce(&mut Choice)) -> Source {
    let reference = parsed(from);
    let (mut model, effects) = Source::open(&reference, Generation(1));
    serve(client, &mut model, effects);
    let mut choice = model.choice().clone();
    choose(&mut choice);
    let depth = choice.depth();
    let effects = take(&mut model, Read::Choose(choice));
    serve(client, &mut model, effects);
    let effects = take(&mut model, Read::Gather(depth));
    serve(client, &mut model, effects);
    assert!(model.failures().is_empty(), "{:?}", model.failures());
    model
}

fn serve(client: &Client<Curl>, model: &mut Source, effects: Vec<Reading>) {
    let mut open = effects;
    while let Some(effect) = open.pop() {
        let Reading::Fetch {
            generation,
            wanted,
            media_type,
        } = effect
        else {
            continue;
        };
        let source = model.source().clone();
        let result = run_now(read(client, &source, &wanted, media_type.as_ref()));
        open.extend(take(
            model,
            Read::Received {
                generation,
                wanted,
                result,
            },
        ));
    }
}

/// Selects, plans and writes; both as they are then.
fn copy(
    client: &Client<Curl>,
    from: &str,
    to: &str,
    tags: &[Tag],
    choose: impl FnOnce(&mut Choice),
) -> (Source, Selection, Model) {
    let source = open(client, from, choose);
    let selection = source.selection().expect("not refused").expect("whole");
    let task = selection.task(&parsed(to), tags).expect("a task");
    let (mut model, effects) = Model::open(task, Generation(1));
    go_on(client, &mut model, effects);
    assert_eq!(model.phase(), Phase::Planned, "{:?}", model.failures());
    tell(client, &mut model, Msg::Start);
    assert_verified(&model);
    (source, selection, model)
}

fn program(name: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(name)
        .args(arguments)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} {arguments:?}: {said}");
    output.stdout
}

fn raw(reference: &str) -> Vec<u8> {
    let name = ["docker://", reference].concat();
    program("skopeo", &["inspect", "--raw", "--tls-verify=false", &name])
}

/// Whether the manifest of that name, and all that it names, has equal bytes at both places.
fn assert_same(here: &str, there: &str) {
    let (left, right) = (raw(here), raw(there));
    assert_eq!(
        String::from_utf8_lossy(&left),
        String::from_utf8_lossy(&right)
    );
    let (manifest, _) = Manifest::read(left, &DeclaredTypes::none()).expect("a manifest");
    for entry in manifest.list().map_or(&[][..], |list| &list.entries) {
        let at = |name: &str| {
            let digest = entry.digest.clone().expect("a digest");
            parsed(name).at(Target::Digest(digest)).to_string()
        };
        assert_same(&at(here), &at(there));
    }
}

#[test]
#[ignore = "needs docker-registry, crane, skopeo and curl: scripts/test judges"]
fn eight_platforms_with_attestations_are_copied_byte_for_byte() {
    let (from, to) = (Registry::distribution(), Registry::distribution());
    let client = Client::new(Curl::default());
    let place = Place {
        client: &client,
        to: from.place("source"),
    };
    let machines = [
        "amd64", "arm64", "386", "ppc64le", "s390x", "riscv64", "mips64le", "loong64",
    ];
    let images: Vec<_> = machines
        .iter()
        .enumerate()
        .map(|(number, machine)| place.image(true, machine, 2 + number % 3))
        .collect();
    let entries = images.iter().map(|(_, entry)| entry.clone());
    let entries = entries.chain(images.iter().map(|(digest, _)| place.attestation(digest)));
    let digest = place.list("1", &MediaType::OCI_INDEX, &entries.collect::<Vec<_>>());
    let (source, target) = (
        format!("{}/source:1", from.address),
        format!("{}/copy:1", to.address),
    );
    let tags = ["stable", "1.0"].map(|tag| tag.parse().expect("a tag"));
    let (read, selection, model) = copy(&client, &source, &target, &tags, |_| {});
    assert_eq!(selection.digest, digest);
    assert_same(&source, &target);
    for tag in ["stable", "1.0"] {
        assert_eq!(raw(&format!("{}/copy:{tag}", to.address)), raw(&source));
    }
    for blob in model.blobs() {
        let there = run_now(client.has_blob(&model.task().target, &blob.digest));
        assert_eq!(there, Ok(true), "{}", blob.digest);
    }
    // Each once: 8 configs, 4 layers, 8 statements, and their one config.
    assert_eq!(model.blobs().len(), 8 + 4 + 8 + 1);
    let report = Report {
        source: &read,
        selection: &selection,
        push: &model,
    };
    assert_eq!(report.outcome(), "copied");
    let json: serde_json::Value = serde_json::from_str(&report.json()).expect("JSON");
    assert_eq!(json["digest"], digest.as_str());
    assert_eq!(json["tags"].as_array().map(Vec::len), Some(3));
    assert_eq!(json["manifests"].as_array().map(Vec::len), Some(17));
    assert!(
        report
            .text()
            .contains("tag: stable, read back, named nothing before")
    );

    // What is there is not written again, and what moved meanwhile is told.
    let source = open(&client, &source, |_| {});
    place.image(true, "amd64", 1);
    place.list(
        "1",
        &MediaType::OCI_INDEX,
        &[place.image(true, "amd64", 1).1],
    );
    let mut source = source;
    let effects = take(&mut source, Read::LookAgain);
    serve(&client, &mut source, effects);
    assert!(source.moved().is_some_and(|moved| *moved != digest));
    let selection = source.selection().expect("not refused").expect("whole");
    assert_eq!(selection.digest, digest, "the copy stays pinned");
    let task = selection.task(&parsed(&target), &[]).expect("a task");
    let (mut again, effects) = Model::open(task, Generation(1));
    go_on(&client, &mut again, effects);
    assert_eq!(
        (again.totals().bytes, &again.tag().state),
        (0, &StepState::Present)
    );
}

#[test]
#[ignore = "needs docker-registry, crane, skopeo and curl: scripts/test judges"]
fn formats_are_those_of_skopeo_byte_for_byte() {
    let (from, to) = (Registry::distribution(), Registry::distribution());
    let client = Client::new(Curl::default());
    for is_oci in [true, false] {
        let name = if is_oci { "oci" } else { "docker" };
        let place = Place {
            client: &client,
            to: from.place(name),
        };
        let images = ["amd64", "arm64"].map(|machine| place.image(is_oci, machine, 2));
        let media_type = if is_oci {
            MediaType::OCI_INDEX
        } else {
            MediaType::DOCKER_LIST
        };
        place.list("1", &media_type, &images.map(|(_, entry)| entry));
        place.manifest(&Target::Tag("one".parse().expect("a tag")), &{
            let image = Image::new(is_oci, &CONFIG.replace("ARCH", "amd64"), 2);
            image.manifest
        });
        for (flag, format) in [
            ("v2s2", Format::DockerSchema2),
            ("oci", Format::Oci(ConfigBytes::AsSkopeo)),
        ] {
            for tag in ["1", "one"] {
                let source = format!("{}/{name}:{tag}", from.address);
                let ours = format!("{}/ours-{name}-{flag}:{tag}", to.address);
                let theirs = format!("{}/theirs-{name}-{flag}:{tag}", to.address);
                copy(&client, &source, &ours, &[], |choice| {
                    choice.format = format;
                });
                let (source, theirs_at) = (
                    ["docker://", &source].concat(),
                    ["docker://", &theirs].concat(),
                );
                program(
                    "skopeo",
                    &[
                        "copy",
                        "--all",
                        "--format",
                        flag,
                        "--src-tls-verify=false",
                        "--dest-tls-verify=false",
                        &source,
                        &theirs_at,
                    ],
                );
                assert_same(&ours, &theirs);
            }
        }
    }
}

#[test]
#[ignore = "needs docker-registry, crane, skopeo and curl: scripts/test judges"]
fn chosen_platforms_go_along_with_what_belongs_to_them() {
    let (from, to) = (Registry::distribution(), Registry::distribution());
    let client = Client::new(Curl::default());
    let place = Place {
        client: &client,
        to: from.place("source"),
    };
    let images = ["amd64", "arm64"].map(|machine| place.image(true, machine, 2));
    let attestations = [&images[0].0, &images[1].0].map(|digest| place.attestation(digest));
    let entries: Vec<_> = images
        .iter()
        .map(|(_, entry)| entry.clone())
        .chain(attestations)
        .collect();
    let digest = place.list("1", &MediaType::OCI_INDEX, &entries);
    // A signature as cosign keeps it, and one that refers to the image.
    let image = &images[1].0;
    let signature = |subject: &str| {
        format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","artifactType":"application/vnd.example.signature","config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{}","size":2}},"layers":[{{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json","digest":"{}","size":2}}]{subject}}}"#,
            MediaType::OCI_MANIFEST,
            Digest::sha256(b"{}"),
            Digest::sha256(b"{}"),
        )
    };
    place.blob(b"{}");
    let tag = format!("sha256-{}.sig", image.encoded())
        .parse()
        .expect("a tag");
    place.manifest(&Target::Tag(tag), signature("").as_bytes());
    let subject = format!(
        r#","subject":{{"mediaType":"{}","digest":"{image}","size":1}}"#,
        MediaType::OCI_MANIFEST
    );
    let referring = signature(&subject);
    let (referrer, entry) = place.listed(
        referring.as_bytes(),
        r#","artifactType":"application/vnd.example.signature""#,
    );
    let fallback = format!("sha256-{}", image.encoded());
    place.list(&fallback, &MediaType::OCI_INDEX, &[entry]);
    // And what refers to that signature in turn.
    let subject = format!(
        r#","subject":{{"mediaType":"{}","digest":"{referrer}","size":{}}}"#,
        MediaType::OCI_MANIFEST,
        referring.len()
    );
    let (second, entry) = place.listed(
        signature(&subject).as_bytes(),
        r#","artifactType":"application/vnd.example.signature""#,
    );
    let fallback_of_referrer = format!("sha256-{}", referrer.encoded());
    place.list(&fallback_of_referrer, &MediaType::OCI_INDEX, &[entry]);

    let source = format!("{}/source:1", from.address);
    let target = format!("{}/some:1", to.address);
    let (_, selection, model) = copy(&client, &source, &target, &[], |choice| {
        choice.scope = Scope::Shrunk;
        choice.chosen[0] = false;
        (choice.referrers, choice.cosign) = (true, true);
    });
    assert_ne!(selection.digest, digest);
    assert_eq!(selection.companions.len(), 3);
    let list = raw(&target);
    assert_eq!(Digest::sha256(&list), selection.digest);
    assert_eq!(String::from_utf8_lossy(&list).matches("sha256:").count(), 3);
    let at = |name: &str| format!("{}/some:{name}", to.address);
    let sig = format!("sha256-{}.sig", image.encoded());
    assert_eq!(raw(&at(&sig)), signature("").as_bytes());
    // The registry keeps no referrers, so that its fallback tag lists them.
    let listed = raw(&at(&fallback));
    assert!(String::from_utf8_lossy(&listed).contains(referrer.as_str()));
    let listed = raw(&at(&fallback_of_referrer));
    assert!(String::from_utf8_lossy(&listed).contains(second.as_str()));
    assert_eq!(model.tags().len(), 2);
    // The main tag was put last: everything else was there by then.
    assert!(model.tags().iter().all(|tag| tag.state == StepState::Done));

    // A sparse list keeps its digest, where the registry takes it.
    let sparse = open(&client, &source, |choice| {
        choice.scope = Scope::Sparse;
        choice.chosen[0] = false;
    });
    let selection = sparse.selection().expect("not refused").expect("whole");
    assert_eq!(selection.digest, digest);
    let target = parsed(&format!("{}/sparse:1", to.address));
    let task = selection.task(&target, &[]).expect("a task");
    let (mut model, effects) = Model::open(task, Generation(1));
    go_on(&client, &mut model, effects);
    tell(&client, &mut model, Msg::Start);
    // Distribution refuses it: it says so, and nothing is tagged.
    assert_eq!(model.phase(), Phase::Running);
    assert!(!model.failures().is_empty());
    let tag = Target::Tag("1".parse().expect("a tag"));
    assert!(run_now(client.manifest_to_replace(&model.task().target, &tag)).is_err());
    // Attestations into Docker's format are refused before anything is asked of the target.
    let refused = open(&client, &source, |choice| {
        choice.format = Format::DockerSchema2;
    });
    assert!(matches!(
        refused.selection(),
        Err(Refused::Conversion(Some(2), _))
    ));
}

#[test]
#[ignore = "needs docker-registry, crane, skopeo and curl: scripts/test judges"]
fn a_copy_that_is_cut_at_any_request_tags_nothing_and_goes_on() {
    let (from, to) = (Registry::distribution(), Registry::distribution());
    let client = Client::new(Curl::default());
    let place = Place {
        client: &client,
        to: from.place("source"),
    };
    let images = ["amd64", "arm64"].map(|machine| place.image(true, machine, 2));
    place.list("1", &MediaType::OCI_INDEX, &images.map(|(_, entry)| entry));
    let source = open(&client, &format!("{}/source:1", from.address), |_| {});
    let selection = source.selection().expect("not refused").expect("whole");
    let more = ["2".parse().expect("a tag")];
    for number in 0.. {
        let target = parsed(&format!("{}/cut-{number}:1", to.address));
        let task = selection.task(&target, &more).expect("a task");
        client.transport().sent.set(0);
        client.transport().cut.set(Some(number));
        let (mut model, effects) = Model::open(task, Generation(1));
        go_on(&client, &mut model, effects);
        tell(&client, &mut model, Msg::Start);
        client.transport().cut.set(None);
        if model.phase() == Phase::Done {
            assert!(number > 20, "{number}");
            break;
        }
        let tags = model.tags();
        let may_be_tagged = tags.iter().any(|tag| {
            tag.state == StepState::Done
                || tag.state.failure().is_some()
                || tag.read_back.failure().is_some()
        });
        for tag in tags {
            let tag = Target::Tag(tag.tag.clone());
            let is_tagged = run_now(client.manifest_to_replace(&model.task().target, &tag)).is_ok();
            assert!(!is_tagged || may_be_tagged, "{number}");
        }
        tell(&client, &mut model, Msg::Retry);
        tell(&client, &mut model, Msg::Start);
        assert_verified(&model);
        assert_eq!(raw(&target.to_string()), *selection.root.bytes);
    }
}

/// A choice by its name.
type Choose<'a> = (&'a str, &'a dyn Fn(&mut Choice));

#[test]
#[ignore = "needs docker-registry, crane, skopeo and curl: scripts/test judges"]
fn the_commands_make_the_same_copy() {
    let (from, to) = (Registry::distribution(), Registry::distribution());
    let client = Client::new(Curl::default());
    let place = Place {
        client: &client,
        to: from.place("source"),
    };
    let images = ["amd64", "arm64"].map(|machine| place.image(true, machine, 2));
    let attestation = place.attestation(&images[0].0);
    let entries: Vec<_> = images
        .iter()
        .map(|(_, entry)| entry.clone())
        .chain([attestation])
        .collect();
    place.list("1", &MediaType::OCI_INDEX, &entries);
    let name = format!("{}/source:1", from.address);
    let only = |choice: &mut Choice| {
        choice.scope = Scope::One;
        choice.chosen = vec![false, true, false];
    };
    let docker = |choice: &mut Choice| {
        (choice.format, choice.attestations) = (Format::DockerSchema2, false);
        only(choice);
    };
    let choices: [Choose<'_>; 3] = [("all", &|_| {}), ("one", &only), ("v2s2", &docker)];
    for (what, choose) in choices {
        let source = open(&client, &name, choose);
        let selection = source.selection().expect("not refused").expect("whole");
        let tools = ["skopeo", "crane", "regctl", "oras"];
        let can = if what == "v2s2" {
            &["skopeo", "regctl"][..]
        } else {
            &tools
        };
        for tool in tools.into_iter().filter(|tool| has(tool)) {
            let target = parsed(&format!("{}/{tool}-{what}:1", to.address));
            let more = ["2".parse().expect("a tag")];
            let made = commands(&source, &target, &more, &[]);
            let made = made.into_iter().find(|made| made.tool == tool);
            assert_eq!(made.is_some(), can.contains(&tool), "{tool} {what}");
            let Some(made) = made else { continue };
            for line in made.lines.expect("sayable") {
                program("sh", &["-c", &line]);
            }
            assert_eq!(made.left_out, [""; 0], "{tool} {what}");
            for tag in ["1", "2"] {
                let at = format!("{}/{tool}-{what}:{tag}", to.address);
                // regctl writes its own JSON where it changes anything.
                if (tool, what) != ("regctl", "v2s2") {
                    assert_eq!(raw(&at), *selection.root.bytes, "{tool} {what}");
                }
            }
        }
    }
}

#[test]
#[ignore = "needs docker-registry, crane, skopeo and curl: scripts/test judges"]
fn the_commands_compress_layers_as_was_chosen() {
    let (from, to) = (Registry::distribution(), Registry::distribution());
    let client = Client::new(Curl::default());
    let place = Place {
        client: &client,
        to: from.place("source"),
    };
    let images = ["amd64", "arm64"].map(|machine| place.image(true, machine, 2));
    place.list("1", &MediaType::OCI_INDEX, &images.map(|(_, entry)| entry));
    let name = format!("{}/source:1", from.address);
    let source = open(&client, &name, |choice| {
        choice.compression = Some(Compression {
            packing: Packing::Zstd,
            level: Some(7),
        });
    });
    let target = |tool: &str| format!("{}/{tool}-zstd:1", to.address);
    let tools = |target: &str| -> Vec<_> {
        let made = commands(&source, &parsed(target), &[], &[]);
        made.iter().map(|made| made.tool).collect()
    };
    assert_eq!(tools(&target("any")), ["skopeo", "regctl"]);
    for tool in ["skopeo", "regctl"].into_iter().filter(|tool| has(tool)) {
        let made = commands(&source, &parsed(&target(tool)), &[], &[]);
        let made = made.into_iter().find(|made| made.tool == tool);
        for line in made.expect("it can").lines.expect("sayable") {
            program("sh", &["-c", &line]);
        }
        let read = |bytes| Manifest::read(bytes, &DeclaredTypes::none()).expect("a manifest");
        let (list, _) = read(raw(&target(tool)));
        for entry in &list.list().expect("a list").entries {
            let digest = entry.digest.clone().expect("a digest");
            let at = parsed(&target(tool)).at(Target::Digest(digest));
            let (image, _) = read(raw(&at.to_string()));
            for layer in &image.image().expect("an image").layers {
                let media_type = layer.media_type.as_ref().expect("a type");
                assert_eq!(Packing::of(media_type), Packing::Zstd, "{tool}");
            }
        }
    }
}

/// podman with a store of its own, in folders; `None` where it cannot have one.
struct Podman {
    settings: PathBuf,
}

impl Podman {
    fn new() -> Option<Self> {
        if !has("podman") {
            return None;
        }
        let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), "podman");
        let settings = folder.join("storage.conf");
        let text = format!(
            "[storage]\ndriver = \"vfs\"\ngraphroot = \"{0}/graph\"\nrunroot = \"{0}/run\"\n",
            folder.display()
        );
        std::fs::write(&settings, text).expect("a file");
        let podman = Self { settings };
        let output = podman.command("podman info").output().expect("it runs");
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            eprintln!("\n*** NOT COMPARED: podman has no store here: {said}\n");
            return None;
        }
        Some(podman)
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", line])
            .env("CONTAINERS_STORAGE_CONF", &self.settings);
        command
    }
}

#[test]
#[ignore = "needs docker-registry, crane, skopeo and curl: scripts/test judges"]
fn the_commands_of_podman_make_an_image_of_the_same_layers() {
    let Some(podman) = Podman::new() else { return };
    let from = Registry::distribution();
    let client = Client::new(Curl::default());
    let place = Place {
        client: &client,
        to: from.place("source"),
    };
    place.image(true, "amd64", 3);
    let image = Image::new(true, &CONFIG.replace("ARCH", "amd64"), 3);
    let tag = "1".parse().expect("a tag");
    place.manifest(&Target::Tag(tag), &image.manifest);
    let name = format!("{}/source:1", from.address);
    let zstd = |choice: &mut Choice| {
        choice.format = Format::Oci(ConfigBytes::AsSkopeo);
        choice.compression = Some(Packing::Zstd.into());
    };
    let docker = |choice: &mut Choice| choice.format = Format::DockerSchema2;
    let choices: [(Choose<'_>, MediaType, Packing); 3] = [
        (("exact", &|_| {}), MediaType::OCI_MANIFEST, Packing::Gzip),
        (("v2s2", &docker), MediaType::DOCKER_SCHEMA2, Packing::Gzip),
        (("zstd", &zstd), MediaType::OCI_MANIFEST, Packing::Zstd),
    ];
    for ((what, choose), media_type, packing) in choices {
        // It takes a layer that the registry has in another compression.
        let to = Registry::distribution();
        let source = open(&client, &name, choose);
        let target = format!("{}/podman-{what}:1", to.address);
        let made = commands(&source, &parsed(&target), &[], &[]);
        let made = made.into_iter().find(|made| made.tool == "podman");
        for line in made.expect("it can").lines.expect("sayable") {
            let output = podman.command(&line).output().expect("it runs");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{line}: {said}");
        }
        let read = Manifest::read(raw(&target), &DeclaredTypes::none());
        let (manifest, _) = read.expect("a manifest");
        assert_eq!(manifest.format.media_type(), Some(media_type), "{what}");
        let layers = &manifest.image().expect("an image").layers;
        let packings: Vec<_> = layers
            .iter()
            .map(|layer| Packing::of(layer.media_type.as_ref().expect("a type")))
            .collect();
        assert_eq!(packings, [packing; 3], "{what}");
        let config = program(
            "skopeo",
            &[
                "inspect",
                "--config",
                "--raw",
                "--tls-verify=false",
                &["docker://", &target].concat(),
            ],
        );
        let config: serde_json::Value = serde_json::from_slice(&config).expect("JSON");
        let diff_ids: Vec<_> = image.layers.iter().map(|it| it.diff_id.as_str()).collect();
        assert_eq!(
            config["rootfs"]["diff_ids"],
            serde_json::json!(diff_ids),
            "{what}"
        );
    }
}

/// docker's client with buildx as its plug-in, in a folder that is removed in the end, and no daemon; `None` where
/// either is missing.
struct Docker {
    folder: PathBuf,
}

impl Drop for Docker {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Docker {
    fn new() -> Option<Self> {
        let is_there = ["docker", "buildx"].map(has) == [true; 2];
        is_there.then(|| {
            let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), "docker");
            let plug_in = folder.join("cli-plugins/docker-buildx");
            std::fs::create_dir(folder.join("cli-plugins")).expect("a folder");
            let link = format!("ln -s \"$(command -v buildx)\" '{}'", plug_in.display());
            program("sh", &["-c", &link]);
            Self { folder }
        })
    }

    /// Runs the line as it is shown.
    fn run(&self, line: &str) {
        let mut command = Command::new("sh");
        for chosen in ["BUILDX_BUILDER", "BUILDX_CONFIG", "DOCKER_CONTEXT"] {
            command.env_remove(chosen);
        }
        let socket = format!("unix://{}/no-daemon", self.folder.display());
        command.env("DOCKER_CONFIG", &self.folder);
        command.env("DOCKER_HOST", socket);
        let output = command.args(["-c", line]).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {said}");
    }
}

#[test]
#[ignore = "needs docker-registry, crane, skopeo and curl: scripts/test judges"]
fn the_commands_of_docker_make_the_same_copy_without_a_daemon() {
    let Some(docker) = Docker::new() else { return };
    let (from, to) = (Registry::distribution(), Registry::distribution());
    let client = Client::new(Curl::default());
    let whole: &dyn Fn(&mut Choice) = &|_| {};
    let one = |choice: &mut Choice| {
        choice.scope = Scope::One;
        choice.chosen = vec![false, true, false];
    };
    let others = |choice: &mut Choice| {
        choice.other_tags = vec!["list".parse().expect("a tag")];
    };
    for (is_oci, family) in [(true, "oci"), (false, "docker")] {
        let place = Place {
            client: &client,
            to: from.place(family),
        };
        let images = ["amd64", "arm64"].map(|machine| place.image(is_oci, machine, 2));
        let mut entries: Vec<_> = images.iter().map(|(_, entry)| entry.clone()).collect();
        let media_type = if is_oci {
            entries.push(place.attestation(&images[0].0));
            MediaType::OCI_INDEX
        } else {
            MediaType::DOCKER_LIST
        };
        place.list("list", &media_type, &entries);
        let single = Image::new(is_oci, &CONFIG.replace("ARCH", "amd64"), 2);
        let tag = "image".parse().expect("a tag");
        place.manifest(&Target::Tag(tag), &single.manifest);
        let cases: [(&str, Choose<'_>); 4] = [
            ("list", ("whole", whole)),
            ("image", ("single", whole)),
            ("list", ("one", &one)),
            ("image", ("several", &others)),
        ];
        for (tag, (what, choose)) in cases {
            let name = format!("{}/{family}:{tag}", from.address);
            let source = open(&client, &name, choose);
            let selection = source.selection().expect("not refused").expect("whole");
            let at = |tag: &str| format!("{}/{family}-{what}:{tag}", to.address);
            let more = ["2".parse().expect("a tag")];
            let made = commands(&source, &parsed(&at("1")), &more, &[]);
            let made = made.into_iter().find(|made| made.tool == "docker buildx");
            let made = made.expect("it can");
            assert_eq!(made.left_out, [""; 0], "{family} {what}");
            for line in made.lines.expect("sayable") {
                docker.run(&line);
            }
            // The manifest, all that it names, and each config and layer, with the bytes that were promised.
            let digest = Target::Digest(selection.digest.clone());
            let promised = parsed(&name).at(digest).to_string();
            for copied in ["1", "2"] {
                assert_eq!(raw(&at(copied)), *selection.root.bytes, "{family} {what}");
                assert_same(&promised, &at(copied));
                program(
                    "crane",
                    &["validate", "--insecure", "--remote", &at(copied)],
                );
            }
            if what == "several" {
                assert_same(&format!("{}/{family}:list", from.address), &at("list"));
            }
        }
    }
}

#[test]
#[ignore = "needs docker-registry, crane, skopeo and curl: scripts/test judges"]
fn several_tags_go_along_byte_for_byte_each_under_its_own_name() {
    let (from, to) = (Registry::distribution(), Registry::distribution());
    let client = Client::new(Curl::default());
    let place = Place {
        client: &client,
        to: from.place("source"),
    };
    let images = ["amd64", "arm64"].map(|machine| place.image(true, machine, 2));
    place.list(
        "1",
        &MediaType::OCI_INDEX,
        &images.clone().map(|(_, entry)| entry),
    );
    place.list("2", &MediaType::OCI_INDEX, &[images[1].1.clone()]);
    let single = Image::new(false, &CONFIG.replace("ARCH", "s390x"), 3);
    place.image(false, "s390x", 3);
    place.manifest(
        &Target::Tag("single".parse().expect("a tag")),
        &single.manifest,
    );
    let source = format!("{}/source:1", from.address);
    let others: Vec<Tag> = ["2", "single"]
        .map(|tag| tag.parse().expect("a tag"))
        .into();
    let with_others = |choice: &mut Choice| choice.other_tags.clone_from(&others);
    let target = format!("{}/several:1", to.address);
    let (read, selection, model) = copy(&client, &source, &target, &[], with_others);
    assert_eq!(selection.others.len(), 2);
    for tag in ["1", "2", "single"] {
        let at = |place: &Registry, name: &str| format!("{}/{name}:{tag}", place.address);
        assert_same(&at(&from, "source"), &at(&to, "several"));
    }
    assert!(model.tags().iter().all(|tag| tag.state == StepState::Done));
    // What both lists name is written once.
    let mut digests: Vec<_> = model.blobs().iter().map(|blob| &blob.digest).collect();
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), model.blobs().len());
    let report = Report {
        source: &read,
        selection: &selection,
        push: &model,
    };
    assert!(report.text().contains(", exact, tag single"));

    // Other tools do the same, a line a tag.
    for tool in ["skopeo", "crane", "regctl", "oras"] {
        if !has(tool) {
            continue;
        }
        let target = parsed(&format!("{}/{tool}-several:1", to.address));
        let made = commands(&read, &target, &[], &[]);
        let made = made.into_iter().find(|made| made.tool == tool);
        for line in made.expect("it can").lines.expect("sayable") {
            program("sh", &["-c", &line]);
        }
        for tag in ["1", "2", "single"] {
            let theirs = format!("{}/{tool}-several:{tag}", to.address);
            assert_same(&format!("{}/source:{tag}", from.address), &theirs);
        }
    }
}

/// A copy out of an archive that is open under that name: its manifest is what skopeo reads in it.
fn open_in_archive(file: &str, kind: &str, made: &str, choose: impl FnOnce(&mut Choice)) -> Source {
    let bytes = program("skopeo", &["inspect", "--raw", &format!("{kind}:{file}")]);
    let name = file.rsplit_once('/').map_or(file, |(_, name)| name);
    let from = format!("archive.invalid/{name}{made}@{}", Digest::sha256(&bytes));
    let (mut model, effects) = Source::open(&parsed(&from), Generation(1));
    let [
        Reading::Fetch {
            generation, wanted, ..
        },
    ] = &effects[..]
    else {
        panic!("asks for the root alone: {effects:?}");
    };
    let (generation, wanted) = (*generation, wanted.clone());
    let result = Ok(Received::local(bytes.into()));
    take(
        &mut model,
        Read::Received {
            generation,
            wanted,
            result,
        },
    );
    let mut chosen = model.choice().clone();
    choose(&mut chosen);
    take(&mut model, Read::Choose(chosen));
    model
}

#[test]
#[ignore = "needs docker-registry, crane, skopeo and curl: scripts/test judges"]
fn the_commands_push_what_is_in_an_archive() {
    let (from, to) = (Registry::distribution(), Registry::distribution());
    let client = Client::new(Curl::default());
    let place = Place {
        client: &client,
        to: from.place("source"),
    };
    let images = ["amd64", "arm64"].map(|machine| place.image(true, machine, 2));
    let entries: Vec<_> = images.iter().map(|(_, entry)| entry.clone()).collect();
    place.list("1", &MediaType::OCI_INDEX, &entries);
    let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), "pushed-archives");
    let file = |name: &str| folder.join(name).display().to_string();
    let (docker, layout) = (file("docker.tar"), file("layout.tar"));
    let source = format!("docker://{}/source", from.address);
    let one = format!("{source}@{}", images[0].0);
    skopeo_copy(&[
        "--src-tls-verify=false",
        &one,
        &format!("docker-archive:{docker}"),
    ])
    .expect("docker-archive");
    skopeo_copy(&[
        "--src-tls-verify=false",
        "--all",
        &format!("{source}:1"),
        &format!("oci-archive:{layout}"),
    ])
    .expect("oci-archive");
    let sources = [
        (
            "docker",
            open_in_archive(&docker, "docker-archive", "/made", |_| {}),
            &["skopeo", "crane", "regctl"][..],
        ),
        (
            "layout",
            open_in_archive(&layout, "oci-archive", "", |_| {}),
            &["skopeo", "regctl", "oras"],
        ),
    ];
    for (what, source, can) in &sources {
        let target = parsed(&format!("{}/{what}:1", to.address));
        let more = ["2".parse().expect("a tag")];
        let made = commands(source, &target, &more, &[]);
        assert_eq!(made.iter().map(|made| made.tool).collect::<Vec<_>>(), *can);
        for made in made.into_iter().filter(|made| has(made.tool)) {
            for line in made.lines.expect("sayable") {
                program("sh", &["-c", &format!("cd {} && {line}", folder.display())]);
            }
            // What makes a manifest of its own, says that it does.
            let is_same = made.left_out.is_empty();
            assert_eq!(
                is_same,
                made.tool == "skopeo" || *what == "layout",
                "{} {what}",
                made.tool
            );
            for tag in ["1", "2"] {
                let digest = Digest::sha256(&raw(&format!("{}/{what}:{tag}", to.address)));
                let own = source.root().done().map(|root| &root.digest);
                assert_eq!(own == Some(&digest), is_same, "{} {what}", made.tool);
            }
        }
    }
    let one = open_in_archive(&layout, "oci-archive", "", |choice| {
        (choice.scope, choice.chosen) = (Scope::One, vec![false, true]);
    });
    let made = commands(&one, &parsed("r.example/a:1"), &[], &[]);
    let told: Vec<_> = made
        .iter()
        .map(|made| (made.tool, made.left_out.join(", ")))
        .collect();
    assert_eq!(told, [("skopeo", "the choice of the image".to_owned())]);
}
