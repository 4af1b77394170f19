//! What a page and the worker that reads archives say to each other: plain values, of which both
//! sides are built.
//!
//! Both travel as JSON text. Beside a command go the files that it is about, as the browser has
//! them, beside an event the file that came of unpacking. The worker reads one archive and holds
//! it, so that what was read once is not read again; the page holds its [`Told`], which has all
//! that is drawn, and where each blob stands.

use serde::{Deserialize, Serialize};
use waybill_core::digest::Digest;
use waybill_core::finding::Severity;

use super::{Archive, Blob, Form, Holds, Image, Judgement, Place, ReadError, Verdict};
use crate::path::escape;
use crate::sniff::Compression;

/// What the page tells the worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Opens what travels beside this: one file, or the files of a folder.
    Open {
        /// The paths of a folder's files, in the order of the files; `None` where it is one file.
        paths: Option<Vec<String>>,
    },
    /// Unpacks the file beside this, an archive or a layer, onto the disk of the browser.
    Unpack {
        /// The name of a lock that the page holds as long as it needs the file, and the name of
        /// the file.
        name: String,
    },
    /// Unpacks the layers without which the digests of images are not known.
    Measure,
    /// Reads everything.
    Verify,
}

/// What the worker tells the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// It hears.
    Ready,
    /// How far it is, in bytes of the file or of all that is to be read.
    Progress {
        /// So many were read.
        done: u64,
        /// Of so many.
        of: u64,
        /// What they unpacked to, where something is unpacked.
        unpacked: u64,
    },
    /// What was opened is compressed as a whole.
    Packed(Compression),
    /// It is open, or measured, or verified.
    Told(Box<Told>),
    /// The file beside this is what was to be unpacked.
    Unpacked,
    /// It could not be done.
    Failed(Failure),
}

/// Why something could not be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// The file is another one by now.
    Changed,
    /// There is no room for what comes of unpacking.
    NoRoom {
        /// How many bytes the browser still gives the page; `None` where it gives no disk at all.
        free: Option<u64>,
        /// How many are needed at least, as far as that is known.
        needed: Option<u64>,
    },
    /// It is not what it claims to be, or the browser refuses: in words that can follow a colon.
    Other(String),
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Changed => Self::Changed,
            ReadError::Failed(why) => Self::Other(why),
        }
    }
}

/// An archive as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Who writes such ones.
    pub form: Form,
    /// Of no archive of images, what it is instead, with its article.
    pub what: Option<String>,
    /// How many entries it has.
    pub entries: u64,
    /// Its images, as in [`Archive::images`].
    pub images: Vec<ToldImage>,
    /// What is wrong, or worth knowing, the worst first.
    pub findings: Vec<ToldFinding>,
    /// How many bytes [`Command::Measure`] reads; 0 where nothing is left to measure.
    pub to_measure: u64,
    /// How many bytes [`Command::Verify`] reads.
    pub to_verify: u64,
    /// What the archive answers with when it is asked for a digest.
    pub contents: Vec<ToldContent>,
}

/// An image of an archive as the page shows it.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldImage {
    /// Its names as they are written.
    pub names: Vec<String>,
    /// The media type of its manifest.
    pub media_type: Option<String>,
    /// The digest of its manifest, where it is known.
    pub digest: Option<Digest>,
    /// Whether the manifest was made here.
    pub made: bool,
    /// The machine that it is for.
    pub platform: Option<String>,
    /// The digests that an index lists; `None` of what is none.
    pub lists: Option<Vec<Digest>>,
    /// How many layers it has.
    pub layers: u64,
    /// The bytes of its layers and config, as they stand in the archive.
    pub bytes: u64,
    /// Whether its manifest is in the archive, or could be made.
    pub is_here: bool,
    /// Whether all that it names is in the archive.
    pub complete: bool,
    /// Whether it may be pushed from here, as far as is known.
    pub may_be_pushed: bool,
    /// What reading all of it showed; `None` where that was not done.
    pub verdict: Option<Verdict>,
    /// Why it is not verified.
    pub causes: Vec<String>,
}

/// A finding as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldFinding {
    /// The stable name of its rule.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What the rule says in a few words.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// The image that it is about, by its place.
    pub image: Option<usize>,
    /// The name of the entry that it is about.
    pub path: String,
    /// What was found.
    pub message: String,
}

/// What an archive answers with when it is asked for a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldContent {
    /// The digest.
    pub digest: Digest,
    /// The media type of a manifest.
    pub media_type: Option<String>,
    /// Whether it may be pushed from here: `false` of the manifest of an image that is not all
    /// here, or that two readers read differently.
    pub may_be_pushed: bool,
    /// The bytes.
    pub bytes: Bytes,
}

