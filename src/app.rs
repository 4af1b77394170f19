//! The shell: renders the state, hears the browser, runs the effects. The only part that does all three.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use waybill_core::limits;
use waybill_core::reference::Target;
use waybill_core::registry::client::Client;
use waybill_core::registry::settings::{Credentials, RegistrySettings};
use waybill_core::workflow::fetch::{Failure, Received};
use waybill_core::workflow::inspect::{self, ContentKey};
use yew::html::Scope;
use yew::{Component, Context, Html};

use crate::browser::file_input::Import;
use crate::browser::history::HistoryEntry;
use crate::browser::transport::BrowserTransport;
use crate::browser::{clipboard, dom, download, file_input, history, session, signature};
use crate::compose::{self, Around, Told};
use crate::pages::{self, Shared};
use crate::route::Route;
use crate::state::{BOX, CONTENT, Effect, FILES, Msg, SETTINGS, State};
use crate::verify;

/// Starts the program: replaces the page's plain HTML by the yew component [`App`].
pub fn start() {
    dom::show_panics();
    let Some(root) = dom::root() else { return };
    // Somebody may have typed into the shell's box already.
    let typed = dom::value(BOX);
    yew::Renderer::<App>::with_root_and_props(root, Props { typed }).render();
}

/// Carries what the plain HTML page hands over to the program.
#[derive(Clone, Debug, PartialEq, Eq, yew::Properties)]
pub struct Props {
    /// The text in the box when the program came.
    pub typed: String,
}

/// Holds the state, hears the browser, and runs the effects of each message.
pub struct App {
    state: Shared,
    client: Rc<Client<BrowserTransport>>,
    effects: Vec<Effect>,
    unkept: Rc<RefCell<Option<PendingHistory>>>,
    _listeners: Vec<EventListener>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.state.borrow().fmt(f)
    }
}

/// Waits to be written into the current history entry, once the page is drawn.
struct PendingHistory {
    entry: HistoryEntry,
    route: Route,
    _leaving: EventListener,
}

impl Component for App {
    type Message = Msg;
    type Properties = Props;

    fn create(context: &Context<Self>) -> Self {
        let theme = dom::theme();
        let mut state = State::new(history::host(), theme);
        state.address = history::address();
        let mut effects = vec![Effect::Theme(theme)];
        effects.extend(state.update(Msg::Route(history::route(), history::opened())));
        if !context.props().typed.is_empty() {
            effects.extend(state.update(Msg::Typed(context.props().typed.clone())));
        }
        let client = Rc::new(Client::new(BrowserTransport::default()));
        let state = Rc::new(RefCell::new(state));
        Self {
            state,
            client,
            effects,
            unkept: Rc::default(),
            _listeners: listeners(context),
        }
    }

    fn update(&mut self, _: &Context<Self>, msg: Msg) -> bool {
        if matches!(msg, Msg::Route(..)) {
            // Another entry stands there now.
            self.unkept.take();
        }
        self.effects.extend(self.state.borrow_mut().update(msg));
        true
    }

    fn view(&self, context: &Context<Self>) -> Html {
        pages::page(&self.state, &context.link().callback(|msg: Msg| msg))
    }

    /// Effects run once the page shows the state they belong to, so that what is focused is there.
    fn rendered(&mut self, context: &Context<Self>, _: bool) {
        for effect in std::mem::take(&mut self.effects) {
            self.run(context, effect);
        }
    }
}

