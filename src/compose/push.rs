//! The push part of Compose: the plan, doing it, and what came of it.

mod plan;
mod view;
mod summary;

use waybill_core::reference::Tag;
use waybill_core::registry::push::Repository;
use waybill_core::workflow::compose::Model as Composed;
use waybill_core::workflow::fetch::Generation;
use waybill_core::workflow::push::{self as workflow, Failure, Model, Msg, Phase, Task};

use super::message::Effect;

pub(super) use view::view;

/// The id of the heading, to which the focus goes.
const HEADING: &str = "push";

/// Says how far a push is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The plan is being made.
    Planning,
    /// Something is in the way of the plan.
    Unplanned,
    /// The plan is whole, nothing is written yet.
    Planned,
    /// It is being done.
    Running,
    /// It failed or was cancelled, and can go on.
    Stopped,
    /// The tag names the list.
    Pushed,
    /// The tag names something else.
    Differs,
}

impl Stage {
    fn from_model(model: &Model) -> Self {
        match (model.phase(), model.pending()) {
            (Phase::Planning, 0) => Self::Unplanned,
            (Phase::Planning, _) => Self::Planning,
            (Phase::Planned, _) => Self::Planned,
            (Phase::Running, 0) => Self::Stopped,
            (Phase::Running, _) => Self::Running,
            (Phase::Done, _)
                if model
                    .outcome()
                    .is_some_and(|outcome| outcome.verdict.is_verified()) =>
            {
                Self::Pushed
            }
            (Phase::Done, _) => Self::Differs,
        }
    }
}

/// Holds the push part of the page, with the push where there is one.
#[derive(Default)]
pub(super) struct Push {
    model: Option<Model>,
    from_step: usize,
    /// The highest generation so far.
    generation: Generation,
}

impl Push {
    /// Makes the plan of a push of what is composed, or makes it again.
    pub(super) fn plan(&mut self, composed: &Composed) -> Vec<Effect> {
        let before = self.stage();
        let mut effects = self.stop();
        self.from_step = 0;
        if let Some(task) = Task::from_composition(composed) {
            let (model, first) = Model::open(task, self.generation.next());
            self.generation = model.generation();
            self.model = Some(model);
            effects.extend(first);
        }
        self.after(before, effects)
    }

    /// Puts the push away.
    pub(super) fn close(&mut self) -> Vec<Effect> {
        let before = self.stage();
        let effects = self.stop();
        self.after(before, effects)
    }

    /// Takes a message of the push.
    pub(super) fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let before = self.stage();
        let Some(model) = &mut self.model else {
            return Vec::new();
        };
        let effects = workflow::update(model, msg);
        self.generation = model.generation();
        self.after(before, effects)
    }

    /// Draws the steps from that one on.
    pub(super) fn draw_from(&mut self, step: usize) {
        self.from_step = step;
    }

    /// Follows a change of what is composed: a plan that nobody began to do is put away with it.
    pub(super) fn follow(&mut self, composed: &Composed) -> Vec<Effect> {
        match self.stage() {
            Some(Stage::Planning | Stage::Unplanned | Stage::Planned) if !self.is_of(composed) => {
                self.close()
            }
            _ => Vec::new(),
        }
    }

    /// Goes on with what failed, since something changed that it may have failed for. What the person cancelled waits
    /// for the person.
    pub(super) fn retry(&mut self) -> Vec<Effect> {
        let is_cancelled = |model: &Model| {
            let failures = model.failures();
            failures
                .iter()
                .any(|(_, failure)| **failure == Failure::Cancelled)
        };
        match self.stage() {
            Some(Stage::Unplanned | Stage::Stopped)
                if !self.model.as_ref().is_some_and(is_cancelled) =>
            {
                self.update(Msg::Retry)
            }
            _ => Vec::new(),
        }
    }

    /// Tells whether what is composed was pushed to where it is to go.
    pub(super) fn is_pushed(&self, composed: &Composed) -> bool {
        self.stage() == Some(Stage::Pushed) && self.is_of(composed)
    }

    /// Tells whether there is a push, planned or further.
    pub(super) fn is_there(&self) -> bool {
        self.model.is_some()
    }

    fn stage(&self) -> Option<Stage> {
        self.model.as_ref().map(Stage::from_model)
    }

    /// Tells whether the push is of what is composed. It is asked at every drawing, so that no task is made for it.
    fn is_of(&self, composed: &Composed) -> bool {
        let (Some(model), Some(target)) = (&self.model, &composed.composition().target) else {
            return false;
        };
        let own = model.task();
        own.target == Repository::from_reference(target)
            && own.tag.as_str() == target.tag().map_or(Tag::latest().as_str(), Tag::as_str)
            && *own.root.digest() == composed.written().digest
    }

    /// Ends the push, and stops what is under way of it.
    fn stop(&mut self) -> Vec<workflow::Effect> {
        let model = self.model.take();
        let runs = model.is_some_and(|model| model.pending() > 0);
        runs.then_some(workflow::Effect::Abort)
            .into_iter()
            .collect()
    }

    /// Returns the effects that follow a change from that stage.
    fn after(&mut self, before: Option<Stage>, effects: Vec<workflow::Effect>) -> Vec<Effect> {
        let mut effects: Vec<_> = effects.into_iter().map(Effect::Push).collect();
        let now = self.stage();
        if now == before {
            return effects;
        }
        let runs = |stage| stage == Some(Stage::Running);
        if runs(now) != runs(before) {
            effects.push(Effect::Guard(runs(now)));
        }
        // Whoever pressed a button that is gone, and whoever waits, is led to what came of it. A plan that is ready is
        // only announced: by then the person may be somewhere else.
        if now != Some(Stage::Planned) {
            effects.push(Effect::Focus(HEADING.to_owned()));
        }
        effects
    }
}
