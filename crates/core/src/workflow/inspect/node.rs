//! A manifest and a config that came: read, and compared with what was asked for.
//!
//! Nothing is refused here. Bytes that are no manifest, and bytes that are not those that were
//! named, make a [`Node`] as well, with findings and comparisons that say so; who uses it
//! decides.

use std::rc::Rc;

use crate::config::ImageConfig;
use crate::digest::{Algorithm, Digest};
use crate::finding::{Code, Finding};
use crate::json::JsonError;
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::schema1::jws::Checked;
use crate::manifest::schema1::{self, Signed};
use crate::manifest::{Format, Image, List, Manifest};
use crate::media_type::MediaType;
use crate::recognize::Recognized;
use crate::verify::{Comparison, DigestSource, Verdict};
use crate::workflow::fetch::Received;

/// A manifest that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The bytes and what was said of them.
    pub arrival: Received,
    /// The manifest, or why the bytes are none.
    pub manifest: Result<Manifest, JsonError>,
    /// Its digest in SHA-256, of the bytes where they are no manifest; `None` where a broken
    /// signature block hides it.
    pub digest: Option<Digest>,
    /// What reading found.
    pub findings: Vec<Finding>,
    /// What the bytes were compared with, one for each that named a digest: first who asked
    /// for or listed it, then the registry's header.
    pub comparisons: Vec<Comparison>,
    /// What the bytes are, where they are no manifest and somebody recognised them.
    pub recognized: Option<Rc<Recognized>>,
    /// What checking each signature came to; `None` until they were checked, and where there
    /// are none.
    pub signatures: Option<Vec<Checked>>,
}

impl Node {
    /// The list, where it is one.
    #[must_use]
    pub fn list(&self) -> Option<&List> {
        self.manifest.as_ref().ok().and_then(Manifest::list)
    }

    /// The image, where it is one.
    #[must_use]
    pub fn image(&self) -> Option<&Image> {
        self.manifest.as_ref().ok().and_then(Manifest::image)
    }

    /// The signatures, where it is signed schema 1.
    #[must_use]
    pub fn signed(&self) -> Option<&Rc<Signed>> {
        self.image().and_then(|image| image.signed.as_ref())
    }

    /// Whether the bytes are no manifest that is known.
    #[must_use]
    pub fn is_other(&self) -> bool {
        let known = |manifest: &Manifest| manifest.format != Format::Unknown;
        !self.manifest.as_ref().is_ok_and(known)
    }

    /// The config, where an image config was given alone.
    #[must_use]
    pub fn lone_config(&self) -> Option<&ImageConfig> {
        let config = self.recognized.as_ref()?.config.as_ref()?;
        Some(&config.0)
    }

    /// Whether it is of schema 1, and what reads that is not here.
    pub(super) fn is_unread(&self) -> bool {
        let is_schema1 = |manifest: &Manifest| manifest.format.is_schema1();
        !schema1::is_here() && self.manifest.as_ref().is_ok_and(is_schema1)
    }

    /// Whether its signatures are still being checked.
    #[must_use]
    pub fn is_being_checked(&self) -> bool {
        self.signed().is_some() && self.signatures.is_none()
    }
}

/// A config that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The bytes and what was said of them.
    pub arrival: Received,
    /// The config, where it is one of an image; else why the bytes are not JSON.
    pub config: Result<ImageConfig, JsonError>,
    /// What reading found.
    pub findings: Vec<Finding>,
    /// The comparison with the manifest that names it.
    pub comparison: Comparison,
    /// Whether its bytes have another digest than the manifest names. A size that is stated
    /// wrongly makes it no other config.
    pub is_another: bool,
}

/// Who said which digest and size. The digest is text as it was said: it need not be one.
pub(in crate::workflow) type Said = (DigestSource, String, Option<u64>);

