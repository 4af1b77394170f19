//! What is decided of the list itself: its kind, whose bytes, where to, and what it says of itself.

use waybill_core::compose::{ListKind, Loss, LostItem, Tool};
use waybill_core::reference::Reference;
use waybill_core::workflow::compose::{AnnotationOwner, Msg as Change, RowState};
use yew::Callback;

use super::entry::{annotations, artifact_type, box_of};
use super::{change, name_of};
use crate::components::custody::step;
use crate::components::digest::full;
use crate::components::element::{Element, EventKind, button, el};
use crate::components::listener::send;
use crate::components::text::{quiet, quiet_line, words};
use crate::compose::message::{Field, Msg};
use crate::compose::sources::{Fault, SourceInput, one, target};
use crate::compose::state::State;

/// Draws this stop of the line.
pub(super) fn stop(compose: &State, link: &Callback<Msg>) -> Element {
    let composition = compose.model.composition();
    let says = composition.annotations.len()
        + usize::from(composition.artifact_type.is_some())
        + usize::from(composition.subject.is_some());
    let body = el("div")
        .child(to(compose, link))
        .child(kind(compose, link))
        .child(tool(compose, link))
        .child(
            el("details")
                .attr("open", (says > 0).then_some("open"))
                .child(el("summary").child("Annotations, artifact type, subject"))
                .child(el("h3").child("Annotations of the list"))
                .child(annotations(
                    compose,
                    AnnotationOwner::List,
                    &composition.annotations,
                    link,
                ))
                .child(artifact_type(
                    compose,
                    AnnotationOwner::List,
                    composition.artifact_type.as_ref(),
                    link,
                ))
                .child(subject(compose, link)),
        );
    step("List", "what it is to be", body)
}

/// Draws where the list is to go.
fn to(compose: &State, link: &Callback<Msg>) -> Element {
    let known = compose
        .model
        .composition()
        .target
        .as_ref()
        .map(Reference::familiar)
        .unwrap_or_default();
    let value = compose.typed(&Field::Target).unwrap_or(&known);
    let read = target(value).transpose();
    let line = el("p")
        .attr("id", "target-read")
        .attr("aria-live", "polite")
        .class("read");
    let line = match &read {
        None => line.child("the repository and tag that the list is for; commands need it"),
        read => reading(line, read.as_ref()),
    };
    el("div")
        .child(
            el("label").class("boxed").child("Target").child(
                box_of("target".to_owned(), value, Field::Target, link)
                    .attr("placeholder", "ghcr.io/owner/app:1.0")
                    .attr("aria-describedby", "target-read")
                    .attr(
                        "aria-invalid",
                        matches!(read, Some(Err(_))).then_some("true"),
                    ),
            ),
        )
        .child(line)
}

/// Draws what was read in a box for one reference.
pub(super) fn reading(line: Element, read: Option<&Result<SourceInput, Fault>>) -> Element {
    match read {
        None => line,
        Some(Ok(found)) => line
            .child("read as ")
            .child(super::sources::found_words(found)),
        Some(Err(fault)) => line.child(el("span").class("bad").child(words(&fault.to_string()))),
    }
}

/// Draws the two kinds, and what the other one would lose.
fn kind(compose: &State, link: &Callback<Msg>) -> Element {
    let chosen = compose.model.composition().kind;
    let radios = ListKind::ALL.map(|kind| {
        let (name, about) = match kind {
            ListKind::OciIndex => ("OCI index", "an OCI image index: can say everything"),
            ListKind::DockerList => (
                "Docker list",
                "a Docker manifest list: for images by docker, and registries without OCI",
            ),
        };
        let here = kind == chosen;
        let losses = if here {
            &compose.model.written().losses
        } else {
            &compose.derived.other_losses
        };
        let verb = if here {
            "Leaves out: "
        } else {
            "Would leave out: "
        };
        let radio = el("input")
            .attr("type", "radio")
            .attr("name", "kind")
            .checked(here);
        let radio = radio
            .attr("id", ["kind-", kind.name()].concat())
            .on(EventKind::Change, change(link, Change::Kind(kind)));
        let warn = |words: String| el("span").class("warn").child(words);
        let refused = losses
            .iter()
            .any(|loss| matches!(loss.lost, LostItem::OciChild | LostItem::NestedList));
        let names = lost(losses);
        el("label").class("choice").child(radio).child(
            el("span")
                .child(el("b").child(name))
                .child(quiet([" ", about].concat()))
                .child((!names.is_empty()).then(|| warn([verb, &names.join(", ")].concat())))
                .child(refused.then(|| {
                    warn("Some clients refuse it: it names what only an index may name".to_owned())
                })),
        )
    });
    el("fieldset")
        .child(el("legend").child("Kind"))
        .children(radios)
}

