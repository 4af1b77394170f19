//! Manifests: one value for all five formats, always with the bytes it was read from.
//!
//! Reading is lenient and reporting strict: every JSON object gives a [`Manifest`] and a list of findings; only bytes
//! that are not a JSON object are an error. A file a shape: [`image`] for Docker schema 2 and OCI image manifests,
//! [`list`] for Docker manifest lists and OCI image indexes, [`schema1`] for Docker schema 1.

pub mod detect;
pub mod image;
pub mod list;
pub mod schema1;

use std::fmt;
use std::rc::Rc;

use crate::config::ImageConfig;
use crate::descriptor::Descriptor;
use crate::digest::{Algorithm, Digest};
use crate::finding::{self, Code, Finding};
use crate::json::{self, JsonError};
use crate::lenient::Reader;
use crate::limits;
use crate::media_type::MediaType;

use detect::Opinion;

/// The formats of manifests that Waybill knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Docker schema 1 without signatures.
    DockerSchema1,
    /// Docker schema 1 with signatures: its digest covers the signed payload, not the body.
    DockerSchema1Signed,
    /// Docker schema 2.
    DockerSchema2,
    /// Docker manifest list.
    DockerList,
    /// OCI image manifest.
    OciManifest,
    /// OCI image index.
    OciIndex,
    /// The withdrawn OCI artifact manifest.
    OciArtifact,
    /// None of them.
    Unknown,
}

impl Format {
    /// The format's name with its article, for a sentence.
    #[must_use]
    pub fn with_article(self) -> &'static str {
        match self {
            Self::DockerSchema1 => "a Docker schema 1 manifest",
            Self::DockerSchema1Signed => "a signed Docker schema 1 manifest",
            Self::DockerSchema2 => "a Docker schema 2 manifest",
            Self::DockerList => "a Docker manifest list",
            Self::OciManifest => "an OCI image manifest",
            Self::OciIndex => "an OCI image index",
            Self::OciArtifact => "an OCI artifact manifest (withdrawn)",
            Self::Unknown => "not a manifest that Waybill knows",
        }
    }

    /// The media type of the format.
    #[must_use]
    pub fn media_type(self) -> Option<MediaType> {
        match self {
            Self::DockerSchema1 => Some(MediaType::DOCKER_SCHEMA1),
            Self::DockerSchema1Signed => Some(MediaType::DOCKER_SCHEMA1_SIGNED),
            Self::DockerSchema2 => Some(MediaType::DOCKER_SCHEMA2),
            Self::DockerList => Some(MediaType::DOCKER_LIST),
            Self::OciManifest => Some(MediaType::OCI_MANIFEST),
            Self::OciIndex => Some(MediaType::OCI_INDEX),
            Self::OciArtifact => Some(MediaType::OCI_ARTIFACT),
            Self::Unknown => None,
        }
    }

    /// The format of a media type.
    #[must_use]
    pub fn of(media_type: &MediaType) -> Option<Self> {
        [
            Self::DockerSchema1,
            Self::DockerSchema1Signed,
            Self::DockerSchema2,
            Self::DockerList,
            Self::OciManifest,
            Self::OciIndex,
            Self::OciArtifact,
        ]
        .into_iter()
        .find(|format| format.media_type().as_ref() == Some(media_type))
    }

    /// Whether this is a Docker list or an OCI index.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self, Self::DockerList | Self::OciIndex)
    }

    /// Whether this is schema 1, signed or not.
    #[must_use]
    pub fn is_schema1(self) -> bool {
        matches!(self, Self::DockerSchema1 | Self::DockerSchema1Signed)
    }
}

impl fmt::Display for Format {
    /// The name without its article: `OCI image index`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.with_article();
        f.write_str(
            name.strip_prefix("an ")
                .or_else(|| name.strip_prefix("a "))
                .unwrap_or("unknown format"),
        )
    }
}

/// An image: config, layers and what else its manifest says. Layers are base first in every format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The config's descriptor; schema 1 has none.
    pub config: Option<Descriptor>,
    /// The layers, base first.
    pub layers: Vec<Descriptor>,
    /// What kind of artifact this is, as the manifest says.
    pub artifact_type: Option<MediaType>,
    /// The manifest this one refers to.
    pub subject: Option<Descriptor>,
    /// Annotations in the author's order.
    pub annotations: Vec<(String, String)>,
    /// The config that schema 1 carries inside.
    pub inline_config: Option<ImageConfig>,
    /// The payload and signatures, in signed schema 1.
    pub signed: Option<Rc<schema1::Signed>>,
    /// Members that no specification names, as JSON text.
    pub unknown: Vec<(String, String)>,
}

impl Image {
    /// The size of all layers together in bytes; `None` where one is not stated.
    #[must_use]
    pub fn layers_size(&self) -> Option<u64> {
        self.layers
            .iter()
            .try_fold(0_u64, |sum, layer| sum.checked_add(layer.size?))
    }

