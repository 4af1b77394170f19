//! The panel as it runs.

use std::rc::Rc;

use yew::virtual_dom::VChild;
use yew::{Component, Context, Html, Properties};

use super::effects::Effects;
use super::message::{Effect, Msg};
use super::state::State;
use super::{Props, view};

/// Draws the panel.
pub(super) fn draw(props: Props) -> Html {
    VChild::<Signatures>::new(props, None).into()
}

impl PartialEq for Props {
    /// Compares what changes: what was given is the panel's own from its first drawing on.
    fn eq(&self, other: &Self) -> bool {
        let is_same = Rc::ptr_eq(&self.asked, &other.asked) || self.asked == other.asked;
        is_same && self.language == other.language
    }
}

/// By hand, since yew's derive wants a builder, which only its `html!` needs.
impl Properties for Props {
    type Builder = ();

    fn builder() -> Self::Builder {}
}

/// The panel on the page.
struct Signatures {
    state: State,
    effects: Effects,
    /// What is to be done once the panel is drawn.
    todo: Vec<Effect>,
}

impl Signatures {
    fn take(&mut self, msg: Msg) -> bool {
        let draws = self.state.draws(&msg);
        self.todo.extend(self.state.update(msg));
        if !draws {
            self.run();
        }
        draws
    }

    fn run(&mut self) {
        for effect in std::mem::take(&mut self.todo) {
            self.effects.run(effect);
        }
    }
}

impl Component for Signatures {
    type Message = Msg;
    type Properties = Props;

    fn create(context: &Context<Self>) -> Self {
        let Props {
            asked, kept, keep, ..
        } = context.props();
        let (state, todo) = State::new(Rc::clone(asked), kept.clone());
        Self {
            state,
            effects: Effects::new(keep.clone(), &context.link().callback(|msg| msg)),
            todo,
        }
    }

    fn changed(&mut self, context: &Context<Self>, before: &Props) -> bool {
        let props = context.props();
        let draws = self.take(Msg::Came(Rc::clone(&props.asked)));
        draws || props.language != before.language
    }

    fn update(&mut self, _: &Context<Self>, msg: Msg) -> bool {
        self.take(msg)
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let link = context.link().callback(|msg| msg);
        view::panel(&self.state, &link).into()
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        self.run();
    }
}
