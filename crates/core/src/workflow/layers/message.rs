//! What happens to a check of layers, and what it wants done.

use super::found::{Failure, Found};
use super::plan::Wanted;
use crate::digest::Digest;
use crate::workflow::fetch::Generation;

/// Names one reading of a blob: what is told of an older one is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReadingId {
    /// The inspection that it belongs to.
    pub generation: Generation,
    /// Which of its readings.
    pub number: u32,
}

/// Which blobs a person means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// All that it can be done with.
    All,
    /// One.
    One(Digest),
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// Read these too. What was read, or is being read, is not read again.
    Check(Vec<Wanted>),
    /// Read no further until somebody says so; what was read is kept.
    Pause(Which),
    /// Go on with what was paused, failed or was cancelled, from where it is where that was
    /// kept. One that is done is read once more, unless all are meant.
    GoOn(Which),
    /// What was asked of a reading ([`Event::Asks`]) is answered.
    Answer {
        /// Of which blob.
        digest: Digest,
        /// Whether it goes on as it was; else nothing more of it is unpacked, and its digest is
        /// still checked.
        go_on: bool,
    },
    /// Stop, and keep nothing of what is not done.
    Cancel(Which),
    /// A reading told something.
    Told {
        /// Which.
        reading: ReadingId,
        /// What.
        event: Event,
    },
    /// Several readings tell how far they are, all at one time. It is to come once a second too
    /// where none has anything to tell: so it is known how long nothing came.
    Progress {
        /// When, in milliseconds of any clock that only goes forward.
        now: u64,
        /// How far each is that has something to tell: also that it was answered, with 0 bytes.
        all: Vec<(ReadingId, Bytes)>,
    },
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    /// How many bytes came.
    pub received: u64,
    /// How many bytes they unpack to.
    pub unpacked: u64,
}

/// The limit that a reading came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// More came than is stated.
    Received,
    /// It unpacks to very much.
    Unpacked,
    /// It unpacks to many times as much as came.
    Ratio,
}

/// What a reading tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It came to a limit, and stands still until [`Msg::Answer`].
    Asks(Limit),
    /// All of it came.
    Done(Box<Found>),
    /// It cannot go on.
    Failed {
        /// Why.
        failure: Box<Failure>,
        /// Whether what was read is kept, so that [`Effect::GoOn`] goes on behind it.
        kept: bool,
    },
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read a blob from its beginning, and send what it tells as [`Msg::Told`] and
    /// [`Msg::Progress`].
    Begin {
        /// Names the reading.
        reading: ReadingId,
        /// The blob, and how it is read.
        wanted: Wanted,
    },
    /// Read no further, and keep what was read.
    Pause(ReadingId),
    /// Go on from where it is.
    GoOn(ReadingId),
    /// Tell it the answer to what it asked.
    Answer {
        /// Which.
        reading: ReadingId,
        /// Whether it goes on as it was; else nothing more of it is unpacked.
        go_on: bool,
    },
    /// Stop, and let go of what was read.
    Cancel(ReadingId),
}
