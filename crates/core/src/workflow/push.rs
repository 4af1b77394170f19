//! A push: what has to happen so that a tag names a composed list, or an image or list of
//! another repository, then doing it. What is said of the list below is true of an image too.
//!
//! A [`Model`] sends nothing itself. [`Model::open`] and [`update`] give [`Effect`]s; whoever
//! drives it carries each out with [`run`] and hands the answer back as [`Msg::Answered`]. The
//! push part of the page's Compose does so; so do the tests with registries,
//! `tests/registry/push.rs` and `tests/push`.
//!
//! The phases, in their order:
//!
//! 1. [`Phase::Planning`]: the target is asked what the tag names and which manifests it has.
//!    Those that it lacks are read and checked, and it is asked for the blobs that they name.
//!    These are all questions.
//! 2. [`Phase::Planned`]: all of it was answered and nothing failed. Nothing is written before
//!    [`Msg::Start`].
//! 3. [`Phase::Running`]: blobs, the manifests that name them, the list by its digest, and
//!    only when all of that is there the tag. Where the registry keeps no referrers, their
//!    fallback tag is kept, unless it holds something else. At the end the tag is read back.
//! 4. [`Phase::Done`]: the tag was read back, and [`Model::outcome`] says whether it names the
//!    list.
//!
//! What failed stops there; [`Msg::Retry`] goes on with it, and what is done is not done again.
//!
//! `steps` holds what is known of each step, `plan` makes the plan, `write` carries it out,
//! `referrers` keeps the fallback tags; `request` is what is asked of registries,
//! and `failure` why a step failed. This file stays one though it is long: the order of the
//! writes, what stops a push and what a retry takes up again are one rule, told over the same
//! states.

mod failure;
mod message;
mod plan;
mod referrers;
mod request;
mod steps;
mod task;
mod write;

use crate::digest::Digest;
use crate::limits;
use crate::verify::{Comparison, DigestSource};

use super::fetch::{FetchQueue, Generation};

pub use failure::Failure;
pub use message::{Effect, Msg, Phase, Step};
pub(super) use referrers::fallback_tag;
pub use request::{Outcome, Request, run};
pub use steps::{BlobStep, ManifestStep, ReferrersStep, StepState, TagStep, Totals, Transfer};
pub use task::{Companion, Copied, KnownBlob, Root, Task};

