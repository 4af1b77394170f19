//! What images of an archive are made of, by digest: what it takes to write them elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use waybill_core::digest::Digest;
use waybill_core::limits::MANIFEST_BYTES;
use waybill_core::save::Unpacked;

use super::outer::{Outer, OuterError};
use super::source::{Place, ReadError, Source, read, read_place};
use super::zeros::PIECE;
use super::{Archive, Holds, Image};
use crate::sniff::Compression;

/// So many bytes are unpacked at once, so that what is told is held to what came.
const PUSHED: usize = 64 << 10;

/// Manifests, configs and blobs by the digests that manifests name.
///
/// Nothing here is hashed: that does whoever writes it (`waybill_core::save`).
#[derive(Clone, Debug, Default)]
pub struct Contents {
    documents: BTreeMap<Digest, Rc<[u8]>>,
    blobs: BTreeMap<Digest, Stored>,
}

/// Where the bytes of a blob stand in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The place.
    pub place: Place,
    /// Whether the blob is what that unpacks to: a docker archive has no manifest, and the one
    /// that is made names layers unpacked, however they stand there.
    pub unpacks: bool,
}

/// Why a blob was not read to its end.
#[derive(Debug)]
pub enum CopyError<E> {
    /// The archive could not be read.
    Read(ReadError),
    /// It does not unpack, or to far more than any layer.
    Unpack(OuterError),
    /// Whoever takes the bytes wants no more.
    Taker(E),
}

impl Contents {
    /// A manifest or config.
    #[must_use]
    pub fn document(&self, digest: &Digest) -> Option<Rc<[u8]>> {
        self.documents.get(digest).map(Rc::clone)
    }

    /// Adds a manifest or config that was made of one that is here.
    pub fn add(&mut self, bytes: &[u8]) -> Digest {
        let digest = Digest::sha256(bytes);
        self.documents.insert(digest.clone(), bytes.into());
        digest
    }

    /// Where the bytes of a blob stand.
    #[must_use]
    pub fn blob(&self, digest: &Digest) -> Option<Stored> {
        self.blobs.get(digest).copied()
    }
}

impl Archive {
    /// Finds all that these images name, and what indexes list, in turn: documents are read, and
    /// blobs only found. What is missed is not in the answer.
    ///
    /// `images` are places in [`images`](Self::images).
    pub async fn contents<S: Source>(
        &self,
        source: &S,
        images: &[usize],
    ) -> Result<Contents, ReadError> {
        let mut contents = Contents::default();
        let (mut waiting, mut seen) = (images.to_vec(), BTreeSet::new());
        while let Some(number) = waiting.pop() {
            let Some(image) = self.images.get(number) else {
                continue;
            };
            if !seen.insert(number) {
                continue;
            }
            contents.add_image(source, image).await?;
            if let Holds::Index(digests) = &image.holds {
                let places = self.images.iter().enumerate();
                let listed = places.filter(|(_, image)| {
                    let digest = image.digest.as_ref();
                    digest.is_some_and(|digest| digests.contains(digest))
                });
                waiting.extend(listed.map(|(place, _)| place));
            }
        }
        Ok(contents)
    }

    /// What a blob unpacks to, as a docker archive has to know it before it is written. The blob is
    /// read for it where it was not; `None` where it does not unpack.
    pub async fn unpacked<S: Source>(
        &mut self,
        source: &S,
        stored: Stored,
        tell: &mut dyn FnMut(u64),
    ) -> Result<Option<Unpacked>, ReadError> {
        let algorithm = waybill_core::digest::Algorithm::Sha256;
        let read = self.known.read(source, stored.place, algorithm, tell);
        let read = read.await?;
        let diff_id = read.found.diff_id.as_ref().ok().filter(|_| !read.is_bomb);
        Ok(diff_id.map(|diff_id| Unpacked {
            diff_id: diff_id.clone(),
            size: read.found.unpacked_size,
        }))
    }
}

impl Contents {
    async fn add_image<S: Source>(&mut self, source: &S, image: &Image) -> Result<(), ReadError> {
        let Some(digest) = &image.digest else {
            return Ok(());
        };
        if let Some(bytes) = &image.bytes {
            self.documents.insert(digest.clone(), bytes[..].into());
        } else if let Some(manifest) = &image.manifest {
            self.document_at(source, digest, manifest.place).await?;
        }
        if let Some(config) = image.config()
            && let Some(digest) = &config.digest
        {
            if let Some(bytes) = &config.embedded {
                self.documents.insert(digest.clone(), bytes[..].into());
            } else if let Ok(found) = &config.found {
                self.document_at(source, digest, found.place).await?;
                let place = found.place;
                let unpacks = false;
                self.blobs.insert(digest.clone(), Stored { place, unpacks });
            }
        }
        for layer in image.layers().unwrap_or_default() {
            let Ok(found) = &layer.found else { continue };
            let digest = if image.made {
                layer.diff_id.as_ref()
            } else {
                layer.digest.as_ref()
            };
            if let Some(digest) = digest {
                let is_plain = layer.compression == Some(Compression::None);
                let stored = Stored {
                    place: found.place,
                    unpacks: image.made && !is_plain,
                };
                self.blobs.insert(digest.clone(), stored);
            }
        }
        Ok(())
    }

    /// Reads a document; what is too large to be one is left where it is.
    async fn document_at<S: Source>(
        &mut self,
        source: &S,
        digest: &Digest,
        place: Place,
    ) -> Result<(), ReadError> {
        if place.size <= MANIFEST_BYTES as u64 {
            let bytes = read_place(source, place).await?;
            self.documents.insert(digest.clone(), bytes.into());
        }
        Ok(())
    }
}

impl Stored {
    /// Reads the blob, and tells its bytes as they come; `unpacked` where what it unpacks to is
    /// wanted.
    pub async fn copy<S: Source, E>(
        self,
        source: &S,
        unpacked: bool,
        tell: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), CopyError<E>> {
        let Self { place, unpacks } = self;
        let mut outer = (unpacks || unpacked).then(Outer::new);
        let mut position = place.offset;
        while position < place.end() {
            let next = place.end().min(position + PIECE);
            let bytes = read(source, place.file, position..next).await;
            let bytes = bytes.map_err(CopyError::Read)?;
            position = next;
            let Some(outer) = &mut outer else {
                tell(&bytes).map_err(CopyError::Taker)?;
                continue;
            };
            for piece in bytes.chunks(PUSHED) {
                let mut told = Ok(());
                let pushed = outer.push(piece, &mut |bytes| {
                    if told.is_ok() {
                        told = tell(bytes);
                    }
                });
                told.map_err(CopyError::Taker)?;
                pushed.map_err(CopyError::Unpack)?;
            }
        }
        let Some(outer) = outer else { return Ok(()) };
        let mut told = Ok(());
        let finished = outer.finish(&mut |bytes| {
            if told.is_ok() {
                told = tell(bytes);
            }
        });
        told.map_err(CopyError::Taker)?;
        finished.map_err(CopyError::Unpack)?;
        Ok(())
    }
}
