//! One worker that reads an archive: `crates/archive-worker`, a program of its own.

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use waybill_blobs::archive::message::{Command, Event};
use web_sys::Blob;

use super::Said;
use crate::browser::workers::message_thread::{MessageThread, read};
use crate::browser::workers::thread::ARCHIVE;

/// A worker that runs. Where it is dropped, it ends.
pub(super) struct Thread(MessageThread);

impl Thread {
    /// Starts one; `hear` hears what it says, and the file beside that. Else the browser's words.
    pub(super) fn start(hear: impl Fn(Said, Option<Blob>) + 'static) -> Result<Self, String> {
        let heard = move |said: Result<JsValue, String>| match said.map(|said| read(&said)) {
            Ok((text, file)) => match serde_json::from_str(&text) {
                Ok(Event::Ready) | Err(_) => {}
                Ok(event) => hear(Said::Event(event), file.dyn_into().ok()),
            },
            Err(why) => hear(Said::Stopped(why), None),
        };
        MessageThread::start(ARCHIVE, "reads archives", Rc::new(heard)).map(Self)
    }

    /// Tells it something, with files beside it.
    pub(super) fn post(&self, command: &Command, files: impl IntoIterator<Item = Blob>) {
        // There is no map in it whose key is no text.
        let text = serde_json::to_string(command).unwrap_or_default();
        let files = files.into_iter().map(JsValue::from);
        self.0.post(&text, files, &Array::new());
    }
}
