//! Docker schema 2 and OCI image manifests: a config and layers.

use crate::descriptor::Descriptor;
use crate::finding::Code;
use crate::json::Object;
use crate::media_type::MediaType;
use crate::reader::{Reader, unknown};

use super::{Format, Image};

const MEMBERS: &[&str] = &["schemaVersion", "mediaType", "artifactType", "config", "layers", "subject", "annotations"];
const ARTIFACT_MEMBERS: &[&str] = &["mediaType", "artifactType", "blobs", "subject", "annotations"];

/// The most layers that common storage drivers mount.
const MOST_LAYERS: usize = 127;

pub(super) fn read(reader: &mut Reader, object: &Object<'_>, format: Format) -> Image {
    reader.names(object, "", MEMBERS);
    check_head(reader, object, format);
    let config = read_descriptor(reader, object, "config");
    if config.is_none() && object.get("config").is_none() {
        reader.missing("", "config");
    }
    let layers = read_descriptors(reader, object, "layers");
    if object.get("layers").is_none() {
        reader.missing("", "layers");
    }
    let image = Image {
        layers,
        artifact_type: reader.media_type(object, "", "artifactType"),
        subject: read_descriptor(reader, object, "subject"),
        annotations: reader.text_map(object, "", "annotations"),
        unknown: unknown(object, MEMBERS),
        config,
        ..Image::default()
    };
    check_layers(reader, &image);
    let config_type = image.config.as_ref().and_then(|config| config.media_type.as_ref());
    if config_type == Some(&MediaType::OCI_EMPTY) && image.artifact_type.is_none() {
        reader.find(Code::ArtifactTypeMissing, "", "the config is the empty descriptor and artifactType is missing");
    }
    image
}

/// The withdrawn artifact manifest: `blobs` in place of layers, and no config.
pub(super) fn read_artifact(reader: &mut Reader, object: &Object<'_>) -> Image {
    reader.names(object, "", ARTIFACT_MEMBERS);
    Image {
        layers: read_descriptors(reader, object, "blobs"),
        artifact_type: reader.media_type(object, "", "artifactType"),
        subject: read_descriptor(reader, object, "subject"),
        annotations: reader.text_map(object, "", "annotations"),
        unknown: unknown(object, ARTIFACT_MEMBERS),
        ..Image::default()
    }
}

/// What both images and lists have to say at their top.
pub(super) fn check_head(reader: &mut Reader, object: &Object<'_>, format: Format) {
    match object.get("schemaVersion") {
        None => reader.missing("", "schemaVersion"),
        Some(version) if version.as_u64() == Some(2) => {}
        Some(other) => {
            let message = format!("schemaVersion is {}, it has to be 2", other.to_text());
            reader.find(Code::SchemaVersion, "/schemaVersion", message);
        }
    }
    if object.get("mediaType").is_none() {
        // Docker requires the member, OCI recommends it.
        if matches!(format, Format::DockerSchema2 | Format::DockerList) {
            reader.missing("", "mediaType");
        } else {
            reader.find(Code::MediaTypeMissing, "", "mediaType is missing");
        }
    }
}

pub(super) fn read_descriptor(reader: &mut Reader, object: &Object<'_>, name: &str) -> Option<Descriptor> {
    object.get(name).map(|value| Descriptor::read(reader, value, &format!("/{name}")))
}

pub(super) fn read_descriptors(reader: &mut Reader, object: &Object<'_>, name: &str) -> Vec<Descriptor> {
    let values = reader.array(object, "", name).unwrap_or_default();
    let read = |(index, value)| Descriptor::read(reader, value, &format!("/{name}/{index}"));
    values.iter().enumerate().map(read).collect()
}

fn check_layers(reader: &mut Reader, image: &Image) {
    for layer in &image.layers {
        if let Some(media_type) = layer.media_type.as_ref().filter(|media_type| media_type.is_foreign_layer()) {
            reader.find(Code::ForeignLayer, layer.pointer.as_str(), format!("mediaType is {media_type}"));
        }
    }
    if image.layers.len() > MOST_LAYERS {
        reader.find(Code::ManyLayers, "/layers", format!("there are {} layers", image.layers.len()));
    }
}
