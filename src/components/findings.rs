//! Findings: what, where, why it matters, and the rule.

use waybill_core::finding::{Finding, Severity};
use waybill_core::humanize::count;
use waybill_core::json::Place;

use super::element::{Element, el};
use super::text::{code, link_out, quiet, quiet_line, words};
use crate::limits::FINDINGS_DRAWN;

/// Draws a list of findings, each with its place; `None` where there are none.
#[must_use]
pub fn findings(found: &[Finding], places: &[Option<Place>]) -> Option<Element> {
    let list = el("ul").attr("aria-label", "Findings").class("findings");
    let rest = found.len().saturating_sub(FINDINGS_DRAWN);
    let rest = (rest > 0)
        .then(|| el("li").child(quiet_line(format_args!("{} more", count(rest, "finding")))));
    let places = places
        .iter()
        .map(Option::as_ref)
        .chain(std::iter::repeat(None));
    let drawn = found
        .iter()
        .take(FINDINGS_DRAWN)
        .zip(places)
        .map(|(finding, place)| one(finding, place));
    (!found.is_empty()).then(|| list.children(drawn).child(rest))
}

fn one(finding: &Finding, place: Option<&Place>) -> Element {
    let rule = finding.code.rule();
    let class = match rule.severity {
        Severity::Error => "finding bad",
        Severity::Warning => "finding warn",
        Severity::Note => "finding note",
    };
    let said = |place: &str| el("code").child(words(place));
    let place = match (finding.pointer.as_str(), place) {
        ("", Some(place)) if !finding.is_of_the_whole() => {
            said(&format!("line {}", place.position.line))
        }
        ("", _) if finding.in_config => said("whole config"),
        ("", _) => said("whole manifest"),
        (pointer, _) if finding.in_config => said(&format!("config, {pointer}")),
        (pointer, Some(place)) => said(&format!("{pointer}, line {}", place.position.line)),
        (pointer, None) => code(pointer),
    };
    el("li")
        .class(class)
        .child(
            el("div")
                .class("finding-head")
                .child(el("span").class("severity").child(rule.severity.name()))
                .child(el("b").child(rule.title))
                .child(place),
        )
        .child(
            el("p").child(words(&finding.message)).child(". ").child(
                quiet(rule.why)
                    .child(" ")
                    .child(link_out(rule.url).child(rule.source)),
            ),
        )
}