impl App {
    fn run(&mut self, context: &Context<Self>, effect: Effect) {
        let link = context.link();
        match effect {
            Effect::Fetch {
                reference,
                generation,
                key,
                media_type,
            } => {
                let client = Rc::clone(&self.client);
                link.send_future(async move {
                    let (host, repository) = (reference.host(), reference.repository());
                    let answer = match &key {
                        ContentKey::Root => {
                            client
                                .manifest(host, repository, &reference.target(), None)
                                .await
                        }
                        ContentKey::Child(digest) => {
                            let target = Target::Digest(digest.clone());
                            client
                                .manifest(host, repository, &target, media_type.as_ref())
                                .await
                        }
                        ContentKey::Config(digest) => {
                            client
                                .blob(host, repository, digest, limits::MANIFEST_BYTES)
                                .await
                        }
                    };
                    let result = answer.map(Received::from).map_err(Failure::from);
                    Msg::Inspect(inspect::Msg::Received {
                        generation,
                        key,
                        result,
                    })
                });
            }
            Effect::CheckSignatures { key, signed } => link.send_future(async move {
                let results = signature::check(&signed).await;
                Msg::Inspect(inspect::Msg::SignaturesChecked {
                    key,
                    signed,
                    results,
                })
            }),
            Effect::Abort => self.client.transport().abort(),
            Effect::Go(route) => history::navigate(&route),
            Effect::Replace(route) => history::replace(&route),
            Effect::LoadCompose => {
                link.send_future(async {
                    Msg::ComposeLoaded(compose::load(session::composed()).await)
                });
            }
            Effect::RunCompose => {
                let page = self.state.borrow().compose.page.clone();
                let around = Around {
                    client: Rc::clone(&self.client),
                    link: link.callback(|msg: Msg| msg),
                };
                if let Some(page) = page {
                    page.borrow_mut().run(&around);
                }
            }
            Effect::LoadVerify => {
                link.send_future(async { Msg::VerifyLoaded(verify::load().await) });
            }
            Effect::PushOpened(entry, route) => {
                keep(&self.unkept, link);
                // Without room in the history the bytes are shown all the same, only not after a reload.
                let kept = history::push_opened(&entry, &route);
                link.send_message(Msg::Route(route, Some(entry)));
                link.send_message(Msg::HistorySaved(kept));
            }
            // The content of a shared link leaves the address at once.
            Effect::KeepOpened(entry, route) if history::route() != route => {
                link.send_message(Msg::HistorySaved(history::keep_opened(&entry, &route)));
            }
            Effect::KeepOpened(entry, route) => self.keep_soon(link, entry, route),
            Effect::ReadClipboard => {
                link.send_future(async { Msg::Clipboard(clipboard::read().await) });
            }
            Effect::Copy(text) => {
                link.send_future(async move { Msg::Copied(clipboard::copy(&text).await) });
            }
            Effect::Save(name, bytes) => drop(download::save(&name, &bytes)),
            Effect::Focus(id) => dom::focus(id),
            Effect::Show(id) => {
                if id == SETTINGS {
                    self.fill_settings();
                }
                dom::show_dialog(id);
            }
            Effect::Close(id) => dom::close_dialog(id),
            Effect::Title(title) => dom::set_title(&title),
            Effect::Configure(host, settings) => {
                // The form never shows credentials again; left empty, those that were entered before stay.
                match settings.credentials {
                    Some(_) => self.client.configure(&host, settings),
                    None => self
                        .client
                        .reach(&host, settings.access, settings.plain_http),
                }
                self.fill_settings();
            }
            Effect::Forget(host) => {
                self.client.forget(&host);
                self.fill_settings();
            }
            Effect::SetAccess(host, access) => {
                self.client
                    .reach(&host, access, self.client.settings(&host).plain_http);
            }
            Effect::SetPlainHttp(host) => {
                self.client
                    .reach(&host, self.client.settings(&host).access, true);
            }
            Effect::ConfirmRealm(host, realm) => self.client.confirm_realm(&host, &realm),
            Effect::Theme(theme) => dom::set_theme(theme),
        }
    }

    /// Keeps what was opened once it is drawn, since megabytes take longer to write than to show; or at once where the
    /// page is left before.
    fn keep_soon(&self, link: &Scope<Self>, entry: HistoryEntry, route: Route) {
        let (link, unkept) = (link.clone(), Rc::clone(&self.unkept));
        let keep = move || keep(&unkept, &link);
        let before = keep.clone();
        let leaving = web_sys::window()
            .map(|window| EventListener::new(&window, "beforeunload", move |_| before()));
        let Some(leaving) = leaving else { return };
        self.unkept.replace(Some(PendingHistory {
            entry,
            route,
            _leaving: leaving,
        }));
        spawn_local(async move {
            dom::drawn().await;
            keep();
        });
    }

    /// Fills the settings form in for one registry, and leaves nothing of the last one in it: credentials are never
    /// shown again.
    fn fill_settings(&self) {
        let state = self.state.borrow();
        let host = &state.settings_for;
        let choice = host
            .parse()
            .ok()
            .and_then(|host| state.registries.get(&host))
            .cloned()
            .unwrap_or_default();
        let way = pages::settings::ACCESS
            .iter()
            .find(|(access, ..)| *access == choice.access);
        dom::set_value("settings-host", host);
        dom::set_choice("settings-access", way.map_or("", |(_, name, _)| name));
        dom::set_checked("settings-http", choice.plain_http);
        for secret in ["settings-user", "settings-password"] {
            dom::set_value(secret, "");
        }
    }
}

/// Writes what is pending into the current history entry.
fn keep(unkept: &RefCell<Option<PendingHistory>>, link: &Scope<App>) {
    if let Some(PendingHistory { entry, route, .. }) =
        unkept.take().filter(|it| history::route() == it.route)
    {
        link.send_message(Msg::HistorySaved(history::keep_opened(&entry, &route)));
    }
}

