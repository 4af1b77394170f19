//! The worker that holds the files of an image: `crates/files-worker`, a program of its own.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use waybill_blobs::files::{Ask, DifferencesQuery, FilesCommand, FilesEvent, ReportForm};
use waybill_blobs::toc::{TableCommand, TableEvent};
use web_sys::{Blob, MessageEvent, Worker};
use yew::Callback;

use super::workers::thread;

/// What is heard of the worker.
#[derive(Clone, Debug)]
pub enum Heard {
    /// What it says.
    Event(FilesEvent),
    /// The next bytes of the file of that number, which nobody checked yet.
    Piece(u32, Uint8Array),
    /// It did not come, or stopped: the browser's words.
    Stopped(String),
}

/// A worker that runs. Where it is dropped, it ends, and its memory is given back.
pub struct FilesWorker {
    worker: Worker,
    /// What it is told once it hears; `None` when it does.
    waiting: Rc<RefCell<Option<Vec<Message>>>>,
    _listeners: [EventListener; 2],
}

/// A list of a text and buffers, and a list of those buffers.
type Message = (Array, Array);

impl fmt::Debug for FilesWorker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FilesWorker")
    }
}

impl FilesWorker {
    /// Starts one. What it is told before it said [`FilesEvent::Ready`] waits until then.
    ///
    /// # Errors
    ///
    /// Fails where the page was built without it, or the browser refuses.
    pub fn start(hear: Callback<Heard>) -> Result<Self, String> {
        let address = thread::address(thread::FILES);
        let address = address.ok_or("this page was built without what holds files")?;
        let worker = thread::create(&address).map_err(|thrown| thread::words(&thrown))?;
        let tell = hear.clone();
        let waiting = Rc::new(RefCell::new(Some(Vec::new())));
        let (waits, hears) = (Rc::clone(&waiting), worker.clone());
        let heard = EventListener::new(&worker, "message", move |event| {
            let Some((event, beside)) = read(event) else {
                return;
            };
            if matches!(event, FilesEvent::Ready) {
                for message in waits.take().unwrap_or_default() {
                    post(&hears, &message);
                }
            }
            tell.emit(match (event, beside) {
                (FilesEvent::Table(TableEvent::FilePiece(file)), Some(bytes)) => {
                    Heard::Piece(file, bytes)
                }
                (event, _) => Heard::Event(event),
            });
        });
        let failed = thread::hear_failure(&worker, move |why| hear.emit(Heard::Stopped(why)));
        Ok(Self {
            worker,
            waiting,
            _listeners: [heard, failed],
        })
    }

    /// Gives it the listings of all layers, base first, and says which of them have which table of contents.
    /// The browser holds the listings: they are named to the worker, which reads them there, and nothing of them comes
    /// through the page's memory.
    pub fn open(&self, listings: &[Option<Blob>], tables: Vec<(u32, u32)>) {
        let missing = missing(listings);
        let message = Array::of1(&text(&FilesCommand::Open { missing, tables }));
        for listing in listings.iter().flatten() {
            message.push(listing);
        }
        self.tell((message, Array::new()));
    }

    /// Has it compare two images, by the listings of their layers, each once, and which of them each has, base first.
    pub fn compare(&self, listings: &[Option<Blob>], sides: [Vec<u32>; 2]) {
        let missing = missing(listings);
        let message = Array::of1(&text(&FilesCommand::Compare { missing, sides }));
        for listing in listings.iter().flatten() {
            message.push(listing);
        }
        self.tell((message, Array::new()));
    }

    /// Asks it for some of what differs.
    pub fn differences(&self, number: u32, query: DifferencesQuery) {
        self.command(&FilesCommand::Differences(number, query));
    }

    /// Asks it for all of what differs, as a report.
    pub fn report(&self, form: ReportForm) {
        self.command(&FilesCommand::Report(form));
    }

    /// Asks it something.
    pub fn ask(&self, number: u32, ask: Ask) {
        self.command(&FilesCommand::Ask(number, ask));
    }

    fn command(&self, command: &FilesCommand) {
        self.tell((Array::of1(&text(command)), Array::new()));
    }

    /// Tells it something about tables of contents, with bytes beside it.
    pub fn table(&self, command: TableCommand, beside: Option<&[u8]>) {
        let (message, transferred) = (
            Array::of1(&text(&FilesCommand::Table(command))),
            Array::new(),
        );
        if let Some(bytes) = beside {
            let buffer = Uint8Array::from(bytes).buffer();
            message.push(&buffer);
            transferred.push(&buffer);
        }
        self.tell((message, transferred));
    }

    fn tell(&self, message: Message) {
        match &mut *self.waiting.borrow_mut() {
            Some(waiting) => waiting.push(message),
            None => post(&self.worker, &message),
        }
    }
}

/// The layers that have no listing.
fn missing(listings: &[Option<Blob>]) -> Vec<u32> {
    let layers = (0..).zip(listings);
    let missing = layers.filter(|(_, listing)| listing.is_none());
    missing.map(|(layer, _)| layer).collect()
}

fn post(worker: &Worker, (message, transferred): &Message) {
    // Texts, blobs and buffers can be sent.
    let _ = worker.post_message_with_transfer(message, transferred);
}

/// What it says, with the bytes beside it.
fn read(event: &web_sys::Event) -> Option<(FilesEvent, Option<Uint8Array>)> {
    let data = event.unchecked_ref::<MessageEvent>().data();
    let (text, beside) = if let Some(text) = data.as_string() {
        (text, None)
    } else {
        let message: Array = data.unchecked_into();
        let bytes = Uint8Array::new(&message.get(1));
        (message.get(0).as_string()?, Some(bytes))
    };
    Some((serde_json::from_str(&text).ok()?, beside))
}

impl Drop for FilesWorker {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

fn text(command: &FilesCommand) -> JsValue {
    // There is no map in it whose key is no text.
    serde_json::to_string(command).unwrap_or_default().into()
}
