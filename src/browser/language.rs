//! The language of the page in the browser: what it asks for, what is kept, and what the document says.

use super::dom::storage;
use crate::language::Language;

const KEY: &str = "waybill.language";

/// Reads the language of the last visit; that of the browser where none was kept.
#[must_use]
pub fn read() -> Language {
    let kept = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    let own = || web_sys::window()?.navigator().language();
    kept.or_else(own)
        .map_or(Language::English, |tag| Language::of_tag(&tag))
}

/// Keeps a language for the next visit.
pub fn keep(language: Language) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(KEY, language.tag());
    }
}

/// Names the language of the page, so that a browser draws and reads it as that.
pub fn name(language: Language) {
    let root = web_sys::window().and_then(|window| window.document()?.document_element());
    if let Some(root) = root {
        let _ = root.set_attribute("lang", language.tag());
    }
}
