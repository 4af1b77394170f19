//! A file on the disk of whoever looks at the page, written piece by piece, so that no memory holds all of it.
//!
//! Browsers with a save dialog for pages (File System Access, <https://wicg.github.io/file-system-access/>) have it; in
//! the others [`download`](super::download) gathers the pieces.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{WritableStream, WritableStreamDefaultWriter};
use yew::Callback;

use super::workers::thread::words;

/// How many bytes are written at once (1 MiB): each takes a turn through the browser.
const PIECE: u32 = 1 << 20;

/// What asks for a place to save a file at.
const ASK: &str = "showSaveFilePicker";

/// Tells whether this browser asks where to save a file, and lets it be written there piece by piece.
#[must_use]
pub fn is_there() -> bool {
    Reflect::has(&js_sys::global(), &ASK.into()).unwrap_or(false)
}

/// Asks for a place to save a file at, which has to follow a press of somebody.
///
/// # Errors
///
/// Fails where the browser refuses, with its words; without any where somebody chose none.
pub async fn ask(name: &str) -> Result<FileOnDisk, Option<String>> {
    let asked = call(&js_sys::global(), ASK, &Array::of1(&named(name)));
    let file = opened(asked).await.map_err(|thrown| {
        let is_left = Reflect::get(&thrown, &"name".into()).is_ok_and(|name| name == "AbortError");
        (!is_left).then(|| words(&thrown))
    })?;
    FileOnDisk::of(&file)
        .await
        .map_err(|thrown| Some(words(&thrown)))
}

fn named(name: &str) -> Object {
    let options = Object::new();
    // An object of ours takes any value.
    let _ = Reflect::set(&options, &"suggestedName".into(), &name.into());
    options
}

/// Calls a method that answers with a promise.
pub(super) fn call(object: &JsValue, name: &str, arguments: &Array) -> Result<Promise, JsValue> {
    let function: Function = Reflect::get(object, &name.into())?.dyn_into()?;
    Ok(Reflect::apply(&function, object, arguments)?.unchecked_into())
}

/// Waits for what a call gives.
pub(super) async fn opened(asked: Result<Promise, JsValue>) -> Result<JsValue, JsValue> {
    JsFuture::from(asked?).await
}

/// A file that is being written. It is there once it is [closed](Self::close); where this is dropped before, nothing of
/// it stays.
pub struct FileOnDisk {
    writer: WritableStreamDefaultWriter,
    /// What is gathered to be written at once, and how much of it.
    piece: RefCell<(Uint8Array, u32)>,
    /// Pieces that were written, to be filled again.
    spare: Rc<RefCell<Vec<Uint8Array>>>,
    /// How long the file is with all that was given.
    length: Cell<u64>,
    /// How many bytes wait for the disk.
    waiting: Rc<Cell<u64>>,
    /// Why the browser did not write something.
    fault: Rc<RefCell<Option<String>>>,
    /// Who hears how many bytes wait once some were written.
    written: Rc<RefCell<Callback<u64>>>,
    is_closed: Cell<bool>,
    /// Whether what is written may be read later than it says.
    keeps: bool,
}

impl fmt::Debug for FileOnDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileOnDisk")
    }
}

impl FileOnDisk {
    /// Begins to write the file of a handle.
    pub(super) async fn of(handle: &JsValue) -> Result<Self, JsValue> {
        let stream = opened(call(handle, "createWritable", &Array::new())).await?;
        Self::over(&stream.unchecked_into(), false)
    }

    /// Begins to write into a stream that takes bytes. `keeps`: it may hold a piece for longer than it says, as one does
    /// that leads to another thread, so no piece is filled a second time.
    pub(super) fn over(stream: &WritableStream, keeps: bool) -> Result<Self, JsValue> {
        Ok(Self {
            keeps,
            writer: stream.get_writer()?,
            piece: RefCell::new((Uint8Array::new_with_length(PIECE), 0)),
            spare: Rc::default(),
            length: Cell::new(0),
            waiting: Rc::default(),
            fault: Rc::default(),
            written: Rc::default(),
            is_closed: Cell::new(false),
        })
    }

