//! The address and the history: the hash is the route, and a history entry may hold the bytes that were opened.

use std::rc::Rc;

use js_sys::{Array, JsString, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::History;

use super::files::Given;
use crate::route::Route;

/// The route that the address names now.
#[must_use]
pub fn route() -> Route {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    let hash = hash.strip_prefix('#').unwrap_or(&hash);
    let decoded = js_sys::decode_uri_component(hash).map_or_else(|_| hash.to_owned(), String::from);
    Route::parse(&decoded)
}

/// Goes to another route; the browser then says that the hash changed.
pub fn go(route: &Route) {
    if let Some(window) = web_sys::window() {
        // Only a malformed address is refused, and routes are not.
        let _ = window.location().set_hash(&route.to_string());
    }
}

/// Adds a history entry for bytes that were opened, so that back, forward and reload find them again.
///
/// False where the browser refuses entries of that size; the bytes then last until the page is left.
#[must_use]
pub fn push_opened(given: &Given, route: &Route) -> bool {
    history().is_some_and(|history| history.push_state_with_url(&entry(given), "", Some(&route.to_string())).is_ok())
}

/// Puts bytes that were opened into the history entry that stands now. False as for [`push_opened`].
#[must_use]
pub fn keep_opened(given: &Given) -> bool {
    history().is_some_and(|history| history.replace_state(&entry(given), "").is_ok())
}

fn history() -> Option<History> {
    web_sys::window()?.history().ok()
}

fn entry(given: &Given) -> Array {
    Array::of3(&given.name.as_str().into(), &Uint8Array::from(&*given.bytes), &JsValue::from_bool(given.exact))
}

/// The bytes in this history entry.
#[must_use]
pub fn opened() -> Option<Given> {
    let state = history()?.state().ok()?;
    let state: Array = state.dyn_into().ok()?;
    let name: JsString = state.get(0).dyn_into().ok()?;
    let bytes: Uint8Array = state.get(1).dyn_into().ok()?;
    let bytes: Rc<[u8]> = bytes.to_vec().into();
    Some(Given { name: name.into(), bytes, exact: state.get(2).is_truthy() })
}

/// The address of the page's own origin, for showing where the proxy is.
#[must_use]
pub fn host() -> String {
    web_sys::window().and_then(|window| window.location().host().ok()).unwrap_or_default()
}
