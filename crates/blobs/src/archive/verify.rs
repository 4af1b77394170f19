//! Reads every blob of an archive, and says of each image whether it is what it claims.

use std::collections::{BTreeMap, BTreeSet};

use waybill_core::digest::{Algorithm, Digest};
use waybill_core::media_type::MediaType;
use waybill_core::verify::{Expected, explain};

use super::blobs::claimed;
use super::finding::{Code, Findings};
use super::image::{Blob, Holds, Image, spread};
use super::outer::Bound;
use super::source::{Place, ReadError, Source, read, read_place};
use super::zeros::{self, PIECE, Zeros};
use super::{Archive, Lost};
use crate::layer::{Found, Layer};
use crate::path::escape;
use crate::sniff::Compression;
use crate::unpack::UnpackError;

/// So many bytes are pushed at once, so that what is unpacked is held to what came.
const PUSHED: usize = 64 << 10;
/// Documents of up to so many bytes are looked at for why they differ.
const EXPLAINED: u64 = 4 << 20;

/// What was found of an image by reading all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
struct Read {
    found: Found,
    /// How many zeros it ends with.
    zeros: u64,
    /// Whether it unpacks to far more than any layer, and was not unpacked further.
    is_bomb: bool,
}

impl Known {
    /// The digest and size of what a layer unpacks to, once it was read.
    pub(super) fn unpacked(&self, place: Place) -> Option<(&Digest, u64)> {
        let found = &self.0.get(&(place, Algorithm::Sha256))?.found;
        Some((found.diff_id.as_ref().ok()?, found.unpacked_size))
    }

    async fn read<S: Source>(
        &mut self,
        source: &S,
        place: Place,
        algorithm: Algorithm,
        tell: &mut dyn FnMut(u64),
    ) -> Result<&Read, ReadError> {
        let key = (place, algorithm);
        if !self.0.contains_key(&key) {
            let found = read_blob(source, place, algorithm, tell).await?;
            self.0.insert(key, found);
        }
        self.0
            .get(&key)
            .ok_or_else(|| ReadError::Failed("what was read is not kept".to_owned()))
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

/// One image while it is judged.
struct Judging<'a, S> {
    source: &'a S,
    known: &'a mut Known,
    findings: Findings,
    image: usize,
    judgement: Judgement,
}

impl<S: Source> Judging<'_, S> {
    fn add(&mut self, code: Code, path: &[u8], message: String) {
        self.findings.add(code, Some(self.image), path, message);
    }

    fn because(&mut self, verdict: Verdict, cause: String) {
        self.judgement.verdict = self.judgement.verdict.max(verdict);
        self.judgement.causes.push(cause);
    }

    async fn judge(&mut self, image: &Image, tell: &mut dyn FnMut(u64)) -> Result<(), ReadError> {
        if let Some(why) = &image.differs {
            self.because(Verdict::Mismatch, format!("its manifest: {why}"));
        }
        if !image.is_here {
            self.because(
                Verdict::NotChecked,
                "its manifest is not in the archive, or is not readable".to_owned(),
            );
        }
        match &image.holds {
            Holds::Image { config, layers } => {
                if let Some(config) = config {
                    self.blob(config, image.made, tell).await?;
                }
                for layer in layers {
                    self.blob(layer, image.made, tell).await?;
                    self.layer(layer, image.made, tell).await?;
                }
                let named = layers.iter().filter(|layer| layer.diff_id.is_some());
                if !image.chain.is_empty() {
                    let cause = "nothing in the archive names what its layers hold";
                    self.because(Verdict::NotChecked, cause.to_owned());
                } else if image.made && named.count() < layers.len() {
                    let cause = "the config does not name what its layers unpack to";
                    self.because(Verdict::Mismatch, cause.to_owned());
                }
            }
            Holds::Index(_) => {}
            Holds::Unknown => self.opaque(image, tell).await?,
        }
        Ok(())
    }

    /// What is no manifest is hashed as it is.
    async fn opaque(&mut self, image: &Image, tell: &mut dyn FnMut(u64)) -> Result<(), ReadError> {
        let (Some(found), Some(digest)) = (image.manifest, &image.digest) else {
            return Ok(());
        };
        let blob = Blob {
            digest: Some(digest.clone()),
            size: image.size,
            media_type: image.media_type.clone(),
            ..Blob::at(Vec::new(), Ok(found))
        };
        if image.differs.is_none() {
            self.blob(&blob, false, tell).await?;
        }
        Ok(())
    }

    /// Holds the bytes of a config or layer to the digest and size that name them.
    async fn blob(
        &mut self,
        blob: &Blob,
        made: bool,
        tell: &mut dyn FnMut(u64),
    ) -> Result<(), ReadError> {
        let name = escape(&blob.path);
        let found = match blob.found {
            Ok(found) => found,
            Err(_) if blob.embedded.is_some() => return Ok(()),
            Err(lost) => {
                let what = if blob.is_foreign() && lost == Lost::NotHere {
                    "is kept elsewhere"
                } else {
                    lost.reason()
                };
                self.because(Verdict::NotChecked, format!("{name} {what}"));
                return Ok(());
            }
        };
        let algorithm = blob.digest.as_ref().map(Digest::algorithm);
        let Some(algorithm) = algorithm.unwrap_or(Some(Algorithm::Sha256)) else {
            let cause = format!("{name}: its digest is of an algorithm that is not known here");
            self.because(Verdict::NotChecked, cause);
            return Ok(());
        };
        let read = self
            .known
            .read(self.source, found.place, algorithm, tell)
            .await?
            .clone();
        if let Some(stated) = blob.size.filter(|stated| *stated != read.found.size) {
            let cause = format!("{name} has {} bytes, {stated} are stated", read.found.size);
            self.because(Verdict::Mismatch, cause);
        }
        match &blob.digest {
            Some(digest) if *digest != read.found.digest => {
                let why = self.why(found.place, &read, digest, blob.size).await?;
                self.differs(Code::BlobDiffers, &blob.path, &read.found.digest, &why);
            }
            Some(_) => {}
            // Of a docker archive the config says what layers unpack to.
            None if made => {}
            None => self.because(Verdict::NotChecked, format!("{name}: no digest names it")),
        }
        Ok(())
    }

