//! Docker schema 1, unsigned and signed: layers and history in one document, newest first.
//!
//! Everything shown of a signed manifest is read from its signed payload only (CVE-2014-8179).

pub mod jws;

use std::borrow::Cow;
use std::rc::Rc;

use crate::config::{HistoryStep, ImageConfig, read_time};
use crate::descriptor::Descriptor;
use crate::finding::{Code, Finding};
use crate::json::{self, Object, Value};
use crate::lenient::{Reader, first_equals, unknown};
use crate::reference::{RepositoryPath, Tag};

use super::content::Image;
use super::format::Format;

pub use jws::Signed;

const MEMBERS: &[&str] = &[
    "schemaVersion",
    "mediaType",
    "name",
    "tag",
    "architecture",
    "fsLayers",
    "history",
    "signatures",
];

/// The digest of the gzipped empty tar that stands for a layer that changed no file.
pub const EMPTY_LAYER: &str =
    "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";

pub(super) fn read(reader: &mut Reader, bytes: &[u8], body: &Object<'_>, format: Format) -> Image {
    reader.find(
        Code::DeprecatedFormat,
        "/schemaVersion",
        "schemaVersion is 1",
    );
    // Of the body, also where it is signed: a client that reads the body sees what stands there twice.
    reader.names(body, "", MEMBERS);
    if format == Format::DockerSchema1 {
        return read_content(reader, body);
    }
    let signed = match jws::read(bytes, body) {
        Ok(signed) => signed,
        Err(error) => {
            reader.find(Code::SignatureBlock, "/signatures", error.to_string());
            return Image::default();
        }
    };
    let mut image = match json::read(&signed.payload) {
        Ok(payload) if is_schema1(&payload.object) => {
            check_outside(reader, body, &payload.object);
            // The payload ends otherwise than the body, so it may hold what the body does not.
            let pointers = reader
                .findings
                .iter()
                .map(|finding| &finding.pointer)
                .chain(payload.anomalies.iter().map(|anomaly| &anomaly.pointer))
                .map(|pointer| Cow::Borrowed(pointer.as_str()));
            let (known, first) = (reader.findings.len(), first_equals(pointers.collect()));
            let anomalies = payload.anomalies.into_iter().enumerate();
            let new = anomalies.filter(|(index, _)| first[known + index] >= known);
            reader
                .findings
                .extend(new.map(|(_, anomaly)| Finding::from(anomaly)));
            read_content(reader, &payload.object)
        }
        _ => {
            reader.find(
                Code::SignatureBlock,
                "/signatures",
                "the signature block does not describe this document",
            );
            return Image::default();
        }
    };
    signed.find(reader);
    image.signed = Some(Rc::new(signed));
    image
}

/// Whether the payload is a manifest at all; one whose `fsLayers` is broken is, and is shown with its findings.
fn is_schema1(payload: &Object<'_>) -> bool {
    payload.get("schemaVersion").and_then(Value::as_u64) == Some(1)
}

