//! How layers are read in the browser: by the workers, which fetch, hash and unpack away from the main thread.

use std::cell::RefCell;
use std::rc::Rc;

use waybill_blobs::layer::Found as Read;
use waybill_blobs::message::{Limit as ReachedLimit, Limits, Wanted as AlsoWanted};
use waybill_blobs::sniff::Compression as Sniffed;
use waybill_blobs::unpack::UnpackError;
use waybill_core::reference::Reference;
use waybill_core::workflow::layers::{
    Bytes, Compression, Effect, Event, Failure, Found, Limit, Msg as CheckMsg, NotUnpacked,
    ReadingId, Wanted,
};
use yew::Callback;

use super::state::Change;
use super::validate::ReadLayer;
use crate::browser::dom;
use crate::browser::workers::{
    self, Check as Reading, Checked, Interruption, Layer, Told, Workers,
};
use crate::inspection::Msg;
use crate::shell::Shell;

/// How often the page hears how far its layers are, all at once, in milliseconds.
const PROGRESS: u64 = 100;

thread_local! {
    static READINGS: RefCell<Readings> = RefCell::default();
}

/// What is under way.
#[derive(Debug, Default)]
struct Readings {
    workers: Workers,
    all: Vec<(ReadingId, Reading)>,
    /// How far they are, as far as the page has not heard it.
    progress: Vec<(ReadingId, Bytes)>,
    /// When it heard it last.
    told: u64,
}

/// Runs one effect of a check.
pub(super) fn run(effect: Effect, reference: &Reference, shell: &Rc<Shell>, link: &Callback<Msg>) {
    READINGS.with_borrow_mut(|readings| match effect {
        Effect::Begin { reading, wanted } => {
            readings.begin(reading, wanted, reference, shell, link);
        }
        Effect::Pause(reading) => readings.with(reading, Reading::pause),
        Effect::GoOn(reading) => readings.with(reading, Reading::go_on),
        Effect::Answer { reading, go_on } => {
            readings.with(reading, |it| it.answer(go_on));
        }
        // Where it is dropped, it is stopped.
        Effect::Cancel(reading) => readings.forget(reading),
    });
}

impl Readings {
    fn begin(
        &mut self,
        id: ReadingId,
        wanted: Wanted,
        reference: &Reference,
        shell: &Shell,
        link: &Callback<Msg>,
    ) {
        let digest = wanted.digest.clone();
        let layer = Layer {
            host: reference.host().clone(),
            repository: reference.repository().clone(),
            digest: wanted.digest,
            size: wanted.size,
            wanted: AlsoWanted {
                listing: wanted.unpack,
                ..AlsoWanted::default()
            },
            limits: Limits::of_layer(wanted.size),
        };
        let link = link.clone();
        let tell = Callback::from(move |mut told| {
            if let Told::Done(checked) = &mut told {
                let read = ReadLayer {
                    found: checked.found.clone(),
                    listing: checked.listing.take().map(Rc::from),
                };
                link.emit(Change::Read(digest.clone(), Rc::new(read)).msg());
            }
            for msg in READINGS.with_borrow_mut(|readings| readings.told(id, told)) {
                link.emit(Change::Workflow(msg).msg());
            }
        });
        let reading = self.workers.check(&shell.client, layer, tell);
        self.all.push((id, reading));
    }

    fn with(&self, id: ReadingId, does: impl FnOnce(&Reading)) {
        if let Some((_, reading)) = self.all.iter().find(|(known, _)| *known == id) {
            does(reading);
        }
    }

    fn forget(&mut self, id: ReadingId) {
        self.all.retain(|(known, _)| *known != id);
        self.progress.retain(|(known, _)| *known != id);
    }

    /// What the page hears of it.
    fn told(&mut self, reading: ReadingId, told: Told) -> Vec<CheckMsg> {
        let now = dom::now();
        let event = match told {
            // No content of a file is asked for here.
            Told::Begun(_) | Told::Bytes(_) | Told::Zeros(_) => return Vec::new(),
            Told::Progress(progress) => {
                let bytes = Bytes {
                    received: progress.received,
                    unpacked: progress.unpacked,
                };
                self.progress.retain(|(known, _)| *known != reading);
                self.progress.push((reading, bytes));
                let is_due = now.saturating_sub(self.told) >= PROGRESS;
                return if is_due {
                    vec![self.progress(now)]
                } else {
                    Vec::new()
                };
            }
            Told::Question(limit) => Event::Asks(limit_of(limit)),
            Told::Interrupted { received, why } => {
                let unpacked = self.progress.iter().find(|(known, _)| *known == reading);
                let unpacked = unpacked.map_or(0, |(_, bytes)| bytes.unpacked);
                self.progress.retain(|(known, _)| *known != reading);
                self.progress.push((reading, Bytes { received, unpacked }));
                let failure = match why {
                    Interruption::Broke => Failure::Broken,
                    Interruption::Registry(error) => Failure::Registry(error),
                };
                Event::Failed {
                    failure: Box::new(failure),
                    kept: true,
                }
            }
            Told::Done(checked) => Event::Done(Box::new(found(*checked))),
            Told::Failed(failure) => Event::Failed {
                failure: Box::new(failure_of(failure)),
                kept: false,
            },
        };
        // How far it is comes before what ends it.
        let progress = self.progress(now);
        if let Event::Done(_) | Event::Failed { kept: false, .. } = event {
            self.forget(reading);
        }
        vec![progress, CheckMsg::Told { reading, event }]
    }

    fn progress(&mut self, now: u64) -> CheckMsg {
        self.told = now;
        let all = std::mem::take(&mut self.progress);
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

fn found(checked: Checked) -> Found {
    let Read {
        digest,
        size,
        compression,
        diff_id,
        unpacked_size,
        stream,
        archive,
    } = checked.found;
    Found {
        digest,
        size,
        compression: match compression {
            Sniffed::None => Compression::None,
            Sniffed::Gzip => Compression::Gzip,
            Sniffed::Zstd => Compression::Zstd,
            Sniffed::Bzip2 => Compression::Bzip2,
            Sniffed::Xz => Compression::Xz,
        },
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
