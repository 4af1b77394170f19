//! JSON that is no manifest: by the members that have to be there, with the right types.

use crate::base64;
use crate::config::ImageConfig;
use crate::humanize::count;
use crate::json::{Object, Value};
use crate::manifest::Format;
use crate::media_type::MediaType;
use crate::reference::Reference;

use super::text::SBOM;
use super::tools::{inspected, is_verbose, verbose};
use super::{Kind, Recognized, answer, cut, has, object_of, text_of, texts};

/// Says what a document is; `None` for an object that nothing tells apart from an unknown manifest.
pub(super) fn of(value: &Value<'_>, bytes: &[u8]) -> Option<Recognized> {
    match value {
        Value::Object(object) if is_manifest(object) => None,
        Value::Object(object) => inspected(object)
            .or_else(|| signed(object))
            .or_else(|| local(object))
            .or_else(|| answer::api(object))
            .or_else(|| config(object, bytes))
            .or_else(|| answer::error(object)),
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
    // A descriptor has the media type of what it names.
    let is_descriptor = version.is_none()
        && ["digest", "size"].iter().all(|name| has(object, name))
        && !["config", "layers", "manifests", "fsLayers", "blobs"]
            .iter()
            .any(|name| has(object, name));
    (known && !is_descriptor) || version.is_some()
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
    if objects.iter().all(|object| is_descriptor(object)) {
        let name = format!("a list of {}", count(objects.len(), "descriptor"));
        return Some(Recognized::new(Kind::Descriptor, name, OF_DESCRIPTORS));
    }
    let known = inspected(first).or_else(|| signed(first));
    known.or_else(|| answer::error(first))
}

/// Source: docker's image tarball: `Config` and `Layers` are paths in it, `RepoTags` may be null.
fn is_saved(object: &Object<'_>) -> bool {
    let layers = object.get("Layers");
    text_of(object, "Config").is_some()
        && has(object, "Layers")
        && layers.is_none_or(|layers| layers.as_array().is_some())
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
    if let (Some(_), Some(payload)) = (text("Base64Signature"), text("Payload")) {
        let name = "a signature that cosign downloaded";
        return Some(with_payload(
            Recognized::new(Kind::SigstoreBundle, name, ""),
            payload,
        ));
    }
    if let (Some(_), Some(payload), Some(_)) =
        (text("protected"), text("payload"), text("signature"))
    {
        let name = "a signature in JWS, as notation writes it";
        return Some(with_payload(Recognized::new(Kind::Dsse, name, ""), payload));
    }
    if let Some(critical) = object_of(object, "critical") {
        let name = "the payload of a cosign signature";
        let known = Recognized::new(Kind::CosignPayload, name, "");
        let of = |object, name| object_of(critical, object).and_then(|it| text_of(it, name));
        let digest = of("image", "docker-manifest-digest");
        return Some(known.with_reference(of("identity", "docker-reference"), digest));
    }
    let spdx = text("spdxVersion").or_else(|| text("SPDXID"));
    let contexts = texts(object, "@context").chain(text("@context"));
    let context = contexts.into_iter().find(|it| it.contains("spdx.org"));
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
    if has(object, "imageLayoutVersion") {
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
        let known = Recognized::new(Kind::Kubernetes, name, "");
        return Some(known.with_reference(object.iter().find_map(image_in), None));
    }
    if let (Some(name), Some(version), Some(_)) =
        (text("name"), text("version"), text("apiVersion"))
    {
        let name = format!("the config of a helm chart, {} {}", cut(name), cut(version));
        return Some(Recognized::new(Kind::HelmConfig, name, ""));
    }
    if let Some(media_type) = text("mediaType").filter(|_| is_descriptor(object)) {
        let name = format!("a descriptor, which names a content of {}", cut(media_type));
        return Some(Recognized::new(Kind::Descriptor, name, OF_DESCRIPTORS));
    }
    None
}

const OF_DESCRIPTORS: &str =
    "Drop the content itself; the digest of its descriptor is what to expect.";

fn is_descriptor(object: &Object<'_>) -> bool {
    let text = |name| text_of(object, name).is_some();
    text("mediaType") && text("digest") && has(object, "size")
}

/// The first image that a member names, or one inside of it: `image` of a container of Kubernetes.
/// The document was bounded in depth when it was read.
fn image_in<'a>((name, value): (&str, &'a Value<'_>)) -> Option<&'a str> {
    match value {
        Value::String(text) if name == "image" && text.parse::<Reference>().is_ok() => Some(text),
        Value::Object(object) => object.iter().find_map(image_in),
        Value::Array(values) => values.iter().find_map(|value| image_in((name, value))),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
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
    let has_layers = object_of(object, "rootfs")
        .is_some_and(|rootfs| has(rootfs, "diff_ids") || text_of(rootfs, "type").is_some());
    // Tools write null for what there is none of.
    let is_run = ["config", "container_config", "rootfs", "history"]
        .iter()
        .any(|name| {
            let value = object.get(name);
            has(object, name) && matches!(value, None | Some(Value::Object(_) | Value::Array(_)))
        });
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
