//! Tags as it runs: it holds the state, hears the browser, and runs the effects of each message.

use std::rc::Rc;

use yew::{Callback, Html};

use super::effects::Effects;
use super::listeners::listeners;
use super::message::{Effect, Msg};
use super::state::State;
use super::view;
use crate::browser::dom::{self, Listener};
use crate::page::{self, Page};
use crate::shell::{PageCommand, Props, RegistryChoices, Shell};

struct TagsPage {
    state: State,
    effects: Effects,
    _listeners: Vec<Listener>,
}

/// Mounts the page.
pub(super) fn mount(props: Props<PageCommand>) -> Html {
    page::mount(props, TagsPage::new, Msg::Command)
}

impl TagsPage {
    fn new(shell: &Rc<Shell>, link: &Callback<Msg>) -> Self {
        let seconds = i64::try_from(dom::now() / 1000).unwrap_or_default();
        Self {
            state: State::new(shell.origin.clone(), seconds),
            effects: Effects::new(shell),
            _listeners: listeners(link),
        }
    }
}

impl Page for TagsPage {
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
        self.effects.run(effect, &self.state, link);
    }
}
