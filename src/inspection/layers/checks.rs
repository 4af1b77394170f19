//! How a validation looks: the verdict, what takes it away, and the manifests with their checks, the worst first. Only
//! what is open is drawn: a list of thousands has a hundred thousand checks.

use waybill_core::humanize::{count, sentence};
use waybill_core::view::Status;
use waybill_core::workflow::validate::{Outcome, Report, Row, Subject, Verdict};
use yew::Callback;

use super::state::Change;
use super::validate::{Take, Told, VALIDATION};
use super::validation::Validation;
use crate::components::digest;
use crate::components::element::{Element, EventKind, button, el};
use crate::components::listener::send;
use crate::components::status::{self, status};
use crate::components::table::PageOfRows;
use crate::components::text::{quiet, words};
use crate::inspection::Msg as InspectionMsg;
use crate::limits::{ITEMS_DRAWN, ROWS_DRAWN};

fn section() -> Element {
    el("section")
        .attr("id", VALIDATION)
        .attr("aria-label", "Validation")
        .attr("tabindex", "-1")
        .class("validation")
        .child(el("h2").child("Validation"))
}

/// Draws that something is still to come.
pub(super) fn waiting() -> Element {
    let words = quiet("The verdict comes when all that is chosen was read.");
    section().child(el("p").child(words))
}

fn tell(link: &Callback<InspectionMsg>, told: Told) -> Callback<yew::Event> {
    send(link, Change::Validation(told).msg())
}

/// Draws the verdict and the manifests, one page of them.
pub(super) fn list(
    validation: &Validation,
    report: &Report,
    link: &Callback<InspectionMsg>,
) -> Element {
    let class = match report.verdict() {
        Verdict::Valid => "conclusion good",
        Verdict::Invalid => "conclusion bad",
        Verdict::Incomplete => "conclusion warn",
    };
    let take = |words: &str, take| button(words, tell(link, Told::Take(take)));
    // Those with the worst first: among thousands nobody turns pages to find it.
    let mut order: Vec<usize> = (0..report.subjects.len()).collect();
    order.sort_by_key(|index| worst(&report.subjects[*index]));
    let page = PageOfRows {
        from: validation.from.min(order.len().saturating_sub(1)),
        length: ROWS_DRAWN,
        of: order.len(),
    };
    // What stands against something is open, as long as there is room for it.
    let (mut room, mut subjects) = (ITEMS_DRAWN, Vec::new());
    for index in order.into_iter().skip(page.from).take(page.length) {
        let one = &report.subjects[index];
        let against = one.rows.iter().filter(|row| row.outcome < Outcome::Note);
        let against = against.count();
        let begins_open = report.subjects.len() == 1 || (against > 0 && against <= room);
        if begins_open {
            room = room.saturating_sub(against);
        }
        let is_open = begins_open != validation.folded.contains(&index);
        subjects.push(subject(one, index, is_open, link));
    }
    let turner = page.turner("Manifests", &|from| tell(link, Told::ShowFrom(from)));
    section()
        .child(
            el("p")
                .attr("role", "status")
                .attr("class", class)
                .child(report.sentence()),
        )
        .child(
            el("p")
                .class("row")
                .child(take("Download as text", Take::Text))
                .child(take("Download as JSON", Take::Json))
                .child(take("Copy", Take::Copy)),
        )
        .child(turner)
        .children(subjects)
}

/// How the worst check of a manifest came out; what is only worth knowing is as good as what passed.
fn worst(subject: &Subject) -> Outcome {
    let first = subject.rows.first();
    let worst = first.map_or(Outcome::Passed, |row| row.outcome);
    if worst < Outcome::Note {
        worst
    } else {
        Outcome::Passed
    }
}

/// Draws one manifest: a button that opens it and says how many checks came out how, and behind it the checks, the
/// worst first, with those that passed folded away.
fn subject(
    subject: &Subject,
    index: usize,
    is_open: bool,
    link: &Callback<InspectionMsg>,
) -> Element {
    let kind = match worst(subject) {
        Outcome::Failed => Status::Failed,
        Outcome::Passed | Outcome::Note => Status::Verified,
        Outcome::Warning | Outcome::NotChecked => Status::Unchecked,
    };
    let fold = el("button")
        .attr("type", "button")
        .attr("aria-expanded", if is_open { "true" } else { "false" })
        .on(EventKind::Click, tell(link, Told::Fold(index)))
        .child(status(kind))
        .child(el("span").child(words(&subject.title)))
        .child(el("small").class("quiet").child(tally(subject)));
    let place = subject.place().map(|place| ["in ", &place].concat());
    let head = el("section")
        .key(&index.to_string())
        .class("validated")
        .child(
            el("h3")
                .child(fold)
                .child(subject.digest.as_ref().map(digest::short))
                .child(place.map(|place| quiet(words(&place)))),
        );
    if !is_open {
        return head;
    }
    let of = |is_passed: bool| {
        let rows = subject.rows.iter();
        rows.filter(move |row| (row.outcome == Outcome::Passed) == is_passed)
    };
    let passed = of(true).count();
    head.child(rows(of(false))).child((passed > 0).then(|| {
        el("details")
            .child(el("summary").child([&count(passed, "check"), " passed"].concat()))
            .child(rows(of(true)))
    }))
}

/// Says how many checks of a manifest came out how, the worst first.
fn tally(subject: &Subject) -> String {
    let of = |outcome: Outcome| {
        let rows = subject.rows.iter().filter(|row| row.outcome == outcome);
        let number = rows.count();
        (number > 0).then(|| match outcome {
            Outcome::Warning => count(number, "warning"),
            Outcome::Note => count(number, "note"),
            Outcome::Failed | Outcome::NotChecked | Outcome::Passed => {
                format!("{number} {}", outcome.name())
            }
        })
    };
    let parts: Vec<_> = Outcome::ALL.into_iter().filter_map(of).collect();
    parts.join(", ")
}

fn rows<'a>(all: impl Iterator<Item = &'a Row>) -> Option<Element> {
    let mut all = all.peekable();
    all.peek()?;
    let mut list = el("ul").class("checks");
    let mut left_out = 0;
    for (index, one) in all.enumerate() {
        if index < ITEMS_DRAWN {
            list = list.child(row(one));
        } else {
            left_out += 1;
        }
    }
    let more = format!("{} more are in the downloads.", count(left_out, "check"));
    Some(list.child((left_out > 0).then(|| el("li").child(quiet(more)))))
}

fn row(row: &Row) -> Element {
    let kind = match row.outcome {
        Outcome::Failed => Status::Failed,
        Outcome::Passed => Status::Verified,
        Outcome::Warning | Outcome::NotChecked | Outcome::Note => Status::Unchecked,
    };
    let place = row.place.words();
    el("li")
        .attr("data-outcome", row.outcome.name())
        .attr("class", status::class(kind))
        .child(status(kind))
        .child(
            el("span")
                .child(el("b").child(row.check.title()))
                .child([" ", row.outcome.name()].concat()),
        )
        .child((!place.is_empty()).then(|| quiet(words(&place))))
        .child(
            el("span")
                .class("evidence")
                .child(words(&sentence(&row.evidence))),
        )
}
