//! How layers are read in the browser: by the workers, which fetch, hash and unpack away from the main thread.

use std::cell::RefCell;
use std::rc::Rc;

use waybill_blobs::layer::Found as Read;
use waybill_blobs::message::{Limit as ReachedLimit, Limits, Wanted as AlsoWanted};
use waybill_blobs::unpack::UnpackError;
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Digest;
use waybill_core::reference::{Reference, Target};
use waybill_core::workflow::fetch::{self, Received};
use waybill_core::workflow::layers::{
    Bytes, Effect, Event, Failure, Found, Limit, Msg as CheckMsg, NotUnpacked, ReadingId, Wanted,
};
use waybill_core::workflow::validate::{ContentFinding, TableFound};
use yew::Callback;

use super::state::Change;
use super::validate::{self, Run, Task};
use super::validation::plain;
use super::{CHECK, Opaque, Runner};
use crate::browser::dom;
pub(super) use crate::browser::tables::Layers;
use crate::browser::tables::{self, Finding, Together};
use crate::browser::workers::{self, Check, Interruption, Layer, Told, Workers};
use crate::inspection::Msg;
use crate::inspection::read_layers::ReadLayer;
use crate::page::spawn;
use crate::shell::Shell;

/// How often the page hears how far its layers are, all at once, in milliseconds.
const PROGRESS: u32 = 100;
/// How often where none of them has anything to tell, in milliseconds.
const STANDING: u64 = 1_000;

/// What a check draws: its buttons go with what they are for.
const CHECKED: &str = ".layer-check, .checked";

/// Has the focus be at the check where the button that had it is gone.
#[derive(Debug)]
pub(super) struct KeepFocus;

impl Run for KeepFocus {
    fn run(&self, _: &Rc<Shell>, _: &Callback<Msg>) {
        dom::focus_if_lost(CHECK);
    }
}

/// Makes what runs the effects of checks.
pub(super) fn runner() -> Box<dyn Runner> {
    Box::new(Running::default())
}

/// Runs the effects of checks. What is told of them finds it as long as it is held.
#[derive(Debug, Default)]
struct Running(Rc<RefCell<Readings>>);

/// What is under way.
#[derive(Debug, Default)]
struct Readings {
    workers: Workers,
    all: Vec<Reading>,
    /// When the page heard last how far they are.
    told: u64,
    /// Whether it hears that again and again.
    is_telling: bool,
}

/// A layer that is read.
#[derive(Debug)]
struct Reading {
    id: ReadingId,
    /// Where it is dropped, it is stopped.
    check: Check,
    bytes: Bytes,
    /// Whether the page has not heard of these bytes, or that more are awaited now.
    is_news: bool,
}

impl Runner for Running {
    fn run(&self, effect: Effect, reference: &Reference, shell: &Rc<Shell>, link: &Callback<Msg>) {
        match effect {
            Effect::Begin { reading, wanted } => {
                self.begin(reading, wanted, reference, shell, link);
                self.tell_progress(link);
            }
            Effect::Pause(reading) => self.with(reading, |reading| reading.check.pause()),
            Effect::GoOn(reading) => self.with(reading, |reading| {
                reading.is_news = true;
                reading.check.go_on();
            }),
            Effect::Answer { reading, go_on } => self.with(reading, |reading| {
                reading.is_news = true;
                reading.check.answer(go_on);
            }),
            Effect::Cancel(reading) => self.0.borrow_mut().forget(reading),
        }
    }

    fn run_task(&self, task: &Opaque, shell: &Rc<Shell>, link: &Callback<Msg>) {
        if let Some(task) = task.read::<Task>() {
            task.run(shell, link);
        }
    }
}

impl Running {
    fn begin(
        &self,
        id: ReadingId,
        wanted: Wanted,
        reference: &Reference,
        shell: &Shell,
        link: &Callback<Msg>,
    ) {
        let (digest, is_listed) = (wanted.digest.clone(), wanted.unpack);
        let has_contents = wanted.contents;
        let layer = Layer {
            host: reference.host().clone(),
            repository: reference.repository().clone(),
            digest: wanted.digest,
            size: wanted.size,
            wanted: AlsoWanted {
                listing: wanted.unpack,
                contents: wanted.contents,
                ..AlsoWanted::default()
            },
            limits: Limits::of_layer(wanted.size),
        };
        let (link, readings) = (link.clone(), Rc::downgrade(&self.0));
        let tell = Callback::from(move |mut told| {
            let Some(readings) = readings.upgrade() else {
                return;
            };
            if let Told::Done(checked) = &mut told {
                let (found, listing) = (&checked.found, checked.listing.take());
                let layer = ReadLayer::new(&digest, found, listing, has_contents);
                link.emit(Change::Read(Rc::new(layer), is_listed).msg());
            }
            let heard = readings.borrow_mut().told(id, told);
            let has_focus = !heard.is_empty() && dom::is_focus_in(CHECKED);
            for msg in heard {
                link.emit(Change::Workflow(msg).msg());
            }
            if has_focus {
                spawn(async {
                    dom::drawn().await;
                    dom::focus_if_lost(CHECK);
                });
            }
        });
        let mut readings = self.0.borrow_mut();
        let check = readings.workers.check(&shell.client, layer, tell);
        readings.all.push(Reading {
            id,
            check,
            bytes: Bytes::default(),
            is_news: false,
        });
    }

