//! The page of several images as it runs.

use std::rc::Rc;

use waybill_core::workflow::copy::several::Pair;
use yew::{Callback, Html};

use super::message::{Effect, Msg};
use super::single::{Hold, Tools};
use super::state::State;
use super::view;
use crate::browser::dom;
use crate::page::{self, Page, spawn};
use crate::shell::{PageCommand, Props, RegistryChoices, Shell};

/// How often what comes of copies is drawn, in milliseconds.
const DRAWN_EVERY_MS: u32 = 100;

/// Mounts the page, with what it has of Copy's part.
pub(super) fn mount(props: Props<PageCommand>, tools: Tools) -> Html {
    let create =
        move |shell: &Rc<Shell>, link: &Callback<Msg>| SeveralPage::new(shell, tools, link);
    page::mount(props, create, Msg::Command)
}

struct SeveralPage {
    state: State,
    tools: Tools,
    /// As long as bytes move, the page is not to be left unasked, nor the machine to fall asleep.
    held: Option<Box<dyn Hold>>,
    shell: Rc<Shell>,
}

impl SeveralPage {
    fn new(shell: &Rc<Shell>, tools: Tools, link: &Callback<Msg>) -> Self {
        let (make, link) = ((tools.maker)(shell), link.clone());
        let make = move |number, pair: &Pair| {
            let wake = link.reform(move |()| Msg::Woken(number));
            make(pair, wake)
        };
        Self {
            state: State::new(Box::new(make), tools.drawing),
            tools,
            held: None,
            shell: Rc::clone(shell),
        }
    }
}

impl Page for SeveralPage {
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
        match effect {
            Effect::Guard(on) => self.held = on.then(|| (self.tools.hold)()),
            Effect::DrawSoon => {
                let link = link.clone();
                spawn(async move {
                    dom::pass(DRAWN_EVERY_MS).await;
                    link.emit(Msg::Draw(dom::now()));
                });
            }
            Effect::Focus(id) => dom::focus(id),
            Effect::Request(request) => self.shell.ask(request),
        }
    }
}
