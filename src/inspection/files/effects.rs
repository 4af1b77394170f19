//! What the files do in the browser: layers are read by the workers, the files held by one of their own.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use waybill_blobs::files::FilesEvent;
use waybill_blobs::message::{Limits, Wanted};
use waybill_blobs::toc::TableEvent;
use waybill_core::digest::Digest;
use web_sys::Blob;
use yew::Callback;

use super::extraction::{self, Chunks, Extraction};
use super::message::{ContentTold, Effect, LayerTold, Msg, TableTold, WantedLayer};
use super::state::State;
use super::{Read, listeners};
use crate::browser::dom::Listener;
use crate::browser::download;
use crate::browser::files_worker::Heard;
use crate::browser::history;
use crate::browser::tables::Holder;
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
    /// What holds the files, and whether it stopped; it ends where it is dropped.
    holder: Option<(Rc<Holder>, Rc<Cell<bool>>)>,
    /// The file that comes by its chunks.
    chunks: Rc<RefCell<Option<Rc<Chunks>>>>,
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
            chunks: Rc::default(),
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
                for (place, layer) in layers {
                    self.readings.retain(|(known, _)| *known != place);
                    let reading = self.read(place, &layer, state);
                    self.readings.extend(reading.map(|it| (place, it)));
                }
            }
            Effect::ReadTables(tables) => {
                if let Some(holder) = self.holder(state) {
                    for (number, blob, stated) in tables {
                        holder.begin(number, blob, stated);
                    }
                }
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
            Effect::OpenListings(layers, tables) => {
                let listings = layers.iter().map(|named| self.listing(named.as_ref()?));
                let listings: Vec<_> = listings.collect();
                // It was there when it was read, and others took its place since.
                for (layer, _) in (0..).zip(layers.iter().zip(&listings)).filter(is_lost) {
                    self.link.emit(Msg::Unreadable(layer));
                }
                if let Some(holder) = self.holder(state) {
                    holder.worker().open(&listings, tables);
                }
            }
            Effect::Ask(number, ask) => {
                if let Some((holder, _)) = &self.holder {
                    holder.worker().ask(number, ask);
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
            Effect::ExtractChunks { table, entry, save } => {
                if let Some(holder) = self.holder(state) {
                    let begin = move || holder.read_file(table, entry);
                    let chunks = extraction::chunks(save, &self.link, begin);
                    self.chunks.replace(Some(chunks));
                }
            }
            Effect::StopExtracting => {
                self.extraction = None;
                self.chunks.take();
                if let Some((holder, _)) = &self.holder {
                    holder.stop_file();
                }
            }
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
                let layer = ReadLayer::new(&named, &checked.found, checked.listing.take(), true);
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

    /// The worker that holds the files; a new one where none runs.
    fn holder(&mut self, state: &State) -> Option<Rc<Holder>> {
        let runs = |(_, stopped): &&(Rc<Holder>, Rc<Cell<bool>>)| !stopped.get();
        if let Some((holder, _)) = self.holder.as_ref().filter(runs) {
            return Some(Rc::clone(holder));
        }
        let reference = state.subject.reference.as_ref()?;
        let stopped = Rc::new(Cell::new(false));
        let (stops, link) = (Rc::clone(&stopped), self.link.clone());
        let chunks = Rc::clone(&self.chunks);
        let hear = Callback::from(move |heard| {
            stops.set(stops.get() || matches!(heard, Heard::Stopped(_)));
            let msg = heard_of(heard, &chunks);
            if let Some(msg) = msg {
                link.emit(msg);
            }
        });
        let (host, repository) = (reference.host(), reference.repository());
        match Holder::start(&self.shell.client, host, repository, hear) {
            Ok(holder) => {
                let holder = Rc::new(holder);
                self.holder = Some((Rc::clone(&holder), stopped));
                Some(holder)
            }
            Err(why) => {
                self.link.emit(Msg::Failed(why));
                None
            }
        }
    }
}

/// What happened, by what is heard of the worker that holds the files.
fn heard_of(heard: Heard, chunks: &RefCell<Option<Rc<Chunks>>>) -> Option<Msg> {
    let event = match heard {
        Heard::Piece(_, bytes) => {
            if let Some(chunks) = &*chunks.borrow() {
                chunks.add(&bytes);
            }
            return None;
        }
        Heard::Stopped(why) => return Some(Msg::Failed(why)),
        // Of two images, which nobody compares here.
        Heard::Event(
            FilesEvent::Ready
            | FilesEvent::Compared(_)
            | FilesEvent::Differences(..)
            | FilesEvent::Report(..),
        ) => return None,
        Heard::Event(FilesEvent::Opened(left_out)) => return Some(Msg::Opened(left_out)),
        Heard::Event(FilesEvent::Answer(number, answer)) => {
            return Some(Msg::Answered(number, answer));
        }
        Heard::Event(FilesEvent::Unreadable(layer)) => return Some(Msg::Unreadable(layer)),
        Heard::Event(FilesEvent::Table(event)) => event,
    };
    Some(match event {
        // The first two are answered by who tells this, and pieces come with bytes.
        TableEvent::Need(..) | TableEvent::FileNeed(..) | TableEvent::FilePiece(_) => return None,
        TableEvent::Sealed(table, seal) => Msg::Table(table, TableTold::Sealed(seal)),
        TableEvent::Failed { table, why, .. } => Msg::Table(table, TableTold::Failed(why)),
        TableEvent::Compared {
            layer,
            differences,
            left_out,
        } => Msg::Compared(layer, differences, left_out),
        TableEvent::FileFailed(_, why) => {
            chunks.take();
            Msg::Content(ContentTold::Failed(why))
        }
        TableEvent::FileDone(_, found, proof) => {
            let chunks = chunks.take()?;
            chunks.finish(found, proof);
            return None;
        }
    })
}

/// Tells whether the listing of a layer that has one is not here.
fn is_lost((_, (named, listing)): &(u32, (&Option<Digest>, &Option<Blob>))) -> bool {
    named.is_some() && listing.is_none()
}

/// What is told of a layer that is read; `None` for what nobody looks at.
pub(crate) fn layer_told(told: Told) -> Option<LayerTold> {
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
