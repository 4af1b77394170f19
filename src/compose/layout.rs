//! The list as an OCI layout to download. The manifests of a long list are fetched first.

use waybill_core::compose::ListKind;
use waybill_core::workflow::compose::Msg as Change;
use yew::Callback;

use super::message::Msg;
use super::state::State;
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::text::words;
use crate::shell::Request;

/// Saving the layout.
#[derive(Default)]
pub(super) struct Saving {
    /// Whether it is saved once everything is here.
    wanted: bool,
    /// What was saved, and what is not in it; empty before.
    said: String,
}

impl State {
    /// Saves the layout, now or when everything is here.
    pub(super) fn want_layout(&mut self) {
        self.change(Change::FetchAll);
        self.layout = Saving {
            wanted: true,
            said: String::new(),
        };
    }

    /// Saves no layout any more: the person stopped what is under way.
    pub(super) fn want_no_layout(&mut self) {
        self.layout.wanted = false;
    }

    /// Returns the layout, where it is wanted and everything that it needs was asked for.
    pub(super) fn save_layout(&mut self) -> Option<Request> {
        if !self.layout.wanted || self.model.pending() > 0 {
            return None;
        }
        let layout = self.model.layout();
        let (name, missing) = (self.model.layout_name(), layout.missing.to_string());
        let mut said = [&name, " is saved"].concat();
        if !missing.is_empty() {
            said.push_str(". Not in it, since it is not here: ");
            said.push_str(&missing);
        }
        said.push('.');
        if self.model.written().kind == ListKind::DockerList {
            said.push_str(" In a layout, skopeo and podman find OCI indexes only.");
        }
        self.layout = Saving {
            wanted: false,
            said,
        };
        Some(Request::Save(name, layout.bytes))
    }
}

/// Draws the button that saves it, and what was saved.
pub(super) fn view(compose: &State, link: &Callback<Msg>) -> Element {
    let save = send(link, Msg::SaveLayout);
    let said = if compose.layout.wanted {
        "Fetching what is not here yet"
    } else {
        &compose.layout.said
    };
    el("p")
        .class("row")
        .child(button("Download as OCI layout", save))
        .child(
            el("span")
                .attr("role", "status")
                .class("quiet")
                .child(words(said)),
        )
}
