//! How Tags looks: how much of the list is here, the filter, and one page of rows.

mod chosen;
mod notes;
mod progress;
mod repositories;
mod rows;

use waybill_core::humanize::{count, sentence};
use waybill_core::reference::Reference;
use waybill_core::tags::Order;
use waybill_core::view::Action;
use waybill_core::workflow::fetch::Failure;
use waybill_core::workflow::tags::{self as workflow, Model, Partial, Progress};
use yew::{Callback, Html};

use super::message::Msg;
use super::state::{FILTER, State};
use crate::components::element::{Element, EventKind, button, el};
use crate::components::error::error;
use crate::components::heading::{heading, nothing_here};
use crate::components::listener::{send, send_text};
use crate::components::sheet::sheet;
use crate::components::text::{self, quiet, written_out};
use crate::shell::RegistryChoices;

/// Names the row of that number, so that it can have the focus.
pub(super) fn row_id(row: usize) -> String {
    ["tag-", &row.to_string()].concat()
}

/// Draws the page below the header; nothing while another page is shown.
pub fn page(state: &State, registries: &RegistryChoices, link: &Callback<Msg>) -> Html {
    if !state.is_shown {
        return Html::default();
    }
    if let Some(catalog) = &state.catalog {
        return el("main")
            .child(repositories::repositories(state, catalog, link))
            .into();
    }
    let sheet = if let (Some(repository), Some(model)) = (&state.repository, &state.model) {
        let choice = registries.get(repository.host());
        let plain_http = choice.is_some_and(|choice| choice.plain_http);
        // Nothing stands below a list that is still to come: it would be pushed down.
        let is_here = *model.progress() != Progress::Loading;
        let in_other_tools = is_here.then(|| notes::in_other_tools(repository, plain_http));
        listed(state, repository, model, link).child(in_other_tools)
    } else {
        let wrong = state.wrong.as_deref().map(sentence).unwrap_or_default();
        let detail = [&wrong, " Nothing was fetched."].concat();
        nothing_here("This is not a repository", &detail)
    };
    el("main").child(sheet).into()
}

fn listed(state: &State, repository: &Reference, model: &Model, link: &Callback<Msg>) -> Element {
    let name = repository.familiar();
    let (progress, here) = (model.progress(), model.tags().all().len());
    let title = progress::title(&name, progress, here, "tag", "tags");
    let body = el("div")
        .class("tab")
        .child(trouble_with_the_list(model, link))
        .child(state.is_listed().then(|| tools(state, link)))
        .child(chosen::digest_line(state, model, link))
        .child(chosen::chosen(state, model, link))
        .child(rows::rows(state, model, link))
        .child(trouble_with_tags(model, link))
        .children(notes::notes(repository, model, link));
    let under_way = under_way(model, link);
    head(&title, progress, (here, model.pages()), under_way).child(body)
}

/// Draws a sheet up to what is listed: how much of it is here, and what is under way.
fn head(
    title: &str,
    progress: &Progress,
    (here, pages): (usize, usize),
    under_way: Option<Element>,
) -> Element {
    let how_much = progress::how_much(progress, pages);
    let words = el("div")
        .child(heading().child(text::words(title)))
        .child(el("p").child(text::words(&how_much)))
        .child(under_way);
    let announced = match progress {
        Progress::Loading => String::new(),
        Progress::Complete | Progress::Partial(_) => [title, ". ", &how_much].concat(),
    };
    let stamp = progress::stamp(progress, here);
    sheet("sheet", words, Some(&stamp), &written_out(&announced))
}

/// Draws what is under way, with a way to stop it; else how the list goes on.
fn under_way(model: &Model, link: &Callback<Msg>) -> Option<Element> {
    let row = || el("p").class("row progress foot");
    let pending = model.pending();
    let bar = |what| el("progress").attr("aria-label", what);
    let cancel = || button("Cancel", send(link, Msg::Workflow(workflow::Msg::Cancel)));
    let go_on = |words: &str, msg| button(words, send(link, Msg::Workflow(msg)));
    if *model.progress() == Progress::Loading {
        return Some(row().child(bar("Listing")).child(cancel()));
    }
    if pending > 0 {
        let words = [&count(pending, "request"), " to come"].concat();
        let line = row()
            .child(bar("Asking what tags name"))
            .child(quiet(words));
        return Some(line.child(cancel()));
    }
    let goes_on = model.goes_on();
    let more = match model.progress() {
        Progress::Partial(Partial::Bound) if goes_on => {
            Some(go_on("Load more", workflow::Msg::More).class("primary"))
        }
        Progress::Partial(Partial::Cancelled) if goes_on => {
            Some(go_on("Go on", workflow::Msg::More))
        }
        Progress::Partial(Partial::Unreadable(_)) => Some(go_on("Ask again", workflow::Msg::Retry)),
        Progress::Loading | Progress::Complete | Progress::Partial(_) => None,
    };
    more.map(|more| el("p").class("row").child(more))
}

fn failure(why: &Failure, link: &Callback<Msg>) -> Element {
    match why {
        Failure::Registry(told) => {
            let act = |action: &Action| send(link, Msg::Action(action.clone()));
            el("section")
                .child(el("h2").class("offscreen").child("What went wrong"))
                .child(error(&told.explain(), &act))
        }
        Failure::Cancelled
        | Failure::NotBundled
        | Failure::NotListed(_)
        | Failure::TooLarge { .. }
        | Failure::NotLoaded(_) => el("p").child(button(
            "Ask again",
            send(link, Msg::Workflow(workflow::Msg::Retry)),
        )),
    }
}

fn trouble_with_the_list(model: &Model, link: &Callback<Msg>) -> Option<Element> {
    match model.progress() {
        Progress::Partial(Partial::Failed(why)) => Some(failure(why, link)),
        Progress::Loading | Progress::Complete | Progress::Partial(_) => None,
    }
}

/// Draws why nothing more is asked about tags, with a way to ask again.
fn trouble_with_tags(model: &Model, link: &Callback<Msg>) -> Option<Element> {
    let why = model.trouble()?;
    let head = el("p").class("bad").attr("role", "alert");
    let head = head.child(
        "The registry was asked what tags name, and no more of them are asked about for now.",
    );
    Some(el("div").child(head).child(failure(why, link)))
}

fn filter(state: &State, hint: &'static str, link: &Callback<Msg>) -> Element {
    el("input")
        .attr("id", FILTER)
        .attr("type", "search")
        .attr("aria-label", "Filter: words that stand in the name")
        .attr("placeholder", hint)
        .verbatim()
        .class("file-search")
        .value(&state.filter)
        .on(EventKind::Input, send_text(link, Msg::Filter))
}

/// Draws the filter, and the switch of the order.
fn tools(state: &State, link: &Callback<Msg>) -> Element {
    let order = |words: &str, order: Order| {
        let is_on = state.order == order;
        button(words, send(link, Msg::Order(order)))
            .attr("aria-pressed", if is_on { "true" } else { "false" })
    };
    el("div")
        .class("row file-tools")
        .child(filter(state, "Filter: 1.27 alpine", link))
        .child(
            el("div")
                .attr("role", "group")
                .attr("aria-label", "Order")
                .class("switch")
                .child(order("Newest first", Order::Newest))
                .child(order("By name", Order::Name)),
        )
}
