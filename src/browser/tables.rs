//! Tables of contents of layers: the worker that holds files reads them, and says which bytes it needs; here those are
//! fetched, each by one range request.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::rc::{Rc, Weak};

use wasm_bindgen_futures::spawn_local;
use waybill_blobs::files::{Answer, Ask, FilesEvent};
use waybill_blobs::finding::Told;
use waybill_blobs::toc::{Seal, Stated, TableCommand, TableEvent};
use waybill_core::digest::Digest;
use waybill_core::reference::{RegistryHost, RepositoryPath};
use waybill_core::registry::client::Client;
use waybill_core::registry::error::RegistryError;
use web_sys::Blob;
use yew::Callback;

use super::files_worker::{FilesWorker, Heard};
use super::transport::BrowserTransport;

/// The worker that holds the files of an image, with a way to the bytes that it needs. Where it is dropped, it ends,
/// with its requests.
#[derive(Debug)]
#[must_use]
pub struct Holder(Rc<Inner>);

struct Inner {
    worker: FilesWorker,
    host: RegistryHost,
    repository: RepositoryPath,
    client: Rc<Client<BrowserTransport>>,
    /// The blobs whose tables were begun, by their numbers.
    blobs: RefCell<BTreeMap<u32, Digest>>,
    /// The file that is read.
    file: RefCell<File>,
    tell: Callback<Heard>,
}

/// A file that is read by its chunks.
#[derive(Default)]
struct File {
    /// So many were begun.
    number: u32,
    blob: Option<Digest>,
    client: Option<Rc<Client<BrowserTransport>>>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inner")
    }
}

impl Holder {
    /// Starts one for the layers of an image. Of what the worker says all is told but what is done here, and never
    /// during this call.
    ///
    /// # Errors
    ///
    /// Fails where the page was built without it, or the browser refuses.
    pub fn start(
        client: &Client<BrowserTransport>,
        host: &RegistryHost,
        repository: &RepositoryPath,
        tell: Callback<Heard>,
    ) -> Result<Self, String> {
        let known = Rc::new(RefCell::new(Weak::<Inner>::new()));
        let hears = Rc::clone(&known);
        let hear = Callback::from(move |heard| {
            if let Some(inner) = hears.borrow().upgrade() {
                inner.hear(heard);
            }
        });
        let inner = Rc::new(Inner {
            worker: FilesWorker::start(hear)?,
            host: host.clone(),
            repository: repository.clone(),
            client: Rc::new(client.with_transport(BrowserTransport::default())),
            blobs: RefCell::default(),
            file: RefCell::default(),
            tell,
        });
        known.replace(Rc::downgrade(&inner));
        Ok(Self(inner))
    }

    /// What holds the files.
    #[must_use]
    pub fn worker(&self) -> &FilesWorker {
        &self.0.worker
    }

    /// Gets the table of that number, of the blob of that digest. [`TableEvent::Sealed`] or [`TableEvent::Failed`] is
    /// told of it.
    pub fn begin(&self, number: u32, blob: Digest, stated: Stated) {
        self.0.blobs.borrow_mut().insert(number, blob);
        let begin = TableCommand::Begin(number, stated);
        self.0.worker.table(begin, None);
    }

    /// Reads a file by its chunks, in place of another. [`Heard::Piece`]s are told of it, and at the end
    /// [`TableEvent::FileDone`] or [`TableEvent::FileFailed`].
    pub fn read_file(&self, table: u32, entry: u64) {
        self.stop_file();
        let mut file = self.0.file.borrow_mut();
        file.blob = self.0.blobs.borrow().get(&table).cloned();
        let transport = BrowserTransport::default();
        file.client = Some(Rc::new(self.0.client.with_transport(transport)));
        let begin = TableCommand::File {
            file: file.number,
            table,
            entry,
        };
        self.0.worker.table(begin, None);
    }

    /// Stops that. Nothing more is told of it.
    pub fn stop_file(&self) {
        let mut file = self.0.file.borrow_mut();
        file.number = file.number.wrapping_add(1);
        if let Some(client) = file.client.take() {
            client.transport().abort();
        }
    }
}

