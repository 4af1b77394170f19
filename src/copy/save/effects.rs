//! Writes a file while its layers come: each is fetched and hashed by a worker, which hands its bytes on.
//!
//! One layer is written at a time, and the next is fetched meanwhile as far as there is room for it. Nothing is called
//! saved before every byte of it was hashed and is what its digest names.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use waybill_blobs::message::{Bytes, Limits, Wanted};
use waybill_core::digest::Digest;
use waybill_core::reference::Reference;
use waybill_core::registry::client::Client;
use waybill_core::registry::push::Repository;
use waybill_core::save::{Blob, Check as Held, Content, Unpacked};
use waybill_core::workflow::copy::Selection;
use waybill_core::workflow::save::{Effect, Form, Model, Msg, Road, Step, Why};
use yew::Callback;

use crate::browser::dom;
use crate::browser::sink::{self, Sink};
use crate::browser::transport::BrowserTransport;
use crate::browser::workers::coming::Coming;
use crate::browser::workers::{Check, Checked, Failure, Interruption, Layer, Told, Workers};
use crate::page::spawn;

/// How many layers are fetched at once: the one that is written, and the next.
const AT_ONCE: usize = 2;
/// How much is asked for at once of the rest of a layer of which the beginning is here (4 MiB).
const PART: u64 = 4 << 20;
/// How often the page hears how far it is, in milliseconds.
const PROGRESS_MS: u64 = 100;

/// Runs the effects of saving, and holds what they need.
pub(crate) struct Effects {
    workers: Workers,
    client: Rc<Client<BrowserTransport>>,
    writing: Option<Rc<Control>>,
    measuring: Option<Check>,
}

impl Effects {
    pub(crate) fn new(client: Rc<Client<BrowserTransport>>) -> Self {
        Self {
            workers: Workers::new(),
            client,
            writing: None,
            measuring: None,
        }
    }

    /// Finds out by which road a file would go, and whether there are folders.
    pub(crate) fn look(tell: Callback<(Road, bool)>) {
        spawn(async move {
            let road = sink::best().await;
            tell.emit((road, sink::has_folders()));
        });
    }

    pub(crate) fn run(
        &mut self,
        effect: Effect,
        (model, source, road): (&Model, &Reference, Road),
        link: &Callback<Msg>,
    ) {
        match effect {
            Effect::Measure(blob) => {
                let source = model.selection().source_of(&blob.digest);
                self.measure(&blob, source, link);
            }
            Effect::Open => {
                let control = Rc::new(Control::default());
                self.writing = Some(Rc::clone(&control));
                let writing = Writing {
                    workers: self.workers.clone(),
                    client: Rc::clone(&self.client),
                    selection: model.selection().clone(),
                    control,
                    link: link.clone(),
                    steps: model.steps(),
                    started: Cell::new(0),
                    coming: RefCell::default(),
                    told_at: Cell::new(0),
                };
                let place = Place {
                    road: (model.form() != Form::Folder).then_some(road),
                    name: model.file_name(source),
                    size: model.size(),
                    key: model.key(),
                };
                spawn(async move { writing.run(place).await });
            }
            Effect::Pause => self.control(|control| control.is_paused.set(true)),
            Effect::GoOn => self.control(|control| {
                control.is_paused.set(false);
                control.is_resumed.set(true);
            }),
            Effect::Cancel => self.cancel(),
        }
    }

    /// Stops what is read and written, and leaves nothing behind.
    pub(crate) fn cancel(&mut self) {
        self.measuring = None;
        self.control(|control| control.is_cancelled.set(true));
        self.client.transport().abort();
    }

    fn control(&self, change: impl FnOnce(&Control)) {
        if let Some(control) = &self.writing {
            change(control);
            control.wake();
        }
    }

    /// Reads a layer, to know what it unpacks to.
    fn measure(&mut self, blob: &Blob, source: &Repository, link: &Callback<Msg>) {
        let (digest, size) = (blob.digest.clone(), blob.size);
        let layer = layer(blob, source, Bytes::None);
        let link = link.clone();
        let tell = Callback::from(move |told| {
            let failed = |why| Msg::Unpacked(digest.clone(), Err(why));
            let msg = match told {
                Told::Begun(_) | Told::Bytes(_) | Told::Zeros(_) => return,
                Told::Progress(progress) => Msg::Measured(progress.received),
                Told::Question(_) => failed(words("it unpacks to far more than a layer does")),
                Told::Interrupted { why, .. } => failed(of_interruption(why)),
                Told::Failed(failure) => failed(of_failure(failure)),
                Told::Done(checked) => {
                    Msg::Unpacked(digest.clone(), unpacked(&digest, size, &checked))
                }
            };
            link.emit(msg);
        });
        self.measuring = Some(self.workers.check(&self.client, layer, tell));
    }
}

