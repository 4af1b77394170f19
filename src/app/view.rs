//! How the shell looks: the header with the box, what stands in a page's place, and the dialogs.

use yew::virtual_dom::VList;
use yew::{Callback, Event, Html};

use super::message::Msg;
use super::settings::dialogs;
use super::start::start;
use super::state::State;
use crate::components::element::{Element, el};
use crate::components::heading::nothing_here;
use crate::components::listener::{send, send_text};
use crate::components::loading;
use crate::components::reference_input::{Typed, links, search};
use crate::route::{InspectSource, Route};

/// Draws the whole page around its pages, of which one draws itself at a time; `early` is what was shown of the page
/// at this address before the program came.
pub fn page(state: &State, pages: Vec<Html>, early: Option<Html>, link: &Callback<Msg>) -> Html {
    let is_start = state.route == Route::Start;
    // Each has its place, also while it is not there, so that yew does not take another one for it.
    let mut parts = vec![
        is_start
            .then(|| start(reference_input(state, link), menu(link)))
            .map_or_else(Html::default, Html::from),
        (!is_start)
            .then(|| header(state, link))
            .map_or_else(Html::default, Html::from),
    ];
    parts.extend(pages);
    parts.extend([
        in_place_of_a_page(state, early, link).unwrap_or_default(),
        notice(state).into(),
    ]);
    let dialogs = dialogs(state, link);
    parts.extend(dialogs.map(|dialog| dialog.map_or_else(Html::default, Html::from)));
    VList::with_children(parts, None).into()
}

fn header(state: &State, link: &Callback<Msg>) -> Element {
    el("header")
        .class("top")
        .child(
            el("a")
                .attr("href", "#/")
                .attr("aria-label", "Waybill, first page")
                .class("word")
                .child("Waybill"),
        )
        .child(reference_input(state, link))
        .child(menu(link))
}

/// Draws the box.
fn reference_input(state: &State, link: &Callback<Msg>) -> Element {
    let typed = Typed {
        value: &state.typed,
        read: &state.read,
        words: &state.words,
        submitted: state.submitted,
        via: state.via.as_deref(),
    };
    let on_submit = link.reform(|event: Event| {
        event.prevent_default();
        Msg::Submitted
    });
    search(typed, send_text(link, Msg::Typed), on_submit)
}

fn menu(link: &Callback<Msg>) -> Element {
    links(
        send(link, Msg::OpenSettings),
        send(link, Msg::OpenShortcuts),
    )
}

/// Draws what stands in the place of a page: that it is being loaded, or that there is none at this address.
fn in_place_of_a_page(state: &State, early: Option<Html>, link: &Callback<Msg>) -> Option<Html> {
    let (name, failed, again) = match &state.route {
        Route::Unknown(_) => {
            let none = nothing_here(
                "There is no such page",
                "This address is not one of Waybill's.",
            );
            return Some(el("main").child(none).into());
        }
        Route::Inspect(InspectSource::Verify(_), _) | Route::Shared { .. } => {
            let part = &state.verify.part;
            let name = (!part.is_here()).then_some("Verify")?;
            (name, part.failed, Msg::LoadVerify)
        }
        Route::Compose(_) => {
            let part = &state.compose.part;
            let name = (!part.is_here()).then_some("Compose")?;
            (name, part.failed, Msg::LoadCompose)
        }
        Route::Part(page, _) => {
            let part = &state.part(*page).part;
            let name = (!part.is_here()).then(|| page.title())?;
            (name, part.failed, Msg::LoadPart(*page))
        }
        Route::Inspect(InspectSource::Example(_), _) => {
            let examples = &state.examples;
            let name = (!examples.is_here()).then_some("The example")?;
            (name, examples.failed, Msg::LoadExamples)
        }
        Route::Inspect(InspectSource::Reference(text), _) => {
            let name = state.lacks_reader(text, true).then_some("Inspect")?;
            (name, state.reader.failed, Msg::LoadReader)
        }
        Route::Start => return None,
    };
    if failed.is_none() && early.is_some() {
        return early;
    }
    let sheet = loading::view(name, failed, send(link, again));
    Some(el("main").child(sheet).into())
}

/// Draws a word for the moment, for those too who do not see the page.
fn notice(state: &State) -> Element {
    el("p")
        .attr("role", "status")
        .attr("aria-live", "polite")
        .class("notice")
        .child(state.notice)
}
