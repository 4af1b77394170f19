//! What is read of an image's layers, what is not and why, and how many bytes that is.
//!
//! A plan costs no request: it is made of the manifests and configs that are here. It is made
//! anew whenever somebody looks, so it follows what comes.

use std::collections::BTreeSet;

use crate::config::ImageConfig;
use crate::descriptor::{Descriptor, EMPTY_DIGEST};
use crate::digest::Digest;
use crate::manifest::{Image, List};
use crate::media_type::MediaType;
use crate::workflow::fetch::Fetch;
use crate::workflow::inspect::{Current, Model as Inspection, Node};

use super::below::{Below, Opening};

/// What is done with a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It is fetched, hashed and unpacked.
    Unpacked,
    /// It is fetched and hashed: it is no file system that can be unpacked. What it is, with
    /// its article.
    Hashed(&'static str),
    /// It is not fetched.
    Left(NotFetched),
}

/// The annotations by which a layer announces a table of contents, and whose it is. Those of
/// zstd:chunked are written with and without `github.`.
pub(in crate::workflow) const TABLES: [(&str, &str); 3] = [
    ("containerd.io/snapshot/stargz/toc.digest", "eStargz"),
    (
        "io.github.containers.zstd-chunked.manifest-checksum",
        "zstd:chunked",
    ),
    (
        "io.containers.zstd-chunked.manifest-checksum",
        "zstd:chunked",
    ),
];

/// Why a layer is not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFetched {
    /// Its descriptor names no valid digest, so nothing can be asked for.
    NoDigest,
    /// Its digest is of an algorithm that is not computed here.
    Algorithm,
    /// It is not distributed with the image. It may be at its `urls`, which are never fetched
    /// (CVE-2020-15157).
    Foreign,
    /// It is the empty descriptor, whose content `{}` is known. Source: image-spec
    /// `manifest.md`, "Guidance for an Empty Descriptor".
    Empty,
}

/// Why nothing is known of what a layer has to unpack to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDiffId {
    /// The layer is no file system, so nobody names one.
    NoFileSystem,
    /// The image has no config that names any, as schema 1.
    NoConfig,
    /// The config is not here.
    ConfigMissing,
    /// The config is not the one that the manifest names, so it says nothing of the image.
    ConfigWrong,
    /// The config names fewer than there are layers.
    TooFew,
    /// What it names is no digest, or one of an algorithm that is not computed here.
    Unusable,
}

/// One layer of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedLayer {
    /// Its digest; `None` where the manifest names no valid one.
    pub digest: Option<Digest>,
    /// Its size in bytes, as the manifest states it; schema 1 states none.
    pub size: Option<u64>,
    /// Its type, as the manifest states it; schema 1 states none.
    pub media_type: Option<MediaType>,
    /// What is done with it.
    pub reading: Reading,
    /// What it has to unpack to.
    pub diff_id: Result<Digest, NoDiffId>,
    /// Whether its descriptor announces a table of contents, which names what each file hashes to.
    pub has_table: bool,
}

/// The layers of one image, base first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImagePlan {
    /// The digest of its manifest; `None` where a broken signature block hides it.
    pub manifest: Option<Digest>,
    /// What the list calls it, such as its platform; empty for an image that is looked at by
    /// itself.
    pub title: String,
    /// The layers.
    pub layers: Vec<PlannedLayer>,
    /// The diff IDs that the config names behind those of the layers: it names too many.
    pub spare: Vec<String>,
}

/// What can be read at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The images: one where an image is looked at, at a list one for each entry that is here,
    /// also of the lists in it.
    pub images: Vec<ImagePlan>,
    /// How many entries of the list and of those in it are left out, since they are not here, or
    /// are lists that are not gone into.
    pub left_out: usize,
    /// Whether something of it is still to come, so that the plan may grow.
    pub grows: bool,
}

/// What is to be read of several images together: each blob once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// The layers as they are counted in their images.
    pub layers: usize,
    /// The blobs to read: layers of one digest are one blob.
    pub blobs: Vec<Wanted>,
    /// The sizes of the blobs, added up in bytes, as far as they are stated.
    pub bytes: u64,
    /// Whether each blob's size is stated.
    pub is_exact: bool,
}

/// One blob to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes, where it is stated.
    pub size: Option<u64>,
    /// Whether it is unpacked.
    pub unpack: bool,
    /// Whether the content of each file is hashed, for a table of contents to be compared with.
    pub contents: bool,
}

impl Plan {
    /// What can be read at the place that is looked at; empty where no image or list is.
    #[must_use]
    pub fn of(inspection: &Inspection) -> Self {
        match inspection.current() {
            Current::Image(node, image) => {
                let mut plan = Self::default();
                plan.add(inspection, node, image, String::new());
                plan
            }
            Current::List(_, list) => Self::of_list(inspection, list),
            Current::Loading | Current::Failed(_) | Current::Other(_) => Self::default(),
        }
    }

    fn of_list(inspection: &Inspection, list: &List) -> Self {
        let mut plan = Self::default();
        let mut seen: BTreeSet<&Digest> = BTreeSet::new();
        for listed in Below::of(inspection, list).entries {
            let entry = listed.entry;
            let Some(digest) = &entry.digest else {
                plan.left_out += 1;
                continue;
            };
            // An image that stands there twice is one image.
            if !seen.insert(digest) {
                continue;
            }
            let child = inspection.child(entry);
            let node = child.and_then(Fetch::done);
            if let Some((node, image)) = node.and_then(|node| Some((node, node.image()?))) {
                plan.add(inspection, node, image, listed.title());
            } else if !matches!(listed.opening, Opening::Opened | Opening::Again) {
                plan.grows |= matches!(child, Some(Fetch::Pending));
                plan.left_out += 1;
            }
        }
        plan
    }

