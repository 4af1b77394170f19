//! Compose as it runs: it holds the state, hears the browser, and runs the effects of each message.

use std::rc::Rc;

use yew::{Callback, Html};

use super::command::Command;
use super::effects::{Effects, keys};
use super::message::{Effect, Msg};
use super::state::State;
use super::view;
use crate::browser::dom::Listener;
use crate::browser::session;
use crate::page::{self, Page};
use crate::shell::{Props, RegistryChoices, Shell};

struct ComposePage {
    state: State,
    effects: Effects,
    _keys: Option<Listener>,
}

/// Mounts the page.
pub(super) fn mount(props: Props<Command>) -> Html {
    page::mount(props, ComposePage::new, Msg::Command)
}

impl ComposePage {
    fn new(shell: &Rc<Shell>, link: &Callback<Msg>) -> Self {
        Self {
            state: State::new(session::composed().as_deref()),
            _keys: keys(link.reform(Msg::Key)),
            effects: Effects::new(shell),
        }
    }
}

impl Page for ComposePage {
    type Msg = Msg;
    type Effect = Effect;

    fn update(&mut self, msg: Msg) -> Vec<Effect> {
        self.state.update(msg)
    }

    fn draws(&self, _: &Msg) -> bool {
        true
    }

    fn view(&self, registries: &RegistryChoices, link: &Callback<Msg>) -> Html {
        view::page(&self.state, registries, link)
    }

    fn run(&mut self, effect: Effect, link: &Callback<Msg>) {
        self.effects.run(effect, link);
    }
}