    /// Has the page hear how far its layers are for as long as some are read. What was received is told one interval
    /// later at the latest, also where nothing more comes.
    fn tell_progress(&self, link: &Callback<Msg>) {
        if std::mem::replace(&mut self.0.borrow_mut().is_telling, true) {
            return;
        }
        let (link, readings) = (link.clone(), Rc::downgrade(&self.0));
        spawn(async move {
            loop {
                dom::pass(PROGRESS).await;
                let Some(readings) = readings.upgrade() else {
                    return;
                };
                if readings.borrow_mut().ends_telling() {
                    return;
                }
                let news = readings.borrow_mut().news();
                if let Some(msg) = news {
                    link.emit(Change::Workflow(msg).msg());
                }
            }
        });
    }

    fn with(&self, id: ReadingId, does: impl FnOnce(&mut Reading)) {
        if let Some(reading) = self.0.borrow_mut().reading(id) {
            does(reading);
        }
    }
}

impl Readings {
    fn reading(&mut self, id: ReadingId) -> Option<&mut Reading> {
        self.all.iter_mut().find(|reading| reading.id == id)
    }

    fn forget(&mut self, id: ReadingId) {
        self.all.retain(|reading| reading.id != id);
    }

    /// Ends what tells how far layers are, where none is read any more.
    fn ends_telling(&mut self) -> bool {
        self.is_telling = !self.all.is_empty();
        !self.is_telling
    }

    /// What the page is to hear now of how far its layers are.
    fn news(&mut self) -> Option<CheckMsg> {
        let now = dom::now();
        let is_news = self.all.iter().any(|reading| reading.is_news);
        let is_due = is_news || now.saturating_sub(self.told) >= STANDING;
        is_due.then(|| self.progress(now))
    }

    /// What the page hears of it at once.
    fn told(&mut self, id: ReadingId, told: Told) -> Vec<CheckMsg> {
        let Some(reading) = self.reading(id) else {
            return Vec::new();
        };
        let event = match told {
            // No content of a file is asked for here.
            Told::Bytes(_) | Told::Zeros(_) => return Vec::new(),
            Told::Begun(_) => {
                reading.is_news = true;
                return Vec::new();
            }
            Told::Progress(progress) => {
                reading.bytes = Bytes {
                    received: progress.received,
                    unpacked: progress.unpacked,
                };
                reading.is_news = true;
                return Vec::new();
            }
            Told::Question(limit) => Event::Asks(limit_of(limit)),
            Told::Interrupted { received, why } => {
                reading.bytes.received = received;
                reading.is_news = true;
                let failure = match why {
                    Interruption::Broke => Failure::Broken,
                    Interruption::Registry(error) => Failure::Registry(error),
                };
                Event::Failed {
                    failure: Box::new(failure),
                    kept: true,
                }
            }
            Told::Done(checked) => Event::Done(Box::new(found(checked.found))),
            Told::Failed(failure) => Event::Failed {
                failure: Box::new(failure_of(failure)),
                kept: false,
            },
        };
        // How far it is comes before what ends it.
        let progress = self.progress(dom::now());
        if let Event::Done(_) | Event::Failed { kept: false, .. } = event {
            self.forget(id);
        }
        let reading = id;
        vec![progress, CheckMsg::Told { reading, event }]
    }

    fn progress(&mut self, now: u64) -> CheckMsg {
        self.told = now;
        let news = self.all.iter_mut().filter(|reading| reading.is_news);
        let all = news
            .map(|reading| {
                reading.is_news = false;
                (reading.id, reading.bytes)
            })
            .collect();
        CheckMsg::Progress { now, all }
    }
}

fn limit_of(limit: ReachedLimit) -> Limit {
    match limit {
        ReachedLimit::Received => Limit::Received,
        ReachedLimit::Unpacked => Limit::Unpacked,
        ReachedLimit::Ratio => Limit::Ratio,
    }
}

