//! Manifests: one value for all five formats, always with the bytes it was read from.
//!
//! Reading is lenient and reporting strict: every JSON object gives a [`Manifest`] and a list
//! of findings; only bytes that are not a JSON object are an error. A file a shape: [`image`]
//! for Docker schema 2 and OCI image manifests, [`list`] for Docker manifest lists and OCI
//! image indexes, [`schema1`] for Docker schema 1.
//!
//! `content` holds the values that come of it, `format` the formats' names and media types,
//! [`detect`] decides between them. What a manifest names (a config, an entry's manifest) is not
//! read here: [`crate::workflow`] fetches it, and compares its bytes.

pub mod choice;
mod content;
pub mod detect;
mod format;
mod given;
pub mod image;
pub mod list;
pub mod schema1;

use std::rc::Rc;

use crate::digest::{Algorithm, Digest};
use crate::finding::{self, Code, Finding};
use crate::json::{self, JsonError};
use crate::lenient::{Fields, Reader};
use crate::limits;

use detect::Opinion;

pub use content::{Content, Image, List};
pub use format::Format;

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
    ///
    /// Findings come in the order of reading: what is odd in the JSON, in the format, then in the
    /// members.
    ///
    /// An error means that the bytes are no JSON object; an object of an unknown format is a
    /// manifest with [`Content`] to say so.
    pub fn read(
        bytes: impl Into<Rc<[u8]>>,
        told: &detect::DeclaredTypes,
    ) -> Result<(Self, Vec<Finding>), JsonError> {
        let bytes: Rc<[u8]> = bytes.into();
        let document = json::read(&bytes)?;
        let reader = Reader::new(document.anomalies);
        if bytes.len() > limits::MANIFEST_BYTES {
            reader.find(Code::TooLarge, "", format!("{} bytes", bytes.len()));
        }
        let fields = Fields::root(&reader, &document.object);
        let detected = detect::detect(&fields, told);
        let format = detected.format;
        let content = match format {
            // Reading it as what it is not would only repeat that it is not that.
            _ if detected.mislabeled => Content::Unknown,
            Format::DockerSchema1 | Format::DockerSchema1Signed => match given::given() {
                Some(reading) => Content::Image(Box::new(reading.read(&fields, &bytes, format))),
                None => Content::Unknown,
            },
            Format::DockerSchema2 | Format::OciManifest => {
                Content::Image(Box::new(image::read(&fields, format)))
            }
            Format::OciArtifact | Format::OrasArtifact => {
                Content::Image(Box::new(image::read_artifact(&fields)))
            }
            Format::DockerList | Format::OciIndex => {
                Content::List(Box::new(list::read(&fields, format)))
            }
            Format::Unknown => Content::Unknown,
        };
        let manifest = Self {
            format,
            opinions: detected.opinions,
            ambiguous: detected.ambiguous,
            content,
            bytes: Rc::clone(&bytes),
        };
        Ok((manifest, finding::bounded(reader.into_findings())))
    }

    /// The bytes that the digest covers: all of them, or the payload of signed schema 1.
    ///
    /// `None` where a broken signature block hides the payload; then there is no digest.
    ///
    /// Source: distribution `manifest-v2-1.md`, "Signed Manifests"; docker/libtrust `jsonsign.go`,
    /// `Payload`.
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
            .map(|bytes| Digest::compute(algorithm, bytes))
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
            Content::List(_) | Content::Unknown => None,
        }
    }

    /// The list, where this is one.
    #[must_use]
    pub fn list(&self) -> Option<&List> {
        match &self.content {
            Content::List(list) => Some(list),
            Content::Image(_) | Content::Unknown => None,
        }
    }
}
