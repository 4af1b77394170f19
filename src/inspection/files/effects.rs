//! What the files do in the browser: layers are read by the workers, the files held by one of their own.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use waybill_blobs::files::FilesEvent;
use waybill_blobs::message::{Limits, Wanted};
use waybill_blobs::toc::TableEvent;
use yew::Callback;

use super::listeners;
use super::message::{ContentTold, Effect, LayerTold, Msg, TableTold, WantedLayer};
use super::state::State;
use crate::browser::dom::Listener;
use crate::browser::download::{self, Download};
use crate::browser::files_worker::Heard;
use crate::browser::history;
use crate::browser::tables::Holder;
use crate::browser::workers::{Check, Failure, Interruption, Layer, Told, Workers};
use crate::page::spawn;
use crate::route::{Route, Tab, View};
use crate::shell::{Request, Shell};

/// Runs what the files need, and holds what runs.
pub(super) struct Effects {
    shell: Rc<Shell>,
    link: Callback<Msg>,
    workers: Workers,
    /// The layers that are read, by their places; each ends where it is dropped.
    readings: BTreeMap<usize, Check>,
    /// The layer that a file is read of.
    extraction: Option<Check>,
    /// What holds the files, and whether it stopped; it ends where it is dropped.
    holder: Option<(Holder, Rc<Cell<bool>>)>,
    /// The file that is read by its chunks, as far as it came, and the name to save it under.
    chunks: Rc<RefCell<Option<(Gathered, Option<String>)>>>,
    _listeners: Vec<Listener>,
}

