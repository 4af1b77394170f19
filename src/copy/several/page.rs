//! The page of several images as it runs.

use std::rc::Rc;

use waybill_core::workflow::copy::several::Pair;
use yew::{Callback, Html};

use super::message::{Effect, Msg};
use super::single::Make;
use super::state::State;
use super::view;
use crate::browser::dom::{self, Guard};
use crate::browser::wake_lock::WakeLock;
use crate::page::{self, Page};
use crate::shell::{PageCommand, Props, RegistryChoices, Shell};

/// Mounts the page, of copies that are made so.
pub(super) fn mount(props: Props<PageCommand>, make: Make) -> Html {
    let create = move |shell: &Rc<Shell>, link: &Callback<Msg>| SeveralPage::new(shell, make, link);
    page::mount(props, create, Msg::Command)
}

struct SeveralPage {
    state: State,
    guard: Option<Guard>,
    /// As long as bytes move, the machine is not to fall asleep.
    awake: Option<WakeLock>,
    shell: Rc<Shell>,
}

impl SeveralPage {
    fn new(shell: &Rc<Shell>, make: Make, link: &Callback<Msg>) -> Self {
        let (of_copies, link) = (Rc::clone(shell), link.clone());
        let make = move |number, pair: &Pair| {
            let wake = link.reform(move |()| Msg::Woken(number, dom::now()));
            make(&of_copies, pair, wake)
        };
        Self {
            state: State::new(Box::new(make)),
            guard: None,
            awake: None,
            shell: Rc::clone(shell),
        }
    }
}

impl Page for SeveralPage {
    type Msg = Msg;
    type Effect = Effect;

    fn update(&mut self, msg: Msg) -> Vec<Effect> {
        self.state.update(msg)
    }

    fn draws(&self, msg: &Msg) -> bool {
        self.state.draws(msg)
    }

    fn view(&self, registries: &RegistryChoices, link: &Callback<Msg>) -> Html {
        view::page(&self.state, registries, link)
    }

    fn run(&mut self, effect: Effect, _: &Callback<Msg>) {
        match effect {
            Effect::Guard(true) => {
                self.guard = Guard::new();
                self.awake = Some(WakeLock::new());
            }
            Effect::Guard(false) => (self.guard, self.awake) = (None, None),
            Effect::Focus(id) => dom::focus(id),
            Effect::Request(request) => self.shell.ask(request),
        }
    }
}
