//! The steps of a push, what happens to it, and what it wants done.

use super::request::{Outcome, Request};
use crate::workflow::fetch::Generation;

/// Names a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A place in [`Model::manifests`](super::Model::manifests).
    Manifest(usize),
    /// A place in [`Model::blobs`](super::Model::blobs).
    Blob(usize),
    /// A place in [`Model::tags`](super::Model::tags).
    Tag(usize),
    /// A place in [`Model::referrers`](super::Model::referrers).
    Referrers(usize),
    /// Reading the tag at that place back.
    ReadBack(usize),
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// Do what was planned. Nothing happens unless [`Phase::Planned`].
    Start,
    /// A request of an effect was answered.
    Answered {
        /// The generation of the effect.
        generation: Generation,
        /// The step of the effect.
        step: Step,
        /// The answer.
        answer: Outcome,
    },
    /// More of a blob is at the target.
    Progress {
        /// The generation of the effect.
        generation: Generation,
        /// The step of the effect.
        step: Step,
        /// How many bytes the target has.
        sent: u64,
    },
    /// Stop what is under way. What was cut may be there all the same.
    Cancel,
    /// Go on with what failed or was cancelled.
    Retry,
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// [`run`](super::run) the request, and send the answer back as [`Msg::Answered`].
    Run {
        /// The generation to send back.
        generation: Generation,
        /// The step to send back.
        step: Step,
        /// What to ask.
        request: Request,
    },
    /// Stop every request under way.
    Abort,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The plan is being made. It ends here where a step failed.
    Planning,
    /// The plan is whole, nothing is written yet.
    Planned,
    /// It is being done. It ends here where a step failed.
    Running,
    /// The tags were read back: [`Model::outcome`](super::Model::outcome) says how it compares.
    Done,
}
