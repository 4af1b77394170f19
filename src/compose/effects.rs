//! What Compose does in the browser and at registries: fetches and pushes of its own, which nothing else stops, and
//! keeping the work.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use waybill_core::limits::MANIFEST_BYTES;
use waybill_core::media_type::MediaType;
use waybill_core::reference::{Reference, Target};
use waybill_core::registry::answer::Fetched;
use waybill_core::registry::client::Client;
use waybill_core::registry::error::RegistryError;
use waybill_core::workflow::compose::{self as workflow, ContentKind, Msg as Change};
use waybill_core::workflow::fetch::{Failure, Received};
use waybill_core::workflow::push;
use yew::Callback;

use super::message::{Effect, Key, Msg};
use super::sources;
use crate::browser::dom::{Guard, Listener};
use crate::browser::transport::BrowserTransport;
use crate::browser::{dom, session};
use crate::examples;
use crate::page::spawn;
use crate::shell::Shell;

/// Runs the effects of Compose, and holds what they need.
pub(super) struct Effects {
    /// Fetches for the composition.
    client: Rc<Client<BrowserTransport>>,
    /// Sends the requests of the push.
    push_client: Rc<Client<BrowserTransport>>,
    guard: Option<Guard>,
    shell: Rc<Shell>,
}

impl Effects {
    /// Makes clients of its own beside that of the shell, which share what is set for registries.
    pub(super) fn new(shell: &Rc<Shell>) -> Self {
        let client = || Rc::new(shell.client.with_transport(BrowserTransport::default()));
        Self {
            client: client(),
            push_client: client(),
            guard: None,
            shell: Rc::clone(shell),
        }
    }

    /// Runs one effect. What comes of it is sent back as a message.
    pub(super) fn run(&mut self, effect: Effect, link: &Callback<Msg>) {
        match effect {
            Effect::Request(request) => self.shell.ask(request),
            Effect::Workflow(workflow::Effect::Abort) => self.client.transport().abort(),
            Effect::Workflow(workflow::Effect::Fetch {
                generation,
                reference,
                what,
                media_type,
            }) => {
                let (client, link) = (Rc::clone(&self.client), link.clone());
                spawn(async move {
                    let answer = fetch(&client, &reference, what, media_type.as_ref()).await;
                    link.emit(Msg::Change(Change::Received {
                        generation,
                        reference,
                        what,
                        result: answer.map(Received::from).map_err(Failure::from),
                    }));
                });
            }
            Effect::Push(push::Effect::Abort) => self.push_client.transport().abort(),
            Effect::Push(push::Effect::Run {
                generation,
                step,
                request,
            }) => {
                let (client, link) = (Rc::clone(&self.push_client), link.clone());
                spawn(async move {
                    let mut progress = |sent| {
                        link.emit(Msg::Push(push::Msg::Progress {
                            generation,
                            step,
                            sent,
                        }));
                    };
                    let answer = push::run(&client, request, &mut progress).await;
                    link.emit(Msg::Push(push::Msg::Answered {
                        generation,
                        step,
                        answer,
                    }));
                });
            }
            Effect::Guard(on) => self.guard = if on { Guard::new() } else { None },
            Effect::KeepSoon => {
                let link = link.clone();
                spawn(async move {
                    dom::drawn().await;
                    link.emit(Msg::Keep);
                });
            }
            Effect::Keep(text) => {
                let kept = session::keep_composed(text.as_deref());
                if text.is_some() && !kept {
                    link.emit(Msg::NotKept);
                }
            }
            Effect::LoadExamples => {
                let link = link.clone();
                spawn(async move { link.emit(Msg::ExamplesLoaded(examples::load().await)) });
            }
            Effect::LoadSpecificationReader(files) => {
                let link = link.clone();
                spawn(async move {
                    let reader = sources::load_specification().await;
                    link.emit(Msg::SpecificationReaderLoaded(files, reader));
                });
            }
            Effect::Focus(id) => dom::focus(&id),
        }
    }
}

async fn fetch(
    client: &Client<BrowserTransport>,
    reference: &Reference,
    what: ContentKind,
    media_type: Option<&MediaType>,
) -> Result<Fetched, RegistryError> {
    let (host, repository, target) = (reference.host(), reference.repository(), reference.target());
    match (what, &target) {
        (ContentKind::Config, Target::Digest(digest)) => {
            client.blob(host, repository, digest, MANIFEST_BYTES).await
        }
        (ContentKind::Config, Target::Tag(_)) | (ContentKind::Manifest, _) => {
            client.manifest(host, repository, &target, media_type).await
        }
    }
}

/// Listens to the keys of Compose anywhere on the page.
pub(super) fn keys(link: Callback<Key>) -> Option<Listener> {
    dom::listen("keydown", move |event| {
        if let Some(key) = key(event) {
            event.prevent_default();
            link.emit(key);
        }
    })
}

/// Reads a key: Alt with an arrow moves the row in focus; Ctrl+Z takes back, unless somebody types.
fn key(event: &web_sys::Event) -> Option<Key> {
    let event: &web_sys::KeyboardEvent = event.dyn_ref()?;
    let is_control = event.ctrl_key() || event.meta_key();
    let key = event.key();
    match key.as_str() {
        "ArrowUp" | "ArrowDown" if event.alt_key() => {
            let row = dom::attribute_around(event.target(), "data-row")?;
            Some(Key::Move {
                row: row.parse().ok()?,
                up: key == "ArrowUp",
                focus: dom::attribute_around(event.target(), "id")?,
            })
        }
        "z" | "Z" if is_control && !dom::is_typing() => Some(if event.shift_key() {
            Key::Redo
        } else {
            Key::Undo
        }),
        "y" if event.ctrl_key() && !dom::is_typing() => Some(Key::Redo),
        _ => None,
    }
}
