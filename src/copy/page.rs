//! Copy as it runs: it holds the state, hears the browser, and runs the effects of each message.

use std::rc::Rc;

use waybill_core::workflow::copy;
use yew::{Callback, Html};

use super::effects::Effects;
use super::message::{Effect, Msg};
use super::state::State;
use super::view;
use crate::page::{self, Page};
use crate::shell::{PageCommand, Props, RegistryChoices, Shell};

struct CopyPage {
    state: State,
    effects: Effects,
}

/// Mounts the page.
pub(super) fn mount(props: Props<PageCommand>) -> Html {
    page::mount(props, CopyPage::new, Msg::Command)
}

impl CopyPage {
    fn new(shell: &Rc<Shell>, _: &Callback<Msg>) -> Self {
        Self {
            state: State::new(),
            effects: Effects::new(shell),
        }
    }
}

impl Page for CopyPage {
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

    fn run(&mut self, effect: Effect, link: &Callback<Msg>) {
        let source = self.state.source.as_ref().map(copy::Model::source);
        let file = self.state.save.as_ref().map(|file| (file, self.state.road));
        self.effects.run(effect, source, file, link);
    }
}
