//! The settings and the list of shortcuts, both dialogs over the page.

use wasm_bindgen::JsCast;
use waybill_core::registry::settings::Access;
use yew::{Callback, Html, MouseEvent, html};

use crate::browser::page::Theme;
use crate::state::{Choice, Msg, SETTINGS, SHORTCUTS, State};

/// The ways to a registry with their words, in the order of the list.
pub const ACCESS: [(Access, &str, &str); 3] = [
    (Access::Automatic, "automatic", "Directly where it works, else through the proxy"),
    (Access::Direct, "direct", "Only directly"),
    (Access::Proxy, "proxy", "Only through the proxy"),
];

/// The settings. The form keeps its own values; they are read when it is submitted, and the password nowhere else.
pub fn dialog(state: &State, link: &Callback<Msg>) -> Html {
    let host = state.settings_for.parse().ok();
    let choice = host.and_then(|host| state.registries.get(&host)).cloned().unwrap_or_default();
    let themes = Theme::ALL.into_iter().map(|theme| {
        let onchange = link.reform(move |_| Msg::Theme(theme));
        html! {
            <label><input type="radio" name="theme" checked={state.theme == theme} {onchange} />{ theme.name() }</label>
        }
    });
    html! {
        <dialog id={SETTINGS} aria-labelledby="settings-title">
            <div class="row dialog-head">
                <h2 id="settings-title">{ "Settings" }</h2>{ close(SETTINGS, link) }
            </div>
            { registry_form(state, &choice) }
            { known(state, link) }
            <fieldset class="row"><legend>{ "Colours" }</legend>{ for themes }</fieldset>
        </dialog>
    }
}

/// Submitting is heard by the page itself, which reads the values by their ids.
fn registry_form(state: &State, choice: &Choice) -> Html {
    let options = ACCESS.iter().map(|(access, name, words)| {
        html! { <option value={*name} selected={choice.access == *access}>{ *words }</option> }
    });
    // Another registry is another form, so that no value of the last one stays in it.
    html! {
        <form id="settings-form" key={state.settings_for.clone()} method="dialog" autocomplete="off">
            <label>{ "Registry" }
                <input id="settings-host" required=true placeholder="registry.example:5000" value={state.settings_for.clone()}
                    aria-invalid={state.settings_error.is_some().then_some("true")} aria-describedby="settings-error" />
            </label>
            <p id="settings-error" class="bad" role="alert">{ state.settings_error.clone() }</p>
            <label>{ "Way" }<select id="settings-access">{ for options }</select></label>
            <label class="check"><input id="settings-http" type="checkbox" checked={choice.plain_http} />
                { "Plain http, no TLS: anybody on the way can read and change what is sent" }</label>
            <div class="pair">
                <label>{ "User name" }<input id="settings-user" autocomplete="off" value={choice.username.clone()} /></label>
                <label>{ "Password or token" }<input id="settings-password" type="password" autocomplete="new-password"
                    placeholder={choice.username.as_ref().map(|_| "unchanged")} /></label>
            </div>
            <p class="quiet">
                { "Credentials stay in this tab's memory and are gone with it. They are sent to this registry only, \
                   or to its own token service." }
            </p>
            <p><button type="submit" class="primary">{ "Use for this registry" }</button></p>
        </form>
    }
}

fn known(state: &State, link: &Callback<Msg>) -> Html {
    let rows = state.registries.iter().map(|(host, choice)| {
        let way = ACCESS.iter().find(|(access, ..)| *access == choice.access).map_or("", |(_, name, _)| name);
        let http = if choice.plain_http { ", plain http" } else { "" };
        let user = choice.username.as_ref().map(|name| format!(", as {name}")).unwrap_or_default();
        let forget = host.clone();
        html! {
            <li key={host.to_string()} class="row">
                <b>{ host.to_string() }</b><span class="quiet">{ format!("{way}{http}{user}") }</span>
                <button type="button" onclick={link.reform(move |_: MouseEvent| Msg::Forget(forget.clone()))}>{ "Forget" }</button>
            </li>
        }
    });
    if state.registries.is_empty() {
        return Html::default();
    }
    html! { <ul class="known" aria-label="Registries with settings">{ for rows }</ul> }
}

fn close(id: &'static str, link: &Callback<Msg>) -> Html {
    html! { <button type="button" onclick={link.reform(move |_: MouseEvent| Msg::Close(id))}>{ "Close" }</button> }
}

/// The keyboard shortcuts.
pub fn shortcuts(link: &Callback<Msg>) -> Html {
    let keys = [
        ("/", "go to the box"),
        ("y", "pin the tag to its digest"),
        ("c", "copy the digest in focus"),
        ("?", "show this list"),
        ("Esc", "close"),
    ];
    html! {
        <dialog id={SHORTCUTS} aria-labelledby="shortcuts-title">
            <div class="row dialog-head">
                <h2 id="shortcuts-title">{ "Keyboard shortcuts" }</h2>{ close(SHORTCUTS, link) }
            </div>
            <dl>{ for keys.iter().map(|(key, what)| html! { <><dt><kbd>{ *key }</kbd></dt><dd>{ *what }</dd></> }) }</dl>
        </dialog>
    }
}

/// Whether an event is about the settings form.
#[must_use]
pub fn is_settings_form(target: Option<web_sys::EventTarget>) -> bool {
    let form = target.and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    form.is_some_and(|form| form.id() == "settings-form")
}
