//! The component of every page.
//!
//! yew compiles its machinery anew for each type of component, some 2 KB each. So all pages share the one component
//! here, and what is a page's own stands behind [`Page`]: its messages, its state, how it looks, what it does.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::virtual_dom::VChild;
use yew::{Callback, Component, Context, Html, Properties};

use crate::language::{Language, spoken};
use crate::shell::{Props, RegistryChoices, Shell};

/// A page: messages in, HTML and effects out.
pub trait Page: 'static {
    /// What may happen on the page.
    type Msg: 'static;

    /// What the page needs done.
    type Effect: 'static;

    /// Takes one message and returns the effects to run, in their order.
    fn update(&mut self, msg: Self::Msg) -> Vec<Self::Effect>;

    /// Tells whether the page looks otherwise after a message.
    fn draws(&self, msg: &Self::Msg) -> bool;

    /// Draws the page; nothing while another one is shown. What a person does goes to `link`.
    fn view(&self, registries: &RegistryChoices, link: &Callback<Self::Msg>) -> Html;

    /// Runs one effect. What comes of it goes to `link`. The page shows the state that the effect belongs to by now,
    /// so that what is focused is there.
    fn run(&mut self, effect: Self::Effect, link: &Callback<Self::Msg>);
}

/// Mounts a page, and keeps it while others are shown. `create` makes it when it is drawn for the first time, and is
/// given its link; `command` makes a message of what the shell tells it.
pub fn mount<P: Page, C: 'static>(
    Props {
        registries,
        shell,
        ready,
    }: Props<C>,
    create: impl Fn(&Rc<Shell>, &Callback<P::Msg>) -> P + 'static,
    command: fn(C) -> P::Msg,
) -> Html {
    let start = move |wake| -> Box<dyn RunningPage> {
        let running = Running::start(wake, |link| create(&shell, link));
        ready.emit(running.link.reform(command));
        Box::new(running)
    };
    let props = PageProps {
        registries,
        language: spoken(),
        start: Rc::new(start),
    };
    VChild::<PageComponent>::new(props, None).into()
}

/// Does something that takes time. Every task is boxed alike, since each type of task is half a kilobyte of program.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    let task: Pin<Box<dyn Future<Output = ()>>> = Box::pin(task);
    spawn_local(task);
}

struct PageProps {
    registries: Rc<RegistryChoices>,
    language: Language,
    start: Rc<dyn Fn(Callback<()>) -> Box<dyn RunningPage>>,
}

impl PartialEq for PageProps {
    /// Compares what changes: a page is made once.
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.registries, &other.registries) && self.language == other.language
    }
}

/// By hand, since yew's derive wants a builder, which only its `html!` needs.
impl Properties for PageProps {
    type Builder = ();

    fn builder() -> Self::Builder {}
}

struct PageComponent(Box<dyn RunningPage>);

impl Component for PageComponent {
    /// There are messages for the page.
    type Message = ();
    type Properties = PageProps;

    fn create(context: &Context<Self>) -> Self {
        Self((context.props().start)(context.link().callback(|()| ())))
    }

    fn update(&mut self, _: &Context<Self>, (): ()) -> bool {
        self.0.update()
    }

    fn view(&self, context: &Context<Self>) -> Html {
        self.0.view(&context.props().registries)
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        self.0.run_effects();
    }
}

/// A page as its component runs it, whatever its messages.
trait RunningPage {
    fn update(&mut self) -> bool;
    fn view(&self, registries: &RegistryChoices) -> Html;
    fn run_effects(&mut self);
}

/// A page with the messages that came for it since it was looked at, and the effects of those it took.
struct Running<P: Page> {
    page: P,
    link: Callback<P::Msg>,
    inbox: Rc<RefCell<VecDeque<P::Msg>>>,
    effects: Vec<P::Effect>,
}

impl<P: Page> Running<P> {
    fn start(wake: Callback<()>, create: impl FnOnce(&Callback<P::Msg>) -> P) -> Self {
        let inbox = Rc::<RefCell<VecDeque<P::Msg>>>::default();
        let link = {
            let inbox = Rc::clone(&inbox);
            Callback::from(move |msg| {
                inbox.borrow_mut().push_back(msg);
                wake.emit(());
            })
        };
        Self {
            page: create(&link),
            link,
            inbox,
            effects: Vec::new(),
        }
    }
}

impl<P: Page> RunningPage for Running<P> {
    fn update(&mut self) -> bool {
        let mut draws = false;
        while let Some(msg) = { self.inbox.borrow_mut().pop_front() } {
            draws |= self.page.draws(&msg);
            self.effects.extend(self.page.update(msg));
        }
        if !draws {
            self.run_effects();
        }
        draws
    }

    fn view(&self, registries: &RegistryChoices) -> Html {
        self.page.view(registries, &self.link)
    }

    fn run_effects(&mut self) {
        for effect in std::mem::take(&mut self.effects) {
            self.page.run(effect, &self.link);
        }
    }
}
