//! The component of Verify: it holds the state, hears the browser, and runs the effects of each message.

use std::rc::Rc;

use gloo_events::EventListener;
use yew::virtual_dom::VChild;
use yew::{Component, Context, Html};

use super::command::Command;
use super::state::{Effect, Msg, State};
use super::{effects, view};
use crate::browser::dom;
use crate::inspection::listeners;
use crate::shell::{CONTENT, Props};

/// Draws Verify, and does what its messages ask for.
#[derive(Debug)]
pub struct VerifyPage {
    state: State,
    effects: Vec<Effect>,
    _listeners: Vec<EventListener>,
}

/// Mounts the page.
pub fn mount(props: Props<Command>) -> Html {
    VChild::<VerifyPage>::new(props, None).into()
}

impl Component for VerifyPage {
    type Message = Msg;
    type Properties = Props<Command>;

    fn create(context: &Context<Self>) -> Self {
        let link = context.link();
        let props = context.props();
        props.ready.emit(link.callback(Msg::Command));
        let mut heard = listeners(&link.callback(Msg::Inspection));
        let submit = link.callback(Msg::ContentSubmitted);
        // The form keeps its own text, which may be long, and is read when it is submitted.
        heard.extend(dom::listen("submit", move |event| {
            if dom::is_element(event.target(), view::FORM) {
                event.prevent_default();
                submit.emit(dom::text(CONTENT));
            }
        }));
        Self {
            state: State::new(Rc::clone(&props.origin)),
            effects: Vec::new(),
            _listeners: heard,
        }
    }

    fn update(&mut self, context: &Context<Self>, msg: Msg) -> bool {
        let draws = self.state.draws(&msg);
        self.effects.extend(self.state.update(msg));
        if !draws {
            self.run_effects(context);
        }
        draws
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let props = context.props();
        let link = context.link().callback(|msg: Msg| msg);
        view::page(&self.state, &props.registries, &props.origin, &link)
    }

    /// Effects run once the page shows the state they belong to, so that what is focused is there.
    fn rendered(&mut self, context: &Context<Self>, _: bool) {
        self.run_effects(context);
    }
}

impl VerifyPage {
    fn run_effects(&mut self, context: &Context<Self>) {
        for effect in std::mem::take(&mut self.effects) {
            effects::run(effect, context.props(), context.link());
        }
    }
}
