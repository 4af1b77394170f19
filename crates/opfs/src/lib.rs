//! What the page's workers write, on the disk that the browser gives the page (OPFS): what an archive unpacks to, layers
//! that were compressed anew.
//!
//! Each file has the name of a lock that its page holds as long as it lives, so that what a page left behind is
//! removed before anything else is written. Where the browser gives no disk, little is kept in memory.
//!
//! Source: File System (<https://fs.spec.whatwg.org/>), Web Locks (<https://w3c.github.io/web-locks/>).

use js_sys::{Array, AsyncIterator, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DedicatedWorkerGlobalScope, FileSystemDirectoryHandle, FileSystemFileHandle,
    FileSystemGetDirectoryOptions, FileSystemGetFileOptions, FileSystemSyncAccessHandle,
    StorageManager, WorkerNavigator,
};

/// The folder.
const FOLDER: &str = "unpacked";
/// How much is kept where there is no disk, in bytes (256 MiB).
const MEMORY: u64 = 256 << 20;
/// What is to be left free, in bytes (16 MiB): browsers count more than the bytes of files.
pub const SPARE: u64 = 16 << 20;

/// The folder of what workers wrote; of none where the browser gives the page no disk: not on https, or in a private
/// window of some.
#[derive(Debug)]
pub struct Folder(Option<FileSystemDirectoryHandle>);

impl Folder {
    /// Opens it, and removes what no page needs any more.
    pub async fn open() -> Self {
        let folder = folder().await;
        if let Some(folder) = &folder {
            sweep(folder).await;
        }
        Self(folder)
    }

    /// Whether there is a disk.
    #[must_use]
    pub fn is_on_disk(&self) -> bool {
        self.0.is_some()
    }

    /// How many bytes may be written into it, as far as the browser says.
    pub async fn free(&self) -> Option<u64> {
        match self.0 {
            Some(_) => free().await,
            None => Some(MEMORY),
        }
    }

    /// Begins a file. Its name is that of a lock that the page holds as long as it needs the file.
    ///
    /// # Errors
    ///
    /// Fails where the browser refuses, with what it threw.
    pub async fn create(&self, name: &str) -> Result<File, JsValue> {
        match &self.0 {
            Some(folder) => File::on_disk(folder, name).await,
            None => Ok(File::Memory(Array::new())),
        }
    }
}

/// Why a file was not written to its end.
#[derive(Debug)]
pub enum Full {
    /// There is no room for more.
    NoRoom,
    /// The browser refuses, in its words.
    Refused(String),
}

/// A file that is written from its beginning to its end.
#[derive(Debug)]
pub enum File {
    /// On the disk.
    Disk(FileSystemFileHandle, FileSystemSyncAccessHandle),
    /// In pieces in memory, since there is no disk.
    Memory(Array),
}

impl File {
    async fn on_disk(folder: &FileSystemDirectoryHandle, name: &str) -> Result<Self, JsValue> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let file = done(folder.get_file_handle_with_options(name, &options)).await?;
        let file: FileSystemFileHandle = file.unchecked_into();
        let access = done(file.create_sync_access_handle()).await?;
        Ok(Self::Disk(file, access.unchecked_into()))
    }

    /// Writes the next bytes; `end` is how many there are with them.
    ///
    /// # Errors
    ///
    /// Fails where there is no room for them, or the browser refuses.
    pub fn write(&mut self, bytes: &[u8], end: u64) -> Result<(), Full> {
        match self {
            Self::Disk(_, access) => {
                let mut rest = bytes;
                while !rest.is_empty() {
                    let written = access
                        .write_with_u8_array(rest)
                        .map_err(|thrown| full(&thrown))?;
                    #[allow(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "it is at most the length of the bytes"
                    )]
                    let written = written as usize;
                    // A disk that takes nothing is full.
                    rest = rest
                        .get(written..)
                        .filter(|_| written > 0)
                        .ok_or(Full::NoRoom)?;
                }
            }
            Self::Memory(_) if end > MEMORY => return Err(Full::NoRoom),
            Self::Memory(pieces) => {
                pieces.push(&Uint8Array::from(bytes));
            }
        }
        Ok(())
    }

    /// Ends it without its end. What is there is to be [removed](remove).
    pub fn close(&self) {
        if let Self::Disk(_, access) = self {
            access.close();
        }
    }

    /// Ends it, and gives it as a `Blob` or `File` of the browser.
    ///
    /// # Errors
    ///
    /// Fails where the browser refuses, with what it threw.
    pub async fn finish(self) -> Result<JsValue, JsValue> {
        self.close();
        match self {
            Self::Disk(file, _) => done(file.get_file()).await,
            Self::Memory(pieces) => Blob::new_with_u8_array_sequence(&pieces).map(JsValue::from),
        }
    }
}

