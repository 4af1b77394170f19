//! What the files do in the browser: layers are read by the workers, the files held by one of their own.

use std::cell::RefCell;
use std::rc::Rc;

use waybill_blobs::files::FilesEvent;
use waybill_blobs::message::{Limits, Wanted};
use yew::Callback;

use super::listeners;
use super::message::{ContentTold, Effect, LayerTold, Msg, WantedLayer};
use super::state::State;
use crate::browser::dom::Listener;
use crate::browser::files_worker::{FilesWorker, Heard};
use crate::browser::workers::{Check, Failure, Interruption, Layer, Told, Workers};
use crate::browser::{download, history};
use crate::page::spawn;
use crate::route::{InspectSource, Route, Tab, View};
use crate::shell::{Request, Shell};

/// Runs what the files need, and holds what runs.
pub(super) struct Effects {
    shell: Rc<Shell>,
    link: Callback<Msg>,
    workers: Workers,
    /// The layers that are read; each ends where it is dropped.
    readings: Vec<Check>,
    /// The layer that a file is read of.
    extraction: Option<Check>,
    /// What holds the files; it ends where it is dropped.
    holder: Option<FilesWorker>,
    _listeners: Vec<Listener>,
}

impl Effects {
    pub(super) fn new(shell: &Rc<Shell>, link: &Callback<Msg>) -> Self {
        Self {
            shell: Rc::clone(shell),
            link: link.clone(),
            workers: Workers::new(),
            readings: Vec::new(),
            extraction: None,
            holder: None,
            _listeners: listeners::listeners(link),
        }
    }

    /// Looks how much of the rows is in view.
    pub(super) fn measure(&self) {
        listeners::measure(&self.link);
    }

    /// Runs one effect. What comes of it is sent back as a message.
    pub(super) fn run(&mut self, effect: Effect, state: &State) {
        match effect {
            Effect::Request(request) => self.shell.request.emit(request),
            Effect::Read(layers) => {
                let readings = layers.into_iter().enumerate();
                self.readings = readings
                    .filter_map(|(place, layer)| self.read(place, layer, state))
                    .collect();
            }
            Effect::StopReading => self.readings.clear(),
            Effect::GoOn(layer) => {
                if let Some(check) = self.readings.get(layer) {
                    // One of the two is what it waits for.
                    check.answer(true);
                    check.go_on();
                }
            }
            Effect::OpenListings(listings) => self.hold(listings),
            Effect::Ask(number, ask) => {
                if let Some(holder) = &self.holder {
                    holder.ask(number, ask);
                }
            }
            Effect::ScrollTo(top) => listeners::scroll_to(top),
            Effect::Address(place, is_new) => {
                let View { at, platform, .. } = state.subject.at.clone();
                let view = View {
                    at,
                    tab: Tab::Files,
                    platform,
                    files: Some(place.written()),
                };
                let route = Route::Inspect(state.subject.source.clone(), view);
                if is_new {
                    self.shell.request.emit(Request::Navigate(route));
                } else {
                    history::replace(&route);
                }
            }
            Effect::Extract { layer, entry, save } => self.extract(&layer, entry, save, state),
            Effect::StopExtracting => self.extraction = None,
            Effect::Picture(bytes, media_type) => {
                let link = self.link.clone();
                spawn(async move {
                    if let Some(address) = download::address_of(&bytes, media_type).await {
                        link.emit(Msg::Picture(address));
                    }
                });
            }
        }
    }

    /// Names a layer to the workers.
    fn layer(layer: &WantedLayer, wanted: Wanted, state: &State) -> Option<Layer> {
        let reference = state.subject.reference.as_ref()?;
        Some(Layer {
            host: reference.host().clone(),
            repository: reference.repository().clone(),
            digest: layer.digest.clone(),
            size: layer.size,
            wanted,
            limits: Limits::of_layer(layer.size),
        })
    }

    fn read(&self, place: usize, layer: WantedLayer, state: &State) -> Option<Check> {
        let wanted = Wanted {
            listing: true,
            contents: true,
            ..Wanted::default()
        };
        let layer = Self::layer(&layer, wanted, state)?;
        let link = self.link.clone();
        let tell = Callback::from(move |told| {
            if let Some(told) = layer_told(told) {
                link.emit(Msg::Told(place, told));
            }
        });
        Some(self.workers.check(&self.shell.client, layer, tell))
    }

    /// Starts the worker that holds the files, and gives it the listings once it hears.
    fn hold(&mut self, listings: Vec<Option<Rc<[u8]>>>) {
        let link = self.link.clone();
        let ready = self.link.reform(|()| Msg::Ready);
        self.listings = listings;
        let hear = Callback::from(move |heard| match heard {
            Heard::Event(FilesEvent::Ready) => ready.emit(()),
            Heard::Event(FilesEvent::Opened) => link.emit(Msg::Opened),
            Heard::Event(FilesEvent::Answer(number, answer)) => {
                link.emit(Msg::Answered(number, answer));
            }
            Heard::Event(FilesEvent::Unreadable(layer)) => link.emit(Msg::Unreadable(layer)),
            Heard::Stopped(why) => link.emit(Msg::Failed(why)),
        });
        match FilesWorker::start(hear) {
            Ok(holder) => self.holder = Some(holder),
            Err(why) => self.link.emit(Msg::Failed(why)),
        }
    }
}
