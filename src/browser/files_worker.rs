//! The worker that holds the files of an image: `crates/files-worker`, a program of its own.

use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use waybill_blobs::files::{Ask, DifferencesQuery, FilesCommand, FilesEvent, ReportForm};
use waybill_blobs::toc::{TableCommand, TableEvent};
use web_sys::Blob;
use yew::Callback;

use super::workers::message_thread::{MessageThread, read};
use super::workers::thread::FILES;

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
#[derive(Debug)]
pub struct FilesWorker(MessageThread);

impl FilesWorker {
    /// Starts one. What it is told before it said [`FilesEvent::Ready`] waits until then.
    ///
    /// # Errors
    ///
    /// Fails where the page was built without it, or the browser refuses.
    pub fn start(hear: Callback<Heard>) -> Result<Self, String> {
        let heard = move |said: Result<JsValue, String>| {
            hear.emit(match said.map(|said| read(&said)) {
                Ok((text, beside)) => match serde_json::from_str(&text) {
                    Ok(FilesEvent::Table(TableEvent::FilePiece(file))) => {
                        Heard::Piece(file, Uint8Array::new(&beside))
                    }
                    Ok(event) => Heard::Event(event),
                    // The page is built of the same source, so there is no other.
                    Err(_) => return,
                },
                Err(why) => Heard::Stopped(why),
            });
        };
        MessageThread::start(FILES, "holds files", Rc::new(heard)).map(Self)
    }

    /// Gives it the listings of all layers, base first, and says which of them have which table of contents.
    /// The browser holds the listings: they are named to the worker, which reads them there, and nothing of them comes
    /// through the page's memory.
    pub fn open(&self, listings: &[Option<Blob>], tables: Vec<(u32, u32)>) {
        let missing = missing(listings);
        self.over(&FilesCommand::Open { missing, tables }, listings);
    }

    /// Has it compare two images, by the listings of their layers, each once, and which of them each has, base first.
    pub fn compare(&self, listings: &[Option<Blob>], sides: [Vec<u32>; 2]) {
        let missing = missing(listings);
        self.over(&FilesCommand::Compare { missing, sides }, listings);
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
        self.over(command, &[]);
    }

    fn over(&self, command: &FilesCommand, listings: &[Option<Blob>]) {
        let along = listings.iter().flatten().map(JsValue::from);
        self.0.post(&text(command), along, &Array::new());
    }

    /// Tells it something about tables of contents, with bytes beside it.
    pub fn table(&self, command: TableCommand, beside: Option<&[u8]>) {
        let handed = Array::new();
        if let Some(bytes) = beside {
            handed.push(&Uint8Array::from(bytes).buffer());
        }
        self.0
            .post(&text(&FilesCommand::Table(command)), handed.iter(), &handed);
    }
}

/// The layers that have no listing.
fn missing(listings: &[Option<Blob>]) -> Vec<u32> {
    let layers = (0..).zip(listings);
    let missing = layers.filter(|(_, listing)| listing.is_none());
    missing.map(|(layer, _)| layer).collect()
}

fn text(command: &FilesCommand) -> String {
    // There is no map in it whose key is no text.
    serde_json::to_string(command).unwrap_or_default()
}