/// Listens to everything that may happen anywhere on the page: keys, clicks, pastes, drops, moves in the history.
fn listeners(context: &Context<App>) -> Vec<EventListener> {
    let Some(window) = web_sys::window() else {
        return Vec::new();
    };
    let mut listeners = Vec::new();
    let mut listen = |name: &'static str, hear: fn(&web_sys::Event) -> Option<Msg>| {
        let link = context.link().clone();
        let options = gloo_events::EventListenerOptions::enable_prevent_default();
        listeners.push(EventListener::new_with_options(
            &window,
            name,
            options,
            move |event| {
                if let Some(msg) = hear(event) {
                    link.send_message(msg);
                }
            },
        ));
    };
    // Every move tells, also from one hash to another: hashchange would only read the opened bytes once more.
    listen("popstate", |_| {
        Some(Msg::Route(history::route(), history::opened()))
    });
    listen("click", |event| {
        dom::attribute_around(event.target(), "data-copy").map(Msg::Copy)
    });
    listen("mouseover", pointed);
    listen("focusin", pointed);
    listen("keydown", key);
    listen("submit", submitted);
    listen("dragover", |event| {
        event.prevent_default();
        None
    });
    for name in ["paste", "drop", "change"] {
        let link = context.link().clone();
        let options = gloo_events::EventListenerOptions::enable_prevent_default();
        listeners.push(EventListener::new_with_options(
            &window,
            name,
            options,
            move |event| {
                let files = [file_input::chosen(event, FILES), file_input::dropped(event)].concat();
                // What is pasted into the empty box for text is kept as it came: the box would change its line ends.
                let anything = dom::is_empty_focus(CONTENT);
                if !files.is_empty() {
                    event.prevent_default();
                    link.send_future(async move { Msg::Given(file_input::read(files).await) });
                } else if let Some(given) = file_input::pasted(event, anything) {
                    event.prevent_default();
                    link.send_message(Msg::Given(Import {
                        files: vec![given],
                        ..Import::default()
                    }));
                }
            },
        ));
    }
    listeners
}

/// Reads which layer the pointer is over. A place that has to do with no layer gives `None`, so the last stays lit.
fn pointed(event: &web_sys::Event) -> Option<Msg> {
    let layer = dom::attribute_around(event.target(), "data-layer")?;
    Some(Msg::LayerHovered(layer.parse().ok()))
}

fn key(event: &web_sys::Event) -> Option<Msg> {
    let event: &web_sys::KeyboardEvent = event.dyn_ref()?;
    if let Some(told) = compose_key(event) {
        return Some(Msg::ComposeKey(told));
    }
    if dom::is_typing() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return None;
    }
    match event.key().as_str() {
        "/" => {
            event.prevent_default();
            dom::select(BOX);
            None
        }
        "?" => Some(Msg::OpenShortcuts),
        "y" => Some(Msg::Pin),
        "c" => dom::focused_copy().map(Msg::Copy),
        _ => None,
    }
}

/// Reads a key as Compose means it: Alt with an arrow moves the row in focus; Ctrl+Z takes back, unless somebody types.
fn compose_key(event: &web_sys::KeyboardEvent) -> Option<Told> {
    let key = event.key();
    let told = match key.as_str() {
        "ArrowUp" | "ArrowDown" if event.alt_key() => {
            let row = dom::attribute_around(event.target(), "data-row")?
                .parse()
                .ok()?;
            let focus = dom::attribute_around(event.target(), "id")?;
            Told::Move {
                row,
                up: key == "ArrowUp",
                focus,
            }
        }
        "z" | "Z" if (event.ctrl_key() || event.meta_key()) && !dom::is_typing() => {
            if event.shift_key() {
                Told::Redo
            } else {
                Told::Undo
            }
        }
        "y" if event.ctrl_key() && !dom::is_typing() => Told::Redo,
        _ => return None,
    };
    event.prevent_default();
    Some(told)
}

/// Reads a form that was submitted and keeps its own values: that of Verify, or the settings.
fn submitted(event: &web_sys::Event) -> Option<Msg> {
    if dom::is_element(event.target(), pages::verify::FORM) {
        event.prevent_default();
        return Some(Msg::ContentSubmitted(dom::text(CONTENT)));
    }
    settings(event)
}

/// Reads the settings form. The password goes nowhere but into the registry client.
fn settings(event: &web_sys::Event) -> Option<Msg> {
    if !dom::is_element(event.target(), "settings-form") {
        return None;
    }
    event.prevent_default();
    let chosen = dom::choice("settings-access");
    let access = pages::settings::ACCESS
        .iter()
        .find(|(_, name, _)| *name == chosen)
        .map(|(access, ..)| *access);
    let (username, password) = (dom::value("settings-user"), dom::value("settings-password"));
    let credentials = (!username.is_empty()).then_some(Credentials { username, password });
    let plain_http = dom::is_checked("settings-http");
    let settings = RegistrySettings {
        access: access.unwrap_or_default(),
        plain_http,
        credentials,
    };
    Some(Msg::Registry {
        host: dom::value("settings-host"),
        settings,
    })
}
