//! Docker schema 2 and OCI image manifests: a config and layers.
//!
//! The withdrawn artifact manifest is read here too: an image without a config, whose layers
//! are called blobs. What is said of a single descriptor stands in [`crate::descriptor`].
//!
//! Source: distribution `manifest-v2-2.md`; image-spec `manifest.md`.
//!
//! Reading comes first and checks that compare the parts follow. What both images and lists
//! need is here too and used by [`super::list`]: `check_head`, `read_descriptors`,
//! `read_subject`, `check_docker_members`, `is_too_large`.

use std::borrow::Cow;

use crate::annotation;
use crate::descriptor::Descriptor;
use crate::finding::Code;
use crate::lenient::{Fields, Kind, Reader, first_equals};
use crate::limits;
use crate::media_type::MediaType;

use super::content::Image;
use super::format::Format;

/// The members that the formats define, in the order in which clients write them. Every other one
/// is kept as unknown, and a name that differs from one of these in case only is told, since Go's
/// decoder takes it for the same.
const MEMBERS: &[&str] = &[
    "schemaVersion",
    "mediaType",
    "artifactType",
    "config",
    "layers",
    "subject",
    "annotations",
];
/// The members of the withdrawn artifact manifest (image-spec 1.1.0-rc1), which has no
/// `schemaVersion`.
const ARTIFACT_MEMBERS: &[&str] = &[
    "mediaType",
    "artifactType",
    "blobs",
    "subject",
    "annotations",
];

/// The most layers that common storage drivers mount.
///
/// No specification has a limit; overlay mounts end here, so an image with more can be pulled and
/// not be run. A warning, therefore, and no error.
const MOST_LAYERS: usize = 127;

/// Reads an image's manifest, and checks its parts against each other.
///
/// Any object gives an image: a member of the wrong type is left out and found, and what is missing
/// is found at the object that lacks it. The order of findings is the order of the checks here,
/// which golden files hold.
pub(super) fn read(fields: &Fields<'_>, format: Format) -> Image {
    fields.names(MEMBERS);
    check_head(fields, format);
    let required = fields.required();
    let config = read_descriptor(&required, "config");
    fields.require("config");
    let layers = read_descriptors(&required, "layers");
    fields.require("layers");
    let image = Image {
        layers,
        artifact_type: fields.media_type("artifactType"),
        subject: read_subject(fields),
        annotations: annotation::read(fields),
        unknown: fields.unknown(MEMBERS),
        config,
        ..Image::default()
    };
    if format == Format::DockerSchema2 {
        check_docker_members(fields, image.config.iter().chain(&image.layers));
    }
    check_config(fields.reader(), &image, format);
    check_layers(fields.reader(), &image, format);
    image
}

/// Reads the withdrawn artifact manifest: `blobs` in place of layers, and no config.
///
/// Nothing is checked between its parts: the format is withdrawn, which [`super::detect`] has
/// told.
pub(super) fn read_artifact(fields: &Fields<'_>) -> Image {
    fields.names(ARTIFACT_MEMBERS);
    Image {
        layers: read_descriptors(fields, "blobs"),
        artifact_type: fields.media_type("artifactType"),
        subject: read_subject(fields),
        annotations: annotation::read(fields),
        unknown: fields.unknown(ARTIFACT_MEMBERS),
        ..Image::default()
    }
}

/// Checks what both images and lists have to say at their top.
///
/// `schemaVersion` has to be the number 2: `"2"` and `2.0` are found. A missing `mediaType` is
/// worse in Docker's formats, whose clients refuse such a manifest, than in OCI's, where it only
/// should be there.
///
/// Source: image-spec `manifest.md` and `image-index.md`, property descriptions; distribution
/// `manifest-v2-2.md`.
pub(super) fn check_head(fields: &Fields<'_>, format: Format) {
    match fields.get("schemaVersion") {
        None => {
            fields.required().find_null("schemaVersion", Kind::Number);
            fields.require("schemaVersion");
        }
        Some(version) if version.as_u64() == Some(2) => {}
        Some(other) => {
            let message = format!("schemaVersion is {}, it has to be 2", other.to_text());
            fields.find_at("schemaVersion", Code::SchemaVersion, message);
        }
    }
    // Both say that it should be there; of Docker's formats clients refuse one that lacks it.
    let is_docker = matches!(format, Format::DockerSchema2 | Format::DockerList);
    let code = if is_docker {
        Code::DockerMediaTypeMissing
    } else {
        Code::MediaTypeMissing
    };
    // Of `null` its reading has told.
    if !fields.find_empty("mediaType", code) && fields.is_absent("mediaType") {
        fields.find(code, "mediaType is missing");
    }
    fields.find_empty("artifactType", Code::MediaTypeMalformed);
}

