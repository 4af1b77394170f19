//! A manifest of schema 1 out of layers and a config.
//!
//! Each step of the history becomes an entry, the newest first; a step without a layer of its own
//! names the empty layer. IDs are hashes of what an entry is made of, as docker made them. The
//! newest entry is the config itself.
//!
//! Source: containers/image `internal/image/docker_schema2.go`, `convertToManifestSchema1`.

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::json::style::{Escapes, Layout};
use crate::json::{Object, Occurrence, Pointer, Writer, places};
use crate::manifest::Image;
use crate::manifest::schema1::EMPTY_LAYER;
use crate::media_type::MediaType;

use super::config;
use super::descriptors::check_readable;
use super::structure::{Members, ZERO_TIME};
use super::{Converted, Document, Lost, Refusal};

/// The bytes of [`EMPTY_LAYER`]: an archive without entries, by gzip, as Docker wrote it.
///
/// Source: containers/image `internal/image/docker_schema2.go`, `GzippedEmptyLayer`.
pub const EMPTY_LAYER_BYTES: [u8; 32] = [
    31, 139, 8, 0, 0, 9, 110, 136, 0, 255, 98, 24, 5, 163, 96, 20, 140, 88, 0, 8, 0, 0, 255, 255,
    46, 175, 181, 239, 0, 4, 0, 0,
];

/// One entry: the digest of its layer, and `v1Compatibility`.
struct Entry {
    layer: String,
    history: String,
}

/// Writes the manifest; `lost` is what the source's manifest loses in any form.
pub(super) fn write(
    image: &Image,
    config: &[u8],
    name: &str,
    tag: &str,
    mut lost: Vec<Lost>,
) -> Result<Converted, Refusal> {
    let layers = image
        .layers
        .iter()
        .enumerate()
        .map(|(index, layer)| layer_digest(layer, index))
        .collect::<Result<Vec<_>, _>>()?;
    let parsed = config::read(config, Document::Config, &Pointer::ROOT)?;
    let members = Members::new(&parsed.object, Pointer::ROOT);
    let steps = members.objects("history")?;
    let empty = steps
        .iter()
        .map(|step| step.flag("empty_layer"))
        .collect::<Result<Vec<_>, _>>()?;
    let Some((newest, newest_is_empty)) = steps.last().zip(empty.last()) else {
        return Err(Refusal::NoHistory);
    };
    let with_layer = empty.iter().filter(|empty| !**empty).count();
    if with_layer != layers.len() {
        return Err(Refusal::HistoryDiffers {
            steps: with_layer,
            layers: layers.len(),
        });
    }
    let mut rest = layers.into_iter();
    let mut entries = Vec::with_capacity(steps.len());
    let (mut id, mut parent) = (String::new(), String::new());
    for (step, is_empty) in steps.iter().zip(&empty) {
        parent = id;
        let layer = if *is_empty { None } else { rest.next() };
        let layer = layer.unwrap_or_else(|| EMPTY_LAYER.to_owned());
        id = identifier(&layer, &parent, None);
        let history = entry(step, &id, &parent, *is_empty)?;
        entries.push(Entry { layer, history });
    }
    // Nothing says who made the newest step: its place is the config's.
    for name in ["created_by", "comment", "author"] {
        if let Some((_, pointer)) = newest.get(name)? {
            lost.push(in_config(pointer));
        }
    }
    if let Some((_, pointer)) = members.get("rootfs")? {
        lost.push(in_config(pointer));
    }
    if let Some(top) = entries.last_mut() {
        let id = identifier(&top.layer, &parent, Some(config));
        top.history = newest_entry(config, &parsed.object, &id, &parent, *newest_is_empty)?;
    }
    let names_empty_layer = entries.iter().any(|entry| entry.layer == EMPTY_LAYER);
    let architecture = members.text("architecture")?;
    Ok(Converted {
        manifest: manifest(&entries, name, tag, architecture),
        media_type: MediaType::DOCKER_SCHEMA1,
        config: None,
        lost,
        names_empty_layer,
    })
}

fn in_config(pointer: Pointer) -> Lost {
    Lost {
        document: Document::Config,
        pointer,
    }
}

/// The digest of a layer that schema 1 can name.
fn layer_digest(layer: &Descriptor, index: usize) -> Result<String, Refusal> {
    let unknown = || Refusal::LayerType(index, layer.media_type.clone());
    let media_type = layer.media_type.as_ref().ok_or_else(unknown)?;
    check_readable(media_type, index)?;
    if !media_type.is_layer() {
        return Err(unknown());
    }
    if media_type.is_foreign_layer() {
        return Err(Refusal::NotDistributed(index));
    }
    if media_type.as_str().to_ascii_lowercase().ends_with("zstd") {
        return Err(Refusal::Zstd(index));
    }
    let digest = layer
        .digest
        .as_ref()
        .ok_or_else(|| Refusal::Incomplete(layer.pointer.clone()))?;
    if digest.algorithm_name() != "sha256" {
        return Err(Refusal::OtherDigest(index, digest.clone()));
    }
    Ok(digest.as_str().to_owned())
}

