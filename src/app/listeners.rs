//! What the shell hears anywhere on the page: moves in the history, keys, clicks, pastes, drops, and its own form.

use waybill_core::registry::settings::{Credentials, RegistrySettings};
use yew::html::Scope;

use super::App;
use super::effects::spawn_for;
use super::message::Msg;
use super::settings::ACCESS;
use super::state::BOX;
use crate::browser::dom::Listener;
use crate::browser::file_input::{self, Given};
use crate::browser::{dom, history};
use crate::local_content::Import;
use crate::opener;
use crate::shell::{CONTENT, FILES, FOLDER, Request};

/// Listens for as long as what it returns lives.
pub(super) fn listeners(link: &Scope<App>) -> Vec<Listener> {
    let listen = |name, hear: fn(&web_sys::Event) -> Option<Msg>| {
        let link = link.clone();
        dom::listen(name, move |event| {
            if let Some(msg) = hear(event) {
                link.send_message(msg);
            }
        })
    };
    let import = |name| {
        let link = link.clone();
        dom::listen(name, move |event| import(event, &link))
    };
    [
        // Every move tells, also from one hash to another: hashchange would only read the opened bytes once more.
        listen("popstate", |_| {
            Some(Msg::Route(history::route(), history::opened()))
        }),
        listen("click", |event| {
            dom::attribute_around(event.target(), "data-copy").map(copy)
        }),
        listen("keydown", key),
        listen("submit", settings),
        listen("dragover", |event| {
            event.prevent_default();
            None
        }),
        import("paste"),
        import("drop"),
        import("change"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn copy(text: String) -> Msg {
    Msg::Request(Request::Copy(text))
}

/// Reads what was pasted, dropped or chosen.
fn import(event: &web_sys::Event, link: &Scope<App>) {
    // What is pasted into the empty box for text is kept as it came: the box would change its line ends.
    let anything = dom::is_empty_focus(CONTENT);
    if let Some(given) = Given::take(event, FILES, FOLDER) {
        event.prevent_default();
        spawn_for(link, async move {
            match opener::opened(given).await {
                Ok(import) => Msg::Import(import),
                Err(_) => Msg::Request(Request::Notice(
                    "What opens files could not be loaded: try again",
                )),
            }
        });
    } else if let Some(pasted) = file_input::pasted(event, anything) {
        event.prevent_default();
        link.send_message(Msg::Import(Import {
            files: vec![pasted],
            ..Import::default()
        }));
    }
}

fn key(event: &web_sys::Event) -> Option<Msg> {
    match dom::shortcut(event)?.as_str() {
        "/" => {
            event.prevent_default();
            dom::select(BOX);
            None
        }
        "?" => Some(Msg::OpenShortcuts),
        "c" => dom::focused_copy().map(copy),
        _ => None,
    }
}

/// Reads the settings form. The password goes nowhere but into the registry client.
fn settings(event: &web_sys::Event) -> Option<Msg> {
    if !dom::is_element(event.target(), "settings-form") {
        return None;
    }
    event.prevent_default();
    let chosen = dom::choice("settings-access");
    let access = ACCESS
        .iter()
        .find(|(_, name, _)| *name == chosen)
        .map(|(access, ..)| *access);
    let (username, password) = (dom::value("settings-user"), dom::value("settings-password"));
    let credentials = (!username.is_empty()).then_some(Credentials { username, password });
    Some(Msg::SettingsSubmitted {
        host: dom::value("settings-host"),
        settings: RegistrySettings {
            access: access.unwrap_or_default(),
            plain_http: dom::is_checked("settings-http"),
            credentials,
        },
    })
}