    /// Holds the name of a layer in a docker archive to its bytes: it is the digest of those, or
    /// of what they unpack to, or none.
    fn claimed(&mut self, blob: &Blob, read: &Read) {
        let Some(claimed) = claimed(&blob.path) else {
            return;
        };
        let is_right = claimed == read.found.digest || read.found.diff_id.as_ref() == Ok(&claimed);
        if !is_right {
            let message = format!("{} hashes to {}", escape(&blob.path), read.found.digest);
            self.add(Code::NameDiffers, &blob.path, message);
        }
    }

    fn differs(&mut self, code: Code, path: &[u8], digest: &Digest, why: &str) {
        let name = escape(path);
        let message = format!("{name} hashes to {digest}: {why}");
        self.add(code, path, message);
        self.because(Verdict::Mismatch, format!("{name}: {why}"));
    }

    /// Why the bytes at a place are not what a digest names.
    async fn why(
        &self,
        place: Place,
        read: &Read,
        expected: &Digest,
        stated: Option<u64>,
    ) -> Result<String, ReadError> {
        if read.found.diff_id.as_ref() == Ok(expected) {
            return Ok("it is compressed, and what it unpacks to has the digest".to_owned());
        }
        match zeros::explain(self.source, place, read.zeros, expected).await? {
            Some(Zeros::Added(bytes)) => {
                return Ok(format!("{bytes} zero bytes at the end do not belong to it"));
            }
            Some(Zeros::Missing(bytes)) => {
                return Ok(format!("{bytes} zero bytes are missing at the end"));
            }
            None => {}
        }
        let is_layer = read.found.archive.is_ok() && place.size >= 512;
        if place.size <= EXPLAINED && !is_layer {
            let bytes = read_place(self.source, place).await?;
            let explained = explain(&bytes, &Expected::from(expected.clone()));
            if let Some(cause) = explained.cause() {
                return Ok(cause.sentence.clone());
            }
        }
        Ok(match stated {
            Some(stated) if stated > place.size => {
                format!("{} of {stated} bytes are missing", stated - place.size)
            }
            Some(_) | None => format!("{expected} names other bytes"),
        })
    }

    /// Holds what a layer unpacks to to the config.
    async fn layer(
        &mut self,
        layer: &Blob,
        made: bool,
        tell: &mut dyn FnMut(u64),
    ) -> Result<(), ReadError> {
        let Ok(found) = layer.found else {
            return Ok(());
        };
        let name = escape(&layer.path);
        let algorithm = layer.digest.as_ref().and_then(Digest::algorithm);
        let read = self
            .known
            .read(
                self.source,
                found.place,
                algorithm.unwrap_or(Algorithm::Sha256),
                tell,
            )
            .await?
            .clone();
        let other = layer
            .media_type
            .as_ref()
            .and_then(MediaType::no_file_system);
        if let (Some(other), Some(_)) = (other, &layer.diff_id) {
            let message = format!("{name} is {other}: what it unpacks to was not checked");
            self.add(Code::NotChecked, &layer.path, message.clone());
            self.because(Verdict::NotChecked, message);
            return Ok(());
        }
        if other.is_some() {
            return Ok(());
        }
        if read.is_bomb {
            let message = format!("{name} unpacks to far more than any layer");
            self.add(Code::Unpackable, &layer.path, message.clone());
            self.because(Verdict::NotChecked, message);
            return Ok(());
        }
        let diff_id = match &read.found.diff_id {
            Ok(diff_id) => diff_id,
            Err(error) => {
                let message = format!("{name}: {error}");
                let is_wrong =
                    matches!(error, UnpackError::Corrupt { .. } | UnpackError::EndsEarly);
                let (code, verdict) = if is_wrong {
                    (Code::Unpackable, Verdict::Mismatch)
                } else {
                    (Code::NotChecked, Verdict::NotChecked)
                };
                self.add(code, &layer.path, message.clone());
                self.because(verdict, message);
                return Ok(());
            }
        };
        if let Err(error) = &read.found.archive {
            let message = format!("{name}: {error}");
            self.add(Code::LayerBroken, &layer.path, message);
        }
        match &layer.diff_id {
            Some(expected) if expected != diff_id => {
                let is_plain = read.found.compression == Compression::None;
                let why = if made && is_plain {
                    self.why(found.place, &read, expected, None).await?
                } else {
                    format!("it unpacks to {diff_id}, the config says {expected}")
                };
                self.differs(Code::DiffIdDiffers, &layer.path, &read.found.digest, &why);
            }
            Some(_) if made => self.claimed(layer, &read),
            Some(_) | None => {}
        }
        Ok(())
    }
}