/// The ID of an entry: of its layer and its parent, and for the newest one of the config.
///
/// The base has no parent and a blank all the same.
fn identifier(layer: &str, parent: &str, config: Option<&[u8]>) -> String {
    let hex = layer.split_once(':').map_or(layer, |(_, hex)| hex);
    let mut text = [hex.as_bytes(), b" ", parent.as_bytes()].concat();
    if let Some(config) = config {
        text.push(b' ');
        text.extend_from_slice(config);
    }
    Digest::sha256(&text).encoded().to_owned()
}

/// `v1Compatibility` of every step but the newest.
fn entry(
    step: &Members<'_, '_>,
    id: &str,
    parent: &str,
    is_empty: bool,
) -> Result<String, Refusal> {
    let given = |text: &'_ str| !text.is_empty();
    let mut json = Writer::new(Escapes::Html);
    json.open('{');
    json.text("id", id);
    json.optional("parent", Some(parent).filter(|it| given(it)));
    json.optional(
        "comment",
        Some(step.text("comment")?).filter(|it| given(it)),
    );
    let created = step.time("created")?;
    json.text("created", created.as_deref().unwrap_or(ZERO_TIME));
    json.name("container_config");
    json.open('{');
    json.texts("Cmd", &[step.text("created_by")?.to_owned()]);
    json.close('}');
    json.optional("author", Some(step.text("author")?).filter(|it| given(it)));
    if is_empty {
        json.raw("throwaway", "true");
    }
    json.close('}');
    Ok(json.into_text())
}

/// `v1Compatibility` of the newest step: the config without what schema 1 says elsewhere, its
/// members sorted by name, each as it was written but for white space.
fn newest_entry(
    config: &[u8],
    object: &Object<'_>,
    id: &str,
    parent: &str,
    is_empty: bool,
) -> Result<String, Refusal> {
    let own = |json: &str| Some(format!("\"{json}\""));
    let mut members: Vec<(&str, Option<String>)> = vec![("id", own(id))];
    if !parent.is_empty() {
        members.push(("parent", own(parent)));
    }
    if is_empty {
        members.push(("throwaway", Some("true".to_owned())));
    }
    let names: Vec<&str> = object.iter().map(|(name, _)| name).collect();
    let written = raw_members(config, &names);
    for (name, text) in names.into_iter().zip(written) {
        let is_elsewhere = matches!(name, "rootfs" | "history");
        if !is_elsewhere
            && !members
                .iter()
                .take(3)
                .any(|(own, value)| *own == name && value.is_some())
        {
            members.push((name, text));
        }
    }
    sorted(members)
}

/// The texts of members of a config, see [`raw_members`]; `None` where it is no JSON object.
pub(crate) fn members(config: &[u8], names: &[&str]) -> Option<Vec<Option<String>>> {
    config::read(config, Document::Config, &Pointer::ROOT).ok()?;
    Some(raw_members(config, names))
}

/// The texts of members of the top, as Go compacts them: white space is gone, and `<`, `>`, `&`
/// and the line separators are escaped.
pub(super) fn raw_members(document: &[u8], names: &[&str]) -> Vec<Option<String>> {
    let pointers: Vec<Pointer> = names.iter().map(|name| Pointer::ROOT.child(name)).collect();
    let asked = pointers.iter().map(|it| (it.as_str(), Occurrence::First));
    places(document, asked)
        .into_iter()
        .map(|place| {
            let range = place.filter(|place| place.exact)?.range;
            let text = Layout::Compact.apply(document.get(range)?);
            Some(Escapes::Html.further(&String::from_utf8(text).ok()?))
        })
        .collect()
}

/// An object of raw members, sorted by name as Go writes maps. A name that stands twice has no one
/// value.
pub(crate) fn sorted(mut members: Vec<(&str, Option<String>)>) -> Result<String, Refusal> {
    members.sort_by_key(|(name, _)| *name);
    if let Some(pair) = members.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let pointer = Pointer::ROOT.child(pair[0].0);
        return Err(Refusal::Ambiguous(Document::Config, pointer));
    }
    let mut json = Writer::new(Escapes::Html);
    json.open('{');
    for (name, text) in members {
        json.raw(name, text.as_deref().unwrap_or("null"));
    }
    json.close('}');
    Ok(json.into_text())
}

/// The manifest of these entries, which are base first and are written newest first.
fn manifest(entries: &[Entry], name: &str, tag: &str, architecture: &str) -> Vec<u8> {
    let mut json = Writer::new(Escapes::Html);
    json.open('{');
    json.text("name", name);
    json.text("tag", tag);
    json.text("architecture", architecture);
    for (list, member) in [("fsLayers", "blobSum"), ("history", "v1Compatibility")] {
        json.name(list);
        json.open('[');
        for entry in entries.iter().rev() {
            json.next();
            json.open('{');
            let text = if list == "fsLayers" {
                &entry.layer
            } else {
                &entry.history
            };
            json.text(member, text);
            json.close('}');
        }
        json.close(']');
    }
    json.raw("schemaVersion", "1");
    json.close('}');
    json.into_text().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_layer_has_its_digest() {
        let digest = crate::digest::Digest::sha256(&EMPTY_LAYER_BYTES);
        assert_eq!(digest.as_str(), EMPTY_LAYER);
    }
}
