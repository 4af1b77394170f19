//! A report as text for people, and as JSON for programs.

use std::fmt::Write as _;

use serde::Serialize;

use crate::digest::Digest;
use crate::humanize::sentence;
use crate::json::Pointer;

use super::{Outcome, Place, Report, Row, Subject};

/// The form of the JSON. It goes up where a key changes its meaning or is taken away.
const VERSION: u32 = 1;

impl Report {
    /// The report as text: the verdict, then each manifest with its checks, the worst first.
    ///
    /// ```text
    /// debian:12
    /// Not valid: 1 check failed, 41 passed.
    ///
    /// linux/arm64 sha256:…
    ///   failed       Size of the manifest, list /manifests/1/size: 9 bytes are stated, 8 came.
    ///   passed       Digest of the layer, layer 1: sha256:….
    ///   chain ID 1   sha256:…
    /// ```
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n", self.name, self.sentence());
        for subject in &self.subjects {
            let digest = subject.digest.as_ref();
            let digest = digest.map_or("", |digest| digest.as_str());
            // Writing to a text does not fail.
            let _ = write!(text, "\n{} {digest}", subject.title);
            trim_end(&mut text);
            if let Some(place) = subject.place() {
                let _ = write!(text, " in {place}");
            }
            text.push('\n');
            for row in &subject.rows {
                let _ = writeln!(text, "  {:<12} {}", row.outcome.name(), row.line());
            }
            for (index, chain_id) in subject.chain_ids.iter().enumerate() {
                let name = format!("chain ID {}", index + 1);
                let _ = writeln!(text, "  {name:<12} {chain_id}");
            }
        }
        text
    }

    /// The report as JSON, indented, the same bytes for the same report.
    ///
    /// | key | what it is |
    /// | --- | --- |
    /// | `version` | 1: the form of this document |
    /// | `name` | what was inspected |
    /// | `verdict` | `valid`, `invalid` or `incomplete` |
    /// | `sentence` | the verdict for people |
    /// | `counts` | how many came out as `failed`, `warning`, `notChecked`, `note`, `passed` |
    /// | `subjects[]` | one manifest each: `digest` or null, `title`, `way[]`, `chainIds[]`, `checks[]` |
    /// | `subjects[].way[]` | JSON pointers from list to list down to it; empty for what was inspected |
    /// | `checks[].check`, `.title` | the stable name of the check, and its heading |
    /// | `checks[].result` | a name of `counts` |
    /// | `checks[].in` | `list`, `manifest`, `config` or `layer` |
    /// | `checks[].pointer` | a JSON pointer into it; null in a layer |
    /// | `checks[].layer`, `.path` | which layer, from 1, and the path in it; else null |
    /// | `checks[].code` | the name of the finding behind it, or null |
    /// | `checks[].evidence` | what was compared, or why it was not |
    #[must_use]
    pub fn to_json(&self) -> String {
        let of = |outcome| self.count(outcome);
        let written = Written {
            version: VERSION,
            name: &self.name,
            verdict: self.verdict().name(),
            sentence: self.sentence(),
            counts: Counts {
                failed: of(Outcome::Failed),
                warning: of(Outcome::Warning),
                not_checked: of(Outcome::NotChecked),
                note: of(Outcome::Note),
                passed: of(Outcome::Passed),
            },
            subjects: self.subjects.iter().map(WrittenSubject::of).collect(),
        };
        // There is no map in it whose key is no text, so this does not fail.
        let mut text = serde_json::to_string_pretty(&written).unwrap_or_default();
        text.push('\n');
        text
    }
}

impl Subject {
    /// The list that it stands in, where that is not the one that is looked at: as JSON pointers,
    /// each into the list that the one before leads to.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        let (_, lists) = self.way.split_last()?;
        let lists: Vec<_> = lists.iter().map(Pointer::as_str).collect();
        (!lists.is_empty()).then(|| lists.join(", in it "))
    }
}

impl Row {
    /// The check in one line: what it is, where, and the evidence.
    #[must_use]
    pub fn line(&self) -> String {
        let place = self.place.words();
        let between = if place.is_empty() { "" } else { ", " };
        let evidence = sentence(&self.evidence);
        format!("{}{between}{place}: {evidence}", self.check.title())
    }
}

impl Place {
    /// The place in a few words; empty for a whole manifest.
    #[must_use]
    pub fn words(&self) -> String {
        let (what, pointer) = match self {
            Self::List(pointer) => ("list", pointer),
            Self::Manifest(pointer) => ("", pointer),
            Self::Config(pointer) => ("config", pointer),
            Self::Layer { index, path } if path.is_empty() => {
                return format!("layer {}", index + 1);
            }
            Self::Layer { index, path } => return format!("layer {}, {path}", index + 1),
        };
        let between = if what.is_empty() || pointer.is_empty() {
            ""
        } else {
            " "
        };
        [what, between, pointer.as_str()].concat()
    }
}

fn trim_end(text: &mut String) {
    text.truncate(text.trim_end().len());
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    name: &'a str,
    verdict: &'static str,
    sentence: String,
    counts: Counts,
    subjects: Vec<WrittenSubject<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    failed: usize,
    warning: usize,
    not_checked: usize,
    note: usize,
    passed: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenSubject<'a> {
    digest: Option<&'a str>,
    title: &'a str,
    way: Vec<&'a str>,
    chain_ids: Vec<&'a str>,
    checks: Vec<WrittenRow<'a>>,
}

#[derive(Serialize)]
struct WrittenRow<'a> {
    check: &'static str,
    title: &'static str,
    result: &'static str,
    r#in: &'static str,
    pointer: Option<&'a str>,
    layer: Option<usize>,
    path: Option<&'a str>,
    code: Option<&'a str>,
    evidence: &'a str,
}

impl<'a> WrittenSubject<'a> {
    fn of(subject: &'a Subject) -> Self {
        Self {
            digest: subject.digest.as_ref().map(Digest::as_str),
            title: &subject.title,
            way: subject.way.iter().map(Pointer::as_str).collect(),
            chain_ids: subject.chain_ids.iter().map(Digest::as_str).collect(),
            checks: subject.rows.iter().map(WrittenRow::of).collect(),
        }
    }
}

impl<'a> WrittenRow<'a> {
    fn of(row: &'a Row) -> Self {
        let (place, pointer, layer, path) = match &row.place {
            Place::List(pointer) => ("list", Some(pointer), None, None),
            Place::Manifest(pointer) => ("manifest", Some(pointer), None, None),
            Place::Config(pointer) => ("config", Some(pointer), None, None),
            Place::Layer { index, path } => ("layer", None, Some(index + 1), Some(path.as_str())),
        };
        Self {
            check: row.check.name(),
            title: row.check.title(),
            result: match row.outcome {
                Outcome::NotChecked => "notChecked",
                Outcome::Failed | Outcome::Warning | Outcome::Note | Outcome::Passed => {
                    row.outcome.name()
                }
            },
            r#in: place,
            pointer: pointer.map(Pointer::as_str),
            layer,
            path: path.filter(|path| !path.is_empty()),
            code: row.code.as_deref(),
            evidence: &row.evidence,
        }
    }
}
