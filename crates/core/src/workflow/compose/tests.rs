use super::*;
use crate::compose::commands::manifest_tool::Specification;
use crate::compose::{ListKind, Tool};
use crate::finding::Code;
use crate::platform::Platform;
use crate::workflow::fetch::Generation;
use crate::workflow::fetch::Received;

const REPOSITORY: &str = "r.example/app";

/// What a registry has, by tag or digest, with the digest that it says each has.
#[derive(Default)]
struct Registry {
    contents: Vec<(String, Vec<u8>, String)>,
    asked: Vec<String>,
}

impl Registry {
    fn put(&mut self, tag: &str, text: &str) -> Digest {
        let digest = Digest::sha256(text.as_bytes());
        for name in [tag, digest.as_str()] {
            self.contents.push((
                name.to_owned(),
                text.as_bytes().to_vec(),
                digest.to_string(),
            ));
        }
        digest
    }

    /// An image of one family for a platform; `platform` is JSON without its braces.
    fn image(&mut self, tag: &str, platform: &str) -> Digest {
        let config = format!("{{{platform}}}");
        let config_digest = self.put("-", &config);
        self.put(
            tag,
            &format!(
                r#"{{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"{}","digest":"{config_digest}","size":{}}},"layers":[]}}"#,
                MediaType::OCI_MANIFEST, MediaType::OCI_CONFIG, config.len(),
            ),
        )
    }

    fn size(&self, digest: &Digest) -> usize {
        self.contents
            .iter()
            .find(|(name, ..)| name == digest.as_str())
            .map_or(0, |(_, bytes, _)| bytes.len())
    }

    /// An entry of a list, with `rest` behind its size.
    fn entry(&self, digest: &Digest, rest: &str) -> String {
        let size = self.size(digest);
        format!(
            r#"{{"mediaType":"{}","digest":"{digest}","size":{size}{rest}}}"#,
            MediaType::OCI_MANIFEST
        )
    }

    /// Sends the message, and answers what is fetched until nothing is.
    fn send(&mut self, model: &mut Model, msg: Msg) {
        let effects = update(model, msg);
        self.serve(model, effects);
    }

    fn serve(&mut self, model: &mut Model, mut effects: Vec<Effect>) {
        while let Some(effect) = effects.pop() {
            let Effect::Fetch {
                generation,
                reference,
                what,
                ..
            } = effect
            else {
                continue;
            };
            let name = reference.target().to_string();
            self.asked.push(name.clone());
            let found = self.contents.iter().find(|(known, ..)| *known == name);
            let result = match found {
                Some((_, bytes, said)) => Ok(Received {
                    docker_content_digest: (what == ContentKind::Manifest).then(|| said.clone()),
                    ..Received::local(bytes.as_slice().into())
                }),
                None => Err(Failure::NotBundled),
            };
            effects.extend(update(
                model,
                Msg::Received {
                    generation,
                    reference,
                    what,
                    result,
                },
            ));
        }
    }
}

fn index(entries: &[String], rest: &str) -> String {
    let entries = entries.join(",");
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{entries}]{rest}}}"#,
        MediaType::OCI_INDEX
    )
}

fn reference(tag: &str) -> Reference {
    format!("{REPOSITORY}:{tag}").parse().expect("a reference")
}

fn add(tags: &[&str]) -> Msg {
    Msg::Add(tags.iter().map(|tag| reference(tag)).collect())
}

const AMD64: &str = r#""architecture":"amd64","os":"linux""#;
const ARM64: &str = r#""architecture":"arm64","os":"linux","variant":"v8""#;
const WINDOWS: &str =
    r#""architecture":"amd64","os":"windows","os.version":"10.0.20348.1","os.features":["win32k"]"#;

fn platforms(model: &Model) -> Vec<String> {
    let entries = model.written().list.entries.iter();
    entries
        .map(|entry| {
            entry
                .platform
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default()
        })
        .collect()
}

