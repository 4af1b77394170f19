//! Everything that roots name, each content once: manifests, configs, layers.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::schema1::EMPTY_LAYER;
use crate::manifest::{Content, Manifest};

use super::{Blob, LeftOut, Root, SaveError};

/// Gives a manifest or config by its digest; what it gives is hashed before it is taken.
pub(super) type Here<'a> = &'a dyn Fn(&Digest) -> Option<Rc<[u8]>>;

/// Gives the size of a layer by its digest, for manifests that state none.
type Sizes<'a> = &'a dyn Fn(&Digest) -> Option<u64>;

/// What roots name. Lists come before what they name, and everything in the order in which it is
/// named first.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) manifests: Vec<(Digest, Manifest)>,
    pub(super) configs: Vec<(Digest, Rc<[u8]>)>,
    /// Layers, and configs of artifacts that are not here.
    pub(super) blobs: Vec<Blob>,
    pub(super) left_out: Vec<LeftOut>,
    /// What was named already, with its size.
    known: BTreeMap<Digest, u64>,
}

impl Gathered {
    /// Goes over all that these roots name, at any depth.
    pub(super) fn of(roots: &[Root], here: Here<'_>) -> Result<Self, SaveError> {
        Self::with_sizes(roots, here, &|_| None)
    }

    /// The same where sizes that a manifest does not state are known from elsewhere.
    pub(super) fn with_sizes(
        roots: &[Root],
        here: Here<'_>,
        sizes: Sizes<'_>,
    ) -> Result<Self, SaveError> {
        let mut gathered = Self::default();
        for root in roots {
            if gathered.known.contains_key(&root.digest) {
                continue;
            }
            let bytes = bytes_of(&root.digest, here)
                .ok_or_else(|| SaveError::NotHere(root.digest.clone()))?;
            gathered
                .known
                .insert(root.digest.clone(), bytes.len() as u64);
            gathered.add(root.digest.clone(), bytes, here, sizes)?;
        }
        Ok(gathered)
    }

    /// The manifest of this digest, where it was gathered.
    pub(super) fn manifest(&self, digest: &Digest) -> Option<&Manifest> {
        let found = self.manifests.iter().find(|(known, _)| known == digest);
        found.map(|(_, manifest)| manifest)
    }

    /// The config of this digest, where it was gathered.
    pub(super) fn config(&self, digest: &Digest) -> Option<&Rc<[u8]>> {
        let found = self.configs.iter().find(|(known, _)| known == digest);
        found.map(|(_, bytes)| bytes)
    }

    /// Adds a manifest and what it names. Lists in lists wait their turn, so that nesting costs no
    /// stack.
    fn add(
        &mut self,
        digest: Digest,
        bytes: Rc<[u8]>,
        here: Here<'_>,
        sizes: Sizes<'_>,
    ) -> Result<(), SaveError> {
        let mut waiting = vec![(digest, bytes)];
        while let Some((digest, bytes)) = waiting.pop() {
            let read = Manifest::read(bytes, &DeclaredTypes::none());
            let (manifest, _) = read.map_err(|_| SaveError::Unreadable(digest.clone()))?;
            if manifest.ambiguous || manifest.content == Content::Unknown {
                return Err(SaveError::Unreadable(digest));
            }
            match &manifest.content {
                Content::List(list) => {
                    let mut entries = vec![];
                    for entry in &list.entries {
                        let Some((named, _)) = self.name(&digest, entry, sizes)? else {
                            continue;
                        };
                        match bytes_of(&named, here) {
                            Some(bytes) => entries.push((named, bytes)),
                            None => self.left_out.push(LeftOut::NotHere(named)),
                        }
                    }
                    entries.reverse();
                    waiting.append(&mut entries);
                }
                Content::Image(image) => {
                    if let Some(config) = &image.config
                        && let Some((named, size)) = self.name(&digest, config, sizes)?
                    {
                        match bytes_of(&named, here) {
                            Some(bytes) => self.configs.push((named, bytes)),
                            None => self.blobs.push(Blob {
                                digest: named,
                                size,
                            }),
                        }
                    }
                    for layer in &image.layers {
                        let is_elsewhere = layer
                            .media_type
                            .as_ref()
                            .is_some_and(crate::media_type::MediaType::is_foreign_layer);
                        match self.name(&digest, layer, sizes)? {
                            Some((named, _)) if is_elsewhere => {
                                self.left_out.push(LeftOut::NotDistributed(named));
                            }
                            Some((named, size)) => match made(&named, here) {
                                Some(bytes) => self.configs.push((named, bytes)),
                                None => self.blobs.push(Blob {
                                    digest: named,
                                    size,
                                }),
                            },
                            None => {}
                        }
                    }
                }
                Content::Unknown => {}
            }
            self.manifests.push((digest, manifest));
        }
        Ok(())
    }

    /// Digest and size of what a descriptor names; `None` where it was named before.
    fn name(
        &mut self,
        manifest: &Digest,
        named: &Descriptor,
        sizes: Sizes<'_>,
    ) -> Result<Option<(Digest, u64)>, SaveError> {
        let size = |digest| named.size.or_else(|| sizes(digest));
        let known = named.digest.as_ref().map(|digest| (digest, size(digest)));
        let Some((digest, Some(size))) = known else {
            let pointer = named.pointer.clone();
            return Err(SaveError::Incomplete(manifest.clone(), pointer));
        };
        match self.known.insert(digest.clone(), size) {
            None => Ok(Some((digest.clone(), size))),
            Some(before) if before == size => Ok(None),
            Some(_) => Err(SaveError::TwoSizes(digest.clone())),
        }
    }
}

/// The layer without entries of schema 1, where it was made here.
fn made(digest: &Digest, here: Here<'_>) -> Option<Rc<[u8]>> {
    let is_it = digest.as_str() == EMPTY_LAYER;
    is_it.then(|| bytes_of(digest, here)).flatten()
}

/// The bytes of this digest, hashed.
fn bytes_of(digest: &Digest, here: Here<'_>) -> Option<Rc<[u8]>> {
    here(digest).filter(|bytes| digest.check(bytes) == Some(true) || is_payload(digest, bytes))
}

/// Whether these bytes are a signed manifest of schema 1, and the digest is that of its payload.
fn is_payload(digest: &Digest, bytes: &Rc<[u8]>) -> bool {
    let read = Manifest::read(Rc::clone(bytes), &DeclaredTypes::none());
    let signed = read.ok().filter(|(it, _)| it.format.is_schema1());
    let payload = signed.as_ref().and_then(|(it, _)| it.digest_input());
    payload.and_then(|payload| digest.check(payload)) == Some(true)
}
