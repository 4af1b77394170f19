//! An image out of a manifest of schema 1.
//!
//! Schema 1 states neither the sizes of its layers nor what they unpack to, so every layer that is
//! kept has to be read before. Layers that its history calls throwaway are left out.
//!
//! Source: containers/image `internal/image/docker_schema1.go`, `convertToManifestSchema2Generic`;
//! `manifest/docker_schema1.go`, `ToSchema2Config`.

use crate::digest::Digest;
use crate::json::style::Escapes;
use crate::json::{Object, Pointer, Value, Writer};
use crate::manifest::{Format, Manifest};

use super::descriptors::gzip;
use super::structure::{Members, ZERO_TIME};
use super::to_schema1::{raw_members, sorted};
use super::{ConfigBytes, Converted, Document, Form, Lost, Refusal, config};

/// What reading a layer of schema 1 told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadLayer {
    /// Its size as it is stored, in bytes.
    pub size: u64,
    /// The digest of what it unpacks to.
    pub diff_id: Digest,
}

/// Members of the newest history entry that are not of a config.
const NOT_IN_CONFIG: &[&str] = &["id", "parent", "parent_id", "layer_id", "throwaway", "Size"];

/// A step that was read.
struct Step {
    layer: String,
    created: String,
    created_by: String,
    author: String,
    comment: String,
    is_empty: bool,
}

/// Converts an image of schema 1, signed or not.
///
/// `layers` are its layers as they stand in [`Image::layers`](crate::manifest::Image::layers), base
/// first; those that the history calls throwaway need not be read. Whether the signature of a signed
/// manifest holds is not asked. The form cannot be schema 1 again: names and tags inside would have
/// to be changed, and with them the digest.
pub fn from_schema1(
    manifest: &Manifest,
    layers: &[Option<ReadLayer>],
    form: &Form,
) -> Result<Converted, Refusal> {
    if !matches!(
        manifest.format,
        Format::DockerSchema1 | Format::DockerSchema1Signed
    ) || matches!(form, Form::DockerSchema1 { .. })
    {
        return Err(Refusal::NotAnImage);
    }
    let payload = manifest.digest_input().ok_or(Refusal::NotAnImage)?;
    let place = Pointer::ROOT;
    let parsed = config::read(payload, Document::Manifest, &place)?;
    let top = Members::new(&parsed.object, place);
    let history = texts_of(&top, "history", "v1Compatibility")?;
    let blobs = texts_of(&top, "fsLayers", "blobSum")?;
    let Some(newest) = history.first() else {
        return Err(Refusal::NoHistory);
    };
    if history.len() != blobs.len() {
        return Err(Refusal::HistoryDiffers {
            steps: history.len(),
            layers: blobs.len(),
        });
    }
    let steps = history
        .iter()
        .zip(blobs)
        .enumerate()
        .map(|(index, (text, blob))| step(text, blob, index))
        .collect::<Result<Vec<_>, _>>()?;
    let (mut written, mut diff_ids) = (vec![], vec![]);
    for (index, step) in steps
        .iter()
        .rev()
        .enumerate()
        .filter(|(_, it)| !it.is_empty)
    {
        let read = layers.get(index).and_then(Option::as_ref);
        let read = read.ok_or(Refusal::LayersUnread)?;
        diff_ids.push(read.diff_id.to_string());
        written.push((step.layer.clone(), read.size));
    }
    let mut lost = vec![];
    let mut config = config_of(newest, &steps, &diff_ids)?;
    if matches!(form, Form::Oci(ConfigBytes::AsSkopeo)) {
        (config, lost) = config::as_oci(&config)?;
    }
    lost.insert(
        0,
        Lost {
            document: Document::Manifest,
            pointer: Pointer::ROOT.child("name"),
        },
    );
    let to_oci = matches!(form, Form::Oci(_));
    let descriptors: Vec<_> = written
        .into_iter()
        .map(|(digest, size): (String, u64)| gzip(&digest, size, to_oci))
        .collect();
    let named = (&Digest::sha256(&config), config.len() as u64);
    Ok(Converted {
        manifest: super::write(form, named, &descriptors),
        media_type: form.media_type(),
        config: Some(config),
        lost,
        names_empty_layer: false,
    })
}