    /// Waits until no more than so many bytes wait for the disk.
    ///
    /// # Errors
    ///
    /// Fails where the browser did not write something, with its words.
    pub async fn room(&self, most: u64) -> Result<(), String> {
        let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
        let wakes = Rc::clone(&waker);
        self.on_written(Callback::from(move |_| {
            if let Some(waker) = wakes.take() {
                waker.wake();
            }
        }));
        poll_fn(|context| {
            if let Some(why) = &*self.fault.borrow() {
                return Poll::Ready(Err(why.clone()));
            }
            if self.waiting() <= most {
                return Poll::Ready(Ok(()));
            }
            waker.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await
    }

    /// Tells from now on how many bytes wait for the disk, each time that some were written.
    pub fn on_written(&self, tell: Callback<u64>) {
        self.written.replace(tell);
    }

    /// How many bytes wait for the disk: whoever brings more should wait where they are many.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.waiting.get()
    }

    /// Writes the next bytes. What the browser says of it is told by [`close`](Self::close).
    pub fn write(&self, bytes: &Uint8Array) {
        let mut from = 0;
        while from < bytes.length() {
            let (piece, filled) = self.piece.borrow().clone();
            let part = bytes.subarray(from, from.saturating_add(PIECE - filled));
            piece.set(&part, filled);
            from += part.length();
            self.piece.replace((piece, filled + part.length()));
            if filled + part.length() == PIECE {
                self.flush();
            }
        }
        self.length
            .set(self.length.get() + u64::from(bytes.length()));
    }

    /// Makes so many zeros the next bytes, without writing them.
    pub fn write_zeros(&self, count: u64) {
        self.flush();
        let end = self.length.get().saturating_add(count);
        self.length.set(end);
        for (kind, place) in [("truncate", "size"), ("seek", "position")] {
            let order = Object::new();
            let set = |name: &str, value: &JsValue| {
                // An object of ours takes any value.
                let _ = Reflect::set(&order, &name.into(), value);
            };
            set("type", &kind.into());
            // A file has fewer bytes than a number of JavaScript counts.
            #[allow(clippy::cast_precision_loss, reason = "no disk has 2^53 bytes")]
            set(place, &(end as f64).into());
            self.give(&order, 0, None);
        }
    }

    /// Gives the browser what is gathered.
    fn flush(&self) {
        let spare = self.spare.borrow_mut().pop();
        let empty = spare.unwrap_or_else(|| Uint8Array::new_with_length(PIECE));
        let (piece, filled) = self.piece.replace((empty, 0));
        if filled > 0 {
            let bytes = piece.subarray(0, filled);
            self.give(&bytes, filled.into(), Some(piece));
        }
    }

    fn give(&self, chunk: &JsValue, bytes: u64, piece: Option<Uint8Array>) {
        self.waiting.set(self.waiting.get() + bytes);
        let spare = Rc::clone(&self.spare);
        let piece = piece.filter(|_| !self.keeps);
        let given = JsFuture::from(self.writer.write_with_chunk(chunk));
        let (waiting, fault) = (Rc::clone(&self.waiting), Rc::clone(&self.fault));
        let written = Rc::clone(&self.written);
        spawn_local(async move {
            if let Err(thrown) = given.await {
                fault.borrow_mut().get_or_insert_with(|| words(&thrown));
            }
            waiting.set(waiting.get().saturating_sub(bytes));
            spare.borrow_mut().extend(piece);
            // Whoever hears may have begun to after this was given.
            let tell = written.borrow().clone();
            tell.emit(waiting.get());
        });
    }

    /// Ends the file: all of it is under its name then.
    ///
    /// # Errors
    ///
    /// Fails where the browser did not write all of it, such as for want of room; nothing of it is there then.
    pub async fn close(&self) -> Result<(), String> {
        self.flush();
        let closed = JsFuture::from(self.writer.close()).await;
        self.is_closed.set(true);
        let fault = self.fault.take();
        match (closed, fault) {
            (Ok(_), None) => Ok(()),
            (_, Some(why)) => Err(why),
            (Err(thrown), None) => Err(words(&thrown)),
        }
    }
}

impl Drop for FileOnDisk {
    fn drop(&mut self) {
        if !self.is_closed.get() {
            let aborted = JsFuture::from(self.writer.abort());
            // What could not be written is told by whoever wrote it.
            spawn_local(async move {
                let _ = aborted.await;
            });
        }
    }
}
