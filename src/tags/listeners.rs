//! What Tags hears of the browser: keys in the filter and on the rows.

use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;
use yew::Callback;

use super::message::{Key, Msg, Place};
use super::state::FILTER;
use crate::browser::dom::{self, Listener};

/// Listens for as long as what it returns lives.
pub(super) fn listeners(link: &Callback<Msg>) -> Vec<Listener> {
    let keys = link.clone();
    let pressed = dom::listen("keydown", move |event| {
        if let Some((place, key)) = key(event) {
            event.prevent_default();
            keys.emit(Msg::Key(place, key));
        }
    });
    pressed.into_iter().collect()
}

/// Reads a key that does something where the focus is.
fn key(event: &web_sys::Event) -> Option<(Place, Key)> {
    let event: &KeyboardEvent = event.dyn_ref()?;
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key() {
        return None;
    }
    let name = event.key();
    if dom::is_element(event.target(), FILTER) {
        let key = match name.as_str() {
            "ArrowDown" => Key::Down,
            "Enter" => Key::Enter,
            _ => return None,
        };
        return Some((Place::Filter, key));
    }
    let row = dom::attribute_around(event.target(), "data-row")?;
    let key = match name.as_str() {
        "ArrowUp" => Key::Up,
        "ArrowDown" => Key::Down,
        "PageUp" => Key::PageUp,
        "PageDown" => Key::PageDown,
        "Home" => Key::Home,
        "End" => Key::End,
        // What folds is a button, which the browser presses.
        " " if dom::attribute_around(event.target(), "href").is_some() => Key::Space,
        _ => return None,
    };
    Some((Place::Row(row.parse().ok()?), key))
}
