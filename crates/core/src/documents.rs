//! What refers to an image, and what stands in it: bytes in, something to draw out.
//!
//! [`read`] tells what a document is by what it holds, since types that are stated are wrong at
//! times, and decodes what is wrapped: a statement in an envelope in a bundle comes out as one
//! [`Document`], with each of the three named. **Nothing is checked here**: a signature is told
//! of, never held against a key.
//!
//! - `statement` has in-toto's statements, and hands each predicate on.
//! - `opened` tells what an object is, and takes a long list of packages out of it row by row, so
//!   that of a document of 40 MiB only its table is kept.
//! - `provenance`, `packages` and `reports` read predicates, which stand alone as well.
//! - `envelope` has DSSE, sigstore's bundles and notation's envelopes; `payload` has what cosign
//!   signs; `chart` has Helm's charts.
//! - `table` has lists of rows, and `slices` what a worker hands over of a long document.
//! - `value` reads values one by one, and cuts what is long.

mod chart;
mod envelope;
mod opened;
mod packages;
mod payload;
mod provenance;
mod reports;
mod slices;
mod statement;
mod table;
mod value;

#[cfg(test)]
mod tests;

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::json::{AnomalyKind, Object, Parsed, Reason};
use crate::limits;

use opened::{Kind, Opened};
use packages::Packages;

pub use slices::Slice;
pub use table::{Counts, Listing, Table};

/// A document, as it is drawn. Every text in it is from outside, and cut where it is long.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// What it is, such as `SPDX 2.3`.
    pub title: String,
    /// What is around it, the outermost first, such as `DSSE envelope`.
    pub wrapped_in: Vec<String>,
    /// What its statement says that it is about (`predicateType`).
    pub predicate: Option<String>,
    /// How it is signed, as far as that can be told without checking it.
    pub signed: Signed,
    /// What it says that it is of.
    pub claim: Option<Claim>,
    /// What it says, in groups.
    pub sections: Vec<Section>,
    /// What it lists.
    pub tables: Vec<Table>,
    /// Texts that stand in it, such as a Dockerfile, each with its name.
    pub texts: Vec<(String, String)>,
    /// What is wrong with it, each without a full stop.
    pub findings: Vec<String>,
    /// What its bytes are.
    pub form: Form,
    /// What is inside of everything that is around it, where something is. It is not written: who
    /// hands a document over gives it beside that.
    #[serde(skip)]
    pub inner: Option<Rc<[u8]>>,
}

/// What bytes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// A JSON object.
    Json,
    /// Text.
    Text,
    /// Anything else.
    #[default]
    Binary,
}

/// How a document is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Signed {
    /// Nothing in it tells.
    #[default]
    Unknown,
    /// It is a statement without an envelope: nobody signed it.
    Not,
    /// It holds so many signatures. Nothing was checked.
    By(usize),
    /// It is what was signed; the signature stands in the annotations of its layer.
    Payload,
}

/// A group of things that a document says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// What they are about.
    pub title: String,
    /// Each with its name.
    pub facts: Vec<(String, String)>,
    /// How many more there are.
    pub beyond: usize,
}

/// What a document says that it is of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Each thing, with its digests.
    pub subjects: Vec<Subject>,
    /// How many more there are.
    pub beyond: usize,
    /// Whether two readers may read another one in it.
    pub is_ambiguous: bool,
}

/// A thing that a document is of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What it is called.
    pub name: String,
    /// Its digests, each with its algorithm.
    pub digests: Vec<(String, String)>,
}

/// What comes of holding a claim against a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// It names that digest.
    Same,
    /// It names others.
    Other,
    /// It names none in that algorithm.
    Unnamed,
    /// Two readers may read it in two ways.
    Ambiguous,
}

impl Claim {
    /// Holds it against a digest. As in-toto says, one subject that has it is enough.
    #[must_use]
    pub fn compare(&self, digest: &Digest) -> Compared {
        let digests = self.subjects.iter().flat_map(|subject| &subject.digests);
        let mut named = digests
            .filter(|(name, _)| name == digest.algorithm_name())
            .peekable();
        if self.is_ambiguous {
            Compared::Ambiguous
        } else if named.peek().is_none() {
            Compared::Unnamed
        } else if named.any(|(_, hex)| hex == digest.encoded()) {
            Compared::Same
        } else {
            Compared::Other
        }
    }
}

