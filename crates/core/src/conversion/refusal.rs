//! Why an image cannot be converted.

use std::fmt;

use crate::digest::Digest;
use crate::json::{JsonError, Pointer};
use crate::media_type::MediaType;

use super::Document;

/// Why an image cannot be converted. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is a list, or nothing that could be told: a list is converted image by image.
    NotAnImage,
    /// It is an artifact, which only OCI has; the type where it states one.
    Artifact(Option<MediaType>),
    /// Two clients would read the document differently here, so there is no one conversion.
    Ambiguous(Document, Pointer),
    /// A config of the other family, Docker's in OCI or OCI's in Docker's.
    OtherFamily(MediaType),
    /// A descriptor lacks its media type, digest or size, or one is malformed.
    Incomplete(Pointer),
    /// The config that was given is not the one of this digest, which the manifest names.
    ConfigDiffers(Digest),
    /// A document, or a part of it, is no JSON object.
    Unreadable(Document, Pointer, JsonError),
    /// A value is of a kind that the format does not have there, and clients in Go refuse it.
    WrongKind {
        /// Where it stands in the config.
        pointer: Pointer,
        /// What has to stand there: `a string`.
        wanted: &'static str,
    },
    /// A time that is none of RFC 3339, which clients in Go refuse.
    NotATime(Pointer),
    /// The form has no name for layers of this type; the layer by its index, base first.
    LayerType(usize, Option<MediaType>),
    /// The layer is encrypted: what it holds is not known.
    Encrypted(usize),
    /// The layer is compressed by zstd, which the form does not know: compressed anew it can be
    /// converted.
    Zstd(usize),
    /// The layer is not distributed with the image, and the form has no place for its addresses.
    NotDistributed(usize),
    /// The form takes no digest but sha256.
    OtherDigest(usize, Digest),
    /// The config has no history, which schema 1 is made of.
    NoHistory,
    /// The history does not fit the layers. With fewer steps than layers skopeo drops the last
    /// layers without a word.
    HistoryDiffers {
        /// How many steps of the history made a layer.
        steps: usize,
        /// How many layers there are.
        layers: usize,
    },
    /// Schema 1 states neither sizes nor diff IDs: its layers have to be read first.
    LayersUnread,
    /// The layer unpacks to this, and the config says another.
    DiffIdDiffers(usize, Digest),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnImage => f.write_str("this is no image: a list is converted image by image"),
            Self::Artifact(Some(kind)) => {
                write!(
                    f,
                    "this is an artifact ({kind}), which only OCI's formats hold"
                )
            }
            Self::Artifact(None) => {
                f.write_str("this is an artifact, which only OCI's formats hold")
            }
            Self::Ambiguous(document, pointer) => write!(
                f,
                "{} is read differently by different clients at {:?}, so it has no one conversion",
                document.words(),
                pointer.as_str()
            ),
            Self::OtherFamily(media_type) => write!(
                f,
                "the config is {media_type}, of the other family than its manifest"
            ),
            Self::Incomplete(pointer) => write!(
                f,
                "the descriptor at {:?} lacks its media type, digest or size",
                pointer.as_str()
            ),
            Self::ConfigDiffers(digest) => write!(f, "the config is not {digest}"),
            Self::Unreadable(document, pointer, error) => {
                write!(f, "{} cannot be read", document.words())?;
                if !pointer.is_empty() {
                    write!(f, " at {:?}", pointer.as_str())?;
                }
                write!(f, ": {error}")
            }
            Self::WrongKind { pointer, wanted } => write!(
                f,
                "the config has something else than {wanted} at {:?}",
                pointer.as_str()
            ),
            Self::NotATime(pointer) => write!(
                f,
                "the config has no time of RFC 3339 at {:?}",
                pointer.as_str()
            ),
            Self::LayerType(index, Some(media_type)) => write!(
                f,
                "layer {} is {media_type}, for which the format has no type",
                index + 1
            ),
            Self::LayerType(index, None) => write!(f, "layer {} states no type", index + 1),
            Self::Encrypted(index) => write!(
                f,
                "layer {} is encrypted: it can only be copied as it is",
                index + 1
            ),
            Self::Zstd(index) => write!(
                f,
                "layer {} would be one by zstd, which Docker's formats do not know: have layers \
                 compressed by gzip in the same copy, or choose OCI",
                index + 1
            ),
            Self::NotDistributed(index) => write!(
                f,
                "layer {} is not distributed with the image, and schema 1 cannot say from where \
                 it comes",
                index + 1
            ),
            Self::OtherDigest(index, digest) => write!(
                f,
                "layer {} is named by {}, schema 1 takes sha256 only",
                index + 1,
                digest.algorithm_name()
            ),
            Self::NoHistory => {
                f.write_str("the config has no history, and schema 1 is made of its steps")
            }
            Self::HistoryDiffers { steps, layers } if steps < layers => write!(
                f,
                "the history has {steps} steps with a layer and the image {layers} layers: the \
                 last {} would be lost",
                layers - steps
            ),
            Self::HistoryDiffers { steps, layers } => write!(
                f,
                "the history has {steps} steps with a layer and the image {layers} layers"
            ),
            Self::DiffIdDiffers(index, digest) => write!(
                f,
                "layer {} unpacks to {digest}, and the config says another",
                index + 1
            ),
            Self::LayersUnread => f.write_str(
                "schema 1 states neither sizes nor diff IDs of its layers: they have to be read",
            ),
        }
    }
}

impl std::error::Error for Refusal {}

impl Document {
    /// What it is called, with its article.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Manifest => "the manifest",
            Self::Config => "the config",
        }
    }
}
