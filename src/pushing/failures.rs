//! What stopped a push: each reason once, with what to do about it.

use waybill_core::humanize::{count, sentence};
use waybill_core::reference::RegistryHost;
use waybill_core::registry::upload::BlobSource;
use waybill_core::view::Action;
use waybill_core::workflow::push::{Failure, Model, Step};
use yew::{Callback, Event};

use super::{Words, steps};
use crate::components::element::{Element, el};
use crate::components::error::error;
use crate::components::text::{quiet_line, words};

/// How many reasons are drawn.
const REASONS: usize = 5;

/// Makes the listener of a button of an error.
pub type OnAction<'a> = &'a dyn Fn(&RegistryHost, &Action) -> Callback<Event>;

/// Draws the reasons, where there are any.
pub fn failures(model: &Model, words: Words, on_action: OnAction<'_>) -> Option<Element> {
    let mut reasons: Vec<Reason<'_>> = Vec::new();
    for (step, failure) in model
        .failures()
        .into_iter()
        .filter(|(_, failure)| **failure != Failure::Cancelled)
    {
        let (words, host) = (failure.to_string(), registry(model, failure, step));
        match reasons
            .iter_mut()
            .find(|reason| reason.words == words && reason.host == host)
        {
            Some(reason) => {
                reason.others += 1;
                // An answer to HEAD has none of the registry's words.
                let said = |failure: &Failure| failure.explain().evidence.len();
                if reason.others < REASONS && said(failure) > said(reason.failure) {
                    reason.failure = failure;
                }
            }
            None => reasons.push(Reason {
                failure,
                step,
                words,
                host,
                others: 0,
            }),
        }
    }
    let drawn = reasons
        .iter()
        .take(REASONS)
        .map(|reason| reason.view(model, words, on_action));
    let more = reasons.len().saturating_sub(REASONS);
    let more = (more > 0).then(|| quiet_line(["And ", &count(more, "other reason"), "."].concat()));
    (!reasons.is_empty()).then(|| el("div").class("findings").children(drawn).child(more))
}

/// What several steps failed for.
struct Reason<'a> {
    failure: &'a Failure,
    step: Step,
    words: String,
    host: Option<&'a RegistryHost>,
    others: usize,
}

impl Reason<'_> {
    /// Returns the registry's own words, which lead.
    fn said(&self) -> Option<String> {
        match self.failure {
            Failure::Target(error) | Failure::Source(error) => Some(sentence(&error.said()?)),
            _ => None,
        }
    }

    fn view(&self, model: &Model, called: Words, on_action: OnAction<'_>) -> Element {
        let mut told = self.failure.explain();
        // One button goes on with all of them.
        told.actions.retain(|action| *action != Action::Retry);
        let others =
            (self.others > 0).then(|| [" and ", &count(self.others, "other step")].concat());
        let at = [
            &steps::name(model, self.step, called),
            others.as_deref().unwrap_or_default(),
            ": ",
        ]
        .concat();
        let on_action = |action: &Action| {
            self.host
                .map_or_else(Callback::noop, |host| on_action(host, action))
        };
        el("div")
            .class("finding bad")
            .child(
                el("p")
                    .child(el("b").child(words(&at)))
                    .child(self.said().map(|said| words(&(said + " "))))
                    .child(words(&sentence(&self.words))),
            )
            .child(error(&told, &on_action))
    }
}

/// Returns the registry that a failure is of.
fn registry<'m>(model: &'m Model, failure: &Failure, step: Step) -> Option<&'m RegistryHost> {
    let source = match (failure, step) {
        (Failure::Target(_), _) => Some(&model.task().target),
        (Failure::Source(_), Step::Manifest(place)) => model.manifests()[place].source.as_ref(),
        (Failure::Source(_), Step::Blob(place)) => match &model.blobs()[place].from {
            Some(BlobSource::Repository(place)) => Some(place),
            Some(BlobSource::Bytes(_)) | None => None,
        },
        _ => None,
    };
    source.map(|place| &place.host)
}
