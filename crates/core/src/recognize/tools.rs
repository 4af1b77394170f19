//! What tools write of images that is no manifest: what they inspected, what they built, what they
//! found.

use crate::base64;
use crate::digest::Digest;
use crate::humanize::count;
use crate::json::{Object, Value};
use crate::report;

use super::{Kind, Next, Recognized, array_of, cut, has, object_of, text_of, texts};

/// Outputs and files that their members tell, all of which have to be there.
const BY_MEMBERS: [(&[&str], Kind, &str); 14] = [
    (
        &["SchemaVersion", "ArtifactName"],
        Kind::Report,
        "a report of trivy",
    ),
    (
        &["matches", "descriptor"],
        Kind::Report,
        "a report of grype",
    ),
    (
        &["artifacts", "artifactRelationships"],
        Kind::Report,
        "an SBOM in syft's own form",
    ),
    (
        &["artifacts", "source"],
        Kind::Report,
        "an SBOM in syft's own form",
    ),
    (&["runs", "version"], Kind::Report, "a report in SARIF"),
    (
        &["@context", "statements"],
        Kind::Report,
        "a statement in OpenVEX",
    ),
    (
        &["buildDefinition", "runDetails"],
        Kind::InToto,
        "a predicate of SLSA provenance",
    ),
    (
        &["group", "target"],
        Kind::File,
        "a file of docker buildx bake",
    ),
    (
        &["ociVersion"],
        Kind::File,
        "the config of a container, for its runtime",
    ),
    (
        &["architecture", "os", "layerDigests"],
        Kind::File,
        "the config of a WebAssembly artifact",
    ),
    (
        &["registry-mirrors"],
        Kind::File,
        "the settings of docker's daemon",
    ),
    (
        &["insecure-registries"],
        Kind::File,
        "the settings of docker's daemon",
    ),
    (
        &["stream"],
        Kind::ToolOutput,
        "what docker's daemon tells while it works",
    ),
    (
        &["progressDetail"],
        Kind::ToolOutput,
        "what docker's daemon tells while it works",
    ),
];

/// What `docker manifest inspect --verbose` writes of each manifest: its descriptor, and the
/// manifest itself, parsed or as `Raw`.
pub(super) fn is_verbose(object: &Object<'_>) -> bool {
    object_of(object, "Descriptor").is_some_and(|it| text_of(it, "digest").is_some())
        && ["Ref", "Raw", "SchemaV2Manifest", "OCIManifest"]
            .iter()
            .any(|name| object.get(name).is_some())
        && !has(object, "RepoDigests")
}

