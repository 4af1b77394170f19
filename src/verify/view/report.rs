//! What stands in a report of an inspection, and what its own bytes say of it.

use waybill_core::humanize::{count, number, sentence};
use waybill_core::report::{Checked, Report};
use waybill_core::time;
use waybill_core::verify::Verdict;
use waybill_core::view::{Stamp, Status, Summary};

use crate::components::element::{Element, el};
use crate::components::status;
use crate::components::text::{field, quiet_line, text, wide_field, words};
use crate::limits::{FINDINGS_DRAWN, ITEMS_DRAWN};
use crate::verify::state::OpenedReport;

/// Says of the whole what its bytes show; `None` where nobody can read it.
pub(super) fn summary(opened: &OpenedReport, inspected: Summary) -> Summary {
    let stamp = |status, small: &str| Stamp::new(status, "Report", small);
    match opened {
        Err(error) => Summary {
            detail: sentence(&error.to_string()),
            stamp: stamp(Status::Failed, "it cannot be read"),
            ..inspected
        },
        Ok((_, checked)) if checked.iter().any(Checked::is_wrong) => Summary {
            title: [&inspected.title, ", and is not what it says"].concat(),
            detail: "The bytes in it are not those that it tells of: it was changed, or never was right.".into(),
            stamp: Stamp::new(Status::Failed, "Mismatch", "the report and its bytes"),
        },
        // That it is of one piece makes nothing of it true.
        Ok(_) => Summary {
            detail: "The bytes in it are those that it tells of. Who made it, and what the registry has now, it cannot show."
                .into(),
            stamp: stamp(Status::Unchecked, "its bytes are as it says"),
            ..inspected
        },
    }
}

/// Draws the report.
pub(super) fn report(opened: &OpenedReport) -> Option<Element> {
    let (report, checked) = opened.as_ref().ok()?;
    Some(
        el("section")
            .attr("aria-label", "The report")
            .class("tab compared")
            .child(told(report))
            .child(el("h2").child("Hashed again here"))
            .child(
                el("div")
                    .class("fields")
                    .children(checked.iter().take(ITEMS_DRAWN).map(one)),
            )
            .child(claims(report)),
    )
}

/// Draws what the report says of itself.
fn told(report: &Report) -> Element {
    let time = time::in_utc(&report.created).unwrap_or_default();
    let via = report.via.as_deref().map(|via| match via {
        "direct" => "directly from the registry",
        _ => "through a proxy",
    });
    let reference = report.reference.as_deref();
    el("div")
        .class("fields")
        .child(field("Made").child(text(&time)))
        .child(reference.map(|reference| field("Reference").child(text(reference))))
        .child(via.map(|via| field("Answered").child(via)))
        .child(
            wide_field("It says")
                .child("“")
                .child(text(&sentence(&report.verdict.sentence)))
                .child(" ")
                .child(text(&sentence(&report.verdict.stamp)))
                .child("”"),
        )
}

/// Draws a content of it, compared with what the report says of it.
fn one(checked: &Checked) -> Element {
    let (kind, said) = match &checked.verdict {
        _ if checked.is_wrong() => (Status::Failed, "not what the report says"),
        Verdict::NotChecked(why) => (Status::Unchecked, why.reason()),
        _ => (Status::Verified, "the digest that the report states"),
    };
    let evidence = checked.evidence().into_iter();
    let evidence = evidence.map(|line| el("p").class("bad").child(words(&sentence(&line))));
    let size = [&number(checked.bytes.len() as u64), " bytes"].concat();
    wide_field(sentence(&checked.name).trim_end_matches('.'))
        .child(el("code").child(text(&checked.digest)))
        .child(
            el("p")
                .class("row")
                .child(status::verdict(kind, said))
                .child(el("span").class("quiet").child(size)),
        )
        .children(evidence)
}

/// Draws what the report says and its bytes do not show by themselves: without a seal.
fn claims(report: &Report) -> Element {
    let line = |words: String| el("li").child(text(&words));
    let steps = report.custody.iter().take(ITEMS_DRAWN);
    let steps = steps.map(|it| line([&it.step, ", ", &it.status, ": ", &it.note].concat()));
    let findings = report.findings.iter().take(FINDINGS_DRAWN);
    let findings = findings.map(|it| {
        let place = if it.pointer.is_empty() { "" } else { ", " };
        line(
            [
                &it.severity,
                ", ",
                &it.code,
                place,
                &it.pointer,
                ": ",
                &it.message,
            ]
            .concat(),
        )
    });
    let entries = report.manifests.iter().take(ITEMS_DRAWN);
    let entries = entries.map(|it| {
        line(
            [
                &it.platform,
                ", ",
                &it.digest,
                ", ",
                &it.status,
                ": ",
                &it.note,
            ]
            .concat(),
        )
    });
    let list = |words: String, all: usize, lines: Vec<Element>| {
        let more = all - lines.len();
        let more =
            (more > 0).then(|| el("li").child(format_args!("and {} more", number(more as u64))));
        let details = el("details").child(el("summary").child(words));
        (all > 0).then(|| details.child(el("ul").children(lines).child(more)))
    };
    let (custody, found, named) = (
        report.custody.len(),
        report.findings.len(),
        report.manifests.len(),
    );
    el("div")
        .child(el("h2").child("What else it says"))
        .child(quiet_line(
            "Nothing of this is checked here. Go on with the contents inside, and it is.",
        ))
        .child(list(count(custody, "stop"), custody, steps.collect()))
        .child(list(count(found, "finding"), found, findings.collect()))
        .child(list(count(named, "entry"), named, entries.collect()))
}
