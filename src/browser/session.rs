//! What this tab keeps until it is closed: the work on a composition, so that loading the page again does not lose it.

use web_sys::Storage;

const KEY: &str = "waybill.compose";

fn storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// Reads the work that was kept, as text; `None` where there is none.
#[must_use]
pub fn composed() -> Option<String> {
    storage()?.get_item(KEY).ok()?
}

/// Keeps the work, or nothing. False where the browser has no room for it; then nothing is kept, rather than what was
/// before.
#[must_use]
pub fn keep_composed(text: Option<&str>) -> bool {
    let Some(storage) = storage() else {
        return false;
    };
    if text.is_some_and(|text| storage.set_item(KEY, text).is_ok()) {
        return true;
    }
    let _ = storage.remove_item(KEY);
    text.is_none()
}