/// A text of each element of a list, the newest first.
fn texts_of(top: &Members<'_, '_>, list: &str, name: &str) -> Result<Vec<String>, Refusal> {
    let in_manifest = |refusal| match refusal {
        Refusal::WrongKind { pointer, .. } | Refusal::Ambiguous(_, pointer) => {
            Refusal::Ambiguous(Document::Manifest, pointer)
        }
        other => other,
    };
    top.objects(list)
        .and_then(|elements| {
            let text = |element: &Members<'_, '_>| element.text(name).map(str::to_owned);
            elements.iter().map(text).collect()
        })
        .map_err(in_manifest)
}

/// Reads one entry, the newest being the first.
fn step(text: &str, layer: String, index: usize) -> Result<Step, Refusal> {
    let place = Pointer::ROOT
        .child("history")
        .element(index)
        .child("v1Compatibility");
    let parsed = config::read(text.as_bytes(), Document::Manifest, &place)?;
    let members = Members::new(&parsed.object, Pointer::ROOT);
    let ran = members.object("container_config")?;
    let command = ran.map(|ran| Ok(ran.texts("Cmd")?.unwrap_or_default().join(" ")));
    let created = members.time("created")?;
    Ok(Step {
        layer,
        created: created.unwrap_or_else(|| ZERO_TIME.to_owned()),
        created_by: command.transpose()?.unwrap_or_default(),
        author: members.text("author")?.to_owned(),
        comment: members.text("comment")?.to_owned(),
        is_empty: members.flag("throwaway")?,
    })
}

/// The config: the newest entry without its chain, with the layers and the history.
fn config_of(newest: &str, steps: &[Step], diff_ids: &[String]) -> Result<Vec<u8>, Refusal> {
    let parsed = config::read(newest.as_bytes(), Document::Config, &Pointer::ROOT)?;
    let is_old = Members::new(&parsed.object, Pointer::ROOT)
        .text("docker_version")
        .is_ok_and(is_before_1_8_3);
    if is_old {
        let (text, _) = config::rewritten(&parsed.object, config::OLD_DOCKER)?;
        let parsed = config::read(&text, Document::Config, &Pointer::ROOT)?;
        return with_history(&text, &parsed.object, steps, diff_ids);
    }
    with_history(newest.as_bytes(), &parsed.object, steps, diff_ids)
}

fn with_history(
    text: &[u8],
    object: &Object<'_>,
    steps: &[Step],
    diff_ids: &[String],
) -> Result<Vec<u8>, Refusal> {
    let is_own = |name: &str| NOT_IN_CONFIG.contains(&name) || matches!(name, "rootfs" | "history");
    let names: Vec<&str> = object
        .iter()
        .map(|(name, _): (&str, &Value<'_>)| name)
        .filter(|name| !is_own(name))
        .collect();
    let texts = raw_members(text, &names);
    let mut members: Vec<_> = names.into_iter().zip(texts).collect();
    members.push(("rootfs", Some(rootfs(diff_ids))));
    members.push(("history", Some(history(steps))));
    Ok(sorted(members)?.into_bytes())
}

fn rootfs(diff_ids: &[String]) -> String {
    let mut json = Writer::new(Escapes::Html);
    json.open('{');
    json.text("type", "layers");
    json.texts("diff_ids", diff_ids);
    json.close('}');
    json.into_text()
}

/// The history, base first.
fn history(steps: &[Step]) -> String {
    let mut json = Writer::new(Escapes::Html);
    json.open('[');
    for step in steps.iter().rev() {
        json.next();
        json.open('{');
        json.text("created", &step.created);
        for (name, text) in [
            ("author", &step.author),
            ("created_by", &step.created_by),
            ("comment", &step.comment),
        ] {
            json.optional(name, Some(text.as_str()).filter(|text| !text.is_empty()));
        }
        if step.is_empty {
            json.raw("empty_layer", "true");
        }
        json.close('}');
    }
    json.close(']');
    json.into_text()
}

/// Whether this is a version of docker before 1.8.3, whose configs left members out that clients
/// came to expect. Source: docker/docker `api/types/versions`, `compare`.
fn is_before_1_8_3(version: &str) -> bool {
    let number = |part: Option<&str>| part.and_then(|it| it.parse::<u32>().ok()).unwrap_or(0);
    let mut parts = version.split('.');
    let version = [parts.next(), parts.next(), parts.next()].map(number);
    !version.iter().all(|part| *part == 0) && version < [1, 8, 3]
}
