//! What was unpacked, on the disk that the browser gives the page (OPFS).
//!
//! Each file has the name of a lock that its page holds as long as it lives, so that what a page left behind is
//! removed before anything else is unpacked. Where the browser gives no disk, little is unpacked into memory.

use js_sys::{Array, AsyncIterator, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use waybill_blobs::archive::Outer;
use waybill_blobs::archive::message::Failure;
use web_sys::{
    Blob, DedicatedWorkerGlobalScope, FileReaderSync, FileSystemDirectoryHandle,
    FileSystemFileHandle, FileSystemGetDirectoryOptions, FileSystemGetFileOptions,
    FileSystemSyncAccessHandle, StorageManager, WorkerNavigator,
};

use crate::Teller;
use crate::source::{failed, read, size, words};

/// The folder of what was unpacked.
const FOLDER: &str = "unpacked";
/// How much is read and written at once, in bytes (1 MiB).
const PIECE: u64 = 1 << 20;
/// How much is unpacked at once, so that what comes of it is held to what went in.
const PUSHED: usize = 64 << 10;
/// How much is unpacked where there is no disk, in bytes (256 MiB).
const MEMORY: u64 = 256 << 20;
/// What is left free, in bytes (16 MiB): browsers count more than the bytes of files.
const SPARE: u64 = 16 << 20;

/// Unpacks a file, and gives what came of it as a file.
pub(crate) async fn unpack(packed: &Blob, name: &str, teller: &Teller) -> Result<JsValue, Failure> {
    let reader = FileReaderSync::new().map_err(|thrown| failed(&thrown))?;
    let needed = needed(&reader, packed)?;
    let folder = folder().await;
    let free = match &folder {
        Some(folder) => {
            sweep(folder).await;
            free().await
        }
        None => Some(MEMORY),
    };
    let least = needed.unwrap_or_else(|| size(packed));
    if let Some(free) = free
        && least.saturating_add(SPARE) > free
    {
        let free = folder.is_some().then_some(free);
        return Err(Failure::NoRoom { free, needed });
    }
    let mut sink = match &folder {
        Some(folder) => Sink::disk(folder, name)
            .await
            .map_err(|thrown| failed(&thrown))?,
        None => Sink::Memory(Array::new()),
    };
    let unpacked = pour(&reader, packed, &mut sink, teller);
    let done = match unpacked {
        Ok(()) => sink.finish().await.map_err(|thrown| failed(&thrown)),
        Err(Full::NoRoom) => {
            sink.close();
            let free = folder.is_some().then_some(free).flatten();
            Err(Failure::NoRoom { free, needed: None })
        }
        Err(Full::Failed(failure)) => {
            sink.close();
            Err(failure)
        }
    };
    if done.is_err() {
        remove(name).await;
    }
    done
}

/// Why a file was not unpacked to its end.
enum Full {
    NoRoom,
    Failed(Failure),
}

fn pour(
    reader: &FileReaderSync,
    packed: &Blob,
    sink: &mut Sink,
    teller: &Teller,
) -> Result<(), Full> {
    let mut outer = Outer::new();
    let of = size(packed);
    let (mut position, mut unpacked) = (0, 0_u64);
    let mut gathered = Vec::new();
    let failed = |why: String| Full::Failed(Failure::Other(why));
    while position < of {
        let next = of.min(position + PIECE);
        let bytes =
            read(reader, packed, position..next).map_err(|error| Full::Failed(error.into()))?;
        for piece in bytes.chunks(PUSHED) {
            let pushed = outer.push(piece, &mut |bytes| gathered.extend_from_slice(bytes));
            pushed.map_err(|error| failed(error.to_string()))?;
            if gathered.len() as u64 >= PIECE {
                unpacked += gathered.len() as u64;
                sink.write(&gathered, unpacked)?;
                gathered.clear();
            }
        }
        position = next;
        teller.progress(position, of, unpacked);
    }
    let ended = outer.finish(&mut |bytes| gathered.extend_from_slice(bytes));
    ended.map_err(|error| failed(error.to_string()))?;
    sink.write(&gathered, unpacked + gathered.len() as u64)
}

/// How many bytes a gzip file says that it unpacks to: its last four, which are right below 4 GiB and less above, so
/// what is packed is never more. Zstandard may say it in its first bytes, and most writers of streams do not.
fn needed(reader: &FileReaderSync, packed: &Blob) -> Result<Option<u64>, Failure> {
    let length = size(packed);
    if length < 18 {
        return Ok(None);
    }
    let first = read(reader, packed, 0..2)?;
    if first != [0x1f, 0x8b] {
        return Ok(None);
    }
    let last = read(reader, packed, length - 4..length)?;
    let last: [u8; 4] = last.try_into().unwrap_or_default();
    Ok(Some(u64::from(u32::from_le_bytes(last))).filter(|unpacked| *unpacked > length))
}

/// Where unpacked bytes go.
enum Sink {
    Disk(FileSystemFileHandle, FileSystemSyncAccessHandle),
    Memory(Array),
}

impl Sink {
    async fn disk(folder: &FileSystemDirectoryHandle, name: &str) -> Result<Self, JsValue> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let file = done(folder.get_file_handle_with_options(name, &options)).await?;
        let file: FileSystemFileHandle = file.unchecked_into();
        let access = done(file.create_sync_access_handle()).await?;
        Ok(Self::Disk(file, access.unchecked_into()))
    }

    /// Writes the next bytes; `end` is how many there are with them.
    fn write(&mut self, bytes: &[u8], end: u64) -> Result<(), Full> {
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

    fn close(&self) {
        if let Self::Disk(_, access) = self {
            access.close();
        }
    }

    async fn finish(self) -> Result<JsValue, JsValue> {
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
        Some(_) | None => Full::Failed(Failure::Other(words(thrown))),
    }
}

/// Removes what was unpacked under a name. What cannot be is found by the next [`sweep`].
pub(crate) async fn remove(name: &str) {
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

/// The folder of what was unpacked; `None` where the browser gives the page no disk: not on https, or in a private
/// window of some.
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
