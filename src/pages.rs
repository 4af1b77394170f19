//! One file a page: state in, [`Html`](yew::Html) out.

pub mod inspect;
pub mod settings;
pub mod start;

use yew::{Callback, Html, html};

use crate::components::header::{Typed, links, search};
use crate::route::{Asked, Route};
use crate::state::{Msg, State};

/// The whole page.
pub fn page(state: &State, link: &Callback<Msg>) -> Html {
    let via = state.via();
    let typed = Typed { value: &state.typed, read: &state.read, submitted: state.submitted, via: via.as_deref() };
    let box_of = || search(typed, &link.reform(Msg::Typed), &link.reform(|()| Msg::Submitted));
    let links_of = || links(&link.reform(|()| Msg::OpenSettings(None)), &link.reform(|()| Msg::OpenShortcuts));
    let content = match (&state.route, &state.inspection) {
        (Route::Start, _) => start::view(box_of(), links_of()),
        (_, inspection) => html! {
            <>
                <header class="top">
                    <a class="word" href="#/" aria-label="Waybill, first page">{ "Waybill" }</a>
                    { box_of() }
                    { links_of() }
                </header>
                <main>{ match inspection {
                    Some(inspection) => inspect::view(state, inspection, link),
                    None => nothing(&state.route),
                } }</main>
            </>
        },
    };
    html! {
        <>
            { content }
            <p class="notice" role="status" aria-live="polite">{ state.notice }</p>
            { settings::dialog(state, link) }
            { settings::shortcuts(link) }
        </>
    }
}

/// An address that holds nothing to inspect.
fn nothing(route: &Route) -> Html {
    let (title, detail) = match route {
        Route::Inspect(Asked::Reference(_), _) => {
            ("This is not a reference", "The line under the box says where it goes wrong. Nothing was fetched.")
        }
        Route::Inspect(Asked::Example(_), _) => ("There is no such example", "The first page lists those there are."),
        Route::Inspect(Asked::Opened, _) => {
            ("What was opened is gone", "Bytes that you paste or drop stay in this tab only. Paste or drop them again.")
        }
        _ => ("There is no such page", "This address is not one of Waybill's."),
    };
    html! {
        <article class="sheet">
            <div class="verdict"><div>
                <h1 id={crate::state::VERDICT} tabindex="-1">{ title }</h1>
                <p>{ detail }</p>
                <p class="row"><a href="#/">{ "First page" }</a></p>
            </div></div>
        </article>
    }
}
