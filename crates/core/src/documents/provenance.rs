//! SLSA provenance 0.2 and 1: who built it, from what, and what was asked of the builder.
//!
//! Source: slsa-framework `docs/spec/v1.0/provenance.md`, `v0.2`; `BuildKit`
//! `docs/attestations/slsa-provenance.md`, `slsa-definitions.md`.

use crate::base64;
use crate::humanize::start;
use crate::json::{Object, Value};

use super::value::{array, at, digests, text};
use super::{Document, Listing, Section, Table};

/// The longest Dockerfile that is kept, in characters.
const DOCKERFILE: usize = 100_000;

/// `BuildKit`'s own members in 0.2.
const BUILDKIT: &str = "https://mobyproject.org/buildkit@v1#metadata";

/// Which version of provenance a predicate is; `None` where it is none.
pub(super) fn version(of: &str, whole: &Object<'_>) -> Option<Version> {
    let is_said = of.starts_with("https://slsa.dev/provenance/");
    if whole.get("buildDefinition").is_some() && (is_said || of.is_empty()) {
        Some(Version::V1)
    } else if is_said && (whole.get("builder").is_some() || whole.get("buildType").is_some()) {
        Some(Version::V02)
    } else {
        None
    }
}

/// A version of provenance.
pub(super) enum Version {
    V1,
    V02,
}

/// Reads a predicate, where it is a provenance.
pub(super) fn read(document: &mut Document, of: &str, whole: &Object<'_>) -> bool {
    match version(of, whole) {
        Some(Version::V1) => {
            "SLSA provenance 1".clone_into(&mut document.title);
            v1(document, whole);
        }
        Some(Version::V02) => {
            "SLSA provenance 0.2".clone_into(&mut document.title);
            v02(document, whole);
        }
        None => return false,
    }
    true
}

fn v1(document: &mut Document, whole: &Object<'_>) {
    let mut built = Section::new("Built by");
    built.text("builder", whole, &["runDetails", "builder", "id"]);
    built.text("type of build", whole, &["buildDefinition", "buildType"]);
    let metadata = ["runDetails", "metadata"];
    for (name, member) in [
        ("run", "invocationId"),
        ("started", "startedOn"),
        ("finished", "finishedOn"),
    ] {
        built.text(name, whole, &[metadata[0], metadata[1], member]);
    }
    built.text(
        "hermetic",
        whole,
        &[metadata[0], metadata[1], "buildkit_hermetic"],
    );

    let external = ["buildDefinition", "externalParameters"];
    let mut from = Section::new("Built from");
    let workflow = [external[0], external[1], "workflow"];
    for (name, member) in [
        ("repository", "repository"),
        ("ref", "ref"),
        ("workflow", "path"),
    ] {
        from.text(
            name,
            whole,
            &[workflow[0], workflow[1], workflow[2], member],
        );
    }
    let config = [external[0], external[1], "configSource"];
    from.text("source", whole, &[config[0], config[1], config[2], "uri"]);
    from.says(
        "digest",
        digests(whole, &[config[0], config[1], config[2], "digest"]),
    );
    from.text("path", whole, &[config[0], config[1], config[2], "path"]);
    let buildkit = at(whole, &[metadata[0], metadata[1], "buildkit_metadata"]);
    let buildkit = buildkit.and_then(Value::as_object);
    let dependencies = array(whole, &["buildDefinition", "resolvedDependencies"]);
    commit(&mut from, dependencies);
    told_by_client(document, &mut from, buildkit);

    let asked = at(whole, &[external[0], external[1], "request"]);
    let arguments = asked
        .and_then(Value::as_object)
        .and_then(|it| it.get("args"));
    let mut parameters = Section::new("Asked of the builder");
    if let Some(value) = at(whole, &external) {
        parameters.all(value);
    }
    let arguments = build_arguments(arguments);
    document
        .sections
        .extend([built, from].into_iter().filter_map(Section::filled));
    document.sections.extend(arguments);
    document.sections.extend(parameters.filled());
    document.tables.extend(materials(dependencies));
}

