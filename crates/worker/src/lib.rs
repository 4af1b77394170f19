//! The worker of the page: reads layers away from the main thread.
//!
//! It is a program of its own, built for speed and with SIMD, that `src/browser/workers.rs` starts
//! where somebody wants the bytes behind a manifest. [`waybill_blobs::message`] says what the two
//! say to each other, [`waybill_blobs::job`] what is done with the bytes; here they are fetched.
//!
//! One chunk of a body is read at a time, and the next is asked for when it is hashed: whoever
//! sends is as fast as this reads, and no more than a chunk is ever in memory. To cancel, the page
//! has the request stopped and ends the worker: nothing else gives the memory back.

mod fetch;
mod hash;
mod timer;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::{Array, Date, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen_futures::spawn_local;
use waybill_blobs::job::{Job, OwnPiece};
use waybill_blobs::message::{Command, Event, HASH, HASH_ELSEWHERE, Progress, Start};
use web_sys::{AbortController, DedicatedWorkerGlobalScope, MessageEvent, MessagePort};

use fetch::{Body, Connection};
use hash::Elsewhere;
use timer::{Alarm, Turns};

/// How often the page is told how far a layer is, in milliseconds.
const PROGRESS_MS: i32 = 100;
/// How much is taken into this program's memory at once, in bytes (256 KiB).
const SLICE: u32 = 256 << 10;
/// How much of it is hashed before the clock is looked at, in bytes (32 KiB): unpacked it may be
/// a thousand times as much.
const PIECE: usize = 32 << 10;
/// How long it works before it hears what the page says, in milliseconds: a request that is
/// cancelled has to end within 100.
const WORK_MS: f64 = 16.0;

/// Hears what the page says, from now on.
#[wasm_bindgen(start)]
fn start() {
    let worker = Rc::new(Worker {
        scope: js_sys::global().unchecked_into(),
        commands: RefCell::default(),
        paused: Cell::new(false),
        pause: RefCell::default(),
        answer: Cell::new(None),
        controller: RefCell::default(),
        waker: RefCell::default(),
        progress: Cell::new(None),
        elsewhere: RefCell::default(),
    });
    let hears = Rc::clone(&worker);
    let hear = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let message = Array::from(&event.data());
        let texts: Vec<_> = message.iter().filter_map(|text| text.as_string()).collect();
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        match *texts {
            [HASH] => hash::serve(message.get(1).unchecked_into()),
            [HASH_ELSEWHERE] => hears.hash_elsewhere(message.get(1).unchecked_ref()),
            _ => {
                if let Some(command) = Command::from_texts(&texts) {
                    hears.hear(command);
                }
            }
        }
    });
    let scope = &worker.scope;
    scope.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    hear.forget();
    // By the clock, not as bytes come: where no more do, the page still hears of the last ones.
    let tells = Rc::clone(&worker);
    let tell = Closure::<dyn Fn()>::new(move || {
        if let Some(progress) = tells.progress.take() {
            tells.tell(&Event::Progress(progress), None);
        }
    });
    let tick = tell.as_ref().unchecked_ref();
    // It is refused to no worker.
    let _ = scope.set_interval_with_callback_and_timeout_and_arguments_0(tick, PROGRESS_MS);
    tell.forget();
    worker.tell(&Event::Ready, None);
    spawn_local(async move { worker.serve().await });
}

struct Worker {
    scope: DedicatedWorkerGlobalScope,
    /// What is to be done, one after the other.
    commands: RefCell<VecDeque<Command>>,
    paused: Cell<bool>,
    /// Gives the connection up in a pause.
    pause: RefCell<Option<Alarm>>,
    /// What was answered to the question at a limit.
    answer: Cell<Option<bool>>,
    /// Stops the request that is under way.
    controller: RefCell<Option<AbortController>>,
    /// Of what waits for a command, for the end of a pause, or for an answer.
    waker: RefCell<Option<Waker>>,
    /// How far the layer is, where the page has not heard it.
    progress: Cell<Option<Progress>>,
    /// The worker that hashes what a layer unpacks to, where the page gave it one.
    elsewhere: RefCell<Option<Rc<RefCell<Elsewhere>>>>,
}

