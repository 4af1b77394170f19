//! Archives that are open in this tab, as the browser has them: their files, the workers that read them, and what they
//! answer with when they are asked as a registry is.

mod folder;
pub(super) mod serving;
mod thread;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use waybill_blobs::archive::message::{Command, Event, Failure, ToldContent};
use web_sys::{Blob, File};
use yew::Callback;

use super::opened;
use super::own_files::{lock, remove};
use serving::Served;
use thread::Thread;

/// What is told of the archive of that number.
pub type Tell = Callback<(usize, Said)>;

/// What is told of an archive.
#[derive(Clone, Debug)]
pub enum Said {
    /// Its worker says something.
    Event(Event),
    /// What was compressed as a whole is unpacked, to so many bytes, and is opened now.
    Unpacked(u64),
    /// The worker did not come, or stopped: the browser's words.
    Stopped(String),
}

/// All archives of this tab. Clones are of the same ones.
#[derive(Clone, Default)]
pub struct Archives(Rc<RefCell<BTreeMap<usize, Rc<Held>>>>);

impl fmt::Debug for Archives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Archives")
    }
}

/// One archive.
struct Held {
    number: usize,
    tell: Tell,
    /// The file, or those of a folder.
    files: RefCell<Vec<Blob>>,
    /// The paths of a folder's files.
    paths: RefCell<Option<Vec<String>>>,
    /// Its worker, where one runs.
    thread: RefCell<Option<Thread>>,
    /// What that is to do once it has opened the archive anew.
    pending: RefCell<Option<Command>>,
    /// Files that were unpacked, by their names.
    unpacked: RefCell<Vec<String>>,
    /// What it answers with; `None` until it is open.
    served: RefCell<Option<Served>>,
    is_closed: Cell<bool>,
}

impl Archives {
    /// None; they answer from now on.
    #[must_use]
    pub fn new() -> Self {
        let archives = Self::default();
        opened::set("/", Rc::new(archives.clone()));
        archives
    }

    /// Opens what was given under that number of [`opened`].
    pub fn open(&self, number: usize, given: usize, tell: Tell) {
        let held = Rc::new(Held {
            number,
            tell,
            files: RefCell::default(),
            paths: RefCell::default(),
            thread: RefCell::default(),
            pending: RefCell::default(),
            unpacked: RefCell::default(),
            served: RefCell::default(),
            is_closed: Cell::new(false),
        });
        self.0.borrow_mut().insert(number, Rc::clone(&held));
        let given = opened::taken(given);
        spawn_local(async move {
            match files_of(given).await {
                Ok((files, paths)) if !held.is_closed.get() => {
                    held.files.replace(files);
                    held.paths.replace(paths);
                    held.begin();
                }
                Ok(_) => {}
                Err(why) => held.say(Said::Stopped(why)),
            }
        });
    }

    /// Unpacks what is compressed as a whole, and opens what comes of it.
    pub fn unpack(&self, number: usize) {
        if let Some(held) = self.held(number) {
            let name = lock();
            held.unpacked.borrow_mut().push(name.clone());
            let file = held.files.borrow().first().cloned();
            held.post(&Command::Unpack { name }, file);
        }
    }

    /// Reads all of it, or what its digests need alone.
    pub fn read(&self, number: usize, all: bool) {
        let Some(held) = self.held(number) else {
            return;
        };
        let command = if all {
            Command::Verify
        } else {
            Command::Measure
        };
        if held.thread.borrow().is_some() {
            held.post(&command, None);
        } else {
            // Its worker was ended, so another one has to open it first.
            held.pending.replace(Some(command));
            held.begin();
        }
    }

    /// Ends its worker, and with it whatever it does.
    pub fn cancel(&self, number: usize) {
        if let Some(held) = self.held(number) {
            held.pending.take();
            held.thread.take();
        }
    }

    /// Answers for it from now on, under that name and with these contents.
    pub fn serve(&self, number: usize, name: String, contents: Rc<[ToldContent]>) {
        if let Some(held) = self.held(number) {
            let mut served = held.served.borrow_mut();
            match &mut *served {
                Some(served) => served.contents = contents,
                None => *served = Some(Served::new(name, contents)),
            }
        }
    }

