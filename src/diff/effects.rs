//! What Diff does at registries: reads of its own, which nothing else stops.

use std::rc::Rc;

use waybill_core::registry::client::Client;
use waybill_core::workflow::fetch::{Failure, Received};
use waybill_core::workflow::{diff, related};
use yew::Callback;

use super::files;
use super::message::{Effect, Msg};
use crate::browser::documents::Documents;
use crate::browser::dom;
use crate::browser::transport::BrowserTransport;
use crate::inspection::fetch;
use crate::page::spawn;
use crate::shell::Shell;

/// Runs the effects of Diff, and holds what they need.
pub(super) struct Effects {
    client: Rc<Client<BrowserTransport>>,
    /// Of what is related to the two, so that it is stopped by itself.
    related: Rc<Client<BrowserTransport>>,
    documents: Documents,
    shell: Rc<Shell>,
    files: files::effects::Effects,
}

impl Effects {
    /// Makes a client of its own beside that of the shell, which shares what is set for registries.
    pub(super) fn new(shell: &Rc<Shell>) -> Self {
        let client = || Rc::new(shell.client.with_transport(BrowserTransport::default()));
        Self {
            client: client(),
            related: client(),
            documents: Documents::default(),
            shell: Rc::clone(shell),
            files: files::effects::Effects::default(),
        }
    }

    /// Runs one effect. What comes of it is sent back as a message.
    pub(super) fn run(&mut self, effect: Effect, link: &Callback<Msg>) {
        match effect {
            Effect::Request(request) => self.shell.ask(request),
            Effect::Files(effect) => {
                let link = link.reform(Msg::Files);
                self.files.run(effect, &self.client, &link);
            }
            Effect::Related(_, _, related::Effect::Abort) => {
                self.related.transport().abort();
                self.documents.stop();
            }
            Effect::Related(
                position,
                place,
                related::Effect::Read {
                    generation,
                    document,
                },
            ) => {
                let ask = related::Ask::LongDocument(document.clone());
                let told = link.reform(move |result| {
                    let answered = related::Msg::Answered {
                        generation,
                        ask: ask.clone(),
                        result,
                    };
                    Msg::Related(position, answered)
                });
                self.documents.read(&self.related, place, document, told);
            }
            Effect::Related(position, place, related::Effect::Ask { generation, ask }) => {
                let (client, link) = (Rc::clone(&self.related), link.clone());
                spawn(async move {
                    let result = related::run(&client, &place, &ask).await;
                    let answered = related::Msg::Answered {
                        generation,
                        ask,
                        result,
                    };
                    link.emit(Msg::Related(position, answered));
                });
            }
            Effect::Focus(id) => dom::focus(id),
            Effect::KeepFocus(id) => dom::focus_if_lost(id),
            Effect::Workflow(_, diff::Effect::Abort) => self.client.transport().abort(),
            Effect::Workflow(None, diff::Effect::Fetch { .. }) => {}
            Effect::Workflow(
                Some(reference),
                diff::Effect::Fetch {
                    generation,
                    position,
                    key,
                    media_type,
                },
            ) => {
                let (client, link) = (Rc::clone(&self.client), link.clone());
                spawn(async move {
                    let answer = fetch(&client, &reference, &key, media_type.as_ref(), &[]).await;
                    link.emit(Msg::Workflow(diff::Msg::Received {
                        generation,
                        position,
                        key,
                        result: answer.map(Received::from).map_err(Failure::from),
                    }));
                });
            }
        }
    }
}
