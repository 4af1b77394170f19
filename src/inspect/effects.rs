//! What Inspect does in the browser and at registries.

use std::rc::Rc;

use waybill_core::workflow::fetch::{Failure, Received};
use waybill_core::workflow::inspect as workflow;
use yew::Callback;

use super::message::Msg;
use crate::browser::dom;
use crate::inspection::{
    self, Effect, check_signatures, explain, fetch, files, layers::part, load_chooser,
    load_schema1, load_share, load_tabs, related,
};
use crate::page::spawn;
use crate::shell::Shell;

/// Runs one effect. What comes of it is sent back as a message; what runs of checks of layers is held in `layers`.
pub(super) fn run(effect: Effect, shell: &Rc<Shell>, layers: &part::Held, link: &Callback<Msg>) {
    let link = link.clone();
    match effect {
        Effect::Request(request) => shell.request.emit(request),
        Effect::ScrollTo(id) => dom::scroll_into_view(id),
        Effect::Abort => shell.client.transport().abort(),
        Effect::Fetch {
            reference,
            generation,
            key,
            media_type,
            ahead,
        } => {
            let shell = Rc::clone(shell);
            spawn(async move {
                let kind = media_type.as_ref();
                let answer = fetch(&shell.client, &reference, &key, kind, &ahead).await;
                let received = workflow::Msg::Received {
                    generation,
                    key,
                    result: answer.map(Received::from).map_err(Failure::from),
                };
                link.emit(Msg::Inspection(inspection::Msg::Workflow(received)));
            });
        }
        Effect::LoadChooser { ask } => spawn(load_chooser(ask, link.reform(Msg::Inspection))),
        Effect::LoadLayers { validate } => {
            let held = Rc::clone(layers);
            spawn(part::load(validate, held, link.reform(Msg::Inspection)));
        }
        Effect::InLayers(task) => {
            if let Some(runner) = layers.get() {
                runner.run_task(&task, shell, &link.reform(Msg::Inspection));
            }
        }
        Effect::LoadTabs { quietly } => spawn(load_tabs(quietly, link.reform(Msg::Inspection))),
        Effect::Layers { reference, effect } => {
            if let Some(runner) = layers.get() {
                runner.run(effect, &reference, shell, &link.reform(Msg::Inspection));
            }
        }
        Effect::LoadFiles => {
            let shell = Rc::clone(shell);
            spawn(files::part::load(shell, link.reform(Msg::Inspection)));
        }
        Effect::LoadRelated => {
            let shell = Rc::clone(shell);
            spawn(related::load(shell, link.reform(Msg::Inspection)));
        }
        Effect::LoadShare => spawn(load_share(link.reform(Msg::Inspection))),
        Effect::Explain {
            key,
            bytes,
            expected,
        } => spawn(async move {
            if let Some(msg) = explain(key, bytes, expected).await {
                link.emit(Msg::Inspection(msg));
            }
        }),
        Effect::LoadSchema1 {
            generation,
            key,
            arrival,
        } => spawn(async move {
            let msg = load_schema1(generation, key, arrival).await;
            link.emit(Msg::Inspection(msg));
        }),
        Effect::CheckSignatures { key, signed } => {
            spawn(async move { link.emit(Msg::Inspection(check_signatures(key, signed).await)) });
        }
    }
}
