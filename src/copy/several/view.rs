//! How several images look: what becomes of them in one sentence, the form, the plan of all as a table, the commands.

mod form;
mod plan;

use waybill_core::humanize::{count, number, size};
use waybill_core::view::{Stamp, Status, rate_words};
use waybill_core::workflow::copy::several::Sums;
use yew::{Callback, Event, Html};

use super::message::Msg;
use super::state::{Phase, State};
use crate::components;
use crate::components::element::{Element, EventKind, button, el};
use crate::components::heading::heading;
use crate::components::listener::send;
use crate::components::text::{quiet, words, written_out};
use crate::shell::RegistryChoices;

/// Draws the page below the header; nothing while another page is shown.
pub fn page(state: &State, registries: &RegistryChoices, link: &Callback<Msg>) -> Html {
    if !state.is_shown {
        return Html::default();
    }
    el("main").child(sheet(state, registries, link)).into()
}

fn sheet(state: &State, registries: &RegistryChoices, link: &Callback<Msg>) -> Element {
    let (title, detail, stamp) = told(state);
    let announced = [&title, ". ", &detail].concat();
    let submit = link.reform(|event: Event| {
        event.prevent_default();
        Msg::Submitted
    });
    let stops = el("ol")
        .class("stops")
        .child(form::images(state, link))
        .child(form::to(state, link))
        .child(form::form(state, link))
        .child(plan::stop(state, link))
        .child(plan::opened(state, registries))
        .child(plan::commands(state, registries));
    let words = el("div")
        .child(heading().child(words(&title)))
        .child(el("p").child(words(&detail)))
        .child(progress(state))
        .child(buttons(state, link));
    components::sheet::sheet(
        "sheet compose",
        words,
        stamp.as_ref(),
        &written_out(&announced),
    )
    .child(el("form").on(EventKind::Submit, submit).child(stops))
}

/// Says how far they are: a sentence, a second one, and the stamp.
fn told(state: &State) -> (String, String, Option<Stamp>) {
    let sums = state.sums();
    let of_all = |one: usize| [&number(one as u64), " of ", &number(sums.images as u64)].concat();
    let of_images =
        |one: usize| [&number(one as u64), " of ", &count(sums.images, "image")].concat();
    let copied = [&of_all(sums.copied), " copied"].concat();
    let stamp = |status, text, small: &str| Some(Stamp::new(status, text, small));
    let (title, detail, stamp) = match state.phase() {
        Phase::Empty => (
            "Copy several images".to_owned(),
            "One after the other, each to a target of its own. The plan of all stands before the first byte moves.",
            None,
        ),
        Phase::Planning => (
            "The plans are being made".to_owned(),
            "Nothing is written.",
            None,
        ),
        Phase::PlanCancelled => (
            "The plan was cancelled".to_owned(),
            "Nothing was written.",
            stamp(Status::Unchecked, "Cancelled", "nothing was written"),
        ),
        Phase::Unplanned => (
            "None of them can be copied".to_owned(),
            "Nothing was written.",
            stamp(Status::Failed, "No plan", "nothing was written"),
        ),
        Phase::Planned => {
            let title = if sums.planned == sums.images {
                ["The plan of ", &count(sums.images, "copy")].concat()
            } else {
                [&of_images(sums.planned), " can be copied"].concat()
            };
            return (
                title,
                starting(&sums),
                stamp(Status::Unchecked, "Planned", "nothing is written yet"),
            );
        }
        Phase::Running => {
            let turn = of_all(state.turn().map_or(1, |turn| turn + 1));
            (
                ["Copying image ", &turn].concat(),
                "The tag of each is written last, when everything else of it is there.",
                stamp(Status::Pending, "Copying", &copied),
            )
        }
        Phase::Halted if state.is_paused => (
            "The copy stands still".to_owned(),
            "What is done is not done again.",
            stamp(Status::Unchecked, "Paused", &copied),
        ),
        Phase::Halted => (
            "The copy was cancelled".to_owned(),
            "What is done stays at the target; going on does not do it again.",
            stamp(Status::Unchecked, "Cancelled", &copied),
        ),
        Phase::Ended if sums.copied == sums.images => (
            [&count(sums.images, "image"), " copied, and read back"].concat(),
            "Each tag names what was copied: it was read back and compared.",
            stamp(Status::Verified, "Copied, read back", &copied),
        ),
        Phase::Ended => (
            [&of_images(sums.copied), " copied, and read back"].concat(),
            "Why the others are not stands in their rows.",
            stamp(Status::Failed, "Not all copied", &copied),
        ),
    };
    (title, detail.to_owned(), stamp)
}

