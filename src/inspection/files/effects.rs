//! What the files do in the browser: layers are read by the workers, the files held by one of their own.

use std::cell::RefCell;
use std::rc::Rc;

use waybill_blobs::files::FilesEvent;
use waybill_blobs::message::{Limits, Wanted};
use waybill_core::digest::Digest;
use web_sys::Blob;
use yew::Callback;

use super::extraction::{self, Extraction};
use super::message::{Effect, LayerTold, Msg, WantedLayer};
use super::state::State;
use super::{Read, listeners};
use crate::browser::dom::Listener;
use crate::browser::download;
use crate::browser::files_worker::{FilesWorker, Heard};
use crate::browser::history;
use crate::browser::workers::{Check, Failure, Interruption, Layer, Told, Workers};
use crate::inspection::read_layers::{ReadLayer, ReadLayers};
use crate::page::spawn;
use crate::route::{Route, Tab, View};
use crate::shell::{Request, Shell};

/// Runs what the files need, and holds what runs.
pub(super) struct Effects {
    shell: Rc<Shell>,
    link: Callback<Msg>,
    workers: Workers,
    /// What is known of the inspection's layers.
    read: ReadLayers,
    /// The listings of this image's layers, which the browser holds.
    listings: Rc<RefCell<Vec<(Digest, Blob)>>>,
    /// The layers that are read, with their places; each ends where it is dropped.
    readings: Vec<(usize, Check)>,
    /// The file that is read of its layer.
    extraction: Option<Extraction>,
    /// What holds the files; it ends where it is dropped.
    holder: Option<Rc<RefCell<Option<FilesWorker>>>>,
    _listeners: Vec<Listener>,
}

impl Effects {
    pub(super) fn new(shell: &Rc<Shell>, read: &ReadLayers, link: &Callback<Msg>) -> Self {
        Self {
            read: read.clone(),
            listings: Rc::default(),
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
                let readings = layers.into_iter();
                self.readings = readings
                    .filter_map(|(place, layer)| Some((place, self.read(place, &layer, state)?)))
                    .collect();
            }
            Effect::StopReading => self.readings.clear(),
            Effect::GoOn(layer) => {
                if let Some(check) = self.reading(layer) {
                    check.go_on();
                }
            }
            Effect::Answer(layer) => {
                if let Some(check) = self.reading(layer) {
                    check.answer(true);
                }
            }
            Effect::OpenListings(layers) => {
                let listings = layers.iter().map(|named| self.listing(named.as_ref()?));
                let listings: Vec<_> = listings.collect();
                // It was there when it was read, and others took its place since.
                for (layer, _) in (0..).zip(layers.iter().zip(&listings)).filter(is_lost) {
                    self.link.emit(Msg::Unreadable(layer));
                }
                self.hold(listings);
            }
            Effect::Ask(number, ask) => {
                if let Some(holder) = &self.holder
                    && let Some(holder) = &*holder.borrow()
                {
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
            Effect::Extract { layer, entry, save } => {
                let wanted = Wanted {
                    file: Some(entry),
                    ..Wanted::default()
                };
                self.extraction = Self::layer(&layer, wanted, state).map(|layer| {
                    extraction::begin(&self.workers, &self.shell, layer, save, &self.link)
                });
            }
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

    fn read(&self, place: usize, layer: &WantedLayer, state: &State) -> Option<Check> {
        let wanted = Wanted {
            listing: true,
            contents: true,
            ..Wanted::default()
        };
        let layer = Self::layer(layer, wanted, state)?;
        let link = self.link.clone();
        let (known, listings) = (self.read.clone(), Rc::clone(&self.listings));
        let named = layer.digest.clone();
        let tell = Callback::from(move |mut told| {
            let told = if let Told::Done(checked) = &mut told {
                let layer = ReadLayer::new(&named, checked, true);
                let mut listings = listings.borrow_mut();
                listings.retain(|(known, _)| *known != named);
                listings.extend(layer.listing.clone().map(|it| (named.clone(), it)));
                let read = Read::from(&layer);
                known.keep(layer);
                Some(LayerTold::Done(read))
            } else {
                layer_told(told)
            };
            if let Some(told) = told {
                link.emit(Msg::Told(place, told));
            }
        });
        Some(self.workers.check(&self.shell.client, layer, tell))
    }

    /// Finds the layer of that place among those that are read.
    fn reading(&self, place: usize) -> Option<&Check> {
        let mut readings = self.readings.iter();
        readings
            .find(|(of, _)| *of == place)
            .map(|(_, check)| check)
    }

    /// Finds the listing of a layer: what was read for these files, or before.
    fn listing(&self, named: &Digest) -> Option<Blob> {
        let listings = self.listings.borrow();
        let here = listings.iter().find(|(known, _)| known == named);
        here.map(|(_, listing)| listing.clone())
            .or_else(|| self.read.get(named)?.listing)
    }

    /// Starts the worker that holds the files, and gives it the listings once it hears.
    fn hold(&mut self, listings: Vec<Option<Blob>>) {
        let holder = Rc::new(RefCell::new(None::<FilesWorker>));
        let link = self.link.clone();
        let holding = Rc::downgrade(&holder);
        // They are sent once, and then no longer needed here.
        let listings = RefCell::new(listings);
        let hear = Callback::from(move |heard| match heard {
            Heard::Event(FilesEvent::Ready) => {
                if let Some(holder) = holding.upgrade()
                    && let Some(holder) = &*holder.borrow()
                {
                    holder.open(&listings.take());
                }
            }
            Heard::Event(FilesEvent::Opened) => link.emit(Msg::Opened),
            Heard::Event(FilesEvent::Answer(number, answer)) => {
                link.emit(Msg::Answered(number, answer));
            }
            Heard::Event(FilesEvent::Unreadable(layer)) => link.emit(Msg::Unreadable(layer)),
            Heard::Stopped(why) => link.emit(Msg::Failed(why)),
        });
        match FilesWorker::start(hear) {
            Ok(started) => {
                holder.replace(Some(started));
                self.holder = Some(holder);
            }
            Err(why) => self.link.emit(Msg::Failed(why)),
        }
    }
}

/// Tells whether the listing of a layer that has one is not here.
fn is_lost((_, (named, listing)): &(u32, (&Option<Digest>, &Option<Blob>))) -> bool {
    named.is_some() && listing.is_none()
}

fn layer_told(told: Told) -> Option<LayerTold> {
    Some(match told {
        Told::Begun(_) | Told::Bytes(_) | Told::Zeros(_) | Told::Done(_) => return None,
        Told::Progress(progress) => LayerTold::Progress(progress.received),
        Told::Question(_) => LayerTold::Asks,
        Told::Interrupted { why, .. } => LayerTold::Failed(interruption_words(&why), true),
        Told::Failed(failure) => LayerTold::Failed(failure_words(&failure), false),
    })
}

pub(super) fn failure_words(failure: &Failure) -> String {
    match failure {
        Failure::Registry(error) => error.to_string(),
        Failure::NoWorker => "this page was built without what reads layers".into(),
        Failure::Worker(words) => ["what reads layers stopped: ", words].concat(),
        Failure::Algorithm => "its digest is of an algorithm that is not computed here".into(),
    }
}

pub(super) fn interruption_words(why: &Interruption) -> String {
    match why {
        Interruption::Broke => "the connection broke".into(),
        Interruption::Registry(error) => error.to_string(),
    }
}
