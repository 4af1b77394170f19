//! What the files hear of the browser: keys on the rows, and how they are scrolled.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};
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
    // Scrolling does not bubble, so it is heard on its way down.
    let scrolls = link.clone();
    let scrolled = web_sys::window().map(|window| {
        let options = EventListenerOptions::run_in_capture_phase();
        EventListener::new_with_options(&window, "scroll", options, move |event| {
            if dom::is_element(event.target(), ROWS) {
                measure(&scrolls);
            }
        })
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

fn rows() -> Option<Element> {
    web_sys::window()?.document()?.get_element_by_id(ROWS)
}

/// Tells how the rows are scrolled, where they are on the page.
pub(super) fn measure(link: &Callback<Msg>) {
    let Some(rows) = rows() else {
        return;
    };
    let row = rows.query_selector("[role=row]").ok().flatten();
    let row = row.map_or(0.0, |row| row.get_bounding_client_rect().height());
    link.emit(Msg::Scrolled(Scroll {
        top: f64::from(rows.scroll_top()),
        height: f64::from(rows.client_height()),
        row,
    }));
}

/// Scrolls the rows.
#[allow(
    clippy::cast_possible_truncation,
    reason = "no browser draws anything so high"
)]
pub(super) fn scroll_to(top: f64) {
    if let Some(rows) = rows() {
        rows.set_scroll_top(top as i32);
    }
}
