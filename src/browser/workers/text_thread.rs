//! A worker that is spoken to in texts: each message is a list, its text first and what goes along behind it.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker};

use super::thread;

/// What such a worker says first, once it hears: JSON, as all that it says.
const READY: &str = "\"Ready\"";

/// A worker that runs. Where it is dropped, it ends.
pub(crate) struct TextThread {
    worker: Worker,
    /// What it is told once it hears; `None` when it does.
    waiting: Rc<RefCell<Option<Vec<Sent>>>>,
    _listeners: [EventListener; 2],
}

/// A message, and what of it is handed over.
struct Sent(Array, Array);

impl TextThread {
    /// Starts the worker whose address the page names by that attribute; `hear` hears its texts, each with what goes
    /// along, or the browser's words where it stops. `reads` says what the page lacks where it names none.
    ///
    /// # Errors
    ///
    /// Fails where there is no such worker, with words.
    pub(crate) fn start(
        attribute: &str,
        reads: &str,
        hear: impl Fn(Result<(String, JsValue), String>) + 'static,
    ) -> Result<Self, String> {
        let address = thread::address(attribute);
        let address =
            address.ok_or_else(|| ["this page was built without what ", reads].concat())?;
        let worker = thread::create(&address).map_err(|thrown| thread::words(&thrown))?;
        let hear = Rc::new(hear);
        let waiting = Rc::new(RefCell::new(Some(Vec::new())));
        let (waits, hears, tell) = (Rc::clone(&waiting), worker.clone(), Rc::clone(&hear));
        let heard = EventListener::new(&worker, "message", move |event| {
            let message: Array = event
                .unchecked_ref::<MessageEvent>()
                .data()
                .unchecked_into();
            let text = message.get(0).as_string().unwrap_or_default();
            if text != READY {
                return tell(Ok((text, message.get(1))));
            }
            for sent in waits.take().unwrap_or_default() {
                post(&hears, &sent);
            }
        });
        let failed = thread::hear_failure(&worker, move |why| hear(Err(why)));
        Ok(Self {
            worker,
            waiting,
            _listeners: [heard, failed],
        })
    }

    /// Tells it something, with what goes along. What is in `handed` is the worker's from then on.
    pub(crate) fn post(
        &self,
        text: &str,
        along: impl IntoIterator<Item = JsValue>,
        handed: &Array,
    ) {
        let message = Array::of1(&text.into());
        for along in along {
            message.push(&along);
        }
        let sent = Sent(message, handed.clone());
        match &mut *self.waiting.borrow_mut() {
            Some(waiting) => waiting.push(sent),
            None => post(&self.worker, &sent),
        }
    }
}

fn post(worker: &Worker, Sent(message, handed): &Sent) {
    // Texts, files and bytes can be sent.
    let _ = worker.post_message_with_transfer(message, handed);
}

impl Drop for TextThread {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
