//! Workers that read layers away from the main thread: how many run, and what is asked of one.
//!
//! A worker runs `crates/worker`, a program of its own, and reads one layer at a time. At most `AT_ONCE` run, one
//! fewer than the machine has cores, each begun when it is wanted and ended when nothing waits for it: nothing else
//! gives its memory back.
//!
//! All that is known of ways, challenges and tokens stays with core's client: `transport` hands its requests to the
//! worker, which tells it the heads of the answers.

pub(crate) mod coming;
mod job;
pub(crate) mod message_thread;
pub(crate) mod thread;
mod transport;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen_futures::spawn_local;
use waybill_blobs::extract::Extracted;
use waybill_blobs::layer::Found;
use waybill_blobs::message::{Bytes, Command, Event, Limit, Limits, Progress, Start, Wanted};
use waybill_core::digest::Digest;
use waybill_core::reference::{RegistryHost, RepositoryPath};
use waybill_core::registry::client::{Client, Streamed};
use waybill_core::registry::error::RegistryError;
use waybill_core::registry::transport::Via;
use web_sys::Blob;
use yew::Callback;

use super::transport::BrowserTransport;
use job::Job;
use thread::Thread;

/// How many workers run at most: over HTTP/1.1 a browser opens six connections to a host, and the page needs some.
const AT_ONCE: u8 = 4;

/// From so many bytes on (4 MiB) what a layer unpacks to is hashed by a second worker, where there is a core for it.
const LONG: u64 = 4 << 20;

/// A broken connection is gone on with at once where it brought so many bytes (1 MiB); else somebody is asked.
const WORTHWHILE_BYTES: u64 = 1 << 20;

/// The workers of the page. Clones are of the same ones; keep one of it.
#[derive(Clone, Debug, Default)]
pub struct Workers(Rc<Pool>);

#[derive(Debug, Default)]
struct Pool {
    running: Cell<usize>,
    /// For whom there was no worker, in their order.
    waiting: RefCell<VecDeque<Rc<Job>>>,
    /// Of those that became free, for those who wait.
    spare: RefCell<Vec<Thread>>,
}

/// A layer that is to be checked.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The registry.
    pub host: RegistryHost,
    /// The repository in it.
    pub repository: RepositoryPath,
    /// What its descriptor names.
    pub digest: Digest,
    /// What its descriptor states, in bytes. It is for the page to compare; here it tells a broken connection from the
    /// end.
    pub size: Option<u64>,
    /// What is wanted beside its digest and `diff_id`.
    pub wanted: Wanted,
    /// How far it is read before [`Told::Question`].
    pub limits: Limits,
}

/// The next bytes of a file, as the browser has them.
pub type Piece = Uint8Array;

/// What is told of a layer that is being checked.
#[derive(Debug)]
pub enum Told {
    /// The registry answered, and bytes come; it is told again where that goes on after a break.
    Begun(Via),
    /// How far it is: ten times a second.
    Progress(Progress),
    /// It reached a limit, and waits for [`Check::answer`].
    Question(Limit),
    /// It cannot go on by itself, and waits for [`Check::go_on`].
    Interrupted {
        /// How many of its bytes came.
        received: u64,
        /// Why.
        why: Interruption,
    },
    /// The next bytes of the file that is wanted, or of the layer, as the browser has them.
    Bytes(Uint8Array),
    /// So many zeros are its next bytes.
    Zeros(u64),
    /// It came to its end: the last that is told.
    Done(Box<Checked>),
    /// It did not: the last that is told.
    Failed(Failure),
}

/// Why a layer cannot go on by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// The connection broke, and did so before.
    Broke,
    /// What it was to go on with failed.
    Registry(RegistryError),
}

/// A layer that came to its end. Nothing of it is compared with what was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What its bytes are.
    pub found: Found,
    /// The bytes of its listing, where one was wanted: the browser holds them, and no memory of the page does.
    pub listing: Option<Blob>,
    /// The way it came last.
    pub via: Via,
    /// What the file that was wanted is; the layer was read up to it only.
    pub file: Option<Extracted>,
}

/// Why a layer was not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The registry, or the way to it, before anything came.
    Registry(RegistryError),
    /// This page was built without a worker, as `trunk serve` builds it.
    NoWorker,
    /// The worker did not come, or stopped: the browser's words.
    Worker(String),
    /// Its digest is of an algorithm that is not computed here.
    Algorithm,
}

/// A layer that is being checked. Where it is dropped, the check is cancelled.
#[derive(Debug)]
#[must_use]
pub struct Check {
    pool: Rc<Pool>,
    job: Rc<Job>,
    client: Rc<Client<BrowserTransport>>,
}

