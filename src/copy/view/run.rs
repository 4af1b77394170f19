//! Writing it: the plan in numbers, one line for the whole while it runs, a row a step.

use waybill_core::humanize::{count, number, size};
use waybill_core::reference::{Reference, RegistryHost};
use waybill_core::view::{Action, Status, rate_words};
use waybill_core::workflow::push::{BlobStep, Model, StepState, Transfer};
use yew::{Callback, Event};

use super::manifests;
use crate::components::custody::{step, stop as checked};
use crate::components::digest::short;
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::text::{field, quiet, quiet_line, text, wide_field};
use crate::copy::message::Msg;
use crate::copy::state::{Stage, State};
use crate::pushing::{Words, failures, steps};
use crate::route::{InspectSource, Route, View};
use crate::shell::RegistryChoices;

/// Draws the plan, and what was done of it; nothing before the source is here.
pub(super) fn stop(
    state: &State,
    registries: &RegistryChoices,
    link: &Callback<Msg>,
) -> Option<Element> {
    let body = body(state, registries, link)?;
    Some(match state.stage() {
        Stage::Copied => checked(Status::Verified, "Plan", "done, and read back", body),
        Stage::Differs => checked(Status::Failed, "Plan", "the tag names something else", body),
        Stage::Running => checked(Status::Pending, "Plan", "the tag is put last", body),
        Stage::Refused => checked(Status::Failed, "Plan", "it cannot be done", body),
        Stage::Empty
        | Stage::Reading
        | Stage::Unread
        | Stage::Chosen
        | Stage::Gathering
        | Stage::Ungathered
        | Stage::LayersUnread
        | Stage::ReadingLayers
        | Stage::LayerFailed
        | Stage::Planning
        | Stage::Unplanned
        | Stage::Planned
        | Stage::File(_)
        | Stage::Stopped => step("Plan", "old and new digest", body),
    })
}

/// Draws what becomes of each manifest, and what is written; nothing before the source is here.
pub(super) fn body(
    state: &State,
    registries: &RegistryChoices,
    link: &Callback<Msg>,
) -> Option<Element> {
    let manifests = manifests::manifests(state, link)?;
    let pushed = state
        .push
        .as_ref()
        .map(|model| written(state, model, registries, link));
    Some(el("div").child(manifests).child(pushed))
}

/// Draws what is written, in numbers and a row a step.
fn written(
    state: &State,
    model: &Model,
    registries: &RegistryChoices,
    link: &Callback<Msg>,
) -> Element {
    let words = called(model);
    let page = steps::page(model, state.from_step);
    let turner = page.turner("Steps", &|from| send(link, Msg::ShowStepsFrom(from)));
    let on_action =
        |host: &RegistryHost, action: &Action| send(link, Msg::Act(host.clone(), action.clone()));
    el("div")
        .class("push")
        .child(failures::failures(model, words, &on_action))
        .child(plan(state, model, registries, link))
        .child(steps::rows(model, page, words))
        .child(turner)
}

/// How the steps call what is copied.
fn called(model: &Model) -> Words {
    let is_list = model.task().root.media_type().is_list();
    Words {
        root: if is_list { "the list" } else { "the image" },
        same: "as copied",
    }
}

