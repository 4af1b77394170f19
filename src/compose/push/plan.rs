//! The plan of a push in numbers, and who asks each registry.

use waybill_core::humanize::{count, number, size};
use waybill_core::reference::RegistryHost;
use waybill_core::view::Action;
use waybill_core::workflow::push::{Model, StepState};
use yew::Callback;

use crate::components::digest::{full, short};
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::text::{field, quiet, text, wide_field};
use crate::compose::message::Msg;
use crate::shell::RegistryChoices;

/// Draws the plan in numbers, and who asks each registry.
pub(super) fn plan(model: &Model, registries: &RegistryChoices, link: &Callback<Msg>) -> Element {
    let (task, totals) = (model.task(), model.totals());
    let name = [
        task.target.host.as_str(),
        "/",
        task.target.repository.as_str(),
        ":",
        task.tag.as_str(),
    ]
    .concat();
    let manifests = parts(&[
        (totals.manifests_put, "to put"),
        (totals.manifests_present, "there already"),
    ]);
    let blobs = parts(&[
        (totals.blobs_mounted, "to mount"),
        (totals.blobs_sent, "to send"),
        (totals.blobs_present, "there already"),
    ]);
    let unknown =
        (totals.unknown > 0).then(|| field("Not known yet").child(count(totals.unknown, "step")));
    let from = |host: &RegistryHost| {
        wide_field("From")
            .child(text(host.as_str()))
            .child(" ")
            .child(registry(host, registries, link))
    };
    el("div")
        .class("fields")
        .child(
            wide_field("To")
                .child(text(&name))
                .child(" ")
                .child(registry(&task.target.host, registries, link)),
        )
        .children(sources(model).into_iter().map(from))
        .child(wide_field("The list").child(full(task.root.digest())))
        .child(field("Manifests").child(manifests))
        .child(field("Blobs").child(blobs))
        .child(field("To send").child(size(totals.bytes)))
        .child(unknown)
        .child(tag(model))
}

/// Joins the counts that are not 0, with their words.
fn parts(parts: &[(usize, &str)]) -> String {
    let mut said = String::new();
    for (count, words) in parts.iter().filter(|(count, _)| *count > 0) {
        if !said.is_empty() {
            said.push_str(", ");
        }
        said.push_str(&[&number(*count as u64), " ", words].concat());
    }
    if said.is_empty() {
        "none".to_owned()
    } else {
        said
    }
}

/// Draws who is asking at a registry, and where that is set.
fn registry(host: &RegistryHost, registries: &RegistryChoices, link: &Callback<Msg>) -> Element {
    let user = registries
        .get(host)
        .and_then(|choice| choice.username.as_deref());
    let words = user.map_or_else(
        || "without credentials".to_owned(),
        |user| ["as ", user].concat(),
    );
    let open = button(
        "Settings",
        send(link, Msg::Act(host.clone(), Action::AskCredentials)),
    )
    .class("link");
    let open = open
        .attr("aria-label", ["Settings for ", host.as_str()].concat())
        .attr("aria-haspopup", "dialog");
    el("span").class("registry").child(quiet(words)).child(open)
}

/// Returns the registries that are read from, other than the target's.
fn sources(model: &Model) -> Vec<&RegistryHost> {
    let mut hosts: Vec<&RegistryHost> = Vec::new();
    for place in model.task().sources.iter().flatten() {
        if place.host != model.task().target.host && !hosts.contains(&&place.host) {
            hosts.push(&place.host);
        }
    }
    hosts
}

/// Draws what the tag named before.
fn tag(model: &Model) -> Element {
    let tag = model.tag();
    let field = field(&["Tag ", tag.tag.as_str()].concat());
    match (&tag.named, &tag.state) {
        (_, StepState::Unknown | StepState::Asked) => field.child("not known yet"),
        (_, StepState::Present) => field.child("names this list already"),
        (None, StepState::Failed(_)) if tag.how.is_none() => field.child("not known"),
        (None, StepState::Done) => field.child("was new"),
        (None, _) => field.child("is new"),
        (Some(named), StepState::Done) => {
            field.child("named ").child(short(named)).child(" before")
        }
        (Some(named), _) => field
            .child(el("span").class("warn").child("names another list: "))
            .child(short(named)),
    }
}