impl Check {
    /// Reads nothing more for now. After some time the connection is given up; what was hashed is not.
    /// Somebody else is read in its place.
    pub fn pause(&self) {
        self.job.pause();
        self.pool.rest(&self.job);
    }

    /// Reads on, after a pause or an interruption: with another request where it takes one.
    pub fn go_on(&self) {
        self.pool.wake(&self.job);
        self.job.go_on();
    }

    /// Answers the question at a limit: whether it is read without limits from now on. Else nothing more of it is
    /// unpacked, and its digest is still found.
    pub fn answer(&self, go_on: bool) {
        self.pool.wake(&self.job);
        self.job.tell(&Command::Answer { go_on });
    }

    /// Stops it at once. Nothing more is told.
    pub fn cancel(self) {
        drop(self);
    }
}

impl Drop for Check {
    fn drop(&mut self) {
        self.job.cancel();
        // A token may be on its way.
        self.client.transport().abort();
    }
}

impl Workers {
    /// Of which none runs yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins to check a layer, when a worker is free for it. What comes of it is told, and never during this call.
    pub fn check(
        &self,
        client: &Client<BrowserTransport>,
        layer: Layer,
        tell: Callback<Told>,
    ) -> Check {
        let job = Rc::new(Job::default());
        let transport = BrowserTransport::through(transport::through(&job));
        let client = Rc::new(client.with_transport(transport));
        let reading = Reading {
            pool: Rc::clone(&self.0),
            client: Rc::clone(&client),
            job: Rc::clone(&job),
            layer,
            tell,
        };
        let task: Pin<Box<dyn Future<Output = ()>>> = Box::pin(reading.run());
        spawn_local(task);
        let pool = Rc::clone(&self.0);
        Check { pool, job, client }
    }
}

/// The way of one layer through a worker.
struct Reading {
    pool: Rc<Pool>,
    client: Rc<Client<BrowserTransport>>,
    job: Rc<Job>,
    layer: Layer,
    tell: Callback<Told>,
}

/// How a body ended.
enum Ended {
    Whole(Found, Option<Blob>, Option<Extracted>),
    Broken(u64),
}

/// That the person cancelled, or why it failed.
type Stopped = Option<Failure>;

impl Reading {
    async fn run(self) {
        let told = match self.read().await {
            Ok(checked) => Told::Done(Box::new(checked)),
            Err(Some(failure)) => Told::Failed(failure),
            Err(None) => return,
        };
        // Nobody cancels what has ended.
        if !self.job.is_cancelled() {
            self.tell.emit(told);
        }
    }

    async fn read(&self) -> Result<Checked, Stopped> {
        let algorithm = self.layer.digest.algorithm();
        let algorithm = algorithm.ok_or(Some(Failure::Algorithm))?;
        let seat = Seat::take(&self.pool, &self.job).await?;
        let mut thread = seat.thread(&self.job).await?;
        if self.layer.is_much_to_hash() && self.pool.has_core_to_hash() {
            thread.hash_elsewhere();
        }
        self.job.begin(thread);
        self.job.tell(&Command::Start(Start {
            algorithm,
            size: self.layer.size,
            wanted: self.layer.wanted,
            limits: self.layer.limits,
        }));
        let Layer {
            host,
            repository,
            digest,
            ..
        } = &self.layer;
        let mut received = 0;
        loop {
            self.job.unpaused().await?;
            let answer = self
                .client
                .stream_blob(host, repository, digest, received)
                .await;
            self.job.is_alive()?;
            let why = match answer {
                Err(error) if received == 0 => return Err(Some(Failure::Registry(error))),
                Err(error) => Interruption::Registry(error),
                Ok(Streamed { via, begins }) => {
                    self.tell.emit(Told::Begun(via));
                    self.job.tell(&Command::Read {
                        skip: received - begins,
                    });
                    match self.follow().await? {
                        Ended::Whole(found, listing, file) => {
                            seat.free(self.job.end());
                            return Ok(Checked {
                                found,
                                listing,
                                via,
                                file,
                            });
                        }
                        Ended::Broken(now) => {
                            let is_worthwhile = now - received >= WORTHWHILE_BYTES;
                            received = now;
                            if is_worthwhile || self.job.is_paused() || self.job.was_resumed() {
                                continue;
                            }
                            Interruption::Broke
                        }
                    }
                }
            };
            self.pool.rest(&self.job);
            self.tell.emit(Told::Interrupted { received, why });
            self.job.resumed().await?;
        }
    }

