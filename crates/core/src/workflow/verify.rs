//! Verifying contents that a person gave: which of them has the digest that is expected, and
//! if none has, why not.
//!
//! Everything is here and nothing is fetched, so there is no model: a [`Report`] is made of
//! the contents at one go, and made again when they or the expectation change. Reading the
//! expectation, comparing, and explaining a difference are done in `crate::verify`; here they
//! are done for several contents together.

use std::borrow::Cow;
use std::rc::Rc;

use crate::base64;
use crate::descriptor::Descriptor;
use crate::digest::{Algorithm, Digest};
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::{Content, Format, Manifest};
use crate::recognize::{Recognized, recognize};
use crate::verify::{
    Cause, CauseExplanation, Comparison, Expected, ExpectedError, Unchecked, Verdict, explain,
};

use super::inspect::Node;

/// What is known of one content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedContent {
    /// The format; `None` where it is no JSON object.
    pub format: Option<Format>,
    /// What it is, where it is no manifest and was recognised.
    pub recognized: Option<Rc<Recognized>>,
    /// The digest that was computed to compare it, in the algorithm of the one that is
    /// expected; else that in SHA-256. `None` where a broken signature block hides it.
    pub digest: Option<Digest>,
    /// In bytes.
    pub size: usize,
    /// How it compares with what is expected.
    pub verdict: Verdict,
    /// Another of the contents that names this one, by its index: as an entry of a list, or as
    /// config or layer of an image. The first that does.
    pub named_by: Option<usize>,
}

/// The verdicts on all contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What is expected; `None` where nothing is, an error where what was typed is no digest.
    pub expected: Option<Result<Expected, ExpectedError>>,
    /// One for each content.
    pub files: Vec<CheckedContent>,
    /// Why the content that is looked at differs, where no other is what is expected.
    ///
    /// Nothing is explained where one of the contents matches: then the wrong one is looked
    /// at, and the digest is right.
    pub explanation: Option<CauseExplanation>,
}

impl Report {
    /// Compares each content with the digest in the text `expected`, and explains why the one
    /// at `shown` differs.
    ///
    /// Each content comes with its digest in SHA-256, and `read` is what the one at `shown`
    /// was read as, where it was: large content is not hashed and read twice.
    ///
    /// ```
    /// use waybill_core::digest::Digest;
    /// use waybill_core::workflow::verify::Report;
    ///
    /// let contents = [&b"{\"a\": 1}"[..], b"{}", b"{}\n"];
    /// let [other, object, line] = contents.map(|bytes| (bytes, Digest::sha256(bytes)));
    /// let expected = object.1.as_str();
    /// let two = [(other.0, &other.1), (object.0, &object.1)];
    /// let report = Report::new(&two, expected, None, None);
    /// assert_eq!(report.matching(), Some(1));
    /// let report = Report::new(&[(line.0, &line.1)], expected, Some(0), None);
    /// assert_eq!(report.cause().map(|cause| cause.name.as_str()), Some("final-newline-removed"));
    /// ```
    #[must_use]
    pub fn new(
        contents: &[(&[u8], &Digest)],
        expected: &str,
        shown: Option<usize>,
        read: Option<&Node>,
    ) -> Self {
        let mut report = Self::compare(contents, expected, shown, read);
        if let Some(shown) = shown
            && let Some((bytes, _)) = contents.get(shown)
            && let Some(expected) = report.unexplained(shown)
        {
            report.explanation = Some(explain(bytes, expected));
        }
        report
    }

