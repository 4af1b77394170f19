//! Verify as it runs: it holds the state, hears the browser, and runs the effects of each message.

use std::rc::Rc;

use yew::{Callback, Html};

use super::command::Command;
use super::message::{Effect, Msg};
use super::state::State;
use super::{effects, view};
use crate::browser::dom::{self, Listener};
use crate::inspection::listeners;
use crate::page::{self, Page};
use crate::shell::{CONTENT, Props, RegistryChoices, Shell};

struct VerifyPage {
    state: State,
    effects: Vec<Effect>,
    shell: Rc<Shell>,
    link: Callback<Msg>,
    _listeners: Vec<Listener>,
}

/// Mounts the page.
pub(super) fn mount(props: Props<Command>) -> Html {
    page::mount(props, VerifyPage::new, Msg::Command)
}

impl VerifyPage {
    fn new(shell: &Rc<Shell>, link: Callback<Msg>) -> Self {
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
            effects: Vec::new(),
            shell: Rc::clone(shell),
            link,
            _listeners: heard,
        }
    }
}

impl Page for VerifyPage {
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
