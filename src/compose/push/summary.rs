//! What is said of a push: its title, what came of it, what is read out.

use waybill_core::humanize::{count, number, size};
use waybill_core::verify::Verdict;
use waybill_core::view::{Stamp, Status};
use waybill_core::workflow::push::{Failure, Model, StepState};

use super::Stage;
use crate::components::digest::short;
use crate::components::element::{Element, el};
use crate::components::text::quiet_line;
use crate::pushing::steps;

/// Says how far the push is, in one sentence, with the stamp.
pub(super) fn title(model: &Model, stage: Stage) -> (String, Stamp) {
    let tag = model.tag();
    let cancelled = is_cancelled(model);
    let (title, status, word, small) = match stage {
        Stage::Planning => (
            "The plan is being made",
            Status::Pending,
            "Planning",
            "nothing is written",
        ),
        Stage::Unplanned if cancelled => (
            "The plan was cancelled",
            Status::Unchecked,
            "Cancelled",
            "nothing was written",
        ),
        Stage::Unplanned => (
            "The push cannot be planned",
            Status::Failed,
            "No plan",
            "nothing was written",
        ),
        Stage::Planned => (
            "The plan of the push",
            Status::Unchecked,
            "Planned",
            "nothing is written yet",
        ),
        Stage::Running => ("Pushing", Status::Pending, "Pushing", "the tag is put last"),
        Stage::Stopped => {
            let small = if tag.state.is_there() {
                "not read back"
            } else {
                "the tag is not written"
            };
            if cancelled {
                (
                    "The push was cancelled",
                    Status::Unchecked,
                    "Cancelled",
                    small,
                )
            } else {
                ("The push stopped", Status::Failed, "Stopped", small)
            }
        }
        Stage::Pushed => {
            let title = ["Pushed: ", tag.tag.as_str(), " names this list"].concat();
            let small = ["read back: sha256:", model.task().root.digest().short()].concat();
            return (
                title,
                Stamp {
                    status: Status::Verified,
                    text: "Pushed".to_owned(),
                    small,
                },
            );
        }
        Stage::Differs => {
            let title = [tag.tag.as_str(), " names something else"].concat();
            let small = "not what was put".to_owned();
            return (
                title,
                Stamp {
                    status: Status::Failed,
                    text: "Differs".to_owned(),
                    small,
                },
            );
        }
    };
    (
        title.to_owned(),
        Stamp {
            status,
            text: word.to_owned(),
            small: small.to_owned(),
        },
    )
}

/// Tells whether the person stopped it, and nothing else did.
fn is_cancelled(model: &Model) -> bool {
    let failures = model.failures();
    !failures.is_empty()
        && failures
            .iter()
            .all(|(_, failure)| **failure == Failure::Cancelled)
}

/// Says what screen readers hear: each stage once, and quarters of the way.
pub(super) fn announced(model: &Model) -> String {
    let stage = Stage::from_model(model);
    let (title, stamp) = title(model, stage);
    if stage == Stage::Running {
        let quarters = 4 * steps::done(model) / steps::length(model).max(1);
        return [
            &title,
            ", ",
            &(25 * quarters).to_string(),
            " % of the steps are done",
        ]
        .concat();
    }
    [&title, ", ", &stamp.small].concat()
}

/// Says how far it is: `3 of 9 steps done`.
pub(super) fn known(done: usize, all: usize, word: &str) -> String {
    [&number(done as u64), " of ", &count(all, "step"), " ", word].concat()
}

/// Draws what came of it, in a sentence.
pub(super) fn result(model: &Model, stage: Stage) -> Option<Element> {
    let tag = model.tag().tag.as_str();
    match stage {
        Stage::Planning | Stage::Running => None,
        Stage::Unplanned => Some(quiet_line("Nothing was written.")),
        Stage::Planned => Some(quiet_line("Nothing is written before you start it.")),
        Stage::Stopped => Some(el("p").child(what_is_there(model))),
        Stage::Pushed => {
            let digest = model.task().root.digest().as_str();
            let left = match model.failures().len() {
                0 => String::new(),
                left => [
                    " The push left alone ",
                    &count(left, "fallback tag"),
                    ", so its manifests are not found from their subjects.",
                ]
                .concat(),
            };
            Some(
                el("p").child(
                    [
                        "Read back: the tag ",
                        tag,
                        " names ",
                        digest,
                        " as composed.",
                        &left,
                    ]
                    .concat(),
                ),
            )
        }
        Stage::Differs => {
            let found = match model.outcome().map(|outcome| &outcome.verdict) {
                Some(Verdict::WrongDigest { found }) => Some(short(found)),
                Some(Verdict::Verified | Verdict::WrongSize { .. } | Verdict::NotChecked(_))
                | None => None,
            };
            let words = "Read back, the tag names other bytes than were put: somebody else \
                may have pushed to it. ";
            Some(el("p").class("bad").child(words).child(found))
        }
    }
}

/// Says what a push that stopped has done.
fn what_is_there(model: &Model) -> String {
    let blobs = model
        .blobs()
        .iter()
        .filter(|step| step.state.is_there())
        .count();
    let manifests = model
        .manifests()
        .iter()
        .filter(|step| step.state.is_there())
        .count();
    let of = |there: usize, all: usize, what| {
        [&number(there as u64), " of ", &count(all, what)].concat()
    };
    let sent = model.totals().sent;
    let there = [
        "The target has ",
        &of(blobs, model.blobs().len(), "blob"),
        " and ",
        &of(manifests, model.manifests().len(), "manifest"),
        "; ",
        &size(sent),
        " were sent. ",
    ];
    let tag = match model.tag().state {
        StepState::Done => "The tag is written and not read back.",
        StepState::Present => "The tag names this list already.",
        StepState::Unknown
        | StepState::Asked
        | StepState::NotDistributed
        | StepState::Planned
        | StepState::Running { .. }
        | StepState::Failed(_) => "The tag is not written. What is done is not done again.",
    };
    there.concat() + tag
}