    /// What kind of artifact this is: `artifactType`, else the config's media type; `None` for an ordinary image.
    ///
    /// Source: image-spec `manifest.md`, "Guidelines for Artifact Usage".
    #[must_use]
    pub fn artifact(&self) -> Option<&MediaType> {
        let config = self
            .config
            .as_ref()
            .and_then(|config| config.media_type.as_ref());
        self.artifact_type
            .as_ref()
            .or_else(|| config.filter(|media_type| !media_type.is_image_config()))
    }
}

/// A Docker manifest list or OCI image index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The entries in order: clients take the first that fits.
    pub entries: Vec<Descriptor>,
    /// What kind of artifact this is.
    pub artifact_type: Option<MediaType>,
    /// The manifest this one refers to.
    pub subject: Option<Descriptor>,
    /// Annotations in the author's order.
    pub annotations: Vec<(String, String)>,
    /// Members that no specification names, as JSON text.
    pub unknown: Vec<(String, String)>,
}

/// What a manifest holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// One image or artifact.
    Image(Box<Image>),
    /// A list of manifests.
    List(Box<List>),
    /// Nothing that could be told.
    Unknown,
}

/// A manifest with the bytes it was read from.
///
/// Its digest is of those bytes, except for signed schema 1, where it is of the signed payload.
///
/// ```
/// use waybill_core::manifest::{Format, Manifest, detect::DeclaredTypes};
///
/// let bytes = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
/// let (manifest, findings) = Manifest::read(&bytes[..], &DeclaredTypes::none())?;
/// assert_eq!(manifest.format, Format::OciIndex);
/// assert_eq!(manifest.size(), 88);
/// assert_eq!(findings[0].code.rule().name, "empty-list");
/// # Ok::<(), waybill_core::json::JsonError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The bytes as they were received.
    pub bytes: Rc<[u8]>,
    /// The format.
    pub format: Format,
    /// Who said what of the format.
    pub opinions: Vec<Opinion>,
    /// Whether it is more than one kind of manifest at once: never to be composed or pushed.
    pub ambiguous: bool,
    /// What it holds.
    pub content: Content,
}

impl Manifest {
    /// Reads a manifest; `told` is what others said of its media type.
    pub fn read(
        bytes: impl Into<Rc<[u8]>>,
        told: &detect::DeclaredTypes,
    ) -> Result<(Self, Vec<Finding>), JsonError> {
        let bytes: Rc<[u8]> = bytes.into();
        let document = json::read(&bytes)?;
        let mut reader = Reader::new(document.anomalies);
        if bytes.len() > limits::MANIFEST_BYTES {
            reader.find(Code::TooLarge, "", format!("{} bytes", bytes.len()));
        }
        let detected = detect::detect(&mut reader, &document.object, told);
        let content =
            match detected.format {
                Format::DockerSchema1 | Format::DockerSchema1Signed => Content::Image(Box::new(
                    schema1::read(&mut reader, &bytes, &document.object, detected.format),
                )),
                Format::DockerSchema2 | Format::OciManifest => Content::Image(Box::new(
                    image::read(&mut reader, &document.object, detected.format),
                )),
                Format::OciArtifact => Content::Image(Box::new(image::read_artifact(
                    &mut reader,
                    &document.object,
                ))),
                Format::DockerList | Format::OciIndex => Content::List(Box::new(list::read(
                    &mut reader,
                    &document.object,
                    detected.format,
                ))),
                Format::Unknown => Content::Unknown,
            };
        let manifest = Self {
            format: detected.format,
            opinions: detected.opinions,
            ambiguous: detected.ambiguous,
            content,
            bytes: Rc::clone(&bytes),
        };
        Ok((manifest, finding::bounded(reader.findings)))
    }

    /// The bytes that the digest covers: all of them, or the payload of signed schema 1.
    ///
    /// `None` where a broken signature block hides the payload; then there is no digest.
    #[must_use]
    pub fn digest_input(&self) -> Option<&[u8]> {
        match (&self.content, self.format) {
            (Content::Image(image), Format::DockerSchema1Signed) => image
                .signed
                .as_ref()
                .map(|signed| signed.payload.as_slice()),
            _ => Some(&self.bytes),
        }
    }

    /// The digest; `None` where a broken signature block hides the payload.
    #[must_use]
    pub fn digest(&self, algorithm: Algorithm) -> Option<Digest> {
        self.digest_input()
            .map(|bytes| Digest::of(algorithm, bytes))
    }

    /// How many bytes the digest covers: the size that a descriptor of this manifest has to state.
    #[must_use]
    pub fn size(&self) -> usize {
        self.digest_input().map_or(self.bytes.len(), <[u8]>::len)
    }

    /// The image, where this is one.
    #[must_use]
    pub fn image(&self) -> Option<&Image> {
        match &self.content {
            Content::Image(image) => Some(image),
            _ => None,
        }
    }

    /// The list, where this is one.
    #[must_use]
    pub fn list(&self) -> Option<&List> {
        match &self.content {
            Content::List(list) => Some(list),
            _ => None,
        }
    }
}
