//! What is asked: a signature, the image that it is attached to, and what a person gave; and what of it needs no key.

use waybill_core::digest::Digest;
use waybill_core::humanize;
use waybill_core::json::{self, Value};

use crate::given::Given;
use crate::report::{Steps, What};

/// The forms of signatures that are read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A payload of cosign's, signed in the annotations of its layer.
    Cosign,
    /// A bundle of sigstore's.
    Bundle,
    /// An envelope of a signed statement.
    Envelope,
    /// Notation's envelope in JSON.
    NotationJws,
    /// Notation's envelope in CBOR.
    NotationCose,
}

impl Form {
    /// The form that a layer of this media type has; `None` for what holds no signature that is read here.
    ///
    /// ```
    /// use waybill_signatures::Form;
    ///
    /// assert_eq!(Form::of_media_type("application/cose"), Some(Form::NotationCose));
    /// assert_eq!(Form::of_media_type("text/spdx"), None);
    /// ```
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        match media_type {
            "application/vnd.dev.cosign.simplesigning.v1+json" => Some(Self::Cosign),
            "application/vnd.dsse.envelope.v1+json" => Some(Self::Envelope),
            "application/jose+json" => Some(Self::NotationJws),
            "application/cose" => Some(Self::NotationCose),
            // Newer versions too, which are refused by what stands inside.
            other if other.starts_with("application/vnd.dev.sigstore.bundle") => Some(Self::Bundle),
            _ => None,
        }
    }
}

/// A signature as it came: the blob of a layer, and what stands beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Its form.
    pub form: Form,
    /// The blob.
    pub bytes: Vec<u8>,
    /// The digest by which the manifest names the blob.
    pub digest: Digest,
    /// The size that the manifest names.
    pub size: u64,
    /// The annotations of the layer, and of its manifest behind those.
    pub annotations: Vec<(String, String)>,
}

/// The image or index that a signature is attached to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
    /// The manifest itself; empty where it is not here.
    pub bytes: Vec<u8>,
}

/// All that a check needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The signature.
    pub signed: &'a Signed,
    /// What it is attached to.
    pub subject: &'a Subject,
    /// What the person looks at, where that is another one: an image of a signed index.
    pub looked_at: Option<&'a Subject>,
    /// The reference that was asked for.
    pub asked: Option<&'a str>,
    /// What the person gave.
    pub given: &'a Given,
    /// The time, in seconds since the beginning of 1970.
    pub now: i64,
}

impl Question<'_> {
    /// The first annotation of this name.
    pub(crate) fn annotation(&self, name: &str) -> Option<&str> {
        let annotations = &self.signed.annotations;
        let found = annotations.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Compares the blob with what names it; nothing else is looked at where they differ.
pub(crate) fn check_bytes(steps: &mut Steps, question: &Question<'_>, most: usize) -> bool {
    let signed = question.signed;
    let size = signed.bytes.len();
    if size > most {
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        steps.not_checked(
            What::Bytes,
            format!(
                "it has {size} bytes, and at most {} are read",
                humanize::size(most)
            ),
        );
        return false;
    }
    if u64::try_from(size) != Ok(signed.size) {
        steps.fails(
            What::Bytes,
            format!("{size} bytes came, and its manifest names {}; the signature was not checked on other bytes", signed.size),
        );
        return false;
    }
    match signed.digest.check(&signed.bytes) {
        Some(true) => {
            steps.holds(
                What::Bytes,
                format!("{size} bytes with the digest that names them"),
            );
            true
        }
        Some(false) => {
            steps.fails(
                What::Bytes,
                format!("they have not the digest that names them, {}; the signature was not checked on other bytes", signed.digest),
            );
            false
        }
        None => {
            let name = signed.digest.algorithm_name();
            steps.not_checked(
                What::Bytes,
                format!("digests of {name} are not computed here"),
            );
            false
        }
    }
}

/// Says what a signature of an index is for an image of it, and the other way round. Where something else than what is
/// signed is looked at, that has to be covered.
pub(crate) fn look_at_coverage(
    steps: &mut Steps,
    question: &Question<'_>,
    needed: &mut Vec<What>,
) -> String {
    let Some(looked_at) = question
        .looked_at
        .filter(|looked_at| looked_at.digest != question.subject.digest)
    else {
        return String::new();
    };
    needed.push(What::Coverage);
    let entry = |of: &Subject, digest: &Digest| -> Option<usize> {
        // Only what the digest names counts: an entry of other bytes covers nothing.
        if of.digest.check(&of.bytes) != Some(true) {
            return None;
        }
        let parsed = json::read(&of.bytes).ok()?;
        let entries = parsed.object.get("manifests")?.as_array()?;
        let place = entries.iter().position(|entry| {
            let entry = entry.as_object().and_then(|entry| entry.get("digest"));
            entry.and_then(Value::as_str) == Some(digest.as_str())
        });
        place.map(|place| place + 1)
    };
    if let Some(place) = entry(question.subject, &looked_at.digest) {
        let words = format!("the index is signed; this image is covered as its entry {place}");
        steps.holds(What::Coverage, words);
        return format!(" (the index is signed; this image is covered as its entry {place})");
    }
    if let Some(place) = entry(looked_at, &question.subject.digest) {
        steps.not_checked(
            What::Coverage,
            format!("only entry {place} of this index is signed, which says nothing of the index"),
        );
        return String::new();
    }
    steps.fails(
        What::Coverage,
        format!(
            "it is attached to {}, which does not name {}",
            question.subject.digest, looked_at.digest
        ),
    );
    String::new()
}