    /// The same without the explanation, for who gives it later
    /// ([`unexplained`](Self::unexplained)).
    #[must_use]
    pub fn compare(
        contents: &[(&[u8], &Digest)],
        expected: &str,
        shown: Option<usize>,
        read: Option<&Node>,
    ) -> Self {
        let expected = (!expected.trim().is_empty()).then(|| Expected::read(expected));
        let asked = expected
            .as_ref()
            .and_then(|expected| expected.as_ref().ok());
        let manifest = |(index, (bytes, _)): (usize, &(&[u8], _))| match read
            .filter(|_| Some(index) == shown)
        {
            Some(node) => node.manifest.as_ref().ok().map(Cow::Borrowed),
            None => Manifest::read(*bytes, &DeclaredTypes::none())
                .ok()
                .map(|(manifest, _)| Cow::Owned(manifest)),
        };
        let manifests: Vec<_> = contents.iter().enumerate().map(manifest).collect();
        let each = contents.iter().zip(&manifests);
        let mut files: Vec<CheckedContent> = each
            .map(|((bytes, sha256), manifest)| check(bytes, sha256, manifest.as_deref(), asked))
            .collect();
        if contents.len() > 1 {
            find_names(contents, &manifests, &mut files);
        }
        Self {
            expected,
            files,
            explanation: None,
        }
    }

    /// What the content at `shown` should have been, where that it differs is to be explained
    /// and is not yet.
    #[must_use]
    pub fn unexplained(&self, shown: usize) -> Option<&Expected> {
        let differs = match &self.files.get(shown)?.verdict {
            Verdict::NotChecked(why) => {
                matches!(why, Unchecked::NotADigest | Unchecked::NoPayload)
            }
            verdict => verdict.is_mismatch(),
        };
        let is_sought = differs && self.explanation.is_none() && self.matching().is_none();
        self.asked().filter(|_| is_sought)
    }

    /// The digest that is expected, where what was typed is one.
    #[must_use]
    pub fn asked(&self) -> Option<&Expected> {
        self.expected.as_ref()?.as_ref().ok()
    }

    /// The first content that has the digest.
    #[must_use]
    pub fn matching(&self) -> Option<usize> {
        self.files
            .iter()
            .position(|file| file.verdict.is_verified())
    }

    /// The content that a person wants to see first.
    ///
    /// It is the one that has the digest; else the first list that no other content names,
    /// else the first manifest of a known format that none names, else the first content.
    #[must_use]
    pub fn first(&self) -> usize {
        let is_root = |file: &CheckedContent| file.named_by.is_none();
        let root = |found: &dyn Fn(Format) -> bool| {
            self.files
                .iter()
                .position(|file| is_root(file) && file.format.is_some_and(found))
        };
        let known = |format| format != Format::Unknown;
        self.matching()
            .or_else(|| root(&Format::is_list))
            .or_else(|| root(&known))
            .unwrap_or(0)
    }

    /// Why the content that is looked at differs, where that was found out.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        self.explanation.as_ref()?.cause()
    }
}

/// Compares one content with what is expected.
///
/// Of signed schema 1 the payload is hashed, as its digest covers that. `sha256` is the digest
/// of all of `bytes`, and spares hashing them again.
fn check(
    bytes: &[u8],
    sha256: &Digest,
    manifest: Option<&Manifest>,
    asked: Option<&Expected>,
) -> CheckedContent {
    let digested = manifest.map_or(Some(bytes), Manifest::digest_input);
    let comparison = asked.map(|asked| asked.compare(digested));
    let computed = comparison.as_ref().and_then(Comparison::computed);
    // The digest of signed schema 1 covers a part.
    let sha256_of = |part: &[u8]| {
        if part == bytes {
            sha256.clone()
        } else {
            Digest::sha256(part)
        }
    };
    let digest = computed.or_else(|| digested.map(sha256_of));
    let verdict = comparison.map_or(
        Verdict::NotChecked(Unchecked::NothingNamed),
        |Comparison { verdict, .. }| verdict,
    );
    let is_known = manifest.is_some_and(|manifest| manifest.format != Format::Unknown);
    let recognized = if is_known { None } else { recognize(bytes) };
    CheckedContent {
        recognized: recognized.map(Rc::new),
        format: manifest.map(|manifest| manifest.format),
        digest,
        size: bytes.len(),
        verdict,
        named_by: None,
    }
}

