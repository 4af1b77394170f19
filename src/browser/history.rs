//! The address and the history: the hash is the route, and a history entry may hold the bytes that were opened.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::History;

use crate::limits::KEPT_BYTES;
use crate::local_content::{HistoryEntry, LocalContent};
use crate::route::Route;

/// Reads the route that the address names now.
#[must_use]
pub fn route() -> Route {
    let hash = web_sys::window()
        .and_then(|window| window.location().hash().ok())
        .unwrap_or_default();
    let hash = hash.strip_prefix('#').unwrap_or(&hash);
    let decoded = js_sys::decode_uri_component(hash).map_or_else(|_| hash.to_owned(), String::from);
    Route::parse(&decoded)
}

/// Goes to another route; the browser then says that the hash changed.
pub fn navigate(route: &Route) {
    if let Some(window) = web_sys::window() {
        // Only a malformed address is refused, and routes are not.
        let _ = window.location().set_hash(&route.to_string());
    }
}

/// Puts another address in place of this one; the browser says nothing then.
pub fn replace(route: &Route) {
    let _ = history().map(|history| {
        history.replace_state_with_url(&JsValue::NULL, "", Some(&route.to_string()))
    });
}

/// Adds a history entry for what was opened, so that back, forward and reload find it again.
///
/// False where the browser refuses entries of that size; what was opened then lasts until the page is left.
#[must_use]
pub fn push_opened(entry: &HistoryEntry, route: &Route) -> bool {
    let push = |state: &Array| {
        history()?
            .push_state_with_url(state, "", Some(&route.to_string()))
            .ok()
    };
    put(entry, &push)
}

/// Puts what was opened into the history entry that stands now, under that address. False as for [`push_opened`].
#[must_use]
pub fn keep_opened(entry: &HistoryEntry, route: &Route) -> bool {
    let replace = |state: &Array| {
        history()?
            .replace_state_with_url(state, "", Some(&route.to_string()))
            .ok()
    };
    put(entry, &replace)
}

/// Writes an entry; without its contents where they are too many for the browser.
fn put(entry: &HistoryEntry, write: &dyn Fn(&Array) -> Option<()>) -> bool {
    if entry.bytes() <= KEPT_BYTES && write(&written(entry)).is_some() {
        return entry.files.is_some();
    }
    let _ = write(&written(&HistoryEntry {
        files: None,
        ..entry.clone()
    }));
    false
}

fn history() -> Option<History> {
    web_sys::window()?.history().ok()
}

/// `[key, expected, kept, name, bytes, exact, name, …]`.
fn written(entry: &HistoryEntry) -> Array {
    let kept = JsValue::from_bool(entry.files.is_some());
    let state = Array::of3(
        &entry.key.as_str().into(),
        &entry.expected.as_str().into(),
        &kept,
    );
    for given in entry.files.iter().flatten() {
        state.push(&given.name.as_str().into());
        state.push(&Uint8Array::from(&*given.bytes));
        state.push(&JsValue::from_bool(given.exact));
    }
    state
}

/// Reads what the current history entry holds; `None` where it holds nothing of ours.
#[must_use]
pub fn opened() -> Option<HistoryEntry> {
    let state: Array = history()?.state().ok()?.dyn_into().ok()?;
    let text = |index| state.get(index).as_string();
    let (key, expected) = (text(0)?, text(1)?);
    let mut files = state.get(2).as_bool()?.then(Vec::new);
    if let Some(files) = &mut files {
        for index in (3..state.length()).step_by(3) {
            let bytes: Uint8Array = state.get(index + 1).dyn_into().ok()?;
            let exact = state.get(index + 2).is_truthy();
            files.push(LocalContent::new(text(index)?, bytes.to_vec(), exact));
        }
    }
    Some(HistoryEntry {
        files,
        expected,
        key,
        left_out: Vec::new(),
    })
}

/// Returns the whole address of the page without the part behind `#`.
#[must_use]
pub fn address() -> String {
    let href = web_sys::window()
        .and_then(|window| window.location().href().ok())
        .unwrap_or_default();
    href.split('#').next().unwrap_or_default().to_owned()
}

/// Returns the host of the page's own origin, which is where its proxy is.
#[must_use]
pub fn host() -> String {
    web_sys::window()
        .and_then(|window| window.location().host().ok())
        .unwrap_or_default()
}
