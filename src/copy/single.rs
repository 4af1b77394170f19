//! One of several images: the same copy as on the page of one, driven from outside.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use waybill_core::reference::RegistryHost;
use waybill_core::workflow::copy::several::{Decision, Pair, Standing};
use waybill_core::workflow::copy::{self, Choice, Commands, Depth, Model, Selection};
use waybill_core::workflow::push;
use yew::Callback;

use super::effects::{Effects, hold};
use super::layers::effects::Shared;
use super::message::{Effect, Msg};
use super::several::{Decide, Drawing, Make, Order, Single, Tools};
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
        wanted: None,
        left: None,
        reads_layers: false,
        run,
        inbox,
        link,
    })
}

/// Gives what makes such copies, as they run in a browser. What one of them compressed is there for the others, as long
/// as one of them is there.
fn in_browser(shell: &Rc<Shell>) -> Make {
    let (shell, shared) = (Rc::clone(shell), RefCell::new(Weak::<Shared>::new()));
    Box::new(move |pair, wake| {
        let known = shared.borrow().upgrade();
        let layers = known.unwrap_or_default();
        shared.replace(Rc::downgrade(&layers));
        let mut effects = Effects::new(&shell, layers);
        let run = move |effect, state: &State, link: &Callback<Msg>| {
            let source = state.source.as_ref().map(copy::Model::source);
            effects.run(effect, source, None, link);
        };
        single(pair, wake, Box::new(run))
    })
}

/// What the page of several images draws of this part of the program.
pub const DRAWING: Drawing = Drawing {
    commands: drawn,
    choice: view::choice::all,
};

/// What the page of several images has of this part of the program.
pub(super) const TOOLS: Tools = Tools {
    maker: in_browser,
    drawing: DRAWING,
    hold,
};

struct Copying {
    from: String,
    to: String,
    state: State,
    /// What is wanted of it, until its plan was begun.
    wanted: Option<(Choice, Decide)>,
    /// Why it was decided to leave it.
    left: Option<String>,
    /// Whether layers are read as soon as it is known which.
    reads_layers: bool,
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
                // Others may have what it compressed.
                | Effect::ForgetLayers
                | Effect::Request(Request::Navigate(_) | Request::Title(_)) => {}
                effect => (self.run)(effect, &self.state, &self.link),
            }
        }
    }

    fn plan(&mut self, choice: Choice, decide: Decide) {
        (self.wanted, self.left) = (Some((choice, decide)), None);
        // Its target is named once it is decided what goes there.
        self.tell(Msg::ToTyped(String::new()));
        match self.state.stage() {
            Stage::Empty => {
                self.tell(Msg::FromTyped(self.from.clone()));
                self.tell(Msg::Submitted);
            }
            Stage::Unread | Stage::Ungathered => self.tell(Msg::GoOn),
            _ => {}
        }
        self.go();
    }

    /// Decides what goes along, once its source is here, and plans.
    fn go(&mut self) {
        let source = self.state.source.as_ref();
        let source = source.filter(|it| it.pending() == 0 && it.failures().is_empty());
        let is_here = |it: &&Model| it.root().done().is_some_and(|root| root.manifest.is_ok());
        let (Some(source), Some((wanted, decide))) = (source.filter(is_here), &self.wanted) else {
            return;
        };
        let name = source.choice().name.clone();
        let chosen = match decide(source) {
            Decision::Config => {
                return self.tell(Msg::Source(copy::Msg::Gather(Depth::Configs)));
            }
            Decision::Left(why) => {
                (self.wanted, self.left) = (None, Some(why));
                return;
            }
            Decision::Chosen(chosen) => chosen,
        };
        let choice = Choice {
            chosen,
            name,
            ..wanted.clone()
        };
        (self.wanted, self.reads_layers) = (None, true);
        self.tell(Msg::ToTyped(self.to.clone()));
        self.tell(Msg::Choose(choice));
        self.tell(Msg::Submitted);
        // What could not be read is read again.
        if self.state.stage() == Stage::LayerFailed {
            self.tell(Msg::Source(copy::Msg::ReadLayers));
        }
        self.read_layers();
    }

    /// Reads the layers that have to be read before the plan, of which nobody is asked here.
    fn read_layers(&mut self) {
        if self.reads_layers && self.state.stage() == Stage::LayersUnread {
            self.tell(Msg::Source(copy::Msg::ReadLayers));
        }
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
            Order::Plan(choice, decide) => self.plan(choice, decide),
            Order::Start => self.tell(Msg::Push(push::Msg::Start)),
            Order::Halt => {
                (self.wanted, self.reads_layers) = (None, false);
                self.tell(Msg::Halt { is_paused: false });
            }
            Order::GoOn => self.tell(Msg::GoOn),
        }
    }

    fn take(&mut self) {
        while let Some(msg) = { self.inbox.borrow_mut().pop_front() } {
            self.tell(msg);
            self.go();
            self.read_layers();
        }
    }

    fn standing(&self) -> (Standing, Option<String>) {
        if let Some(why) = &self.left {
            return (Standing::Unplanned, Some(why.clone()));
        }
        let standing = match self.state.stage() {
            Stage::LayersUnread | Stage::ReadingLayers if self.reads_layers => Standing::Planning,
            stage => standing(stage),
        };
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