/// Where bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bytes {
    /// In the archive.
    At(Place),
    /// In the archive, compressed, while the digest is of what they unpack to.
    Packed(Place),
    /// Made here.
    Made(Vec<u8>),
}

impl Told {
    /// Tells an archive, with the judgements on its images where all of it was read.
    #[must_use]
    pub fn new(archive: &Archive, judged: Option<&[Judgement]>) -> Self {
        let images = archive.images.iter().enumerate().map(|(place, image)| {
            let judgement = judged.and_then(|judged| judged.get(place));
            told(image, archive.may_be_pushed(place), judgement)
        });
        let mut findings: Vec<_> = archive
            .findings
            .iter()
            .map(|finding| {
                let rule = finding.code.rule();
                ToldFinding {
                    code: rule.name.to_owned(),
                    severity: rule.severity,
                    title: rule.title.to_owned(),
                    why: rule.why.to_owned(),
                    image: finding.image,
                    path: escape(&finding.path),
                    message: finding.message.clone(),
                }
            })
            .collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        Self {
            form: archive.form,
            what: archive.what.clone(),
            entries: archive.index.entries().len() as u64,
            images: images.collect(),
            findings,
            to_measure: archive.to_measure(),
            to_verify: archive.to_verify(),
            contents: contents(archive),
        }
    }
}

fn told(image: &Image, may_be_pushed: bool, judgement: Option<&Judgement>) -> ToldImage {
    let sizes = image.blobs().filter_map(|blob| blob.found.ok());
    ToldImage {
        names: image.names.clone(),
        media_type: image.media_type.as_ref().map(ToString::to_string),
        digest: image.digest.clone(),
        made: image.made,
        platform: image.platform.as_ref().map(ToString::to_string),
        lists: match &image.holds {
            Holds::Index(digests) => Some(digests.clone()),
            Holds::Image { .. } | Holds::Unknown => None,
        },
        layers: image.layers().map_or(0, <[_]>::len) as u64,
        bytes: sizes.map(|found| found.place.size).sum(),
        is_here: image.is_here,
        complete: image.complete,
        may_be_pushed,
        verdict: judgement.map(|judgement| judgement.verdict),
        causes: judgement.map_or_else(Vec::new, |judgement| judgement.causes.clone()),
    }
}

/// Everything that has a digest, each digest once: what stands in the archive as it is before
/// what has to be unpacked for it.
fn contents(archive: &Archive) -> Vec<ToldContent> {
    let mut all = Vec::new();
    for (place, image) in archive.images.iter().enumerate() {
        let manifest = image.manifest.map(|found| Bytes::At(found.place));
        let bytes = image.bytes.clone().map(Bytes::Made).or(manifest);
        if let (Some(digest), Some(bytes)) = (&image.digest, bytes) {
            all.push(ToldContent {
                digest: digest.clone(),
                media_type: image.media_type.as_ref().map(ToString::to_string),
                may_be_pushed: archive.may_be_pushed(place),
                bytes,
            });
        }
        for blob in image.blobs() {
            all.extend(content(blob, image.made));
        }
    }
    all.sort_by(|one, other| {
        let key = |content: &ToldContent| matches!(content.bytes, Bytes::Packed(_));
        (one.digest.as_str(), key(one)).cmp(&(other.digest.as_str(), key(other)))
    });
    all.dedup_by(|later, first| {
        let is_same = later.digest == first.digest;
        if is_same {
            // What forbids it of one image of that digest, forbids it of all.
            first.may_be_pushed &= later.may_be_pushed;
        }
        is_same
    });
    all
}

fn content(blob: &Blob, made: bool) -> Option<ToldContent> {
    // A manifest that was made names layers by what they unpack to.
    let is_unpacked = made && blob.digest.is_none();
    let digest = if is_unpacked {
        blob.diff_id.as_ref()
    } else {
        blob.digest.as_ref()
    };
    let is_packed = blob.compression != Some(Compression::None);
    let bytes = match (&blob.found, &blob.embedded) {
        (Ok(found), _) if is_unpacked && is_packed => Bytes::Packed(found.place),
        (Ok(found), _) => Bytes::At(found.place),
        (Err(_), Some(embedded)) => Bytes::Made(embedded.clone()),
        (Err(_), None) => return None,
    };
    Some(ToldContent {
        digest: digest?.clone(),
        media_type: None,
        may_be_pushed: true,
        bytes,
    })
}
