//! Docker schema 1, unsigned and signed: layers and history in one document, newest first.
//!
//! Everything shown of a signed manifest is read from its signed payload only (CVE-2014-8179).
//!
//! The newest entry stands first in the document; what is read here is turned around, base
//! first, as in every other format. Each history entry is JSON inside a string, and is read as
//! a document of its own: its findings stand at the string, and say in words where inside.
//! Signatures are taken apart in [`jws`], and checked by whoever has the means.
//!
//! Source: distribution `manifest-v2-1.md`.
//!
//! Longer than most files: the whole of one withdrawn format, which nobody extends.
//!
//! A signed manifest is read in this order: the signature block gives the payload, the payload
//! is read as JSON, body and payload are compared, then the members of the payload are read as
//! those of an unsigned body are, and at last the signatures are looked at.

pub mod jws;

use std::borrow::Cow;
use std::rc::Rc;

use crate::config::{HistoryStep, ImageConfig, read_time};
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::json::{self, Object, Pointer, Value};
use crate::lenient::{Field, Fields, Reader, first_equals};
use crate::reference::{RepositoryPath, Tag};

use super::content::Image;
use super::format::Format;

pub use super::given::{Reading, give, is_here};
pub use jws::Signed;

/// What reads schema 1.
pub const READING: Reading = Reading(read);

/// The members of the body; others are kept as unknown. `signatures` stands in a signed one only.
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
///
/// A pull skips it; an entry with `throwaway: true` should have no other. Source: moby
/// `distribution/pull_v2.go`.
pub const EMPTY_LAYER: &str =
    "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";

