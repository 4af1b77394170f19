//! What Verify does in the browser.

use std::rc::Rc;

use yew::Callback;

use super::message::{Effect, Msg};
use crate::browser::{clipboard, dom};
use crate::inspection::{
    self, causes, check_signatures, files, layers::part, load_chooser, load_schema1, load_share,
    load_tabs,
};
use crate::page::spawn;
use crate::shell::{CONTENT, Shell};

/// Runs one effect. What comes of it is sent back as a message; what runs of a validation is held in `layers`.
pub(super) fn run(effect: Effect, shell: &Rc<Shell>, layers: &part::Held, link: &Callback<Msg>) {
    let link = link.clone();
    match effect {
        Effect::Request(request) | Effect::Inspection(inspection::Effect::Request(request)) => {
            shell.request.emit(request);
        }
        Effect::Inspection(inspection::Effect::ScrollTo(id)) => dom::scroll_into_view(id),
        Effect::Inspection(inspection::Effect::CheckSignatures { key, signed }) => {
            spawn(async move { link.emit(Msg::Inspection(check_signatures(key, signed).await)) });
        }
        Effect::Inspection(inspection::Effect::LoadSchema1 {
            generation,
            key,
            arrival,
        }) => spawn(async move {
            let msg = load_schema1(generation, key, arrival).await;
            link.emit(Msg::Inspection(msg));
        }),
        Effect::Inspection(inspection::Effect::LoadChooser { ask }) => {
            spawn(load_chooser(ask, link.reform(Msg::Inspection)));
        }
        Effect::Inspection(inspection::Effect::LoadTabs { quietly }) => {
            spawn(load_tabs(quietly, link.reform(Msg::Inspection)));
        }
        Effect::Inspection(inspection::Effect::LoadShare) => {
            spawn(load_share(link.reform(Msg::Inspection)));
        }
        Effect::Inspection(inspection::Effect::LoadFiles) => {
            let shell = Rc::clone(shell);
            spawn(files::part::load(shell, link.reform(Msg::Inspection)));
        }
        Effect::Inspection(inspection::Effect::LoadLayers { validate }) => {
            let held = Rc::clone(layers);
            spawn(part::load(validate, held, link.reform(Msg::Inspection)));
        }
        Effect::Inspection(inspection::Effect::InLayers(task)) => {
            if let Some(runner) = layers.get() {
                runner.run_task(&task, shell, &link.reform(Msg::Inspection));
            }
        }
        // Its contents are here, so nothing is fetched; and the report tells why they differ.
        Effect::Inspection(
            inspection::Effect::Fetch { .. }
            | inspection::Effect::Abort
            | inspection::Effect::Layers { .. }
            | inspection::Effect::LoadRelated
            | inspection::Effect::Explain { .. },
        ) => {}
        Effect::LoadCauses => {
            spawn(async move { link.emit(Msg::CausesLoaded(causes::load().await)) });
        }
        Effect::ForgetTyped => dom::set_value(CONTENT, ""),
        Effect::ReadClipboard => {
            spawn(async move { link.emit(Msg::ClipboardRead(clipboard::read().await)) });
        }
    }
}