/// Reads a member that is one descriptor; `None` where it is absent, and also where it is `null`,
/// then with a finding.
fn read_descriptor(fields: &Fields<'_>, name: &str) -> Option<Descriptor> {
    fields.find_null(name, Kind::Object);
    fields.field(name).map(Descriptor::read)
}

/// Reads a member that is an array of descriptors; absent is empty.
///
/// An element that is no object gives a descriptor with its place only, so that indexes stay
/// those of the document.
pub(super) fn read_descriptors(fields: &Fields<'_>, name: &str) -> Vec<Descriptor> {
    fields.array(name).map(Descriptor::read).collect()
}

/// Reads the descriptor of the manifest that this one refers to.
///
/// A subject is always a manifest. A type that is known and is none, a layer's for instance, is
/// found; an unknown one may name a format to come.
///
/// Source: image-spec `manifest.md`, "subject".
pub(super) fn read_subject(fields: &Fields<'_>) -> Option<Descriptor> {
    let subject = read_descriptor(fields, "subject")?;
    let is_other =
        |media_type: &&MediaType| !media_type.is_manifest() && media_type.meaning().is_some();
    if let Some(media_type) = subject.media_type.as_ref().filter(is_other) {
        let message = format!("mediaType is {media_type}");
        let pointer = subject.pointer.child("mediaType");
        fields.reader().find(Code::SubjectType, pointer, message);
    }
    Some(subject)
}

/// Members that only OCI defines; of the descriptors the first that has one is enough.
///
/// A Docker client does not read them, so what they say is lost on it. The manifest still works,
/// which is why this is told once and not for each entry.
pub(super) fn check_docker_members<'d>(
    fields: &Fields<'_>,
    mut descriptors: impl Iterator<Item = &'d Descriptor>,
) {
    for name in ["artifactType", "subject", "annotations"] {
        if fields.has(name) {
            let message = format!("{name} is a member of OCI's formats");
            fields.find_at(name, Code::OciMember, message);
        }
    }
    let in_descriptor = |descriptor: &Descriptor| {
        [
            ("annotations", !descriptor.annotations.is_empty()),
            ("data", descriptor.data.is_some()),
            ("artifactType", descriptor.artifact_type.is_some()),
        ]
        .into_iter()
        .find_map(|(name, is_there)| is_there.then(|| (descriptor.pointer.child(name), name)))
    };
    if let Some((pointer, name)) = descriptors.find_map(in_descriptor) {
        let message = format!("{name} is a member of OCI's descriptors");
        fields.reader().find(Code::OciMember, pointer, message);
    }
}

/// Checks that the config's type goes with the format and with `artifactType`. Source:
/// image-spec `manifest.md`.
///
/// Four rules: an empty config needs an `artifactType`; an image's config has none beside it; a
/// config beyond 4 MiB is refused by registries; and the families, Docker's and OCI's, are not
/// mixed. Unknown config types are artifacts, and no fault.
fn check_config(reader: &Reader, image: &Image, format: Format) {
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
///
/// The limit is the one that distribution-spec advises and most registries have: 4 MiB, see
/// [`limits::MANIFEST_BYTES`]. A size that does not even fit into memory is too large as well.
pub(super) fn is_too_large(size: u64) -> bool {
    usize::try_from(size).map_or(true, |size| size > limits::MANIFEST_BYTES)
}

/// Whether Docker's part stands in OCI's format, or OCI's in Docker's.
///
/// Types that belong to neither family, as every artifact has them, are never of the other one.
fn is_of_other_family(media_type: &MediaType, format: Format) -> bool {
    if format == Format::DockerSchema2 {
        media_type.is_oci_part()
    } else {
        media_type.is_docker_part()
    }
}

/// gzip of an empty archive, as docker and `BuildKit` write it for a step that changed no file.
///
/// An image may hold these several times without anything being repeated: each build step without
/// changes has its own.
const EMPTY_LAYERS: [&str; 2] = [
    super::schema1::EMPTY_LAYER,
    "sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1",
];

/// Checks the layers: each type and size, their number, and whether one stands there again.
///
/// Types are told layer by layer, mixed families and repetitions once, at the first: a list of a
/// hundred equal sentences helps nobody. Repetition goes by the digest as text, so a malformed one
/// counts too, and a missing one never does.
///
/// The two empty layers of [`EMPTY_LAYERS`] may stand there again without a finding. A layer's
/// number in a message begins at 1, its index in the pointer at 0.
fn check_layers(reader: &Reader, image: &Image, format: Format) {
    let layers = &image.layers;
    for layer in layers {
        let Some(media_type) = &layer.media_type else {
            continue;
        };
        if media_type.is_foreign_layer() {
            reader.find(
                Code::ForeignLayer,
                &layer.pointer,
                format!("mediaType is {media_type}"),
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
            first.pointer.child("mediaType"),
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
        reader.find(Code::LayerRepeated, &layers[index].pointer, message);
    }
}