pub(super) fn verbose(objects: &[&Object<'_>]) -> Recognized {
    let name = "the output of docker manifest inspect --verbose";
    let mut known = Recognized::new(Kind::ManifestInspect, name, "");
    let (mut contents, mut expected) = (Vec::new(), None);
    for object in objects {
        let Some(bytes) = text_of(object, "Raw").and_then(base64::decode) else {
            continue;
        };
        let name = text_of(object, "Ref").unwrap_or("The manifest inside");
        contents.push((name.to_owned(), bytes));
        expected = object_of(object, "Descriptor").and_then(digest_of);
    }
    if !contents.is_empty() {
        let expected = expected.filter(|_| contents.len() == 1);
        known.next.push(Next::Contents { contents, expected });
    }
    let first = objects.first().and_then(|object| text_of(object, "Ref"));
    known.with_reference(first, None)
}

fn digest_of(object: &Object<'_>) -> Option<Digest> {
    text_of(object, "digest")?.parse().ok()
}

/// What tools write that inspect something in a registry or on a machine. What they found nothing
/// of is `null` or not there.
pub(super) fn inspected(object: &Object<'_>) -> Option<Recognized> {
    if is_verbose(object) {
        return Some(verbose(&[object]));
    }
    report_of_waybill(object)
        .or_else(|| image(object))
        .or_else(|| container(object))
        .or_else(|| in_registry(object))
        .or_else(|| built(object))
        .or_else(|| by_members(object))
}

/// A report of an inspection: the bytes in it are what to go on with.
fn report_of_waybill(object: &Object<'_>) -> Option<Recognized> {
    text_of(object, "kind").filter(|kind| *kind == report::KIND)?;
    let name = text_of(object, "name").unwrap_or_default();
    let name = format!("a report of Waybill about {}", cut(name));
    let mut known = Recognized::new(Kind::InspectionReport, name, "");
    let content = |name: &str, of: &Object<'_>| {
        let bytes = base64::decode(text_of(of, "data")?)?;
        Some((name.to_owned(), bytes))
    };
    let manifest = object_of(object, "manifest");
    let inside = |name| {
        content(
            ["The ", name, " in it"].concat().as_str(),
            object_of(object, name)?,
        )
    };
    let lists = array_of(object, "lists")
        .iter()
        .filter_map(Value::as_object);
    let contents: Vec<_> = (["manifest", "config"].into_iter().filter_map(inside))
        .chain(lists.filter_map(|list| content("A list in it", list)))
        .collect();
    let digest = manifest.and_then(|it| text_of(it, "digest"));
    if !contents.is_empty() {
        let expected = digest.and_then(|digest| digest.parse().ok());
        known.next.push(Next::Contents { contents, expected });
    }
    Some(known.with_reference(text_of(object, "reference"), digest))
}

/// An image on a machine.
fn image(object: &Object<'_>) -> Option<Recognized> {
    let has = |name: &str| has(object, name);
    let is_object = |name: &str| object_of(object, name).is_some();
    if has("RepoDigests") || has("repoDigests") || (has("RepoTags") && is_object("RootFS")) {
        let first = texts(object, "RepoDigests").chain(texts(object, "repoDigests"));
        let names = texts(object, "RepoTags").chain(texts(object, "repoTags"));
        let first = first.chain(names).chain(texts(object, "Names")).next();
        // Docker states no digest of its own beside them; podman does.
        let (kind, name) = if text_of(object, "Digest").is_some() {
            let name = "the output of podman inspect, of an image";
            (Kind::PodmanInspect, name)
        } else {
            let name = "the output of docker inspect, of an image";
            (Kind::DockerInspect, name)
        };
        let advice = match first {
            Some(_) => "",
            None => "It names no digest of a registry: the image was never pushed or pulled.",
        };
        return Some(Recognized::new(kind, name, advice).with_reference(first, None));
    }
    if let Some(status) = object_of(object, "status").filter(|it| super::has(it, "repoDigests")) {
        return inspected(status);
    }
    let first = array_of(object, "images")
        .first()
        .and_then(Value::as_object);
    if let Some(first) = first.filter(|it| super::has(it, "repoDigests")) {
        return inspected(first);
    }
    // What nerdctl inspects with --mode native, and podman's and buildah's lists.
    if let (Some(name), Some(image)) = (text_of(object, "ImageName"), object_of(object, "Image")) {
        let digest = object_of(image, "Target").and_then(|it| text_of(it, "digest"));
        let words = "the output of nerdctl inspect, of an image";
        let known = Recognized::new(Kind::DockerInspect, words, "");
        return Some(known.with_reference(Some(name), digest));
    }
    if let Some(name) = texts(object, "names").next().filter(|_| has("digest")) {
        let known = Recognized::new(Kind::ToolOutput, "a list of images of buildah", "");
        return Some(known.with_reference(Some(name), text_of(object, "digest")));
    }
    let tag = text_of(object, "Tag").filter(|tag| !tag.starts_with('<'));
    if let (Some(name), true) = (text_of(object, "Repository"), has("Tag") && has("ID")) {
        let known = Recognized::new(Kind::ToolOutput, "the output of docker images", "");
        let image = tag.map(|tag| [name, ":", tag].concat());
        return Some(known.with_reference(image.as_deref(), None));
    }
    None
}

