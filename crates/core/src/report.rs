//! The report of an inspection: what was seen, when and of which reference, to be kept or sent to
//! somebody.
//!
//! A report is made of an inspection by [`Report::of`], in [`view`](crate::view). Three texts are
//! made of a report:
//!
//! | text | by | for |
//! | --- | --- | --- |
//! | JSON | [`Report::to_json`] | programs, and Waybill again: [`Report::read`] |
//! | plain text | [`Report::to_text`] | a chat, an issue, a mail |
//! | Markdown | [`badge`] | a README: a link to the view, as a badge |
//!
//! Nobody vouches for a report, so nothing in it is taken for checked. It holds the very bytes of
//! the manifest, of its config and of the lists above it, and [`Report::check`] compares these with
//! what the report says of them.
//!
//! There is no secret in it: no credentials, no token, no header but `Content-Type` and
//! `Docker-Content-Digest`. Of a proxy it says that there was one, and not where.
//!
//! # The JSON
//!
//! | member | what it is |
//! | --- | --- |
//! | `kind` | `waybill.inspection`: by that it is recognised |
//! | `version` | 1: the form of this document; it goes up where a member changes its meaning or is taken away |
//! | `created` | when the report was made, by RFC 3339 |
//! | `name` | what was inspected, as a person calls it |
//! | `reference` | what was asked for, as the registry is told; `null` of what came from no registry |
//! | `via` | the way the answers came: `direct`, `proxy`, or `null` |
//! | `verdict` | `status`, `stamp`, `sentence` and `detail` of the whole |
//! | `custody[]` | each stop from what was asked to what was found: `step`, `status`, `note` |
//! | `manifest` | what was looked at, a descriptor with its `data` |
//! | `config` | its config, likewise; `null` where it has none or it did not come |
//! | `lists[]` | the lists that lead to it, from the first one down, likewise |
//! | `manifests[]` | the entries of a list: `platform` (what the entry is for), `mediaType`, `digest`, `size`, `status`, `note` |
//! | `findings[]` | `severity`, `code`, `title`, `in` (`manifest` or `config`), `pointer`, `line`, `column`, `message`, `source` |
//!
//! A `status` is `verified`, `unchecked`, `pending` or `failed`. A descriptor has the members that
//! OCI gives it, `mediaType`, `digest`, `size` and `data` (the bytes in base64), and beside them
//! `format` (the name of the format that was found), `contentType` and `dockerContentDigest` (what
//! the registry said of them). Members that are not known are left alone by who reads.
//!
//! ```
//! use waybill_core::report::Report;
//!
//! let text = br#"{"kind": "waybill.inspection", "version": 1, "created": "2026-11-29T10:00:00Z",
//!     "name": "r.example/a:1", "reference": "r.example/a:1",
//!     "verdict": {"status": "verified", "stamp": "", "sentence": "r.example/a:1 is fine", "detail": ""},
//!     "manifest": {"digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
//!         "size": 3, "data": "e30K"}}"#;
//! let report = Report::read(text)?;
//! let checked = report.check();
//! // The report says that it is fine. Its bytes say something else.
//! assert!(checked[0].is_wrong());
//! assert_eq!(checked[0].evidence()[0], "its digest is sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a as the report says; \
//!     the bytes in it hash to sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356");
//! # Ok::<(), waybill_core::report::ReportError>(())
//! ```

mod check;
mod data;
mod markdown;
mod read;
mod text;
mod words;

use std::fmt;
use std::rc::Rc;

use serde::Serialize;

pub use check::Checked;
pub use markdown::{BADGE_FILE, badge, link};

/// The member `kind` of a report: by that it is recognised.
pub const KIND: &str = "waybill.inspection";

/// The form of the JSON.
const VERSION: u32 = 1;

