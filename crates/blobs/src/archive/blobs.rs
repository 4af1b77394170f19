//! Finds configs and layers in an archive, and says what is wrong with them without reading them.

use std::collections::BTreeMap;

use waybill_core::config::ImageConfig;
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Digest;
use waybill_core::media_type::MediaType;
use waybill_core::platform::Platform;

use super::finding::Code;
use super::image::{Blob, Holds};
use super::index::{Index, Lost, Resolved};
use super::reading::Reading;
use super::source::{ReadError, Source, read};
use crate::path::{Cleaned, base, clean, escape};
use crate::sniff::{self, Compression, SNIFFED};

/// Where blobs stand by their digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Store {
    /// `blobs/ALGORITHM/ENCODED`.
    Layout,
    /// skopeo's `dir:`: all in one folder, sha256 without its name.
    Directory,
}

impl Store {
    /// The names that a blob may have, the usual one first.
    fn names(self, digest: &Digest, is_manifest: bool) -> Vec<Vec<u8>> {
        let (algorithm, encoded) = (digest.algorithm_name(), digest.encoded());
        let names = match self {
            Self::Layout => vec![["blobs/", algorithm, "/", encoded].concat()],
            Self::Directory => {
                let plain = match algorithm {
                    "sha256" => encoded.to_owned(),
                    other => [other, "-", encoded].concat(),
                };
                if is_manifest {
                    vec![plain + ".manifest.json"]
                } else {
                    // Before version 1.2 no algorithm was named; old ones wrote endings.
                    vec![
                        plain.clone(),
                        plain.clone() + ".tar",
                        plain + ".tar.gz",
                        encoded.to_owned(),
                    ]
                }
            }
        };
        names.into_iter().map(String::into_bytes).collect()
    }

    /// Finds a blob: the name that has it, else the usual one, and where that leads.
    pub(super) fn find(
        self,
        index: &Index,
        digest: &Digest,
        is_manifest: bool,
    ) -> (Vec<u8>, Result<Resolved, Lost>) {
        let names = self.names(digest, is_manifest);
        let name = names
            .iter()
            .find(|name| index.has(name))
            .or(names.first())
            .cloned()
            .unwrap_or_default();
        let found = index.resolve(&name);
        (name, found)
    }
}

/// What of a config belongs to an archive.
#[derive(Default)]
pub(super) struct Config {
    pub(super) platform: Option<Platform>,
    /// The digests of what layers unpack to; a text that is no digest is `None`.
    pub(super) diff_ids: Vec<Option<Digest>>,
}

impl Config {
    /// Reads the bytes of an image's config.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let (config, _) = ImageConfig::read(bytes).map_err(|error| error.to_string())?;
        Ok(Self {
            platform: config.platform().cloned(),
            diff_ids: config
                .diff_ids
                .iter()
                .map(|text| text.parse().ok())
                .collect(),
        })
    }
}

