//! The files as they run: a component of their own, so that scrolling draws nothing else.

use std::rc::Rc;

use yew::virtual_dom::{Key, VChild};
use yew::{Component, Context, Html, Properties};

use super::effects::Effects;
use super::message::{Effect, Msg};
use super::state::State;
use super::{Subject, subject, view};
use crate::browser::disk;
use crate::inspection::Inspection;
use crate::inspection::read_layers::ReadLayers;
use crate::language::{Language, spoken};
use crate::shell::Shell;

/// Draws the files of the image that is looked at.
pub(super) fn draw(shell: &Rc<Shell>, inspection: &Inspection, is_shown: bool) -> Html {
    let subject = subject(inspection);
    let key = Key::from(subject.key.as_str());
    let props = Props {
        shell: Rc::clone(shell),
        read: inspection.read_layers.clone(),
        subject: Rc::new(subject),
        place: inspection.place.files.clone(),
        is_shown,
        language: spoken(),
    };
    VChild::<FilesOnPage>::new(props, Some(key)).into()
}

struct Props {
    shell: Rc<Shell>,
    read: ReadLayers,
    subject: Rc<Subject>,
    place: Option<String>,
    is_shown: bool,
    language: Language,
}

impl PartialEq for Props {
    /// Compares what changes. The image is another component.
    fn eq(&self, other: &Self) -> bool {
        let of = |it: &Self| (it.place.clone(), it.is_shown, it.language);
        of(self) == of(other) && self.subject.layers == other.subject.layers
    }
}

/// By hand, since yew's derive wants a builder, which only its `html!` needs.
impl Properties for Props {
    type Builder = ();

    fn builder() -> Self::Builder {}
}

/// The files of one image, on the page.
struct FilesOnPage {
    state: State,
    effects: Effects,
    /// What is to be done once the page is drawn.
    todo: Vec<Effect>,
}

impl FilesOnPage {
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
            self.effects.run(effect, &self.state);
        }
    }
}

impl Component for FilesOnPage {
    type Message = Msg;
    type Properties = Props;

    fn create(context: &Context<Self>) -> Self {
        let props = context.props();
        let mut page = Self {
            state: State::new(Rc::clone(&props.subject)),
            effects: Effects::new(
                &props.shell,
                &props.read,
                &context.link().callback(|msg| msg),
            ),
            todo: Vec::new(),
        };
        page.state.is_streamed = disk::is_there();
        page.take(Msg::Came(props.place.clone(), props.is_shown));
        page
    }

    fn changed(&mut self, context: &Context<Self>, _: &Props) -> bool {
        let props = context.props();
        self.state.subject = Rc::clone(&props.subject);
        self.take(Msg::Came(props.place.clone(), props.is_shown));
        true
    }

    fn update(&mut self, _: &Context<Self>, msg: Msg) -> bool {
        self.take(msg)
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let link = context.link().callback(|msg| msg);
        view::tab(&self.state, &link).map_or_else(Html::default, Html::from)
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        self.run();
        self.effects.measure();
    }
}
