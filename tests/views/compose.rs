//! Compose: nothing yet, sources on their way, what comes of them, and what is wrong with them.

use waybill::app;
use waybill::compose::{Field, Msg};
use waybill::lazy::LoadError;
use waybill_core::compose::{ListKind, Tool};
use waybill_core::humanize::start;
use waybill_core::reference::Reference;
use waybill_core::registry::error::RegistryError;
use waybill_core::workflow::compose::{AnnotationOwner, ContentKind, Msg as Change, RowId};
use waybill_core::workflow::fetch::{Failure, Received};
use waybill_testkit::fixtures;

use super::Named;
use super::harness::{Harness, arrival, honest, missing, refusal};
use super::page::render;

pub(crate) const STATES: &[Named] = &[
    ("compose-loading", || {
        let mut harness = Harness::new(false);
        harness.go("/compose");
        harness
    }),
    ("compose-not-loaded", || {
        let mut harness = Harness::new(false);
        harness.go("/compose");
        harness.send(app::Msg::ComposeLoaded(Err(LoadError::Failed)));
        harness
    }),
    ("compose-empty", || Harness::at("/compose")),
    ("compose-typed", || {
        let text = "nginx:1.27\ndocker pull http://localhost:5000/a:arm64\nsha256:abc\na//b";
        type_in(Harness::at("/compose"), Field::Sources, text)
    }),
    ("compose-typed-faults-submitted", || {
        send(
            type_in(Harness::at("/compose"), Field::Sources, "a//b"),
            Msg::AddSources,
        )
    }),
    ("compose-nothing-submitted", || {
        send(Harness::at("/compose"), Msg::AddSources)
    }),
    ("compose-typed-manifest", || {
        type_in(
            Harness::at("/compose"),
            Field::Sources,
            r#"{"schemaVersion":2}"#,
        )
    }),
    ("compose-on-their-way", || {
        added("registry.example/app:amd64\nregistry.example/app:arm64")
    }),
    ("compose-images", || images()),
    ("compose-image-edited", || {
        let harness = send(images(), Msg::Unfold(RowId(1)));
        let harness = send(
            harness,
            Msg::Change(annotate(
                AnnotationOwner::Row(RowId(1)),
                "org.example.note",
                "a <b>note</b>",
            )),
        );
        type_in(harness, Field::Platform(RowId(1), 2), "v3")
    }),
    ("compose-platform-incomplete", || {
        let harness = send(images(), Msg::Unfold(RowId(1)));
        type_in(harness, Field::Platform(RowId(1), 1), "")
    }),
    ("compose-duplicate-platform", || {
        type_in(
            send(images(), Msg::Unfold(RowId(2))),
            Field::Platform(RowId(2), 1),
            "amd64",
        )
    }),
    ("compose-moved", || {
        send(images(), Msg::Move(RowId(2), true))
    }),
    ("compose-removed", || send(images(), Msg::Remove(RowId(1)))),
    ("compose-undone", || {
        send(
            send(images(), Msg::Remove(RowId(1))),
            Msg::Change(Change::Undo),
        )
    }),
    ("compose-cleared", || {
        send(images(), Msg::Change(Change::Clear))
    }),
    ("compose-docker-list", || {
        send(images(), Msg::Change(Change::Kind(ListKind::DockerList)))
    }),
    ("compose-annotated-docker-list", || {
        let harness = send(
            images(),
            Msg::Change(annotate(AnnotationOwner::List, "org.example.note", "x")),
        );
        let harness = type_in(
            harness,
            Field::ArtifactType(AnnotationOwner::List),
            "no type",
        );
        send(harness, Msg::Change(Change::Kind(ListKind::DockerList)))
    }),
    ("compose-as-buildx", || {
        send(windows(), Msg::Change(Change::Form(Tool::Buildx)))
    }),
    ("compose-with-target", || {
        type_in(
            images(),
            Field::Target,
            "http://registry.example:5000/app:1.0",
        )
    }),
    ("compose-wrong-target", || {
        type_in(images(), Field::Target, "registry.example/App")
    }),
    ("compose-subject", || {
        let harness = type_in(images(), Field::Subject, "registry.example/app:amd64");
        send(harness, Msg::SetSubject).serve(served)
    }),
    ("compose-subject-missing", || {
        let harness = type_in(images(), Field::Subject, "registry.example/app:none");
        send(harness, Msg::SetSubject).serve(served)
    }),
    ("compose-replacing", || {
        type_in(
            send(images(), Msg::Unfold(RowId(2))),
            Field::Replacement(RowId(2)),
            "registry.example/app:riscv64",
        )
    }),
    ("compose-opened", || opened()),
    ("compose-opened-changed", || {
        let harness = send(opened(), Msg::Remove(row_of(0)));
        send(
            harness,
            Msg::Change(annotate(AnnotationOwner::List, "org.example.note", "new")),
        )
    }),
    ("compose-attestations-dropped", || {
        send(opened(), Msg::Change(Change::KeepAttestations(false)))
    }),
    ("compose-nested", || {
        send(opened(), Msg::Change(Change::Nest(row_of(0), true)))
    }),
    ("compose-list-added", || {
        added("registry.example/app:list").serve(served)
    }),
    ("compose-indented", || send(images(), Msg::Indent(true))),
    ("compose-troubles", || {
        let texts = ["amd64", "none", "secret", "schema1", "both"]
            .map(|tag| ["registry.example/app:", tag].concat());
        let wrong = format!("registry.example/app@sha256:{}", "a".repeat(64));
        added(&[&texts.join("\n"), "\n", &wrong].concat()).serve(served)
    }),
    ("compose-all-left-out", || {
        added("registry.example/app:none").serve(served)
    }),
    ("compose-cancelled", || {
        send(
            added("registry.example/app:amd64"),
            Msg::Change(Change::Cancel),
        )
    }),
    ("compose-given", || {
        let image = fixtures::find("oci-manifest/lantern-linux-amd64");
        let mut harness = Harness::at("/compose");
        harness.give(
            &[
                ("image.json", &image.bytes),
                ("config.json", &fixtures::blob(&config_of(&image.bytes))),
            ],
            true,
        );
        harness
    }),
    ("compose-given-nothing-good", || {
        let mut harness = Harness::at("/compose");
        harness.give(
            &[
                ("notes.txt", b"hello"),
                ("list.yaml", b"image: a/b:1\nmanifests: 3\n"),
            ],
            true,
        );
        harness
    }),
    ("compose-yaml", || {
        let mut harness = Harness::at("/compose");
        harness.give(&[("list.yaml", YAML.as_bytes())], true);
        harness.serve(served)
    }),
    ("compose-example", || {
        send(Harness::at("/compose"), Msg::OpenExample)
    }),
    ("compose-hostile", || {
        let text = HOSTILE.replace('\n', "");
        let harness = Harness::at("/compose?open=registry.example/app:hostile");
        let harness = harness.serve(|reference, _| match reference.tag() {
            Some(_) => Ok(honest(&text, "application/vnd.oci.image.index.v1+json")),
            None => Err(missing(reference.digest().expect("a digest"))),
        });
        send(harness, Msg::Unfold(row_of(0)))
    }),
    ("compose-not-kept", || send(images(), Msg::NotKept)),
    ("compose-kept-broken", || {
        let mut harness = Harness::at("/");
        harness.kept = Some("{".into());
        harness.go("/compose");
        harness
    }),
    ("compose-long", || {
        let entry = |n: usize| {
            format!(
                r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:{n:064x}","size":7,"platform":{{"architecture":"amd64","os":"linux","os.version":"{n}"}}}}"#
            )
        };
        let entries: Vec<String> = (0..120).map(entry).collect();
        let list = format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{}]}}"#,
            entries.join(",")
        );
        let mut harness = Harness::at("/compose");
        harness.give(&[("long.json", list.as_bytes())], true);
        send(harness, Msg::ShowRowsFrom(50))
    }),
];

