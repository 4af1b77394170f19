//! The language of the page in the browser: what it asks for, what is kept, and what the document says.

use super::dom;
use crate::language::Language;

const KEY: &str = "waybill.language";

/// Reads the language of the last visit; that of the browser where none was kept.
#[must_use]
pub fn read() -> Language {
    let own = || web_sys::window()?.navigator().language();
    dom::kept(KEY)
        .or_else(own)
        .map_or(Language::English, |tag| Language::of_tag(&tag))
}

/// Keeps a language for the next visit.
pub fn keep(language: Language) {
    dom::keep(KEY, language.tag());
}

/// Names the language of the page, so that a browser draws and reads it as that.
pub fn name(language: Language) {
    dom::set_of_document("lang", language.tag());
}
