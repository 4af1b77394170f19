//! The component of Compose: it holds the state, hears the browser, and runs the effects of each message. It stays
//! mounted while another page is shown, so that the work and a push go on.

use gloo_events::EventListener;
use yew::virtual_dom::VChild;
use yew::{Component, Context, Html};

use super::command::Command;
use super::effects::{Effects, keys};
use super::message::{Effect, Msg};
use super::state::State;
use super::view;
use crate::browser::session;
use crate::shell::Props;

/// Draws Compose, and does what its messages ask for.
pub(super) struct ComposePage {
    state: State,
    queue: Vec<Effect>,
    effects: Effects,
    _keys: Option<EventListener>,
}

/// Mounts the page.
pub(super) fn mount(props: Props<Command>) -> Html {
    VChild::<ComposePage>::new(props, None).into()
}

impl Component for ComposePage {
    type Message = Msg;
    type Properties = Props<Command>;

    fn create(context: &Context<Self>) -> Self {
        let link = context.link();
        let props = context.props();
        props.ready.emit(link.callback(Msg::Command));
        Self {
            state: State::new(session::composed().as_deref()),
            queue: Vec::new(),
            effects: Effects::new(props, link.callback(|msg: Msg| msg)),
            _keys: keys(link.callback(Msg::Key)),
        }
    }

    fn update(&mut self, _: &Context<Self>, msg: Msg) -> bool {
        self.queue.extend(self.state.update(msg));
        true
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let link = context.link().callback(|msg: Msg| msg);
        view::page(&self.state, &context.props().registries, &link)
    }

    /// Effects run once the page shows the state they belong to, so that what is focused is there.
    fn rendered(&mut self, context: &Context<Self>, _: bool) {
        for effect in std::mem::take(&mut self.queue) {
            self.effects.run(effect, context.props());
        }
    }
}
