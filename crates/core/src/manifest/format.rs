//! The formats of manifests, and their names. Which one a manifest has is decided in
//! [`super::detect`].

use std::fmt;

use crate::media_type::MediaType;

/// The formats of manifests that Waybill knows.
///
/// Source: distribution `manifest-v2-1.md` and `manifest-v2-2.md`; image-spec `manifest.md`
/// and `image-index.md`.
///
/// ```
/// use waybill_core::manifest::Format;
/// use waybill_core::media_type::MediaType;
///
/// assert_eq!(Format::from_media_type(&MediaType::OCI_INDEX), Some(Format::OciIndex));
/// assert_eq!(Format::OciIndex.with_article(), "an OCI image index");
/// assert_eq!(Format::Unknown.media_type(), None);
/// ```
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
    /// The artifact manifest of ORAS, which OCI's came of and which was withdrawn with it.
    OrasArtifact,
    /// None of them.
    Unknown,
}

impl Format {
    /// Returns the format's name with its article, for a sentence.
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
            Self::OrasArtifact => "an ORAS artifact manifest (withdrawn)",
            Self::Unknown => "not a manifest that Waybill knows",
        }
    }

    /// Returns the media type of the format; `None` for [`Format::Unknown`].
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
            Self::OrasArtifact => Some(MediaType::ORAS_ARTIFACT),
            Self::Unknown => None,
        }
    }

    /// The format of a media type.
    #[must_use]
    pub fn from_media_type(media_type: &MediaType) -> Option<Self> {
        [
            Self::DockerSchema1,
            Self::DockerSchema1Signed,
            Self::DockerSchema2,
            Self::DockerList,
            Self::OciManifest,
            Self::OciIndex,
            Self::OciArtifact,
            Self::OrasArtifact,
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
