//! Where it comes from.

use waybill_core::humanize::{count, sentence};
use waybill_core::view::Status;
use waybill_core::workflow::copy::{Model, Root};
use waybill_core::workflow::fetch::{Failure, Fetch};
use yew::Callback;

use crate::components::custody::{step, stop as checked};
use crate::components::digest::full;
use crate::components::element::{Element, el};
use crate::components::error::error;
use crate::components::listener::send_text;
use crate::components::text::{field, quiet_line, wide_field, words};
use crate::components::text_box::reference_box;
use crate::copy::message::Msg;
use crate::copy::state::{FROM, State};
use crate::route::{PartPage, Route};

/// Draws this stop of the line.
pub(super) fn stop(state: &State, link: &Callback<Msg>) -> Element {
    let is_asked = state.submitted && state.from.text.trim().is_empty();
    let on_input = send_text(link, Msg::FromTyped);
    let body = el("div").child(reference_box(
        FROM,
        "Source",
        "ghcr.io/owner/app:1.0",
        &state.from,
        is_asked,
        on_input,
    ));
    let images = ["?images=", &state.from.address()].concat();
    let several = el("a")
        .attr("href", Route::Part(PartPage::Copy, images).to_string())
        .child("Several images");
    let body = body.child(el("p").class("quiet").child(several));
    let root = state.source.as_ref().map(Model::root);
    match root {
        None => step("From", "what is copied", body),
        Some(Fetch::Pending) => checked(Status::Pending, "From", "asking", body),
        Some(Fetch::Failed(failure)) => {
            let body = body.child(failed(state, failure, link));
            checked(Status::Failed, "From", "it did not come", body)
        }
        Some(Fetch::Done(root)) => {
            let host = state.source.as_ref().map(|model| model.source().host());
            let limit = state.rate_limit.zip(host);
            let limit = limit.map(|(limit, host)| quiet_line(limit.sentence(host)));
            let body = body.child(named(root)).child(limit);
            match &root.manifest {
                Ok(_) => checked(
                    Status::Verified,
                    "From",
                    "its digest is computed here",
                    body,
                ),
                Err(refused) => {
                    let why = el("p")
                        .class("bad")
                        .child(words(&sentence(&refused.to_string())));
                    checked(
                        Status::Failed,
                        "From",
                        "it cannot be copied",
                        body.child(why),
                    )
                }
            }
        }
    }
}

/// Draws what the source is.
fn named(root: &Root) -> Element {
    let manifest = root.manifest.as_ref().ok();
    let kind = manifest.map(|manifest| {
        let entries = manifest
            .list()
            .map(|list| [", ", &count(list.entries.len(), "entry")].concat());
        let kind = sentence(manifest.format.with_article());
        let kind = kind.trim_end_matches('.').to_owned();
        field("It is").child([&kind, entries.as_deref().unwrap_or_default()].concat())
    });
    el("div")
        .class("fields")
        .child(kind)
        .child(wide_field("Its digest, to which the copy is pinned").child(full(&root.digest)))
}

/// Draws why the source did not come.
pub(super) fn failed(state: &State, failure: &Failure, link: &Callback<Msg>) -> Option<Element> {
    let Failure::Registry(why) = failure else {
        return None;
    };
    let host = state.from.reference()?.host().clone();
    let act = |action: &waybill_core::view::Action| {
        let msg = Msg::Act(host.clone(), action.clone());
        link.reform(move |_| msg.clone())
    };
    Some(error(&why.explain(), &act))
}
