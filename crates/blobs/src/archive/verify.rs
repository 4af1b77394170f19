//! Reads every blob of an archive, and says of each image whether it is what it claims.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use waybill_core::digest::{Algorithm, Digest};

use super::Archive;
use super::finding::{Code, Findings};
use super::image::{Image, spread};
use super::judge::Judging;
use super::outer::Bound;
use super::source::{Place, ReadError, Source, read};
use super::zeros::PIECE;
use crate::layer::{Found, Layer};
use crate::path::escape;
use crate::sniff::Compression;

/// So many bytes are pushed at once, so that what is unpacked is held to what came.
const PUSHED: usize = 64 << 10;

/// What was found of an image by reading all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// All of it is here and is what its digests name.
    Verified,
    /// Nothing was found wrong, and something could not be checked.
    NotChecked,
    /// Something is not what its digest names.
    Mismatch,
}

impl Verdict {
    /// Its stable name, for JSON output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::NotChecked => "not checked",
            Self::Mismatch => "mismatch",
        }
    }
}

/// A verdict and what led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict; of an index the worst of its own and of all that it lists.
    pub verdict: Verdict,
    /// Why it is not verified, in words: of itself, not of what an index lists.
    pub causes: Vec<String>,
}

/// Blobs that were read, each at its place once for an algorithm.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(BTreeMap<(Place, Algorithm), Read>);

/// What one blob was found to be.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) found: Found,
    /// How many zeros it ends with.
    pub(super) zeros: u64,
    /// Whether it unpacks to far more than any layer, and was not unpacked further.
    pub(super) is_bomb: bool,
}

impl Known {
    /// The digest and size of what a layer unpacks to, once it was read.
    pub(super) fn unpacked(&self, place: Place) -> Option<(&Digest, u64)> {
        let found = &self.0.get(&(place, Algorithm::Sha256))?.found;
        Some((found.diff_id.as_ref().ok()?, found.unpacked_size))
    }

    /// What is at a place, which is read where it was not.
    pub(super) async fn read<S: Source>(
        &mut self,
        source: &S,
        place: Place,
        algorithm: Algorithm,
        tell: &mut dyn FnMut(u64),
    ) -> Result<&Read, ReadError> {
        Ok(match self.0.entry((place, algorithm)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(gap) => gap.insert(read_blob(source, place, algorithm, tell).await?),
        })
    }
}

async fn read_blob<S: Source>(
    source: &S,
    place: Place,
    algorithm: Algorithm,
    tell: &mut dyn FnMut(u64),
) -> Result<Read, ReadError> {
    let mut layer = Layer::new(algorithm);
    let mut bound = Bound::default();
    let (mut zeros, mut is_bomb) = (0, false);
    let mut position = place.offset;
    while position < place.end() {
        let next = place.end().min(position + PIECE);
        let bytes = read(source, place.file, position..next).await?;
        for piece in bytes.chunks(PUSHED) {
            let before = layer.unpacked_size();
            layer.push(piece, &mut |_| {});
            let unpacked = layer.unpacked_size() - before;
            if !is_bomb && !bound.holds(piece.len() as u64, unpacked) {
                is_bomb = true;
                layer.stop_unpacking();
            }
        }
        zeros = match bytes.iter().rposition(|byte| *byte != 0) {
            Some(last) => (bytes.len() - 1 - last) as u64,
            None => zeros + bytes.len() as u64,
        };
        position = next;
        tell(bytes.len() as u64);
    }
    let found = layer.finish(&mut |_| {});
    Ok(Read {
        found,
        zeros,
        is_bomb,
    })
}

impl Archive {
    /// How many bytes [`measure`](Self::measure) reads: 0 where all digests are known, as far as
    /// they can be.
    #[must_use]
    pub fn to_measure(&self) -> u64 {
        self.unmeasured().iter().map(|place| place.size).sum()
    }