/// Whether every byte is there, so that at most tags are to be set.
fn is_there(sums: &Sums) -> bool {
    (sums.manifests, sums.bytes, sums.mounted) == (0, 0, 0)
}

/// Says what starting them does.
fn starting(sums: &Sums) -> String {
    let before = "Nothing is written before you start it.";
    match sums.tags {
        _ if !is_there(sums) => before.to_owned(),
        0 => "Every byte is there, and each tag names it already.".to_owned(),
        tags => [
            &count(tags, "tag"),
            " to set; every byte is there. ",
            before,
        ]
        .concat(),
    }
}

/// Draws how far they are: bytes, rate and rest of all.
fn progress(state: &State) -> Option<Element> {
    let sums = state.sums();
    let line = |bar: Element, words: String| {
        let line = el("p").class("row progress").child(bar);
        line.child(quiet(words).class("quiet number"))
    };
    match state.phase() {
        Phase::Planning => {
            let bar = el("progress")
                .attr("aria-label", "Images asked about")
                .attr("max", sums.images.to_string())
                .attr("value", (sums.images - sums.unknown).to_string());
            let to_come = [&number(sums.unknown as u64), " to come"].concat();
            Some(line(bar, to_come))
        }
        Phase::Running | Phase::Halted => {
            let bar = el("progress")
                .attr("aria-label", "Copy")
                .attr("max", sums.bytes.max(1).to_string())
                .attr("value", sums.sent.to_string());
            let mut words = [&size(sums.sent), " of ", &size(sums.bytes)].concat();
            words.push_str(&rate_words(&state.progress, Some(sums.bytes)));
            let (done, all) = (number(sums.copied as u64), count(sums.images, "image"));
            words.push_str(&[", ", &done, " of ", &all].concat());
            Some(line(bar, words))
        }
        Phase::Empty | Phase::PlanCancelled | Phase::Unplanned | Phase::Planned | Phase::Ended => {
            None
        }
    }
}

/// Draws the buttons for what can be done now.
fn buttons(state: &State, link: &Callback<Msg>) -> Option<Element> {
    let press = |words: &str, msg: Msg| button(words, send(link, msg));
    let halt = |is_paused| Msg::Halt { is_paused };
    let row = el("p").class("row");
    let close = || press("Close the plan", Msg::Close);
    let text = || press("Save the report", Msg::SaveReport { json: false });
    let json = || press("Save it as JSON", Msg::SaveReport { json: true });
    let sums = state.sums();
    let left = sums.images - sums.copied;
    Some(match state.phase() {
        Phase::Empty => return None,
        Phase::Planning => row.child(press("Cancel", halt(false))),
        Phase::PlanCancelled | Phase::Unplanned => {
            row.child(press("Try again", Msg::GoOn).class("primary"))
        }
        Phase::Planned => {
            let most = if sums.is_at_most { ", at most " } else { ", " };
            let copies = count(sums.planned, "copy");
            let does = match sums.tags {
                _ if !is_there(&sums) => [most, &size(sums.bytes)].concat(),
                0 => ": nothing to write".to_owned(),
                tags => [": ", &count(tags, "tag"), " to set"].concat(),
            };
            let words = ["Start ", &copies, &does].concat();
            let others =
                (sums.planned < sums.images).then(|| press("Try the others again", Msg::GoOn));
            row.child(press(&words, Msg::Start).class("primary"))
                .child(others)
                .child(close())
        }
        Phase::Running => row
            .child(press("Pause", halt(true)))
            .child(press("Cancel", halt(false))),
        Phase::Halted => row
            .child(press("Go on", Msg::GoOn).class("primary"))
            .child(close())
            .child(text())
            .child(json()),
        Phase::Ended => {
            let words = ["Go on with ", &count(left, "image")].concat();
            let go_on = (left > 0).then(|| press(&words, Msg::GoOn).class("primary"));
            row.child(go_on).child(text()).child(json()).child(close())
        }
    })
}