    fn add(&mut self, inspection: &Inspection, node: &Node, image: &Image, title: String) {
        self.grows |= matches!(inspection.config(image), Some(Fetch::Pending));
        self.images
            .push(ImagePlan::of(inspection, node, image, title));
    }
}

impl ImagePlan {
    pub(in crate::workflow) fn of(
        inspection: &Inspection,
        node: &Node,
        image: &Image,
        title: String,
    ) -> Self {
        let config = diff_ids(inspection, image);
        let layer = |(index, layer): (usize, &Descriptor)| {
            let reading = Reading::of(layer);
            PlannedLayer {
                digest: layer.digest.clone(),
                size: layer.size,
                media_type: layer.media_type.clone(),
                reading,
                diff_id: match reading {
                    Reading::Unpacked => diff_id(&config, index),
                    Reading::Hashed(_) | Reading::Left(_) => Err(NoDiffId::NoFileSystem),
                },
                has_table: TABLES.iter().any(|it| layer.annotation(it.0).is_some()),
            }
        };
        let named = config.as_ref().map(|config| &config.diff_ids[..]);
        let spare = named.unwrap_or_default().iter().skip(image.layers.len());
        Self {
            manifest: node.digest.clone(),
            title,
            layers: image.layers.iter().enumerate().map(layer).collect(),
            spare: spare.cloned().collect(),
        }
    }
}

/// The config whose diff IDs count. Every image config of today names some, so one that names
/// none, and has layers, names too few; that of schema 1 cannot.
fn diff_ids<'a>(inspection: &'a Inspection, image: &'a Image) -> Result<&'a ImageConfig, NoDiffId> {
    if image.inline_config.is_some() || image.config.is_none() {
        return Err(NoDiffId::NoConfig);
    }
    if let Some(config) = inspection.true_config(image) {
        return Ok(config);
    }
    match inspection.config(image) {
        Some(Fetch::Done(config)) if config.is_another => Err(NoDiffId::ConfigWrong),
        Some(Fetch::Done(_)) => Err(NoDiffId::NoConfig),
        Some(Fetch::Pending | Fetch::Failed(_)) | None => Err(NoDiffId::ConfigMissing),
    }
}

/// Layers and diff IDs are paired by their order. Source: image-spec `config.md`, `diff_ids`.
fn diff_id(config: &Result<&ImageConfig, NoDiffId>, index: usize) -> Result<Digest, NoDiffId> {
    let text = (*config)?.diff_ids.get(index).ok_or(NoDiffId::TooFew)?;
    let digest = text.parse::<Digest>().map_err(|_| NoDiffId::Unusable)?;
    // Everybody writes SHA-256; of another algorithm nothing is computed while it streams.
    if digest.algorithm() == Some(crate::digest::Algorithm::Sha256) {
        Ok(digest)
    } else {
        Err(NoDiffId::Unusable)
    }
}

impl Reading {
    /// What is done with a layer of that descriptor: its type decides, since it says what its
    /// author meant. How it is compressed is told by its bytes alone.
    #[must_use]
    pub fn of(layer: &Descriptor) -> Self {
        let media_type = layer.media_type.as_ref();
        let Some(digest) = &layer.digest else {
            return Self::Left(NotFetched::NoDigest);
        };
        if media_type.is_some_and(MediaType::is_foreign_layer) {
            return Self::Left(NotFetched::Foreign);
        }
        if media_type == Some(&MediaType::OCI_EMPTY) || layer.digest_text == EMPTY_DIGEST {
            return Self::Left(NotFetched::Empty);
        }
        if digest.algorithm().is_none() {
            return Self::Left(NotFetched::Algorithm);
        }
        match media_type {
            None => Self::Unpacked,
            Some(it) => it.no_file_system().map_or(Self::Unpacked, Self::Hashed),
        }
    }
}

impl Total {
    /// What reading these images takes. The order is theirs, so that base layers come first.
    #[must_use]
    pub fn of<'a>(images: impl IntoIterator<Item = &'a ImagePlan>) -> Self {
        let mut total = Self::default();
        // The places of the blobs, by digest.
        let mut known = std::collections::BTreeMap::new();
        for layer in images.into_iter().flat_map(|image| &image.layers) {
            let unpack = match layer.reading {
                Reading::Unpacked => true,
                Reading::Hashed(_) => false,
                Reading::Left(_) => continue,
            };
            let Some(digest) = &layer.digest else {
                continue;
            };
            total.layers += 1;
            let place = *known.entry(digest).or_insert(total.blobs.len());
            if let Some(wanted) = total.blobs.get_mut(place) {
                // Named twice, it is read as the one that asks for more.
                wanted.unpack |= unpack;
                wanted.contents |= unpack && layer.has_table;
                wanted.size = wanted.size.or(layer.size);
            } else {
                total.blobs.push(Wanted {
                    digest: digest.clone(),
                    size: layer.size,
                    unpack,
                    contents: unpack && layer.has_table,
                });
            }
        }
        total.add_up();
        total
    }

    /// Keeps the blobs of which `is_wanted` says so, such as those that were not read yet. The
    /// layers are those of the blobs from then on, each counted once.
    pub fn keep(&mut self, is_wanted: impl Fn(&Digest) -> bool) {
        let before = self.blobs.len();
        self.blobs.retain(|blob| is_wanted(&blob.digest));
        if self.blobs.len() < before {
            self.layers = self.blobs.len();
            self.add_up();
        }
    }

    fn add_up(&mut self) {
        self.bytes = 0;
        self.is_exact = true;
        for blob in &self.blobs {
            self.is_exact &= blob.size.is_some();
            self.bytes = self.bytes.saturating_add(blob.size.unwrap_or_default());
        }
    }
}
