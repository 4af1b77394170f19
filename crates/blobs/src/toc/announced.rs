//! Which table of contents a layer has, by the annotations of its descriptor.

use std::fmt;

use serde::{Deserialize, Serialize};
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Digest;
use waybill_core::media_type::MediaType;

use super::Problems;
use super::problem::shown;
use crate::finding::Code;

/// The digest of eStargz's table, over the unpacked JSON.
const STARGZ_DIGEST: &str = "containerd.io/snapshot/stargz/toc.digest";
/// The size of the unpacked layer, which the store of podman needs.
const STARGZ_SIZE: &str = "io.containers.estargz.uncompressed-size";
/// What the names of zstd:chunked begin with; and what those begin with that skopeo 1.9 and
/// stargz-snapshotter write.
const CHUNKED: [&str; 2] = [
    "io.github.containers.zstd-chunked.",
    "io.containers.zstd-chunked.",
];

/// A format of tables of contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// eStargz: a gzip member for each file, the table as the last file.
    Estargz,
    /// zstd:chunked: a frame for each file or piece of one, the table in a skippable frame.
    ZstdChunked,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Estargz => "eStargz",
            Self::ZstdChunked => "zstd:chunked",
        })
    }
}

/// Where something stands in a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// From the beginning of the blob.
    pub offset: u64,
    /// How many bytes it has, packed.
    pub length: u64,
    /// How many bytes it has, unpacked.
    pub unpacked: u64,
}

impl Position {
    /// Where it ends.
    pub(super) fn end(self) -> u64 {
        self.offset.saturating_add(self.length)
    }
}

/// What a descriptor's annotations say of a table of contents.
///
/// ```
/// use waybill_blobs::toc::{Announced, Format};
/// use waybill_core::descriptor::Descriptor;
///
/// let mut layer = Descriptor::default();
/// assert!(Announced::by(&layer).is_none());
/// let digest = format!("sha256:{}", "0".repeat(64));
/// layer.annotations.set("containerd.io/snapshot/stargz/toc.digest", digest);
/// assert_eq!(Announced::by(&layer).map(|it| it.format), Some(Format::Estargz));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// The format.
    pub format: Format,
    /// The digest of the table's unpacked JSON.
    pub unpacked_digest: Option<Digest>,
    /// The digest of the table's compressed bytes.
    pub packed_digest: Option<Digest>,
    /// Where the table stands; eStargz says it only in its last bytes.
    pub position: Option<Position>,
    /// Where the tar-split data stand.
    pub tar_split: Option<Position>,
    /// The size of the unpacked layer.
    pub unpacked_size: Option<u64>,
    /// What is wrong with the annotations.
    pub problems: Problems,
}

impl Announced {
    /// Reads the annotations of a layer's descriptor; `None` where they name no table.
    #[must_use]
    pub fn by(layer: &Descriptor) -> Option<Self> {
        let mut reader = Reader {
            layer,
            problems: Problems::default(),
        };
        let packed = reader.chunked("manifest-checksum");
        let position = reader.chunked("manifest-position");
        let tar_split = reader.chunked("tarsplit-position");
        let unpacked = layer.annotation(STARGZ_DIGEST);
        let is_chunked = packed.is_some() || position.is_some();
        if !is_chunked && unpacked.is_none() {
            return None;
        }
        let new_name = [CHUNKED[0], "manifest-checksum"].concat();
        if unpacked.is_some() && layer.annotation(&new_name).is_some() {
            let message = "the annotations name a table of eStargz and one of zstd:chunked";
            reader.problems.push(Code::TableBoth, b"", message);
        }
        let is_zstd = |layer: &Descriptor| {
            let media_type = layer.media_type.as_ref().map(MediaType::as_str);
            media_type.is_some_and(|it| it.to_ascii_lowercase().ends_with("zstd"))
        };
        Some(Self {
            format: if is_chunked || is_zstd(layer) {
                Format::ZstdChunked
            } else {
                Format::Estargz
            },
            unpacked_digest: reader.digest(STARGZ_DIGEST, unpacked),
            packed_digest: reader.digest("manifest-checksum", packed),
            position: reader.position("manifest-position", position, true),
            tar_split: reader.position("tarsplit-position", tar_split, false),
            unpacked_size: layer
                .annotation(STARGZ_SIZE)
                .and_then(|size| size.parse().ok()),
            problems: reader.problems,
        })
    }
}

struct Reader<'a> {
    layer: &'a Descriptor,
    problems: Problems,
}

impl<'a> Reader<'a> {
    /// The value of one of zstd:chunked's annotations, by its new name or its old one.
    fn chunked(&mut self, name: &str) -> Option<&'a str> {
        let values = CHUNKED.map(|start| self.layer.annotation(&[start, name].concat()));
        if let [Some(new), Some(old)] = values
            && new != old
        {
            let message = {
                let (new, old) = (shown(new.as_bytes()), shown(old.as_bytes()));
                format!("{name} is {new} by its new name, and {old} by its old one")
            };
            self.problems.push(Code::TableAnnotation, b"", message);
        }
        let [new, old] = values;
        new.or(old)
    }

    fn digest(&mut self, name: &str, text: Option<&str>) -> Option<Digest> {
        let text = text?;
        let digest = text.parse::<Digest>();
        let digest = digest.ok().filter(|it| it.algorithm().is_some());
        if digest.is_none() {
            let text = shown(text.as_bytes());
            let message = format!("{name} is {text}, no digest that can be computed here");
            self.problems.push(Code::TableAnnotation, b"", message);
        }
        digest
    }

    /// Reads `offset:length:unpacked`, and behind it the table's type, which is 1.
    fn position(&mut self, name: &str, text: Option<&str>, is_typed: bool) -> Option<Position> {
        let text = text?;
        let mut numbers = text.split(':').map(|number| number.parse::<u64>().ok());
        let mut next = || numbers.next().flatten();
        let position = (next(), next(), next());
        let kind = if is_typed { next() } else { Some(1) };
        if let ((Some(offset), Some(length), Some(unpacked)), Some(1), None) =
            (position, kind, numbers.next())
        {
            return Some(Position {
                offset,
                length,
                unpacked,
            });
        }
        let form = if is_typed { ":1" } else { "" };
        let text = shown(text.as_bytes());
        let message = format!("{name} is {text}, not offset:length:unpacked{form}");
        self.problems.push(Code::TableAnnotation, b"", message);
        None
    }
}
