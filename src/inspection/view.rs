//! How an inspection looks: the verdict in one sentence, the custody line, and the tabs.

use waybill_core::digest::Digest;
use waybill_core::humanize::sentence;
use waybill_core::view::{Stamp, Status, Summary};
use waybill_core::workflow::fetch::Failure;
use waybill_core::workflow::inspect::{self as workflow, Current, Model};
use yew::{Callback, Event};

use super::drawing::Drawing;
use super::{Inspection, Msg, custody, files, related, tabs};
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::sheet;
use crate::components::text::{quiet, text, words, written_out};
use crate::lazy::LoadError;
use crate::route::{InspectSource, Route, Tab};

/// Draws a page's sheet up to its tabs: the verdict's sentence, the stamp, and what is said of it.
pub fn sheet(words: Element, model: &Model, summary: Summary) -> Element {
    let stamp = summary.stamp.clone();
    let announced = announcement(model, summary);
    sheet::sheet("sheet", words, Some(&stamp), &announced)
}

/// Draws the tabs and what is under the one that is open.
pub fn views(sheet: Element, drawing: Drawing<'_>) -> Element {
    let files = files::drawn(drawing.inspection);
    let shared = drawing.inspection.share.as_ref();
    sheet
        .child(tab_line(drawing.inspection))
        .child(body(drawing))
        .child(files)
        .child(related::drawn(drawing))
        .child(shared.and_then(|shared| shared.dialog(drawing)))
}

/// Draws the name of a content that was given: a file's, or what the program calls a text, which has a blank in it. A
/// file that is called as a word of the program's keeps its name.
pub fn content_name(name: &str) -> Element {
    if name.contains(' ') {
        words(name)
    } else {
        text(name)
    }
}

/// Says what screen readers hear, once, when all fetching and checking is done.
fn announcement(model: &Model, summary: Summary) -> String {
    let Stamp {
        text,
        small,
        status,
    } = summary.stamp;
    if model.pending() > 0 || status == Status::Pending {
        return String::new();
    }
    written_out(&format!("{} {text}: {small}", sentence(&summary.title)))
}

/// Draws how much is still to come, with a way to stop it; nothing where all is here.
pub fn progress(model: &Model, link: &Callback<Msg>) -> Option<Element> {
    let pending = model.pending();
    let cancel = || button("Cancel", send(link, Msg::Workflow(workflow::Msg::Cancel)));
    (pending > 0).then(|| {
        let line = el("p")
            .class("row progress foot")
            .child(fetching("Fetching"));
        line.child(quiet(format_args!("{pending} to come")))
            .child(cancel())
    })
}

/// Draws a bar that says what is being fetched to those who do not see it.
pub(super) fn fetching(what: &'static str) -> Element {
    el("progress").attr("aria-label", what)
}

/// Draws the tabs that have something to show here.
fn tab_line(inspection: &Inspection) -> Option<Element> {
    let shown: &[Tab] = match inspection.model.current() {
        // Their place is kept, so that nothing below moves when they come.
        Current::Loading => return Some(el("div").class("tabs")),
        Current::Failed(_) => return None,
        Current::Image(..) => &Tab::ALL,
        Current::List(..) => &[Tab::Overview, Tab::Json, Tab::Related, Tab::Commands],
        Current::Other(_) => &[Tab::Overview, Tab::Json],
    };
    let has = |tab: &&Tab| **tab != Tab::Related || inspection.has_related();
    let tab = |tab: &Tab| {
        let href = Route::at(
            &inspection.source,
            &inspection.place,
            &inspection.place.at,
            *tab,
        );
        let here = (*tab == inspection.place.tab).then_some("page");
        el("a")
            .attr("href", href)
            .attr("aria-current", here)
            .child(tab.title())
    };
    Some(
        el("nav")
            .attr("aria-label", "Views")
            .class("tabs")
            .children(shown.iter().filter(|tab| has(tab)).map(tab)),
    )
}

fn body(drawing: Drawing<'_>) -> Option<Element> {
    let inspection = drawing.inspection;
    match (inspection.place.tab, inspection.model.current()) {
        (Tab::Files, Current::Image(..)) => files::waiting(inspection, drawing.link),
        (Tab::Related, Current::Image(..) | Current::List(..)) if inspection.has_related() => {
            related::waiting(inspection, drawing.link)
        }
        (Tab::Json, Current::List(..) | Current::Image(..) | Current::Other(_))
        | (Tab::Config | Tab::Layers, Current::Image(..))
        | (Tab::Commands, Current::List(..) | Current::Image(..)) => {
            let waiting = || {
                let fault = inspection.tabs_fault;
                let fault = fault.map(|error| ("What draws the tabs", error));
                waiting(fault, send(drawing.link, Msg::LoadTabs))
            };
            Some(tabs::tab(drawing).unwrap_or_else(waiting))
        }
        _ => Some(custody::custody_line(drawing)),
    }
}

/// Draws what stands for a tab, or for what else is drawn by a part of the program, as long as its part of the program is not here: that it is loaded, or what did not come and why.
pub fn waiting(fault: Option<(&'static str, LoadError)>, again: Callback<Event>) -> Element {
    let words = match fault {
        Some((what, error)) => format!("{what} could not be loaded: {error}."),
        None => "Loading".into(),
    };
    let again = fault.map(|_| button("Try again", again));
    el("p").class("row tab").child(quiet(words)).child(again)
}

/// Returns the address of an entry of the list that is looked at.
pub(super) fn entry_href(inspection: &Inspection, digest: Option<&Digest>) -> Option<String> {
    let at = [inspection.place.at.as_slice(), &[digest?.clone()]].concat();
    Some(Route::at(
        &inspection.source,
        &inspection.place,
        &at,
        Tab::Overview,
    ))
}

/// Returns the address of a place above the one that is looked at.
pub(super) fn above_href(inspection: &Inspection, index: usize) -> String {
    Route::at(
        &inspection.source,
        &inspection.place,
        &inspection.place.at[..index.min(inspection.place.at.len())],
        Tab::Overview,
    )
}

/// Tells whether something is missing that can be fetched again.
pub(super) fn can_retry(source: &InspectSource, failure: &Failure) -> bool {
    match failure {
        Failure::NotListed(_) | Failure::TooLarge { .. } => false,
        Failure::NotLoaded(_) => true,
        Failure::Registry(_) | Failure::NotBundled | Failure::Cancelled => {
            matches!(source, InspectSource::Reference(_))
        }
    }
}
