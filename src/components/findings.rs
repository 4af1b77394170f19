//! Findings: what, where, why it matters, and the rule.

use waybill_core::finding::{Finding, Severity};
use waybill_core::json::{Position, locate};
use waybill_core::words::count;

use super::element::{Element, el};
use super::text::{code, link_out, quiet, quiet_line, text};

/// The most findings that are drawn: a hostile list may have one for each of 15,000 entries.
pub const FINDINGS_DRAWN: usize = 100;
/// The longest bytes in which lines are looked for: each finding reads them once.
const LOCATED: usize = 256 * 1024;

/// The line that a finding points at.
#[must_use]
pub fn line_of(finding: &Finding, bytes: &[u8]) -> Option<usize> {
    let range = (bytes.len() <= LOCATED).then(|| locate(bytes, &finding.pointer)).flatten()?;
    Some(Position::of(bytes, range.start).line)
}

/// A list of findings, where there are any; `bytes` are those that the pointers point into.
#[must_use]
pub fn findings(found: &[Finding], bytes: &[u8]) -> Option<Element> {
    let list = el("ul").attr("aria-label", "Findings").class("findings");
    let rest = found.len().saturating_sub(FINDINGS_DRAWN);
    let rest = (rest > 0).then(|| el("li").child(quiet_line(format_args!("{} more", count(rest, "finding")))));
    let drawn = found.iter().take(FINDINGS_DRAWN).map(|finding| one(finding, bytes));
    (!found.is_empty()).then(|| list.children(drawn).child(rest))
}

fn one(finding: &Finding, bytes: &[u8]) -> Element {
    let rule = finding.code.rule();
    let class = match rule.severity {
        Severity::Error => "finding bad",
        Severity::Warning => "finding warn",
        Severity::Note => "finding note",
    };
    let place = match (finding.pointer.as_str(), line_of(finding, bytes)) {
        ("", _) => "whole manifest".to_owned(),
        (pointer, Some(line)) => format!("{pointer}, line {line}"),
        (pointer, None) => pointer.to_owned(),
    };
    let head = el("div")
        .class("finding-head")
        .child(el("span").class("severity").child(rule.severity.name()))
        .child(el("b").child(rule.title))
        .child(code(&place));
    let why = quiet(rule.why).child(" ").child(link_out(rule.url).child(rule.source));
    el("li").class(class).child(head).child(el("p").child(text(&finding.message)).child(". ").child(why))
}
