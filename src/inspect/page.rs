//! Inspect as it runs: it holds the state, hears the browser, and runs the effects of each message.

use std::rc::Rc;

use yew::{Callback, Html};

use super::command::Command;
use super::message::Msg;
use super::state::State;
use super::{effects, view};
use crate::browser::dom::{self, Listener};
use crate::inspection::layers::part;
use crate::inspection::{self, Effect, listeners};
use crate::page::{self, Page};
use crate::shell::{Props, RegistryChoices, Shell};

struct InspectPage {
    state: State,
    shell: Rc<Shell>,
    layers: part::Held,
    _listeners: Vec<Listener>,
}

/// Mounts the page.
pub fn mount(props: Props<Command>) -> Html {
    page::mount(props, InspectPage::new, Msg::Command)
}

impl InspectPage {
    fn new(shell: &Rc<Shell>, link: &Callback<Msg>) -> Self {
        let inspection = link.reform(Msg::Inspection);
        let mut heard = listeners(&inspection);
        heard.extend(dom::listen("keydown", move |event| {
            if dom::shortcut(event).is_some_and(|key| key == "y") {
                inspection.emit(inspection::Msg::Pin);
            }
        }));
        Self {
            state: State::new(shell.origin.clone()),
            shell: Rc::clone(shell),
            layers: part::Held::default(),
            _listeners: heard,
        }
    }
}

impl Page for InspectPage {
    type Msg = Msg;
    type Effect = Effect;

    fn update(&mut self, msg: Msg) -> Vec<Effect> {
        self.state.update(msg)
    }

    fn draws(&self, msg: &Msg) -> bool {
        self.state.draws(msg)
    }

    fn view(&self, registries: &RegistryChoices, link: &Callback<Msg>) -> Html {
        view::page(&self.state, registries, &self.shell.origin, link)
    }

    fn run(&mut self, effect: Effect, link: &Callback<Msg>) {
        effects::run(effect, &self.shell, &self.layers, link);
    }
}