const YAML: &str = "\
image: registry.example/app:latest
tags: ['1.0', '1']
manifests:
- image: registry.example/app:amd64
- image: registry.example/app:arm64
  platform: {architecture: arm64, os: linux, variant: v8}
";

/// A list whose texts try to be more than texts; its media type and size are those of no manifest that is here.
const HOSTILE: &str = r#"
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":7,
"digest":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
"platform":{"architecture":"<img src=x onerror=alert(1)>","os":"li\u202enux","variant":"\u200b"},
"annotations":{"<script>":"javascript:alert(1)","\u202e":"\" onload=\"x"}}],
"annotations":{"a\u2066":"</textarea><b>"}}"#;

fn send(mut harness: Harness, msg: Msg) -> Harness {
    harness.compose(msg);
    harness
}

fn type_in(harness: Harness, field: Field, text: &str) -> Harness {
    send(harness, Msg::Typed(field, text.to_owned()))
}

fn annotate(on: AnnotationOwner, name: &str, value: &str) -> Change {
    Change::Annotate {
        on,
        name: name.to_owned(),
        value: Some(value.to_owned()),
    }
}

/// The page with these sources added, nothing of them here.
fn added(text: &str) -> Harness {
    send(
        type_in(Harness::at("/compose"), Field::Sources, text),
        Msg::AddSources,
    )
}