impl Worker {
    /// Takes a command: what is about the reading counts at once, the rest in its turn.
    fn hear(&self, command: Command) {
        match command {
            Command::Cancel => {
                if let Some(controller) = &*self.controller.borrow() {
                    controller.abort();
                }
            }
            Command::Pause { seconds } => {
                self.paused.set(true);
                let controller = self.controller.borrow();
                let alarm = controller.as_ref();
                let alarm = alarm.map(|it| Alarm::set(seconds, it));
                self.pause.replace(alarm);
            }
            Command::GoOn => {
                self.paused.set(false);
                self.pause.take();
            }
            Command::Answer { go_on } => self.answer.set(Some(go_on)),
            Command::Start(_) | Command::Fetch(_) | Command::Read { .. } => {
                if matches!(command, Command::Start(_)) {
                    self.paused.set(false);
                    self.answer.set(None);
                }
                self.commands.borrow_mut().push_back(command);
            }
        }
        self.wake();
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Has the worker behind that port hash what layers unpack to.
    fn hash_elsewhere(self: &Rc<Self>, port: &MessagePort) {
        let wakes = Rc::clone(self);
        let elsewhere = Elsewhere::at(port, move || wakes.wake());
        self.elsewhere.replace(Some(elsewhere));
    }

    /// Begins a layer.
    fn begin(&self, start: &Start) -> Job {
        let mut job = Job::new(start);
        if let Some(elsewhere) = self.elsewhere.borrow().clone() {
            // Nothing is kept of one that was not read to its end.
            elsewhere.borrow_mut().end();
            job.hash_elsewhere(Box::new(move |bytes| elsewhere.borrow_mut().take(bytes)));
        }
        job
    }

    /// Waits until there is something.
    async fn wait<T>(&self, mut ask: impl FnMut() -> Option<T>) -> T {
        poll_fn(|context| {
            if let Some(answer) = ask() {
                return Poll::Ready(answer);
            }
            self.waker.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await
    }

    fn tell(&self, event: &Event, beside: Option<Vec<u8>>) {
        let (message, transferred) = (Array::of1(&event.to_text().into()), Array::new());
        if let Some(bytes) = beside {
            let buffer = Uint8Array::from(&bytes[..]).buffer();
            message.push(&buffer);
            transferred.push(&buffer);
        }
        // It fails where something cannot be sent, and both of these can.
        let _ = self
            .scope
            .post_message_with_transfer(&message, &transferred);
    }

    async fn serve(&self) {
        let (mut job, mut connection) = (None, None);
        loop {
            match self.wait(|| self.commands.borrow_mut().pop_front()).await {
                Command::Start(start) => job = Some(self.begin(&start)),
                Command::Fetch(request) => {
                    // What was under way ends here.
                    drop(connection.take());
                    let event = match AbortController::new() {
                        Ok(controller) => {
                            self.controller.replace(Some(controller.clone()));
                            let (opened, event) = Connection::open(&request, controller).await;
                            connection = Some(opened);
                            event
                        }
                        Err(_) => Event::Unanswered { timed_out: false },
                    };
                    self.tell(&event, None);
                }
                Command::Read { skip } => {
                    let body = connection.as_mut().and_then(Connection::body);
                    if let Some(mut reading) = job.take() {
                        let is_whole = match body {
                            Some(body) => self.read(&mut reading, body, skip).await,
                            None => true,
                        };
                        self.progress.take();
                        if is_whole || reading.is_whole() {
                            self.tell(&Event::Progress(reading.progress()), None);
                            if let Some(file) = reading.file() {
                                self.tell(&Event::File(file), None);
                            }
                            let (mut found, listing) = reading.finish();
                            let elsewhere = self.elsewhere.borrow().clone();
                            if let Some(elsewhere) = elsewhere {
                                elsewhere.borrow_mut().end();
                                found.take_hash(self.wait(|| elsewhere.borrow_mut().hash()).await);
                            }
                            self.tell(&Event::Done(Box::new(found)), listing);
                        } else {
                            let received = reading.progress().received;
                            self.tell(&Event::Broken { received }, None);
                            job = Some(reading);
                        }
                    }
                    drop(connection.take());
                }
                // Taken at once, by `hear`.
                Command::Cancel
                | Command::Pause { .. }
                | Command::GoOn
                | Command::Answer { .. } => {}
            }
        }
    }

    /// Reads a body, and tells whether it came to its end.
    async fn read(&self, job: &mut Job, mut body: Body, mut skip: u64) -> bool {
        let mut buffer = vec![0; SLICE as usize];
        let turns = Turns::new();
        let mut heard = Date::now();
        loop {
            self.wait(|| (!self.paused.get()).then_some(())).await;
            let chunk = match body.next().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return true,
                Err(_) => return false,
            };
            let mut from =
                u32::try_from(skip).map_or(chunk.length(), |skip| skip.min(chunk.length()));
            skip -= u64::from(from);
            while from < chunk.length() {
                let slice = chunk.subarray(from, from.saturating_add(SLICE));
                from += slice.length();
                let bytes = &mut buffer[..slice.length() as usize];
                slice.copy_to(bytes);
                if job.wants_stored() {
                    self.tell(&Event::Bytes, Some(bytes.to_vec()));
                }
                for piece in bytes.chunks(PIECE) {
                    if self.is_ahead() {
                        self.wait(|| (!self.is_ahead()).then_some(())).await;
                    }
                    self.push(job, piece).await;
                    self.tell_pieces(job);
                    if job.has_file() {
                        return true;
                    }
                    self.progress.set(Some(job.progress()));
                    if Date::now() - heard >= WORK_MS {
                        // Chunks that are here already would leave no turn for what the page says.
                        turns.next().await;
                        heard = Date::now();
                    }
                }
            }
        }
    }

    /// Tells whether as much as may be is under way to the worker that hashes.
    fn is_ahead(&self) -> bool {
        let elsewhere = self.elsewhere.borrow();
        elsewhere.as_ref().is_some_and(|it| !it.borrow().has_room())
    }

    /// Tells what came of the file that is wanted.
    fn tell_pieces(&self, job: &mut Job) {
        for piece in job.pieces() {
            match piece {
                OwnPiece::Bytes(bytes) => self.tell(&Event::Bytes, Some(bytes)),
                OwnPiece::Zeros(count) => self.tell(&Event::Zeros(count), None),
            }
        }
    }

    /// Gives bytes to the job, and asks where it reaches a limit.
    async fn push(&self, job: &mut Job, mut bytes: &[u8]) {
        while let Some((limit, rest)) = job.push(bytes) {
            bytes = rest;
            self.progress.take();
            self.tell(&Event::Progress(job.progress()), None);
            self.tell(&Event::Question(limit), None);
            job.answer(self.wait(|| self.answer.take()).await);
        }
    }
}
