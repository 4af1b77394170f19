//! A worker of its own program, to which what it is told waits until it hears.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker};

use super::thread;

/// A worker that runs. Where it is dropped, it ends, and its memory is given back.
///
/// What it says first, whatever that is, means that it hears.
pub(crate) struct MessageThread {
    worker: Worker,
    /// What it is told once it hears; `None` when it does.
    waiting: Rc<RefCell<Option<Vec<Sent>>>>,
    _listeners: [EventListener; 2],
}

/// A message, and what of it is handed over.
struct Sent(Array, Array);

impl fmt::Debug for MessageThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MessageThread")
    }
}

impl MessageThread {
    /// Starts the worker whose address the page names by that attribute; `hear` hears what it says, or the browser's
    /// words where it stops. `what` says what the page lacks where it names none.
    ///
    /// # Errors
    ///
    /// Fails where there is no such worker, with words.
    pub(crate) fn start(
        attribute: &str,
        what: &str,
        hear: Rc<dyn Fn(Result<JsValue, String>)>,
    ) -> Result<Self, String> {
        let address = thread::address(attribute);
        let address =
            address.ok_or_else(|| ["this page was built without what ", what].concat())?;
        let worker = thread::create(&address).map_err(|thrown| thread::words(&thrown))?;
        let waiting = Rc::new(RefCell::new(Some(Vec::new())));
        let (waits, hears, tell) = (Rc::clone(&waiting), worker.clone(), Rc::clone(&hear));
        let heard = EventListener::new(&worker, "message", move |event| {
            for sent in waits.take().unwrap_or_default() {
                post(&hears, &sent);
            }
            tell(Ok(event.unchecked_ref::<MessageEvent>().data()));
        });
        let failed = thread::hear_failure(&worker, move |why| hear(Err(why)));
        Ok(Self {
            worker,
            waiting,
            _listeners: [heard, failed],
        })
    }

    /// Tells it something. What is in `handed` is the worker's from then on.
    pub(crate) fn tell(&self, message: Array, handed: Array) {
        let sent = Sent(message, handed);
        match &mut *self.waiting.borrow_mut() {
            Some(waiting) => waiting.push(sent),
            None => post(&self.worker, &sent),
        }
    }

    /// Tells it a text, with what goes along. What is in `handed` is the worker's from then on.
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
        self.tell(message, handed.clone());
    }
}

/// What a worker says that speaks in texts: the text, with what goes along.
pub(crate) fn read(said: &JsValue) -> (String, JsValue) {
    if let Some(text) = said.as_string() {
        return (text, JsValue::UNDEFINED);
    }
    let message: &Array = said.unchecked_ref();
    let text = message.get(0).as_string().unwrap_or_default();
    (text, message.get(1))
}

fn post(worker: &Worker, Sent(message, handed): &Sent) {
    // Texts, numbers, files and bytes can be sent.
    let _ = worker.post_message_with_transfer(message, handed);
}

impl Drop for MessageThread {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
