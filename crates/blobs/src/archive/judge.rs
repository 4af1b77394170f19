//! One image, judged by what its blobs were found to be.

use waybill_core::digest::{Algorithm, Digest};
use waybill_core::media_type::MediaType;
use waybill_core::verify::{Expected, explain};

use super::Lost;
use super::blobs::claimed;
use super::finding::{Code, Findings};
use super::image::{Blob, Holds, Image};
use super::source::{Place, ReadError, Source, read_place};
use super::verify::{Judgement, Known, Read, Verdict};
use super::zeros::{self, Zeros};
use crate::path::escape;
use crate::sniff::Compression;
use crate::unpack::UnpackError;

/// Documents of up to so many bytes are looked at for why they differ.
const EXPLAINED: u64 = 4 << 20;

/// One image while it is judged.
pub(super) struct Judging<'a, S> {
    pub(super) source: &'a S,
    pub(super) known: &'a mut Known,
    pub(super) findings: Findings,
    /// Its place among the images.
    pub(super) image: usize,
    pub(super) judgement: Judgement,
}

impl<S: Source> Judging<'_, S> {
    fn add(&mut self, code: Code, path: &[u8], message: String) {
        self.findings.add(code, Some(self.image), path, message);
    }

    fn because(&mut self, verdict: Verdict, cause: String) {
        self.judgement.verdict = self.judgement.verdict.max(verdict);
        self.judgement.causes.push(cause);
    }

    /// Reads all of it, and says what is wrong.
    pub(super) async fn judge(
        &mut self,
        image: &Image,
        tell: &mut dyn FnMut(u64),
    ) -> Result<(), ReadError> {
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
