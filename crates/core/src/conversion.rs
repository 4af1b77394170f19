//! An image in another format: what `skopeo copy --format` writes, and what that loses, before
//! anything is written.
//!
//! Between Docker schema 2 and OCI only media types change, so config and layers keep their bytes
//! and digests. Beyond that a config is rewritten: always from and to schema 1, which has none of
//! its own, and to OCI where skopeo's bytes are wanted ([`ConfigBytes::AsSkopeo`]). Layers are never
//! changed here: whoever compresses one anew has it named by [`with_layers`].
//!
//! | file | what it does |
//! | --- | --- |
//! | `descriptors` | media types of one format in the other, and what a descriptor loses |
//! | `structure` | an object as Go reads it into a struct and writes it again |
//! | `config` | the structs of configs |
//! | `to_schema1`, `signing` | the manifest of schema 1, and the signature around it |
//! | `layers` | a manifest with layers that were compressed anew |
//! | `from_schema1` | config and layers out of a manifest of schema 1 |
//!
//! A conversion that would have to leave out something that matters is a [`Refusal`], decided before
//! the first byte is written: an encrypted layer, an artifact, a history that does not fit the
//! layers. What a conversion leaves out otherwise is listed in [`Converted::lost`].
//!
//! Source: containers/image `internal/image/{docker_schema1,docker_schema2,oci}.go` and
//! `manifest/*.go`. The bytes are those of skopeo 1.9.3, which `tests/conversion` asks.

mod config;
mod descriptors;
mod from_schema1;
mod layers;
mod refusal;
mod signing;
mod structure;
mod to_schema1;

use crate::digest::Digest;
use crate::json::{Pointer, Writer, style::Escapes};
use crate::manifest::{Format, Image, Manifest};
use crate::media_type::MediaType;

pub use from_schema1::{ReadLayer, from_schema1};
pub use layers::{Compression, Packing, Repacked, with_layers};
pub use refusal::Refusal;
pub use signing::ToSign;
pub use to_schema1::EMPTY_LAYER_BYTES;
pub(crate) use to_schema1::{members, sorted};

/// The format that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// An OCI image manifest.
    Oci(ConfigBytes),
    /// Docker schema 2. The config keeps its bytes.
    DockerSchema2,
    /// Docker schema 1, not signed: [`ToSign`] makes a signed one of its bytes, with the same
    /// digest.
    DockerSchema1 {
        /// The path of the repository, without its registry. skopeo writes none into a folder.
        name: String,
        /// The tag.
        tag: String,
    },
}

impl Form {
    /// The media type of what is written.
    #[must_use]
    pub fn media_type(&self) -> MediaType {
        match self {
            Self::Oci(_) => MediaType::OCI_MANIFEST,
            Self::DockerSchema2 => MediaType::DOCKER_SCHEMA2,
            Self::DockerSchema1 { .. } => MediaType::DOCKER_SCHEMA1,
        }
    }
}

/// The bytes of a Docker config in an OCI image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConfigBytes {
    /// As they are, so that the image keeps its ID, its health check and its shell. OCI allows
    /// members that it does not name.
    #[default]
    Kept,
    /// As skopeo rewrites them: only the members of image-spec. The image gets another ID.
    AsSkopeo,
}

/// Which of an image's documents is spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// The manifest.
    Manifest,
    /// The config. Of schema 1 the newest history entry.
    Config,
}

/// Something of the source that is not in what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// In which document it stands.
    pub document: Document,
    /// Where it stands there.
    pub pointer: Pointer,
}

/// What an image became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    /// The manifest.
    pub manifest: Vec<u8>,
    /// Its media type.
    pub media_type: MediaType,
    /// The config where it was rewritten; `None` where it keeps its bytes, and in schema 1, which
    /// has none.
    pub config: Option<Vec<u8>>,
    /// What is not there any more, the manifest's before the config's, each in the order in which
    /// it stood.
    pub lost: Vec<Lost>,
    /// Whether the manifest names [`EMPTY_LAYER`](crate::manifest::schema1::EMPTY_LAYER), which
    /// then has to be in the repository, whatever the source had.
    pub names_empty_layer: bool,
}

impl Converted {
    /// The digest of the manifest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::sha256(&self.manifest)
    }
}

