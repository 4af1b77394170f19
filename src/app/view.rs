//! One file a page: state in, elements out.

pub mod coming;
pub mod inspect;
pub mod settings;
pub mod start;
pub mod verify;

use std::cell::RefCell;
use std::rc::Rc;

use yew::virtual_dom::VChild;
use yew::{Callback, Component, Context, Event, Html, Properties, TargetCast};

use crate::components::element::{Element, el, side_by_side};
use crate::components::reference_input::{Typed, links, search};
use crate::route::{InspectSource, Route};
use crate::state::{Msg, SHARE, State, VERDICT};

/// Shares the state with the components that draw it; yew's properties have to be cheap to clone.
pub type Shared = Rc<RefCell<State>>;

/// Draws the whole page: the header with the box, [`Main`] below it, and the dialogs.
pub fn page(shared: &Shared, link: &Callback<Msg>) -> Html {
    let state = &*shared.borrow();
    let via = state.via();
    let typed = Typed {
        value: &state.typed,
        read: &state.read,
        submitted: state.submitted,
        via: via.as_deref(),
    };
    let on_input = send_text(link, Msg::Typed);
    let on_submit = link.reform(|event: Event| {
        event.prevent_default();
        Msg::Submitted
    });
    let search = search(typed, on_input, on_submit);
    let links = links(
        send(link, Msg::OpenSettings(None)),
        send(link, Msg::OpenShortcuts),
    );

    let (start, header, main) = if state.route == Route::Start {
        (Some(start::view(search, links)), None, None)
    } else {
        let word = el("a")
            .attr("href", "#/")
            .attr("aria-label", "Waybill, first page")
            .class("word");
        let header = el("header")
            .class("top")
            .child(word.child("Waybill"))
            .child(search)
            .child(links);
        let below = MainProps {
            state: Rc::clone(shared),
            version: state.version,
            link: link.clone(),
        };
        (
            None,
            Some(header),
            Some(el("main").child(Html::from(VChild::<Main>::new(below, None)))),
        )
    };
    let notice = el("p")
        .attr("role", "status")
        .attr("aria-live", "polite")
        .class("notice")
        .child(state.notice);
    let (settings, shortcuts) = (settings::dialog(state, link), settings::shortcuts(link));
    let share = settings::empty_dialog(SHARE, "share-title", "Share this content", link);
    let share = match (state.verifier.page, &state.verify.link) {
        (Some(page), Some(made)) => page.share(share, made),
        _ => share,
    };
    side_by_side(vec![
        start,
        header,
        main,
        Some(notice),
        Some(settings),
        Some(shortcuts),
        Some(share),
    ])
}

/// Carries the state to [`Main`]. Two are equal where the version is: then nothing is drawn anew.
#[derive(Properties)]
pub struct MainProps {
    state: Shared,
    version: u64,
    link: Callback<Msg>,
}

impl PartialEq for MainProps {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

/// Draws what stands below the box. It is a component of its own so that a key in the box does not draw it anew.
#[derive(Debug)]
pub struct Main;

impl Component for Main {
    type Message = ();
    type Properties = MainProps;

    fn create(_: &Context<Self>) -> Self {
        Self
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let MainProps { state, link, .. } = context.props();
        let state = &*state.borrow();
        let sheet = match (&state.route, &state.inspection) {
            (Route::Inspect(InspectSource::Verify(_), _) | Route::Shared { .. }, _) => match state
                .verifier
                .page
            {
                Some(page) => page.view(state, link),
                None => coming::view("Verify", state.verifier.failed, send(link, Msg::LoadVerify)),
            },
            (Route::Compose(_), _) => match &state.compose.page {
                Some(page) => page.borrow().view(state, link),
                None => coming::view(
                    "Compose",
                    state.compose.failed,
                    send(link, Msg::LoadCompose),
                ),
            },
            (_, Some(inspection)) => inspect::view(state, inspection, link),
            (route, None) => nothing(route),
        };
        sheet.into()
    }
}

/// Makes a listener that sends `msg`.
pub(crate) fn send(link: &Callback<Msg>, msg: Msg) -> Callback<Event> {
    link.reform(move |_| msg.clone())
}

/// Makes a listener that sends the text of an input as it is typed.
fn send_text(link: &Callback<Msg>, msg: fn(String) -> Msg) -> Callback<Event> {
    link.reform(move |event: Event| {
        msg(event
            .target_dyn_into::<web_sys::HtmlInputElement>()
            .map(|input| input.value())
            .unwrap_or_default())
    })
}

/// Makes the heading of a page, to which the focus goes.
pub(crate) fn title() -> Element {
    el("h1").attr("id", VERDICT).attr("tabindex", "-1")
}

/// Draws the page of an address that holds nothing to inspect, with the reason.
fn nothing(route: &Route) -> Element {
    let (said, detail) = match route {
        Route::Inspect(InspectSource::Reference(_), _) => (
            "This is not a reference",
            "The line under the box says where it goes wrong. Nothing was fetched.",
        ),
        Route::Inspect(InspectSource::Example(_), _) => (
            "There is no such example",
            "The first page lists those there are.",
        ),
        _ => (
            "There is no such page",
            "This address is not one of Waybill's.",
        ),
    };
    let first = el("p")
        .class("row")
        .child(el("a").attr("href", "#/").child("First page"));
    let words = el("div")
        .child(title().child(said))
        .child(el("p").child(detail))
        .child(first);
    el("article")
        .class("sheet")
        .child(el("div").class("verdict").child(words))
}
