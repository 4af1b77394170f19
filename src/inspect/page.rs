//! The component of Inspect: it holds the state, hears the browser, and runs the effects of each message.

use gloo_events::EventListener;
use yew::virtual_dom::VChild;
use yew::{Component, Context, Html};

use super::state::{Command, Msg, State};
use super::{effects, view};
use crate::browser::dom;
use crate::inspection::{self, Effect, listeners};
use crate::shell::Props;

/// Draws Inspect, and does what its messages ask for.
#[derive(Debug)]
pub struct InspectPage {
    state: State,
    effects: Vec<Effect>,
    _listeners: Vec<EventListener>,
}

/// Mounts the page.
pub fn mount(props: Props<Command>) -> Html {
    VChild::<InspectPage>::new(props, None).into()
}

impl Component for InspectPage {
    type Message = Msg;
    type Properties = Props<Command>;

    fn create(context: &Context<Self>) -> Self {
        let link = context.link();
        let props = context.props();
        props.ready.emit(link.callback(Msg::Command));
        let inspection = link.callback(Msg::Inspection);
        let mut heard = listeners(&inspection);
        heard.extend(dom::listen("keydown", move |event| {
            if dom::shortcut(event).is_some_and(|key| key == "y") {
                inspection.emit(inspection::Msg::Pin);
            }
        }));
        Self {
            state: State::new(std::rc::Rc::clone(&props.origin)),
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

impl InspectPage {
    fn run_effects(&mut self, context: &Context<Self>) {
        for effect in std::mem::take(&mut self.effects) {
            effects::run(effect, context.props(), context.link());
        }
    }
}
