//! Tables of contents of layers: the worker that holds files reads them, and says which bytes it needs; here those are
//! fetched, each by one range request.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::rc::{Rc, Weak};

use wasm_bindgen_futures::spawn_local;
use waybill_blobs::files::FilesEvent;
use waybill_blobs::toc::{Stated, TableCommand, TableEvent};
use waybill_core::digest::Digest;
use waybill_core::reference::{RegistryHost, RepositoryPath};
use waybill_core::registry::client::Client;
use waybill_core::registry::error::RegistryError;
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
                let failed = TableEvent::Failed(table, error.to_string());
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
