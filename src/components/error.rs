//! An error: what happened, the evidence, the next action.

use std::slice;

use waybill_core::registry::explain::{Action, Explanation};
use waybill_core::words::sentence;
use yew::{Callback, Event};

use super::digest::copy;
use super::element::{Element, button, el};
use super::text::text;

/// The whole of an explanation; `on_action` gives what hears the button of an action.
pub fn error(told: &Explanation, on_action: &dyn Fn(&Action) -> Callback<Event>) -> Element {
    around(told, Some(actions(told, on_action)))
}

/// The same without its buttons.
pub fn evidence(told: &Explanation) -> Element {
    around(told, None)
}

/// The buttons of an explanation.
pub fn actions(told: &Explanation, on_action: &dyn Fn(&Action) -> Callback<Event>) -> Element {
    let buttons = told.actions.iter().map(|action| button(&label(action), on_action(action)));
    el("p").class("row").children(buttons)
}

fn around(told: &Explanation, actions: Option<Element>) -> Element {
    let next: Vec<_> = told.next.iter().map(|words| sentence(words)).collect();
    let causes: Vec<_> = told.causes.iter().map(|words| sentence(words)).collect();
    let details = [slice::from_ref(&told.what), &told.evidence].concat().join("\n");

    let mut error = list(el("div").class("error"), "What to do next", &next);
    if let Some(snippet) = told.snippet {
        // It scrolls where it is narrow, so the keyboard has to reach it.
        let text = el("pre").attr("tabindex", "0").child(snippet);
        error = error.child(el("div").class("snippet").child(text).child(copy(snippet, "header snippet")));
    }
    error = list(error.child(actions), "Likely causes", &causes);
    error = list(error, "What was seen", &told.evidence);
    error.child(el("p").child(copy(&details, "error details")))
}

fn list(parent: Element, title: &str, rows: &[String]) -> Element {
    if rows.is_empty() {
        return parent;
    }
    let list = el("ul").children(rows.iter().map(|row| el("li").child(text(row))));
    parent.child(el("h3").child(title)).child(list)
}

fn label(action: &Action) -> String {
    match action {
        Action::UseProxy => "Go through the proxy".to_owned(),
        Action::AskCredentials => "Enter credentials".to_owned(),
        Action::ConfirmRealm { realm, .. } => format!("Send the credentials to {}", realm.named()),
        Action::Retry => "Ask again".to_owned(),
        Action::UsePlainHttp => "Use plain http".to_owned(),
    }
}
