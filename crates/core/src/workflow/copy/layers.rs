//! Layers that have to be read before it is known what an image becomes: those that are to be
//! compressed anew, and those of schema 1, which states neither their sizes nor what they unpack to.
//!
//! A digest is of compressed bytes, so nobody knows it before all of a layer was compressed. That is
//! why it is done before the plan: the person sees every digest before the first byte goes to its
//! target. Whoever reads ([`Effect::ReadLayer`](super::Effect::ReadLayer)) keeps what was compressed,
//! and names the place from where it is read again.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::{Effect, Model, Root, Selection};
use crate::config::ImageConfig;
use crate::conversion::{Compression, Packing, ReadLayer, Refusal, Repacked};
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::manifest::{Image, Manifest};
use crate::media_type::MediaType;
use crate::registry::push::Repository;
use crate::workflow::fetch::Failure;
use crate::workflow::push::KnownBlob;

/// A layer that has to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its digest in the source.
    pub digest: Digest,
    /// Its size there; `None` where its manifest, of schema 1, does not state it.
    pub size: Option<u64>,
    /// What it has to unpack to, by the config; `None` where there is none that says so.
    pub diff_id: Option<Digest>,
    /// How it is to be compressed; `None` where it keeps its bytes.
    pub compression: Option<Compression>,
}

/// What reading a layer told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// Its size in the source.
    pub size: u64,
    /// What it unpacks to.
    pub diff_id: Digest,
    /// What it became, and where that is; `None` where it keeps its bytes.
    pub repacked: Option<(Repacked, Repository)>,
}

/// A manifest of schema 1 that was to be signed: its digest, and it with its signature, or why there is
/// none.
pub(super) type Signed = (Digest, Result<Rc<[u8]>, String>);

/// How far the reading of layers is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// Nothing is read.
    #[default]
    Idle,
    /// A layer is being read, so many bytes of it so far.
    Running(u64),
    /// A layer could not be read, or is not what its image says.
    Failed(Failure),
}

/// What names the reading of a layer: how it was to be compressed counts.
pub(super) type Key = (Digest, Option<Compression>);

impl Layer {
    pub(super) fn key(&self) -> Key {
        (self.digest.clone(), self.compression)
    }
}

impl Model {
    /// The layers that have to be read before it is known what goes along: each once, in the order
    /// in which they are read.
    #[must_use]
    pub fn unread(&self) -> &[Layer] {
        &self.unread
    }

    /// How many bytes that are together, in the source: as far as that is known.
    #[must_use]
    pub fn unread_bytes(&self) -> u64 {
        self.unread.iter().filter_map(|layer| layer.size).sum()
    }

    /// How many bytes are read for what was chosen, with those that were read already.
    #[must_use]
    pub fn layer_bytes(&self) -> u64 {
        self.read_before + self.unread_bytes()
    }

    /// How far the reading of layers is.
    #[must_use]
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// How many bytes of layers were read for what was chosen, those of the one that is being read
    /// among them.
    #[must_use]
    pub fn read_bytes(&self) -> u64 {
        let now = match self.reading {
            Reading::Running(now) => now,
            Reading::Idle | Reading::Failed(_) => 0,
        };
        self.read_before + now
    }

    /// Whether what goes along is being signed.
    #[must_use]
    pub fn is_signing(&self) -> bool {
        self.is_signing
    }

    /// Finds the layers that have to be read, and has it signed where that is what is missing. Where
    /// it cannot be done anyway, neither is.
    pub(super) fn find_unread(&mut self, root: &Root) -> Option<Effect> {
        let Ok(selection) = Selection::new(self, root) else {
            self.unread = Vec::new();
            return None;
        };
        let waits = !selection.unread.is_empty() || !selection.is_unsigned || self.is_signing;
        self.unread = selection.unread;
        if waits {
            return None;
        }
        self.is_signing = true;
        Some(Effect::Sign {
            generation: self.queue.generation(),
            payload: Rc::clone(&selection.root.bytes),
        })
    }

    /// Reads the next layer, if there is one.
    pub(super) fn read_layers(&mut self) -> Vec<Effect> {
        let Some(layer) = self.unread.first().cloned() else {
            self.reading = Reading::Idle;
            return Vec::new();
        };
        self.reading = Reading::Running(0);
        vec![Effect::ReadLayer {
            generation: self.queue.generation(),
            layer: Box::new(layer),
        }]
    }

    /// Takes what reading a layer told.
    pub(super) fn take_layer(&mut self, result: Result<Read, Failure>) -> Vec<Effect> {
        let Some(layer) = self.unread.first().cloned() else {
            return Vec::new();
        };
        match result.and_then(|read| checked(&layer, read)) {
            Ok(read) => {
                self.read_before += read.size;
                self.layers.insert(layer.key(), read);
                let root = self.root.done().cloned();
                let sign = root.and_then(|root| self.find_unread(&root));
                self.read_layers().into_iter().chain(sign).collect()
            }
            Err(why) => {
                self.reading = Reading::Failed(why);
                Vec::new()
            }
        }
    }

    /// Stops the reading; the effects for that.
    pub(super) fn stop_reading(&mut self) -> Option<Effect> {
        // One that failed may wait for somebody to say that it goes on.
        let is_begun = self.reading != Reading::Idle;
        self.reading = Reading::Idle;
        is_begun.then_some(Effect::StopReading)
    }
}

