//! The settings and the list of shortcuts, both dialogs over the page: a part of the program that is loaded behind the
//! first page, or when somebody opens one of them.

use waybill_core::registry::settings::Access;
use yew::Callback;

use super::message::Msg;
use super::state::{SETTINGS, SHORTCUTS, State};
use crate::components::dialog::dialog;
use crate::components::element::{Element, EventKind, button, el};
use crate::components::listener::send;
use crate::components::text::{pair, quiet, quiet_line, text};
use crate::language::Language;
use crate::lazy::kept;
use crate::shell::Choice;
use crate::theme::Theme;

/// Lists the ways to a registry: the value in the form, and the words beside it.
pub(super) const ACCESS: [(Access, &str, &str); 3] = [
    (
        Access::Automatic,
        "automatic",
        "Whichever works, through the proxy or directly",
    ),
    (Access::Direct, "direct", "Only directly"),
    (Access::Proxy, "proxy", "Only through the proxy"),
];

type Draw = fn(&State, &Callback<Msg>) -> [Element; 2];

kept! {
    dialogs:
    /// Brings what draws the dialogs.
    Draw = |state, link| [settings_dialog(state, link), shortcuts_dialog(link)]
}

/// Draws the dialogs, each of which is closed; nothing as long as what draws them is not here.
pub(super) fn dialogs(state: &State, link: &Callback<Msg>) -> [Option<Element>; 2] {
    here().map_or([None, None], |draw| draw(state, link).map(Some))
}

/// Draws the settings. The form keeps its own values, which are read when it is submitted; the state never has the
/// password.
fn settings_dialog(state: &State, link: &Callback<Msg>) -> Element {
    let host = state.settings_for.parse().ok();
    let choice = host
        .and_then(|host| state.registries.get(&host))
        .cloned()
        .unwrap_or_default();
    let themes = Theme::ALL.into_iter().map(|theme| {
        let chosen = (state.theme == theme, Msg::Theme(theme));
        choice_of("theme", chosen, link).child(theme.name())
    });
    let languages = Language::ALL.into_iter().map(|language| {
        let chosen = (state.language == language, Msg::Language(language));
        // Named in itself, so that whoever reads no other one finds it.
        let name = el("bdi").attr("lang", language.tag());
        choice_of("language", chosen, link).child(name.child(language.name()))
    });
    let close = send(link, Msg::CloseDialog(SETTINGS));
    dialog(SETTINGS, "settings-title", "Settings", close)
        .child(registry_form(state, &choice))
        .child(known(state, link))
        .child(choices("Colours", themes))
        .child(choices("Language", languages))
}

/// Draws one of several choices of that name, without its words: whether it is the one, and what choosing it says.
fn choice_of(name: &'static str, (is_chosen, msg): (bool, Msg), link: &Callback<Msg>) -> Element {
    let input = el("input")
        .attr("type", "radio")
        .attr("name", name)
        .checked(is_chosen)
        .on(EventKind::Change, send(link, msg));
    el("label").child(input)
}

fn choices(legend: &str, choices: impl Iterator<Item = Element>) -> Element {
    el("fieldset")
        .class("row")
        .child(el("legend").child(legend))
        .children(choices)
}

/// Draws the form, which holds its own values: the app fills it in by the ids when it is opened, and reads it when it
/// is sent.
fn registry_form(state: &State, choice: &Choice) -> Element {
    let host = input("settings-host")
        .attr("placeholder", "registry.example:5000")
        .attr(
            "aria-invalid",
            state.settings_error.is_some().then_some("true"),
        )
        .attr("aria-describedby", "settings-error")
        .attr("required", "required");
    let ways = ACCESS
        .iter()
        .map(|(_, name, words)| el("option").attr("value", *name).child(*words));
    let user = choice.username.as_deref();
    let user_name = input("settings-user").attr("autocomplete", "off").attr(
        "placeholder",
        user.map(|user| [user, ", unchanged"].concat()),
    );
    let password = input("settings-password")
        .attr("type", "password")
        .attr("autocomplete", "new-password")
        .attr("placeholder", user.map(|_| "unchanged"));
    let promise = "Credentials stay in this tab's memory and are gone with it. \
     They are sent to this registry only, or to its own token \
     service.";
    el("form")
        .attr("id", "settings-form")
        .attr("method", "dialog")
        .attr("autocomplete", "off")
        .child(labelled("Registry", host))
        .child(
            el("p")
                .attr("id", "settings-error")
                .attr("role", "alert")
                .class("bad")
                .child(state.settings_error.as_ref().map(ToString::to_string)),
        )
        .child(labelled(
            "Way",
            el("select").attr("id", "settings-access").children(ways),
        ))
        .child(
            el("label")
                .class("check")
                .child(input("settings-http").attr("type", "checkbox"))
                .child("Plain http, no TLS: anybody on the way can read and change what is sent"),
        )
        .child(
            el("div")
                .class("pair")
                .child(labelled("User name", user_name))
                .child(labelled("Password or token", password)),
        )
        .child(quiet_line(promise))
        .child(
            el("p").child(
                el("button")
                    .attr("type", "submit")
                    .class("primary")
                    .child("Use for this registry"),
            ),
        )
}

fn input(id: &'static str) -> Element {
    el("input").attr("id", id)
}

fn labelled(label: &str, input: Element) -> Element {
    el("label").child(label).child(input)
}

/// Draws the registries that something was set for.
fn known(state: &State, link: &Callback<Msg>) -> Option<Element> {
    let rows = state.registries.all().iter().map(|(host, choice)| {
        let way = ACCESS
            .iter()
            .find(|(access, ..)| *access == choice.access)
            .map_or("", |(_, name, _)| name);
        let http = if choice.plain_http {
            ", plain http"
        } else {
            ""
        };
        let user = choice
            .username
            .as_ref()
            .map(|name| format!(", as {name}"))
            .unwrap_or_default();
        let forget = button("Forget", send(link, Msg::Forget(host.clone())));
        let host = host.to_string();
        let row = el("li")
            .key(&host)
            .class("row")
            .child(el("b").child(text(&host)));
        row.child(quiet(format_args!("{way}{http}{user}")))
            .child(forget)
    });
    let list = el("ul")
        .attr("aria-label", "Registries with settings")
        .class("known");
    (rows.len() > 0).then(|| list.children(rows))
}

/// Draws the list of keyboard shortcuts.
fn shortcuts_dialog(link: &Callback<Msg>) -> Element {
    let keys = [
        ("/", "go to the box"),
        ("y", "pin the tag to its digest"),
        ("c", "copy the digest in focus"),
        ("Alt+↑ Alt+↓", "in Compose: move the entry in focus"),
        ("Ctrl+Z", "in Compose: take the last change back"),
        ("Ctrl+Shift+Z", "in Compose: make it again"),
        ("?", "show this list"),
        ("Esc", "close"),
    ];
    let list = keys.iter().fold(el("dl"), |list, (key, what)| {
        pair(list, el("kbd").child(*key), *what)
    });
    let close = send(link, Msg::CloseDialog(SHORTCUTS));
    dialog(SHORTCUTS, "shortcuts-title", "Keyboard shortcuts", close).child(list)
}
