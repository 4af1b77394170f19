//! What a "layer" is that is no file system.
//!
//! Manifests carry anything in `layers`: charts, signatures, modules, indexes of lazy engines.
//! What one is stands in its media type and annotations, and is told before a byte is fetched.
//! A layer is never fetched from its `urls`: whoever wrote the manifest would choose who learns
//! of it (CVE-2020-15157).

use std::fmt;

use waybill_core::descriptor::Descriptor;
use waybill_core::media_type::MediaType;

/// What a layer is, by its descriptor alone.
///
/// ```
/// use waybill_blobs::layer_kind::LayerKind;
/// use waybill_core::{descriptor::Descriptor, media_type::MediaType};
///
/// let of = |media_type: &str| LayerKind::of(&Descriptor {
///     media_type: Some(MediaType::new(media_type)),
///     ..Descriptor::default()
/// });
/// assert_eq!(of("application/vnd.oci.image.layer.v1.tar+gzip"), LayerKind::FileSystem);
/// assert_eq!(of("application/vnd.oci.image.layer.v1.tar+gzip+encrypted"), LayerKind::Encrypted);
/// assert_eq!(of("text/spdx+json"), LayerKind::Artifact("an SBOM"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerKind {
    /// Files and directories, as layers are.
    FileSystem,
    /// Files that registries need not hold: Docker's foreign, OCI's non-distributable layers.
    Foreign,
    /// Files that only the holder of a key can read.
    Encrypted,
    /// The index of a nydus image: an archive with one file, which describes all others.
    NydusBootstrap,
    /// The data of a nydus image.
    NydusBlob,
    /// A SOCI index, which names tables of contents of other layers.
    SociIndex,
    /// A table of contents that SOCI made of another layer.
    SociTable,
    /// A WebAssembly module or component.
    Wasm,
    /// A Helm chart, or what belongs to one.
    HelmChart,
    /// Statements about an image, as in-toto writes them.
    InToto,
    /// A signature of an image: cosign's simple signing, or another.
    Signature,
    /// `{}`, which stands where a layer has to be and none is.
    Empty,
    /// Something else of which the type tells what it is, with its article.
    Artifact(&'static str),
    /// Something else.
    Unknown,
}

/// The layer of a SOCI index that is the table of another layer.
const SOCI_LAYER: &str = "com.amazon.soci.image-layer-digest";

impl LayerKind {
    /// Tells it by media type and annotations.
    #[must_use]
    pub fn of(layer: &Descriptor) -> Self {
        let is_set = |name: &str| layer.annotation(name) == Some("true");
        if is_set("containerd.io/snapshot/nydus-bootstrap") {
            return Self::NydusBootstrap;
        }
        if is_set("containerd.io/snapshot/nydus-blob") {
            return Self::NydusBlob;
        }
        if layer.annotation(SOCI_LAYER).is_some() {
            return Self::SociTable;
        }
        let Some(media_type) = &layer.media_type else {
            return Self::Unknown;
        };
        let text = media_type.as_str().to_ascii_lowercase();
        let begins = |start: &str| text.starts_with(start);
        if text.ends_with("+encrypted") {
            return Self::Encrypted;
        }
        if begins("application/vnd.oci.image.layer.nydus.") {
            return Self::NydusBlob;
        }
        if media_type.is_foreign_layer() {
            return Self::Foreign;
        }
        if media_type.is_layer() {
            return Self::FileSystem;
        }
        if *media_type == MediaType::OCI_EMPTY {
            return Self::Empty;
        }
        if begins("application/vnd.amazon.soci.index") {
            return Self::SociIndex;
        }
        if text.contains("wasm") {
            return Self::Wasm;
        }
        if begins("application/vnd.cncf.helm.") {
            return Self::HelmChart;
        }
        if begins("application/vnd.in-toto") || begins("application/vnd.dsse.envelope") {
            return Self::InToto;
        }
        match media_type.artifact_kind() {
            Some("a signature") => Self::Signature,
            Some(kind) => Self::Artifact(kind),
            None => Self::Unknown,
        }
    }

    /// Whether there are files in it to list, once it was fetched from the registry.
    #[must_use]
    pub fn is_file_system(self) -> bool {
        match self {
            Self::FileSystem | Self::Foreign => true,
            Self::Encrypted
            | Self::NydusBootstrap
            | Self::NydusBlob
            | Self::SociIndex
            | Self::SociTable
            | Self::Wasm
            | Self::HelmChart
            | Self::InToto
            | Self::Signature
            | Self::Empty
            | Self::Artifact(_)
            | Self::Unknown => false,
        }
    }
}

impl fmt::Display for LayerKind {
    /// A sentence for a person, with its full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FileSystem => "Files and directories.",
            Self::Foreign => {
                "A layer that registries need not hold. It is asked for here and at no address \
                 that the manifest names."
            }
            Self::Encrypted => "An encrypted layer: its files can be read only with a key.",
            Self::NydusBootstrap => {
                "The index of a nydus image: it describes the files, and only nydus reads it."
            }
            Self::NydusBlob => "Data of a nydus image, no archive: only nydus reads it.",
            Self::SociIndex => "A SOCI index, not a file system: it names tables of other layers.",
            Self::SociTable => {
                "A table that SOCI made of another layer, not a file system: engines use it to \
                 read that layer lazily."
            }
            Self::Wasm => "A WebAssembly module, not a file system.",
            Self::HelmChart => "A Helm chart, not the file system of an image.",
            Self::InToto => "An attestation, not a file system: statements about an image.",
            Self::Signature => "A signature, not a file system.",
            Self::Empty => "No content: it only stands where a layer has to be.",
            Self::Artifact(kind) => {
                let mut letters = kind.chars();
                let first = letters.next().unwrap_or('A').to_ascii_uppercase();
                return write!(f, "{first}{}, not a file system.", letters.as_str());
            }
            Self::Unknown => "Not a file system by its type, and of no type known here.",
        })
    }
}