/// Converts an image of Docker schema 2 or OCI.
///
/// `config` are the bytes that its manifest names; others are refused. An image that is of the
/// form already is given back as it was, byte for byte. Schema 1 needs its layers read:
/// [`from_schema1()`].
///
/// ```
/// use waybill_core::conversion::{ConfigBytes, Form, convert};
/// use waybill_core::{DeclaredTypes, Digest, Manifest};
///
/// let config = br#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;
/// let bytes = format!(
///     r#"{{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",
///         "config":{{"mediaType":"application/vnd.docker.container.image.v1+json",
///         "digest":"{}","size":{}}},"layers":[]}}"#,
///     Digest::sha256(config),
///     config.len()
/// );
/// let (manifest, _) = Manifest::read(bytes.into_bytes(), &DeclaredTypes::none())?;
/// let converted = convert(&manifest, config, &Form::Oci(ConfigBytes::Kept))?;
/// // The config, and with it the image's ID, stays what it is.
/// assert_eq!(converted.config, None);
/// assert!(converted.manifest.starts_with(
///     br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config""#
/// ));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn convert(manifest: &Manifest, config: &[u8], form: &Form) -> Result<Converted, Refusal> {
    let image = manifest.image().ok_or(Refusal::NotAnImage)?;
    if manifest.ambiguous {
        return Err(Refusal::Ambiguous(Document::Manifest, Pointer::ROOT));
    }
    let is_there_already = matches!(
        (manifest.format, form),
        (Format::OciManifest, Form::Oci(_)) | (Format::DockerSchema2, Form::DockerSchema2)
    );
    if is_there_already {
        return Ok(Converted {
            manifest: manifest.bytes.to_vec(),
            media_type: form.media_type(),
            config: None,
            lost: vec![],
            names_empty_layer: false,
        });
    }
    match manifest.format {
        Format::DockerSchema2 | Format::OciManifest => {}
        Format::OciArtifact | Format::OrasArtifact => return Err(Refusal::Artifact(None)),
        Format::DockerSchema1 | Format::DockerSchema1Signed => return Err(Refusal::LayersUnread),
        Format::DockerList | Format::OciIndex | Format::Unknown => return Err(Refusal::NotAnImage),
    }
    check_config(image, manifest.format, config)?;
    let mut lost = descriptors::lost_of_manifest(image);
    match form {
        Form::Oci(_) | Form::DockerSchema2 => {
            let to_oci = matches!(form, Form::Oci(_));
            let layers = image
                .layers
                .iter()
                .enumerate()
                .map(|(index, layer)| descriptors::layer(layer, index, to_oci))
                .collect::<Result<Vec<_>, _>>()?;
            let rewritten = if *form == Form::Oci(ConfigBytes::AsSkopeo) {
                let (config, left_out) = config::as_oci(config)?;
                lost.extend(left_out);
                Some(config)
            } else {
                None
            };
            let config = rewritten.as_deref().unwrap_or(config);
            let named = (&Digest::sha256(config), config.len() as u64);
            Ok(Converted {
                manifest: write(form, named, &layers),
                media_type: form.media_type(),
                config: rewritten,
                lost,
                names_empty_layer: false,
            })
        }
        Form::DockerSchema1 { name, tag } => to_schema1::write(image, config, name, tag, lost),
    }
}

/// A config has to be an image's, of the family of its manifest, and the one that the manifest
/// names.
fn check_config(image: &Image, format: Format, config: &[u8]) -> Result<(), Refusal> {
    let missing = || Refusal::Incomplete(Pointer::ROOT.child("config"));
    let descriptor = image.config.as_ref().ok_or_else(missing)?;
    let own = match format {
        Format::DockerSchema2 => MediaType::DOCKER_CONFIG,
        _ => MediaType::OCI_CONFIG,
    };
    let media_type = descriptor.media_type.as_ref().ok_or_else(missing)?;
    if let Some(artifact) = image.artifact() {
        return Err(Refusal::Artifact(Some(artifact.clone())));
    }
    if *media_type != own {
        return Err(Refusal::OtherFamily(media_type.clone()));
    }
    let digest = descriptor.digest.as_ref().ok_or_else(missing)?;
    if digest.check(config) == Some(true) {
        Ok(())
    } else {
        Err(Refusal::ConfigDiffers(digest.clone()))
    }
}

/// The manifest that skopeo makes for an image of a docker archive, which has none: Docker schema 2
/// of the config's digest and size, and of the layers' diff IDs and unpacked sizes, base first.
///
/// Each layer is under the digest of what it unpacks to, and typed as gzip all the same. Source:
/// containers/image `docker/internal/tarfile/src.go`, `GetManifest`.
#[must_use]
pub fn of_docker_archive(config: (&Digest, u64), layers: &[(&Digest, u64)]) -> Vec<u8> {
    let layers: Vec<_> = layers
        .iter()
        .map(|(digest, size)| descriptors::gzip(digest.as_str(), *size, false))
        .collect();
    write(&Form::DockerSchema2, config, &layers)
}

/// A manifest of schema 2 or OCI as skopeo writes it: without white space, as Go writes its
/// structs.
fn write(form: &Form, config: (&Digest, u64), layers: &[descriptors::Written]) -> Vec<u8> {
    let to_oci = matches!(form, Form::Oci(_));
    let config_type = if to_oci {
        MediaType::OCI_CONFIG
    } else {
        MediaType::DOCKER_CONFIG
    };
    let config = descriptors::Written {
        media_type: config_type,
        digest: config.0.to_string(),
        size: config.1,
        urls: vec![],
    };
    let mut json = Writer::new(Escapes::Html);
    json.open('{');
    json.raw("schemaVersion", "2");
    json.text("mediaType", form.media_type().as_str());
    json.name("config");
    config.write(&mut json, to_oci);
    json.name("layers");
    json.open('[');
    for layer in layers {
        json.next();
        layer.write(&mut json, to_oci);
    }
    json.close(']');
    json.close('}');
    json.into_text().into_bytes()
}
