//! Sources: manifests that entries are made of. What was not found to be what it claims is not
//! composed.
//!
//! There are two ways into a draft. A manifest that is here is judged by [`refusal`] and
//! becomes an entry by [`Entry::from_manifest`]. A manifest that a list names needs not be
//! here: [`Entry::from_listed`] takes the list's word for it, once that is complete.
//! `workflow::compose` asks both for its rows, and shows the reason beside a row that it
//! leaves out; `workflow::push` asks [`refusal`] again before it puts a manifest.
//!
//! Here is also which attestation belongs to which image ([`attested`]).

use std::fmt;

use crate::config::ImageConfig;
use crate::descriptor::Descriptor;
use crate::digest::Algorithm;
use crate::finding::{Code, Finding};
use crate::humanize;
use crate::json::JsonError;
use crate::limits;
use crate::manifest::{Image, List, Manifest};
use crate::platform::Platform;
use crate::verify::Comparison;

use super::{Entry, EntryOrigin};

/// Why something cannot be composed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ineligible {
    /// The bytes are not a JSON object.
    NotJson(JsonError),
    /// It is no manifest, and is known for what it is: what, with an article.
    NoManifest(String),
    /// The bytes are not those that somebody named: another size or digest. What could not be
    /// compared is no mismatch.
    Mismatch(Comparison),
    /// It is schema 1, which no list may name.
    Schema1,
    /// It is more than registries take, by its bytes or by what a list says of its size.
    TooLarge {
        /// In bytes.
        size: u64,
    },
    /// Two clients may see two different things in it, or none knows what it is: the finding
    /// says why.
    Unsafe(Finding),
    /// An entry of a list that lacks a member, or has a broken one.
    Incomplete {
        /// Which: `digest`.
        member: &'static str,
    },
    /// It is a list of nothing, so that opening it gives no entry. As one entry, nested, it may
    /// be composed.
    Empty,
}

impl fmt::Display for Ineligible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoManifest(name) => write!(f, "it is {name}, not a manifest"),
            Self::NotJson(error) => write!(f, "it is not a manifest: {error}"),
            Self::Mismatch(comparison) => {
                write!(f, "its bytes are not those of {}", comparison.expected)
            }
            Self::Schema1 => f.write_str("it is Docker schema 1, which no list may name"),
            Self::TooLarge { size } => {
                write!(f, "it is {}, registries take 4 MiB", humanize::size(*size))
            }
            Self::Unsafe(finding) => write!(f, "{}: {}", finding.code, finding.message),
            Self::Incomplete { member } => write!(f, "its entry has no valid {member}"),
            Self::Empty => f.write_str("it is a list without entries"),
        }
    }
}

impl std::error::Error for Ineligible {}

/// Findings with which a manifest is not composed: two clients would see two things, or none
/// would take it.
const UNSAFE: [Code; 9] = [
    Code::Ambiguous,
    Code::DuplicateName,
    Code::CaseVariantName,
    Code::TrailingData,
    Code::ByteOrderMark,
    Code::MediaTypeConflict,
    Code::UnknownFormat,
    Code::SchemaVersion,
    Code::WithdrawnFormat,
];

/// Why a manifest cannot be composed; `None` where it can.
///
/// `findings` are those of reading it, `comparisons` those with what was said of its bytes.
///
/// The first reason counts, in this order: bytes that are not those that were named, since
/// then nothing in them matters; no JSON object; too large; schema 1; an unsafe finding.
/// Anything else that reading found, errors included, does not keep a manifest out of a list.
///
/// ```
/// use waybill_core::compose::eligibility::refusal;
/// use waybill_core::manifest::{Manifest, detect::DeclaredTypes};
///
/// let bytes = &br#"{"schemaVersion":1,"fsLayers":[]}"#[..];
/// let (manifest, findings) = Manifest::read(bytes, &DeclaredTypes::none())?;
/// let why = refusal(&Ok(manifest), &findings, &[]).map(|why| why.to_string());
/// assert_eq!(why.as_deref(), Some("it is Docker schema 1, which no list may name"));
/// # Ok::<(), waybill_core::json::JsonError>(())
/// ```
#[must_use]
pub fn refusal(
    manifest: &Result<Manifest, JsonError>,
    findings: &[Finding],
    comparisons: &[Comparison],
) -> Option<Ineligible> {
    if let Some(comparison) = comparisons
        .iter()
        .find(|comparison| comparison.verdict.is_mismatch())
    {
        return Some(Ineligible::Mismatch(comparison.clone()));
    }
    let manifest = match manifest {
        Ok(manifest) => manifest,
        Err(error) => return Some(Ineligible::NotJson(error.clone())),
    };
    if manifest.bytes.len() > limits::MANIFEST_BYTES {
        return Some(Ineligible::TooLarge {
            size: manifest.bytes.len() as u64,
        });
    }
    if manifest.format.is_schema1() {
        return Some(Ineligible::Schema1);
    }
    let found = findings
        .iter()
        .find(|finding| UNSAFE.contains(&finding.code));
    if let Some(finding) = found {
        return Some(Ineligible::Unsafe(finding.clone()));
    }
    None
}

