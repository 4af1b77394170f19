//! What an inspection does in the browser, whichever page it is on.

use std::rc::Rc;
use waybill_core::manifest::schema1::Signed;
use waybill_core::workflow::inspect as workflow;
use yew::Callback;

use super::machine;
use super::message::Msg;
use crate::browser::dom::Listener;
use crate::browser::{dom, signature};

/// Checks signatures, and returns the message that says what came of it.
pub async fn check_signatures(key: workflow::ContentKey, signed: Rc<Signed>) -> Msg {
    let results = signature::check(&signed).await;
    Msg::Workflow(workflow::Msg::SignaturesChecked {
        key,
        signed,
        results,
    })
}

/// Loads what chooses for a machine, and asks the browser for this one where that is wanted.
pub async fn load_chooser(ask: bool, link: Callback<Msg>) {
    let loaded = machine::load().await;
    link.emit(Msg::ChooserLoaded(loaded));
    if let (Ok(chooser), true) = (loaded, ask) {
        link.emit(Msg::MachineTold((chooser.ask)().await));
    }
}

/// Listens to what the mouse or the focus comes to: a layer lights up wherever it is drawn. A place that has to do
/// with no layer says nothing, so the last stays lit.
#[must_use]
pub fn listeners(link: &Callback<Msg>) -> Vec<Listener> {
    let listen = |name| {
        let link = link.clone();
        dom::listen(name, move |event| {
            if let Some(layer) = dom::attribute_around(event.target(), "data-layer") {
                link.emit(Msg::LayerHovered(layer.parse().ok()));
            }
        })
    };
    ["mouseover", "focusin"]
        .into_iter()
        .filter_map(listen)
        .collect()
}