/// Two images, in rows 1 and 2.
fn images() -> Harness {
    added("registry.example/app:amd64\nregistry.example/app:arm64").serve(served)
}

fn windows() -> Harness {
    added("registry.example/app:amd64\nregistry.example/app:windows").serve(served)
}

fn opened() -> Harness {
    Harness::at("/compose?open=registry.example/app:list").serve(served)
}

/// The id of a row of the list that was opened: its own was 1.
const fn row_of(entry: u64) -> RowId {
    RowId(2 + entry)
}

fn config_of(manifest: &[u8]) -> String {
    let text = std::str::from_utf8(manifest).expect("text");
    [
        "sha256:",
        start(text.split("sha256:").nth(1).expect("a config"), 64),
    ]
    .concat()
}

/// What a registry answers that has images, a list, and much that is wrong.
fn served(reference: &Reference, what: ContentKind) -> Result<Received, Failure> {
    let fixture = |name: &str| {
        let fixture = fixtures::find(name);
        Ok(arrival(
            &fixture.bytes,
            &fixture.media_type,
            Some(&fixture.digest),
        ))
    };
    let failed = |error| Err(Failure::Registry(Box::new(error)));
    let unknown = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"none"}}]}"#;
    if what == ContentKind::Config {
        let digest = reference.digest().expect("a config's digest").as_str();
        return Ok(arrival(
            &fixtures::blob(digest),
            "application/octet-stream",
            Some(digest),
        ));
    }
    if let Some(digest) = reference.digest() {
        if digest.as_str().ends_with("aaaa") {
            return fixture("oci-manifest/greeter");
        }
        let found = fixtures::all()
            .iter()
            .find(|fixture| fixture.digest == digest.as_str());
        return found.map_or_else(|| Err(missing(digest)), |found| fixture(&found.name));
    }
    match reference.tag().map(ToString::to_string).as_deref() {
        Some("amd64") => fixture("oci-manifest/lantern-linux-amd64"),
        Some("arm64") => fixture("oci-manifest/lantern-linux-arm64"),
        Some("windows") => fixture("oci-manifest/windows-windows-amd64-10.0.17763.6414"),
        Some("list") => fixture("oci-index/lantern"),
        Some("schema1") => fixture("docker-schema1/lantern-unsigned"),
        Some("both") => Ok(honest(
            r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],"layers":[]}"#,
            "application/vnd.oci.image.index.v1+json",
        )),
        Some("secret") => failed(RegistryError::CredentialsNeeded(refusal(401, &[], ""))),
        _ => failed(RegistryError::NotFound(refusal(404, &[], unknown))),
    }
}

#[test]
fn what_a_person_loses_is_said_before_and_after() {
    let page = super::page::render;
    let harness = send(
        images(),
        Msg::Change(annotate(AnnotationOwner::List, "org.example.note", "x")),
    );
    assert!(page(harness).contains("Would leave out: annotations"));
    let harness = send(
        images(),
        Msg::Change(annotate(AnnotationOwner::List, "org.example.note", "x")),
    );
    let harness = send(harness, Msg::Change(Change::Kind(ListKind::DockerList)));
    assert!(page(harness).contains("Leaves out: annotations"));
}

#[test]
fn a_command_that_no_shell_can_say_gives_its_reason_in_its_place() {
    let harness = type_in(images(), Field::Target, "registry.example/app:1.0");
    let page = render(send(
        harness,
        Msg::Change(annotate(AnnotationOwner::List, "org.example.note", "a\0b")),
    ));
    let told = "no shell can say this command: --annotation has a NUL character";
    assert_eq!(
        page.matches(told).count(),
        3,
        "buildx, regctl and oras say annotations of the list"
    );
    assert_eq!(page.matches(r#"data-copy="crane index append"#).count(), 1);
    assert!(!page.contains("--annotation org.example.note"));
}
