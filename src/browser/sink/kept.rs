//! A file in pieces among the origin's own files, until it is whole: then the browser saves it as a download.
//!
//! Each piece is a file of its own, since a browser shows what is written of one only once it is closed. So a tab that
//! was closed, or a browser that ended, loses at most the last piece. A blob of all of them costs no copy.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use waybill_core::humanize;
use web_sys::{Blob, BlobPropertyBag};

use super::{WAITING, member};
use crate::browser::disk::{FileOnDisk, call, opened};
use crate::browser::download::save_blob;
use crate::browser::workers::thread::words;

/// How many bytes a piece has (8 MiB).
const PIECE: u64 = 8 << 20;
/// The folder of what is being saved, and in it a folder for each file.
const FOLDER: &str = "waybill-saving";
/// The mark of a file that is whole, and may be put away.
const WHOLE: &str = "whole";

/// Tells whether the browser has files of the origin's own that a page may write.
pub(super) async fn is_there() -> bool {
    let handle = member(&js_sys::global(), "FileSystemFileHandle");
    let prototype = member(&handle, "prototype");
    !member(&prototype, "createWritable").is_undefined() && root().await.is_ok()
}

fn storage() -> JsValue {
    member(&member(&js_sys::global(), "navigator"), "storage")
}

/// The folder of what is being saved.
async fn root() -> Result<JsValue, JsValue> {
    let root = opened(call(&storage(), "getDirectory", &Array::new())).await?;
    directory(&root, FOLDER).await
}

async fn directory(folder: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    let arguments = Array::of2(&name.into(), &create());
    opened(call(folder, "getDirectoryHandle", &arguments)).await
}

fn create() -> Object {
    let options = Object::new();
    // An object of ours takes any value.
    let _ = Reflect::set(&options, &"create".into(), &true.into());
    options
}

async fn names(folder: &JsValue) -> Result<Vec<String>, JsValue> {
    let keys: js_sys::Function = member(folder, "keys").dyn_into()?;
    let keys = Reflect::apply(&keys, folder, &Array::new())?;
    let mut names = Vec::new();
    loop {
        let next = opened(call(&keys, "next", &Array::new())).await?;
        if member(&next, "done").is_truthy() {
            return Ok(names);
        }
        names.extend(member(&next, "value").as_string());
    }
}

async fn remove(folder: &JsValue, name: &str) -> Result<(), JsValue> {
    let options = Object::new();
    let _ = Reflect::set(&options, &"recursive".into(), &true.into());
    let arguments = Array::of2(&name.into(), &options);
    opened(call(folder, "removeEntry", &arguments))
        .await
        .map(|_| ())
}

/// The file of a name, to be read.
async fn file(folder: &JsValue, name: &str) -> Result<Blob, JsValue> {
    let handle = opened(call(folder, "getFileHandle", &Array::of1(&name.into()))).await?;
    let file = opened(call(&handle, "getFile", &Array::new())).await?;
    Ok(file.unchecked_into())
}

/// The name of a piece.
fn piece_name(number: usize) -> String {
    format!("{number:08}")
}

/// A file that is being kept.
#[derive(Debug)]
pub struct Kept {
    root: JsValue,
    folder: JsValue,
    key: String,
    name: String,
    begun: u64,
    /// How many pieces are whole.
    pieces: usize,
    piece: Option<(FileOnDisk, u64)>,
}

impl Kept {
    /// Opens what was kept of that file, or begins it. What was kept of others is put away.
    pub(super) async fn open(name: &str, size: u64, key: &str) -> Result<Self, String> {
        let opened = Self::find(name, key).await;
        let kept = opened.map_err(|thrown| words(&thrown))?;
        let left = size.saturating_sub(kept.begun);
        match room().await {
            Some(room) if room < left => Err([
                "The browser gives this page room for ",
                &humanize::size(room),
                " more, and ",
                &humanize::size(left),
                " are needed: ",
                &humanize::size(left - room),
                " are missing",
            ]
            .concat()),
            Some(_) | None => Ok(kept),
        }
    }

