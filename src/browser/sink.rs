//! Where a large file goes that is written piece by piece: four roads to the disk, the best of them first.
//!
//! | road | what it needs | what is left of a file that broke off |
//! | --- | --- | --- |
//! | [`Road::Picker`] | a save dialog for pages (Chromium) | nothing |
//! | [`Road::Download`] | a service worker and streams that can be handed over; not Safari | a download that failed |
//! | [`Road::Kept`] | the origin's own files (OPFS): twice the room, and it goes on after the tab was closed | pieces, to go on with |
//! | [`Road::Memory`] | nothing: the browser gathers it | nothing |
//!
//! Source: File System Access and File System (<https://fs.spec.whatwg.org/>), Service Workers.

mod folder;
mod kept;
mod service_worker;

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use waybill_core::workflow::save::Road;

use super::disk::{self, FileOnDisk};
use super::download::Download;
use folder::Folder;
use kept::Kept;
use service_worker::Handed;

/// So many bytes may wait for the disk (8 MiB); then whoever brings more waits.
const WAITING: u64 = 8 << 20;

/// The best road that this browser has.
pub async fn best() -> Road {
    if disk::is_there() {
        Road::Picker
    } else if service_worker::is_there() {
        Road::Download
    } else if kept::is_there().await {
        Road::Kept
    } else {
        Road::Memory
    }
}

/// Tells whether this browser lets a page write into a folder.
#[must_use]
pub fn has_folders() -> bool {
    folder::is_there()
}

/// A file, or a folder of files, that is being written. Where it is dropped before it is [closed](Self::close), nothing
/// of it is under its name.
#[derive(Debug)]
pub enum Sink {
    /// Of a save dialog.
    Picker(FileOnDisk),
    /// Of a service worker.
    Download(Handed),
    /// In the origin's own files.
    Kept(Kept),
    /// In memory, and the name it will have.
    Memory(Download, String),
    /// A folder.
    Folder(Folder),
}

impl Sink {
    /// Opens a file of that name and size by a road, or by the next one where the browser does not keep its word.
    /// `key` tells what is in it: what was kept of another one is put away. It has to follow a press of somebody.
    ///
    /// # Errors
    ///
    /// Fails where the browser refuses or has too little room, with words; without any where somebody chose no place.
    pub async fn open(
        road: Road,
        name: &str,
        size: u64,
        key: &str,
    ) -> Result<Self, Option<String>> {
        match road {
            Road::Picker => disk::ask(name).await.map(Self::Picker),
            Road::Download => match Handed::open(name, size).await {
                Ok(handed) => Ok(Self::Download(handed)),
                Err(_) if kept::is_there().await => Kept::open(name, size, key)
                    .await
                    .map(Self::Kept)
                    .map_err(Some),
                Err(_) => Ok(Self::Memory(Download::default(), name.to_owned())),
            },
            Road::Kept => Kept::open(name, size, key)
                .await
                .map(Self::Kept)
                .map_err(Some),
            Road::Memory => Ok(Self::Memory(Download::default(), name.to_owned())),
        }
    }

    /// Asks for a folder, which has to follow a press of somebody.
    ///
    /// # Errors
    ///
    /// Fails where the browser refuses or the folder is not empty, with words; without any where somebody chose none.
    pub async fn open_folder() -> Result<Self, Option<String>> {
        Folder::ask().await.map(Self::Folder)
    }

    /// How many bytes are there from before: the writing goes on behind them.
    #[must_use]
    pub fn begun(&self) -> u64 {
        match self {
            Self::Kept(kept) => kept.begun(),
            Self::Picker(_) | Self::Download(_) | Self::Memory(..) | Self::Folder(_) => 0,
        }
    }

    /// Reads a part of what is there from before.
    ///
    /// # Errors
    ///
    /// Fails where it cannot be read, with the browser's words.
    pub async fn read(&self, from: u64, length: u64) -> Result<Vec<u8>, String> {
        match self {
            Self::Kept(kept) => kept.read(from, length).await.map(|bytes| bytes.to_vec()),
            Self::Picker(_) | Self::Download(_) | Self::Memory(..) | Self::Folder(_) => {
                Ok(Vec::new())
            }
        }
    }

    /// Begins the next file of a folder.
    ///
    /// # Errors
    ///
    /// Fails where the browser refuses, with its words.
    pub async fn next_file(&mut self, name: &str) -> Result<(), String> {
        match self {
            Self::Folder(folder) => folder.next_file(name).await,
            Self::Picker(_) | Self::Download(_) | Self::Kept(_) | Self::Memory(..) => Ok(()),
        }
    }

    /// Writes bytes of the page's own.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub async fn write_own(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.write(&Uint8Array::from(bytes)).await
    }

    /// Writes the next bytes, and waits while many wait for the disk.
    ///
    /// # Errors
    ///
    /// Fails where the browser does not write, such as for want of room, with its words.
    pub async fn write(&mut self, bytes: &Uint8Array) -> Result<(), String> {
        match self {
            Self::Picker(file) => {
                file.write(bytes);
                file.room(WAITING).await
            }
            Self::Download(handed) => {
                handed.file.write(bytes);
                handed.file.room(WAITING).await
            }
            Self::Kept(kept) => kept.write(bytes).await,
            Self::Memory(download, _) => {
                download.add(bytes);
                Ok(())
            }
            Self::Folder(folder) => folder.write(bytes).await,
        }
    }

    /// Ends the file: all of it is under its name then, or on its way there as a download.
    ///
    /// # Errors
    ///
    /// Fails where the browser did not write all of it, with its words; nothing of it is there then.
    pub async fn close(mut self) -> Result<(), String> {
        match &mut self {
            Self::Picker(file) => file.close().await,
            Self::Download(handed) => handed.file.close().await,
            Self::Kept(kept) => kept.close().await,
            Self::Memory(download, name) => download
                .save(name)
                .map_err(|_| "the browser could not hold all of it".to_owned()),
            Self::Folder(folder) => folder.close().await,
        }
    }

    /// Puts away what is kept to go on with.
    pub async fn discard(self) {
        if let Self::Kept(kept) = self {
            kept.discard().await;
        }
    }
}

/// Whether the global object has something of that name.
fn has(name: &str) -> bool {
    Reflect::has(&js_sys::global(), &name.into()).unwrap_or(false)
}

/// A member of an object; undefined where it has none.
fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}
