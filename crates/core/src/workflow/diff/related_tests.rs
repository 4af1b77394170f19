//! What is related to two images: by fallback tags and entries, as a plain registry has it.

use super::tests::Registry;
use super::*;
use crate::diff::Kind;
use crate::registry::referrers::{NoApi, Referrers};
use crate::workflow::related::{self as around, Answer, Ask};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// An SBOM of these packages, each `NAME VERSION`, as an artifact that refers to a manifest.
fn put_sbom(registry: &mut Registry, subject: &str, packages: &[&str]) -> String {
    let packages: Vec<_> = packages
        .iter()
        .map(|package| {
            let (name, version) = package.split_once(' ').expect("a name and a version");
            format!(r#"{{"name":"{name}","versionInfo":"{version}"}}"#)
        })
        .collect();
    let packages = packages.join(",");
    let text = format!(r#"{{"spdxVersion":"SPDX-2.3","packages":[{packages}]}}"#);
    let layer = registry.put("-", "application/spdx+json", &text);
    put_artifact(registry, subject, "application/spdx+json", &layer)
}

fn put_artifact(registry: &mut Registry, subject: &str, kind: &str, layer: &str) -> String {
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","artifactType":"{kind}","config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{}","size":2}},"layers":[{{{layer}}}],"subject":{{{subject}}}}}"#,
        Digest::sha256(b"{}")
    );
    let descriptor = registry.put("-", MANIFEST, &text);
    format!(r#"{{{descriptor},"artifactType":"{kind}"}}"#)
}

/// The descriptor of what a tag names, and its fallback tag.
fn named(registry: &Registry, tag: &str) -> (String, String) {
    let text = registry.text(tag).expect("it was put");
    let digest = Digest::sha256(text.as_bytes());
    let subject = format!(
        r#""mediaType":"{MANIFEST}","digest":"{digest}","size":{}"#,
        text.len()
    );
    (subject, ["sha256-", digest.encoded()].concat())
}

/// Asks everything of both sides, to the end; with how many questions.
fn look(registry: &Registry, model: &Model) -> (RelatedDiff, usize) {
    let tasks = model.related_tasks().expect("both are here");
    let (mut related, mut waiting) = RelatedDiff::open(tasks, Generation(1));
    let mut asked = 0;
    while let Some((position, effect)) = waiting.pop() {
        let around::Effect::Ask { generation, ask } = effect else {
            continue;
        };
        asked += 1;
        let name = match &ask {
            Ask::Referrers { .. } => None,
            Ask::Tag { tag, .. } => Some(tag.to_string()),
            Ask::Manifest { digest, .. } | Ask::Document { digest } => Some(digest.to_string()),
            Ask::LongDocument(document) => Some(document.digest.to_string()),
        };
        let found = name.as_ref().and_then(|name| registry.text(name));
        let result = match (&name, found) {
            (None, _) => Ok(Answer::Listed(Referrers::NoApi(NoApi::Status(404)))),
            (_, Some(text)) => Ok(Answer::Came(Received {
                content_type: Some(MediaType::OCI_INDEX).filter(|_| text.contains("manifests")),
                ..Received::local(text.as_bytes().into())
            })),
            (_, None) => Err(not_found()),
        };
        let answered = around::Msg::Answered {
            generation,
            ask,
            result,
        };
        waiting.extend(related.update(position, answered));
    }
    assert!(!related.is_waiting());
    (related, asked)
}

fn not_found() -> Failure {
    use crate::registry::error::{ErrorAnswer, RegistryError};
    use crate::registry::transport::Via;
    let answer = ErrorAnswer {
        url: "https://registry.example/v2/".into(),
        via: Via::Proxy,
        status: 404,
        errors: Vec::new(),
        text: String::new(),
        html: false,
        retry_after: None,
        words: String::new().into(),
    };
    Failure::Registry(Box::new(RegistryError::NotFound(answer)))
}

/// Two images with these SBOMs.
fn two(left: &[&str], right: &[&str]) -> (Registry, Model) {
    let mut registry = Registry::default();
    registry.put_image("1", "amd64", "root");
    registry.put_image("2", "amd64", "me");
    for (tag, packages) in [("1", left), ("2", right)] {
        if packages.is_empty() {
            continue;
        }
        let (subject, fallback) = named(&registry, tag);
        let entry = put_sbom(&mut registry, &subject, packages);
        registry.put_list(&fallback, &[entry]);
    }
    let (model, _) = registry.compare(":1", ":2", None);
    (registry, model)
}

fn told(found: &RelatedFound, kind: Kind) -> Vec<String> {
    let sections = found.sections.iter().filter(|section| section.kind == kind);
    let changes = sections.flat_map(|section| &section.changes);
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
    let row =
        |it: &crate::diff::Change| format!("{} {} {}", it.name, text(&it.left), text(&it.right));
    changes.map(row).collect()
}

#[test]
fn packages_are_those_of_the_sboms_that_refer_to_each() {
    let (registry, model) = two(&["a 1", "b 1", "c 1"], &["a 1", "b 2", "d 1"]);
    let (related, asked) = look(&registry, &model);
    let found = related.found().expect("all came");
    assert_eq!(told(found, Kind::Package), ["b 1 2", "c 1 -", "d - 1"]);
    assert_eq!(told(found, Kind::Referrer), [""; 0]);
    assert_eq!(found.notes, [""; 0]);
    // Of each: the API, four tags, the SBOM's manifest, what refers to that in both ways, the SBOM.
    assert_eq!(asked, 2 * (1 + 4 + 1 + 2 + 1));
}

#[test]
fn what_one_has_alone_is_told_and_no_packages_are_compared_with_nothing() {
    let (mut registry, _) = two(&["a 1"], &[]);
    let (subject, fallback) = named(&registry, "2");
    let layer = registry.put("-", "application/vnd.dev.sigstore.bundle.v0.3+json", "{}");
    let kind = "application/vnd.dev.sigstore.bundle.v0.3+json";
    let entry = put_artifact(&mut registry, &subject, kind, &layer);
    registry.put_list(&fallback, &[entry]);
    let (model, _) = registry.compare(":1", ":2", None);
    let (related, _) = look(&registry, &model);
    let found = related.found().expect("all came");
    let kinds = told(found, Kind::Referrer);
    assert_eq!(kinds.len(), 2, "{kinds:?}");
    assert!(kinds.iter().any(|it| it.ends_with("1 -")), "{kinds:?}");
    assert!(kinds.iter().any(|it| it.ends_with("- 1")), "{kinds:?}");
    assert_eq!(
        found.notes,
        ["The right one has no SBOM that can be read, so no packages are compared."]
    );
}

#[test]
fn what_cannot_be_asked_is_never_nothing() {
    let (_, model) = two(&[], &[]);
    let tasks = model.related_tasks().expect("both are here");
    let (mut related, waiting) = RelatedDiff::open(tasks, Generation(1));
    for (position, effect) in waiting {
        let around::Effect::Ask { generation, ask } = effect else {
            continue;
        };
        let result = Err(Failure::Cancelled);
        let answered = around::Msg::Answered {
            generation,
            ask,
            result,
        };
        related.update(position, answered);
    }
    let notes = &related.found().expect("nothing waits").notes;
    for side in ["left", "right"] {
        let words = format!("What refers to the {side} one is not known: cancelled.");
        assert!(notes.contains(&words), "{notes:?}");
    }
}
