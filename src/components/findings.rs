//! Findings: what, where, why it matters, and the rule.

use waybill_core::finding::{Finding, Severity};
use waybill_core::json::{Position, locate};

use super::element::{Element, el};
use super::text::{code, link_out, quiet, text};

/// A list of findings, where there are any; `bytes` are those that the pointers point into.
#[must_use]
pub fn findings(found: &[Finding], bytes: &[u8]) -> Option<Element> {
    let list = el("ul").attr("aria-label", "Findings").class("findings");
    (!found.is_empty()).then(|| list.children(found.iter().map(|finding| one(finding, bytes))))
}

fn one(finding: &Finding, bytes: &[u8]) -> Element {
    let rule = finding.code.rule();
    let class = match rule.severity {
        Severity::Error => "finding bad",
        Severity::Warning => "finding warn",
        Severity::Note => "finding note",
    };
    let line = locate(bytes, &finding.pointer).map(|range| Position::of(bytes, range.start).line);
    let place = match (finding.pointer.as_str(), line) {
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
