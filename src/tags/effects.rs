//! What Tags does in the browser and at registries, with requests of its own that nothing else stops.

use std::rc::Rc;

use waybill_core::registry::client::Client;
use waybill_core::workflow::fetch::Failure;
use waybill_core::workflow::{catalog, tags as workflow};
use yew::Callback;

use super::message::{Effect, Msg};
use super::state::State;
use super::view::row_id;
use crate::browser::dom;
use crate::browser::transport::BrowserTransport;
use crate::components::heading::HEADING;
use crate::page::spawn;
use crate::shell::Shell;

/// Runs the effects of Tags, and holds what they need.
pub(super) struct Effects {
    client: Rc<Client<BrowserTransport>>,
    shell: Rc<Shell>,
}

impl Effects {
    /// Makes a client of its own beside that of the shell, which share what is set for registries.
    pub(super) fn new(shell: &Rc<Shell>) -> Self {
        let client = shell.client.with_transport(BrowserTransport::default());
        Self {
            client: Rc::new(client),
            shell: Rc::clone(shell),
        }
    }

    /// Runs one effect. What comes of it is sent back as a message.
    pub(super) fn run(&mut self, effect: Effect, state: &State, link: &Callback<Msg>) {
        match effect {
            Effect::Request(request) => self.shell.ask(request),
            Effect::FocusRow(row) => dom::focus(&row_id(row)),
            Effect::KeepFocus => dom::focus_if_lost(HEADING),
            Effect::Workflow(workflow::Effect::Abort) | Effect::Catalog(catalog::Effect::Abort) => {
                self.client.transport().abort();
            }
            Effect::Catalog(catalog::Effect::Page { generation, page }) => {
                let Some(host) = state.catalog.as_ref().map(|model| model.host().clone()) else {
                    return;
                };
                let (client, link) = (Rc::clone(&self.client), link.clone());
                spawn(async move {
                    let result = client.catalog(&host, &page).await;
                    link.emit(Msg::Catalog(catalog::Msg::Page {
                        generation,
                        result: Box::new(result.map_err(Failure::from)),
                    }));
                });
            }
            Effect::Workflow(effect) => {
                let Some(place) = state.model.as_ref().map(|model| model.place().clone()) else {
                    return;
                };
                let (client, link) = (Rc::clone(&self.client), link.clone());
                spawn(async move {
                    let msg = match effect {
                        workflow::Effect::Page { generation, page } => {
                            let result = client.tags(&place, &page).await;
                            workflow::Msg::Page {
                                generation,
                                result: Box::new(result.map_err(Failure::from)),
                            }
                        }
                        workflow::Effect::Details {
                            generation,
                            source,
                            page,
                        } => {
                            let result = client.tag_details(&place, source, page).await;
                            workflow::Msg::Details {
                                generation,
                                source,
                                page,
                                result: result.map_err(Failure::from),
                            }
                        }
                        workflow::Effect::Ask {
                            generation,
                            tag,
                            reads,
                        } => {
                            let result = client.tag(&place, &tag, reads).await;
                            workflow::Msg::Told {
                                generation,
                                tag,
                                result: result.map_err(Failure::from),
                            }
                        }
                        workflow::Effect::Abort => return,
                    };
                    link.emit(Msg::Workflow(msg));
                });
            }
        }
    }
}
