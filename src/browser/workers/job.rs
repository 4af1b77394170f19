//! What a worker says of one layer, and what a person wants of it, until its end.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Poll, Waker};

use js_sys::ArrayBuffer;
use waybill_blobs::message::{Command, Event};

use super::thread::Thread;
use super::{Failure, Stopped};

/// How long a paused layer keeps its connection, in seconds: a registry or a proxy would not wait much longer.
const PAUSE_SECONDS: u32 = 20;

/// What is known of a layer that is being checked.
#[derive(Debug, Default)]
pub(super) struct Job {
    /// What the worker said, and the bytes beside it.
    events: RefCell<VecDeque<(Event, Option<ArrayBuffer>)>>,
    /// Of what waits for any of this to change.
    waker: RefCell<Option<Waker>>,
    thread: RefCell<Option<Thread>>,
    is_seated: Cell<bool>,
    /// Whether it has a seat, or gave it up for as long as it stands still.
    has_seat: Cell<bool>,
    is_paused: Cell<bool>,
    is_resumed: Cell<bool>,
    is_cancelled: Cell<bool>,
    /// Why the worker stopped.
    fault: RefCell<Option<String>>,
}

impl Job {
    /// Takes what the worker said.
    pub(super) fn hear(&self, event: Event, beside: Option<ArrayBuffer>) {
        self.events.borrow_mut().push_back((event, beside));
        self.wake();
    }

    /// Takes that the worker did not come, or stopped.
    pub(super) fn fail(&self, why: String) {
        self.fault.replace(Some(why));
        self.wake();
    }

    /// Takes that there is a seat for it now.
    pub(super) fn sit_down(&self) {
        self.is_seated.set(true);
        self.wake();
    }

    /// Has a seat from now on.
    pub(super) fn sits(&self) {
        self.has_seat.set(true);
    }

    /// Gives its seat up; false where it has none.
    pub(super) fn rests(&self) -> bool {
        self.has_seat.replace(false)
    }

    /// Takes a seat again, where it gave one up and has its worker still.
    pub(super) fn wakes(&self) -> bool {
        self.thread.borrow().is_some() && !self.has_seat.replace(true)
    }

    pub(super) fn pause(&self) {
        self.is_paused.set(true);
        self.is_resumed.set(false);
        self.tell(&Command::Pause {
            seconds: PAUSE_SECONDS,
        });
    }

    pub(super) fn go_on(&self) {
        self.is_paused.set(false);
        self.is_resumed.set(true);
        self.tell(&Command::GoOn);
        self.wake();
    }

    /// Ends the worker, and with it every request of its.
    pub(super) fn cancel(&self) {
        self.is_cancelled.set(true);
        self.thread.take();
        self.wake();
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.is_cancelled.get()
    }

    pub(super) fn is_paused(&self) -> bool {
        self.is_paused.get()
    }

    /// Takes the worker that reads it.
    pub(super) fn begin(&self, thread: Thread) {
        self.thread.replace(Some(thread));
    }

    /// Gives its worker back.
    pub(super) fn end(&self) -> Option<Thread> {
        self.thread.take()
    }

    /// Tells its worker something, where it has one.
    pub(super) fn tell(&self, command: &Command) {
        if let Some(thread) = &*self.thread.borrow() {
            thread.tell(command);
        }
    }

    /// Fails where the person cancelled, or the worker stopped.
    pub(super) fn is_alive(&self) -> Result<(), Stopped> {
        if self.is_cancelled.get() {
            return Err(None);
        }
        match &*self.fault.borrow() {
            Some(why) => Err(Some(Failure::Worker(why.clone()))),
            None => Ok(()),
        }
    }

    /// Waits for what the worker says next.
    pub(super) async fn next(&self) -> Result<(Event, Option<ArrayBuffer>), Stopped> {
        self.wait(|| self.events.borrow_mut().pop_front()).await
    }

    /// Waits for a seat.
    pub(super) async fn seated(&self) -> Result<(), Stopped> {
        let seated = self.wait(|| self.is_seated.get().then_some(())).await;
        // Who cancels on the way to it has it all the same, and gives it back.
        if self.is_seated.get() { Ok(()) } else { seated }
    }

    /// Waits for the end of a pause.
    pub(super) async fn unpaused(&self) -> Result<(), Stopped> {
        self.wait(|| (!self.is_paused.get()).then_some(())).await
    }

    /// Waits until a person says to go on.
    pub(super) async fn resumed(&self) -> Result<(), Stopped> {
        self.is_resumed.set(false);
        self.wait(|| self.was_resumed().then_some(())).await
    }

    /// Tells whether a person said to go on since it was asked last.
    pub(super) fn was_resumed(&self) -> bool {
        self.is_resumed.take()
    }

    async fn wait<T>(&self, mut ask: impl FnMut() -> Option<T>) -> Result<T, Stopped> {
        poll_fn(|context| {
            if let Err(stopped) = self.is_alive() {
                return Poll::Ready(Err(stopped));
            }
            if let Some(answer) = ask() {
                return Poll::Ready(Ok(answer));
            }
            self.waker.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}