impl Entry {
    /// An entry for a manifest as a whole; an image's platform is that of its config, where
    /// that is here.
    ///
    /// A list is named as one entry, nested, without a platform.
    ///
    /// `config` has to be the one that the manifest names, verified: it is not compared here.
    /// The digest is sha256, whatever the manifest was asked for by, and the media type is
    /// that of the format that was found, whatever the manifest says. Annotations of the
    /// manifest are kept in `origin` alone, since only some tools copy them; there is an
    /// `origin` for images only. `reference` is for the caller to set.
    ///
    /// What [`refusal`] refuses may give an entry without a digest or media type, so it is
    /// asked first.
    #[must_use]
    pub fn from_manifest(manifest: &Manifest, config: Option<&ImageConfig>) -> Self {
        let digest = manifest.digest(Algorithm::Sha256);
        let image = manifest.image();
        let platform = config.and_then(ImageConfig::platform).cloned();
        let descriptor = Descriptor {
            media_type: manifest.format.media_type(),
            digest_text: digest.as_ref().map(ToString::to_string).unwrap_or_default(),
            digest,
            size: Some(manifest.size() as u64),
            platform: platform.clone(),
            artifact_type: image.and_then(|image| image.artifact_type.clone()),
            ..Descriptor::default()
        };
        Self {
            descriptor,
            reference: None,
            origin: image.map(|image| EntryOrigin::from_image(image, platform)),
        }
    }

    /// An entry for one of a list, with everything that the list says of it.
    ///
    /// It is refused where it lacks what a client needs to fetch it: a media type of the right
    /// form, a size, and a digest that can be computed here; a platform it need not have. So
    /// is schema 1, and a size over 4 MiB. Whether the manifest is what the list says is not
    /// known by this.
    ///
    /// There is no `origin`: a form leaves out what it does not write, but it fills nothing in
    /// and does not rewrite the platform, as it does for an image.
    pub fn from_listed(listed: &Descriptor) -> Result<Self, Ineligible> {
        let fail = |member| Err(Ineligible::Incomplete { member });
        match &listed.media_type {
            Some(media_type) if media_type.is_schema1() => return Err(Ineligible::Schema1),
            Some(media_type) if media_type.is_well_formed() => {}
            _ => return fail("mediaType"),
        }
        match listed.size {
            None => return fail("size"),
            Some(size) if size > limits::MANIFEST_BYTES as u64 => {
                return Err(Ineligible::TooLarge { size });
            }
            Some(_) => {}
        }
        if listed
            .digest
            .as_ref()
            .and_then(crate::digest::Digest::algorithm)
            .is_none()
        {
            return fail("digest");
        }
        Ok(Self {
            descriptor: listed.clone(),
            reference: None,
            origin: None,
        })
    }
}

impl EntryOrigin {
    /// What an image says of itself. `platform` is that of its config.
    fn from_image(image: &Image, platform: Option<Platform>) -> Self {
        Self {
            artifact_type: image.artifact_type.clone(),
            config_type: image
                .config
                .as_ref()
                .and_then(|config| config.media_type.clone()),
            annotations: image.annotations.clone(),
            platform,
        }
    }
}

/// For each entry of a list, the place of the image that it attests; `None` for what is no
/// attestation, or of nothing that is here. Attestations are kept and dropped together with
/// their image.
#[must_use]
pub fn attested(list: &List) -> Vec<Option<usize>> {
    attested_among(&list.entries.iter().collect::<Vec<_>>())
}

/// The same of any descriptors.
///
/// An attestation names its image by digest, as text; of several entries with that digest the
/// first is meant. An attestation of an attestation has no image here, nor has one that names
/// no digest. Places are those in `entries`, so one that stands for nothing may be among them
/// to keep the others in their places.
#[must_use]
pub fn attested_among(entries: &[&Descriptor]) -> Vec<Option<usize>> {
    use std::borrow::Cow;
    let count = entries.len();
    let images = entries
        .iter()
        .enumerate()
        .map(|(place, entry)| match entry.attests() {
            None => Cow::Borrowed(entry.digest_text.as_str()),
            Some(_) => Cow::Owned(format!("-{place}")),
        });
    let subjects = entries
        .iter()
        .map(|entry| Cow::Borrowed(entry.attests().unwrap_or("-")));
    let first = crate::lenient::first_equals(images.chain(subjects).collect());
    first[count..]
        .iter()
        .zip(entries)
        .map(|(place, entry)| {
            let names_one = entry.attests().is_some_and(|image| !image.is_empty());
            Some(*place).filter(|place| *place < count && names_one)
        })
        .collect()
}
