//! What Copy does in the browser and at registries: reads and writes of its own, which nothing else stops.

use std::rc::Rc;

use waybill_core::reference::Reference;
use waybill_core::registry::client::Client;
use waybill_core::registry::push::Repository;
use waybill_core::workflow::{copy, push, save};
use yew::Callback;

use super::layers::effects::{Layers, Shared};
use super::message::{Effect, Msg};
use super::save::effects::Effects as SaveEffects;
use super::several::{self, Hold};
use crate::browser::dom::{self, Guard};
use crate::browser::signing::sign;
use crate::browser::transport::BrowserTransport;
use crate::browser::wake_lock::WakeLock;
use crate::page::spawn;
use crate::shell::Shell;

/// Holds the page of several images while bytes move.
pub(super) fn hold() -> Box<dyn Hold> {
    Box::new(Held {
        _guard: Guard::new(),
        _awake: WakeLock::new(),
    })
}

/// Both end with it.
struct Held {
    _guard: Option<Guard>,
    _awake: WakeLock,
}

impl Hold for Held {}

/// Runs the effects of Copy, and holds what they need.
pub(super) struct Effects {
    /// Reads the source.
    source: Rc<Client<BrowserTransport>>,
    /// Writes into a registry.
    push: Rc<Client<BrowserTransport>>,
    /// Reads layers, and writes files.
    save: SaveEffects,
    /// Reads layers that have to be read before the plan.
    layers: Layers,
    guard: Option<Guard>,
    /// As long as bytes move, the machine is not to fall asleep.
    awake: Option<WakeLock>,
    shell: Rc<Shell>,
}

impl Effects {
    /// Makes clients of its own beside that of the shell, which share what is set for registries. Layers that are
    /// compressed are `layers`.
    pub(super) fn new(shell: &Rc<Shell>, layers: Rc<Shared>) -> Self {
        let client = || Rc::new(shell.client.with_transport(BrowserTransport::to_push()));
        Self {
            source: client(),
            push: client(),
            save: SaveEffects::new(client()),
            layers: Layers::new(client(), layers),
            guard: None,
            awake: None,
            shell: Rc::clone(shell),
        }
    }

    /// Runs one effect of a copy of that source, into that file. What comes of it is sent back as a message.
    pub(super) fn run(
        &mut self,
        effect: Effect,
        reference: Option<&Reference>,
        file: Option<(&save::Model, save::Road)>,
        link: &Callback<Msg>,
    ) {
        match effect {
            Effect::Request(request) => self.shell.ask(request),
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
                    link.emit(Msg::RateLimit(client.rate_limit(reference.host())));
                    link.emit(Msg::Source(copy::Msg::Received {
                        generation,
                        wanted,
                        result,
                    }));
                });
            }
            Effect::Source(copy::Effect::StopReading) => self.layers.stop(),
            Effect::Source(copy::Effect::ReadLayer { generation, layer }) => {
                if let Some(reference) = reference {
                    let (source, link) = (
                        Repository::from_reference(reference),
                        link.reform(Msg::Source),
                    );
                    self.layers.read(*layer, &source, generation, &link);
                }
            }
            Effect::Source(copy::Effect::Sign {
                generation,
                payload,
            }) => {
                let link = link.clone();
                spawn(async move {
                    let result = sign(&payload).await.map(Into::into);
                    link.emit(Msg::Source(copy::Msg::Signed {
                        generation,
                        payload,
                        result,
                    }));
                });
            }
            Effect::ForgetLayers => self.layers.clear(),
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
            Effect::Save(effect) => {
                let link = link.reform(Msg::Save);
                match (file, reference) {
                    (Some((model, road)), Some(source)) => {
                        self.save.run(effect, (model, source, road), &link);
                    }
                    // It was put away.
                    (None, _) | (_, None) => self.save.cancel(),
                }
            }
            Effect::LoadSeveral => {
                let link = link.clone();
                spawn(async move { link.emit(Msg::SeveralLoaded(several::load().await)) });
            }
            // The page tells it.
            Effect::Several(_) => {}
            Effect::Look => {
                let tell = link.reform(|(road, has_folders)| Msg::Roads(road, has_folders));
                SaveEffects::look(tell);
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