impl Inner {
    fn hear(self: Rc<Self>, heard: Heard) {
        match heard {
            Heard::Event(FilesEvent::Ready) => {}
            Heard::Event(FilesEvent::Table(TableEvent::Need(table, range))) => {
                self.fetch_table(table, range);
            }
            Heard::Event(FilesEvent::Table(TableEvent::FileNeed(file, range))) => {
                self.fetch_file(file, range);
            }
            Heard::Piece(file, _)
            | Heard::Event(FilesEvent::Table(
                TableEvent::FileDone(file, ..) | TableEvent::FileFailed(file, _),
            )) if file != self.file.borrow().number => {}
            heard => self.tell.emit(heard),
        }
    }

    fn fetch_table(self: Rc<Self>, table: u32, range: Range<u64>) {
        let Some(blob) = self.blobs.borrow().get(&table).cloned() else {
            return;
        };
        let client = Rc::clone(&self.client);
        let from = range.start;
        self.fetch(client, blob, range, move |inner, bytes| match bytes {
            Ok(bytes) => {
                let brought = TableCommand::Bytes(table, from);
                inner.worker.table(brought, Some(&bytes));
            }
            Err(error) => {
                let failed = TableEvent::Failed {
                    table,
                    why: error.to_string(),
                    is_wrong: false,
                };
                inner.tell.emit(Heard::Event(FilesEvent::Table(failed)));
            }
        });
    }

    fn fetch_file(self: Rc<Self>, file: u32, range: Range<u64>) {
        let (blob, client) = {
            let reading = self.file.borrow();
            if reading.number != file {
                return;
            }
            (reading.blob.clone(), reading.client.clone())
        };
        let Some((blob, client)) = blob.zip(client) else {
            return;
        };
        self.fetch(client, blob, range, move |inner, bytes| {
            // Somebody stopped it.
            if inner.file.borrow().number != file {
                return;
            }
            match bytes {
                Ok(bytes) => inner
                    .worker
                    .table(TableCommand::FileBytes(file), Some(&bytes)),
                Err(error) => {
                    let failed = TableEvent::FileFailed(file, error.to_string());
                    inner.tell.emit(Heard::Event(FilesEvent::Table(failed)));
                }
            }
        });
    }

    /// Fetches a part of a blob, unless the worker ends before it is here.
    fn fetch(
        self: Rc<Self>,
        client: Rc<Client<BrowserTransport>>,
        blob: Digest,
        range: Range<u64>,
        take: impl FnOnce(&Self, Result<Vec<u8>, RegistryError>) + 'static,
    ) {
        let (host, repository) = (self.host.clone(), self.repository.clone());
        let inner = Rc::downgrade(&self);
        let task: Pin<Box<dyn Future<Output = ()>>> = Box::pin(async move {
            let bytes = client.blob_part(&host, &repository, &blob, range).await;
            if let Some(inner) = inner.upgrade() {
                take(&inner, bytes);
            }
        });
        spawn_local(task);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.client.transport().abort();
        if let Some(client) = &self.file.borrow().client {
            client.transport().abort();
        }
    }
}

/// The layers of one image, which are to be looked at together.
#[derive(Clone, Debug)]
pub struct Layers {
    /// The lists of their entries, base first; `None` where a layer is no file system.
    pub listings: Vec<Option<Blob>>,
    /// Those with a table of contents, by their places: their digests, and what they state of it.
    pub tables: Vec<(u32, Digest, Stated)>,
}

/// What the layers of an image show together.
#[derive(Clone, Debug)]
pub struct Together {
    /// What was found, also by their tables.
    pub findings: Vec<Told>,
    /// What came of each table, by the place of its layer.
    pub tables: Vec<(u32, Came)>,
}

/// What came of a table: its seal, once it was compared with its layer; or why it was not, and whether the layer is at
/// fault.
pub type Came = Result<Box<Seal>, (String, bool)>;

