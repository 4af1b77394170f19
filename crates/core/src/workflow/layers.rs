//! The layers of images, read and compared with what manifest and config name.
//!
//! [`Plan::of`] says what there is to read at the place of an inspection, [`Total::of`] how many
//! bytes that is, before anything is asked for. [`update`] takes the model and a message and
//! gives the effects to run. What a blob was [`Found`] to be stands in the model by its digest,
//! whichever image names it; [`standing`] compares it with what one image names.
//!
//! - `below` goes through a list, and the lists in it.
//! - `plan` says what is read, and what is not and why.
//! - `found` is what reading found, and the three [`Seals`] of a layer.
//! - `progress` knows how fast it goes; the time comes in with the messages.
//!
//! Blobs are read side by side, at most [`limits::LAYERS_AT_ONCE`]. What is paused, waits for an
//! answer or failed holds up nothing else. How bytes are fetched, hashed and unpacked is not
//! known here: results are plain values.

mod below;
mod found;
mod message;
mod plan;
mod progress;
mod tally;

use std::collections::{BTreeMap, VecDeque};

use crate::digest::Digest;
use crate::limits;
use crate::workflow::fetch::Generation;

pub use below::{Below, Listed, Opening};
pub use found::{Compression, Failure, Found, NotChecked, NotUnpacked, Seal, Seals, Wrong};
pub use message::{Bytes, Effect, Event, Limit, Msg, ReadingId, Which};
pub use plan::{ImagePlan, NoDiffId, NotFetched, Plan, PlannedLayer, Reading, Total, Wanted};
pub use progress::Progress;
pub use tally::{Standing, Tally, standing};

pub(super) use plan::TABLES;

pub use super::inspect::{LayersOutcome as Outcome, LayersTold as Told};

/// The blobs that somebody asked for.
#[derive(Clone, Debug)]
pub struct Model {
    generation: Generation,
    /// The number of the last reading.
    number: u32,
    /// In the order in which they were asked for.
    blobs: Vec<Blob>,
    /// Where each stands among them.
    places: BTreeMap<Digest, usize>,
    /// What waits to be read, in order.
    waiting: VecDeque<Digest>,
}

/// One blob.
#[derive(Clone, Debug)]
pub struct Blob {
    /// What was asked for.
    pub wanted: Wanted,
    /// How it stands.
    pub state: State,
    /// How far it is.
    pub progress: Progress,
    /// The reading that is under way, or kept to go on with.
    reading: Option<ReadingId>,
}

/// How a blob stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is its turn later.
    Waiting,
    /// It is being read.
    Running,
    /// The person paused it.
    Paused,
    /// It came to a limit, and somebody has to say whether to go on.
    Asking(Limit),
    /// It did not come, or not whole.
    Failed(Box<Failure>),
    /// All of it came.
    Done(Box<Found>),
}

impl Blob {
    /// How much of it is here, from 0 to 1,000; all where it is done.
    #[must_use]
    pub fn permille(&self) -> u16 {
        if matches!(self.state, State::Done(_)) {
            return 1_000;
        }
        let Some(size) = self.wanted.size.filter(|size| *size > 0) else {
            return 0;
        };
        let share = u128::from(self.progress.bytes.received) * 1_000 / u128::from(size);
        u16::try_from(share.min(1_000)).unwrap_or(1_000)
    }

    /// Whether going on begins behind what was read.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.reading.is_some()
    }

    /// Whether what came is not what its digest names.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        matches!(&self.state, State::Done(found) if found.digest != self.wanted.digest)
    }
}