/// Reads the manifest: of a signed one the payload, of an unsigned one the body.
///
/// A broken signature block leaves an empty image and a finding, since nothing in such a body
/// can be relied on.
///
/// The format is deprecated, which is always a finding. Names that stand twice or in another case
/// are told of the body, and of the payload only where the body has not told them already: two
/// findings for one fault would count it twice.
///
/// The image of a broken block has no `signed` either, so [`super::Manifest::digest`] gives
/// `None` for it.
fn read(fields: &Fields<'_>, bytes: &[u8], format: Format) -> Image {
    let reader = fields.reader();
    fields.find_at(
        "schemaVersion",
        Code::DeprecatedFormat,
        "schemaVersion is 1",
    );
    // Of the body, also where it is signed: a client that reads the body sees what stands there twice.
    fields.names(MEMBERS);
    if format == Format::DockerSchema1 {
        return read_content(fields);
    }
    let signed = match jws::read(bytes, fields.members()) {
        Ok(signed) => signed,
        Err(error) => {
            reader.find(Code::SignatureBlock, "/signatures", error.to_string());
            return Image::default();
        }
    };
    let mut image = match json::read(&signed.payload) {
        Ok(payload) if is_schema1(&payload.object) => {
            check_outside(reader, fields.members(), &payload.object);
            // The payload ends otherwise than the body, so it may hold what the body does not.
            let of_body = reader.pointers();
            let of_payload = payload.anomalies.iter().map(|anomaly| &anomaly.pointer);
            let pointers = of_body.iter().chain(of_payload);
            let pointers = pointers.map(|pointer| Cow::Borrowed(pointer.as_str()));
            let (known, first) = (of_body.len(), first_equals(pointers.collect()));
            let anomalies = payload.anomalies.into_iter().enumerate();
            let new = anomalies.filter(|(index, _)| first[known + index] >= known);
            reader.add(new.map(|(_, anomaly)| Finding::from(anomaly)));
            read_content(&Fields::root(reader, &payload.object))
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

/// Whether the payload is a manifest at all; one whose `fsLayers` is broken is, and is shown
/// with its findings.
///
/// Decides whether the signature block belongs to this document; without `schemaVersion` 1 in the
/// payload nothing of it is shown.
fn is_schema1(payload: &Object<'_>) -> bool {
    payload.get("schemaVersion").and_then(Value::as_u64) == Some(1)
}

/// What a client that reads the body sees, and what the signed payload says, have to be the same.
///
/// A member that stands only in the body was never signed: a client that reads the body instead of
/// the payload pulls other layers under the same good digest (CVE-2014-8179). Told are members that
/// the payload lacks, members with another value, and members that only the payload has;
/// `signatures` itself is outside by its nature. Values are compared as compact text, so white
/// space and escapes do not count, and order does.
fn check_outside(reader: &Reader, body: &Object<'_>, payload: &Object<'_>) {
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
        reader.find(Code::OutsidePayload, Pointer::ROOT.child(name), message);
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
        reader.find(Code::OutsidePayload, Pointer::ROOT.child(name), message);
    }
}

/// Reads the layers and the history of a body or payload, both base first.
///
/// `fsLayers` and `history` go together by index, so their lengths have to be equal and not zero;
/// where they are not, both are shown as far as they go. The config is that of the newest history
/// entry; the format has no descriptor of one.
///
/// `fields` is the body of an unsigned manifest, or the payload of a signed one.
fn read_content(fields: &Fields<'_>) -> Image {
    let required = fields.required();
    let layers = required.array("fsLayers");
    let history = required.array("history");
    for name in ["name", "tag", "architecture"] {
        match required.text(name) {
            Some(text) => check_name(fields, name, &text),
            None => fields.require(name),
        }
    }
    if layers.len() != history.len() || layers.len() == 0 {
        let message = format!(
            "{} fsLayers and {} history entries",
            layers.len(),
            history.len()
        );
        fields.find_at("fsLayers", Code::LayerHistoryLength, message);
    }
    let mut image = Image {
        unknown: fields.unknown(MEMBERS),
        layers: layers.rev().map(read_layer).collect(),
        ..Image::default()
    };
    image.inline_config = read_history(fields, history);
    if let Some(config) = &image.inline_config {
        check_throwaway(fields.reader(), &image.layers, &config.history);
    }
    image
}

/// Checks that a name or tag is one that a registry takes. Source: distribution `reference`,
/// as for every name and tag.
///
/// `architecture` is only required: it may be any text.
fn check_name(fields: &Fields<'_>, name: &str, text: &str) {
    let error = match name {
        "name" => text.parse::<RepositoryPath>().err(),
        "tag" => text.parse::<Tag>().err(),
        _ => None,
    };
    if let Some(error) = error {
        fields.find_at(name, Code::NameMalformed, error.to_string());
    }
}

/// A throwaway layer is left out, so it has to be the empty one. Both lists are base first.
///
/// A client that follows the history pulls no layer for such a step. If another layer stands there,
/// its files are in the image for one client and not for the next.
///
/// A step knows its layer by index, see `read_history`; a step without one has nothing to
/// compare.
fn check_throwaway(reader: &Reader, layers: &[Descriptor], steps: &[HistoryStep]) {
    for step in steps.iter().filter(|step| step.empty_layer) {
        let layer = step.layer.and_then(|layer| layers.get(layer));
        if let Some(layer) = layer.filter(|layer| layer.digest_text != EMPTY_LAYER) {
            let message = format!("its history says throwaway, the empty layer is {EMPTY_LAYER}");
            reader.find(Code::ThrowawayLayer, &layer.pointer, message);
        }
    }
}

/// Reads an entry of `fsLayers`: a digest, and nothing about its size or type.
///
/// The size stays unknown, here and in the sums of the image: the format has none. Any digest but
/// sha256 is found, since old clients know no other.
///
/// A value that is no object, or has no `blobSum`, gives a descriptor with nothing but its
/// place, so that indexes stay those of the document.
fn read_layer(layer: Field<'_>) -> Descriptor {
    let mut descriptor = Descriptor {
        pointer: layer.pointer(),
        ..Descriptor::default()
    };
    let Some(fields) = layer.fields("a layer") else {
        return descriptor;
    };
    fields.names(&["blobSum"]);
    let Some(text) = fields.required().text("blobSum") else {
        fields.require("blobSum");
        return descriptor;
    };
    let digest = fields
        .reader()
        .digest(&text, || fields.pointer_to("blobSum"));
    if let Some(other) = digest
        .as_ref()
        .map(Digest::algorithm_name)
        .filter(|name| *name != "sha256")
    {
        let message = format!("blobSum is {other}, it has to be sha256");
        fields.find_at("blobSum", Code::LayerDigest, message);
    }
    descriptor.digest = digest;
    descriptor.digest_text = text;
    descriptor
}

/// Reads the newest entry as the image's config, and the entries from last to first as its steps.
///
/// An entry that is no JSON object is found and skipped; the config is missing only where the
/// newest one is. `architecture` of the top is taken where that entry has none, and compared where
/// it has.
///
/// `None` where there is no readable newest entry.
///
/// `history` is newest first, as it stands in the document; the steps of the result are base
/// first. Each step has its layer by the index that this has once the layers are turned
/// around: entry `index` of `length` made layer `length - 1 - index`. An entry that is skipped
/// leaves those of the others right.
fn read_history<'f>(
    fields: &Fields<'_>,
    history: impl ExactSizeIterator<Item = Field<'f>>,
) -> Option<ImageConfig> {
    let reader = fields.reader();
    let length = history.len();
    let mut config = None;
    let mut steps = Vec::with_capacity(length);
    let mut chain: Vec<Option<(String, Option<String>)>> = vec![None; length];
    for (index, entry) in history.enumerate() {
        let pointer = entry.pointer();
        let fields = entry.as_fields();
        if let Some(fields) = &fields {
            fields.names(&["v1Compatibility"]);
        }
        let text = fields
            .and_then(|fields| fields.get("v1Compatibility"))
            .and_then(Value::as_str);
        let Some(text) = text else {
            let message = "v1Compatibility is not there as a string";
            reader.find(Code::HistoryUnreadable, pointer, message);
            continue;
        };
        let pointer = pointer.child("v1Compatibility");
        let document = match json::read(text.as_bytes()) {
            Ok(document) => document,
            Err(error) => {
                let message = format!("v1Compatibility is not a JSON object: {error}");
                reader.find(Code::HistoryUnreadable, pointer, message);
                continue;
            }
        };
        // Pointers end at the string: what stands inside it has no place of its own in the manifest.
        let inside = Reader::new(document.anomalies);
        let members = Fields::root(&inside, &document.object);
        chain[index] = Some((
            members.text("id").unwrap_or_default(),
            members.some_text("parent"),
        ));
        // Docker writes what is not set as `null`.
        let command = members
            .object("container_config")
            .map(|ran| ran.nullable().texts("Cmd"));
        // The newest entry is read once more, as the config, which says what is wrong in it.
        let once = if index == 0 {
            members.nullable()
        } else {
            members
        };
        let created = if index == 0 {
            once.text("created")
        } else {
            read_time(&members)
        };
        steps.push(HistoryStep {
            created,
            created_by: command.unwrap_or_default().join(" "),
            author: once.some_text("author"),
            comment: members.some_text("comment"),
            empty_layer: members.flag("throwaway"),
            layer: Some(length - 1 - index),
        });
        if index == 0 {
            config = Some(ImageConfig::read_members(&members, &members));
        }
        reader.add(inside.into_findings().into_iter().map(|mut finding| {
            finding.message = format!(
                "{} (at {:?} inside)",
                finding.message,
                finding.pointer.as_str()
            );
            finding.pointer = pointer.clone();
            finding
        }));
    }
    check_chain(reader, &chain);
    steps.reverse();
    let mut config = config?;
    let architecture = fields
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
        fields.find_at("architecture", Code::ArchitectureDiffers, message);
    }
    config.history = steps;
    Some(config)
}

/// Source: moby `distribution/pull_v2.go`, `fixManifestLayers`.
///
/// Checks the ids of history entries, newest first as they stand: 64 lower-case hex characters,
/// each with the next as its parent, and the base with none.
///
/// Equal ids that follow each other are one layer written twice, and only noteworthy; the same id
/// further apart makes the chain a circle, which moby refuses.
///
/// `chain` has the id and the parent of each entry, `None` where it could not be read: what
/// stands in front of such a gap is not compared with what stands behind it. An id that is
/// missing is empty text, which is malformed and never told as a repetition.
fn check_chain(reader: &Reader, chain: &[Option<(String, Option<String>)>]) {
    let ids: Vec<&str> = chain
        .iter()
        .map(|entry| entry.as_ref().map_or("", |(id, _)| id))
        .collect();
    let first = first_equals(ids.iter().map(|id| Cow::Borrowed(*id)).collect());
    for (index, entry) in chain.iter().enumerate() {
        let Some((id, parent)) = entry else {
            continue;
        };
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
            (Some(Some((next, _))), parent) if parent.as_ref() != Some(next) && id != next => {
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
        if ids[index - 1] == id {
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

#[cfg(test)]
mod tests;
