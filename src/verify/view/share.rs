//! The dialog with the link that holds the content.

use crate::components::dialog::dialog;
use crate::components::element::{Element, el};
use crate::components::listener::send;
use crate::components::text::code;
use crate::limits::LINK_CUT_CHARACTERS;
use crate::verify::message::Msg;
use crate::verify::share::{SHARE, SharedLink};
use crate::verify::state::State;
use waybill_core::humanize::{count, number};
use yew::Callback;

/// Draws the dialog with the link that holds the content, once it was made.
pub(super) fn share(state: &State, link: &Callback<Msg>) -> Element {
    let empty = dialog(
        SHARE,
        "share-title",
        "Share this content",
        send(link, Msg::CloseShare),
    );
    match &state.link {
        Some(made) => shared(empty, made),
        None => empty,
    }
}

/// Puts the link into its dialog, with a warning where programs may cut it.
fn shared(dialog: Element, made: &SharedLink) -> Element {
    let (bytes, length) = (count(made.bytes, "byte"), number(made.length as u64));
    let Some(address) = &made.text else {
        let words = format!(
            "A link that holds these {bytes} would have {length} characters, \
                which few programs carry. Send the file instead."
        );
        return dialog.child(el("p").class("bad").child(words));
    };
    let what = format!(
        "This link holds the content itself, {bytes}: whoever has the link \
            has the content. It has {length} characters."
    );
    let cut = format!(
        "Programs that carry links cut them, many from some {} characters \
            on. Send the file where you can.",
        number(LINK_CUT_CHARACTERS as u64)
    );
    let long = made.length > LINK_CUT_CHARACTERS;
    dialog
        .child(el("p").child(what))
        .child(long.then(|| el("p").class("warn").child(cut)))
        .child(
            el("p")
                .class("link-text")
                .attr("tabindex", "0")
                .attr("role", "group")
                .attr("aria-label", "The link")
                .child(code(address)),
        )
        .child(
            el("p").class("row").child(
                el("button")
                    .attr("type", "button")
                    .attr("data-copy", address.clone())
                    .class("primary")
                    .child("Copy the link"),
            ),
        )
}
