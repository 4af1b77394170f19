//! The dialog with the link that holds the content.

use crate::components::dialog::dialog;
use crate::components::element::{Element, el};
use crate::components::listener::send;
use crate::components::text::code;
use crate::inspection::share::SHARE;
use crate::limits::LINK_CUT_CHARACTERS;
use crate::verify::message::Msg;
use crate::verify::share::SharedLink;
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
    let Some(made) = &state.link else {
        return empty;
    };
    let linked = shared(empty, made);
    let inspection = state.inspection.as_ref();
    match inspection.and_then(|inspection| inspection.share.as_ref()) {
        Some(more) => more.put_into(linked, &link.reform(Msg::Inspection)),
        None => linked,
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
