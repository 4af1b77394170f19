//! The tab as it runs: a component of its own for each manifest that is looked at, so that what was found stays while
//! other tabs are looked at.

use std::rc::Rc;

use waybill_core::workflow::related::Task;
use yew::virtual_dom::{Key, VChild};
use yew::{Component, Context, Html, Properties};

use super::effects::{Effects, kept};
use super::listeners::listeners;
use super::message::{Effect, Msg};
use super::state::State;
use super::{Around, view};
use crate::browser::dom::Listener;
use crate::language::{Language, spoken};
use crate::route::{InspectSource, View};
use crate::shell::{Choice, Shell};

/// Draws the tab; nothing where there is nothing to look around.
pub(super) fn draw(around: Around<'_>) -> Html {
    let Some(task) = Task::of(around.model) else {
        return Html::default();
    };
    let at: Vec<String> = around.place.at.iter().map(ToString::to_string).collect();
    let key = [
        around.model.subject.name(),
        task.subjects[0].digest.to_string(),
        at.join(","),
    ];
    let props = Props {
        shell: Rc::clone(around.shell),
        source: around.source.clone(),
        place: View {
            files: None,
            ..around.place.clone()
        },
        task,
        is_shown: around.is_shown,
        choice: around.choice.cloned(),
        language: spoken(),
    };
    VChild::<RelatedOnPage>::new(props, Some(Key::from(key.join(" ")))).into()
}

struct Props {
    shell: Rc<Shell>,
    source: InspectSource,
    place: View,
    task: Task,
    is_shown: bool,
    choice: Option<Choice>,
    language: Language,
}

impl PartialEq for Props {
    /// Compares what changes. Another manifest is another component.
    fn eq(&self, other: &Self) -> bool {
        let of = |it: &Self| (it.is_shown, it.language);
        of(self) == of(other) && self.choice == other.choice
    }
}

/// By hand, since yew's derive wants a builder, which only its `html!` needs.
impl Properties for Props {
    type Builder = ();

    fn builder() -> Self::Builder {}
}

/// What is related to one manifest, on the page.
struct RelatedOnPage {
    state: State,
    effects: Effects,
    /// What is to be done once the page is drawn.
    todo: Vec<Effect>,
    _listeners: Vec<Listener>,
}

impl Component for RelatedOnPage {
    type Message = Msg;
    type Properties = Props;

    fn create(context: &Context<Self>) -> Self {
        let props = context.props();
        let link = context.link().callback(|msg| msg);
        let mut page = Self {
            state: State::new(
                props.task.clone(),
                props.source.clone(),
                props.place.clone(),
                kept(),
            ),
            effects: Effects::new(&props.shell),
            todo: Vec::new(),
            _listeners: listeners(&link),
        };
        page.todo = page.state.update(Msg::Shown(props.is_shown));
        page
    }

    fn changed(&mut self, context: &Context<Self>, before: &Props) -> bool {
        let props = context.props();
        self.todo
            .extend(self.state.update(Msg::Shown(props.is_shown)));
        if props.choice != before.choice {
            self.todo.extend(self.state.update(Msg::Changed));
        }
        true
    }

    fn update(&mut self, _: &Context<Self>, msg: Msg) -> bool {
        self.todo.extend(self.state.update(msg));
        true
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let link = context.link().callback(|msg| msg);
        view::tab(&self.state, &link).map_or_else(Html::default, Html::from)
    }

    fn rendered(&mut self, context: &Context<Self>, _: bool) {
        let link = context.link().callback(|msg| msg);
        for effect in std::mem::take(&mut self.todo) {
            self.effects.run(effect, &self.state, &link);
        }
    }

    fn destroy(&mut self, _: &Context<Self>) {
        self.effects.stop();
    }
}