/// Reads a manifest and compares it with what was asked for or listed, and with what the
/// registry says of it.
///
/// `asked` is what is said of the bytes, `descriptor` the media type that a list states. The
/// bytes are compared before they are read, since reading has to know whether their digest
/// fixes what they are: then a differing Content-Type is less bad. The registry's own header
/// fixes nothing. For signed schema 1 they are compared again once the payload is known,
/// because its digest covers the payload alone.
///
/// The node's digest is the one that came with the bytes, or that comparing computed; only
/// else is it computed here.
pub(in crate::workflow) fn read_node(
    arrival: Received,
    asked: Option<Said>,
    descriptor: Option<MediaType>,
) -> Node {
    let header = arrival
        .docker_content_digest
        .clone()
        .map(|digest| (DigestSource::Registry, digest, None));
    let said: Vec<Said> = asked.into_iter().chain(header).collect();
    let compare = |digested: Option<&[u8]>| -> Vec<Comparison> {
        said.iter()
            .map(|(who, digest, size)| Comparison::new(digested, *who, digest, *size))
            .collect()
    };
    let bytes = Rc::clone(&arrival.bytes);
    let known = arrival.sha256.clone();
    // Whether the digest fixes the content decides how bad a differing Content-Type is.
    let raw = compare(Some(&bytes));
    let fixed = raw
        .iter()
        .any(|one| one.authority != DigestSource::Registry && one.verdict.is_verified());
    let told = DeclaredTypes {
        content_type: arrival.content_type.clone(),
        descriptor,
        digest_matched: fixed,
    };
    match Manifest::read(bytes, &told) {
        Ok((manifest, mut findings)) => {
            if arrival.via.is_some() && arrival.content_type.is_none() {
                findings.push(Finding::new(
                    Code::ContentTypeMissing,
                    "",
                    "the registry sent no Content-Type",
                ));
            }
            let is_signed = manifest.format == Format::DockerSchema1Signed;
            let comparisons = if is_signed {
                compare(manifest.digest_input())
            } else {
                raw
            };
            let known = known
                .filter(|_| !is_signed)
                .or_else(|| sha256_of(&comparisons));
            let digest = known.or_else(|| manifest.digest(Algorithm::Sha256));
            Node {
                arrival,
                recognized: None,
                manifest: Ok(manifest),
                digest,
                findings,
                comparisons,
                signatures: None,
            }
        }
        Err(error) => {
            let known = known.or_else(|| sha256_of(&raw));
            let digest = Some(known.unwrap_or_else(|| Digest::sha256(&arrival.bytes)));
            let findings = vec![Finding::from(&error)];
            Node {
                arrival,
                recognized: None,
                manifest: Err(error),
                digest,
                findings,
                comparisons: raw,
                signatures: None,
            }
        }
    }
}

/// The digest in SHA-256, where comparing computed it.
fn sha256_of(comparisons: &[Comparison]) -> Option<Digest> {
    let mut computed = comparisons.iter().filter_map(Comparison::computed);
    computed.find(|digest| digest.algorithm() == Some(Algorithm::Sha256))
}

/// Reads a config, and compares it with the digest and size that the manifest states for it.
///
/// The config of an artifact is read as that of an image too. What reading finds in it means
/// nothing then, and is left out by who tells it.
pub(in crate::workflow) fn read_config(
    arrival: Received,
    digest: &Digest,
    size: Option<u64>,
) -> Config {
    let comparison = Comparison::new(
        Some(&arrival.bytes),
        DigestSource::Parent,
        digest.as_str(),
        size,
    );
    let is_another = match &comparison.verdict {
        Verdict::Verified | Verdict::NotChecked(_) => false,
        Verdict::WrongDigest { .. } => true,
        // The comparison ends at the size.
        Verdict::WrongSize { .. } => digest
            .algorithm()
            .is_none_or(|algorithm| Digest::compute(algorithm, &arrival.bytes) != *digest),
    };
    let (config, findings) = match ImageConfig::read(&arrival.bytes) {
        Ok((config, findings)) => (Ok(config), findings),
        Err(error) => {
            let finding = Finding::from(&error);
            (Err(error), vec![finding])
        }
    };
    Config {
        arrival,
        config,
        findings,
        comparison,
        is_another,
    }
}
