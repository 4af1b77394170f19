//! Findings: what, where, why it matters, and the rule.

use waybill_core::finding::{Finding, Severity};
use waybill_core::json::{Position, locate};
use yew::{Html, html};

use super::text::text;

/// A list of findings; `bytes` are those that the pointers point into.
pub fn findings(found: &[Finding], bytes: &[u8]) -> Html {
    if found.is_empty() {
        return Html::default();
    }
    html! { <ul class="findings" aria-label="Findings">{ for found.iter().map(|finding| one(finding, bytes)) }</ul> }
}

fn one(finding: &Finding, bytes: &[u8]) -> Html {
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
    html! {
        <li class={class}>
            <div class="finding-head">
                <span class="severity">{ rule.severity.name() }</span>
                <b>{ rule.title }</b>
                <code>{ text(&place) }</code>
            </div>
            <p>{ text(&finding.message) }{ ". " }<span class="quiet">{ rule.why }{ " " }
                <a href={rule.url} rel="noopener noreferrer nofollow" target="_blank">{ rule.source }</a></span></p>
        </li>
    }
}
