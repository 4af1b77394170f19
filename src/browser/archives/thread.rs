//! One worker that reads an archive: `crates/archive-worker`, a program of its own.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use waybill_blobs::archive::message::{Command, Event};
use web_sys::{Blob, MessageEvent, Worker};

use super::Said;
use crate::browser::workers::thread;

/// A worker that runs. Where it is dropped, it ends.
pub(super) struct Thread {
    worker: Worker,
    /// What it is told once it hears; `None` when it does.
    waiting: Rc<RefCell<Option<Vec<Array>>>>,
    _listeners: [EventListener; 2],
}

impl Thread {
    /// Starts one; `hear` hears what it says, and the file beside that. Else the browser's words.
    pub(super) fn start(hear: impl Fn(Said, Option<Blob>) + 'static) -> Result<Self, String> {
        let address = thread::address(thread::ARCHIVE);
        let address = address.ok_or("this page was built without what reads archives")?;
        let worker = thread::create(&address).map_err(|thrown| thread::words(&thrown))?;
        let hear = Rc::new(hear);
        let waiting = Rc::new(RefCell::new(Some(Vec::<Array>::new())));
        let (waits, hears, tell) = (Rc::clone(&waiting), worker.clone(), Rc::clone(&hear));
        let heard = EventListener::new(&worker, "message", move |event| {
            let message: Array = event
                .unchecked_ref::<MessageEvent>()
                .data()
                .unchecked_into();
            let text = message.get(0).as_string().unwrap_or_default();
            let Ok(event) = serde_json::from_str(&text) else {
                return;
            };
            if matches!(event, Event::Ready) {
                for message in waits.take().unwrap_or_default() {
                    // Texts and files can be sent.
                    let _ = hears.post_message(&message);
                }
                return;
            }
            tell(Said::Event(event), message.get(1).dyn_into().ok());
        });
        let failed = thread::hear_failure(&worker, move |why| hear(Said::Stopped(why), None));
        Ok(Self {
            worker,
            waiting,
            _listeners: [heard, failed],
        })
    }

    /// Tells it something, with files beside it.
    pub(super) fn post(&self, command: &Command, files: impl IntoIterator<Item = Blob>) {
        // There is no map in it whose key is no text.
        let text = serde_json::to_string(command).unwrap_or_default();
        let message = Array::of1(&text.into());
        for file in files {
            message.push(&JsValue::from(file));
        }
        match &mut *self.waiting.borrow_mut() {
            Some(waiting) => waiting.push(message),
            None => {
                let _ = self.worker.post_message(&message);
            }
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
