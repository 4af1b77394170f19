//! What is wrong or noteworthy in a manifest, with its place and the rule it comes from.
//!
//! A finding is a code, a pointer and a message. The code leads to a [`Rule`], a line of the table
//! in `rules`, which alone knows the severity, the reason and the source: whoever finds something
//! decides only which rule it is, so one rule is never an error here and a warning there. A case
//! that deserves another severity is another code.
//!
//! `document` turns what [`crate::json`] noticed into findings, since that module judges nothing.
//! Where a finding stands in the bytes is looked up late, for all at once, by [`Finding::places`].

mod document;
mod rules;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::json::{Occurrence, Place, Pointer, places};

use crate::{humanize, limits};

pub use rules::Code;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// Allowed, and worth knowing.
    Note,
    /// Allowed or common, and likely to surprise somebody.
    Warning,
    /// Against the specification, or two clients may see two different things.
    Error,
}

impl Severity {
    /// The word for people and for JSON output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing that is wrong or noteworthy in a manifest: which rule, where, and what was found
/// there.
///
/// How bad it is, why it matters and which specification says so belongs to the rule
/// ([`Code::rule`]).
///
/// ```
/// use waybill_core::finding::{Code, Finding, Severity};
/// use waybill_core::json::Pointer;
///
/// let bytes = br#"{"layers":[{"size":"7"}]}"#;
/// let pointer = Pointer::ROOT.child("layers").element(0).child("size");
/// let finding = Finding::new(Code::WrongType, pointer, "size is a string, it has to be a number");
/// assert_eq!(finding.severity(), Severity::Error);
/// let places = Finding::places(&[finding], bytes);
/// assert_eq!(&bytes[places[0].clone().expect("it is there").range], br#""7""#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub code: Code,
    /// The place in the manifest, as a JSON pointer (`/manifests/0/platform/os`); empty for
    /// the whole. Of what is missing it is the object that lacks it.
    pub pointer: Pointer,
    /// What was found here, lower case and without a full stop.
    pub message: String,
    /// Whether it is about the config that the manifest names: then the pointer is the config's.
    pub in_config: bool,
}

impl Finding {
    /// Makes a finding at `pointer`; `message` is lower case, without a full stop.
    #[must_use]
    pub fn new(code: Code, pointer: impl Into<Pointer>, message: impl Into<String>) -> Self {
        Self {
            code,
            pointer: pointer.into(),
            message: message.into(),
            in_config: false,
        }
    }

    /// Finds where each of the findings stands in the bytes that their pointers point into,
    /// however many, in one go.
    ///
    /// A name that stands twice is found at its second place, what is missing at the object
    /// that lacks it. In bytes that are not JSON only the fault has a place, and in none
    /// nothing. A finding in the config stands in other bytes.
    #[must_use]
    pub fn places(findings: &[Self], bytes: &[u8]) -> Vec<Option<Place>> {
        places(
            bytes,
            findings
                .iter()
                .map(|finding| (finding.pointer.as_str(), finding.occurrence())),
        )
        .into_iter()
        .zip(findings)
        .map(|(place, finding)| place.filter(|_| !finding.in_config))
        .collect()
    }

    /// Which place of its pointer is meant: the second of two equal names, what stands before
    /// or behind the document, or the fault in it, and of all other codes the value itself.
    fn occurrence(&self) -> Occurrence {
        match self.code {
            // Behind too many to list stands one for the whole document, of which no second is.
            Code::DuplicateName if !self.pointer.is_empty() => Occurrence::Second,
            Code::ByteOrderMark => Occurrence::Before,
            Code::TrailingData => Occurrence::Behind,
            Code::NotJson | Code::NotUtf8 | Code::TooDeep => Occurrence::Fault,
            _ => Occurrence::First,
        }
    }

    /// Whether it is about the whole manifest, and not about one place in it.
    #[must_use]
    pub fn is_of_the_whole(&self) -> bool {
        self.pointer.is_empty() && self.occurrence() == Occurrence::First
    }

