//! One of several images: the same copy as on the page of one, driven from outside.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use waybill_core::reference::RegistryHost;
use waybill_core::workflow::copy::several::{Pair, Standing};
use waybill_core::workflow::copy::{self, Choice, Commands, Model, Selection};
use waybill_core::workflow::push;
use yew::Callback;

use super::effects::{Effects, hold};
use super::message::{Effect, Msg};
use super::several::{Along, Order, Single, Tools};
use super::state::{Stage, State};
use super::view;
use crate::components::element::Element;
use crate::pushing::commands::drawn;
use crate::shell::{RegistryChoices, Request, Shell};

/// Runs one effect of a copy. What comes of it goes to the link.
pub type Run = Box<dyn FnMut(Effect, &State, &Callback<Msg>)>;

/// A copy of a pair. Its effects are run by `run`; `wake` is told when something came of one, so that it is to be
/// [taken](Single::take).
#[must_use]
pub fn single(pair: &Pair, wake: Callback<()>, run: Run) -> Box<dyn Single> {
    let inbox = Rc::<RefCell<VecDeque<Msg>>>::default();
    let link = {
        let inbox = Rc::clone(&inbox);
        Callback::from(move |msg| {
            inbox.borrow_mut().push_back(msg);
            wake.emit(());
        })
    };
    Box::new(Copying {
        from: pair.from(),
        to: pair.to(),
        state: State::new(),
        run,
        inbox,
        link,
    })
}

/// Makes such a copy, as it runs in a browser.
fn in_browser(shell: &Rc<Shell>, pair: &Pair, wake: Callback<()>) -> Box<dyn Single> {
    let mut effects = Effects::new(shell);
    let run = move |effect, state: &State, link: &Callback<Msg>| {
        let source = state.source.as_ref().map(copy::Model::source);
        effects.run(effect, source, None, link);
    };
    single(pair, wake, Box::new(run))
}

/// What the page of several images has of this part of the program.
pub(super) const TOOLS: Tools = Tools {
    make: in_browser,
    commands: drawn,
    hold,
};

struct Copying {
    from: String,
    to: String,
    state: State,
    run: Run,
    inbox: Rc<RefCell<VecDeque<Msg>>>,
    link: Callback<Msg>,
}

impl Copying {
    fn tell(&mut self, msg: Msg) {
        for effect in self.state.update(msg) {
            match effect {
                // The page, its address and its focus are those of all of them.
                Effect::Guard(_)
                | Effect::Focus(_)
                | Effect::Look
                | Effect::Several(_)
                | Effect::LoadSeveral
                | Effect::Request(Request::Navigate(_) | Request::Title(_)) => {}
                effect => (self.run)(effect, &self.state, &self.link),
            }
        }
    }

    fn plan(&mut self, along: Along) {
        match self.state.stage() {
            Stage::Empty => {
                self.tell(Msg::FromTyped(self.from.clone()));
                self.tell(Msg::Submitted);
                self.tell(Msg::ToTyped(self.to.clone()));
            }
            Stage::Unread | Stage::Ungathered => self.tell(Msg::GoOn),
            _ => {}
        }
        let Some(source) = &self.state.source else {
            return;
        };
        let choice = Choice {
            attestations: along.attestations,
            referrers: along.referrers,
            cosign: along.cosign,
            ..source.choice().clone()
        };
        if choice != *source.choice() {
            self.tell(Msg::Choose(choice));
        }
        self.tell(Msg::Submitted);
    }

    /// Says why it is not copied, where it is not.
    fn why(&self, standing: Standing) -> Option<String> {
        match standing {
            Standing::Unplanned | Standing::Stopped => Some(self.state.why()),
            Standing::Differs => Some("its tag names something else".to_owned()),
            Standing::Waiting
            | Standing::Planning
            | Standing::Planned
            | Standing::Running
            | Standing::Copied => None,
        }
    }
}

impl Single for Copying {
    fn order(&mut self, order: Order) {
        match order {
            Order::Plan(along) => self.plan(along),
            Order::Start => self.tell(Msg::Push(push::Msg::Start)),
            Order::Halt => self.tell(Msg::Halt { is_paused: false }),
            Order::GoOn => self.tell(Msg::GoOn),
        }
    }

    fn take(&mut self) {
        while let Some(msg) = { self.inbox.borrow_mut().pop_front() } {
            self.tell(msg);
        }
    }

    fn standing(&self) -> (Standing, Option<String>) {
        let standing = standing(self.state.stage());
        (standing, self.why(standing))
    }

    fn models(&self) -> Option<(&Model, Option<&Selection>, Option<&push::Model>)> {
        let selection = self.state.selection.as_ref();
        let selection = selection.and_then(|selection| selection.as_ref().ok());
        Some((
            self.state.source.as_ref()?,
            selection,
            self.state.push.as_ref(),
        ))
    }

    fn commands(&self, plain_http: &[RegistryHost]) -> Vec<Commands> {
        match (&self.state.source, self.state.target()) {
            (Some(source), Some(target)) => copy::commands(source, target, &[], plain_http),
            _ => Vec::new(),
        }
    }

    fn report(&self, json: bool) -> Option<String> {
        let report = self.state.report()?;
        Some(if json { report.json() } else { report.text() })
    }

    fn drawn(&self, registries: &RegistryChoices) -> Element {
        view::opened(&self.state, registries, &self.link)
    }
}

/// How far a copy at that stage is.
fn standing(stage: Stage) -> Standing {
    match stage {
        Stage::Empty => Standing::Waiting,
        Stage::Reading | Stage::Gathering | Stage::Planning => Standing::Planning,
        // It was stopped before its plan, or is none that goes along as it is.
        Stage::Unread
        | Stage::Chosen
        | Stage::Ungathered
        | Stage::LayersUnread
        | Stage::ReadingLayers
        | Stage::LayerFailed
        | Stage::Refused
        | Stage::Unplanned
        | Stage::File(_) => Standing::Unplanned,
        Stage::Planned => Standing::Planned,
        Stage::Running => Standing::Running,
        Stage::Stopped => Standing::Stopped,
        Stage::Copied => Standing::Copied,
        Stage::Differs => Standing::Differs,
    }
}