/// A search for what the layers of images show together. Where it is dropped, it ends.
#[derive(Debug)]
#[must_use]
pub struct Finding(#[allow(dead_code, reason = "it ends where it is dropped")] Held);

type Held = Rc<RefCell<Option<Holder>>>;

/// How far a search is.
struct Search {
    images: Vec<Layers>,
    /// What came of the first of them; nothing where a list is none.
    found: Vec<Option<Together>>,
    /// What came of the tables of the next one.
    tables: Vec<(u32, Came)>,
    /// Whether a list of that is none.
    is_unreadable: bool,
    tell: Callback<Vec<Option<Together>>>,
}

/// Finds what the entries of each image's layers show, and whether their tables of contents say the same, away from the
/// main thread: one image after the other in one worker, and each table comes by one or two range requests. It is told
/// once, for all images in their order, and not during this call: nothing of those for which the worker did not come.
pub fn find(
    client: &Client<BrowserTransport>,
    host: &RegistryHost,
    repository: &RepositoryPath,
    images: Vec<Layers>,
    tell: Callback<Vec<Option<Together>>>,
) -> Finding {
    let held = Held::default();
    let search = Rc::new(RefCell::new(Search {
        images,
        found: Vec::new(),
        tables: Vec::new(),
        is_unreadable: false,
        tell,
    }));
    let (holding, searching) = (Rc::downgrade(&held), Rc::clone(&search));
    let hear = Callback::from(move |heard| {
        let Some(held) = holding.upgrade() else {
            return;
        };
        let ended = match &*held.borrow() {
            Some(holder) => searching.borrow_mut().hear(heard, holder),
            None => None,
        };
        if let Some(found) = ended {
            let tell = searching.borrow().tell.clone();
            tell.emit(found);
        }
    });
    match Holder::start(client, host, repository, hear) {
        Ok(holder) => {
            search.borrow().begin(&holder);
            held.replace(Some(holder));
        }
        // Nothing is told during this call.
        Err(_) => spawn_local(async move {
            let found = search.borrow_mut().end();
            let tell = search.borrow().tell.clone();
            tell.emit(found);
        }),
    }
    Finding(held)
}

impl Search {
    /// Begins with the next image: with its tables, where it has any.
    fn begin(&self, holder: &Holder) {
        let Some(image) = self.images.get(self.found.len()) else {
            return;
        };
        for (layer, digest, stated) in &image.tables {
            holder.begin(*layer, digest.clone(), stated.clone());
        }
        if image.tables.is_empty() {
            self.open(image, holder);
        }
    }

    /// All that is known of tables is here: the worker takes the lists.
    fn open(&self, image: &Layers, holder: &Holder) {
        let sealed = self.tables.iter().filter(|(_, came)| came.is_ok());
        let sealed = sealed.map(|(layer, _)| (*layer, *layer)).collect();
        holder.worker().open(&image.listings, sealed);
        holder.worker().ask(0, Ask::Findings);
    }

    /// Takes what is heard of the worker. What was found, once that is all.
    fn hear(&mut self, heard: Heard, holder: &Holder) -> Option<Vec<Option<Together>>> {
        let table = match heard {
            Heard::Event(FilesEvent::Table(TableEvent::Sealed(layer, seal))) => (layer, Ok(seal)),
            Heard::Event(FilesEvent::Table(TableEvent::Failed {
                table,
                why,
                is_wrong,
            })) => (table, Err((why, is_wrong))),
            Heard::Event(FilesEvent::Unreadable(_)) => {
                self.is_unreadable = true;
                return None;
            }
            Heard::Event(FilesEvent::Answer(_, Answer::Findings(findings))) => {
                let tables = std::mem::take(&mut self.tables);
                let is_unreadable = std::mem::take(&mut self.is_unreadable);
                self.found
                    .push((!is_unreadable).then_some(Together { findings, tables }));
                if self.found.len() == self.images.len() {
                    return Some(self.end());
                }
                self.begin(holder);
                return None;
            }
            Heard::Stopped(_) => return Some(self.end()),
            Heard::Event(_) | Heard::Piece(..) => return None,
        };
        self.tables.push(table);
        let image = self.images.get(self.found.len())?;
        if self.tables.len() == image.tables.len() {
            self.open(image, holder);
        }
        None
    }

    /// What was found, with nothing of the images that are left.
    fn end(&mut self) -> Vec<Option<Together>> {
        let mut found = std::mem::take(&mut self.found);
        found.resize_with(self.images.len(), || None);
        found
    }
}