impl Effects {
    pub(super) fn new(shell: &Rc<Shell>, link: &Callback<Msg>) -> Self {
        Self {
            shell: Rc::clone(shell),
            link: link.clone(),
            workers: Workers::new(),
            readings: BTreeMap::new(),
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
                    let reading = self.read(place, &layer, state);
                    self.readings
                        .extend(reading.map(|reading| (place, reading)));
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
                if let Some(check) = self.readings.get(&layer) {
                    check.go_on();
                }
            }
            Effect::Answer(layer) => {
                if let Some(check) = self.readings.get(&layer) {
                    check.answer(true);
                }
            }
            Effect::OpenListings(listings, tables) => {
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
            Effect::Extract { layer, entry, save } => self.extract(&layer, entry, save, state),
            Effect::ExtractChunks { table, entry, save } => {
                let gathered = Gathered::new(save.is_some());
                self.chunks.replace(Some((gathered, save)));
                if let Some(holder) = self.holder(state) {
                    holder.read_file(table, entry);
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
        let tell = Callback::from(move |told| {
            if let Some(told) = layer_told(told) {
                link.emit(Msg::Told(place, told));
            }
        });
        Some(self.workers.check(&self.shell.client, layer, tell))
    }

    /// The worker that holds the files; a new one where none runs.
    fn holder(&mut self, state: &State) -> Option<&Holder> {
        let runs = self
            .holder
            .as_ref()
            .is_some_and(|(_, stopped)| !stopped.get());
        if !runs {
            let reference = state.subject.reference.as_ref()?;
            let stopped = Rc::new(Cell::new(false));
            let (stops, link) = (Rc::clone(&stopped), self.link.clone());
            let chunks = Rc::clone(&self.chunks);
            let hear = Callback::from(move |heard| {
                stops.set(stops.get() || matches!(heard, Heard::Stopped(_)));
                if let Some(msg) = heard_of(heard, &mut chunks.borrow_mut()) {
                    link.emit(msg);
                }
            });
            let (host, repository) = (reference.host(), reference.repository());
            match Holder::start(&self.shell.client, host, repository, hear) {
                Ok(holder) => self.holder = Some((holder, stopped)),
                Err(why) => {
                    self.link.emit(Msg::Failed(why));
                    return None;
                }
            }
        }
        self.holder.as_ref().map(|(holder, _)| holder)
    }

    /// Reads a file: its bytes come piece by piece, and the page hears of them at the end.
    fn extract(&mut self, layer: &WantedLayer, entry: u64, save: Option<String>, state: &State) {
        let wanted = Wanted {
            file: Some(entry),
            ..Wanted::default()
        };
        let Some(layer) = Self::layer(layer, wanted, state) else {
            return;
        };
        let link = self.link.clone();
        let gathered = RefCell::new(Gathered::new(save.is_some()));
        let tell = Callback::from(move |told| {
            let mut gathered = gathered.borrow_mut();
            let told = match told {
                Told::Bytes(bytes) => return gathered.add(&bytes),
                Told::Zeros(count) => return gathered.add_zeros(count),
                Told::Progress(progress) => ContentTold::Progress(progress.received),
                Told::Done(checked) => match (checked.file, &save) {
                    (None, _) => ContentTold::Failed("its layer does not hold it any more".into()),
                    (Some(file), Some(name)) if file.is_whole => match gathered.save(name) {
                        Ok(()) => ContentTold::Done(file, None),
                        Err(()) => ContentTold::Failed("the browser did not save it".into()),
                    },
                    (Some(file), _) => ContentTold::Done(file, Some(gathered.bytes())),
                },
                Told::Failed(failure) => ContentTold::Failed(failure_words(&failure)),
                Told::Interrupted { why, .. } => ContentTold::Failed(interruption_words(&why)),
                // It was asked when the layer was read.
                Told::Question(_) => ContentTold::Failed("it unpacks to far too much".into()),
                Told::Begun(_) => return,
            };
            link.emit(Msg::Content(told));
        });
        self.extraction = Some(self.workers.check(&self.shell.client, layer, tell));
    }
}

/// What happened, by what is heard of the worker that holds the files. A file that it reads by its chunks is gathered
/// here, and nothing of it is told before it is what its table names.
fn heard_of(heard: Heard, chunks: &mut Option<(Gathered, Option<String>)>) -> Option<Msg> {
    let event = match heard {
        Heard::Piece(_, bytes) => {
            if let Some((gathered, _)) = chunks {
                gathered.add(&bytes);
            }
            return None;
        }
        Heard::Stopped(why) => return Some(Msg::Failed(why)),
        Heard::Event(FilesEvent::Ready) => return None,
        Heard::Event(FilesEvent::Opened) => return Some(Msg::Opened),
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
        TableEvent::Failed(table, why) => Msg::Table(table, TableTold::Failed(why)),
        TableEvent::Compared {
            layer,
            differences,
            left_out,
        } => Msg::Compared(layer, differences, left_out),
        TableEvent::FileFailed(_, why) => Msg::Content(ContentTold::Failed(why)),
        TableEvent::FileDone(_, found, proof) => {
            let (mut gathered, save) = chunks.take()?;
            let bytes = match save {
                None => Some(gathered.bytes()),
                Some(name) => match gathered.save(&name) {
                    Ok(()) => None,
                    Err(()) => {
                        let why = "the browser did not save it".into();
                        return Some(Msg::Content(ContentTold::Failed(why)));
                    }
                },
            };
            Msg::Content(ContentTold::Proven(found, bytes, proof))
        }
    })
}

/// The content of a file as it comes: as parts of a file that the browser holds, or as bytes.
enum Gathered {
    ToSave(Download),
    ToShow(Vec<u8>),
}

impl Gathered {
    fn new(is_saved: bool) -> Self {
        if is_saved {
            Self::ToSave(Download::default())
        } else {
            Self::ToShow(Vec::new())
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        match self {
            Self::ToSave(download) => download.add(bytes),
            Self::ToShow(all) => all.extend_from_slice(bytes),
        }
    }

    fn add_zeros(&mut self, count: u64) {
        let zeros = vec![0; usize::try_from(count.min(ZEROS)).unwrap_or(0)];
        let mut left = count;
        while left > 0 {
            let part = left.min(ZEROS);
            self.add(&zeros[..usize::try_from(part).unwrap_or(0)]);
            left -= part;
        }
    }

    fn save(&mut self, name: &str) -> Result<(), ()> {
        match self {
            Self::ToSave(download) => download.save(name).map_err(|_| ()),
            Self::ToShow(_) => Err(()),
        }
    }

    fn bytes(&mut self) -> Rc<[u8]> {
        match self {
            Self::ToSave(_) => Rc::default(),
            Self::ToShow(all) => Rc::from(std::mem::take(all)),
        }
    }
}

/// So many zeros are added at once, in bytes (1 MiB).
const ZEROS: u64 = 1 << 20;

fn layer_told(told: Told) -> Option<LayerTold> {
    Some(match told {
        Told::Begun(_) | Told::Bytes(_) | Told::Zeros(_) => return None,
        Told::Progress(progress) => LayerTold::Progress(progress.received),
        Told::Question(_) => LayerTold::Asks,
        Told::Interrupted { why, .. } => LayerTold::Failed(interruption_words(&why), true),
        Told::Done(checked) => LayerTold::Done(checked.found.digest, checked.listing.map(Rc::from)),
        Told::Failed(failure) => LayerTold::Failed(failure_words(&failure), false),
    })
}

fn failure_words(failure: &Failure) -> String {
    match failure {
        Failure::Registry(error) => error.to_string(),
        Failure::NoWorker => "this page was built without what reads layers".into(),
        Failure::Worker(words) => ["what reads layers stopped: ", words].concat(),
        Failure::Algorithm => "its digest is of an algorithm that is not computed here".into(),
    }
}

fn interruption_words(why: &Interruption) -> String {
    match why {
        Interruption::Broke => "the connection broke".into(),
        Interruption::Registry(error) => error.to_string(),
    }
}