/// Says what is lost, each thing once.
fn lost(losses: &[Loss]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for loss in losses {
        let name = match &loss.lost {
            LostItem::Member(name) => (*name).to_owned(),
            LostItem::Unknown(name) => name.clone(),
            LostItem::Order => "the order of the entries".to_owned(),
            LostItem::Repeated => "entries that repeat a digest".to_owned(),
            LostItem::OciChild | LostItem::NestedList => continue,
        };
        if !names.contains(&name) && names.len() < 20 {
            names.push(name);
        }
    }
    names
}

/// Whose bytes are written.
fn tool(compose: &State, link: &Callback<Msg>) -> Element {
    let chosen = compose.model.composition().tool;
    let radios = Tool::ALL.map(|tool| {
        let words = match tool {
            Tool::Waybill => "Waybill, canonical",
            Tool::Skopeo => "skopeo, podman, buildah",
            Tool::Crane => "crane, ko",
            Tool::Docker => "docker manifest",
            Tool::Buildx => "docker buildx",
            Tool::Regctl => "regctl",
            Tool::Oras => "oras",
        };
        let radio = el("input")
            .attr("type", "radio")
            .attr("name", "form")
            .checked(tool == chosen);
        let radio = radio
            .attr("id", ["form-", tool.name()].concat())
            .on(EventKind::Change, change(link, Change::Form(tool)));
        el("label").class("check").child(radio).child(words)
    });
    el("fieldset")
        .child(el("legend").child("Written as"))
        .child(el("div").class("forms").children(radios))
        .child(quiet_line(
            "Each tool writes the same list in bytes of its own, so each gives it another digest.",
        ))
}

/// Draws the manifest that the list refers to.
fn subject(compose: &State, link: &Callback<Msg>) -> Element {
    let value = compose
        .typed(&Field::Subject)
        .unwrap_or_default()
        .to_owned();
    let read = (!value.trim().is_empty())
        .then(|| one(&value, compose.model.composition().target.as_ref()));
    let input = box_of("subject".to_owned(), &value, Field::Subject, link)
        .attr("placeholder", "the manifest that this list is about")
        .attr("aria-describedby", "subject-read");
    let line = el("p")
        .attr("id", "subject-read")
        .attr("aria-live", "polite")
        .class("read");
    let now = compose.model.composition().subject.as_ref().map(|row| {
        let state = compose.model.state(row);
        let state = match &state {
            RowState::Loading => quiet("being fetched"),
            RowState::Failed(_) => el("span")
                .class("bad")
                .child("did not come, so it is not named"),
            RowState::Refused(why) => el("span").class("bad").child(words(&why.to_string())),
            RowState::Verified | RowState::Unverified(_) => quiet("named by its digest"),
        };
        let digest = row
            .entry
            .as_ref()
            .and_then(|entry| entry.descriptor.digest.as_ref());
        el("div")
            .child(
                el("p")
                    .class("row")
                    .child(el("b").child(name_of(&row.source.name())))
                    .child(state)
                    .child(
                        button("Remove", change(link, Change::Subject(None)))
                            .attr("aria-label", "Remove the subject"),
                    ),
            )
            .child(digest.map(full))
    });
    el("div")
        .child(now)
        .child(super::entry::with_button(
            "Subject",
            input,
            button("Set subject", send(link, Msg::SetSubject)),
        ))
        .child(reading(line, read.as_ref()))
}