/// A push.
///
/// It is driven by hand here, with a closure in the place of a registry that takes everything.
/// A program asks with [`run`] and a client, and may have several requests under way at once.
///
/// ```
/// use std::collections::VecDeque;
/// use waybill_core::compose::{Draft, ListKind};
/// use waybill_core::reference::{Reference, Tag, Target};
/// use waybill_core::registry::answer::Fetched;
/// use waybill_core::registry::push::{PutOutcome, Repository};
/// use waybill_core::registry::transport::Via;
/// use waybill_core::workflow::fetch::Generation;
/// use waybill_core::workflow::push::{
///     Effect, Model, Msg, Outcome, Phase, Request, Root, Task, update,
/// };
///
/// let target: Reference = "registry.example/app:1.0".parse()?;
/// let task = Task {
///     target: Repository::from_reference(&target),
///     tag: target.tag().cloned().unwrap_or_else(Tag::latest),
///     more_tags: Vec::new(),
///     companions: Vec::new(),
///     root: Root::Composed(Draft::new(ListKind::OciIndex).write().into()),
///     sources: Vec::new(),
///     given: Vec::new(),
///     known: Vec::new(),
///     left_out: Vec::new(),
/// };
/// let mut under_the_tag = b"{}".to_vec();
/// let mut ask = |request| match request {
///     Request::HasManifest { .. } => Outcome::Has(Ok(false)),
///     Request::PutManifest { target, bytes, .. } => {
///         if let Target::Tag(_) = target {
///             under_the_tag = bytes.to_vec();
///         }
///         Outcome::Put(Ok(PutOutcome { via: Via::Direct, subject_taken: false }))
///     }
///     _ => Outcome::Read(Ok(Fetched {
///         bytes: under_the_tag.clone(),
///         content_type: None,
///         docker_content_digest: None,
///         via: Via::Direct,
///         from_session: false,
///     })),
/// };
/// let mut drive = |model: &mut Model, effects: Vec<Effect>| {
///     let mut open = VecDeque::from(effects);
///     while let Some(Effect::Run { generation, step, request }) = open.pop_front() {
///         let answer = ask(request);
///         open.extend(update(model, Msg::Answered { generation, step, answer }));
///     }
/// };
///
/// // The plan: the tag names something else, and the list is to be put.
/// let (mut model, effects) = Model::open(task, Generation(1));
/// drive(&mut model, effects);
/// assert_eq!((model.phase(), model.totals().manifests_put), (Phase::Planned, 1));
/// // Doing it: the list by its digest, the tag, then the tag is read back.
/// let effects = update(&mut model, Msg::Start);
/// drive(&mut model, effects);
/// assert!(model.outcome().is_some_and(|outcome| outcome.verdict.is_verified()));
/// # Ok::<(), waybill_core::reference::ReferenceError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Model {
    task: Task,
    /// Goes forward only, but for a reading back that found something else: `retry` makes
    /// `Running` of `Done` then.
    phase: Phase,
    /// While the plan is made, the steps that are still to be asked about. In a push that runs
    /// nothing waits in it: only its generation and its count of requests under way matter.
    queue: FetchQueue<Step>,
    /// The generation that it began with: answers of an older one are another push's.
    first: Generation,
    /// Whether nothing new is begun, since something failed or was cancelled. Set by `take`,
    /// by `cancel`, and by `plan_list` for a list that is refused; cleared by `retry`.
    stopped: bool,
    /// The list itself is the first.
    manifests: Vec<ManifestStep>,
    /// In the order in which they were found, which is the order in which they go out.
    blobs: Vec<BlobStep>,
    /// The place of each digest in `manifests`, sorted by digest: what several lists or images
    /// name has one step.
    manifest_places: Vec<(Digest, usize)>,
    /// The same for `blobs`.
    blob_places: Vec<(Digest, usize)>,
    /// All blobs before this place are there, so that a search for the next one begins here.
    first_blob: usize,
    /// The same for manifests, the list at place 0 left aside: it is put last.
    first_manifest: usize,
    /// The first one names the list, and is put last.
    tags: Vec<TagStep>,
    /// Grows while the push runs: only the answer to a manifest that was put shows whether its
    /// subject was taken note of.
    referrers: Vec<ReferrersStep>,
}

impl Model {
    /// A push that is being planned, and the effects that start it. `generation` has to differ
    /// from those of all earlier ones.
    ///
    /// The first questions are what the tag names, whether the target has the list, then its
    /// entries. There are none where the list itself may not be pushed:
    /// [`failures`](Self::failures) says why, and no retry changes it.
    #[must_use]
    pub fn open(task: Task, generation: Generation) -> (Self, Vec<Effect>) {
        let tags = [&task.tag].into_iter().chain(&task.more_tags);
        let tags: Vec<_> = tags.map(|tag| TagStep::new(tag, 0)).collect();
        let mut model = Self {
            phase: Phase::Planning,
            queue: FetchQueue::new(generation),
            first: generation,
            stopped: false,
            manifests: Vec::new(),
            blobs: Vec::new(),
            manifest_places: Vec::new(),
            blob_places: Vec::new(),
            first_blob: 0,
            first_manifest: 0,
            tags,
            referrers: Vec::new(),
            task,
        };
        for place in 0..model.tags.len() {
            model.queue.push(Step::Tag(place));
        }
        model.plan_list();
        let effects = model.next();
        (model, effects)
    }

