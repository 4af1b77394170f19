//! The first page: the box, one sentence, the examples, the promise.

use yew::{Html, html};

use crate::examples::EXAMPLES;
use crate::route::{Asked, Place, Route};

/// The page around the box.
pub fn view(search: Html, links: Html) -> Html {
    let rows = EXAMPLES.iter().map(|example| {
        let href = Route::Inspect(Asked::Example(example.name.into()), Place::default()).to_string();
        html! { <li key={example.name}><a {href}>{ example.title }</a><span class="quiet">{ example.about }</span></li> }
    });
    html! {
        <div class="start">
            <header class="row"><span class="word">{ "Waybill" }</span>{ links }</header>
            <main>
                <h1>{ "What is in this image, and is it what it says it is?" }</h1>
                { search }
                <p class="promise">
                    { "What you paste stays in this page. What you fetch is checked in this page." }
                </p>
                <section aria-labelledby="examples">
                    <h2 id="examples">{ "Examples that need no network" }</h2>
                    <ul class="examples">{ for rows }</ul>
                </section>
                <p class="quiet">{ "Or paste a manifest, or drop a file, anywhere on the page." }</p>
            </main>
        </div>
    }
}
