//! An error: what happened, the evidence, the next action.

use std::slice;

use waybill_core::humanize::{number, sentence};
use waybill_core::view::{Action, Explanation};
use yew::{Callback, Event};

use super::digest::copy;
use super::element::{Element, button, el};
use super::text::{quiet, words, written_out};
use crate::limits::ITEMS_DRAWN;

/// Draws an explanation with its buttons; `on_action` gives the listener of an action's button.
pub fn error(told: &Explanation, on_action: &dyn Fn(&Action) -> Callback<Event>) -> Element {
    around(told, Some(actions(told, on_action)))
}

/// Draws an explanation without its buttons.
pub fn evidence(told: &Explanation) -> Element {
    around(told, None)
}

/// Draws the buttons of an explanation.
pub fn actions(told: &Explanation, on_action: &dyn Fn(&Action) -> Callback<Event>) -> Element {
    let buttons = told
        .actions
        .iter()
        .map(|action| button(&label(action), on_action(action)));
    el("p").class("row").children(buttons)
}

fn around(told: &Explanation, actions: Option<Element>) -> Element {
    let next: Vec<_> = told.next.iter().map(|words| sentence(words)).collect();
    let causes: Vec<_> = told.causes.iter().map(|words| sentence(words)).collect();
    let details: Vec<_> = [slice::from_ref(&told.what), &told.evidence].concat();
    // A line break or ESC of the registry's would be one of the terminal that they are pasted into.
    let details = details
        .iter()
        .map(|line| written_out(line))
        .collect::<Vec<_>>()
        .join("\n");

    let mut error = list(el("div").class("error"), "What to do next", &next);
    if let Some(snippet) = told.snippet {
        // It scrolls where it is narrow, so the keyboard has to reach it.
        error = error.child(
            el("div")
                .class("snippet")
                .child(el("pre").attr("tabindex", "0").child(snippet))
                .child(copy(snippet, "header snippet")),
        );
    }
    error = list(error.child(actions), "Likely causes", &causes);
    error = list(error, "What was seen", &told.evidence);
    error.child(el("p").child(copy(&details, "error details")))
}

fn list(parent: Element, title: &str, rows: &[String]) -> Element {
    if rows.is_empty() {
        return parent;
    }
    let rest = rows.len().saturating_sub(ITEMS_DRAWN) as u64;
    let rest = (rest > 0).then(|| {
        el("li").child(quiet(format_args!(
            "and {} more, copy has all",
            number(rest)
        )))
    });
    parent.child(el("h3").child(title)).child(
        el("ul")
            .children(
                rows.iter()
                    .take(ITEMS_DRAWN)
                    .map(|row| el("li").child(words(row))),
            )
            .child(rest),
    )
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