    /// What is pushed where.
    #[must_use]
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// How far it is.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The generation that answers have to carry; the next push's has to be higher. Cancelling
    /// raises it.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.queue.generation()
    }

    /// How many requests are under way.
    ///
    /// If there are none in [`Phase::Planning`] or [`Phase::Running`], the push stopped: it
    /// waits for [`Msg::Retry`], and [`failures`](Self::failures) says why.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.queue.in_flight()
    }

    /// The manifests; the list itself is the first, the entries follow in their order, then
    /// what nested lists name.
    ///
    /// Each digest stands once, at the first place where it was found.
    #[must_use]
    pub fn manifests(&self) -> &[ManifestStep] {
        &self.manifests
    }

    /// The blobs of the manifests that the target lacks, each once. The blobs of a manifest
    /// that the target has are not looked at.
    #[must_use]
    pub fn blobs(&self) -> &[BlobStep] {
        &self.blobs
    }

    /// The tag that the task names first.
    #[must_use]
    pub fn tag(&self) -> &TagStep {
        &self.tags[0]
    }

    /// The tags: that one first, then others that name the same, then those of what goes along.
    #[must_use]
    pub fn tags(&self) -> &[TagStep] {
        &self.tags
    }

    /// The fallback tags to keep, as far as is known: one for each manifest put whose subject
    /// the registry ignored. Whether the registry needs the tag at all is asked as part of the
    /// step.
    #[must_use]
    pub fn referrers(&self) -> &[ReferrersStep] {
        &self.referrers
    }

    /// How it stands with reading the first tag back.
    #[must_use]
    pub fn read_back(&self) -> &StepState {
        &self.tag().read_back
    }

    /// What the tags named when they were read back, compared with what they are to name: of the
    /// first that differs, or else of the first one; `None` before. Where one differs,
    /// [`Msg::Retry`] reads it once more, and does not overwrite it.
    #[must_use]
    pub fn outcome(&self) -> Option<&Comparison> {
        if self.tags.iter().any(|tag| tag.outcome.is_none()) {
            return None;
        }
        let mut outcomes = self.tags.iter().filter_map(|tag| tag.outcome.as_ref());
        let differs = |outcome: &&Comparison| !outcome.verdict.is_verified();
        outcomes.clone().find(differs).or_else(|| outcomes.next())
    }

    /// The steps that failed, each with the reason: blobs first, then manifests, the tag,
    /// fallback tags, reading back.
    #[must_use]
    pub fn failures(&self) -> Vec<(Step, &Failure)> {
        self.steps()
            .filter_map(|(step, state)| Some((step, state.failure()?)))
            .collect()
    }

    /// Every step: blobs, manifests, the tag, fallback tags, reading back. Among the manifests
    /// the list stands first, though it is put last. It is the order of telling; that of
    /// writing is in `next_write`.
    fn steps(&self) -> impl Iterator<Item = (Step, &StepState)> {
        let blobs = self
            .blobs
            .iter()
            .enumerate()
            .map(|(place, blob)| (Step::Blob(place), &blob.state));
        let manifests = self
            .manifests
            .iter()
            .enumerate()
            .map(|(place, one)| (Step::Manifest(place), &one.state));
        let referrers = self
            .referrers
            .iter()
            .enumerate()
            .map(|(place, one)| (Step::Referrers(place), &one.state));
        let tags = self
            .tags
            .iter()
            .enumerate()
            .map(|(place, tag)| (Step::Tag(place), &tag.state));
        let end = self
            .tags
            .iter()
            .enumerate()
            .map(|(place, tag)| (Step::ReadBack(place), &tag.read_back));
        blobs
            .chain(manifests)
            .chain(tags)
            .chain(referrers)
            .chain(end)
    }

    /// How it stands with a step, to be changed; `None` for a place that the plan does not have.
    fn state_mut(&mut self, step: Step) -> Option<&mut StepState> {
        match step {
            Step::Manifest(place) => self.manifests.get_mut(place).map(|step| &mut step.state),
            Step::Blob(place) => self.blobs.get_mut(place).map(|step| &mut step.state),
            Step::Referrers(place) => self.referrers.get_mut(place).map(|step| &mut step.state),
            Step::Tag(place) => self.tags.get_mut(place).map(|tag| &mut tag.state),
            Step::ReadBack(place) => self.tags.get_mut(place).map(|tag| &mut tag.read_back),
        }
    }

    /// What a step does at the target, once that is known: put, mount, copy.
    ///
    /// Always `None` for fallback tags and for reading back, so that `retry` asks about them anew.
    fn how(&self, step: Step) -> Option<Transfer> {
        match step {
            Step::Manifest(place) => self.manifests.get(place)?.how,
            Step::Blob(place) => self.blobs.get(place)?.how,
            Step::Tag(place) => self.tags.get(place)?.how,
            Step::Referrers(_) | Step::ReadBack(_) => None,
        }
    }

    /// Says how it stands with a step.
    fn set(&mut self, step: Step, state: StepState) {
        if let Some(slot) = self.state_mut(step) {
            *slot = state;
        }
    }

    /// Makes an effect of a request, and counts it as under way. The caller has set the state
    /// of the step already.
    fn effect(&mut self, step: Step, request: Request) -> Effect {
        self.queue.started();
        Effect::Run {
            generation: self.queue.generation(),
            step,
            request,
        }
    }

    /// Starts what may start.
    ///
    /// At most `PUSH_REQUESTS_AT_ONCE` are under way, and nothing starts once the push has
    /// `stopped`. The plan is whole once nothing is asked any more and nothing failed; it is
    /// then for the person to begin. `Phase::Done` is not set here but by `take`, with the
    /// answer of reading back.
    fn next(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        while self.queue.in_flight() < limits::PUSH_REQUESTS_AT_ONCE && !self.stopped {
            let effect = match self.phase {
                Phase::Planning => self.next_question(),
                Phase::Running => self.next_write(),
                Phase::Planned | Phase::Done => None,
            };
            let Some(effect) = effect else { break };
            effects.push(effect);
        }
        let ended = self.queue.pending() == 0;
        if self.phase == Phase::Planning
            && ended
            && self.steps().all(|(_, state)| state.failure().is_none())
        {
            self.phase = Phase::Planned;
        }
        effects
    }

    /// Takes an answer. Its generation was compared before. A failure stops what was not
    /// begun, and what is under way comes to its end; only while the plan is made does the
    /// rest go on, unless the target failed or the push was cancelled.
    ///
    /// Answers to writes and those about fallback tags are taken apart here; those to the
    /// questions of the plan are passed on to `take_planned`, and so is a failure to read the
    /// tag back.
    fn take(&mut self, step: Step, answer: Outcome) {
        match (step, answer) {
            (Step::ReadBack(place), Outcome::Read(Ok(answer))) => {
                let hashed = self.task.hashed(&answer.bytes);
                let tag = &mut self.tags[place];
                let named = &self.manifests[tag.names];
                tag.outcome = Some(Comparison::new(
                    Some(&hashed),
                    DigestSource::Asked,
                    named.digest.as_str(),
                    named.size,
                ));
                tag.read_back = StepState::Done;
                if self.tags.iter().all(|tag| tag.outcome.is_some()) {
                    self.phase = Phase::Done;
                }
            }
            (Step::Referrers(place), answer) => self.take_referrers(place, answer),
            (Step::Tag(place), Outcome::Put(Ok(put))) => {
                self.tags[place].state = StepState::Done;
                if place == 0 {
                    self.need_referrers(0, put);
                }
            }
            (Step::Manifest(place), Outcome::Put(Ok(put))) => {
                self.manifests[place].state = StepState::Done;
                // The list is put once more under its tag, unless that names it already.
                if place != 0 || self.tags[0].state.is_there() {
                    self.need_referrers(place, put);
                }
            }
            (Step::Blob(place), Outcome::Sent(Ok(sent))) => self.blobs[place].take_sent(sent),
            (Step::Blob(place), Outcome::Sent(Err(cut))) => {
                self.blobs[place].upload = cut.upload;
                self.blobs[place].state = StepState::Failed(cut.error.into());
            }
            (_, Outcome::Put(Err(error))) => {
                self.set(step, StepState::Failed(Failure::target(error)));
            }
            (_, answer) => self.take_planned(step, answer),
        }
        // While the plan is made, a source may fail for itself. Whatever was begun comes to
        // its end.
        self.stopped |= match self.state_mut(step).and_then(|state| state.failure()) {
            Some(Failure::Target(_) | Failure::Cancelled) => true,
            Some(failure) if failure.is_left_alone() => false,
            Some(_) => self.phase != Phase::Planning,
            None => false,
        };
    }

    /// Ends what is under way as cancelled, and raises the generation, so that its answers do
    /// not count any more. What waits in the queue of a plan stays there.
    ///
    /// A write that was cut may be at the target all the same: `retry` writes blobs, manifests
    /// and the tag again without asking first, a blob from where its upload was (`take_left`). A
    /// fallback tag is asked about anew.
    fn cancel(&mut self) {
        self.queue.abandon();
        let steps = self
            .steps()
            .filter(|(_, state)| matches!(state, StepState::Asked | StepState::Running { .. }));
        for step in steps.map(|(step, _)| step).collect::<Vec<_>>() {
            self.stopped = true;
            self.set(step, StepState::Failed(Failure::Cancelled));
        }
    }

    /// Takes what a cancelled upload left at the target, to go on from: of a late answer that is
    /// all that counts.
    ///
    /// It is kept only where the blob is still cancelled, so that what goes on never changes
    /// below an attempt that runs. Whether the registry still has it, and how much, the next
    /// attempt asks; and its digest is checked in any case.
    fn take_left(&mut self, generation: Generation, step: Step, answer: Outcome) {
        if let Step::Blob(place) = step
            && let Outcome::Sent(Err(cut)) = answer
            && generation >= self.first
            && let Some(blob) = self.blobs.get_mut(place)
            && blob.state == StepState::Failed(Failure::Cancelled)
        {
            blob.upload = cut.upload;
        }
    }

    /// What failed is to be done again; what is under way is left alone.
    ///
    /// While the plan is made, failed steps go to the end of the queue, and the target is
    /// asked once more; a manifest that it is known to lack is read from its source at once,
    /// where it has one. In a push that runs, blobs, manifests and the tag are written without
    /// asking first, an upload that was cut going on where the registry still has it; fallback
    /// tags and the reading back are asked about anew. After `Phase::Done` the tag is read
    /// once more, where it named something else.
    fn retry(&mut self) {
        // A list that was refused stays what it is.
        if self.manifests[0].bytes.is_none() {
            return;
        }
        self.stopped = false;
        for step in self
            .failures()
            .into_iter()
            .map(|(step, _)| step)
            .collect::<Vec<_>>()
        {
            let planned = self.how(step).is_some() && self.phase == Phase::Running;
            self.set(
                step,
                if planned {
                    StepState::Planned
                } else {
                    StepState::Unknown
                },
            );
            if self.phase == Phase::Planning {
                self.queue.push(step);
            }
        }
        for tag in &mut self.tags {
            // Somebody else may have put another list under the tag, so that it is read once
            // more, not overwritten.
            let differs = tag
                .outcome
                .take_if(|outcome| !outcome.verdict.is_verified());
            if differs.is_some() {
                tag.read_back = StepState::Unknown;
                self.phase = Phase::Running;
            }
        }
    }
}

/// Takes one message into the model; the answer is what to do next.
///
/// Answers and progress of another generation are dropped, but for what a cancelled upload left:
/// [`Msg::Retry`] goes on with that. [`Msg::Progress`] brings no effects, and [`Msg::Cancel`] only
/// [`Effect::Abort`]; every other message may start as many requests as are free, [`Msg::Start`]
/// only from [`Phase::Planned`] on.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Answered {
            generation,
            step,
            answer,
        } if generation != model.generation() => {
            model.take_left(generation, step, answer);
            return Vec::new();
        }
        Msg::Progress { generation, .. } if generation != model.generation() => {
            return Vec::new();
        }
        Msg::Start if model.phase == Phase::Planned => model.phase = Phase::Running,
        Msg::Start => {}
        Msg::Answered { step, answer, .. } => {
            model.queue.answered();
            model.take(step, answer);
        }
        Msg::Progress { step, sent, .. } => {
            if let Step::Blob(place) = step {
                model.blobs[place].take_progress(sent);
            }
            return Vec::new();
        }
        Msg::Cancel => {
            model.cancel();
            return vec![Effect::Abort];
        }
        Msg::Retry => model.retry(),
    }
    model.next()
}

#[cfg(test)]
mod tests;