    /// Returns how bad it is: its rule's severity.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// Of each code the first [`limits::FINDINGS_OF_A_CODE`], and how many more there are.
///
/// The listed ones stay in their order; behind them comes one finding more for each code that
/// has too many, about the whole document: `200 more of these are not listed`. So a hostile
/// document does not fill the page.
pub(crate) fn bounded(findings: Vec<Finding>) -> Vec<Finding> {
    if findings.len() <= limits::FINDINGS_OF_A_CODE {
        return findings;
    }
    let mut counts = vec![0_usize; Code::ALL.len()];
    let mut listed = Vec::new();
    for finding in findings {
        let count = &mut counts[finding.code as usize];
        *count += 1;
        if *count <= limits::FINDINGS_OF_A_CODE {
            listed.push(finding);
        }
    }
    for (code, count) in Code::ALL.iter().zip(counts) {
        if let Some(more @ 1..) = count.checked_sub(limits::FINDINGS_OF_A_CODE) {
            listed.push(Finding::new(
                *code,
                "",
                format!(
                    "{} more of these are not listed",
                    humanize::number(more as u64)
                ),
            ));
        }
    }
    listed
}

/// The worst first; those that are equally bad stay in their order.
///
/// The order inside a severity is that in which a manifest is read, so it is the same each
/// time. Three passes stand in place of a library sort, which is large in a page.
pub(crate) fn worst_first(mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut sorted = Vec::with_capacity(findings.len());
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let (these, rest): (Vec<_>, Vec<_>) = findings
            .into_iter()
            .partition(|it| it.severity() == severity);
        sorted.extend(these);
        findings = rest;
    }
    sorted
}

/// A rule: how bad it is to break it, why it matters, and where it stands.
///
/// All rules stand in one table, in `rules`; [`Code::rule`] looks one up.
///
/// ```
/// use waybill_core::finding::{Code, Severity};
///
/// let rule = Code::DuplicateName.rule();
/// assert_eq!(rule.name, "duplicate-name");
/// assert_eq!(rule.severity, Severity::Error);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The code's name in kebab case, stable: scripts may compare it. No two rules have the
    /// same.
    pub name: &'static str,
    /// What the rule is about: a heading that it shares with others.
    pub topic: &'static str,
    /// A heading of a few words.
    pub title: &'static str,
    /// How bad.
    pub severity: Severity,
    /// Why it matters, in one sentence.
    pub why: &'static str,
    /// The name of the source.
    pub source: &'static str,
    /// The source's address.
    pub url: &'static str,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rule().name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_stand_where_a_reader_looks_for_them() {
        let bytes = b"\xef\xbb\xbf{\"a\": 1e2,\n \"a\": 1} }";
        let mut findings = crate::json::read(bytes)
            .expect("an object")
            .anomalies
            .into_iter()
            .map(Finding::from)
            .collect::<Vec<_>>();
        findings.push(Finding::new(Code::MissingField, "/a/0", "b is missing"));
        let places = Finding::places(&findings, bytes)
            .into_iter()
            .map(|place| place.expect("a place").position);
        let found = findings
            .iter()
            .zip(places)
            .map(|(it, at)| format!("{} {}:{}", it.code, at.line, at.column));
        let expected = [
            "byte-order-mark 1:1",
            "duplicate-name 2:7",
            "number-form 1:8",
            "trailing-data 2:10",
            "missing-field 1:8",
        ];
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn how_many_more_there_are_is_of_the_whole_for_every_code() {
        let of_one_place = [
            Code::ByteOrderMark,
            Code::TrailingData,
            Code::NotJson,
            Code::NotUtf8,
            Code::TooDeep,
        ];
        for code in Code::ALL {
            if of_one_place.contains(code) {
                // A document has it once, at a place that no pointer names.
                assert!(!Finding::new(*code, "", "x").is_of_the_whole(), "{code}");
                continue;
            }
            let many = vec![Finding::new(*code, "/a", "x"); limits::FINDINGS_OF_A_CODE + 3];
            let listed = bounded(many);
            let more = listed.last().expect("there are some");
            assert_eq!(more.message, "3 more of these are not listed");
            assert!(more.is_of_the_whole(), "{code}");
        }
        assert!(!Finding::new(Code::DuplicateName, "/", "of an empty name").is_of_the_whole());
    }

    #[test]
    fn every_rule_is_complete_and_its_name_is_its_own() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.rule().name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            let rule = code.rule();
            assert!(rule.url.starts_with("https://"), "{code}");
            assert!(
                rule.why.ends_with('.') && !rule.title.ends_with('.'),
                "{code}"
            );
            assert!(
                rule.name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{code}"
            );
        }
    }
}
