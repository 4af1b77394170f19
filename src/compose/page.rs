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
    queue: Vec<Effect>,
    effects: Effects,
    _keys: Option<Listener>,
}

/// Mounts the page.
pub(super) fn mount(props: Props<Command>) -> Html {
    page::mount(props, ComposePage::new, Msg::Command)
}

impl ComposePage {
    fn new(shell: &Rc<Shell>, link: Callback<Msg>) -> Self {
        Self {
            state: State::new(session::composed().as_deref()),
            queue: Vec::new(),
            _keys: keys(link.reform(Msg::Key)),
            effects: Effects::new(shell, link),
        }
    }
}

impl Page for ComposePage {
    type Msg = Msg;

    fn update(&mut self, msg: Msg) -> bool {
        self.queue.extend(self.state.update(msg));
        true
    }

    fn view(&self, registries: &RegistryChoices, link: &Callback<Msg>) -> Html {
        view::page(&self.state, registries, link)
    }

    fn run_effects(&mut self) {
        for effect in std::mem::take(&mut self.queue) {
            self.effects.run(effect);
        }
    }
}