fn failure_of(failure: workers::Failure) -> Failure {
    match failure {
        workers::Failure::Registry(error) => Failure::Registry(error),
        workers::Failure::Worker(words) => Failure::Worker(words),
        workers::Failure::NoWorker => {
            Failure::Worker("this page was built without what reads layers".into())
        }
        workers::Failure::Algorithm => {
            Failure::Worker("its digest is of an algorithm that is not computed here".into())
        }
    }
}

/// What a layer was found to be, as the check takes it.
pub(super) fn found(read: Read) -> Found {
    let Read {
        digest,
        size,
        compression,
        diff_id,
        unpacked_size,
        stream,
        archive,
    } = read;
    Found {
        digest,
        size,
        compression,
        diff_id: diff_id.map_err(|error| match error {
            UnpackError::Corrupt { reason } => NotUnpacked::Corrupt(reason),
            UnpackError::EndsEarly => NotUnpacked::EndsEarly,
            UnpackError::Window(bytes) => NotUnpacked::Window(bytes),
            UnpackError::Unsupported(_) => NotUnpacked::Unsupported,
            UnpackError::Stopped(_) => NotUnpacked::Stopped,
        }),
        unpacked: unpacked_size,
        trailing: stream.trailing,
        archive: archive.map(|_| ()).map_err(|error| error.to_string()),
    }
}

/// What a worker has to look at: the layers of images, together.
#[derive(Debug)]
pub(super) struct ToFind {
    /// Where they are.
    pub(super) reference: Reference,
    /// The digests of the manifests, and the layers.
    pub(super) images: Vec<(Digest, Layers)>,
    /// Where what looks at them is held.
    pub(super) held: Held,
}

/// Holds what looks at the layers of images: where it is dropped, that ends.
pub(super) type Held = Rc<RefCell<Option<Finding>>>;

impl Run for ToFind {
    fn run(&self, shell: &Rc<Shell>, link: &Callback<Msg>) {
        let (manifests, images): (Vec<_>, Vec<_>) = self.images.iter().cloned().unzip();
        let layers = images.iter().map(|image| image.listings.len());
        let named: Vec<_> = manifests.into_iter().zip(layers).collect();
        let link = link.clone();
        let tell = Callback::from(move |told: Vec<Option<Together>>| {
            let found = named.iter().zip(told).map(|((manifest, layers), told)| {
                let found = told.map(|told| LayersFound::of(*layers, told));
                (manifest.clone(), found)
            });
            let found = validate::Told::Found(Rc::new(found.collect()));
            link.emit(Change::Validation(found).msg());
        });
        let (host, repository) = (self.reference.host(), self.reference.repository());
        let finding = tables::find(&shell.client, host, repository, images, tell);
        self.held.replace(Some(finding));
    }
}

/// A manifest that others refer to, and where it has to be.
#[derive(Debug)]
pub(super) struct ToFetch {
    pub(super) reference: Reference,
    pub(super) digest: Digest,
    pub(super) subject: Descriptor,
}

impl Run for ToFetch {
    fn run(&self, shell: &Rc<Shell>, link: &Callback<Msg>) {
        let (shell, link) = (Rc::clone(shell), link.clone());
        let (reference, digest) = (self.reference.clone(), self.digest.clone());
        let media_type = self.subject.media_type.clone();
        spawn(async move {
            let (host, repository) = (reference.host(), reference.repository());
            let target = Target::Digest(digest.clone());
            let answer = shell
                .client
                .manifest(host, repository, &target, media_type.as_ref())
                .await;
            let came = answer.map(Received::from).map_err(fetch::Failure::from);
            link.emit(Change::Validation(validate::Told::Subject(digest, came)).msg());
        });
    }
}

/// What was found in the layers of an image, base first.
#[derive(Clone, Debug)]
pub(super) struct LayersFound {
    /// In each what its entries and its table show.
    pub(super) findings: Vec<Vec<ContentFinding>>,
    /// What came of its table, where it has one.
    pub(super) tables: Vec<Option<TableFound>>,
}

impl LayersFound {
    /// Sorts what was found by the layers, of which there are so many.
    fn of(layers: usize, together: Together) -> Self {
        let mut found = Self {
            findings: vec![Vec::new(); layers],
            tables: vec![None; layers],
        };
        for one in together.findings {
            if let Some(findings) = found.findings.get_mut(one.layer) {
                findings.push(plain(one));
            }
        }
        for (layer, came) in together.tables {
            if let Some(table) = found.tables.get_mut(layer as usize) {
                *table = Some(match came {
                    Ok(seal) => TableFound::Compared {
                        digest: seal.digest,
                        entries: seal.entries,
                    },
                    Err((why, true)) => TableFound::Wrong(why),
                    Err((why, false)) => TableFound::NotHere(why),
                });
            }
        }
        found
    }
}
