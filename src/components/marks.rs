//! Seals and the stamp. A shape and a word always, never colour alone.

use waybill_core::workflow::inspect::{Mark, Seal};
use yew::{Html, html};

/// The seal's shape: a filled tick, a cross, a hollow ring, or a dashed ring that turns.
pub fn seal(seal: Seal) -> Html {
    let shape = match seal {
        Seal::Good => html! {
            <><circle class="disc" cx="8" cy="8" r="7.25" /><path class="cut" d="M4.6 8.3 7 10.7l4.5-5.1" /></>
        },
        Seal::Bad => html! {
            <><circle class="disc" cx="8" cy="8" r="7.25" /><path class="cut" d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6" /></>
        },
        Seal::Hollow => html! { <circle class="ring" cx="8" cy="8" r="6.25" /> },
        Seal::Working => html! { <circle class="ring turning" cx="8" cy="8" r="6.25" pathLength="8" /> },
    };
    html! { <svg class={["seal ", class(seal)].concat()} viewBox="0 0 16 16" aria-hidden="true">{ shape }</svg> }
}

/// The class that gives a seal its colour.
#[must_use]
pub fn class(seal: Seal) -> &'static str {
    match seal {
        Seal::Good => "good",
        Seal::Bad => "bad",
        Seal::Hollow => "hollow",
        Seal::Working => "working",
    }
}

/// A seal with its word.
pub fn verdict(kind: Seal, words: &str) -> Html {
    html! { <span class={["verdict-word ", class(kind)].concat()}>{ seal(kind) }<span>{ words.to_owned() }</span></span> }
}

/// The stamp.
pub fn stamp(mark: &Mark) -> Html {
    html! {
        <div class={["stamp ", class(mark.seal)].concat()}>
            { mark.text.clone() }<small>{ mark.small.clone() }</small>
        </div>
    }
}
