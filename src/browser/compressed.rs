//! Layers that were compressed anew: made by a worker, kept until another source is copied, and read as those of a
//! registry are, at a place that no network has.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Poll, Waker};

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use waybill_blobs::pack::message::{Command, Event};
use waybill_core::conversion::Compression;
use waybill_core::digest::Digest;
use waybill_core::humanize;
use waybill_core::reference::{ARCHIVE_HOST, COMPRESSED_LAYERS};
use waybill_core::registry::push::Repository;
use waybill_core::registry::transport::{Request, Response};
use web_sys::{Blob, Url};

use super::archives::serving::{NOT_HERE, address_of, answer_with, failed};
use super::opened;
use super::own_files::{self, lock};
use super::workers::message_thread::{MessageThread, read};
use super::workers::thread::PACK;

/// The beginning of their paths, with [`COMPRESSED_LAYERS`] in it.
const BELOW: &str = "/v2/compressed/layers/";
/// So many bytes may wait to be compressed (4 MiB).
const WAITING: u64 = 4 << 20;

/// Layers that were compressed anew. Clones are of the same ones.
#[derive(Clone, Default)]
pub(crate) struct Compressed(Rc<RefCell<Files>>);

type Files = BTreeMap<Digest, File>;

thread_local! {
    /// Those of everybody: one copy, and several.
    static ALL: RefCell<Vec<Weak<RefCell<Files>>>> = const { RefCell::new(Vec::new()) };
}

/// Answers for all of them.
struct All;

/// A layer as the browser keeps it.
struct File {
    blob: Blob,
    name: String,
}

impl fmt::Debug for Compressed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Compressed")
    }
}

impl Compressed {
    /// None yet; they answer from now on.
    pub(crate) fn new() -> Self {
        let compressed = Self::default();
        ALL.with_borrow_mut(|all| {
            all.retain(|files| files.strong_count() > 0);
            all.push(Rc::downgrade(&compressed.0));
        });
        opened::set(BELOW, Rc::new(All));
        compressed
    }

    /// The place where they are read; `None` never, since its name is one.
    pub(crate) fn place() -> Option<Repository> {
        Some(Repository {
            host: ARCHIVE_HOST.parse().ok()?,
            repository: COMPRESSED_LAYERS.parse().ok()?,
        })
    }

    /// Forgets all of them, and gives their room back.
    pub(crate) fn clear(&self) {
        for (_, file) in self.0.take() {
            own_files::remove(file.name);
        }
    }
}

impl All {
    fn find(url: &str) -> Option<Blob> {
        let path = url.strip_prefix("https://")?.strip_prefix(ARCHIVE_HOST)?;
        let digest = path.strip_prefix(BELOW)?.strip_prefix("blobs/")?;
        let digest: Digest = digest.parse().ok()?;
        let blob = |files: Rc<RefCell<Files>>| Some(files.borrow().get(&digest)?.blob.clone());
        ALL.with_borrow(|all| all.iter().filter_map(Weak::upgrade).find_map(blob))
    }
}

impl opened::Archives for All {
    fn answer(&self, request: Request, _: bool) -> Pin<Box<dyn Future<Output = Response>>> {
        let blob = Self::find(&request.url);
        Box::pin(async move {
            let Some(blob) = blob else {
                return failed(NOT_HERE);
            };
            let answer = answer_with(&blob, None, &request).await;
            answer.unwrap_or_else(failed)
        })
    }

    fn address(
        &self,
        request: &Request,
    ) -> Pin<Box<dyn Future<Output = Result<String, Response>>>> {
        let blob = Self::find(&request.url);
        Box::pin(async move {
            match blob {
                Some(blob) => address_of(&blob).await,
                None => Err(failed(NOT_HERE)),
            }
        })
    }

    fn release(&self, address: &str) {
        let _ = Url::revoke_object_url(address);
    }
}

/// A layer that is being compressed: bytes go in piece by piece, and a file comes of them. Where it is dropped before
/// its end, nothing of it stays.
pub(crate) struct Packing {
    thread: MessageThread,
    inbox: Rc<Inbox>,
    name: String,
    is_kept: bool,
}

#[derive(Default)]
struct Inbox {
    said: RefCell<VecDeque<Result<(Event, JsValue), String>>>,
    waker: RefCell<Option<Waker>>,
    /// How many bytes were sent and are not compressed yet.
    waiting: std::cell::Cell<u64>,
}