fn codes(model: &Model) -> Vec<String> {
    model
        .findings()
        .iter()
        .map(|finding| format!("{} {}", finding.code, finding.pointer))
        .collect()
}

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

fn with_attestations(registry: &mut Registry) -> (Digest, Digest) {
    let (amd64, arm64) = (registry.image("a", AMD64), registry.image("b", ARM64));
    let attestation = registry.put("-", r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}"#);
    let platform = |text: &str| format!(r#","platform":{{{text}}}"#);
    let attests = format!(
        r#","annotations":{{"vnd.docker.reference.digest":"{arm64}","vnd.docker.reference.type":"attestation-manifest"}},"platform":{{"architecture":"unknown","os":"unknown"}}"#
    );
    let entries = [
        registry.entry(&amd64, &platform(AMD64)),
        registry.entry(&arm64, &platform(ARM64)),
        registry.entry(&attestation, &attests),
    ];
    registry.put("list", &index(&entries, ""));
    (amd64, arm64)
}

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

fn bytes_of(registry: &Registry, name: &str) -> Rc<[u8]> {
    registry
        .contents
        .iter()
        .find(|(known, ..)| known == name)
        .expect("there")
        .1
        .as_slice()
        .into()
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
fn old_answers_are_dropped_and_cancelling_leaves_the_rest() {
    let mut registry = Registry::default();
    registry.image("a", AMD64);
    let mut model = Model::new(Generation(7));
    let effects = update(&mut model, add(&["a"]));
    assert_eq!(model.pending(), 1);
    assert_eq!(update(&mut model, Msg::Cancel), [Effect::Abort]);
    assert_eq!(model.pending(), 0);
    registry.serve(&mut model, effects);
    assert_eq!(
        model.state(&model.composition().rows[0]),
        RowState::Failed(&Failure::Cancelled)
    );
    registry.send(&mut model, Msg::Retry);
    assert_eq!(platforms(&model), ["linux/amd64"]);
    assert_eq!(model.generation(), Generation(8));
}

#[test]
fn many_entries_are_verified_only_when_asked_for() {
    let mut registry = Registry::default();
    let digest = registry.image("a", AMD64);
    let other = |n: usize| registry.entry(&digest, &format!(r#","annotations":{{"n":"{n}"}}"#));
    let entries: Vec<String> = (0..100).map(other).collect();
    let mut list = index(&entries, "");
    // A hundred different digests.
    for n in 0..100 {
        list = list.replacen(digest.encoded(), &format!("{n:064x}"), 1);
    }
    registry.put("many", &list);
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, add(&["many"]));
    assert_eq!(model.written().list.entries.len(), 100);
    assert_eq!(registry.asked.len(), 1 + crate::limits::CHILDREN_FETCHED);
    registry.send(&mut model, Msg::FetchAll);
    assert_eq!(registry.asked.len(), 101);
}

#[test]
fn each_answer_is_told_and_only_one_that_changes_the_list_writes_it() {
    let mut registry = Registry::default();
    let digests =
        ["a", "b", "c"].map(|name| registry.image(name, &format!("{AMD64},\"author\":\"{name}\"")));
    let entries = digests
        .each_ref()
        .map(|digest| registry.entry(digest, r#","artifactType":"a/b""#));
    registry.put("list", &index(&entries, ""));
    let mut model = Model::new(Generation(1));
    let effects = update(&mut model, Msg::Open(reference("list")));
    let answer = |model: &mut Model, effect: &Effect, bytes: Option<&[u8]>| {
        let Effect::Fetch {
            generation,
            reference,
            what,
            ..
        } = effect.clone()
        else {
            panic!("{effect:?}")
        };
        let result = bytes
            .map(|bytes| Received::local(bytes.into()))
            .ok_or(Failure::NotBundled);
        update(
            model,
            Msg::Received {
                generation,
                reference,
                what,
                result,
            },
        )
    };
    let bytes = |name: &str| {
        registry
            .contents
            .iter()
            .find(|(known, ..)| known == name)
            .map(|(_, bytes, _)| &**bytes)
    };
    let unverified = |model: &Model| -> Vec<String> {
        let found = model
            .findings()
            .iter()
            .filter(|finding| finding.code == Code::SourceUnverified);
        found
            .map(|finding| format!("{}: {}", finding.pointer, finding.message))
            .collect()
    };
    let effects = answer(&mut model, &effects[0], bytes("list"));
    assert_eq!(effects.len(), 3);
    assert_eq!(
        unverified(&model),
        ["/manifests: 3 entries not fetched yet"]
    );
    let written = Rc::clone(model.written());
    answer(&mut model, &effects[0], bytes(digests[0].as_str()));
    assert_eq!(
        unverified(&model),
        ["/manifests: 2 entries not fetched yet"]
    );
    answer(&mut model, &effects[1], None);
    assert_eq!(
        unverified(&model),
        [
            "/manifests/1: it is not here",
            "/manifests: 1 entry not fetched yet"
        ]
    );
    assert!(Rc::ptr_eq(&written, model.written()));
    // What is not what the list says is left out.
    answer(&mut model, &effects[2], bytes(digests[0].as_str()));
    assert_eq!(unverified(&model), ["/manifests/1: it is not here"]);
    assert_eq!(
        (model.written().list.entries.len(), model.findings()[0].code),
        (2, Code::SourceRefused)
    );
    assert_eq!(model.pending(), 0);
}

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

/// Takes the config of an image away, and gives it back as bytes.
fn without_config(registry: &mut Registry, platform: &str) -> Rc<[u8]> {
    let config = format!("{{{platform}}}").into_bytes();
    let digest = Digest::sha256(&config).to_string();
    registry.contents.retain(|(name, ..)| *name != digest);
    config.into()
}

/// Begins anew with an image of which a file of manifest-tool states that platform.
fn stating(tag: &str, platform: Platform) -> Msg {
    Msg::OpenSpecification(Box::new(Specification {
        image: reference("target"),
        tags: Vec::new(),
        annotations: crate::annotation::Annotations::default(),
        manifests: vec![(reference(tag), platform)],
    }))
}

fn variant(variant: &str) -> Platform {
    Platform {
        variant: Some(variant.to_owned()),
        ..Platform::default()
    }
}

#[test]
fn a_config_that_failed_is_fetched_again_and_gives_the_platform() {
    let windows = "windows(10.0.20348.1+win32k)/amd64";
    let stated = "windows/amd64".parse::<Platform>().expect("a platform");
    for (config, msg, without, with) in [
        (AMD64, add(&["a"]), "", "linux/amd64"),
        (WINDOWS, add(&["a"]), "", windows),
        (ARM64, stating("a", variant("v9")), "", "linux/arm64/v9"),
        (WINDOWS, stating("a", stated), "windows/amd64", windows),
    ] {
        let mut registry = Registry::default();
        registry.image("a", config);
        without_config(&mut registry, config);
        let mut model = Model::new(Generation(1));
        registry.send(&mut model, msg);
        assert_eq!(platforms(&model), [without]);
        // It may be away for longer, and only what failed is asked for.
        registry.asked.clear();
        registry.send(&mut model, Msg::Retry);
        assert_eq!(
            (platforms(&model), registry.asked.len()),
            (vec![without.to_owned()], 1)
        );
        registry.put("-", &format!("{{{config}}}"));
        registry.send(&mut model, Msg::Retry);
        assert_eq!(
            (platforms(&model), registry.asked.len()),
            (vec![with.to_owned()], 2)
        );
        registry.send(&mut model, Msg::Retry);
        assert_eq!(registry.asked.len(), 2);
    }
    // Two images of one config, of which one has another platform by a person's word.
    let mut registry = Registry::default();
    registry.image("a", AMD64);
    registry.contents.retain(|(name, ..)| name == "a");
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, add(&["a", "a"]));
    let id = model.composition().rows[0].id;
    update(&mut model, Msg::Platform(id, "linux/s390x".parse().ok()));
    registry.put("-", &format!("{{{AMD64}}}"));
    registry.send(&mut model, Msg::Retry);
    assert_eq!(platforms(&model), ["linux/s390x", "linux/amd64"]);
    assert_eq!(codes(&model), ["listed-platform /manifests/0/platform"]);
    // The work as it was before the platform was set has the config's too.
    update(&mut model, Msg::Undo);
    assert_eq!(platforms(&model), ["linux/amd64", "linux/amd64"]);
    // What states no platform is not asked for again.
    let mut registry = Registry::default();
    registry.image("a", "");
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, add(&["a"]));
    registry.send(&mut model, Msg::Retry);
    assert_eq!(
        (platforms(&model), registry.asked.len()),
        (vec![String::new()], 2)
    );
}

#[test]
fn a_config_whose_fetching_was_cancelled_is_fetched_again() {
    let mut registry = Registry::default();
    registry.image("a", ARM64);
    let mut model = Model::new(Generation(1));
    let mut effects = update(&mut model, add(&["a"]));
    let Some(Effect::Fetch {
        generation,
        reference,
        what,
        ..
    }) = effects.pop()
    else {
        panic!("a request")
    };
    let result = Ok(Received::local(bytes_of(&registry, "a")));
    let late = update(
        &mut model,
        Msg::Received {
            generation,
            reference,
            what,
            result,
        },
    );
    assert_eq!(late.len(), 1);
    update(&mut model, Msg::Cancel);
    assert_eq!(platforms(&model), [""]);
    registry.serve(&mut model, late);
    assert_eq!(platforms(&model), [""], "it is of another generation");
    // What was kept over a reload lacks it as well.
    let text = model.snapshot();
    let (mut restored, effects) = Model::restore(&text, Generation(5)).expect("a snapshot");
    registry.serve(&mut restored, effects);
    assert_eq!(platforms(&restored), ["linux/arm64/v8"]);
    registry.send(&mut model, Msg::Retry);
    assert_eq!(platforms(&model), ["linux/arm64/v8"]);
}

#[test]
fn a_config_that_is_given_by_hand_leaves_what_was_stated() {
    let stated = |text: &str| text.parse::<Platform>().expect("a platform");
    for (config, platform, expected) in [
        (ARM64, variant("v9"), "linux/arm64/v9"),
        (AMD64, variant("v3"), "linux/amd64/v3"),
        (ARM64, stated("linux/arm64"), "linux/arm64/v8"),
        (
            WINDOWS,
            stated("windows(10.0.1)/amd64"),
            "windows(10.0.1+win32k)/amd64",
        ),
    ] {
        let mut registry = Registry::default();
        registry.image("a", config);
        let bytes = without_config(&mut registry, config);
        let mut model = Model::new(Generation(1));
        registry.send(&mut model, stating("a", platform));
        let name = "config".to_owned();
        registry.send(&mut model, Msg::Give(vec![LocalManifest { name, bytes }]));
        assert_eq!(platforms(&model), [expected]);
    }
}

#[test]
fn a_row_of_a_list_is_nested_into_that_list() {
    let mut registry = Registry::default();
    let (amd64, _) = with_attestations(&mut registry);
    let nested = |registry: &Registry, tag: &str| {
        let bytes = bytes_of(registry, tag);
        let (digest, size) = (Digest::sha256(&bytes), bytes.len());
        let kind = MediaType::OCI_INDEX;
        format!(r#"{{"mediaType":"{kind}","digest":"{digest}","size":{size}}}"#)
    };
    let entries = [nested(&registry, "list"), registry.entry(&amd64, "")];
    registry.put("outer", &index(&entries, ""));
    let entries = [registry.entry(&amd64, ""), nested(&registry, "outer")];
    registry.put("outmost", &index(&entries, ""));
    for (list, place) in [("outer", 0), ("outer", 1), ("outmost", 0), ("outmost", 1)] {
        let mut model = Model::new(Generation(1));
        registry.send(&mut model, add(&[list]));
        assert_eq!(model.composition().rows.len(), 2);
        let id = model.composition().rows[place].id;
        registry.send(&mut model, Msg::Nest(id, true));
        let rows = &model.composition().rows;
        assert_eq!(
            (rows.len(), rows[0].source.reference()),
            (1, Some(&reference(list)))
        );
        // It is one entry already: what is set in it stays, and its id.
        let id = rows[0].id;
        let annotate = Msg::Annotate {
            on: AnnotationOwner::Row(id),
            name: "a".to_owned(),
            value: Some("b".to_owned()),
        };
        update(&mut model, annotate);
        let before = model.composition().clone();
        update(&mut model, Msg::Nest(id, true));
        assert_eq!(*model.composition(), before);
    }
    // A nested list that is opened is the list that its own entries came of.
    let mut model = Model::new(Generation(1));
    registry.send(&mut model, add(&["outer"]));
    let id = model.composition().rows[0].id;
    registry.send(&mut model, Msg::Nest(id, false));
    assert_eq!(model.composition().rows.len(), 4);
    let id = model.composition().rows[1].id;
    registry.send(&mut model, Msg::Nest(id, true));
    assert_eq!(model.composition().rows.len(), 2);
    let whole: String = nested(&registry, "list");
    let digest = model.composition().rows[0].source.reference();
    let digest = digest.and_then(Reference::digest).map(ToString::to_string);
    assert!(whole.contains(&digest.expect("a digest")));
}

#[test]
fn a_list_without_entries_says_so() {
    let docker = format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[]}}"#,
        MediaType::DOCKER_LIST
    );
    let annotated = index(&[], r#","annotations":{"a":"b"}"#);
    let mut registry = Registry::default();
    registry.image("a", AMD64);
    let null = index(&[], "").replace("[]", "null");
    for text in [index(&[], ""), docker, annotated, null] {
        registry.put("none", &text);
        let mut model = Model::new(Generation(1));
        registry.send(&mut model, add(&["none", "a", "none"]));
        let said = || "r.example/app:none: it is a list without entries".to_owned();
        let messages = |model: &Model| -> Vec<String> {
            let findings = model.findings().iter();
            findings.map(|finding| finding.message.clone()).collect()
        };
        assert_eq!(messages(&model), [said(), said()]);
        assert_eq!(platforms(&model), ["linux/amd64"]);
        let rows = &model.composition().rows;
        assert_eq!(rows.len(), 3);
        assert_eq!(model.state(&rows[0]), RowState::Refused(Ineligible::Empty));
        // Over a reload too.
        let (mut restored, effects) =
            Model::restore(&model.snapshot(), Generation(2)).expect("a snapshot");
        registry.serve(&mut restored, effects);
        assert_eq!(messages(&restored), messages(&model));
        // As one entry it is as good as any; opened again it is not.
        let id = rows[0].id;
        registry.send(&mut model, Msg::Nest(id, true));
        let left_out = messages(&model).into_iter().filter(|it| *it == said());
        assert_eq!(left_out.count(), 1);
        assert_eq!(model.written().list.entries.len(), 2);
        let id = model.composition().rows[0].id;
        registry.send(&mut model, Msg::Nest(id, false));
        assert_eq!(messages(&model), [said(), said()]);
        // Given by hand.
        let (name, bytes) = ("none.json".to_owned(), text.as_bytes().into());
        let mut model = Model::new(Generation(1));
        update(&mut model, Msg::Give(vec![LocalManifest { name, bytes }]));
        assert!(messages(&model).contains(&"none.json: it is a list without entries".to_owned()));
        // As the start it is what it is.
        let mut model = Model::new(Generation(1));
        registry.send(&mut model, Msg::Open(reference("none")));
        assert_eq!(model.composition().rows.len(), 0);
        assert!(model.difference().expect("one was opened").is_empty());
        assert_eq!(codes(&model), ["empty-list /manifests"]);
        registry.contents.retain(|(name, ..)| name != "none");
    }
}
