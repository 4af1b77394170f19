//! Docker schema 2 and OCI image manifests: a config and layers.

use std::borrow::Cow;

use crate::annotation;
use crate::descriptor::Descriptor;
use crate::finding::Code;
use crate::json::Object;
use crate::lenient::{Reader, first_equals, unknown};
use crate::limits;
use crate::media_type::MediaType;

use super::content::Image;
use super::format::Format;

const MEMBERS: &[&str] = &[
    "schemaVersion",
    "mediaType",
    "artifactType",
    "config",
    "layers",
    "subject",
    "annotations",
];
const ARTIFACT_MEMBERS: &[&str] = &[
    "mediaType",
    "artifactType",
    "blobs",
    "subject",
    "annotations",
];

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
        subject: read_subject(reader, object),
        annotations: annotation::read(reader, object, ""),
        unknown: unknown(object, MEMBERS),
        config,
        ..Image::default()
    };
    if format == Format::DockerSchema2 {
        check_docker_members(reader, object, image.config.iter().chain(&image.layers));
    }
    check_config(reader, &image, format);
    check_layers(reader, &image, format);
    image
}

/// The withdrawn artifact manifest: `blobs` in place of layers, and no config.
pub(super) fn read_artifact(reader: &mut Reader, object: &Object<'_>) -> Image {
    reader.names(object, "", ARTIFACT_MEMBERS);
    Image {
        layers: read_descriptors(reader, object, "blobs"),
        artifact_type: reader.media_type(object, "", "artifactType"),
        subject: read_subject(reader, object),
        annotations: annotation::read(reader, object, ""),
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
        // Both say that it should be there; of Docker's formats clients refuse one that lacks it.
        let is_docker = matches!(format, Format::DockerSchema2 | Format::DockerList);
        let code = if is_docker {
            Code::DockerMediaTypeMissing
        } else {
            Code::MediaTypeMissing
        };
        reader.find(code, "", "mediaType is missing");
    }
}

pub(super) fn read_descriptor(
    reader: &mut Reader,
    object: &Object<'_>,
    name: &str,
) -> Option<Descriptor> {
    object
        .get(name)
        .map(|value| Descriptor::read(reader, value, &format!("/{name}")))
}

pub(super) fn read_descriptors(
    reader: &mut Reader,
    object: &Object<'_>,
    name: &str,
) -> Vec<Descriptor> {
    let values = reader.array(object, "", name).unwrap_or_default();
    let read = |(index, value)| Descriptor::read(reader, value, &format!("/{name}/{index}"));
    values.iter().enumerate().map(read).collect()
}

/// The descriptor of the manifest that this one refers to.
pub(super) fn read_subject(reader: &mut Reader, object: &Object<'_>) -> Option<Descriptor> {
    let subject = read_descriptor(reader, object, "subject")?;
    let is_other =
        |media_type: &&MediaType| !media_type.is_manifest() && media_type.meaning().is_some();
    if let Some(media_type) = subject.media_type.as_ref().filter(is_other) {
        reader.find(
            Code::SubjectType,
            "/subject/mediaType",
            format!("mediaType is {media_type}"),
        );
    }
    Some(subject)
}

/// Members that only OCI defines; of the descriptors the first that has one is enough.
pub(super) fn check_docker_members<'d>(
    reader: &mut Reader,
    object: &Object<'_>,
    mut descriptors: impl Iterator<Item = &'d Descriptor>,
) {
    for name in ["artifactType", "subject", "annotations"] {
        if object.get(name).is_some() {
            reader.find(
                Code::OciMember,
                format!("/{name}"),
                format!("{name} is a member of OCI's formats"),
            );
        }
    }
    let in_descriptor = |descriptor: &Descriptor| {
        [
            ("annotations", !descriptor.annotations.is_empty()),
            ("data", descriptor.data.is_some()),
            ("artifactType", descriptor.artifact_type.is_some()),
        ]
        .into_iter()
        .find_map(|(name, is_there)| {
            is_there.then(|| (format!("{}/{name}", descriptor.pointer), name))
        })
    };
    if let Some((pointer, name)) = descriptors.find_map(in_descriptor) {
        reader.find(
            Code::OciMember,
            pointer,
            format!("{name} is a member of OCI's descriptors"),
        );
    }
}