impl Packing {
    /// Starts a worker for it, and waits until it has a file.
    ///
    /// # Errors
    ///
    /// Fails where there is no worker, or no room, with words.
    pub(crate) async fn begin(compression: Compression) -> Result<Self, String> {
        let inbox = Rc::new(Inbox::default());
        let hears = Rc::clone(&inbox);
        let hear = move |said: Result<JsValue, String>| {
            let said = match said.map(|said| read(&said)) {
                Ok((text, beside)) => match serde_json::from_str(&text) {
                    // The page is built of the same source, so there is no other.
                    Ok(Event::Ready) | Err(_) => return,
                    Ok(event) => Ok((event, beside)),
                },
                Err(why) => Err(["what compresses layers stopped: ", &why].concat()),
            };
            hears.said.borrow_mut().push_back(said);
            if let Some(waker) = hears.waker.take() {
                waker.wake();
            }
        };
        let thread = MessageThread::start(PACK, "compresses layers", Rc::new(hear))?;
        let packing = Self {
            thread,
            inbox,
            name: lock(),
            is_kept: false,
        };
        let name = packing.name.clone();
        let how = compression.into();
        packing.post(&Command::Begin { name, how }, None);
        match packing.next().await? {
            (Event::Begun, _) => Ok(packing),
            (event, _) => Err(why(&event)),
        }
    }

    /// Takes the next bytes, which are the worker's from then on, and waits while many wait.
    ///
    /// # Errors
    ///
    /// Fails where there is no room for what comes of them, with words.
    pub(crate) async fn push(&self, bytes: &Uint8Array) -> Result<(), String> {
        let waiting = self.inbox.waiting.get() + u64::from(bytes.length());
        self.inbox.waiting.set(waiting);
        self.post(&Command::Piece, Some(bytes));
        while self.inbox.waiting.get() > WAITING {
            self.taken(&self.next().await?.0)?;
        }
        Ok(())
    }

    /// Ends it: the layer is among `compressed` then, under the digest that this gives, with its size.
    ///
    /// # Errors
    ///
    /// Fails as [`push`](Self::push) does.
    pub(crate) async fn finish(mut self, compressed: &Compressed) -> Result<(Digest, u64), String> {
        self.post(&Command::End, None);
        loop {
            match self.next().await? {
                (Event::Packed { digest, size }, blob) => {
                    let file = File {
                        blob: blob.unchecked_into(),
                        name: self.name.clone(),
                    };
                    self.is_kept = true;
                    let before = compressed.0.borrow_mut().insert(digest.clone(), file);
                    if let Some(before) = before {
                        own_files::remove(before.name);
                    }
                    return Ok((digest, size));
                }
                (event, _) => self.taken(&event)?,
            }
        }
    }

    fn taken(&self, event: &Event) -> Result<(), String> {
        let Event::Taken(bytes) = event else {
            return Err(why(event));
        };
        let waiting = self.inbox.waiting.get().saturating_sub(*bytes);
        self.inbox.waiting.set(waiting);
        Ok(())
    }

    fn post(&self, command: &Command, bytes: Option<&Uint8Array>) {
        // There is no map in it whose key is no text.
        let text = serde_json::to_string(command).unwrap_or_default();
        let handed = bytes.map(|bytes| Array::of1(&bytes.buffer()));
        let along = bytes.map(|bytes| JsValue::from(bytes.clone()));
        self.thread.post(&text, along, &handed.unwrap_or_default());
    }

    async fn next(&self) -> Result<(Event, JsValue), String> {
        poll_fn(|context| {
            let said = self.inbox.said.borrow_mut().pop_front();
            if said.is_none() {
                self.inbox.waker.replace(Some(context.waker().clone()));
            }
            said.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

impl Drop for Packing {
    fn drop(&mut self) {
        if !self.is_kept {
            own_files::remove(std::mem::take(&mut self.name));
        }
    }
}

/// Why a worker does not go on.
fn why(event: &Event) -> String {
    match event {
        Event::NoRoom(Some(free)) => [
            "there is no room for the layer as it is compressed anew: the browser gave this page ",
            &humanize::size(*free),
        ]
        .concat(),
        Event::NoRoom(None) => {
            "there is no room for the layer as it is compressed anew: the browser gives this page no disk, and it is \
             large for its memory"
                .to_owned()
        }
        Event::Failed(why) => ["the browser does not keep the layer: ", why].concat(),
        Event::Ready | Event::Begun | Event::Taken(_) | Event::Packed { .. } => {
            "what compresses layers said something that it should not".to_owned()
        }
    }
}
