//! How Inspect looks: the verdict in one sentence, and the inspection below it.

use yew::{Callback, Html};

use super::message::Msg;
use super::state::State;
use crate::components::element::{Element, el};
use crate::components::heading::{heading, nothing_here};
use crate::components::text::words;
use crate::inspection::Inspection;
use crate::inspection::drawing::Drawing;
use crate::inspection::view::{progress, sheet, views};
use crate::route::InspectSource;
use crate::shell::{PageOrigin, RegistryChoices};

/// Draws the page below the header; nothing while another page is shown.
pub fn page(
    state: &State,
    registries: &RegistryChoices,
    origin: &PageOrigin,
    link: &Callback<Msg>,
) -> Html {
    let Some(source) = &state.source else {
        return Html::default();
    };
    let sheet = match &state.inspection {
        Some(inspection) => inspected(inspection, registries, origin, link),
        None => nothing(source),
    };
    el("main").child(sheet).into()
}

fn inspected(
    inspection: &Inspection,
    registries: &RegistryChoices,
    origin: &PageOrigin,
    link: &Callback<Msg>,
) -> Element {
    let model = &inspection.model;
    let link = &link.reform(Msg::Inspection);
    let summary = inspection.summary();
    let head = el("div")
        .child(heading().child(words(&summary.title)))
        .child(el("p").child(words(&summary.detail)))
        .child(progress(model, link));
    let drawing = Drawing {
        inspection,
        registries,
        origin,
        link,
    };
    views(sheet(head, model, summary), drawing)
}

/// Draws the page of an address that holds nothing to inspect, with the reason.
fn nothing(source: &InspectSource) -> Element {
    let (said, detail) = match source {
        InspectSource::Reference(_) | InspectSource::Verify(_) => (
            "This is not a reference",
            "The line under the box says where it goes wrong. Nothing was fetched.",
        ),
        InspectSource::Example(_) => (
            "There is no such example",
            "The first page lists those there are.",
        ),
    };
    nothing_here(said, detail)
}
