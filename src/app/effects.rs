//! What the shell does in the browser, to the registry client and to the pages.

use std::cell::RefCell;
use std::rc::Rc;

use waybill_core::registry::client::Client;
use yew::html::Scope;

use super::App;
use super::message::{Effect, Msg};
use super::settings::{self, ACCESS};
use super::state::{SETTINGS, SHORTCUTS, State};
use crate::browser::dom::Listener;
use crate::browser::transport::BrowserTransport;
use crate::browser::{self, clipboard, dom, download, history};
use crate::components::text::written_out;
use crate::inspection::tabs;
use crate::local_content::HistoryEntry;
use crate::page::spawn;
use crate::route::{PartPage, Route};
use crate::{
    archive, compose, copy, diff, examples, language, opener, reader, schema1, tags, verify,
};

/// Runs the shell's effects, and holds what is still to be written into the history.
#[derive(Default)]
pub(super) struct Effects {
    pending: Rc<RefCell<Option<PendingHistory>>>,
}

/// Waits to be written into the current history entry, once the page is drawn.
struct PendingHistory {
    entry: HistoryEntry,
    route: Route,
    _leaving: Listener,
}

impl Effects {
    /// Runs one effect. What comes of it is sent back as a message.
    pub(super) fn run(
        &mut self,
        effect: Effect,
        state: &State,
        client: &Client<BrowserTransport>,
        link: &Scope<App>,
    ) {
        match effect {
            Effect::Inspect(command) => state.inspect.send(command),
            Effect::Verify(command) => state.verify.send(command),
            Effect::Compose(command) => state.compose.send(command),
            Effect::Part(page, command) => state.part(page).send(command),
            Effect::LoadReader => {
                spawn_for(link, async { Msg::ReaderLoaded(reader::load().await) });
            }
            Effect::LoadExamples => {
                spawn_for(link, async {
                    let loaded = examples::load().await;
                    if loaded.is_ok() {
                        // One of them is of schema 1, some have findings, and all can be looked at without a network.
                        spawn(async {
                            let _ = opener::load().await;
                            let _ = schema1::load_reading().await;
                            let _ = tabs::load_styled().await;
                            let _ = settings::load().await;
                        });
                    }
                    Msg::ExamplesLoaded(loaded)
                });
            }
            Effect::LoadVerify => {
                spawn_for(link, async { Msg::VerifyLoaded(verify::load().await) });
            }
            Effect::LoadCompose => {
                spawn_for(link, async { Msg::ComposeLoaded(compose::load().await) });
            }
            Effect::LoadPart(page) => spawn_for(link, async move {
                let loaded = match page {
                    PartPage::Copy => copy::load().await,
                    PartPage::Diff => diff::load().await,
                    PartPage::Tags => tags::load().await,
                    PartPage::Archive => archive::load().await,
                };
                Msg::PartLoaded(page, loaded)
            }),
            Effect::Navigate(route) => history::navigate(&route),
            Effect::Replace(route) => history::replace(&route),
            Effect::PushHistory(entry, route) => {
                save(&self.pending, link);
                // Without room in the history the bytes are shown all the same, only not after a reload.
                let saved = history::push_opened(&entry, &route);
                link.send_message(Msg::Route(route, Some(entry)));
                link.send_message(Msg::HistorySaved(saved));
            }
            // The content of a shared link leaves the address at once.
            Effect::SaveHistory(entry, route) if history::route() != route => {
                link.send_message(Msg::HistorySaved(history::keep_opened(&entry, &route)));
            }
            Effect::SaveHistory(entry, route) => self.save_soon(link, entry, route),
            Effect::Copy(text) => {
                spawn_for(
                    link,
                    async move { Msg::Copied(clipboard::copy(&text).await) },
                );
            }
            Effect::Save(name, bytes) => drop(download::save(&name, &bytes)),
            Effect::Focus(id) => dom::focus(id),
            Effect::OpenDialog(id @ (SETTINGS | SHORTCUTS)) if !settings::is_here() => {
                spawn_for(link, async move {
                    Msg::DialogsLoaded(id, settings::load().await)
                });
            }
            Effect::OpenDialog(id) => {
                if id == SETTINGS {
                    fill_settings(state);
                }
                dom::show_dialog(id);
            }
            Effect::CloseDialog(id) => dom::close_dialog(id),
            Effect::Title(title) => dom::set_title(&language::phrase(&written_out(&title))),
            Effect::Configure(host, settings) => {
                // The form never shows credentials again; left empty, those that were entered before stay.
                match settings.credentials {
                    Some(_) => client.configure(&host, settings),
                    None => client.reach(&host, settings.access, settings.plain_http),
                }
                fill_settings(state);
            }
            Effect::Forget(host) => {
                client.forget(&host);
                fill_settings(state);
            }
            Effect::SetAccess(host, access) => {
                client.reach(&host, access, client.settings(&host).plain_http);
            }
            Effect::SetPlainHttp(host) => {
                client.reach(&host, client.settings(&host).access, true);
            }
            Effect::ConfirmRealm(host, realm) => client.confirm_realm(&host, &realm),
            Effect::Theme(theme) => dom::set_theme(theme),
            Effect::Language(language) => {
                browser::language::name(language);
                if language != language::spoken() {
                    spawn_for(link, async { Msg::LanguageLoaded(language::load().await) });
                }
            }
            Effect::KeepLanguage(language) => browser::language::keep(language),
        }
    }

    /// Forgets what is still to be written: another history entry stands there now.
    pub(super) fn another_entry(&mut self) {
        self.pending.take();
    }

    /// Saves what was opened once it is drawn, since megabytes take longer to write than to show; or at once where the
    /// page is left before.
    fn save_soon(&self, link: &Scope<App>, entry: HistoryEntry, route: Route) {
        let (link, pending) = (link.clone(), Rc::clone(&self.pending));
        let save = move || save(&pending, &link);
        let before = save.clone();
        let Some(leaving) = dom::listen("beforeunload", move |_| before()) else {
            return;
        };
        self.pending.replace(Some(PendingHistory {
            entry,
            route,
            _leaving: leaving,
        }));
        spawn(async move {
            dom::drawn().await;
            save();
        });
    }
}

/// Does something that takes time, and sends what comes of it.
pub(super) fn spawn_for(link: &Scope<App>, task: impl Future<Output = Msg> + 'static) {
    let link = link.clone();
    spawn(async move { link.send_message(task.await) });
}

/// Writes what is pending into the current history entry.
fn save(pending: &RefCell<Option<PendingHistory>>, link: &Scope<App>) {
    if let Some(PendingHistory { entry, route, .. }) = pending
        .take()
        .filter(|pending| history::route() == pending.route)
    {
        link.send_message(Msg::HistorySaved(history::keep_opened(&entry, &route)));
    }
}

/// Fills the settings form in for one registry, and leaves nothing of the last one in it: credentials are never shown
/// again.
fn fill_settings(state: &State) {
    let host = &state.settings_for;
    let choice = host
        .parse()
        .ok()
        .and_then(|host| state.registries.get(&host))
        .cloned()
        .unwrap_or_default();
    let way = ACCESS.iter().find(|(access, ..)| *access == choice.access);
    dom::set_value("settings-host", host);
    dom::set_choice("settings-access", way.map_or("", |(_, name, _)| name));
    dom::set_checked("settings-http", choice.plain_http);
    for secret in ["settings-user", "settings-password"] {
        dom::set_value(secret, "");
    }
}
