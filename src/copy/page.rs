//! Copy as it runs: it holds the state, hears the browser, and runs the effects of each message.

use std::cell::RefCell;
use std::rc::Rc;

use waybill_core::workflow::copy;
use yew::virtual_dom::VList;
use yew::{Callback, Html};

use super::effects::Effects;
use super::message::{Effect, Msg};
use super::state::State;
use super::{single, view};
use crate::page::{self, Page};
use crate::shell::{PageCommand, Props, RegistryChoices, Shell};

struct CopyPage {
    state: State,
    effects: Effects,
    shell: Rc<Shell>,
    /// What is set for registries, as the page of several images was told last: told of the same, it is not drawn anew.
    registries: RefCell<Rc<RegistryChoices>>,
}

/// Mounts the page.
pub(super) fn mount(props: Props<PageCommand>) -> Html {
    page::mount(props, CopyPage::new, Msg::Command)
}

impl CopyPage {
    fn new(shell: &Rc<Shell>, _: &Callback<Msg>) -> Self {
        Self {
            state: State::new(),
            effects: Effects::new(shell, Rc::default()),
            shell: Rc::clone(shell),
            registries: RefCell::default(),
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
        let mut kept = self.registries.borrow_mut();
        if **kept != *registries {
            *kept = Rc::new(registries.clone());
        }
        let registries = Rc::clone(&kept);
        let several = &self.state.several;
        let several = several.view(&self.shell, Rc::clone(&kept), single::TOOLS, link);
        let pages = vec![view::page(&self.state, &registries, link), several];
        VList::with_children(pages, None).into()
    }

    fn run(&mut self, effect: Effect, link: &Callback<Msg>) {
        if let Effect::Several(command) = effect {
            self.state.several.send(command);
            return;
        }
        let source = self.state.source.as_ref().map(copy::Model::source);
        let file = self.state.save.as_ref().map(|file| (file, self.state.road));
        self.effects.run(effect, source, file, link);
    }
}