/// What a client that reads the body sees, and what the signed payload says, have to be the same.
fn check_outside(reader: &mut Reader, body: &Object<'_>, payload: &Object<'_>) {
    // The payload's first, so that a member of the body that it has is the same as one of those. Both may have 300,000.
    let both = || payload.iter().chain(body.iter());
    let names = first_equals(both().map(|(name, _)| Cow::Borrowed(name)).collect());
    let as_text = |((_, value), name): ((_, &Value<'_>), &usize)| {
        format!("{name}:{}", value.to_text()).into()
    };
    let members = first_equals(both().zip(&names).map(as_text).collect());
    let (signed, outside) = names.split_at(payload.len());
    for (index, (name, _)) in body
        .iter()
        .enumerate()
        .filter(|(_, (name, _))| *name != "signatures")
    {
        let message = if outside[index] >= signed.len() {
            format!("{name:?} is not in the signed payload, so it is not shown")
        } else if members[signed.len() + index] < signed.len() {
            continue;
        } else {
            format!("{name:?} has another value in the signed payload, which is shown")
        };
        reader.find(Code::OutsidePayload, json::child_pointer("", name), message);
    }
    let mut is_outside = vec![false; names.len()];
    for name in outside {
        is_outside[*name] = true;
    }
    for ((name, _), _) in payload
        .iter()
        .zip(signed)
        .filter(|(_, name)| !is_outside[**name])
    {
        let message = format!("{name:?} is in the signed payload only");
        reader.find(Code::OutsidePayload, json::child_pointer("", name), message);
    }
}

fn read_content(reader: &mut Reader, object: &Object<'_>) -> Image {
    let layers = reader.array(object, "", "fsLayers").unwrap_or_default();
    let history = reader.array(object, "", "history").unwrap_or_default();
    for name in ["name", "tag", "architecture"] {
        match reader.text(object, "", name) {
            Some(text) => check_name(reader, name, &text),
            None if object.get(name).is_none() => reader.missing("", name),
            None => {}
        }
    }
    if layers.len() != history.len() || layers.is_empty() {
        let message = format!(
            "{} fsLayers and {} history entries",
            layers.len(),
            history.len()
        );
        reader.find(Code::LayerHistoryLength, "/fsLayers", message);
    }
    let mut image = Image {
        unknown: unknown(object, MEMBERS),
        ..Image::default()
    };
    for (index, layer) in layers.iter().enumerate().rev() {
        image.layers.push(read_layer(reader, layer, index));
    }
    image.inline_config = read_history(reader, object, history);
    if let Some(config) = &image.inline_config {
        check_throwaway(reader, &image.layers, &config.history);
    }
    image
}

/// Source: distribution `reference`, as for every name and tag.
fn check_name(reader: &mut Reader, name: &str, text: &str) {
    let error = match name {
        "name" => text.parse::<RepositoryPath>().err(),
        "tag" => text.parse::<Tag>().err(),
        _ => None,
    };
    if let Some(error) = error {
        reader.find(
            Code::NameMalformed,
            json::child_pointer("", name),
            error.to_string(),
        );
    }
}

/// A throwaway layer is left out, so it has to be the empty one. Both lists are base first.
fn check_throwaway(reader: &mut Reader, layers: &[Descriptor], steps: &[HistoryStep]) {
    for step in steps.iter().filter(|step| step.empty_layer) {
        let layer = step.layer.and_then(|layer| layers.get(layer));
        if let Some(layer) = layer.filter(|layer| layer.digest_text != EMPTY_LAYER) {
            let message = format!("its history says throwaway, the empty layer is {EMPTY_LAYER}");
            reader.find(Code::ThrowawayLayer, layer.pointer.as_str(), message);
        }
    }
}

fn read_layer(reader: &mut Reader, layer: &Value<'_>, index: usize) -> Descriptor {
    let pointer = format!("/fsLayers/{index}");
    let mut descriptor = Descriptor::default();
    match layer.as_object() {
        None => reader.find(
            Code::WrongType,
            pointer.as_str(),
            format!("{}, a layer is an object", layer.kind()),
        ),
        Some(members) => {
            reader.names(members, &pointer, &["blobSum"]);
            match reader.text(members, &pointer, "blobSum") {
                Some(text) => {
                    descriptor.digest = reader.digest(&text, || format!("{pointer}/blobSum"));
                    if let Some(digest) = descriptor
                        .digest
                        .as_ref()
                        .filter(|it| it.algorithm_name() != "sha256")
                    {
                        let message = format!(
                            "blobSum is {}, it has to be sha256",
                            digest.algorithm_name()
                        );
                        reader.find(Code::LayerDigest, format!("{pointer}/blobSum"), message);
                    }
                    descriptor.digest_text = text;
                }
                None if members.get("blobSum").is_none() => reader.missing(&pointer, "blobSum"),
                None => {}
            }
        }
    }
    descriptor.pointer = pointer;
    descriptor
}

/// The newest entry is the image's config; the entries from last to first are its steps.
fn read_history(
    reader: &mut Reader,
    object: &Object<'_>,
    history: &[Value<'_>],
) -> Option<ImageConfig> {
    let mut config = None;
    let mut steps = Vec::with_capacity(history.len());
    let mut chain: Vec<(String, Option<String>)> = Vec::with_capacity(history.len());
    for (index, entry) in history.iter().enumerate() {
        let pointer = format!("/history/{index}/v1Compatibility");
        if let Some(members) = entry.as_object() {
            reader.names(members, &format!("/history/{index}"), &["v1Compatibility"]);
        }
        let text = entry
            .as_object()
            .and_then(|entry| entry.get("v1Compatibility"))
            .and_then(Value::as_str);
        let Some(text) = text else {
            let message = "v1Compatibility is not there as a string";
            reader.find(
                Code::HistoryUnreadable,
                format!("/history/{index}"),
                message,
            );
            continue;
        };
        let document = match json::read(text.as_bytes()) {
            Ok(document) => document,
            Err(error) => {
                reader.find(
                    Code::HistoryUnreadable,
                    pointer,
                    format!("v1Compatibility is not a JSON object: {error}"),
                );
                continue;
            }
        };
        // Pointers end at the string: what stands inside it has no place of its own in the manifest.
        let mut inside = Reader::new(document.anomalies);
        let members = &document.object;
        chain.push((
            inside.text(members, "", "id").unwrap_or_default(),
            inside
                .text(members, "", "parent")
                .filter(|parent| !parent.is_empty()),
        ));
        let command = inside
            .object(members, "", "container_config")
            .map(|ran| inside.texts(ran, "", "Cmd"));
        // The newest entry is read once more, as the config.
        let created = if index == 0 {
            inside.text(members, "", "created")
        } else {
            read_time(&mut inside, members, "")
        };
        steps.push(HistoryStep {
            created,
            created_by: command.unwrap_or_default().join(" "),
            author: inside
                .text(members, "", "author")
                .filter(|author| !author.is_empty()),
            comment: inside
                .text(members, "", "comment")
                .filter(|comment| !comment.is_empty()),
            empty_layer: inside.flag(members, "", "throwaway"),
            layer: Some(history.len() - 1 - index),
        });
        if index == 0 {
            config = Some(ImageConfig::read_members(&mut inside, members));
        }
        for mut finding in inside.findings {
            finding.message = format!("{} (at {:?} inside)", finding.message, finding.pointer);
            finding.pointer.clone_from(&pointer);
            reader.findings.push(finding);
        }
    }
    check_chain(reader, &chain);
    steps.reverse();
    let mut config = config?;
    let architecture = object
        .get("architecture")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if config.platform.architecture.is_empty() {
        architecture.clone_into(&mut config.platform.architecture);
    } else if !architecture.is_empty() && config.platform.architecture != architecture {
        let message = format!(
            "architecture is {architecture}, the newest entry says {}",
            config.platform.architecture
        );
        reader.find(Code::ArchitectureDiffers, "/architecture", message);
    }
    config.history = steps;
    Some(config)
}

/// Source: moby `distribution/pull_v2.go`, `fixManifestLayers`.
fn check_chain(reader: &mut Reader, chain: &[(String, Option<String>)]) {
    let first = first_equals(
        chain
            .iter()
            .map(|(id, _)| Cow::Borrowed(id.as_str()))
            .collect(),
    );
    for (index, (id, parent)) in chain.iter().enumerate() {
        let pointer = format!("/history/{index}/v1Compatibility");
        if id.len() != 64
            || !id
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        {
            let message = format!("id is {id:?}, it has to be 64 hex characters");
            reader.find(Code::LayerIdMalformed, pointer.as_str(), message);
        }
        match (chain.get(index + 1), parent) {
            (None, Some(parent)) => {
                reader.find(
                    Code::ParentChain,
                    pointer.as_str(),
                    format!("the base has the parent {parent:?}"),
                );
            }
            (Some((next, _)), parent) if parent.as_ref() != Some(next) && id != next => {
                let found = parent.as_deref().unwrap_or("none");
                reader.find(
                    Code::ParentChain,
                    pointer.as_str(),
                    format!("parent is {found}, the next id is {next}"),
                );
            }
            _ => {}
        }
        // Entries without an id have their own finding.
        if first[index] == index || id.is_empty() {
            continue;
        }
        if chain[index - 1].0 == *id {
            reader.find(
                Code::LayerIdRepeated,
                pointer,
                format!("id {id} is that of the entry before"),
            );
        } else {
            let message = format!("id {id} is that of entry {}", first[index] + 1);
            reader.find(Code::LayerIdDuplicate, pointer, message);
        }
    }
}