impl Model {
    /// A check of which nothing was asked yet. The generation has to differ from those of all
    /// earlier inspections.
    #[must_use]
    pub fn new(generation: Generation) -> Self {
        Self {
            generation,
            number: 0,
            blobs: Vec::new(),
            places: BTreeMap::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Finds a blob; `None` where nobody asked for it.
    #[must_use]
    pub fn blob(&self, digest: &Digest) -> Option<&Blob> {
        self.blobs.get(*self.places.get(digest)?)
    }

    /// Lists the blobs, in the order in which they were asked for.
    #[must_use]
    pub fn blobs(&self) -> &[Blob] {
        &self.blobs
    }

    /// Whether something is being read, or waits for it.
    #[must_use]
    pub fn is_running(&self) -> bool {
        let is_running = |blob: &Blob| matches!(blob.state, State::Running | State::Waiting);
        self.blobs.iter().any(is_running)
    }

    fn blob_mut(&mut self, digest: &Digest) -> Option<&mut Blob> {
        let place = *self.places.get(digest)?;
        self.blobs.get_mut(place)
    }

    fn of_reading(&mut self, reading: ReadingId) -> Option<&mut Blob> {
        self.blobs
            .iter_mut()
            .find(|blob| blob.reading == Some(reading))
    }

    /// The digests of those that are meant.
    fn meant(&self, which: Which) -> Vec<Digest> {
        match which {
            Which::One(digest) => vec![digest],
            Which::All => {
                let digests = self.blobs.iter().map(|blob| blob.wanted.digest.clone());
                digests.collect()
            }
        }
    }

    /// Begins or goes on with what waits, as far as there is room.
    fn next_readings(&mut self) -> Vec<Effect> {
        let is_running = |blob: &&Blob| blob.state == State::Running;
        let mut running = self.blobs.iter().filter(is_running).count();
        let mut effects = Vec::new();
        while running < limits::LAYERS_AT_ONCE
            && let Some(digest) = self.waiting.pop_front()
        {
            let next = ReadingId {
                generation: self.generation,
                number: self.number.wrapping_add(1),
            };
            let Some(blob) = self.blob_mut(&digest) else {
                continue;
            };
            blob.state = State::Running;
            running += 1;
            if let Some(reading) = blob.reading {
                effects.push(Effect::GoOn(reading));
                continue;
            }
            blob.progress = Progress::default();
            blob.reading = Some(next);
            let wanted = blob.wanted.clone();
            self.number = next.number;
            effects.push(Effect::Begin {
                reading: next,
                wanted,
            });
        }
        effects
    }

    fn check(&mut self, wanted: Vec<Wanted>) {
        for wanted in wanted {
            let digest = wanted.digest.clone();
            if let Some(blob) = self.blob_mut(&digest) {
                // One image takes it for a file system, and another did not.
                let is_more = wanted.unpack && !blob.wanted.unpack;
                blob.wanted.unpack |= wanted.unpack;
                blob.wanted.contents |= wanted.contents;
                match blob.state {
                    State::Failed(_) => {}
                    State::Done(_) if is_more => {}
                    State::Done(_)
                    | State::Waiting
                    | State::Running
                    | State::Paused
                    | State::Asking(_) => continue,
                }
                blob.state = State::Waiting;
            } else {
                self.places.insert(digest.clone(), self.blobs.len());
                self.blobs.push(Blob {
                    wanted,
                    state: State::Waiting,
                    progress: Progress::default(),
                    reading: None,
                });
            }
            self.waiting.push_back(digest);
        }
    }

    fn pause(&mut self, digest: &Digest) -> Option<Effect> {
        let blob = self.blob_mut(digest)?;
        let was = std::mem::replace(&mut blob.state, State::Paused);
        match was {
            State::Running => {
                blob.progress.stand();
                blob.reading.map(Effect::Pause)
            }
            State::Waiting => {
                self.waiting.retain(|waiting| waiting != digest);
                None
            }
            State::Paused => None,
            other @ (State::Asking(_) | State::Failed(_) | State::Done(_)) => {
                blob.state = other;
                None
            }
        }
    }

    fn go_on(&mut self, digest: &Digest, even_done: bool) {
        let Some(blob) = self.blob_mut(digest) else {
            return;
        };
        match blob.state {
            State::Paused | State::Failed(_) => {}
            State::Done(_) if even_done => blob.reading = None,
            State::Done(_) | State::Waiting | State::Running | State::Asking(_) => return,
        }
        blob.state = State::Waiting;
        self.waiting.push_back(digest.clone());
    }

    fn cancel(&mut self, digest: &Digest) -> Option<Effect> {
        let blob = self.blob_mut(digest)?;
        if matches!(blob.state, State::Done(_)) {
            return None;
        }
        // What failed for another reason keeps it; what was read of it is let go all the same.
        if !matches!(blob.state, State::Failed(_)) {
            blob.state = State::Failed(Box::new(Failure::Cancelled));
        }
        blob.progress.stand();
        let reading = blob.reading.take();
        self.waiting.retain(|waiting| waiting != digest);
        reading.map(Effect::Cancel)
    }

    fn told(&mut self, reading: ReadingId, event: Event) {
        let Some(blob) = self.of_reading(reading) else {
            return;
        };
        blob.progress.stand();
        match event {
            Event::Asks(limit) => blob.state = State::Asking(limit),
            Event::Done(found) => {
                blob.progress.bytes = Bytes {
                    received: found.size,
                    unpacked: found.unpacked,
                };
                blob.reading = None;
                blob.state = State::Done(found);
            }
            Event::Failed { failure, kept } => {
                if !kept {
                    blob.reading = None;
                }
                blob.state = State::Failed(failure);
            }
        }
    }
}

/// Takes one message into the model; the answer is what to do next.
///
/// What a reading tells counts only as long as it is the one that its blob waits for: after
/// cancelling, and for an older inspection, it is dropped.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    match msg {
        Msg::Check(wanted) => model.check(wanted),
        Msg::Pause(which) => {
            for digest in model.meant(which) {
                effects.extend(model.pause(&digest));
            }
        }
        Msg::GoOn(which) => {
            let is_one = matches!(which, Which::One(_));
            for digest in model.meant(which) {
                model.go_on(&digest, is_one);
            }
        }
        Msg::Answer { digest, go_on } => {
            if let Some(blob) = model.blob_mut(&digest)
                && matches!(blob.state, State::Asking(_))
                && let Some(reading) = blob.reading
            {
                blob.state = State::Running;
                effects.push(Effect::Answer { reading, go_on });
            }
        }
        Msg::Cancel(which) => {
            for digest in model.meant(which) {
                effects.extend(model.cancel(&digest));
            }
        }
        Msg::Told { reading, event } => model.told(reading, event),
        Msg::Progress { now, all } => {
            let is_running = |blob: &&mut Blob| blob.state == State::Running;
            for blob in model.blobs.iter_mut().filter(is_running) {
                let of_it = |(reading, _): &&(ReadingId, Bytes)| blob.reading == Some(*reading);
                match all.iter().find(of_it) {
                    Some((_, bytes)) => blob.progress.take(now, *bytes),
                    None => blob.progress.wait(now),
                }
            }
        }
    }
    effects.extend(model.next_readings());
    effects
}

#[cfg(test)]
pub(in crate::workflow) mod tests;