/// A layer that unpacks to what its config says.
fn checked(layer: &Layer, read: Read) -> Result<Read, Failure> {
    match &layer.diff_id {
        Some(diff_id) if *diff_id != read.diff_id => Err(Failure::NotLoaded(format!(
            "the layer {} unpacks to {}, and the config says {diff_id}: nothing is made of it",
            layer.digest, read.diff_id
        ))),
        Some(_) | None => Ok(read),
    }
}

/// The layers of an image as they are to be.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// For each layer what it became; `None` for what stays.
    pub(super) repacked: Vec<Option<Repacked>>,
    /// Where those are.
    pub(super) known: Vec<KnownBlob>,
    /// Those that were not read yet. What they become is not known, and stands under the digest that
    /// they have: so what cannot be done is found before anything is read.
    pub(super) unread: Vec<Layer>,
}

impl Layers {
    /// How many were compressed anew.
    pub(super) fn changed(&self) -> usize {
        self.repacked.iter().flatten().count()
    }

    /// Of an image that is to have its layers compressed in that way. Those that are so by their
    /// media type stay as they are; and so does what is not distributed with its image.
    pub(super) fn compressed(
        model: &Model,
        manifest: &Manifest,
        config: Option<&Rc<[u8]>>,
        compression: Compression,
    ) -> Result<Self, Refusal> {
        let Some(image) = manifest.image() else {
            return Ok(Self::default());
        };
        let config = config.and_then(|config| ImageConfig::read(config).ok());
        let diff_ids = config.map(|(config, _)| config.diff_ids);
        let diff_id = |place: usize| diff_ids.as_ref()?.get(place)?.parse().ok();
        let mut layers = Self::default();
        for (place, descriptor) in image.layers.iter().enumerate() {
            let stays = stays(descriptor, compression.packing);
            let Some(digest) = descriptor.digest.clone().filter(|_| !stays) else {
                layers.repacked.push(None);
                continue;
            };
            let layer = Layer {
                digest,
                size: descriptor.size,
                diff_id: diff_id(place),
                compression: Some(compression),
            };
            if let Some(read) = model.layers.get(&layer.key())
                && layer.diff_id.as_ref().is_some_and(|it| *it != read.diff_id)
            {
                return Err(Refusal::DiffIdDiffers(place, read.diff_id.clone()));
            }
            layers.take(model, layer, descriptor.size.unwrap_or_default());
        }
        Ok(layers)
    }

    fn take(&mut self, model: &Model, layer: Layer, size: u64) {
        if let Some(read) = model.layers.get(&layer.key()) {
            let repacked = read.repacked.as_ref();
            self.repacked.push(repacked.map(|(it, _)| it.clone()));
            self.known.extend(repacked.map(known));
            return;
        }
        let packing = layer.compression.map(|it| it.packing);
        self.repacked.push(packing.map(|packing| Repacked {
            digest: layer.digest.clone(),
            size,
            packing,
        }));
        self.unread.push(layer);
    }

    /// The layers of an image of schema 1 as they were read, each with its size and what it unpacks
    /// to; what was not read yet is `None`. They are compressed by gzip as they stand there.
    pub(super) fn of_schema1(model: &Model, manifest: &Manifest) -> (Vec<Option<ReadLayer>>, Self) {
        let compression = beyond_gzip(model);
        let (mut all, mut layers) = (Vec::new(), Self::default());
        for descriptor in manifest.image().map_or(&[][..], |image| &image.layers) {
            let Some(digest) = descriptor.digest.clone() else {
                all.push(None);
                continue;
            };
            let layer = Layer {
                digest,
                size: descriptor.size,
                diff_id: None,
                compression,
            };
            let read = model.layers.get(&layer.key());
            all.push(read.map(|read| ReadLayer {
                size: read.size,
                diff_id: read.diff_id.clone(),
            }));
            if read.is_none() {
                layers.unread.push(layer);
            }
        }
        (all, layers)
    }

    /// Of an image that was made of one of schema 1, all of whose layers were read.
    pub(super) fn after_schema1(model: &Model, image: &Image) -> Self {
        let compression = beyond_gzip(model);
        let mut layers = Self::default();
        for descriptor in &image.layers {
            let read = descriptor.digest.clone();
            let read = read.and_then(|digest| model.layers.get(&(digest, compression)));
            let repacked = read.and_then(|read| read.repacked.as_ref());
            layers.repacked.push(repacked.map(|(it, _)| it.clone()));
            layers.known.extend(repacked.map(known));
        }
        layers
    }
}

/// How layers of schema 1 are to be compressed: they are by gzip as they stand.
fn beyond_gzip(model: &Model) -> Option<Compression> {
    let chosen = model.choice.compression;
    chosen.filter(|it| it.packing != Packing::Gzip)
}

/// What a push has to know of a layer that was compressed anew.
fn known((repacked, source): &(Repacked, Repository)) -> KnownBlob {
    KnownBlob {
        digest: repacked.digest.clone(),
        size: repacked.size,
        source: source.clone(),
    }
}

/// Whether a layer keeps its bytes.
fn stays(layer: &Descriptor, packing: Packing) -> bool {
    let media_type = layer.media_type.as_ref();
    let is_foreign = media_type.is_some_and(MediaType::is_foreign_layer);
    is_foreign || media_type.is_some_and(|it| Packing::of(it) == packing)
}

/// Each layer once, in their order.
pub(super) fn once(layers: Vec<Layer>) -> Vec<Layer> {
    let mut seen = BTreeSet::new();
    let mut layers = layers;
    layers.retain(|layer| seen.insert(layer.key()));
    layers
}
