//! One worker that reads an archive: `crates/archive-worker`, a program of its own.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use waybill_blobs::archive::message::Command;
use web_sys::Blob;

use super::Said;
use crate::browser::workers::text_thread::TextThread;
use crate::browser::workers::thread::ARCHIVE;

/// A worker that runs. Where it is dropped, it ends.
pub(super) struct Thread(TextThread);

impl Thread {
    /// Starts one; `hear` hears what it says, and the file beside that. Else the browser's words.
    pub(super) fn start(hear: impl Fn(Said, Option<Blob>) + 'static) -> Result<Self, String> {
        let heard = move |said: Result<(String, JsValue), String>| match said {
            Ok((text, file)) => {
                if let Ok(event) = serde_json::from_str(&text) {
                    hear(Said::Event(event), file.dyn_into().ok());
                }
            }
            Err(why) => hear(Said::Stopped(why), None),
        };
        TextThread::start(ARCHIVE, "reads archives", heard).map(Self)
    }

    /// Tells it something, with files beside it.
    pub(super) fn post(&self, command: &Command, files: impl IntoIterator<Item = Blob>) {
        // There is no map in it whose key is no text.
        let text = serde_json::to_string(command).unwrap_or_default();
        let files = files.into_iter().map(JsValue::from);
        self.0.post(&text, files, &Array::new());
    }
}