/// Reads a document. `media_type` is what is said of it; what it holds counts more.
///
/// ```
/// use waybill_core::documents::{Signed, read};
///
/// let bytes = br#"{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"https://slsa.dev/provenance/v1","predicate":{}}"#;
/// let document = read(bytes, "application/vnd.in-toto+json");
/// assert_eq!(document.title, "SLSA provenance 1");
/// assert_eq!(document.wrapped_in, ["in-toto statement v1"]);
/// assert_eq!(document.signed, Signed::Not);
/// ```
#[must_use]
pub fn read(bytes: &[u8], media_type: &str) -> Document {
    let media_type = media_type.to_ascii_lowercase();
    if bytes.starts_with(b"-----BEGIN PGP") || media_type.contains("pgp") {
        return payload::openpgp(bytes);
    }
    let opened = match Opened::read(bytes, &media_type, 0) {
        Ok(opened) => opened,
        Err(error) => return other(bytes, &media_type, &error.reason),
    };
    let mut document = Document {
        form: Form::Json,
        ..Document::default()
    };
    object(&mut document, opened, 0);
    if document.signed == Signed::Payload && bytes.len() > limits::PAYLOAD_BYTES {
        let words = "it is longer than anything that cosign signs";
        document.findings.push(words.to_owned());
    }
    document
}

/// What a `predicateType` is called; `None` for one that is not known.
///
/// ```
/// use waybill_core::documents::predicate_name;
///
/// assert_eq!(predicate_name("https://slsa.dev/provenance/v1"), Some("SLSA provenance 1"));
/// assert_eq!(predicate_name("https://example.com/mine"), None);
/// ```
#[must_use]
pub fn predicate_name(predicate_type: &str) -> Option<&'static str> {
    statement::name(predicate_type)
}

/// How many envelopes may be around each other.
const WRAPPED: usize = 4;

/// Reads an object by what it is.
fn object(document: &mut Document, opened: Opened<'_>, depth: usize) {
    let Opened {
        parsed,
        kind,
        packages,
    } = opened;
    document.findings.extend(anomalies(&parsed));
    let whole = &parsed.object;
    match kind {
        Kind::Bundle => envelope::bundle(document, whole, depth),
        Kind::Dsse => envelope::dsse(document, whole, depth),
        Kind::Jws => envelope::jws(document, whole),
        Kind::Statement => statement::read(document, whole, packages),
        Kind::Payload => payload::simple_signing(document, &parsed),
        Kind::Chart => chart::read(document, whole),
        Kind::Alone => {
            if !predicate(document, "", whole, packages) {
                "JSON".clone_into(&mut document.title);
            }
        }
    }
}

/// Reads what stands in a statement, or alone. `of` is its `predicateType`, empty where it
/// stands alone, and `packages` the list in it, where it is one of packages. False for what is
/// not known.
fn predicate(
    document: &mut Document,
    of: &str,
    whole: &Object<'_>,
    packages: Option<Packages>,
) -> bool {
    provenance::read(document, of, whole)
        || packages::read(document, whole, packages)
        || reports::read(document, of, whole)
}

/// What is no JSON object.
fn other(bytes: &[u8], media_type: &str, reason: &Reason) -> Document {
    let is_text = std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0'));
    let title = match reason {
        _ if media_type.contains("cose") => "notation signature (COSE)".to_owned(),
        Reason::Archive { what } => (*what).to_owned(),
        Reason::Html => "HTML page".to_owned(),
        Reason::Empty => "nothing".to_owned(),
        _ if media_type.contains("spdx") && is_text => "SPDX, as tags and values".to_owned(),
        _ if media_type.contains("cyclonedx") && is_text => "CycloneDX, as XML".to_owned(),
        _ if is_text => "text".to_owned(),
        _ => "bytes that are no text".to_owned(),
    };
    let signed = if media_type.contains("cose") {
        Signed::By(1)
    } else {
        Signed::Unknown
    };
    Document {
        title,
        signed,
        form: if is_text { Form::Text } else { Form::Binary },
        ..Document::default()
    }
}

/// What two readers may read in two ways.
fn anomalies(parsed: &Parsed<'_>) -> Vec<String> {
    let words = |kind: &AnomalyKind| match kind {
        AnomalyKind::DuplicateName { name, .. } => Some(format!(
            "the name {} stands twice in one object: two readers may read two things",
            value::cut(name)
        )),
        AnomalyKind::CaseVariantName { name, of } => Some(format!(
            "the names {} and {} differ in case alone: Go takes them for one",
            value::cut(of),
            value::cut(name)
        )),
        AnomalyKind::TrailingData { .. } => Some("something follows the JSON object".to_owned()),
        AnomalyKind::ByteOrderMark
        | AnomalyKind::Number { .. }
        | AnomalyKind::LoneSurrogate { .. } => None,
    };
    let found = parsed
        .anomalies
        .iter()
        .filter_map(|anomaly| words(&anomaly.kind));
    found.take(value::FINDINGS).collect()
}

/// Whether two readers may take one member for another.
fn is_ambiguous(parsed: &Parsed<'_>) -> bool {
    let is_name = |kind: &AnomalyKind| {
        matches!(
            kind,
            AnomalyKind::DuplicateName { .. } | AnomalyKind::CaseVariantName { .. }
        )
    };
    parsed
        .anomalies
        .iter()
        .any(|anomaly| is_name(&anomaly.kind))
}
