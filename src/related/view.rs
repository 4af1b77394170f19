//! How the tab looks: what is known and what is not, the tree, and what is open of it.

mod document;
mod head;
mod rows;
mod signature;
mod tables;

use yew::Callback;

use super::message::Msg;
use super::state::State;
use crate::components::element::{Element, el};

/// The id of the head of the tab, which can have the focus.
pub(super) const HEAD: &str = "related";

/// Names the line of that number, so that it can have the focus.
pub(super) fn line_id(line: usize) -> String {
    ["related-", &line.to_string()].concat()
}

/// Draws the tab; `None` while another one is shown.
#[must_use]
pub fn tab(state: &State, link: &Callback<Msg>) -> Option<Element> {
    let model = state.model.as_ref().filter(|_| state.is_shown)?;
    let tab = el("div")
        .class("tab related")
        .child(head::head(model, link));
    Some(rows::sections(tab, state, model, link))
}