    /// Tells how far it is until a body ends.
    async fn follow(&self) -> Result<Ended, Stopped> {
        let mut file = None;
        loop {
            match self.job.next().await? {
                (Event::Progress(progress), _) => self.tell.emit(Told::Progress(progress)),
                (Event::Question(limit), _) => {
                    self.pool.rest(&self.job);
                    self.tell.emit(Told::Question(limit));
                }
                (Event::Broken { received }, _) => return Ok(Ended::Broken(received)),
                (Event::Bytes, Some(bytes)) => {
                    self.tell.emit(Told::Bytes(Uint8Array::new(&bytes)));
                }
                (Event::Zeros(count), _) => self.tell.emit(Told::Zeros(count)),
                (Event::File(found), _) => file = Some(found),
                (Event::Done(found), last) if self.layer.wanted.bytes != Bytes::None => {
                    if let Some(bytes) = last {
                        self.tell.emit(Told::Bytes(Uint8Array::new(&bytes)));
                    }
                    return Ok(Ended::Whole(*found, None, file));
                }
                (Event::Done(found), listing) => {
                    let listing = listing.and_then(|bytes| held(&bytes));
                    return Ok(Ended::Whole(*found, listing, file));
                }
                // Answers are the transport's, which has heard them by now.
                (
                    Event::Ready | Event::Answered { .. } | Event::Unanswered { .. } | Event::Bytes,
                    _,
                ) => {}
            }
        }
    }
}

/// Has the browser hold bytes, so that several workers can be given them and the page keeps none. `None` where it
/// refuses.
fn held(bytes: &ArrayBuffer) -> Option<Blob> {
    Blob::new_with_buffer_source_sequence(&Array::of1(bytes)).ok()
}

impl Layer {
    /// Tells whether what it unpacks to may be much, and is hashed.
    fn is_much_to_hash(&self) -> bool {
        let is_long = self.size.is_none_or(|size| size >= LONG);
        is_long && self.wanted.bytes != Bytes::Stored && self.wanted.file.is_none()
    }
}

impl Pool {
    /// Tells whether each worker that runs can have a second one beside it with a core of its own.
    fn has_core_to_hash(&self) -> bool {
        let running = u32::try_from(self.running.get()).unwrap_or(u32::MAX);
        2.0 * f64::from(running) <= cores()
    }

    /// Has a layer that stands still hold up nobody: it keeps its worker, and gives its seat to who waits for one.
    fn rest(&self, job: &Job) {
        if job.rests() {
            self.give_up_a_seat();
        }
    }

    /// Has it go on. It is not made to wait once more, so for a time more may run than [`at_once`] says; whoever asks
    /// keeps to four.
    fn wake(&self, job: &Job) {
        if job.wakes() {
            self.running.set(self.running.get() + 1);
        }
    }

    fn give_up_a_seat(&self) {
        let next = self.waiting.borrow_mut().pop_front();
        match next {
            Some(job) => job.sit_down(),
            None => self.running.set(self.running.get() - 1),
        }
    }
}

/// The right to run one worker.
struct Seat {
    pool: Rc<Pool>,
    job: Rc<Job>,
}

impl Seat {
    /// Waits for one.
    async fn take(pool: &Rc<Pool>, job: &Rc<Job>) -> Result<Self, Stopped> {
        if pool.running.get() < at_once() {
            pool.running.set(pool.running.get() + 1);
        } else {
            pool.waiting.borrow_mut().push_back(Rc::clone(job));
            let seated = job.seated().await;
            pool.waiting
                .borrow_mut()
                .retain(|other| !Rc::ptr_eq(other, job));
            seated?;
        }
        job.sits();
        Ok(Self {
            pool: Rc::clone(pool),
            job: Rc::clone(job),
        })
    }

    /// Brings a worker: one that became free, or a new one once it hears.
    async fn thread(&self, job: &Rc<Job>) -> Result<Thread, Stopped> {
        let spare = self.pool.spare.borrow_mut().pop();
        if let Some(thread) = spare {
            thread.is_for(job);
            return Ok(thread);
        }
        let thread = Thread::start(job).map_err(Some)?;
        while !matches!(job.next().await?, (Event::Ready, _)) {}
        Ok(thread)
    }

    /// Leaves a worker to who waits for one; it ends where nobody does.
    fn free(self, thread: Option<Thread>) {
        if !self.pool.waiting.borrow().is_empty() {
            self.pool.spare.borrow_mut().extend(thread);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.pool.rest(&self.job);
    }
}

fn cores() -> f64 {
    web_sys::window().map_or(2.0, |window| window.navigator().hardware_concurrency())
}

/// How many workers run at once: one fewer than the machine has cores, so that the page stays quick.
fn at_once() -> usize {
    let cores = cores();
    (2..=AT_ONCE)
        .rev()
        .find(|count| f64::from(*count) < cores)
        .unwrap_or(1)
        .into()
}
