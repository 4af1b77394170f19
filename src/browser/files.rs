//! Manifests that are pasted or dropped anywhere on the page.

use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Event, File};

/// Bytes that a person gave to the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The file's name, or what to call the text.
    pub name: String,
    /// The bytes.
    pub bytes: Rc<[u8]>,
    /// Whether these are the bytes of a file; text may have been changed on its way through the clipboard.
    pub exact: bool,
}

/// What a drop or a paste carries.
#[must_use]
pub fn transfer(event: &Event) -> Option<DataTransfer> {
    match event.dyn_ref::<ClipboardEvent>() {
        Some(paste) => paste.clipboard_data(),
        None => event.dyn_ref::<DragEvent>()?.data_transfer(),
    }
}

/// The first file of a drop or a paste.
#[must_use]
pub fn first_file(transfer: Option<DataTransfer>) -> Option<File> {
    transfer?.files()?.get(0)
}

/// The pasted text, where it is a manifest; a one-line input would lose its line ends.
#[must_use]
pub fn pasted_manifest(event: &Event) -> Option<Given> {
    let text = transfer(event)?.get_data("text/plain").ok()?;
    let is_manifest = matches!(waybill_core::input::understand(&text), Ok(waybill_core::input::Input::Manifest));
    is_manifest.then(|| Given { name: "The pasted text".into(), bytes: text.into_bytes().into(), exact: false })
}

/// The bytes of a file.
pub async fn read(file: File) -> Option<Given> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(Given { name: file.name(), bytes: Uint8Array::new(&buffer).to_vec().into(), exact: true })
}
