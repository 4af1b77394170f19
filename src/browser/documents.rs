//! Long documents around an image, which workers fetch, hash and read: `workers` brings the bytes of one as it brings
//! those of a layer, and they are handed on as they come to a worker that runs `crates/documents-worker`. So none of
//! them goes through the page's memory, and no task of the page is long.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use waybill_blobs::layer::Found;
use waybill_blobs::message::{Bytes, Limits, Wanted};
use waybill_core::digest::Digest;
use waybill_core::documents::{Document, Slice};
use waybill_core::limits;
use waybill_core::registry::client::Client;
use waybill_core::registry::push::Repository;
use waybill_core::workflow::fetch;
use waybill_core::workflow::related::{Answer, Ask, Content, LongDocument, run};
use web_sys::Blob;
use yew::Callback;

use super::download;
use super::transport::BrowserTransport;
use super::workers::message_thread::MessageThread;
use super::workers::{Check, Failure, Interruption, Layer, Told, Workers, thread};
use crate::page::spawn;

/// What reads long documents, and what came of them. Where it is dropped, that ends.
#[derive(Clone, Debug, Default)]
pub struct Documents(Rc<Reader>);

#[derive(Debug, Default)]
struct Reader {
    workers: Workers,
    /// What is under way.
    readings: RefCell<Vec<Rc<Reading>>>,
    /// The bytes of what came.
    held: RefCell<Vec<(Digest, Held)>>,
}

/// The bytes of a document, and of what is inside of all that is around it: the browser holds them.
#[derive(Clone, Debug)]
struct Held {
    whole: Blob,
    payload: Option<Blob>,
}

impl Documents {
    /// Reads a document. What came of it is told, and never during this call; nothing is where it is stopped.
    pub fn read(
        &self,
        client: &Rc<Client<BrowserTransport>>,
        place: Repository,
        document: LongDocument,
        told: Callback<Result<Answer, fetch::Failure>>,
    ) {
        if thread::address(thread::DOCUMENTS).is_none() {
            // This page was built without workers, as `trunk serve` builds it.
            let client = Rc::clone(client);
            spawn(
                async move { told.emit(run(&client, &place, &Ask::LongDocument(document)).await) },
            );
            return;
        }
        let reading = Rc::new(Reading {
            reader: Rc::downgrade(&self.0),
            digest: document.digest.clone(),
            media_type: document.media_type,
            told,
            document: RefCell::default(),
            found: RefCell::default(),
            breaks: Cell::new(0),
            check: RefCell::default(),
            worker: RefCell::default(),
        });
        self.0.readings.borrow_mut().push(Rc::clone(&reading));
        let hears = Rc::downgrade(&reading);
        let limit = limits::DOCUMENT_BYTES as u64;
        let layer = Layer {
            host: place.host,
            repository: place.repository,
            digest: document.digest,
            size: document.size,
            wanted: Wanted {
                bytes: Bytes::Stored,
                ..Wanted::default()
            },
            limits: Limits {
                received: limit,
                ..Limits::of_layer(Some(limit))
            },
        };
        let size = document.size.unwrap_or_default().min(limit);
        let hear = Callback::from(move |told| {
            if let Some(reading) = hears.upgrade() {
                reading.hear(told, size);
            }
        });
        let check = self.0.workers.check(client, layer, hear);
        reading.check.replace(Some(check));
    }

    /// Stops all that is under way: nothing of it is told.
    pub fn stop(&self) {
        self.0.readings.take();
    }

    /// Saves the bytes of a document that came, or its payload, as a file of that name. Nothing is where it did not.
    pub fn save(&self, digest: &Digest, is_payload: bool, name: &str) {
        let blob = self.0.held_of(digest).and_then(|held| {
            if is_payload {
                held.payload
            } else {
                Some(held.whole)
            }
        });
        if let Some(blob) = blob {
            // The browser says itself that it does not.
            let _ = download::save_blob(name, &blob);
        }
    }

    /// Brings the bytes of a document that came; `None` where it did not, or the browser lost them.
    pub async fn bytes(&self, digest: &Digest) -> Option<Vec<u8>> {
        let whole = self.0.held_of(digest)?.whole;
        let buffer = JsFuture::from(whole.array_buffer()).await.ok()?;
        Some(Uint8Array::new(&buffer).to_vec())
    }
}

impl Reader {
    fn held_of(&self, digest: &Digest) -> Option<Held> {
        let held = self.held.borrow();
        let found = held.iter().find(|(known, _)| known == digest);
        found.map(|(_, held)| held.clone())
    }
}

/// How often a connection may break that brings little before it is told.
const BREAKS: u8 = 3;

