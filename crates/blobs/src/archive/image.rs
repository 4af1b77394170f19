//! The images of an archive, and the blobs that they are made of.

use std::collections::BTreeMap;
use std::rc::Rc;

use waybill_core::digest::{Algorithm, Digest};
use waybill_core::media_type::MediaType;
use waybill_core::platform::Platform;

use super::index::{Lost, Resolved};
use crate::sniff::Compression;

/// How many images are listed.
pub const IMAGES: usize = 1_000;

/// How deep indexes are looked into for what holds of all that they name.
const DEPTH: usize = 16;

/// One image or index of an archive.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is about something else, and is asked alone"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Its names as they are written, each once: those of `manifest.json`, and of `index.json`
    /// the whole name where containerd wrote it, else the tag or name of the specification. What
    /// an index alone names has none.
    pub names: Vec<String>,
    /// The media type of its manifest.
    pub media_type: Option<MediaType>,
    /// The digest of its manifest; `None` where the archive holds none and one can be made only
    /// once layers were unpacked ([`Archive::measure`](super::Archive::measure)), or not at all.
    pub digest: Option<Digest>,
    /// The size of its manifest in bytes, where the digest is known.
    pub size: Option<u64>,
    /// Whether the archive holds no manifest of it, and the digest is of one made here.
    pub made: bool,
    /// The manifest's own bytes, where it was made; else [`manifest`](Self::manifest) has them.
    pub bytes: Option<Vec<u8>>,
    /// Where its manifest stands.
    pub manifest: Option<Resolved>,
    /// The machine that it is for, as the index says, else its config.
    pub platform: Option<Platform>,
    /// What it holds.
    pub holds: Holds,
    /// Whether all of it is in the archive; of an index, all that it names in turn. What may be
    /// kept elsewhere (foreign layers) is not missed.
    pub complete: bool,
    /// Whether something forbids to push it.
    pub refused: bool,
    /// Whether the manifest is there, and was read.
    pub(super) is_here: bool,
    /// Why the manifest is not what its digest names, where it is not.
    pub(super) differs: Option<String>,
    /// Whether `manifest.json` names it.
    pub(super) is_in_docker: bool,
    /// What the folders of a legacy archive say of its layers, base first; empty of all others.
    pub(super) chain: Vec<Rc<[u8]>>,
}

/// What an image holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A config, where the format has one, and layers, base first.
    Image {
        /// The config.
        config: Option<Box<Blob>>,
        /// The layers, or whatever an artifact has in their place.
        layers: Vec<Blob>,
    },
    /// An index: the digests of what it lists, in order.
    Index(Vec<Digest>),
    /// Nothing that could be told.
    Unknown,
}

/// A config or a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The digest that the manifest names; of a docker archive, of a config that of its bytes,
    /// and of a layer none.
    pub digest: Option<Digest>,
    /// The size that the manifest states.
    pub size: Option<u64>,
    /// The media type that the manifest states.
    pub media_type: Option<MediaType>,
    /// Of a layer, the digest of what it has to unpack to, as the config says.
    pub diff_id: Option<Digest>,
    /// The name that leads to it.
    pub path: Vec<u8>,
    /// Where that leads.
    pub found: Result<Resolved, Lost>,
    /// How a layer is compressed, by its first bytes.
    pub compression: Option<Compression>,
    /// The content, where the manifest has it inside.
    pub embedded: Option<Vec<u8>>,
}

impl Blob {
    /// One of which only its name and where that leads is known.
    pub(super) fn at(path: Vec<u8>, found: Result<Resolved, Lost>) -> Self {
        Self {
            digest: None,
            size: None,
            media_type: None,
            diff_id: None,
            path,
            found,
            compression: None,
            embedded: None,
        }
    }

    /// Whether it is kept elsewhere, and need not be here.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        let media_type = self.media_type.as_ref();
        media_type.is_some_and(MediaType::is_foreign_layer)
    }

    /// The algorithm by which its bytes are hashed.
    pub(super) fn algorithm(&self) -> Algorithm {
        let named = self.digest.as_ref().and_then(Digest::algorithm);
        named.unwrap_or(Algorithm::Sha256)
    }

    /// Whether nothing of it is missed.
    pub(super) fn is_enough(&self) -> bool {
        self.found.is_ok() || self.embedded.is_some() || self.is_foreign()
    }
}

impl Image {
    /// One of which only its manifest's place is known.
    pub(super) fn new(names: Vec<String>) -> Self {
        Self {
            names,
            media_type: None,
            digest: None,
            size: None,
            made: false,
            bytes: None,
            manifest: None,
            platform: None,
            holds: Holds::Unknown,
            complete: false,
            refused: false,
            is_here: false,
            differs: None,
            is_in_docker: false,
            chain: Vec::new(),
        }
    }

    /// The config and the layers.
    pub fn blobs(&self) -> impl Iterator<Item = &Blob> {
        let (config, layers) = match &self.holds {
            Holds::Image { config, layers } => (config.as_deref(), &layers[..]),
            Holds::Index(_) | Holds::Unknown => (None, &[][..]),
        };
        config.into_iter().chain(layers)
    }

    /// The config, where it is an image that has one.
    #[must_use]
    pub fn config(&self) -> Option<&Blob> {
        match &self.holds {
            Holds::Image { config, .. } => config.as_deref(),
            Holds::Index(_) | Holds::Unknown => None,
        }
    }

    /// The layers, where it is an image.
    #[must_use]
    pub fn layers(&self) -> Option<&[Blob]> {
        match &self.holds {
            Holds::Image { layers, .. } => Some(layers),
            Holds::Index(_) | Holds::Unknown => None,
        }
    }

    /// Adds a name, unless it has it: names that mean one thing are one.
    pub(super) fn add_name(&mut self, name: &str) {
        let whole = |name: &str| {
            name.parse::<waybill_core::reference::Reference>()
                .map_or_else(|_| name.to_owned(), |reference| reference.to_string())
        };
        let own = whole(name);
        if !self.names.iter().any(|known| whole(known) == own) {
            self.names.push(name.to_owned());
        }
    }
}

/// Takes what is so of each image for itself, and joins to that of an index what is so of all
/// that it lists, in turn.
pub(super) fn spread<T: Copy + PartialEq>(
    images: &[Image],
    mut told: Vec<T>,
    join: impl Fn(T, T) -> T,
) -> Vec<T> {
    let places: BTreeMap<&Digest, usize> = images
        .iter()
        .enumerate()
        .filter_map(|(place, image)| Some((image.digest.as_ref()?, place)))
        .collect();
    for _ in 0..DEPTH {
        let before = told.clone();
        for (image, told) in images.iter().zip(&mut told) {
            if let Holds::Index(digests) = &image.holds {
                let children = digests.iter().filter_map(|digest| places.get(digest));
                let children = children.filter_map(|place| before.get(*place));
                *told = children.fold(*told, |told, child| join(told, *child));
            }
        }
        if before == told {
            break;
        }
    }
    told
}
