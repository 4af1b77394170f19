//! Saving bytes as a file.

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, FileReader, HtmlAnchorElement, Url};

/// Saves `bytes` as a file of that name, as the browser saves a download. Fails where the browser refuses.
pub fn save(name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    save_blob(name, &blob(bytes, "application/octet-stream")?)
}

fn blob(bytes: &[u8], media_type: &str) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_u8_array_sequence_and_options(&Array::of1(&Uint8Array::from(bytes)), &options)
}

/// Saves a blob as a file of that name, as the browser saves a download. Fails where the browser refuses.
pub(super) fn save_blob(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let document = web_sys::window()
        .and_then(|window| window.document())
        .ok_or(JsValue::NULL)?;
    let url = Url::create_object_url_with_blob(blob)?;
    let anchor: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    Url::revoke_object_url(&url)
}

/// A file that comes piece by piece, to be saved once it is whole: the browser holds it, where it likes to.
#[derive(Debug, Default)]
pub struct Download {
    parts: Array,
    /// Whether the browser took each of them.
    failed: bool,
}

impl Download {
    /// Adds the next bytes, which need not come through the memory of this program.
    pub fn add(&mut self, bytes: &Uint8Array) {
        match Blob::new_with_u8_array_sequence(&Array::of1(bytes)) {
            Ok(part) => {
                self.parts.push(&part);
            }
            Err(_) => self.failed = true,
        }
    }

    /// Saves all of it as a file of that name. Fails where the browser refuses.
    pub fn save(&self, name: &str) -> Result<(), JsValue> {
        if self.failed {
            return Err(JsValue::NULL);
        }
        // Without a type a browser looks for one in the bytes, and gives the name an ending of its own.
        let options = BlobPropertyBag::new();
        options.set_type("application/octet-stream");
        let whole = Blob::new_with_blob_sequence_and_options(&self.parts, &options)?;
        save_blob(name, &whole)
    }
}

/// Makes an address that holds the bytes themselves (`data:`), away from the page; `None` where the browser refuses.
pub async fn address_of(bytes: &[u8], media_type: &str) -> Option<String> {
    let blob = blob(bytes, media_type).ok()?;
    let reader = FileReader::new().ok()?;
    let asked = reader.clone();
    let read = Promise::new(&mut |resolve, _| {
        asked.set_onloadend(Some(&resolve));
        let _ = asked.read_as_data_url(&blob);
    });
    JsFuture::from(read).await.ok()?;
    reader.result().ok()?.as_string()
}