fn container(object: &Object<'_>) -> Option<Recognized> {
    let image = text_of(object, "Image")?;
    let config = object_of(object, "Config");
    let is_inspected = object_of(object, "State").is_some();
    let is_row = has(object, "Names") && has(object, "State") && has(object, "Command");
    if !is_inspected && !is_row {
        return None;
    }
    let name = if is_inspected {
        "the output of docker inspect, of a container"
    } else {
        "the output of docker ps"
    };
    let known = Recognized::new(Kind::DockerInspect, name, "");
    let named = config.and_then(|config| text_of(config, "Image"));
    let named = named.or_else(|| text_of(object, "ImageName"));
    Some(known.with_reference(named.or(is_row.then_some(image)), None))
}

/// What is in a registry.
fn in_registry(object: &Object<'_>) -> Option<Recognized> {
    let has = |name: &str| has(object, name);
    let (name, digest) = (text_of(object, "Name"), text_of(object, "Digest"));
    if digest.is_some() && (has("Layers") || has("RepoTags")) {
        let known = Recognized::new(Kind::SkopeoInspect, "the output of skopeo inspect", "");
        return Some(known.with_reference(name, digest));
    }
    if let (Some(name), Some(digest)) = (
        text_of(object, "name"),
        object_of(object, "manifest").and_then(|it| text_of(it, "digest")),
    ) {
        let words = "the output of docker buildx imagetools inspect, as JSON";
        let known = Recognized::new(Kind::ImagetoolsInspect, words, "");
        return Some(known.with_reference(Some(name), Some(digest)));
    }
    // oras writes a reference into each descriptor, with --format json.
    if let (Some(reference), Some(digest)) =
        (text_of(object, "reference"), text_of(object, "digest"))
        && has("mediaType")
    {
        let known = Recognized::new(Kind::ToolOutput, "the output of oras, as JSON", "");
        return Some(known.with_reference(Some(reference), Some(digest)));
    }
    let repository = text_of(object, "name").or_else(|| text_of(object, "Repository"));
    let is_tags = |name: &str| match object.get(name) {
        None => has(name),
        Some(Value::Array(tags)) => tags.iter().all(|tag| tag.as_str().is_some()),
        Some(_) => false,
    };
    if repository.is_some() && object.len() < 4 && (is_tags("tags") || is_tags("Tags")) {
        let tags = texts(object, "tags").chain(texts(object, "Tags")).count();
        let name = format!("a list of {}", count(tags, "tag"));
        let known = Recognized::new(Kind::TagList, name, "");
        // Only skopeo writes the host.
        return Some(known.with_reference(text_of(object, "Repository"), None));
    }
    None
}

/// What tools write of what they built.
fn built(object: &Object<'_>) -> Option<Recognized> {
    if let Some(digest) = text_of(object, "containerimage.digest") {
        let known = Recognized::new(Kind::ToolOutput, "the metadata of a build of buildx", "");
        let names = text_of(object, "image.name");
        let first = names.and_then(|names| names.split(',').next());
        return Some(known.with_reference(first, Some(digest)));
    }
    if let (Some(image), Some(digest)) = (text_of(object, "image"), text_of(object, "imageDigest"))
    {
        let known = Recognized::new(Kind::ToolOutput, "the output of a build of jib", "");
        return Some(known.with_reference(Some(image), Some(digest)));
    }
    None
}

fn by_members(object: &Object<'_>) -> Option<Recognized> {
    let known = BY_MEMBERS
        .iter()
        .find(|(members, ..)| members.iter().all(|name| has(object, name)))?;
    let (_, kind, name) = known;
    let image = text_of(object, "ArtifactName").or_else(|| {
        let source = object_of(object, "source")?;
        let target = object_of(source, "target").or_else(|| object_of(source, "metadata"))?;
        text_of(target, "userInput")
    });
    Some(Recognized::new(*kind, *name, "").with_reference(image, None))
}
