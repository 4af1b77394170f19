//! Files of the browser as a source of bytes.

use std::cell::RefCell;
use std::ops::Range;

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use waybill_blobs::archive::message::Failure;
use waybill_blobs::archive::{Files, FolderFile, ReadError, Source};
use web_sys::{Blob, FileReaderSync};

use crate::Teller;

/// What somebody gave to the page: a file, or the files of a folder.
pub(crate) struct Given {
    blobs: Vec<Blob>,
    files: Files,
    reader: FileReaderSync,
    /// Who hears how far the headers are read; nobody once they were.
    opening: RefCell<Option<Teller>>,
}

impl Given {
    pub(crate) fn new(blobs: Vec<Blob>, paths: Option<Vec<String>>) -> Result<Self, Failure> {
        let reader = FileReaderSync::new().map_err(|thrown| failed(&thrown))?;
        let files = match paths {
            Some(paths) => Files::Folder(
                paths
                    .into_iter()
                    .zip(&blobs)
                    .map(|(path, blob)| FolderFile {
                        path: path.into_bytes(),
                        size: size(blob),
                    })
                    .collect(),
            ),
            None => Files::One(blobs.first().map_or(0, size)),
        };
        Ok(Self {
            blobs,
            files,
            reader,
            opening: RefCell::default(),
        })
    }

    pub(crate) fn is_opening(&self, teller: &Teller) {
        self.opening.replace(Some(teller.clone()));
    }

    pub(crate) fn is_open(&self) {
        self.opening.take();
    }
}

impl Source for Given {
    fn files(&self) -> Files {
        self.files.clone()
    }

    async fn read(&self, file: usize, range: Range<u64>) -> Result<Vec<u8>, ReadError> {
        if let (Some(teller), Files::One(size)) = (&*self.opening.borrow(), &self.files) {
            teller.progress(range.start, *size, 0);
        }
        let blob = self.blobs.get(file).ok_or(ReadError::Changed)?;
        read(&self.reader, blob, range)
    }
}

/// How many bytes a file has.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a size is a whole number below 2^53"
)]
pub(crate) fn size(blob: &Blob) -> u64 {
    blob.size() as u64
}

/// Reads a range of a file.
#[allow(clippy::cast_precision_loss, reason = "no file has 2^53 bytes")]
pub(crate) fn read(
    reader: &FileReaderSync,
    blob: &Blob,
    range: Range<u64>,
) -> Result<Vec<u8>, ReadError> {
    let part = blob.slice_with_f64_and_f64(range.start as f64, range.end as f64);
    let read = part.and_then(|part| reader.read_as_array_buffer(&part));
    let bytes = read.map_err(|thrown| {
        let name = Reflect::get(&thrown, &"name".into()).ok();
        let name = name.and_then(|name| name.as_string()).unwrap_or_default();
        // What was given is a snapshot: a browser reads no other file in its place.
        if name == "NotReadableError" || name == "NotFoundError" {
            ReadError::Changed
        } else {
            ReadError::Failed(waybill_opfs::words(&thrown))
        }
    })?;
    Ok(Uint8Array::new(&bytes).to_vec())
}

pub(crate) fn failed(thrown: &JsValue) -> Failure {
    Failure::Other(waybill_opfs::words(thrown))
}
