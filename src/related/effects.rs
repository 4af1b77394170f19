//! What the tab does in the browser and at the registry.

use std::cell::RefCell;
use std::rc::Rc;

use waybill_core::registry::client::Client;
use waybill_core::workflow::related::{self as workflow, Ask, run};
use yew::Callback;

use super::message::{Effect, Msg};
use super::state::State;
use super::view::{HEAD, line_id};
use crate::browser::documents::Documents;
use crate::browser::dom;
use crate::browser::transport::BrowserTransport;
use crate::page::spawn;
use crate::shell::Shell;
use crate::signatures::{self, Kept};

thread_local! {
    /// What signatures are checked with, for the next image too: it is never written anywhere.
    static KEPT: RefCell<Kept> = RefCell::default();
}

/// What somebody gave before to check signatures with.
pub(super) fn kept() -> Kept {
    KEPT.with_borrow(Clone::clone)
}

/// Runs the effects of the tab, and holds what they need.
pub(super) struct Effects {
    client: Rc<Client<BrowserTransport>>,
    documents: Documents,
    shell: Rc<Shell>,
}

impl Effects {
    /// Makes a client of its own beside that of the shell: they share what is set for registries and what came, and
    /// stopping one leaves the other's requests alone.
    pub(super) fn new(shell: &Rc<Shell>) -> Self {
        let client = shell.client.with_transport(BrowserTransport::default());
        Self {
            client: Rc::new(client),
            documents: Documents::default(),
            shell: Rc::clone(shell),
        }
    }

    /// Runs one effect. What comes of it is sent back as a message.
    pub(super) fn run(&self, effect: Effect, state: &State, link: &Callback<Msg>) {
        let place = state.model.as_ref().map(|model| model.place().clone());
        match effect {
            Effect::Request(request) => self.shell.ask(request),
            Effect::LoadPanel => {
                let link = link.clone();
                spawn(async move { link.emit(Msg::PanelCame(signatures::load().await)) });
            }
            Effect::Keep(kept) => KEPT.set(kept),
            Effect::FocusLine(line) => dom::focus(&line_id(line)),
            Effect::KeepFocus => dom::focus_if_lost(HEAD),
            Effect::SaveLong(digest, is_payload, name) => {
                self.documents.save(&digest, is_payload, &name);
            }
            Effect::Bring(manifest, parent, digests) => {
                let (documents, link) = (self.documents.clone(), link.clone());
                spawn(async move {
                    let mut brought = Vec::new();
                    for digest in digests {
                        // Without all of it nothing is checked: a signature would be missing in silence.
                        let Some(bytes) = documents.bytes(&digest).await else {
                            return;
                        };
                        brought.push((digest, bytes));
                    }
                    link.emit(Msg::Brought(manifest, parent, brought));
                });
            }
            Effect::GoOn(search) => {
                let link = link.clone();
                spawn(async move {
                    dom::next_task().await;
                    link.emit(Msg::Search(search));
                });
            }
            Effect::Workflow(workflow::Effect::Abort) => self.stop(),
            Effect::Workflow(workflow::Effect::Read {
                generation,
                document,
            }) => {
                let Some(place) = place else {
                    return;
                };
                let ask = Ask::LongDocument(document.clone());
                let told = link.reform(move |result| {
                    Msg::Workflow(workflow::Msg::Answered {
                        generation,
                        ask: ask.clone(),
                        result,
                    })
                });
                self.documents.read(&self.client, place, document, told);
            }
            Effect::Workflow(workflow::Effect::Ask { generation, ask }) => {
                let Some(place) = place else {
                    return;
                };
                let (client, link) = (Rc::clone(&self.client), link.clone());
                spawn(async move {
                    let result = run(&client, &place, &ask).await;
                    link.emit(Msg::Workflow(workflow::Msg::Answered {
                        generation,
                        ask,
                        result,
                    }));
                });
            }
        }
    }

    /// Stops what is under way.
    pub(super) fn stop(&self) {
        self.client.transport().abort();
        self.documents.stop();
    }
}