impl<S: Source> Reading<'_, S> {
    /// The blob of a descriptor.
    pub(super) fn blob(&self, descriptor: &Descriptor, store: Store) -> Blob {
        let (path, found) = match &descriptor.digest {
            Some(digest) => store.find(&self.index, digest, false),
            None => (Vec::new(), Err(Lost::NotHere)),
        };
        Blob {
            digest: descriptor.digest.clone(),
            size: descriptor.size,
            media_type: descriptor.media_type.clone(),
            embedded: descriptor.embedded().map(<[u8]>::to_vec),
            ..Blob::at(path, found)
        }
    }

    /// How the bytes at a place are compressed: the first of them came with the header, or are
    /// read.
    pub(super) async fn compression(&mut self, found: Resolved) -> Result<Compression, ReadError> {
        let entries = self.index.entries();
        let first = entries.get(found.entry).map(|entry| &entry.first[..]);
        let first = first.unwrap_or_default();
        if !first.is_empty() {
            return Ok(sniff::compression(first));
        }
        let place = found.place;
        let length = place.size.min(SNIFFED as u64);
        let range = place.offset..place.offset + length;
        let first = read(self.source, place.file, range).await?;
        Ok(sniff::compression(&first))
    }

    /// Looks at the layers of an image, and tells what is wrong with them and with the config.
    pub(super) async fn check_blobs(&mut self, place: usize) -> Result<(), ReadError> {
        let Some(image) = self.images.get_mut(place) else {
            return Ok(());
        };
        let mut holds = std::mem::replace(&mut image.holds, Holds::Unknown);
        if let Holds::Image { config, layers } = &mut holds {
            if let Some(config) = config {
                self.check_found(place, config);
            }
            // Images share layers, and an image may have one again and again.
            let mut known = BTreeMap::new();
            for layer in layers {
                self.check_found(place, layer);
                if let Ok(found) = layer.found {
                    let compression = match known.get(&found.place) {
                        Some(compression) => *compression,
                        None => self.compression(found).await?,
                    };
                    known.insert(found.place, compression);
                    layer.compression = Some(compression);
                    self.check_compression(place, layer, compression);
                }
            }
        }
        if let Some(image) = self.images.get_mut(place) {
            image.holds = holds;
        }
        Ok(())
    }

    fn check_found(&mut self, image: usize, blob: &Blob) {
        let name = escape(&blob.path);
        match blob.found {
            Ok(found) => {
                self.check_links(image, &blob.path, found);
                let size = found.place.size;
                if blob.size.is_some_and(|stated| stated != size) {
                    let stated = blob.size.unwrap_or_default();
                    let message = format!("{name} has {size} bytes, {stated} are stated");
                    self.findings
                        .add(Code::BlobSize, Some(image), &blob.path, message);
                }
            }
            Err(_) if blob.embedded.is_some() => {}
            Err(Lost::NotHere) if blob.is_foreign() => {
                let message = format!("{name} is not here, and need not be");
                self.findings
                    .add(Code::ForeignMissing, Some(image), &blob.path, message);
            }
            Err(lost) => self.missing(Some(image), &blob.path, lost, Code::BlobMissing),
        }
    }

    /// Says that a name leads to nothing that can be read.
    pub(super) fn missing(&mut self, image: Option<usize>, name: &[u8], lost: Lost, code: Code) {
        let is_outside = clean(name) == Cleaned::Outside;
        let code = if is_outside {
            Code::PathTraversal
        } else {
            code
        };
        let message = match name {
            b"" => "a descriptor names no digest, so nothing can be looked for".to_owned(),
            name => format!("{} {}", escape(name), lost.reason()),
        };
        self.findings.add(code, image, name, message);
    }

    /// Says that a name leads to its file by links.
    pub(super) fn check_links(&mut self, image: usize, name: &[u8], found: Resolved) {
        let what = match (found.by_symbolic_link, found.by_hard_link) {
            (_, true) => "a hard link: skopeo takes it for an empty file",
            (true, false) => "a symbolic link: skopeo refuses it, docker follows it",
            (false, false) => return,
        };
        let message = format!("{} is {what}", escape(name));
        self.findings
            .add(Code::LinkFollowed, Some(image), name, message);
    }

    fn check_compression(&mut self, image: usize, layer: &Blob, found: Compression) {
        let Some(media_type) = &layer.media_type else {
            return;
        };
        let Some(stated) = stated(media_type) else {
            return;
        };
        if stated != found {
            let message = format!(
                "{} is {}, its media type says {}",
                escape(&layer.path),
                found.name(),
                stated.name()
            );
            self.findings
                .add(Code::CompressionDiffers, Some(image), &layer.path, message);
        }
    }

    /// Puts the config's `diff_id`s to the layers, and says where there are more of one kind.
    pub(super) fn pair(&mut self, image: usize, layers: &mut [Blob], config: &Config, name: &[u8]) {
        let (here, named) = (layers.len(), config.diff_ids.len());
        if here != named {
            let message = format!("{here} layers, and {named} diff_ids in the config");
            self.findings
                .add(Code::LayerCount, Some(image), name, message);
            return;
        }
        for (layer, diff_id) in layers.iter_mut().zip(&config.diff_ids) {
            layer.diff_id.clone_from(diff_id);
        }
    }
}

/// How a layer is compressed by its media type; `None` of what is no layer of a file system, or
/// of a type that does not tell it.
fn stated(media_type: &MediaType) -> Option<Compression> {
    if media_type.no_file_system().is_some() {
        return None;
    }
    let text = media_type.as_str();
    let is = |ending: &str| text.ends_with(ending);
    if is("gzip") {
        Some(Compression::Gzip)
    } else if is("zstd") {
        Some(Compression::Zstd)
    } else if is("tar") {
        Some(Compression::None)
    } else {
        None
    }
}

/// The digest that the name of a file claims: sha256 hex, with a `sha256:` before it or an ending
/// behind it.
pub(super) fn claimed(path: &[u8]) -> Option<Digest> {
    let name = base(path);
    let name = name.strip_prefix(b"sha256:").unwrap_or(name);
    let hex = name.split(|byte| *byte == b'.').next()?;
    let hex = std::str::from_utf8(hex).ok()?;
    ["sha256:", hex].concat().parse().ok()
}