fn check_config(reader: &mut Reader, image: &Image, format: Format) {
    let Some(config) = &image.config else { return };
    let Some(media_type) = &config.media_type else {
        return;
    };
    let pointer = "/config/mediaType";
    if *media_type == MediaType::OCI_EMPTY && image.artifact_type.is_none() {
        reader.find(
            Code::ArtifactTypeMissing,
            "",
            "the config is the empty descriptor and artifactType is missing",
        );
    }
    if let Some(artifact_type) = image
        .artifact_type
        .as_ref()
        .filter(|_| media_type.is_image_config())
    {
        let message = format!("artifactType is {artifact_type}, the config is {media_type}");
        reader.find(Code::ArtifactConfig, pointer, message);
    }
    if media_type.is_image_config() && config.size.is_some_and(is_too_large) {
        reader.find(
            Code::TooLarge,
            "/config/size",
            "the config is larger than 4 MiB",
        );
    }
    if *media_type == MediaType::new("application/octet-stream") && format == Format::DockerSchema2
    {
        reader.find(
            Code::DeprecatedConfig,
            pointer,
            format!("mediaType is {media_type}"),
        );
    }
    if is_of_other_family(media_type, format) {
        reader.find(
            Code::MixedFamilies,
            pointer,
            format!("{media_type} in {}", format.with_article()),
        );
    }
}

/// Whether a size is more than registries take of a manifest or config.
pub(super) fn is_too_large(size: u64) -> bool {
    usize::try_from(size).map_or(true, |size| size > limits::MANIFEST_BYTES)
}

fn is_of_other_family(media_type: &MediaType, format: Format) -> bool {
    if format == Format::DockerSchema2 {
        media_type.is_oci_part()
    } else {
        media_type.is_docker_part()
    }
}

/// gzip of an empty archive, as docker and `BuildKit` write it for a step that changed no file.
const EMPTY_LAYERS: [&str; 2] = [
    super::schema1::EMPTY_LAYER,
    "sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1",
];

fn check_layers(reader: &mut Reader, image: &Image, format: Format) {
    let layers = &image.layers;
    for layer in layers {
        let Some(media_type) = &layer.media_type else {
            continue;
        };
        if media_type.is_foreign_layer() {
            reader.find(
                Code::ForeignLayer,
                layer.pointer.as_str(),
                format!("mediaType is {media_type}"),
            );
        }
        if layer.size == Some(0) && media_type.is_layer() {
            reader.find(
                Code::LayerEmpty,
                format!("{}/size", layer.pointer),
                "size is 0",
            );
        }
    }
    if layers.is_empty() {
        reader.find(Code::NoLayers, "/layers", "there is none");
    } else if layers.len() > MOST_LAYERS {
        reader.find(
            Code::ManyLayers,
            "/layers",
            format!("there are {} layers", layers.len()),
        );
    }
    let is_other = |layer: &&Descriptor| {
        layer
            .media_type
            .as_ref()
            .is_some_and(|it| is_of_other_family(it, format))
    };
    if let Some(first) = layers.iter().find(is_other) {
        let others = layers.iter().filter(is_other).count();
        let message = format!(
            "{others} of {} layers are of the other family in {}",
            layers.len(),
            format.with_article()
        );
        reader.find(
            Code::MixedFamilies,
            format!("{}/mediaType", first.pointer),
            message,
        );
    }
    let first = first_equals(
        layers
            .iter()
            .map(|layer| Cow::Borrowed(layer.digest_text.as_str()))
            .collect(),
    );
    let is_again = |index: &usize| {
        let text = layers[*index].digest_text.as_str();
        first[*index] != *index && !text.is_empty() && !EMPTY_LAYERS.contains(&text)
    };
    let mut again = (0..layers.len()).filter(is_again);
    if let Some(index) = again.next() {
        let rest = match again.count() {
            0 => String::new(),
            more => format!(", and {more} more stand here again"),
        };
        let message = format!(
            "layer {} is layer {} again{rest}",
            index + 1,
            first[index] + 1
        );
        reader.find(Code::LayerRepeated, layers[index].pointer.as_str(), message);
    }
}
