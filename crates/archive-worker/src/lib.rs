//! The worker of the page that reads archives of images: lists, unpacks, and verifies them.
//!
//! It is a program of its own, started where somebody opens an archive, and ended where they cancel what it does. It
//! reads by ranges (`FileReaderSync`), so a file of many GB costs a small read for each of its entries, and nothing of
//! it is ever whole in memory. [`waybill_blobs::archive::message`] says what the two say to each other: a message is a
//! list, the text first and the files behind it.

mod disk;
mod source;

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::{Array, Date};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use waybill_blobs::archive::message::{Command, Event, Failure, Told};
use waybill_blobs::archive::{Archive, Opened, open};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use source::Given;

/// How often the page is told how far something is, in milliseconds.
const PROGRESS_MS: f64 = 100.0;

/// Hears what the page says, from now on.
#[wasm_bindgen(start)]
fn start() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let worker = Rc::new(Worker {
        teller: Teller::new(scope.clone()),
        held: RefCell::default(),
    });
    let hears = Rc::clone(&worker);
    let hear = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let message = Array::from(&event.data());
        let text = message.get(0).as_string().unwrap_or_default();
        let files: Vec<Blob> = message.iter().skip(1).map(JsCast::unchecked_into).collect();
        // The page is built of the same source, so there is no other.
        if let Ok(command) = serde_json::from_str(&text) {
            let worker = Rc::clone(&hears);
            spawn_local(async move { worker.run(command, files).await });
        }
    });
    scope.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    hear.forget();
    worker.teller.tell(&Event::Ready, None);
}

struct Worker {
    teller: Teller,
    /// The archive that is open, and what it is read from.
    held: RefCell<Option<(Box<Archive>, Given)>>,
}

impl Worker {
    async fn run(&self, command: Command, files: Vec<Blob>) {
        let done = match command {
            Command::Open { paths } => self.open(files, paths),
            Command::Measure => self.read_on(false),
            Command::Verify => self.read_on(true),
            Command::Unpack { name } => match files.first() {
                Some(file) => match disk::unpack(file, &name, &self.teller).await {
                    Ok(unpacked) => {
                        self.teller.tell(&Event::Unpacked, Some(&unpacked));
                        return;
                    }
                    Err(failure) => Err(failure),
                },
                None => return,
            },
        };
        match done {
            Ok(event) => self.teller.tell(&event, None),
            Err(failure) => self.teller.tell(&Event::Failed(failure), None),
        }
    }

    /// Reads headers and documents.
    fn open(&self, files: Vec<Blob>, paths: Option<Vec<String>>) -> Result<Event, Failure> {
        let given = Given::new(files, paths)?;
        let opened = {
            given.is_opening(&self.teller);
            now(open(&given))??
        };
        Ok(match opened {
            Opened::Packed(compression) => Event::Packed(compression),
            Opened::Archive(archive) => {
                let told = Told::new(&archive, None);
                given.is_open();
                self.held.replace(Some((archive, given)));
                Event::Told(Box::new(told))
            }
        })
    }

    /// Measures the archive that is open, or verifies all of it.
    fn read_on(&self, all: bool) -> Result<Event, Failure> {
        let mut held = self.held.borrow_mut();
        let Some((archive, given)) = &mut *held else {
            return Err(Failure::Other("nothing is open".to_owned()));
        };
        let of = if all {
            archive.to_verify()
        } else {
            archive.to_measure()
        };
        let mut done = 0;
        let mut tell = |bytes| {
            done += bytes;
            self.teller.progress(done, of, 0);
        };
        let judged = if all {
            Some(now(archive.verify(given, &mut tell))??)
        } else {
            now(archive.measure(given, &mut tell))??;
            None
        };
        Ok(Event::Told(Box::new(Told::new(archive, judged.as_deref()))))
    }
}

/// The answer of something that waits for nothing: files are read at once here.
fn now<T>(task: impl Future<Output = T>) -> Result<T, Failure> {
    match pin!(task).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Ok(answer),
        Poll::Pending => Err(Failure::Other("the reading stands still".to_owned())),
    }
}

/// Tells the page what happens.
#[derive(Clone)]
struct Teller {
    scope: DedicatedWorkerGlobalScope,
    /// When it was told last how far something is.
    told: Rc<std::cell::Cell<f64>>,
}

impl Teller {
    fn new(scope: DedicatedWorkerGlobalScope) -> Self {
        Self {
            scope,
            told: Rc::default(),
        }
    }

    fn tell(&self, event: &Event, file: Option<&JsValue>) {
        // There is no map in it whose key is no text, so it can be written; and texts and files can be sent.
        let text = serde_json::to_string(event).unwrap_or_default();
        let message = Array::of1(&text.into());
        if let Some(file) = file {
            message.push(file);
        }
        let _ = self.scope.post_message(&message);
    }

    fn progress(&self, done: u64, of: u64, unpacked: u64) {
        let now = Date::now();
        if now - self.told.get() >= PROGRESS_MS {
            self.told.set(now);
            self.tell(&Event::Progress { done, of, unpacked }, None);
        }
    }
}