/// What an inspection came to. Of one that was read every text is a stranger's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    kind: String,
    version: u32,
    /// When it was made, by RFC 3339.
    pub created: String,
    /// What was inspected, as a person calls it.
    pub name: String,
    /// What was asked for, with its registry and `library/`; `None` of what came from no registry.
    pub reference: Option<String>,
    /// The way the answers came: `direct` or `proxy`; `None` of what was in the page.
    pub via: Option<String>,
    /// How good the whole is.
    pub verdict: Verdict,
    /// Each stop from what was asked for to what was found.
    pub custody: Vec<Step>,
    /// What was looked at.
    pub manifest: Content,
    /// Its config, where it has one that came.
    pub config: Option<Content>,
    /// The lists that lead to it, from the first one down.
    pub lists: Vec<Content>,
    /// The entries, where it is a list.
    pub manifests: Vec<Entry>,
    /// What was found in it, the worst first.
    pub findings: Vec<Found>,
}

/// How good the whole is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// `verified`, `unchecked`, `pending` or `failed`.
    pub status: String,
    /// The stamp's word, and what it is about.
    pub stamp: String,
    /// What it is, in one sentence without a full stop.
    pub sentence: String,
    /// Whether it is true, in one or two sentences.
    pub detail: String,
}

/// A stop on the line of custody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Which: `reference`, `index`, `manifest`, `entries`, `config`, `layers`, `content`.
    pub step: String,
    /// `verified`, `unchecked`, `pending` or `failed`.
    pub status: String,
    /// The reason in a few words.
    pub note: String,
}

/// Bytes that were seen, as a descriptor names them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// The media type that it has.
    pub media_type: Option<String>,
    /// Its digest; `None` where a broken signature block hides it.
    pub digest: Option<String>,
    /// How many bytes there are.
    pub size: u64,
    /// The name of its format; `None` of a config.
    pub format: Option<String>,
    /// What the registry said in `Content-Type`.
    pub content_type: Option<String>,
    /// What the registry said in `Docker-Content-Digest`.
    pub docker_content_digest: Option<String>,
    /// The very bytes.
    #[serde(serialize_with = "data::serialize")]
    pub data: Rc<[u8]>,
}

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// What the entry is for: its platform, or what it is where it has none.
    pub platform: String,
    /// As the list states it.
    pub media_type: Option<String>,
    /// As the list states it, which need not be a digest.
    pub digest: String,
    /// As the list states it.
    pub size: Option<u64>,
    /// `verified`, `unchecked`, `pending` or `failed`.
    pub status: String,
    /// The reason in a few words.
    pub note: String,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// The name of the rule.
    pub code: String,
    /// The rule's heading.
    pub title: String,
    /// In which content it is: `manifest` or `config`.
    pub r#in: String,
    /// The place in it, a JSON pointer.
    pub pointer: String,
    /// The line in the bytes of the manifest, from 1.
    pub line: Option<usize>,
    /// The column in it, from 1.
    pub column: Option<usize>,
    /// What was found there.
    pub message: String,
    /// The address of the rule's source.
    pub source: String,
}

/// Why a document is no report that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportError {
    /// It is of another kind.
    OtherKind,
    /// It is of a form that is not known here.
    OtherVersion(u64),
    /// It lacks something, or something in it is not what it has to be.
    Broken(String),
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherKind => f.write_str("it is no report of Waybill"),
            Self::OtherVersion(version) => write!(
                f,
                "it is a report of version {version}, and version {VERSION} is read here: open it \
                 with a newer Waybill"
            ),
            Self::Broken(why) => write!(f, "the report is broken: {why}"),
        }
    }
}

impl std::error::Error for ReportError {}

impl Report {
    /// A report of nothing but this manifest.
    pub(crate) fn new(created: String, name: String, manifest: Content) -> Self {
        Self {
            kind: KIND.to_owned(),
            version: VERSION,
            created,
            name,
            reference: None,
            via: None,
            verdict: Verdict::default(),
            custody: Vec::new(),
            manifest,
            config: None,
            lists: Vec::new(),
            manifests: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// The report as JSON, indented, the same bytes for the same report.
    #[must_use]
    pub fn to_json(&self) -> String {
        // There is no map in it whose key is no text, so this does not fail.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests;
