//! What the panel does in the browser: it hears what is pasted, dropped and chosen in its area, and checks.

use std::rc::Rc;

use waybill_signatures::{Question, check, limits};
use yew::Callback;

use super::message::{Effect, Msg};
use super::view::{AREA, FILE};
use super::{Asked, Kept};
use crate::browser::arithmetic::WebCrypto;
use crate::browser::dom::{self, Listener};
use crate::browser::file_input::{Given, pasted};
use crate::local_content::Import;
use crate::opener;
use crate::page::spawn;

/// Runs effects, and hears the area as long as the panel is there.
pub(super) struct Effects {
    keep: Callback<Kept>,
    link: Callback<Msg>,
    _listeners: Vec<Listener>,
}

impl Effects {
    pub(super) fn new(keep: Callback<Kept>, link: &Callback<Msg>) -> Self {
        let hear = |name| {
            let link = link.clone();
            dom::listen_first(name, move |event| take(event, &link))
        };
        Self {
            keep,
            link: link.clone(),
            _listeners: ["paste", "drop", "change"]
                .into_iter()
                .filter_map(hear)
                .collect(),
        }
    }

    /// Runs one effect. What comes of it is sent back as a message.
    pub(super) fn run(&self, effect: Effect) {
        match effect {
            Effect::Keep(kept) => self.keep.emit(kept),
            Effect::Check(number, asked, given) => {
                let link = self.link.clone();
                spawn(async move {
                    let reports = check_all(&asked, &given).await;
                    link.emit(Msg::Checked(number, reports));
                });
            }
        }
    }
}

async fn check_all(
    asked: &Rc<Asked>,
    given: &waybill_signatures::Given,
) -> Vec<waybill_signatures::Report> {
    let now = i64::try_from(dom::now() / 1000).unwrap_or(i64::MAX);
    let mut reports = Vec::new();
    // One after another: each holds a copy of what was signed.
    for signed in asked.signed.iter().take(limits::SIGNATURES) {
        let question = Question {
            signed,
            subject: &asked.subject,
            looked_at: asked.looked_at.as_ref(),
            asked: asked.reference.as_deref(),
            given,
            now,
        };
        reports.push(check(&question, &WebCrypto).await);
    }
    reports
}

/// Takes what an event brings into the area, and tells whether it did: the page shall not take it too.
fn take(event: &web_sys::Event, link: &Callback<Msg>) -> bool {
    if !dom::is_within(event.target(), AREA) {
        return false;
    }
    if let Some(given) = Given::take(event, FILE, "") {
        event.prevent_default();
        let link = link.clone();
        spawn(async move {
            link.emit(match opener::opened(given).await {
                Ok(import) => read(import),
                Err(error) => Msg::NotRead(format!("what opens files did not come: {error}")),
            });
        });
        return true;
    }
    let Some(text) = pasted(event, true) else {
        return false;
    };
    // Text that is pasted into the line for a name stays there.
    if dom::is_text_line(event.target()) {
        return true;
    }
    event.prevent_default();
    link.emit(Msg::Given(vec![(text.name, text.bytes)]));
    true
}

fn read(import: Import) -> Msg {
    let left_out = import.left_out.first();
    if let Some((name, why)) = left_out {
        return Msg::NotRead(format!("{name} was not opened: {why}"));
    }
    if let Some(archive) = import.archives.first() {
        return Msg::NotRead(format!(
            "{}: this is an archive; what is read here: {}",
            archive.name,
            waybill_signatures::FORMS
        ));
    }
    let files = import.files.into_iter();
    Msg::Given(files.map(|file| (file.name, file.bytes)).collect())
}