    /// Forgets it, and removes what was unpacked of it.
    pub fn close(&self, number: usize) {
        let held = self.0.borrow_mut().remove(&number);
        if let Some(held) = held {
            held.is_closed.set(true);
            held.thread.take();
            held.unpacked.take().into_iter().for_each(remove);
        }
    }

    fn held(&self, number: usize) -> Option<Rc<Held>> {
        self.0.borrow().get(&number).cloned()
    }
}

impl Held {
    fn say(&self, said: Said) {
        if !self.is_closed.get() {
            self.tell.emit((self.number, said));
        }
    }

    /// Starts a worker, which opens the archive first.
    fn begin(self: &Rc<Self>) {
        let hears = Rc::downgrade(self);
        let started = Thread::start(move |said, file| {
            if let Some(held) = hears.upgrade() {
                held.hear(said, file);
            }
        });
        match started {
            Ok(thread) => {
                self.thread.replace(Some(thread));
                self.post_open();
            }
            Err(why) => self.say(Said::Stopped(why)),
        }
    }

    fn post_open(&self) {
        let paths = self.paths.borrow().clone();
        let files = self.files.borrow().clone();
        self.post(&Command::Open { paths }, files);
    }

    fn post(&self, command: &Command, files: impl IntoIterator<Item = Blob>) {
        if let Some(thread) = &*self.thread.borrow() {
            thread.post(command, files);
        }
    }

    fn hear(&self, said: Said, file: Option<Blob>) {
        match said {
            Said::Event(Event::Unpacked) => {
                let Some(file) = file else { return };
                self.say(Said::Unpacked(size(&file)));
                self.files.replace(vec![file]);
                self.post_open();
            }
            Said::Event(Event::Told(_)) if self.pending.borrow().is_some() => {
                if let Some(command) = self.pending.take() {
                    self.post(&command, None);
                }
            }
            said => {
                if matches!(said, Said::Stopped(_)) {
                    self.thread.take();
                }
                self.say(said);
            }
        }
    }
}

/// The files of what was given: a file, the list of a folder's files, or a folder that was dropped.
async fn files_of(given: JsValue) -> Result<(Vec<Blob>, Option<Vec<String>>), String> {
    if let Some(file) = given.dyn_ref::<File>() {
        return Ok((vec![file.clone().into()], None));
    }
    let (files, paths) = match given.dyn_ref::<Array>() {
        Some(files) => folder::chosen(files),
        None => folder::dropped(given).await?,
    };
    Ok((files, Some(paths)))
}

/// How many bytes a file has.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a size is a whole number below 2^53"
)]
fn size(blob: &Blob) -> u64 {
    blob.size() as u64
}

/// Unpacks a layer, with a worker of its own.
async fn unpack(packed: Blob, held: &Held) -> Result<Blob, Failure> {
    let name = lock();
    held.unpacked.borrow_mut().push(name.clone());
    let mut thread = Err(String::new());
    let done = Promise::new(&mut |done, _| {
        thread = Thread::start(move |said, file| {
            let told = match (said, file) {
                (Said::Event(Event::Unpacked), Some(file)) => file.into(),
                (Said::Event(Event::Failed(failure)), _) => words(&failure),
                (Said::Stopped(why), _) => words(&Failure::Other(why)),
                (Said::Event(_) | Said::Unpacked(_), _) => return,
            };
            // What is told once more changes nothing.
            let _ = done.call1(&JsValue::UNDEFINED, &told);
        });
    });
    let thread = thread.map_err(Failure::Other)?;
    thread.post(&Command::Unpack { name }, Some(packed));
    // The worker lives until it has answered.
    let told = wasm_bindgen_futures::JsFuture::from(done).await;
    drop(thread);
    told.unwrap_or_default()
        .dyn_into::<Blob>()
        .map_err(|failure| {
            let text = failure.as_string().unwrap_or_default();
            serde_json::from_str(&text).unwrap_or(Failure::Other(text))
        })
}

/// A failure as a text of the browser's.
fn words(failure: &Failure) -> JsValue {
    serde_json::to_string(failure).unwrap_or_default().into()
}
