//! Verify as it runs: it holds the state, hears the browser, and runs the effects of each message.

use std::rc::Rc;

use yew::{Callback, Html};

use super::command::Command;
use super::message::{Effect, Msg};
use super::state::State;
use super::{effects, view};
use crate::browser::dom::{self, Listener};
use crate::inspection::layers::part;
use crate::inspection::listeners;
use crate::page::{self, Page};
use crate::shell::{CONTENT, Props, RegistryChoices, Shell};

struct VerifyPage {
    state: State,
    shell: Rc<Shell>,
    layers: part::Held,
    _listeners: Vec<Listener>,
}

/// Mounts the page.
pub(super) fn mount(props: Props<Command>) -> Html {
    page::mount(props, VerifyPage::new, Msg::Command)
}

impl VerifyPage {
    fn new(shell: &Rc<Shell>, link: &Callback<Msg>) -> Self {
        let mut heard = listeners(&link.reform(Msg::Inspection));
        let submit = link.reform(Msg::ContentSubmitted);
        // The form keeps its own text, which may be long, and is read when it is submitted.
        heard.extend(dom::listen("submit", move |event| {
            if dom::is_element(event.target(), view::FORM) {
                event.prevent_default();
                submit.emit(dom::text(CONTENT));
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

impl Page for VerifyPage {
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
