//! What the files of two images do in the browser.

use std::cell::RefCell;
use std::rc::Rc;

use waybill_blobs::files::FilesEvent;
use waybill_blobs::message::{Limits, Wanted};
use waybill_core::digest::Digest;
use waybill_core::registry::client::Client;
use web_sys::Blob;
use yew::Callback;

use super::message::{FilesEffect, FilesMsg, WantedBlob};
use crate::browser::files_worker::{FilesWorker, Heard};
use crate::browser::transport::BrowserTransport;
use crate::browser::workers::{Check, Layer, Told, Workers};
use crate::inspection::files::Read;
use crate::inspection::files::effects::layer_told;
use crate::inspection::files::message::LayerTold;
use crate::inspection::read_layers::{ReadLayer, ReadLayers};
use crate::page::spawn;

/// Runs what the files need, and holds what runs.
#[derive(Default)]
pub(crate) struct Effects {
    workers: Workers,
    /// The blobs that were read, also for what was compared before.
    read: ReadLayers,
    /// The listings of what is compared, which the browser holds.
    listings: Rc<RefCell<Vec<(Digest, Blob)>>>,
    /// The blobs that are read, with their places; each ends where it is dropped.
    readings: Vec<(usize, Check)>,
    /// What compares; it ends where it is dropped.
    worker: Option<FilesWorker>,
}

impl Effects {
    /// Runs one effect. What comes of it is sent back as a message.
    pub(crate) fn run(
        &mut self,
        effect: FilesEffect,
        client: &Rc<Client<BrowserTransport>>,
        link: &Callback<FilesMsg>,
    ) {
        match effect {
            FilesEffect::Read(blobs) => {
                self.listings.borrow_mut().clear();
                for (place, blob) in blobs {
                    self.read(place, blob, client, link);
                }
            }
            FilesEffect::StopReading => self.readings.clear(),
            FilesEffect::GoOn(place) => {
                if let Some(check) = self.reading(place) {
                    check.go_on();
                }
            }
            FilesEffect::Answer(place) => {
                if let Some(check) = self.reading(place) {
                    check.answer(true);
                }
            }
            FilesEffect::Compare(blobs, sides) => {
                let listings = blobs.iter().map(|named| self.listing(named.as_ref()?));
                let listings: Vec<_> = listings.collect();
                match self.worker(link) {
                    Ok(worker) => worker.compare(&listings, sides),
                    Err(why) => link.emit(FilesMsg::Failed(why)),
                }
            }
            FilesEffect::Ask(number, query) => {
                if let Some(worker) = &self.worker {
                    worker.differences(number, query);
                }
            }
            FilesEffect::Report(form) => {
                if let Some(worker) = &self.worker {
                    worker.report(form);
                }
            }
            FilesEffect::Close => self.worker = None,
        }
    }

    fn read(
        &mut self,
        place: usize,
        blob: WantedBlob,
        client: &Rc<Client<BrowserTransport>>,
        link: &Callback<FilesMsg>,
    ) {
        let named = blob.digest.clone();
        let known = self.read.get(&named);
        if let Some(known) = known.filter(|known| known.has_contents) {
            keep(&self.listings, &named, &known);
            let (link, read) = (link.clone(), Read::from(&known));
            spawn(async move { link.emit(FilesMsg::Told(place, LayerTold::Done(read))) });
            return;
        }
        let layer = Layer {
            host: blob.reference.host().clone(),
            repository: blob.reference.repository().clone(),
            digest: blob.digest,
            limits: Limits::of_layer(blob.size),
            size: blob.size,
            wanted: Wanted {
                listing: true,
                contents: true,
                ..Wanted::default()
            },
        };
        let (link, read, listings) = (link.clone(), self.read.clone(), Rc::clone(&self.listings));
        let tell = Callback::from(move |mut told| {
            let told = if let Told::Done(checked) = &mut told {
                let layer = ReadLayer::new(&named, &checked.found, checked.listing.take(), true);
                keep(&listings, &named, &layer);
                let known = Read::from(&layer);
                read.keep(layer);
                Some(LayerTold::Done(known))
            } else {
                layer_told(told)
            };
            if let Some(told) = told {
                link.emit(FilesMsg::Told(place, told));
            }
        });
        let check = self.workers.check(client, layer, tell);
        self.readings.push((place, check));
    }

    fn reading(&self, place: usize) -> Option<&Check> {
        let reading = self.readings.iter().find(|(of, _)| *of == place);
        reading.map(|(_, check)| check)
    }

    fn listing(&self, named: &Digest) -> Option<Blob> {
        let listings = self.listings.borrow();
        let known = listings.iter().find(|(known, _)| known == named);
        known.map(|(_, listing)| listing.clone())
    }

    /// A new worker: the one before may have stopped, and nothing else gives its memory back.
    fn worker(&mut self, link: &Callback<FilesMsg>) -> Result<&FilesWorker, String> {
        let link = link.clone();
        let hear = Callback::from(move |heard| {
            let msg = match heard {
                Heard::Stopped(why) => FilesMsg::Failed(why),
                Heard::Event(FilesEvent::Compared(counts)) => FilesMsg::Compared(counts),
                Heard::Event(FilesEvent::Differences(number, rows)) => {
                    FilesMsg::Answered(number, rows)
                }
                Heard::Event(FilesEvent::Report(form, text)) => FilesMsg::Reported(form, text),
                Heard::Event(FilesEvent::Unreadable(place)) => FilesMsg::Unreadable(place),
                Heard::Event(
                    FilesEvent::Ready
                    | FilesEvent::Opened(_)
                    | FilesEvent::Answer(..)
                    | FilesEvent::Table(_),
                )
                | Heard::Piece(..) => return,
            };
            link.emit(msg);
        });
        Ok(self.worker.insert(FilesWorker::start(hear)?))
    }
}

/// Keeps the listing of a blob as long as its image is compared.
fn keep(listings: &RefCell<Vec<(Digest, Blob)>>, named: &Digest, layer: &ReadLayer) {
    let listing = layer.listing.clone();
    let listing = listing.map(|listing| (named.clone(), listing));
    listings.borrow_mut().extend(listing);
}
