//! The head of the tab: how much is known, what was asked, and what did not come.

use waybill_core::humanize::{count, sentence};
use waybill_core::view::Action;
use waybill_core::workflow::fetch::Failure;
use waybill_core::workflow::related::{
    self as workflow, Asked, Model, NotKnown, TagKind, Told, Way,
};
use yew::Callback;

use super::super::message::Msg;
use super::HEAD;
use crate::components::element::{Element, button, el};
use crate::components::error::error;
use crate::components::listener::send;
use crate::components::text::{quiet, words};

/// Draws what is known of what refers to the manifest that is looked at.
pub(super) fn head(model: &Model, link: &Callback<Msg>) -> Element {
    let heading = el("h2").attr("id", HEAD).attr("tabindex", "-1");
    let words = summary(model);
    let head = el("div").class("related-head");
    let head = head
        .child(heading.child(words))
        .child(under_way(model, link));
    let root = model.nodes().first();
    let asked = root.and_then(|root| root.asked.as_ref());
    let head = head.child(asked.map(ways)).child(asked.and_then(notes));
    head.child(strays(model)).child(trouble(model, link))
}

/// Says in one sentence how much there is, and never that there is nothing before every way was asked.
fn summary(model: &Model) -> String {
    let related = model.related();
    let found = |words: &str| [&count(related, "manifest"), words].concat();
    let verb = if related == 1 { " is" } else { " are" };
    match (related, model.is_looking(), model.is_complete()) {
        (0, true, _) => "Looking for what refers to this manifest.".to_owned(),
        (_, true, _) => found(" found so far."),
        (0, false, true) => "Nothing refers to this manifest: every way was asked.".to_owned(),
        (0, false, false) if model.referrers() > 0 => {
            let found = count(model.referrers(), "manifest");
            [
                &found,
                " found, none of them known to be related; not everything came.",
            ]
            .concat()
        }
        (0, false, false) => "It is not known whether anything refers to this manifest.".to_owned(),
        (_, false, true) => found(&[verb, " related to this one."].concat()),
        (_, false, false) => found(&[verb, " known to be related; there may be more."].concat()),
    }
}

/// Says how many were found that belong elsewhere.
fn strays(model: &Model) -> Option<Element> {
    let strays = model.referrers().saturating_sub(model.related());
    let words = ["Not counted, see below: ", &count(strays, "manifest"), "."].concat();
    (strays > 0).then(|| el("p").class("warn").child(words.as_str()))
}

fn under_way(model: &Model, link: &Callback<Msg>) -> Option<Element> {
    let pending = model.pending();
    (pending > 0).then(|| {
        let words = [&count(pending, "request"), " to come"].concat();
        let cancel = send(link, Msg::Workflow(workflow::Msg::Cancel));
        el("p")
            .class("row progress")
            .child(el("progress").attr("aria-label", "Asking the registry"))
            .child(quiet(words))
            .child(button("Cancel", cancel))
    })
}

/// Draws each way that was asked, and what came of it.
pub(super) fn ways(asked: &Asked) -> Element {
    let mut list = el("ul")
        .attr("aria-label", "What was asked")
        .class("chips related-ways");
    let cosign = TagKind::COSIGN.into_iter().map(Way::Tag).zip(&asked.cosign);
    let first = [
        (Way::Api, &asked.api),
        (Way::Tag(TagKind::Fallback), &asked.fallback),
    ];
    for (way, told) in first.into_iter().chain(cosign) {
        if let Some(said) = told_words(told) {
            let item = el("li").child(el("b").child(way.words())).child(": ");
            list = list.child(item.child(words(&said)));
        }
    }
    list
}

/// What came of one way, in words; `None` where it was not asked.
fn told_words(told: &Told) -> Option<String> {
    Some(match told {
        Told::NotAsked => return None,
        Told::Waiting => "on its way".to_owned(),
        Told::Found(0) => "none".to_owned(),
        Told::Found(found) => found.to_string(),
        Told::NoApi(why) => ["not there: ", &why.words()].concat(),
        Told::Itself => "none: the manifest itself stands there".to_owned(),
        Told::Unreadable => "what came is no list of manifests".to_owned(),
        Told::Failed(failure) => NotKnown::of(failure).words().to_owned(),
    })
}

/// Draws what the registry wants to be known, and what of its list is not here.
pub(super) fn notes(asked: &Asked) -> Option<Element> {
    let mut notes = Vec::new();
    let mut note = |said: &str| notes.push(el("p").class("warn").child(words(said)));
    for warning in &asked.warnings {
        note(&["The registry says: ", warning].concat());
    }
    if let Some(link) = &asked.link {
        note(&sentence(&format!(
            "the list goes on and is not followed: {link}"
        )));
    }
    if asked.goes_on {
        note("The list goes on; what is behind this is not here.");
    }
    if asked.more > 0 {
        let more = count(asked.more, "manifest");
        note(&[&more, " more are listed than are looked at."].concat());
    }
    (!notes.is_empty()).then(|| el("div").children(notes))
}

/// Draws why something did not come, with a way to ask again.
fn trouble(model: &Model, link: &Callback<Msg>) -> Option<Element> {
    let failures: Vec<&Failure> = model.failures().collect();
    let first = failures.iter().find_map(|failure| match failure {
        Failure::Registry(error) => Some(error),
        _ => None,
    });
    if failures.is_empty() || model.pending() > 0 {
        return None;
    }
    let again = || send(link, Msg::Workflow(workflow::Msg::Retry));
    let Some(told) = first else {
        let row = el("p")
            .class("row")
            .child(quiet("Not everything was asked."));
        return Some(row.child(button("Ask again", again())));
    };
    let act = |action: &Action| match action {
        Action::Retry => again(),
        action => send(link, Msg::Action(action.clone())),
    };
    let head = el("p").class("bad").attr("role", "alert");
    let head = head.child("Something did not come, so what refers to this is not wholly known.");
    let section = el("section").child(el("h3").class("offscreen").child("What went wrong"));
    Some(section.child(head).child(error(&told.explain(), &act)))
}
