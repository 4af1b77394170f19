//! Inspect as it runs: it holds the state, hears the browser, and runs the effects of each message.

use std::rc::Rc;

use yew::{Callback, Html};

use super::command::Command;
use super::message::Msg;
use super::state::State;
use super::{effects, view};
use crate::browser::dom::{self, Listener};
use crate::inspection::{self, Effect, listeners};
use crate::page::{self, Page};
use crate::shell::{Props, RegistryChoices, Shell};

struct InspectPage {
    state: State,
    effects: Vec<Effect>,
    shell: Rc<Shell>,
    link: Callback<Msg>,
    _listeners: Vec<Listener>,
}

/// Mounts the page.
pub fn mount(props: Props<Command>) -> Html {
    page::mount(props, InspectPage::new, Msg::Command)
}

impl InspectPage {
    fn new(shell: &Rc<Shell>, link: Callback<Msg>) -> Self {
        let inspection = link.reform(Msg::Inspection);
        let mut heard = listeners(&inspection);
        heard.extend(dom::listen("keydown", move |event| {
            if dom::shortcut(event).is_some_and(|key| key == "y") {
                inspection.emit(inspection::Msg::Pin);
            }
        }));
        Self {
            state: State::new(shell.origin.clone()),
            effects: Vec::new(),
            shell: Rc::clone(shell),
            link,
            _listeners: heard,
        }
    }
}

impl Page for InspectPage {
    type Msg = Msg;

    fn update(&mut self, msg: Msg) -> bool {
        let draws = self.state.draws(&msg);
        self.effects.extend(self.state.update(msg));
        draws
    }

    fn view(&self, registries: &RegistryChoices, link: &Callback<Msg>) -> Html {
        view::page(&self.state, registries, &self.shell.origin, link)
    }

    fn run_effects(&mut self) {
        for effect in std::mem::take(&mut self.effects) {
            effects::run(effect, &self.shell, &self.link);
        }
    }
}
