//! Listeners that send a page's own messages.

use yew::{Callback, Event, TargetCast};

/// Makes a listener that sends `msg`.
pub fn send<M: Clone + 'static>(link: &Callback<M>, msg: M) -> Callback<Event> {
    link.reform(move |_| msg.clone())
}

/// Makes a listener that sends the text of an input as it is typed.
pub fn send_text<M: 'static>(link: &Callback<M>, msg: fn(String) -> M) -> Callback<Event> {
    link.reform(move |event: Event| {
        msg(event
            .target_dyn_into::<web_sys::HtmlInputElement>()
            .map(|input| input.value())
            .unwrap_or_default())
    })
}

/// Reads what was chosen in a list.
#[must_use]
pub fn chosen(event: &Event) -> String {
    event
        .target_dyn_into::<web_sys::HtmlSelectElement>()
        .map(|list| list.value())
        .unwrap_or_default()
}
