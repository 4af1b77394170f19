//! What Copy does in the browser and at registries: reads and writes of its own, which nothing else stops.

use std::rc::Rc;

use waybill_core::reference::Reference;
use waybill_core::registry::client::Client;
use waybill_core::workflow::{copy, push};
use yew::Callback;

use super::message::{Effect, Msg};
use crate::browser::dom::{self, Guard};
use crate::browser::transport::BrowserTransport;
use crate::browser::wake_lock::WakeLock;
use crate::page::spawn;
use crate::shell::{Request, Shell};

/// Runs the effects of Copy, and holds what they need.
pub(super) struct Effects {
    /// Reads the source.
    source: Rc<Client<BrowserTransport>>,
    /// Writes into a registry.
    push: Rc<Client<BrowserTransport>>,
    guard: Option<Guard>,
    /// As long as bytes move, the machine is not to fall asleep.
    awake: Option<WakeLock>,
    shell: Rc<Shell>,
}

impl Effects {
    /// Makes clients of its own beside that of the shell, which share what is set for registries.
    pub(super) fn new(shell: &Rc<Shell>) -> Self {
        let client = || Rc::new(shell.client.with_transport(BrowserTransport::default()));
        Self {
            source: client(),
            push: client(),
            guard: None,
            awake: None,
            shell: Rc::clone(shell),
        }
    }

    /// Runs one effect of a copy of that source. What comes of it is sent back as a message.
    pub(super) fn run(
        &mut self,
        effect: Effect,
        reference: Option<&Reference>,
        link: &Callback<Msg>,
    ) {
        match effect {
            Effect::Request(request) => {
                // The fetches that follow go the way that was asked for, so the client has to know it before them.
                if let Request::SetPlainHttp(host) = &request {
                    let client = &self.shell.client;
                    client.reach(host, client.settings(host).access, true);
                }
                self.shell.request.emit(request);
            }
            Effect::Source(copy::Effect::Abort) => self.source.transport().abort(),
            Effect::Source(copy::Effect::Fetch {
                generation,
                wanted,
                media_type,
            }) => {
                let Some(reference) = reference.cloned() else {
                    return;
                };
                let (client, link) = (Rc::clone(&self.source), link.clone());
                spawn(async move {
                    let result = copy::run(&client, &reference, &wanted, media_type.as_ref()).await;
                    link.emit(Msg::Source(copy::Msg::Received {
                        generation,
                        wanted,
                        result,
                    }));
                });
            }
            Effect::Push(push::Effect::Abort) => self.push.transport().abort(),
            Effect::Push(push::Effect::Run {
                generation,
                step,
                request,
            }) => {
                let (client, link) = (Rc::clone(&self.push), link.clone());
                spawn(async move {
                    let mut progress = |sent| {
                        link.emit(Msg::Push(push::Msg::Progress {
                            generation,
                            step,
                            sent,
                        }));
                        link.emit(Msg::Tick(dom::now()));
                    };
                    let answer = push::run(&client, request, &mut progress).await;
                    link.emit(Msg::Push(push::Msg::Answered {
                        generation,
                        step,
                        answer,
                    }));
                    link.emit(Msg::Tick(dom::now()));
                });
            }
            Effect::Guard(true) => {
                self.guard = Guard::new();
                self.awake = Some(WakeLock::new());
            }
            Effect::Guard(false) => (self.guard, self.awake) = (None, None),
            Effect::Focus(id) => dom::focus(id),
        }
    }
}
