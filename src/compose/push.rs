//! The push part of Compose: the plan, doing it, and what came of it.

mod failures;
mod plan;
mod run;
mod steps;
mod view;
mod words;

use std::rc::Rc;

use waybill_core::reference::Tag;
use waybill_core::registry::client::Client;
use waybill_core::registry::push::Repository;
use waybill_core::workflow::compose;
use waybill_core::workflow::fetch::Generation;
use waybill_core::workflow::push::{Effect, Failure, Model, Msg, Phase, Task, update};

use super::page;
use crate::browser::dom::Guard;
use crate::browser::transport::BrowserTransport;

pub(super) use run::run;
pub(super) use view::view;

/// The id of the heading, to which the focus goes.
const HEADING: &str = "push";

/// Says what happened in the push part.
#[derive(Clone, Debug)]
pub enum Own {
    /// Make the plan, or make it again.
    Plan,
    /// Put the push away.
    Close,
    /// A button, or an answer.
    Change(Msg),
    /// Draw the steps from that one on.
    FromStep(usize),
}

/// Tells `push/run.rs` what to do in the browser or at a registry.
#[derive(Clone, Debug, PartialEq)]
pub enum Doing {
    /// Send the push's requests, or stop them.
    Run(Effect),
    /// Have the person asked before the page is left, or no longer.
    Guard(bool),
}

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
    fn of(model: &Model) -> Self {
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
    client: Option<Rc<Client<BrowserTransport>>>,
    guard: Option<Guard>,
}

impl Push {
    /// Takes one message; `composed` is what would be pushed.
    pub(super) fn tell(&mut self, own: Own, composed: &compose::Model) -> Vec<page::Doing> {
        let before = self.stage();
        let effects = match own {
            Own::Plan => self.plan(composed),
            Own::Close => self.close(),
            Own::Change(msg) => self.change(msg),
            Own::FromStep(step) => {
                self.from_step = step;
                Vec::new()
            }
        };
        self.done(before, effects)
    }

    /// Follows a change of what is composed: a plan that nobody began to do is put away with it.
    pub(super) fn follow(&mut self, composed: &compose::Model) -> Vec<page::Doing> {
        let before = self.stage();
        let is_plan = matches!(
            before,
            Some(Stage::Planning | Stage::Unplanned | Stage::Planned)
        );
        if !is_plan || self.is_of(composed) {
            return Vec::new();
        }
        let effects = self.close();
        self.done(before, effects)
    }

    /// Goes on with what failed, since something changed that it may have failed for. What the person cancelled waits
    /// for the person.
    pub(super) fn again(&mut self, composed: &compose::Model) -> Vec<page::Doing> {
        let is_cancelled = |model: &Model| {
            model
                .failures()
                .iter()
                .any(|(_, failure)| **failure == Failure::Cancelled)
        };
        match self.stage() {
            Some(Stage::Unplanned | Stage::Stopped)
                if !self.model.as_ref().is_some_and(is_cancelled) =>
            {
                self.tell(Own::Change(Msg::Retry), composed)
            }
            _ => Vec::new(),
        }
    }

    /// Tells whether what is composed was pushed to where it is to go.
    pub(super) fn is_pushed(&self, composed: &compose::Model) -> bool {
        self.stage() == Some(Stage::Pushed) && self.is_of(composed)
    }

    /// Tells whether there is a push, planned or further.
    pub(super) fn is_there(&self) -> bool {
        self.model.is_some()
    }

    fn stage(&self) -> Option<Stage> {
        self.model.as_ref().map(Stage::of)
    }

    /// Tells whether the push is of what is composed. It is asked at every drawing, so that no task is made for it.
    fn is_of(&self, composed: &compose::Model) -> bool {
        let (Some(model), Some(target)) = (&self.model, &composed.composition().target) else {
            return false;
        };
        let own = model.task();
        own.target == Repository::of(target)
            && own.tag.as_str() == target.tag().map_or(Tag::latest().as_str(), Tag::as_str)
            && own.written.digest == composed.written().digest
    }

    fn plan(&mut self, composed: &compose::Model) -> Vec<Effect> {
        let mut effects = self.close();
        self.from_step = 0;
        if let Some(task) = Task::of(composed) {
            let (model, first) = Model::open(task, self.generation.next());
            self.generation = model.generation();
            self.model = Some(model);
            effects.extend(first);
        }
        effects
    }

    fn close(&mut self) -> Vec<Effect> {
        self.model
            .take()
            .filter(|model| model.pending() > 0)
            .map(|_| Effect::Abort)
            .into_iter()
            .collect()
    }

    fn change(&mut self, msg: Msg) -> Vec<Effect> {
        let Some(model) = &mut self.model else {
            return Vec::new();
        };
        let effects = update(model, msg);
        self.generation = model.generation();
        effects
    }

    /// Returns the effects that follow a change from that stage.
    fn done(&mut self, before: Option<Stage>, effects: Vec<Effect>) -> Vec<page::Doing> {
        let mut doing: Vec<_> = effects
            .into_iter()
            .map(|effect| page::Doing::Push(Doing::Run(effect)))
            .collect();
        let now = self.stage();
        if now == before {
            return doing;
        }
        let runs = |stage| stage == Some(Stage::Running);
        if runs(now) != runs(before) {
            doing.push(page::Doing::Push(Doing::Guard(runs(now))));
        }
        // Whoever pressed a button that is gone, and whoever waits, is led to what came of it. A plan that is ready is
        // only announced: by then the person may be somewhere else.
        if now != Some(Stage::Planned) {
            doing.push(page::Doing::Focus(HEADING.to_owned()));
        }
        doing
    }
}