    /// How many bytes [`verify`](Self::verify) reads, but for what was read before.
    #[must_use]
    pub fn to_verify(&self) -> u64 {
        let blobs = self.images.iter().flat_map(Image::blobs);
        let places: BTreeSet<_> = blobs
            .filter_map(|blob| Some((blob.found.ok()?.place, blob.algorithm())))
            .filter(|read| !self.known.0.contains_key(read))
            .collect();
        places.iter().map(|(place, _)| place.size).sum()
    }

    /// The compressed layers of which the unpacked size is needed.
    fn unmeasured(&self) -> Vec<Place> {
        let images = self.images.iter();
        let unknown = images.filter(|image| image.made && image.digest.is_none());
        let layers = unknown.flat_map(|image| {
            let layers = image.layers().unwrap_or_default().iter();
            // Of legacy archives nothing is known, of others the size of what is not compressed.
            let is_legacy = !image.chain.is_empty();
            layers.filter(move |layer| is_legacy || layer.compression != Some(Compression::None))
        });
        let places = layers.filter_map(|layer| Some(layer.found.ok()?.place));
        let places: BTreeSet<_> = places
            .filter(|place| !self.known.0.contains_key(&(*place, Algorithm::Sha256)))
            .collect();
        places.into_iter().collect()
    }

    /// Unpacks the layers without which the digests of made manifests are not known: those that
    /// are compressed. `tell` gets the number of bytes of each piece that was read.
    pub async fn measure<S: Source>(
        &mut self,
        source: &S,
        tell: &mut dyn FnMut(u64),
    ) -> Result<(), ReadError> {
        for place in self.unmeasured() {
            self.known
                .read(source, place, Algorithm::Sha256, tell)
                .await?;
        }
        self.make_manifests();
        self.settle();
        Ok(())
    }

    /// Reads and hashes every blob of every image, each once, and judges the images: one
    /// judgement each, in their order. What is wrong is among the findings too. `tell` gets the
    /// number of bytes of each piece that was read.
    pub async fn verify<S: Source>(
        &mut self,
        source: &S,
        tell: &mut dyn FnMut(u64),
    ) -> Result<Vec<Judgement>, ReadError> {
        self.compare_unread(source, tell).await?;
        let images = self.images.clone();
        let mut judged = Vec::new();
        for (place, image) in images.iter().enumerate() {
            let mut judging = Judging {
                source,
                known: &mut self.known,
                findings: Findings(std::mem::take(&mut self.findings)),
                image: place,
                judgement: Judgement {
                    verdict: Verdict::Verified,
                    causes: Vec::new(),
                },
            };
            let done = judging.judge(image, tell).await;
            self.findings = judging.findings.0;
            judged.push(judging.judgement);
            done?;
        }
        self.make_manifests();
        self.settle();
        let verdicts = judged.iter().map(|judgement| judgement.verdict).collect();
        let verdicts = spread(&self.images, verdicts, Ord::max);
        for (judgement, verdict) in judged.iter_mut().zip(verdicts) {
            judgement.verdict = verdict;
        }
        Ok(judged)
    }

    /// Compares large entries of one name, which were not when the archive was opened.
    async fn compare_unread<S: Source>(
        &mut self,
        source: &S,
        tell: &mut dyn FnMut(u64),
    ) -> Result<(), ReadError> {
        let findings = std::mem::take(&mut self.findings);
        for mut finding in findings {
            if finding.code == Code::DuplicateUnread {
                let mut digests = BTreeSet::new();
                for entry in self.index.at(&finding.path).to_vec() {
                    let digest = match self.index.resolve_entry(entry) {
                        Ok(found) => {
                            let read = self
                                .known
                                .read(source, found.place, Algorithm::Sha256, tell)
                                .await?;
                            Some(read.found.digest.clone())
                        }
                        Err(_) => None,
                    };
                    digests.insert(digest);
                }
                let name = escape(&finding.path);
                (finding.code, finding.message) = if digests.len() == 1 {
                    (
                        Code::Duplicate,
                        format!("{name} stands twice, with the same bytes"),
                    )
                } else {
                    (
                        Code::DuplicateDiffers,
                        format!("{name} stands twice, with other bytes"),
                    )
                };
            }
            self.findings.push(finding);
        }
        Ok(())
    }
}