    async fn find(name: &str, key: &str) -> Result<Self, JsValue> {
        let root = root().await?;
        for other in names(&root).await? {
            let is_whole = other == key
                && names(&directory(&root, &other).await?)
                    .await?
                    .iter()
                    .any(|it| it == WHOLE);
            if other != key || is_whole {
                remove(&root, &other).await?;
            }
        }
        let folder = directory(&root, key).await?;
        let mut known = names(&folder).await?;
        known.sort();
        let mut pieces = 0;
        for own in known {
            let is_next = own == piece_name(pieces);
            #[allow(
                clippy::cast_precision_loss,
                clippy::float_cmp,
                reason = "both are whole and small"
            )]
            if is_next && file(&folder, &own).await?.size() == PIECE as f64 {
                pieces += 1;
            } else {
                remove(&folder, &own).await?;
            }
        }
        Ok(Self {
            begun: pieces as u64 * PIECE,
            root,
            folder,
            key: key.to_owned(),
            name: name.to_owned(),
            pieces,
            piece: None,
        })
    }

    pub(super) fn begun(&self) -> u64 {
        self.begun
    }

    /// Reads what is kept: from any byte on, as much as one piece has of it and no more than so many bytes.
    pub(super) async fn read(&self, from: u64, length: u64) -> Result<Uint8Array, String> {
        let number = usize::try_from(from / PIECE).unwrap_or(usize::MAX);
        let read = async {
            let piece = file(&self.folder, &piece_name(number)).await?;
            let start = from % PIECE;
            let end = PIECE.min(start + length);
            #[allow(clippy::cast_precision_loss, reason = "a piece is small")]
            let part = piece.slice_with_f64_and_f64(start as f64, end as f64)?;
            let bytes = JsFuture::from(part.array_buffer()).await?;
            Ok(Uint8Array::new(&bytes))
        };
        read.await.map_err(|thrown: JsValue| words(&thrown))
    }

    pub(super) async fn write(&mut self, bytes: &Uint8Array) -> Result<(), String> {
        let mut from = 0;
        while from < bytes.length() {
            let (file, filled) = match self.piece.take() {
                Some(piece) => piece,
                None => (self.begin(&piece_name(self.pieces)).await?, 0),
            };
            let room = u32::try_from(PIECE - filled).unwrap_or(u32::MAX);
            let part = bytes.subarray(from, from.saturating_add(room));
            file.write(&part);
            from += part.length();
            let filled = filled + u64::from(part.length());
            if filled == PIECE {
                file.close().await?;
                self.pieces += 1;
            } else {
                file.room(WAITING).await?;
                self.piece = Some((file, filled));
            }
        }
        Ok(())
    }

    async fn begin(&self, name: &str) -> Result<FileOnDisk, String> {
        let begun = async {
            let arguments = Array::of2(&name.into(), &create());
            let handle = opened(call(&self.folder, "getFileHandle", &arguments)).await?;
            FileOnDisk::of(&handle).await
        };
        begun.await.map_err(|thrown| words(&thrown))
    }

    /// Has the browser save all pieces as one file. They stay until the next one is saved, or the page is opened
    /// again: nobody tells when a download has read them.
    pub(super) async fn close(&mut self) -> Result<(), String> {
        if let Some((file, _)) = self.piece.take() {
            file.close().await?;
            self.pieces += 1;
        }
        let save = async {
            let parts = Array::<JsValue>::new();
            for number in 0..self.pieces {
                let piece: JsValue = file(&self.folder, &piece_name(number)).await?.into();
                parts.push(&piece);
            }
            let options = BlobPropertyBag::new();
            options.set_type("application/octet-stream");
            let whole = Blob::new_with_blob_sequence_and_options(&parts, &options)?;
            save_blob(&self.name, &whole)
        };
        save.await.map_err(|thrown: JsValue| words(&thrown))?;
        self.begin(WHOLE).await?.close().await
    }

    /// Puts all of it away.
    pub(super) async fn discard(mut self) {
        self.piece = None;
        // What cannot be removed now is removed before the next one.
        let _ = remove(&self.root, &self.key).await;
    }
}

/// How many bytes more the browser lets the page keep; `None` where it does not say.
async fn room() -> Option<u64> {
    let told = opened(call(&storage(), "estimate", &Array::new()))
        .await
        .ok()?;
    let number = |name| member(&told, name).as_f64();
    let room = number("quota")? - number("usage")?;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a number of bytes"
    )]
    Some(room.max(0.0) as u64)
}
