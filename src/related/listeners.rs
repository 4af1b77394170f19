//! What the tab hears of the browser: keys on its lines.

use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;
use yew::Callback;

use super::message::{Key, Msg};
use crate::browser::dom::{self, Listener};

/// Listens for as long as what it returns lives.
pub(super) fn listeners(link: &Callback<Msg>) -> Vec<Listener> {
    let keys = link.clone();
    let pressed = dom::listen("keydown", move |event| {
        if let Some((line, key)) = key(event) {
            event.prevent_default();
            keys.emit(Msg::Key(line, key));
        }
    });
    pressed.into_iter().collect()
}

/// Reads a key that does something on the button of a line, which has the focus.
fn key(event: &web_sys::Event) -> Option<(usize, Key)> {
    let event: &KeyboardEvent = event.dyn_ref()?;
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key() {
        return None;
    }
    let line = dom::attribute_around(event.target(), "data-related")?;
    let key = match event.key().as_str() {
        "ArrowUp" => Key::Up,
        "ArrowDown" => Key::Down,
        "ArrowLeft" => Key::Left,
        "ArrowRight" => Key::Right,
        "Home" => Key::Home,
        "End" => Key::End,
        _ => return None,
    };
    Some((line.parse().ok()?, key))
}
