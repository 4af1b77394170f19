//! A layer as it comes: what is told of it waits until it is taken, and it is held back while much waits.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Waker};

use waybill_core::registry::client::Client;
use yew::Callback;

use super::{Check, Layer, Told, Workers};
use crate::browser::transport::BrowserTransport;

/// So many bytes of a layer may wait to be taken (8 MiB), then it is held back until few do (2 MiB).
const WAITING: u64 = 8 << 20;
const FEW: u64 = 2 << 20;

/// A layer that is being fetched. Where it is dropped, it is stopped.
pub(crate) struct Coming(Rc<Inbox>);

/// What came of it and was not taken yet.
#[derive(Default)]
struct Inbox {
    told: RefCell<VecDeque<Told>>,
    /// How many bytes are among it.
    bytes: Cell<u64>,
    /// Whether it is held back, since so many are.
    is_held: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    check: RefCell<Option<Check>>,
}

impl Coming {
    /// Begins to fetch a layer.
    pub(crate) fn new(workers: &Workers, client: &Client<BrowserTransport>, layer: Layer) -> Self {
        let inbox = Rc::new(Inbox::default());
        let hears = Rc::clone(&inbox);
        let tell = Callback::from(move |told| hears.hear(told));
        let check = workers.check(client, layer, tell);
        inbox.check.replace(Some(check));
        Self(inbox)
    }

    /// Takes what was told next; where nothing is, whoever asks is woken once something was.
    pub(crate) fn next(&self, context: &Context<'_>) -> Option<Told> {
        let inbox = &self.0;
        let told = inbox.told.borrow_mut().pop_front();
        if told.is_none() {
            inbox.waker.replace(Some(context.waker().clone()));
        }
        if let Some(Told::Bytes(bytes)) = &told {
            let rest = inbox.bytes.get().saturating_sub(bytes.length().into());
            inbox.bytes.set(rest);
        }
        if inbox.bytes.get() <= FEW && inbox.is_held.replace(false) {
            self.go_on();
        }
        told
    }

    /// Has it go on, after it was held back or broke.
    pub(crate) fn go_on(&self) {
        if let Some(check) = &*self.0.check.borrow() {
            check.go_on();
        }
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        // The check is what stops, and who brings the bytes holds this until then.
        drop(self.0.check.take());
    }
}

impl Inbox {
    fn hear(&self, told: Told) {
        if let Told::Bytes(bytes) = &told {
            self.bytes.set(self.bytes.get() + u64::from(bytes.length()));
            if self.bytes.get() > WAITING
                && !self.is_held.replace(true)
                && let Some(check) = &*self.check.borrow()
            {
                check.pause();
            }
        }
        self.told.borrow_mut().push_back(told);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}
