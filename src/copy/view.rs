//! How Copy looks: what becomes of it in one sentence, then a stop for each thing that is decided, and the plan.

pub(super) mod choice;
mod commands;
mod form;
mod from;
mod manifests;
mod run;
mod to;

use waybill_core::view::{Stamp, Status};
use waybill_core::workflow::copy::Model;
use waybill_core::workflow::fetch::Fetch;
use waybill_core::workflow::push::{self, StepState};
use yew::{Callback, Event, Html};

use super::message::Msg;
use super::save;
use super::state::{Stage, State};
use crate::components;
use crate::components::element::{Element, EventKind, el};
use crate::components::heading::heading;
use crate::components::text::{words, written_out};
use crate::shell::RegistryChoices;

/// Draws the page below the header; nothing while another page is shown.
pub fn page(state: &State, registries: &RegistryChoices, link: &Callback<Msg>) -> Html {
    if !state.is_shown {
        return Html::default();
    }
    el("main").child(sheet(state, registries, link)).into()
}

/// Draws the plan of one of several images: what stopped it, what becomes of each manifest, and what is written.
pub(super) fn opened(state: &State, registries: &RegistryChoices, link: &Callback<Msg>) -> Element {
    let failed = match state.source.as_ref().map(Model::root) {
        Some(Fetch::Failed(why)) => from::failed(state, why, link),
        Some(Fetch::Pending | Fetch::Done(_)) | None => None,
    };
    el("div")
        .child(failed)
        .child(run::body(state, registries, link))
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
        .child(from::stop(state, link))
        .child(to::stop(state, link))
        .child(form::stop(state, link))
        .child(run::stop(state, registries, link))
        .child(
            state
                .save
                .as_ref()
                .map(|file| save::view::stop(state, file, link)),
        )
        .child(commands::stop(state, registries));
    let words = el("div")
        .child(heading().child(words(&title)))
        .child(el("p").child(words(&detail)))
        .child(run::progress(state))
        .child(run::buttons(state, link))
        .child(
            state
                .save
                .as_ref()
                .map(|file| save::view::controls(file, link)),
        );
    components::sheet::sheet(
        "sheet compose",
        words,
        stamp.as_ref(),
        &written_out(&announced),
    )
    .child(el("form").on(EventKind::Submit, submit).child(stops))
}

/// Says how far it is: a sentence, a second one, and the stamp.
fn told(state: &State) -> (String, String, Option<Stamp>) {
    let stamp = |status, text, small| Some(Stamp::new(status, text, small));
    if let Some(file) = &state.save {
        return save::view::told(file);
    }
    let (title, detail, stamp) = match state.stage() {
        Stage::Empty | Stage::File(_) => (
            "Copy an image",
            "To another registry or into a file, byte for byte. Every digest is told before the first byte moves.",
            None,
        ),
        Stage::Reading => ("Asking for the source", "Nothing is written.", None),
        Stage::Unread => (
            "The source did not come",
            "Nothing was written.",
            stamp(Status::Failed, "Not read", "nothing was written"),
        ),
        Stage::Chosen => (
            "The source is here",
            "Choose what of it goes along, and plan the copy. The plan writes nothing.",
            None,
        ),
        Stage::Gathering => ("Reading what goes along", "Nothing is written.", None),
        Stage::Ungathered => (
            "Not all of the source came",
            "Nothing was written.",
            stamp(Status::Failed, "No plan", "nothing was written"),
        ),
        Stage::LayersUnread => (
            "The layers have to be read first",
            "A digest is of compressed bytes, so nobody knows it before. Nothing is written to the target meanwhile.",
            None,
        ),
        Stage::ReadingLayers => (
            "Reading the layers",
            "Each is held to its digest and to what its config says. Nothing is written to the target.",
            stamp(Status::Pending, "Reading", "nothing is written yet"),
        ),
        Stage::LayerFailed => (
            "A layer was not read",
            "Nothing was written to the target.",
            stamp(Status::Failed, "No plan", "nothing was written"),
        ),
        Stage::Refused => (
            "This cannot be copied so",
            "Nothing was written.",
            stamp(Status::Failed, "Refused", "nothing was written"),
        ),
        Stage::Planning => ("The plan is being made", "Nothing is written.", None),
        Stage::Unplanned if state.is_cancelled() => (
            "The plan was cancelled",
            "Nothing was written.",
            stamp(Status::Unchecked, "Cancelled", "nothing was written"),
        ),
        Stage::Unplanned => (
            "The copy cannot be planned",
            "Nothing was written.",
            stamp(Status::Failed, "No plan", "nothing was written"),
        ),
        Stage::Planned => (
            "The plan of the copy",
            "Nothing is written before you start it.",
            stamp(Status::Unchecked, "Planned", "nothing is written yet"),
        ),
        Stage::Running => (
            "Copying",
            "The tag is written last, when everything else is there.",
            stamp(Status::Pending, "Copying", "the tag is put last"),
        ),
        Stage::Stopped if state.is_cancelled() && state.is_paused => (
            "The copy stands still",
            "What is done is not done again.",
            stamp(Status::Unchecked, "Paused", tagged(state)),
        ),
        Stage::Stopped if state.is_cancelled() => (
            "The copy was cancelled",
            "What is done stays at the target; going on does not do it again.",
            stamp(Status::Unchecked, "Cancelled", tagged(state)),
        ),
        Stage::Stopped => (
            "The copy stopped",
            "What is done is not done again.",
            stamp(Status::Failed, "Stopped", tagged(state)),
        ),
        Stage::Copied => {
            let root = state
                .push
                .as_ref()
                .map(|push| push.task().root.digest().short().to_owned());
            let small = ["sha256:", &root.unwrap_or_default()].concat();
            let moved = state
                .source
                .as_ref()
                .is_some_and(|source| source.moved().is_some());
            let detail = if moved {
                "The tag names what was copied. The source's tag names something else by now: it was moved meanwhile."
            } else {
                "The tag names what was copied: it was read back and compared."
            };
            (
                "Copied, and read back",
                detail,
                stamp(Status::Verified, "Copied, read back", &small),
            )
        }
        Stage::Differs => (
            "The tag names something else",
            "Read back, it names other bytes than were put: somebody else may have pushed to it.",
            stamp(Status::Failed, "Differs", "not what was put"),
        ),
    };
    (title.to_owned(), detail.to_owned(), stamp)
}

/// Says whether a copy that stands still has tagged anything.
fn tagged(state: &State) -> &'static str {
    let is_there = |push: &push::Model| push.tags().iter().any(|tag| tag.state == StepState::Done);
    if state.push.as_ref().is_some_and(is_there) {
        "not read back"
    } else {
        "nothing is tagged"
    }
}
