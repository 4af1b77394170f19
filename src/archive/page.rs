//! The page of archives as it runs: it holds the state, and runs the effects of each message.

use std::rc::Rc;

use yew::{Callback, Html};

use super::effects::Effects;
use super::message::{Effect, Msg};
use super::state::State;
use super::view;
use crate::page::{self, Page};
use crate::shell::{PageCommand, Props, RegistryChoices, Shell};

struct ArchivePage {
    state: State,
    effects: Effects,
}

/// Mounts the page.
pub(super) fn mount(props: Props<PageCommand>) -> Html {
    page::mount(props, ArchivePage::new, Msg::Command)
}

impl ArchivePage {
    fn new(shell: &Rc<Shell>, _: &Callback<Msg>) -> Self {
        Self {
            state: State::default(),
            effects: Effects::new(shell),
        }
    }
}

impl Page for ArchivePage {
    type Msg = Msg;
    type Effect = Effect;

    fn update(&mut self, msg: Msg) -> Vec<Effect> {
        self.state.update(msg)
    }

    fn draws(&self, msg: &Msg) -> bool {
        self.state.draws(msg)
    }

    fn view(&self, _: &RegistryChoices, link: &Callback<Msg>) -> Html {
        view::page(&self.state, link)
    }

    fn run(&mut self, effect: Effect, link: &Callback<Msg>) {
        self.effects.run(effect, link);
    }
}
