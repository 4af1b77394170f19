//! What the image wastes.

use yew::Callback;

use super::message::Msg;
use super::state::State;
use crate::components::element::Element;

/// Draws what the image wastes.
pub(super) fn section(_: &State, _: &Callback<Msg>) -> Option<Element> {
    None
}