fn full(thrown: &JsValue) -> Full {
    let name = Reflect::get(thrown, &"name".into()).ok();
    match name.and_then(|name| name.as_string()) {
        Some(name) if name == "QuotaExceededError" => Full::NoRoom,
        Some(_) | None => Full::Refused(words(thrown)),
    }
}

/// What was thrown, in the browser's words.
#[must_use]
pub fn words(thrown: &JsValue) -> String {
    let message = Reflect::get(thrown, &"message".into()).ok();
    let message = message.and_then(|message| message.as_string());
    message.unwrap_or_else(|| "the browser does not say why".to_owned())
}

/// Removes what was written under a name. What cannot be is found by the next
/// [`Folder::open`].
pub async fn remove(name: &str) {
    if let Some(folder) = folder().await {
        let _ = done(folder.remove_entry(name)).await;
    }
}

/// Removes what nobody holds any more.
async fn sweep(folder: &FileSystemDirectoryHandle) {
    let Some(held) = locks().await else { return };
    let locks = ["held", "pending"].into_iter().flat_map(|state| {
        let locks = Reflect::get(&held, &state.into()).unwrap_or_default();
        Array::from(&locks).to_vec()
    });
    let locks: Vec<JsValue> = locks
        .filter_map(|lock| Reflect::get(&lock, &"name".into()).ok())
        .collect();
    let names: AsyncIterator = folder.keys();
    let mut left = Vec::new();
    while let Ok(next) = names.next() {
        let Ok(next) = JsFuture::from(next).await else {
            break;
        };
        let name = Reflect::get(&next, &"value".into()).unwrap_or_default();
        let Some(text) = name.as_string() else { break };
        if !locks.contains(&name) {
            left.push(text);
        }
    }
    for name in left {
        let _ = done(folder.remove_entry(&name)).await;
    }
}

/// The locks of all pages of this site; `None` where the browser has none.
async fn locks() -> Option<JsValue> {
    let locks = Reflect::get(&navigator(), &"locks".into()).ok()?;
    let query: Function = Reflect::get(&locks, &"query".into())
        .ok()?
        .dyn_into()
        .ok()?;
    done(query.call0(&locks).ok()?.unchecked_into()).await.ok()
}

/// The folder; `None` where the browser gives the page no disk.
async fn folder() -> Option<FileSystemDirectoryHandle> {
    let top = done(storage()?.get_directory()).await.ok()?;
    let top: FileSystemDirectoryHandle = top.unchecked_into();
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    let folder = done(top.get_directory_handle_with_options(FOLDER, &options)).await;
    folder.ok().map(JsCast::unchecked_into)
}

/// How many bytes the browser still gives; `None` where it does not say.
async fn free() -> Option<u64> {
    let estimate = done(storage()?.estimate().ok()?).await.ok()?;
    let number = |name: &str| Reflect::get(&estimate, &name.into()).ok()?.as_f64();
    let free = number("quota")? - number("usage").unwrap_or_default();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is cut to what a number of bytes can be"
    )]
    Some(free.max(0.0) as u64)
}

fn navigator() -> WorkerNavigator {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    scope.navigator()
}

/// What the browser keeps things with; `None` on plain http, where it has nothing.
fn storage() -> Option<StorageManager> {
    let storage = Reflect::get(&navigator(), &"storage".into()).ok()?;
    let has = Reflect::has(&storage, &"getDirectory".into()).ok()?;
    has.then(|| storage.unchecked_into())
}

async fn done(promise: Promise) -> Result<JsValue, JsValue> {
    JsFuture::from(promise).await
}