fn v02(document: &mut Document, whole: &Object<'_>) {
    let mut built = Section::new("Built by");
    built.text("builder", whole, &["builder", "id"]);
    built.text("type of build", whole, &["buildType"]);
    for (name, member) in [
        ("run", "buildInvocationID"),
        ("run", "buildInvocationId"),
        ("started", "buildStartedOn"),
        ("finished", "buildFinishedOn"),
        ("reproducible", "reproducible"),
    ] {
        built.text(name, whole, &["metadata", member]);
    }
    let mut from = Section::new("Built from");
    from.text("source", whole, &["invocation", "configSource", "uri"]);
    from.says(
        "digest",
        digests(whole, &["invocation", "configSource", "digest"]),
    );
    from.text("path", whole, &["invocation", "configSource", "entryPoint"]);
    let materials_listed = array(whole, &["materials"]);
    let buildkit = at(whole, &["metadata", BUILDKIT]).and_then(Value::as_object);
    told_by_client(document, &mut from, buildkit);
    let arguments = build_arguments(at(whole, &["invocation", "parameters", "args"]));
    let mut parameters = Section::new("Asked of the builder");
    if let Some(value) = at(whole, &["invocation", "parameters"]) {
        parameters.all(value);
    }
    let mut environment = Section::new("Environment");
    if let Some(value) = at(whole, &["invocation", "environment"]) {
        environment.all(value);
    }
    document
        .sections
        .extend([built, from].into_iter().filter_map(Section::filled));
    document.sections.extend(arguments);
    document.sections.extend(
        [parameters, environment]
            .into_iter()
            .filter_map(Section::filled),
    );
    document.tables.extend(materials(materials_listed));
}

/// What `BuildKit` was told by whoever asked for the build, and did not verify; and the
/// Dockerfile.
fn told_by_client(document: &mut Document, from: &mut Section, buildkit: Option<&Object<'_>>) {
    let Some(buildkit) = buildkit else { return };
    from.text(
        "repository, as the client told",
        buildkit,
        &["vcs", "source"],
    );
    from.text("commit, as the client told", buildkit, &["vcs", "revision"]);
    for info in array(buildkit, &["source", "infos"]).iter().take(16) {
        let Some(info) = info.as_object() else {
            continue;
        };
        let data = info.get("data").and_then(Value::as_str);
        let Some(bytes) = data.and_then(base64::decode) else {
            continue;
        };
        let name = text(info, &["filename"]);
        let name = if name.is_empty() {
            "Dockerfile".to_owned()
        } else {
            name
        };
        let content = String::from_utf8_lossy(&bytes);
        let kept = start(&content, DOCKERFILE);
        let more = if kept.len() < content.len() {
            "\n… it goes on"
        } else {
            ""
        };
        document.texts.push((name, [kept, more].concat()));
    }
}

/// The commit of a repository among what was built from, where no other member tells it.
fn commit(from: &mut Section, dependencies: &[Value<'_>]) {
    let mut commits = dependencies.iter().filter_map(|value| {
        let object = value.as_object()?;
        let commit = text(object, &["digest", "gitCommit"]);
        (!commit.is_empty()).then(|| (text(object, &["uri"]), commit))
    });
    if let Some((uri, commit)) = commits.next() {
        from.says("resolved to", uri);
        from.says("commit", commit);
    }
}

fn build_arguments(arguments: Option<&Value<'_>>) -> Option<Section> {
    let mut section = Section::new("Build arguments");
    for (name, value) in arguments.and_then(Value::as_object)?.iter() {
        let name = name.strip_prefix("build-arg:");
        if let Some((name, value)) = name.zip(value.as_str()) {
            section.says(name, super::value::cut(value));
        }
    }
    section.filled()
}

fn materials(listed: &[Value<'_>]) -> Option<Table> {
    let mut table = Table::new(Listing::Material);
    for object in listed.iter().filter_map(Value::as_object) {
        let uri = text(object, &["uri"]);
        let name = if uri.is_empty() {
            text(object, &["name"])
        } else {
            uri
        };
        table.row([name, digests(object, &["digest"])]);
    }
    table.filled()
}