/// Draws how far it is: bytes, rate and rest.
pub(super) fn progress(state: &State) -> Option<Element> {
    let waiting = |words: &'static str, to_come: usize| {
        let bar = el("progress").attr("aria-label", words);
        let line = el("p").class("row progress").child(bar);
        line.child(quiet([&number(to_come as u64), " to come"].concat()))
    };
    let stage = state.stage();
    match (stage, &state.source, &state.push) {
        (Stage::Reading | Stage::Gathering, Some(source), _) => {
            Some(waiting("Reading the source", source.pending()))
        }
        (Stage::ReadingLayers | Stage::LayerFailed, Some(source), _) => {
            let read = source.read_bytes();
            let all = source.layer_bytes();
            let bar = el("progress")
                .attr("aria-label", "Layers read")
                .attr("max", all.max(1).to_string())
                .attr("value", read.to_string());
            let words = [&size(read), " of ", &size(all)].concat();
            let line = el("p").class("row progress").child(bar);
            Some(line.child(quiet(words).class("quiet number")))
        }
        (Stage::Planning, _, Some(model)) => {
            Some(waiting("Asking the target", model.totals().unknown))
        }
        (Stage::Running | Stage::Stopped, _, Some(model)) => {
            let totals = model.totals();
            let bar = el("progress")
                .attr("aria-label", "Copy")
                .attr("max", totals.bytes.max(1).to_string())
                .attr("value", totals.sent.to_string());
            let (done, all) = (steps::done(model), steps::length(model));
            let mut words = [&size(totals.sent), " of ", &size(totals.bytes)].concat();
            words.push_str(&rate_words(&state.progress, Some(totals.bytes)));
            let of_steps = [", ", &number(done as u64), " of ", &count(all, "step")].concat();
            let line = el("p").class("row progress").child(bar);
            Some(line.child(quiet([words, of_steps].concat()).class("quiet number")))
        }
        _ => None,
    }
}

/// Draws the buttons for what can be done now.
pub(super) fn buttons(state: &State, link: &Callback<Msg>) -> Option<Element> {
    let press = |words: &str, msg: Msg| button(words, send(link, msg));
    let halt = |is_paused| Msg::Halt { is_paused };
    let row = el("p").class("row");
    let close = || press("Close the plan", Msg::Close);
    let report = |words: &str, json| press(words, Msg::SaveReport { json });
    Some(match state.stage() {
        Stage::Reading | Stage::Gathering | Stage::Planning => {
            row.child(press("Cancel", halt(false)))
        }
        Stage::Unread | Stage::Ungathered | Stage::Unplanned => {
            row.child(press("Try again", Msg::GoOn).class("primary"))
        }
        Stage::LayersUnread => {
            let source = state.source.as_ref()?;
            let layers = count(source.unread().len(), "layer");
            let does = if source.choice().compression.is_some() {
                "Compress "
            } else {
                "Read "
            };
            let bytes = match source.unread_bytes() {
                0 => String::new(),
                bytes => [", ", &size(bytes)].concat(),
            };
            let words = [does, &layers, &bytes].concat();
            let read = Msg::Source(waybill_core::workflow::copy::Msg::ReadLayers);
            row.child(press(&words, read).class("primary"))
        }
        Stage::ReadingLayers => row.child(press("Cancel", halt(false))),
        Stage::LayerFailed => row
            .child(press("Go on", Msg::GoOn).class("primary"))
            .child(press("Cancel", halt(false))),
        Stage::Planned => {
            let bytes = state.push.as_ref().map(|push| push.totals().bytes);
            let words = ["Start the copy, ", &size(bytes.unwrap_or_default())].concat();
            let start = waybill_core::workflow::push::Msg::Start;
            row.child(press(&words, Msg::Push(start)).class("primary"))
                .child(close())
        }
        Stage::Running => row
            .child(press("Pause", halt(true)))
            .child(press("Cancel", halt(false))),
        Stage::Stopped => row
            .child(press("Go on", Msg::GoOn).class("primary"))
            .child(close())
            .child(report("Save the report", false)),
        Stage::Differs => row
            .child(press("Read it again", Msg::GoOn).class("primary"))
            .child(close())
            .child(report("Save the report", false)),
        Stage::Copied => row
            .child(state.target().map(|target| {
                let source = InspectSource::Reference(target.familiar());
                let href = Route::Inspect(source, View::default()).to_string();
                el("a")
                    .attr("href", href)
                    .class("button")
                    .child("Inspect the copy")
            }))
            .child(report("Save the report", false))
            .child(report("Save it as JSON", true))
            .child(close()),
        Stage::Empty | Stage::Chosen | Stage::Refused | Stage::File(_) => return None,
    })
}