/// Finds which of the contents another one names, and sets `named_by`.
///
/// A content is hashed once in each algorithm that some name uses, not for each name: one list
/// may name 15,000. Digests that are known already are not computed again. A list's subject is
/// no name here.
fn find_names(
    contents: &[(&[u8], &Digest)],
    manifests: &[Option<Cow<'_, Manifest>>],
    files: &mut [CheckedContent],
) {
    let mut named: Vec<(&Digest, usize)> = Vec::new();
    for (index, manifest) in manifests.iter().enumerate() {
        let descriptors: Vec<&Descriptor> =
            match manifest.as_ref().map(|manifest| &manifest.content) {
                Some(Content::List(list)) => list.entries.iter().collect(),
                Some(Content::Image(image)) => image.config.iter().chain(&image.layers).collect(),
                _ => continue,
            };
        named.extend(
            descriptors
                .into_iter()
                .filter_map(|descriptor| Some((descriptor.digest.as_ref()?, index))),
        );
    }
    let is_used = |algorithm: &Algorithm| {
        named
            .iter()
            .any(|(of, _)| of.algorithm() == Some(*algorithm))
    };
    let used: Vec<_> = Algorithm::ALL.into_iter().filter(is_used).collect();
    for (index, ((bytes, sha256), file)) in contents.iter().zip(files).enumerate() {
        // Of signed schema 1 it is the payload's.
        let other = file
            .digest
            .as_ref()
            .filter(|_| file.format != Some(Format::DockerSchema1Signed));
        let digest = |algorithm: &Algorithm| {
            let mut known = [Some(*sha256), other].into_iter().flatten();
            let known = known.find(|known| known.algorithm() == Some(*algorithm));
            known
                .cloned()
                .unwrap_or_else(|| Digest::compute(*algorithm, bytes))
        };
        let digests: Vec<_> = used.iter().map(digest).collect();
        file.named_by = named
            .iter()
            .find(|(of, by)| *by != index && digests.contains(of))
            .map(|(_, by)| *by);
    }
}

/// Bytes as a part of an address: Base64 in its alphabet for addresses, without padding. `{}`
/// gives `e30`.
#[must_use]
pub fn to_link(bytes: &[u8]) -> String {
    base64::encode_for_url(bytes)
}

/// The bytes in a part of an address; `None` where it is not what [`to_link`] makes, because
/// it was cut or changed.
#[must_use]
pub fn from_link(text: &str) -> Option<Vec<u8>> {
    base64::decode_from_url(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media_type::MediaType;

    #[test]
    fn what_a_content_names_is_found_in_any_algorithm_and_hashed_once() {
        let large = vec![b'x'; 1 << 20];
        let sha512 = |bytes: &[u8]| Digest::compute(Algorithm::Sha512, bytes);
        let named = (0..5_000_u32).map(|number| sha512(&number.to_le_bytes()));
        let named = named.chain([sha512(&large), Digest::sha256(b"small")]);
        let entries: Vec<_> = named
            .map(|digest| format!("{{\"digest\":\"{digest}\"}}"))
            .collect();
        let list = MediaType::OCI_INDEX;
        let list = format!(
            "{{\"mediaType\":\"{list}\",\"manifests\":[{}]}}",
            entries.join(",")
        );
        let contents = [&large, list.as_bytes(), b"small", b"other"]
            .map(|bytes| (bytes, Digest::sha256(bytes)));
        let contents = contents.each_ref().map(|(bytes, sha256)| (*bytes, sha256));
        let named_by = |expected: &str| {
            let files = Report::new(&contents, expected, None, None).files;
            files.iter().map(|file| file.named_by).collect::<Vec<_>>()
        };
        assert_eq!(named_by(""), [Some(1), None, Some(1), None]);
        assert_eq!(
            named_by(sha512(b"").as_str()),
            [Some(1), None, Some(1), None]
        );
    }
}
