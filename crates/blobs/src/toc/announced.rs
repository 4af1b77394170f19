//! Which table of contents a layer has, by the annotations of its descriptor.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Digest;
use waybill_core::media_type::MediaType;

use super::Problems;
use super::fetch::{frame, tail};
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
    /// Reads `offset:length:unpacked`, and behind it the table's type, which is 1.
    fn read(text: &str, is_typed: bool) -> Option<Self> {
        let mut numbers = text.split(':').map(|number| number.parse::<u64>().ok());
        let mut next = || numbers.next().flatten();
        let (offset, length, unpacked) = (next()?, next()?, next()?);
        let kind = if is_typed { next()? } else { 1 };
        (kind == 1 && numbers.next().is_none()).then_some(Self {
            offset,
            length,
            unpacked,
        })
    }

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
        let values = values(self.layer, name);
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

    fn position(&mut self, name: &str, text: Option<&str>, is_typed: bool) -> Option<Position> {
        let text = text?;
        let position = Position::read(text, is_typed);
        if position.is_none() {
            let form = if is_typed { ":1" } else { "" };
            let text = shown(text.as_bytes());
            let message = format!("{name} is {text}, not offset:length:unpacked{form}");
            self.problems.push(Code::TableAnnotation, b"", message);
        }
        position
    }
}

/// The values of one of zstd:chunked's annotations, by its new name and its old one.
fn values<'a>(layer: &'a Descriptor, name: &str) -> [Option<&'a str>; 2] {
    CHUNKED.map(|start| layer.annotation(&[start, name].concat()))
}

/// What the first request for a layer's table asks for, and whether it is all that it takes for
/// sure: nothing is asked for where it is clear that the table cannot be had. `None` where the
/// layer announces none.
///
/// It is what [`Fetch::begin`](super::Fetch::begin) says of [`Announced::by`], without what is
/// wrong, for who only wants to know what it costs.
pub(super) fn first_request(layer: &Descriptor) -> Option<(Range<u64>, bool)> {
    let size = layer.size?;
    let value = |name| {
        let [new, old] = values(layer, name);
        new.or(old)
    };
    let (packed, position) = (value("manifest-checksum"), value("manifest-position"));
    let is_digest = |text: &str| {
        text.parse()
            .is_ok_and(|it: Digest| it.algorithm().is_some())
    };
    let digests = [layer.annotation(STARGZ_DIGEST), packed];
    digests[0].or(packed).or(position)?;
    if !digests.into_iter().flatten().any(is_digest) {
        return Some((0..0, true));
    }
    // Whatever the type, a position is one of zstd:chunked.
    match position.and_then(|text| Position::read(text, true)) {
        Some(table) => {
            let split = value("tarsplit-position");
            let split = split.and_then(|text| Position::read(text, false));
            Some((frame(table, split, size).unwrap_or(0..0), true))
        }
        None => Some((tail(size), tail(size).start == 0)),
    }
}
