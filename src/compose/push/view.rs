//! How the push part looks.

use waybill_core::humanize::{number, size};
use waybill_core::reference::RegistryHost;
use waybill_core::view::{Action, Status};
use waybill_core::workflow::compose::Model as Composed;
use waybill_core::workflow::push::{Model, Msg as Change};
use yew::Callback;

use super::summary::{announced, known, result, title};
use super::{HEADING, Push, Stage, plan};
use crate::components::custody::{step, stop};
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::status;
use crate::components::text::{quiet, quiet_line, text};
use crate::compose::message::Msg;
use crate::pushing::{Words, failures, steps};
use crate::shell::RegistryChoices;

/// How a push of a list is told.
const WORDS: Words = Words {
    root: "the list",
    same: "as composed",
};

/// Draws the push part: the last stop.
pub(crate) fn view(
    push: &Push,
    composed: &Composed,
    registries: &RegistryChoices,
    link: &Callback<Msg>,
) -> Element {
    let model = push.model.as_ref();
    // It stays in its place whatever stands beside it, or what is put into it is not read out.
    let body = |part: Element| {
        el("div").child(part.class("push")).child(
            el("p")
                .attr("role", "status")
                .attr("aria-live", "polite")
                .class("offscreen")
                .child(model.map(announced)),
        )
    };
    let Some(model) = model else {
        return step(
            "Push",
            "where the list goes",
            body(offer(el("div"), composed, link)),
        );
    };
    let stage = Stage::from_model(model);
    let (title, stamp) = title(model, stage);
    let is_end = matches!(stage, Stage::Stopped | Stage::Pushed | Stage::Differs);
    let page = steps::page(model, push.from_step);
    let turner = page.turner("Steps", &|from| send(link, Msg::ShowPushFrom(from)));
    let on_action =
        |host: &RegistryHost, action: &Action| send(link, Msg::Act(host.clone(), action.clone()));
    let part = el("div")
        .child(
            el("div")
                .class("push-head")
                .child(
                    el("h3")
                        .attr("id", HEADING)
                        .attr("tabindex", "-1")
                        .child(title),
                )
                .child(is_end.then(|| status::stamp(&stamp))),
        )
        .child(result(model, stage))
        .child(progress(model, stage))
        .child(buttons(stage, link))
        .child((!push.is_of(composed)).then(|| {
            el("p").class("warn").child(
                "What stands above is another list or target by now; this push is \
                    of the one below.",
            )
        }))
        .child(failures::failures(model, WORDS, &on_action))
        .child(plan::plan(model, registries, link))
        .child(steps::rows(model, page, WORDS))
        .child(turner);
    // A digest is too long for the margin, and stands in the stamp.
    let small = if stage == Stage::Pushed {
        "read back as composed"
    } else {
        &stamp.small
    };
    match stamp.status {
        Status::Verified | Status::Failed => stop(stamp.status, "Push", small, body(part)),
        Status::Unchecked | Status::Pending => step("Push", small, body(part)),
    }
}

/// Draws what it takes to plan a push, where there is none.
fn offer(body: Element, composed: &Composed, link: &Callback<Msg>) -> Element {
    let Some(target) = &composed.composition().target else {
        return body.child(quiet_line("Name a target above to push the list there."));
    };
    if composed.pending() > 0 {
        return body.child(quiet_line(
            [
                &number(composed.pending() as u64),
                " answers are still to come.",
            ]
            .concat(),
        ));
    }
    if composed.written().list.entries.is_empty() {
        return body.child(quiet_line(
            "There is nothing to push yet: the list has no entry.",
        ));
    }
    let words = "The plan says what is there already, and what is to be mounted, \
        sent and put. It writes nothing.";
    body.child(quiet_line(words)).child(
        el("p")
            .class("row")
            .child(button("Plan the push", send(link, Msg::PlanPush)).class("primary"))
            .child(quiet("to "))
            .child(text(&target.without_digest().familiar())),
    )
}

fn buttons(stage: Stage, link: &Callback<Msg>) -> Element {
    let change = |words: &str, change: Change| button(words, send(link, Msg::Push(change)));
    let row = el("p").class("row");
    let row = match stage {
        Stage::Planning | Stage::Running => return row.child(change("Cancel", Change::Cancel)),
        Stage::Planned => row.child(change("Start the push", Change::Start).class("primary")),
        Stage::Unplanned | Stage::Stopped => {
            row.child(change("Go on", Change::Retry).class("primary"))
        }
        Stage::Differs => row.child(change("Read it again", Change::Retry)),
        Stage::Pushed => row,
    };
    row.child(button("Plan again", send(link, Msg::PlanPush)))
        .child(button("Close", send(link, Msg::ClosePush)))
}

fn progress(model: &Model, stage: Stage) -> Option<Element> {
    let totals = model.totals();
    let (done, all) = (steps::done(model), steps::length(model));
    let bar = el("progress").attr("aria-label", "Push");
    let (bar, words) = match stage {
        Stage::Planning => (bar, known(all.saturating_sub(totals.unknown), all, "known")),
        Stage::Running if totals.bytes == 0 => (
            bar.attr("max", all.to_string())
                .attr("value", done.to_string()),
            known(done, all, "done"),
        ),
        Stage::Running => {
            let bar = bar
                .attr("max", totals.bytes.to_string())
                .attr("value", totals.sent.to_string());
            let sent = [&size(totals.sent), " of ", &size(totals.bytes), " sent, "].concat();
            (bar, sent + &known(done, all, "done"))
        }
        Stage::Unplanned | Stage::Planned | Stage::Stopped | Stage::Pushed | Stage::Differs => {
            return None;
        }
    };
    Some(el("p").class("row progress").child(bar).child(quiet(words)))
}
