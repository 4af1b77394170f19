//! What stopped a push: each reason once, with what to do about it.

use waybill_core::reference::RegistryHost;
use waybill_core::registry::explain::Action;
use waybill_core::registry::upload::From;
use waybill_core::words::{count, sentence};
use waybill_core::workflow::push::{Failure, Model, Step};
use yew::Callback;

use super::steps;
use crate::components::element::{Element, el};
use crate::components::error::error;
use crate::components::text::{quiet_line, text};
use crate::state::Msg;

/// How many reasons are drawn.
const REASONS: usize = 5;

/// The reasons, where there are any.
pub(super) fn failures(model: &Model, link: &Callback<Msg>) -> Option<Element> {
    let mut reasons: Vec<(&Failure, Vec<Step>)> = Vec::new();
    for (step, failure) in model.failures() {
        match reasons.iter_mut().find(|(known, _)| *known == failure) {
            Some((_, steps)) => steps.push(step),
            None if *failure == Failure::Cancelled => {}
            None => reasons.push((failure, vec![step])),
        }
    }
    let drawn = reasons.iter().take(REASONS).map(|(failure, steps)| reason(model, failure, steps, link));
    let more = reasons.len().saturating_sub(REASONS);
    let more = (more > 0).then(|| quiet_line(["And ", &count(more, "other reason"), "."].concat()));
    (!reasons.is_empty()).then(|| el("div").class("push-failures").children(drawn).child(more))
}

fn reason(model: &Model, failure: &Failure, steps: &[Step], link: &Callback<Msg>) -> Element {
    let mut told = failure.explain();
    // One button goes on with all of them.
    told.actions.retain(|action| *action != Action::Retry);
    let Some(first) = steps.first() else { return el("div") };
    let others = match steps.len() {
        1 => String::new(),
        all => [" and ", &count(all - 1, "other step")].concat(),
    };
    let at = [&steps::name(model, *first), &others, ": "].concat();
    let host = registry(model, failure, *first);
    let on_action = |action: &Action| {
        let msg = host.map(|host| Msg::ComposeAction(host.clone(), action.clone()));
        msg.map_or_else(Callback::noop, |msg| link.reform(move |_| msg.clone()))
    };
    let what = el("p").class("bad").child(text(&at)).child(text(&sentence(&told.what)));
    el("div").child(what).child(error(&told, &on_action))
}

/// The registry that a failure is of.
fn registry<'m>(model: &'m Model, failure: &Failure, step: Step) -> Option<&'m RegistryHost> {
    let source = match (failure, step) {
        (Failure::Target(_), _) => Some(&model.task().target),
        (Failure::Source(_), Step::Manifest(place)) => model.manifests()[place].source.as_ref(),
        (Failure::Source(_), Step::Blob(place)) => match &model.blobs()[place].from {
            Some(From::Place(place)) => Some(place),
            _ => None,
        },
        _ => None,
    };
    source.map(|place| &place.host)
}
