//! The frame of Compose: what stands there until its program is there.

use yew::Callback;

use super::{send, title};
use crate::components::element::{Element, button, el};
use crate::components::text::{quiet_line, text};
use crate::state::{Msg, State};

/// The page below the header.
pub fn view(state: &State, link: &Callback<Msg>) -> Element {
    if let Some(page) = &state.compose.page {
        return page.borrow().view(state, link);
    }
    let words = match &state.compose.failed {
        None => el("div").child(title().child("Compose")).child(
            el("p").class("row progress").child(el("progress").attr("aria-label", "Loading")).child("Loading Compose"),
        ),
        Some(error) => {
            let again = button("Try again", send(link, Msg::LoadCompose)).class("primary");
            el("div")
                .child(title().child("Compose could not be loaded"))
                .child(el("p").attr("role", "alert").child(text(&error.to_string())))
                .child(quiet_line("Nothing was lost. It may be that there is no network, or that Waybill was renewed."))
                .child(el("p").class("row").child(again))
        }
    };
    el("article").class("sheet").child(el("div").class("verdict").child(words))
}
