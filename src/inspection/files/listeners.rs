//! What the files hear of the browser: keys on the rows, and how they are scrolled.

use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;
use yew::Callback;

use super::message::{Key, Msg, Scroll};
use super::state::ROWS;
use crate::browser::dom::{self, Listener};

/// Listens for as long as the files are on the page.
pub(super) fn listeners(link: &Callback<Msg>) -> Vec<Listener> {
    let keys = link.clone();
    let pressed = dom::listen("keydown", move |event| {
        let Some(key) = key(event) else {
            return;
        };
        event.prevent_default();
        keys.emit(Msg::Key(key));
    });
    let scrolls = link.clone();
    let scrolled = dom::listen_on_the_way("scroll", move |event| {
        if dom::is_element(event.target(), ROWS) {
            measure(&scrolls);
        }
    });
    let resizes = link.clone();
    let resized = dom::listen("resize", move |_| measure(&resizes));
    [pressed, scrolled, resized].into_iter().flatten().collect()
}

/// Reads a key that does something on the rows, which have the focus.
fn key(event: &web_sys::Event) -> Option<Key> {
    let event: &KeyboardEvent = event.dyn_ref()?;
    let is_alone = !(event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key());
    if !is_alone || !dom::is_element(event.target(), ROWS) {
        return None;
    }
    Some(match event.key().as_str() {
        "ArrowUp" => Key::Up,
        "ArrowDown" => Key::Down,
        "PageUp" => Key::PageUp,
        "PageDown" => Key::PageDown,
        "Home" => Key::Home,
        "End" => Key::End,
        "ArrowLeft" => Key::Left,
        "ArrowRight" => Key::Right,
        "Enter" | " " => Key::Enter,
        _ => return None,
    })
}

/// Tells how the rows are scrolled, where they are on the page.
pub(super) fn measure(link: &Callback<Msg>) {
    if let Some((top, height, row)) = dom::scrolled(ROWS, "[role=row]") {
        link.emit(Msg::Scrolled(Scroll { top, height, row }));
    }
}

/// Scrolls the rows.
pub(super) fn scroll_to(top: f64) {
    dom::scroll_to(ROWS, top);
}
