//! JSON that is no manifest: by the members that have to be there, with the right types.

use crate::base64;
use crate::config::ImageConfig;
use crate::digest::Digest;
use crate::humanize::count;
use crate::json::{Object, Value};
use crate::manifest::Format;
use crate::media_type::MediaType;

use super::text::SBOM;
use super::{Kind, Next, Recognized, cut, object_of, text_of};

/// Says what a document is; `None` for an object that nothing tells apart from an unknown manifest.
pub(super) fn of(value: &Value<'_>, bytes: &[u8]) -> Option<Recognized> {
    match value {
        Value::Object(object) if is_manifest(object) => None,
        Value::Object(object) => inspected(object)
            .or_else(|| signed(object))
            .or_else(|| local(object))
            .or_else(|| config(object, bytes))
            .or_else(|| error_answer(object)),
        Value::Array(values) => {
            let objects: Option<Vec<_>> = values.iter().map(Value::as_object).collect();
            let known = objects
                .filter(|objects| !objects.is_empty())
                .and_then(|objects| array(&objects));
            Some(known.unwrap_or_else(|| other(value)))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(other(value)),
    }
}

fn other(value: &Value<'_>) -> Recognized {
    let name = format!("JSON that is {}", value.kind());
    Recognized::new(Kind::OtherJson, name, "")
}

/// Whether an object is meant as a manifest, known or not, whole or broken.
pub(super) fn is_manifest(object: &Object<'_>) -> bool {
    let known = text_of(object, "mediaType")
        .is_some_and(|text| Format::from_media_type(&MediaType::new(text)).is_some());
    let version = object.get("schemaVersion").and_then(Value::as_u64);
    known || version.is_some()
}

/// What is an array of objects: the output of tools on several things, and docker save's list.
fn array(objects: &[&Object<'_>]) -> Option<Recognized> {
    if objects.iter().all(|object| is_saved(object)) {
        let name = "docker save's own list of files";
        let advice = "Drop the file that Config names here: it is the image's config.";
        let tags = objects
            .iter()
            .find_map(|object| texts(object, "RepoTags").next());
        return Some(Recognized::new(Kind::SaveManifest, name, advice).with_reference(tags, None));
    }
    if objects.iter().all(|object| is_verbose(object)) {
        return Some(verbose(objects));
    }
    let first = objects.first()?;
    inspected(first)
}

/// Source: docker's image tarball: `Config` and `Layers` are paths in it, `RepoTags` may be null.
fn is_saved(object: &Object<'_>) -> bool {
    text_of(object, "Config").is_some()
        && object
            .get("Layers")
            .is_some_and(|it| it.as_array().is_some())
}

/// What `docker manifest inspect --verbose` writes of each manifest: its descriptor, and the
/// manifest itself, parsed or as `Raw`.
fn is_verbose(object: &Object<'_>) -> bool {
    object_of(object, "Descriptor").is_some_and(|it| text_of(it, "digest").is_some())
        && ["Ref", "Raw", "SchemaV2Manifest", "OCIManifest"]
            .iter()
            .any(|name| object.get(name).is_some())
        && object.get("RepoDigests").is_none()
}

fn verbose(objects: &[&Object<'_>]) -> Recognized {
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

/// The texts of a member that is an array.
fn texts<'a>(object: &'a Object<'_>, name: &str) -> impl Iterator<Item = &'a str> {
    let values = object.get(name).and_then(Value::as_array);
    values.unwrap_or_default().iter().filter_map(Value::as_str)
}

/// What tools write that inspect something in a registry or on a machine.
fn inspected(object: &Object<'_>) -> Option<Recognized> {
    let is_array = |name: &str| object.get(name).is_some_and(|it| it.as_array().is_some());
    let is_object = |name: &str| object_of(object, name).is_some();
    let (name, digest) = (text_of(object, "Name"), text_of(object, "Digest"));
    if is_verbose(object) {
        return Some(verbose(&[object]));
    }
    if is_array("RepoDigests") || is_array("repoDigests") {
        let first = texts(object, "RepoDigests").chain(texts(object, "repoDigests"));
        let tags = texts(object, "RepoTags").chain(texts(object, "repoTags"));
        let first = first.chain(tags).next();
        // Docker states no digest of its own beside them; podman does.
        let (kind, name) = match digest {
            Some(_) => (
                Kind::PodmanInspect,
                "the output of podman inspect, of an image",
            ),
            None => (
                Kind::DockerInspect,
                "the output of docker inspect, of an image",
            ),
        };
        let advice = match first {
            Some(_) => "",
            None => "It names no digest of a registry: the image was never pushed or pulled.",
        };
        return Some(Recognized::new(kind, name, advice).with_reference(first, None));
    }
    if let Some(status) = object_of(object, "status").filter(|it| it.get("repoDigests").is_some()) {
        return inspected(status);
    }
    if digest.is_some() && (is_array("Layers") || is_array("RepoTags")) {
        let known = Recognized::new(Kind::SkopeoInspect, "the output of skopeo inspect", "");
        return Some(known.with_reference(name, digest));
    }
    if is_object("State") && text_of(object, "Image").is_some() {
        let name = "the output of docker inspect, of a container";
        let known = Recognized::new(Kind::DockerInspect, name, "");
        let image = object_of(object, "Config").and_then(|config| text_of(config, "Image"));
        let image = image.or_else(|| text_of(object, "ImageName"));
        return Some(known.with_reference(image, None));
    }
    if let Some(digest) = object_of(object, "manifest").and_then(|it| text_of(it, "digest")) {
        let name = "the output of docker buildx imagetools inspect, as JSON";
        let known = Recognized::new(Kind::ImagetoolsInspect, name, "");
        return Some(known.with_reference(text_of(object, "name"), Some(digest)));
    }
    let repository = text_of(object, "name").or_else(|| text_of(object, "Repository"));
    if repository.is_some() && (is_array("tags") || is_array("Tags")) {
        let tags = texts(object, "tags").chain(texts(object, "Tags")).count();
        let name = format!("a list of {}", count(tags, "tag"));
        let known = Recognized::new(Kind::TagList, name, "");
        // Only skopeo writes the host.
        return Some(known.with_reference(text_of(object, "Repository"), None));
    }
    None
}

/// What signs or describes an image.
fn signed(object: &Object<'_>) -> Option<Recognized> {
    let text = |name| text_of(object, name);
    let is_object = |name: &str| object_of(object, name).is_some();
    if let (Some(payload_type), Some(payload)) = (text("payloadType"), text("payload")) {
        let name = format!("a DSSE envelope of {}", cut(payload_type));
        let known = Recognized::new(Kind::Dsse, name, "");
        return Some(with_payload(known, payload));
    }
    if let Some(predicate) = text("predicateType").filter(|_| text("_type").is_some()) {
        let name = format!("an in-toto statement of type {}", cut(predicate));
        let advice = "It says something of the contents whose digests its subject names.";
        return Some(Recognized::new(Kind::InToto, name, advice));
    }
    let is_bundle = text("mediaType").is_some_and(|it| it.starts_with(BUNDLE));
    if is_bundle || is_object("verificationMaterial") {
        let known = Recognized::new(Kind::SigstoreBundle, "a sigstore bundle", "");
        let payload = object_of(object, "dsseEnvelope").and_then(|it| text_of(it, "payload"));
        return Some(match payload {
            Some(payload) => with_payload(known, payload),
            None => known,
        });
    }
    if text("base64Signature").is_some() {
        let name = "a bundle of cosign: a signature of a file";
        return Some(Recognized::new(Kind::SigstoreBundle, name, ""));
    }
    if let Some(critical) = object_of(object, "critical") {
        let name = "the payload of a cosign signature";
        let known = Recognized::new(Kind::CosignPayload, name, "");
        let of = |object, name| object_of(critical, object).and_then(|it| text_of(it, name));
        let digest = of("image", "docker-manifest-digest");
        return Some(known.with_reference(of("identity", "docker-reference"), digest));
    }
    let spdx = text("spdxVersion").or_else(|| text("SPDXID"));
    let context = text("@context").filter(|it| it.contains("spdx.org"));
    if let Some(version) = spdx.or(context) {
        let name = format!("an SPDX document, {}", cut(version));
        return Some(Recognized::new(Kind::Spdx, name, SBOM));
    }
    if text("bomFormat") == Some("CycloneDX") {
        return Some(Recognized::new(
            Kind::CycloneDx,
            "a CycloneDX document",
            SBOM,
        ));
    }
    None
}

/// Source: sigstore's protobuf-specs, `sigstore_bundle.proto`.
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle";

fn with_payload(known: Recognized, payload: &str) -> Recognized {
    match base64::decode(payload).or_else(|| base64::decode_from_url(payload)) {
        Some(bytes) => known.with_content("The payload inside", bytes, None),
        None => known,
    }
}

/// What lies beside a manifest, in an archive or a registry.
fn local(object: &Object<'_>) -> Option<Recognized> {
    let text = |name| text_of(object, name);
    if text("imageLayoutVersion").is_some() {
        let advice = "Drop index.json that lies beside it, and the blobs.";
        let name = "the file oci-layout of an OCI layout";
        return Some(Recognized::new(Kind::LayoutFile, name, advice));
    }
    if let Some((repository, tag)) = repositories(object) {
        let name = "docker save's own list of tags";
        let known = Recognized::new(Kind::SaveRepositories, name, "");
        let reference = [repository, ":", tag].concat();
        return Some(known.with_reference(Some(&reference), None));
    }
    if is_saved(object) && object.get("RepoTags").is_some() {
        return array(&[object]);
    }
    if let (Some(kind), Some(_)) = (text("kind"), text("apiVersion")) {
        let name = format!("a Kubernetes object, {}", cut(kind));
        return Some(Recognized::new(Kind::Kubernetes, name, ""));
    }
    if let (Some(name), Some(version), Some(_)) =
        (text("name"), text("version"), text("apiVersion"))
    {
        let name = format!("the config of a helm chart, {} {}", cut(name), cut(version));
        return Some(Recognized::new(Kind::HelmConfig, name, ""));
    }
    let size = object.get("size").and_then(Value::as_u64);
    if let (Some(media_type), Some(_), Some(_)) = (text("mediaType"), text("digest"), size) {
        let name = format!("a descriptor, which names a content of {}", cut(media_type));
        let advice = "Drop the content itself; the digest of the descriptor is what to expect.";
        return Some(Recognized::new(Kind::Descriptor, name, advice));
    }
    None
}

/// The first name and tag of docker save's `repositories`: for each name the tags, and for each
/// the id of a layer, 64 hex characters.
fn repositories<'a>(object: &'a Object<'_>) -> Option<(&'a str, &'a str)> {
    let is_id = |value: &Value<'_>| {
        let id = value.as_str();
        id.is_some_and(|id| id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let is_tags = |value: &Value<'_>| {
        let tags = value.as_object().filter(|tags| !tags.is_empty());
        tags.is_some_and(|tags| tags.iter().all(|(_, id)| is_id(id)))
    };
    let (repository, tags) = object.iter().next()?;
    let (tag, _) = tags.as_object()?.iter().next()?;
    object
        .iter()
        .all(|(_, tags)| is_tags(tags))
        .then_some((repository, tag))
}

/// An image's config: what its layers are, or a platform with how it is run.
///
/// Source: image-spec `config.md`: `architecture`, `os` and `rootfs` are required. One of them may
/// be missing, which is a finding then.
fn config(object: &Object<'_>, bytes: &[u8]) -> Option<Recognized> {
    let is_platform = ["os", "architecture"].map(|name| text_of(object, name).is_some());
    let has_layers = object_of(object, "rootfs").is_some_and(|rootfs| {
        let layers = rootfs
            .get("diff_ids")
            .is_some_and(|it| it.as_array().is_some());
        layers || text_of(rootfs, "type").is_some()
    });
    let is_run = ["config", "container_config", "rootfs", "history"]
        .iter()
        .any(|name| matches!(object.get(name), Some(Value::Object(_) | Value::Array(_))));
    if !(has_layers || (is_platform == [true; 2] && is_run)) {
        return None;
    }
    let config = ImageConfig::read(bytes).ok()?;
    let name = match config.0.platform() {
        Some(platform) => format!("an image config for {platform}"),
        None => "an image config".to_owned(),
    };
    let advice = "It names no layers that can be fetched: the manifest does.";
    let mut known = Recognized::new(Kind::ImageConfig, name, advice);
    known.config = Some(Box::new(config));
    Some(known)
}

/// A registry's error answer: `errors` by the specification, and the words others use for one.
pub(super) fn error_answer(object: &Object<'_>) -> Option<Recognized> {
    let errors = object.get("errors").and_then(Value::as_array);
    let (first, more) = match errors {
        Some([first, more @ ..]) => (first.as_object()?, more.len()),
        Some([]) => return None,
        // Google's and GitHub's front doors have one.
        None => (object_of(object, "error")?, 0),
    };
    let number = first
        .get("code")
        .or_else(|| first.get("status"))
        .map(Value::to_text);
    let code = text_of(first, "code").map(str::to_owned).or(number);
    let said: Vec<_> = [code.as_deref(), text_of(first, "message")]
        .into_iter()
        .flatten()
        .filter(|said| !said.is_empty())
        .map(cut)
        .collect();
    if said.is_empty() {
        return None;
    }
    let mut name = format!("a registry's error answer: {}", said.join(", "));
    if more > 0 {
        name = format!("{name}, and {more} more");
    }
    let advice = "The registry sent it in place of what was asked for.";
    Some(Recognized::new(Kind::ErrorAnswer, name, advice))
}
