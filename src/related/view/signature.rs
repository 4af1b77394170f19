//! Where a signature is shown: what is known of it before it is checked, and the panel that checks it.

use waybill_core::documents::Signed;
use waybill_core::humanize::count;
use waybill_core::workflow::fetch::Fetch;
use waybill_core::workflow::related::{Model, SignedDocument};
use yew::Callback;

use super::super::message::Msg;
use super::super::state::{State, form};
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::text::quiet;
use crate::language::spoken;
use crate::signatures::Props;

/// Draws what is known of the signatures of a document: that nobody checked them yet.
pub(super) fn slot(signed: SignedDocument<'_>) -> Element {
    let until = if form(signed.listed).is_some() {
        "Nothing of this is proven before it is checked, above."
    } else {
        "Signatures of this form are not checked here: nothing of this is proven."
    };
    let words = match signed.document.signed {
        Signed::By(signatures) => format!("It carries {}. {until}", count(signatures, "signature")),
        Signed::Payload => format!(
            "This is what was signed; the signature stands in the annotations of its layer. {until}"
        ),
        Signed::Not | Signed::Unknown => return el("p"),
    };
    el("p").class("warn").child(words)
}

/// Draws the check of a manifest's signatures, or the button that begins it; `None` where it holds none. The manifest
/// and what it was found under are named by their places.
pub(super) fn check(
    state: &State,
    model: &Model,
    (place, parent): (usize, usize),
    link: &Callback<Msg>,
) -> Option<Element> {
    let node = model.nodes().get(place)?;
    let documents = node.documents();
    let signed: Vec<_> = documents
        .iter()
        .filter(|it| form(it.descriptor).is_some())
        .collect();
    if signed.is_empty() {
        return None;
    }
    let begin = || Msg::Check(node.digest.clone(), parent);
    let checking = state.checking.as_ref();
    let checking = checking.filter(|it| it.manifest == node.digest && it.parent == parent);
    let area = el("div").class("related-check");
    let Some(checking) = checking else {
        let is_here = |it: &&&_| {
            let listed: &waybill_core::workflow::related::Listed<'_> = it;
            matches!(model.content(listed.descriptor), Some(Fetch::Done(_)))
        };
        let here = signed.iter().filter(is_here).count();
        let words = match here {
            1 => "Check the signature".to_owned(),
            here => format!("Check the {}", count(here, "signature")),
        };
        let press = (here > 0).then(|| button(&words, send(link, begin())).class("primary"));
        return Some(area.child(el("p").class("row").child(press)));
    };
    let panel = match state.panel {
        Some(Ok(draw)) => area.child(draw(Props {
            asked: std::rc::Rc::clone(&checking.asked),
            kept: state.kept.clone(),
            keep: link.reform(Msg::Keep),
            language: spoken(),
        })),
        Some(Err(error)) => {
            let words = format!("What checks signatures could not be loaded: {error}.");
            let again = button("Try again", send(link, begin()));
            area.child(el("p").class("row").child(quiet(words)).child(again))
        }
        None => {
            let bar = el("progress").attr("aria-label", "Loading what checks signatures");
            area.child(el("p").class("row progress").child(bar))
        }
    };
    let close = button("Close the check", send(link, Msg::StopChecking));
    Some(panel.child(el("p").class("row").child(close)))
}