/// A document that is read.
struct Reading {
    reader: Weak<Reader>,
    digest: Digest,
    media_type: String,
    told: Callback<Result<Answer, fetch::Failure>>,
    /// What it says, as far as that came.
    document: RefCell<Document>,
    /// What its bytes are.
    found: RefCell<Option<Box<Found>>>,
    breaks: Cell<u8>,
    /// What brings its bytes, and what reads them, once the first came.
    check: RefCell<Option<Check>>,
    worker: RefCell<Option<MessageThread>>,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

impl Reading {
    /// Hears of its bytes.
    fn hear(self: &Rc<Self>, told: Told, size: u64) {
        match told {
            Told::Begun(_) if self.worker.borrow().is_none() => self.begin(size),
            Told::Begun(_) | Told::Progress(_) | Told::Zeros(_) => {}
            Told::Bytes(bytes) => {
                let buffer = Array::of1(&bytes.buffer());
                self.tell(buffer.clone(), buffer);
            }
            Told::Done(checked) => {
                self.found.replace(Some(Box::new(checked.found)));
                let media_type = JsValue::from(&self.media_type);
                self.tell(Array::of1(&media_type), Array::new());
            }
            Told::Question(_) => {
                let size = limits::DOCUMENT_BYTES as u64 + 1;
                self.end(Err(fetch::Failure::TooLarge { size }));
            }
            Told::Interrupted { why, .. } => match why {
                Interruption::Registry(error) => self.end(Err(error.into())),
                Interruption::Broke if self.breaks.get() < BREAKS => {
                    self.breaks.set(self.breaks.get() + 1);
                    if let Some(check) = &*self.check.borrow() {
                        check.go_on();
                    }
                }
                Interruption::Broke => self.fail("the connection broke".into()),
            },
            Told::Failed(Failure::Registry(error)) => self.end(Err(error.into())),
            Told::Failed(Failure::Worker(why)) => {
                self.fail(["what reads it stopped: ", &why].concat());
            }
            Told::Failed(Failure::NoWorker) => {
                self.fail("this page was built without what reads it".into());
            }
            Told::Failed(Failure::Algorithm) => {
                self.fail("its digest is of an algorithm that is not computed here".into());
            }
        }
    }

    fn begin(self: &Rc<Self>, size: u64) {
        let hears = Rc::downgrade(self);
        let hear = move |heard: Result<JsValue, String>| {
            if let Some(reading) = hears.upgrade() {
                reading.hear_worker(heard.map(JsCast::unchecked_into));
            }
        };
        match MessageThread::start(thread::DOCUMENTS, "reads long documents", Rc::new(hear)) {
            Ok(worker) => {
                self.worker.replace(Some(worker));
                #[allow(clippy::cast_precision_loss, reason = "it is 40 MiB at most")]
                self.tell(Array::of1(&(size as f64).into()), Array::new());
            }
            Err(why) => self.fail(why),
        }
    }

    fn tell(&self, message: Array, transferred: Array) {
        if let Some(worker) = &*self.worker.borrow() {
            worker.tell(message, transferred);
        }
    }

    /// Hears what the worker says that reads it.
    fn hear_worker(self: &Rc<Self>, heard: Result<Array, String>) {
        let message = match heard {
            // It says first that it hears.
            Ok(message) if message.length() == 0 => return,
            Ok(message) => message,
            Err(why) => {
                self.fail(["what reads it stopped: ", &why].concat());
                return;
            }
        };
        if let Some(text) = message.get(0).as_string() {
            // The worker is built of the same source, so it is a slice.
            if let Ok(slice) = serde_json::from_str::<Slice>(&text) {
                self.document.borrow_mut().take(slice);
            }
            return;
        }
        let Some(found) = self.found.take() else {
            return;
        };
        let (whole, payload) = (
            message.get(0).dyn_into::<Blob>(),
            message.get(2).dyn_into::<Blob>().ok(),
        );
        let (Ok(whole), Some(reader)) = (whole, self.reader.upgrade()) else {
            self.fail("the browser does not hold it".into());
            return;
        };
        let content = Content {
            bytes: Uint8Array::new(&message.get(1)).to_vec().into(),
            size: found.size,
            is_another: found.digest != self.digest,
            has_payload: payload.is_some(),
            document: self.document.take(),
        };
        let held = (self.digest.clone(), Held { whole, payload });
        reader.held.borrow_mut().push(held);
        self.end(Ok(Answer::Read(Box::new(content))));
    }

    fn fail(self: &Rc<Self>, why: String) {
        self.end(Err(fetch::Failure::NotLoaded(why)));
    }

    /// Tells what came of it, and ends the workers, once whoever calls has returned: they may be it.
    fn end(self: &Rc<Self>, came: Result<Answer, fetch::Failure>) {
        let ended = Rc::clone(self);
        spawn(async move {
            let Some(reader) = ended.reader.upgrade() else {
                return;
            };
            let before = reader.readings.borrow().len();
            reader
                .readings
                .borrow_mut()
                .retain(|known| !Rc::ptr_eq(known, &ended));
            // Who stopped it hears nothing more of it.
            if reader.readings.borrow().len() < before {
                ended.told.emit(came);
            }
        });
    }
}
