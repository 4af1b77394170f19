//! The table of several contents that were given together.

use crate::components::digest::short;
use crate::components::element::{Element, el};
use crate::components::status;
use crate::components::table::{cell, table};
use crate::components::text;
use crate::inspection::view::content_name;
use crate::verify::state::State;
use waybill_core::humanize::{count, number};
use waybill_core::manifest::Format;
use waybill_core::view::Status;
use waybill_core::workflow::verify::Report;

use super::{file_href, verdict};

/// Draws every content with its verdict.
pub(super) fn several(state: &State, report: &Report) -> Element {
    let files = state.files();
    let heads = [
        ("Content", None),
        ("Format", Some("wide-only")),
        ("Size", Some("number")),
        ("Digest", None),
        ("Verdict", None),
    ];
    let caption = [&count(files.len(), "content"), " opened together"].concat();
    let mut rows = el("tbody");
    for (index, (given, checked)) in files.iter().zip(&report.files).enumerate() {
        let here = (index == state.index()).then_some("true");
        let name = el("a")
            .attr("href", file_href(index))
            .attr("aria-current", here)
            .child(content_name(&given.name));
        let format = match (&checked.recognized, checked.format) {
            (Some(known), _) => known.kind.name().to_owned(),
            (None, None) => "not JSON".to_owned(),
            (None, Some(Format::Unknown)) => "JSON, no manifest".to_owned(),
            (None, Some(format)) => format.to_string(),
        };
        let by = checked.named_by.and_then(|by| files.get(by));
        let verdict = match (by, &checked.verdict) {
            (Some(by), verdict) if !verdict.is_verified() => {
                let words = text::words(&["as ", &by.name, " names it"].concat());
                status::verdict_around(Status::Verified, el("span").child(words))
            }
            _ => {
                let (status, words) = verdict(report, checked);
                status::verdict(status, words)
            }
        };
        rows = rows.child(
            el("tr")
                .child(el("th").attr("scope", "row").child(name))
                .child(cell("wide-only").child(format))
                .child(cell("number").child(number(checked.size as u64)))
                .child(el("td").child(checked.digest.as_ref().map(short)))
                .child(el("td").child(verdict)),
        );
    }
    el("section")
        .attr("aria-label", "Contents")
        .class("tab several")
        .child(table(&caption, &heads).child(rows))
}