/// What a layer unpacks to that is what its digest names.
fn unpacked(digest: &Digest, size: u64, checked: &Checked) -> Result<Unpacked, Why> {
    let found = &checked.found;
    if found.digest != *digest || found.size != size {
        return Err(differs(digest, &found.digest));
    }
    match &found.diff_id {
        Ok(diff_id) => Ok(Unpacked {
            diff_id: diff_id.clone(),
            size: found.unpacked_size,
        }),
        Err(error) => Err(words(&error.to_string())),
    }
}

fn layer(blob: &Blob, source: &Repository, bytes: Bytes) -> Layer {
    let mut limits = Limits::of_layer(Some(blob.size));
    if bytes == Bytes::Unpacked {
        // How much it is was measured, and is held to it.
        limits.unpacked = u64::MAX;
        limits.ratio = u64::MAX;
    }
    Layer {
        host: source.host.clone(),
        repository: source.repository.clone(),
        digest: blob.digest.clone(),
        size: Some(blob.size),
        wanted: Wanted {
            bytes,
            ..Wanted::default()
        },
        limits,
    }
}

fn words(why: &str) -> Why {
    Why::Words(why.to_owned())
}

fn differs(expected: &Digest, found: &Digest) -> Why {
    let why = [
        "the registry sent other bytes than ",
        expected.as_str(),
        " names: they hash to ",
        found.as_str(),
    ];
    Why::Words(why.concat())
}

fn of_interruption(why: Interruption) -> Why {
    match why {
        Interruption::Broke => words("the connection broke"),
        Interruption::Registry(error) => Why::Registry(Box::new(error)),
    }
}

fn of_failure(failure: Failure) -> Why {
    match failure {
        Failure::Registry(error) => Why::Registry(Box::new(error)),
        Failure::NoWorker => words("this page was built without what reads layers"),
        Failure::Worker(why) => Why::Words(["what reads layers stopped: ", &why].concat()),
        Failure::Algorithm => words("a digest is of an algorithm that is not computed here"),
    }
}