/// Draws the plan in numbers.
fn plan(
    state: &State,
    model: &Model,
    registries: &RegistryChoices,
    link: &Callback<Msg>,
) -> Element {
    let totals = model.totals();
    let bytes = |is_of: &dyn Fn(&BlobStep) -> bool| {
        let of = model.blobs().iter().filter(|blob| is_of(blob));
        size(of.filter_map(|blob| blob.size).sum())
    };
    let copied = bytes(&|blob| blob.how == Some(Transfer::Copy));
    let mounted = bytes(&|blob| blob.how == Some(Transfer::Mount));
    let there = bytes(&|blob| blob.state == StepState::Present);
    let foreign = model
        .blobs()
        .iter()
        .filter(|blob| blob.state == StepState::NotDistributed);
    let foreign = match foreign.count() {
        0 => None,
        left => Some(quiet_line(
            [
                &count(left, "layer"),
                " not distributed: it stays where the addresses in the manifest say.",
            ]
            .concat(),
        )),
    };
    let unknown =
        (totals.unknown > 0).then(|| field("Not known yet").child(count(totals.unknown, "step")));
    let source = state.from.reference();
    let file = source
        .and_then(Reference::archive)
        .map(|(file, _)| field("Read from").child(text(file)));
    let from = source
        .map(Reference::host)
        .filter(|host| file.is_none() && **host != model.task().target.host);
    let place = |label: &str, host: &RegistryHost| {
        let on_press = send(link, Msg::Act(host.clone(), Action::AskCredentials));
        field(label)
            .child(text(host.as_str()))
            .child(" ")
            .child(registry(host, registries, on_press))
    };
    let companions = model.task().companions.len();
    let companions =
        (companions > 0).then(|| field("Goes along").child(count(companions, "manifest")));
    let tags = model.tags().iter().map(|tag| {
        let field = field(&["Tag ", tag.tag.as_str()].concat());
        match (&tag.named, &tag.state) {
            (_, StepState::Unknown | StepState::Asked) => field.child("not known yet"),
            (_, StepState::Present) => field.child("names it already"),
            (None, StepState::Failed(_)) if tag.how.is_none() => field.child("not known"),
            (None, StepState::Done) => field.child("was new"),
            (None, _) => field.child("is new"),
            (Some(named), StepState::Done) => {
                field.child("named ").child(short(named)).child(" before")
            }
            (Some(named), _) => field
                .child(el("span").class("warn").child("names something else: "))
                .child(short(named)),
        }
    });
    el("div")
        .child(
            el("div")
                .class("fields")
                .child(file)
                .child(from.map(|host| place("Read from", host)))
                .child(place("Written to", &model.task().target.host))
                .child(field("To read and write").child(copied))
                .child(field("Mounted").child(mounted))
                .child(field("There already").child(there))
                .child(field("Manifests to put").child(number(totals.manifests_put as u64)))
                .child(companions)
                .child(unknown)
                .children(tags)
                .child(
                    wide_field("What the tag is to name")
                        .child(crate::components::digest::full(model.task().root.digest())),
                ),
        )
        .child(foreign)
}

/// Draws who is asking at a registry, and where that is set.
fn registry(
    host: &RegistryHost,
    registries: &RegistryChoices,
    on_press: Callback<Event>,
) -> Element {
    let user = registries
        .get(host)
        .and_then(|choice| choice.username.as_deref());
    let words = user.map_or_else(
        || "without credentials".to_owned(),
        |user| ["as ", user].concat(),
    );
    let open = button("Settings", on_press)
        .attr("aria-label", ["Settings for ", host.as_str()].concat())
        .attr("aria-haspopup", "dialog")
        .class("link");
    el("span").class("registry").child(quiet(words)).child(open)
}
