//! The app: the shell around the pages. It draws its state, hears the browser, and runs its effects.

mod effects;
mod listeners;
mod message;
mod pages;
mod registries;
pub mod settings;
mod start;
pub mod state;
pub mod view;

use std::rc::Rc;

use waybill_core::reference::RegistryHost;
use waybill_core::registry::client::Client;
use waybill_core::registry::settings::ProxyFirst;
use yew::{Callback, Component, Context, Html};

use self::effects::Effects;
pub use self::message::{Effect, Msg};
pub use self::registries::ENTER_AGAIN;
use self::state::BOX;
pub use self::state::State;
use crate::browser::dom::{EarlyPage, Listener};
use crate::browser::transport::BrowserTransport;
use crate::browser::{self, dom, history};
use crate::components::heading::HEADING;
use crate::language::{self, Language};
use crate::lazy::LazyPage;
use crate::page;
use crate::route::PartPage;
use crate::shell::{Link, Mount, PageOrigin, Props, Shell};

/// Starts the program: replaces the page's plain HTML by the yew component [`App`].
pub fn start() {
    dom::show_panics();
    page::spawn(async {
        // Where it does not come, [`Effect::Language`] tries once more, and says so.
        if browser::language::read() == Language::Chinese && language::load().await.is_ok() {
            language::speak(Language::Chinese);
        }
        dom::begin().await;
        let Some(root) = dom::root() else { return };
        let props = AppProps {
            // Somebody may have typed into the shell's box already.
            typed: dom::value(BOX),
            early: EarlyPage::find(),
        };
        yew::Renderer::<App>::with_root_and_props(root, props).render();
        // yew draws in the next turn of this task. It may let the browser go on before [`App::rendered`], where a key
        // would find neither the box that was taken away nor the focus in the new one.
        page::spawn(async { dom::tell_drawn() });
    });
}

/// Carries what the plain HTML page hands over to the program.
#[derive(Clone, Debug, PartialEq, Eq, yew::Properties)]
pub struct AppProps {
    /// The text in the box when the program came.
    pub typed: String,
    /// What `static/boot.js` showed of a page whose part of the program may still be on its way.
    pub early: Option<EarlyPage>,
}

/// Holds the shell's state, mounts the pages, and runs the effects of each message.
pub struct App {
    state: State,
    shell: Rc<Shell>,
    queue: Vec<Effect>,
    effects: Effects,
    _listeners: Vec<Listener>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.state.fmt(f)
    }
}

impl Component for App {
    type Message = Msg;
    type Properties = AppProps;

    fn create(context: &Context<Self>) -> Self {
        let theme = dom::theme();
        let origin = PageOrigin {
            host: history::host(),
            address: history::address(),
        };
        let mut state = State::new(theme);
        let mut queue = vec![Effect::Theme(theme)];
        let language = browser::language::read();
        if language != Language::English {
            state.language = language;
            queue.push(Effect::Language(language));
        }
        queue.extend(state.update(Msg::Route(history::route(), history::opened())));
        if !context.props().typed.is_empty() {
            queue.extend(state.update(Msg::Typed(context.props().typed.clone())));
        }
        let client = Client::new(BrowserTransport::default());
        if dom::came_from_proxy() {
            let is_here = origin
                .host
                .parse()
                .is_ok_and(|host: RegistryHost| host.is_loopback());
            client.prefer_proxy(if is_here {
                ProxyFirst::All
            } else {
                ProxyFirst::Elsewhere
            });
        }
        Self {
            state,
            shell: Rc::new(Shell {
                origin,
                client,
                request: context.link().callback(Msg::Request),
            }),
            queue,
            effects: Effects::default(),
            _listeners: listeners::listeners(context.link()),
        }
    }

    fn update(&mut self, _: &Context<Self>, msg: Msg) -> bool {
        if matches!(msg, Msg::Route(..)) {
            self.effects.another_entry();
            keep_focus();
        }
        if matches!(msg, Msg::VerifyMounted(_) | Msg::PartMounted(..)) {
            keep_focus();
        }
        self.queue.extend(self.state.update(msg));
        language::speak(self.state.language);
        true
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let link = context.link();
        let mut pages = vec![
            self.mounted(&self.state.inspect, link.callback(Msg::InspectMounted)),
            self.mounted(&self.state.verify, link.callback(Msg::VerifyMounted)),
            self.mounted(&self.state.compose, link.callback(Msg::ComposeMounted)),
        ];
        pages.extend(PartPage::ALL.map(|page| {
            let ready = link.callback(move |link| Msg::PartMounted(page, link));
            self.mounted(self.state.part(page), ready)
        }));
        let early = context.props().early.as_ref();
        let early = early.and_then(|early| early.at(&self.state.route.to_string()));
        view::page(&self.state, pages, early, &link.callback(|msg: Msg| msg))
    }

    /// Effects run once the page shows the state they belong to, so that what is focused is there.
    fn rendered(&mut self, context: &Context<Self>, _: bool) {
        for effect in std::mem::take(&mut self.queue) {
            self.effects
                .run(effect, &self.state, &self.shell.client, context.link());
        }
    }
}

/// Leads whoever had the focus on what another page took away to the heading of that page, once it is drawn; where it has
/// none, to the box.
fn keep_focus() {
    page::spawn(async {
        dom::drawn().await;
        for id in [HEADING, BOX] {
            dom::focus_if_lost(id);
        }
    });
}

impl App {
    /// Mounts a page whose part of the program is there.
    fn mounted<C: 'static>(&self, page: &LazyPage<C>, ready: Callback<Link<C>>) -> Html {
        let props = |mount: &Mount<C>| {
            mount(Props {
                registries: Rc::clone(&self.state.registries),
                shell: Rc::clone(&self.shell),
                ready,
            })
        };
        page.part.value.as_ref().map_or_else(Html::default, props)
    }
}