/// What a person says while a file is written.
#[derive(Default)]
struct Control {
    is_paused: Cell<bool>,
    is_resumed: Cell<bool>,
    is_cancelled: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Control {
    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Waits for something, or for the person to cancel.
    async fn wait<T>(
        &self,
        mut ask: impl FnMut(&mut Context<'_>) -> Option<T>,
    ) -> Result<T, Ended> {
        poll_fn(|context| {
            if self.is_cancelled.get() {
                return Poll::Ready(Err(Ended::Cancelled));
            }
            self.waker.replace(Some(context.waker().clone()));
            ask(context).map_or(Poll::Pending, |answer| Poll::Ready(Ok(answer)))
        })
        .await
    }

    async fn unpaused(&self) -> Result<(), Ended> {
        self.wait(|_| (!self.is_paused.get()).then_some(())).await
    }

    async fn resumed(&self) -> Result<(), Ended> {
        self.is_resumed.set(false);
        self.wait(|_| self.is_resumed.take().then_some(())).await
    }
}

/// Why a file did not become whole.
enum Ended {
    Cancelled,
    /// What was written is good, and may be gone on with.
    Failed(Why),
    /// Something that was written is wrong.
    Wrong(Why),
}

impl From<String> for Ended {
    /// The browser's words.
    fn from(why: String) -> Self {
        Self::Failed(Why::Words(why))
    }
}

/// Where a file goes.
struct Place {
    /// `None` for a folder.
    road: Option<Road>,
    name: String,
    size: u64,
    key: String,
}

/// A file that is written.
struct Writing {
    workers: Workers,
    client: Rc<Client<BrowserTransport>>,
    /// What is written, which says where each content is read.
    selection: Selection,
    control: Rc<Control>,
    link: Callback<Msg>,
    steps: Vec<Step>,
    /// From which step on no content was asked for yet.
    started: Cell<usize>,
    /// What is fetched, in the order of the steps.
    coming: RefCell<VecDeque<Coming>>,
    told_at: Cell<u64>,
}

impl Writing {
    async fn run(self, place: Place) {
        let opened = match place.road {
            Some(road) => Sink::open(road, &place.name, place.size, &place.key).await,
            None => Sink::open_folder().await,
        };
        let mut sink = match opened {
            Ok(sink) => sink,
            Err(why) => return self.link.emit(Msg::Opened(Err(why))),
        };
        self.link.emit(Msg::Opened(Ok(())));
        let msg = match self.write(&mut sink).await {
            Ok(()) => match sink.close().await {
                Ok(()) => Msg::Saved,
                Err(why) => Msg::Failed(Why::Words(why)),
            },
            Err(Ended::Failed(why)) => {
                drop(sink);
                Msg::Failed(why)
            }
            Err(Ended::Wrong(why)) => {
                sink.discard().await;
                Msg::Failed(why)
            }
            Err(Ended::Cancelled) => return sink.discard().await,
        };
        self.link.emit(msg);
    }

    async fn write(&self, sink: &mut Sink) -> Result<(), Ended> {
        let begun = sink.begun();
        let mut start = 0;
        for (number, step) in self.steps.iter().enumerate() {
            let end = start + step.size();
            self.tell(start.max(begun), false);
            match step {
                Step::File(name) => sink.next_file(name).await?,
                Step::Bytes(bytes) => {
                    let here = usize::try_from(begun.saturating_sub(start)).unwrap_or(usize::MAX);
                    if let Some(bytes) = bytes.get(here..).filter(|bytes| !bytes.is_empty()) {
                        sink.write_own(bytes).await?;
                    }
                }
                Step::Content(content) => {
                    let kept = start..end.min(begun);
                    match content {
                        _ if end <= begun => drop(self.check_kept(sink, content, kept).await?),
                        Content::Blob(blob) if start < begun => {
                            self.started.set(number + 1);
                            let held = self.check_kept(sink, content, kept).await?;
                            self.rest(sink, blob, held, start).await?;
                        }
                        Content::Blob(_) | Content::Unpacked(..) => {
                            // What is here of something unpacked comes once more.
                            let here = begun.saturating_sub(start);
                            self.content(sink, number, content, start, here).await?;
                        }
                        Content::Bytes(_) | Content::Link(_) => {}
                    }
                }
            }
            start = end;
        }
        self.tell(start, true);
        Ok(())
    }

    /// Says how far it is.
    fn tell(&self, bytes: u64, now: bool) {
        let at = dom::now();
        if now || at.saturating_sub(self.told_at.get()) >= PROGRESS_MS {
            self.told_at.set(at);
            self.link.emit(Msg::Written { bytes, at });
        }
    }

    /// Hashes what is here of a content from before. Where all of it is here it is held to its digest.
    async fn check_kept(
        &self,
        sink: &Sink,
        content: &Content,
        kept: std::ops::Range<u64>,
    ) -> Result<Option<Held>, Ended> {
        let wrong = |why: waybill_core::save::Wrong| {
            let why = [
                "what the browser kept is not what was written: ",
                &why.to_string(),
                ". Save it again",
            ];
            Ended::Wrong(Why::Words(why.concat()))
        };
        let Some((digest, size)) = content.expected() else {
            return Ok(None);
        };
        let mut held = Held::of(digest, size).map_err(wrong)?;
        let mut from = kept.start;
        while from < kept.end {
            self.control.unpaused().await?;
            let bytes = sink.read(from, kept.end - from).await?;
            if bytes.is_empty() {
                return Err(Ended::Wrong(words(
                    "what the browser kept is not there any more",
                )));
            }
            held.take(&bytes).map_err(wrong)?;
            from += bytes.len() as u64;
        }
        if held.came() < size {
            return Ok(Some(held));
        }
        held.finish().map_err(wrong)?;
        Ok(None)
    }

    /// Fetches the rest of a blob of which the beginning is here.
    async fn rest(
        &self,
        sink: &mut Sink,
        blob: &Blob,
        held: Option<Held>,
        start: u64,
    ) -> Result<(), Ended> {
        let Some(mut held) = held else { return Ok(()) };
        let wrong = |why: waybill_core::save::Wrong| Ended::Wrong(words(&why.to_string()));
        let Repository { host, repository } = self.selection.source_of(&blob.digest);
        while held.came() < blob.size {
            self.control.unpaused().await?;
            let part = held.came()..blob.size.min(held.came() + PART);
            match self
                .client
                .blob_part(host, repository, &blob.digest, part)
                .await
            {
                Ok(bytes) => {
                    held.take(&bytes).map_err(wrong)?;
                    sink.write_own(&bytes).await?;
                    self.tell(start + held.came(), false);
                }
                Err(error) => self.interrupted(Why::Registry(Box::new(error))).await?,
            }
        }
        held.finish().map_err(wrong)
    }

    /// Tells that it cannot go on by itself, and waits for somebody to say so.
    async fn interrupted(&self, why: Why) -> Result<(), Ended> {
        if !self.control.is_cancelled.get() {
            self.link.emit(Msg::Interrupted(why));
        }
        self.control.resumed().await
    }

    fn coming(&self, blob: &Blob, bytes: Bytes) -> Coming {
        let layer = layer(blob, self.selection.source_of(&blob.digest), bytes);
        Coming::new(&self.workers, &self.client, layer)
    }

    /// Begins to fetch what is written next.
    fn fetch_ahead(&self) {
        while self.coming.borrow().len() < AT_ONCE
            && let Some(step) = self.steps.get(self.started.get())
        {
            self.started.set(self.started.get() + 1);
            let Step::Content(content) = step else {
                continue;
            };
            let coming = match content {
                Content::Blob(blob) => self.coming(blob, Bytes::Stored),
                Content::Unpacked(blob, _) => self.coming(blob, Bytes::Unpacked),
                Content::Bytes(_) | Content::Link(_) => continue,
            };
            self.coming.borrow_mut().push_back(coming);
        }
    }

    /// Writes a content as it comes, but for so many of its first bytes, which are here.
    async fn content(
        &self,
        sink: &mut Sink,
        number: usize,
        content: &Content,
        start: u64,
        here: u64,
    ) -> Result<(), Ended> {
        if self.started.get() <= number {
            self.started.set(number);
        }
        self.fetch_ahead();
        let coming = self.coming.borrow_mut().pop_front();
        let (Some(coming), Some((digest, size))) = (coming, content.expected()) else {
            return Ok(());
        };
        self.fetch_ahead();
        let mut came = 0;
        loop {
            self.control.unpaused().await?;
            match self.control.wait(|context| coming.next(context)).await? {
                Told::Bytes(bytes) => {
                    let length = u64::from(bytes.length());
                    if length > size - came {
                        let why = ["more bytes came than ", digest.as_str(), " has"].concat();
                        return Err(Ended::Wrong(Why::Words(why)));
                    }
                    let known =
                        u32::try_from(here.saturating_sub(came).min(length)).unwrap_or(u32::MAX);
                    came += length;
                    if known < bytes.length() {
                        sink.write(&bytes.subarray(known, bytes.length())).await?;
                    }
                    self.tell(start + came.max(here), false);
                }
                Told::Interrupted { why, .. } => {
                    self.interrupted(of_interruption(why)).await?;
                    coming.go_on();
                }
                Told::Question(_) => {
                    let why = ["more bytes came than ", digest.as_str(), " has"].concat();
                    return Err(Ended::Wrong(Why::Words(why)));
                }
                Told::Failed(failure) => return Err(Ended::Failed(of_failure(failure))),
                Told::Done(checked) => {
                    let found = match content {
                        Content::Unpacked(..) => checked
                            .found
                            .diff_id
                            .as_ref()
                            .unwrap_or(&checked.found.digest),
                        Content::Blob(_) | Content::Bytes(_) | Content::Link(_) => {
                            &checked.found.digest
                        }
                    };
                    return if found != digest {
                        Err(Ended::Wrong(differs(digest, found)))
                    } else if came == size {
                        Ok(())
                    } else {
                        let why = [digest.as_str(), " ends early"].concat();
                        Err(Ended::Wrong(Why::Words(why)))
                    };
                }
                Told::Begun(_) | Told::Progress(_) | Told::Zeros(_) => {}
            }
        }
    }
}
