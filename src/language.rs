//! The language of the page: English, or Simplified Chinese.
//!
//! The program writes English throughout, findings and errors of `waybill-core` among it. Every text of the page passes
//! [`phrase`] as it is put into its element, and there is answered in Chinese where somebody reads Chinese. So only one
//! place knows of languages, and Chinese is a part of the program that comes when it is wanted. What comes from outside
//! stays as it is: it stands in elements that quote, such as `bdi` and `code`.

mod chinese;
pub mod phrases;

use std::borrow::Cow;
use std::cell::Cell;
#[cfg(debug_assertions)]
use std::{cell::RefCell, collections::BTreeSet};

pub use chinese::{is_here, load};

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, in which everything is written.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// Every language in order.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Returns its tag, as BCP 47 has it, by which it is kept and written into the page.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-Hans",
        }
    }

    /// Returns its name in itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "中文",
        }
    }

    /// Chooses one by the tag of a language that somebody reads: any Chinese reads Chinese.
    ///
    /// ```
    /// use waybill::language::Language;
    /// assert_eq!(Language::of_tag("zh-CN"), Language::Chinese);
    /// assert_eq!(Language::of_tag("de"), Language::English);
    /// ```
    #[must_use]
    pub fn of_tag(tag: &str) -> Self {
        let first = tag.split('-').next().unwrap_or_default();
        if first.eq_ignore_ascii_case("zh") {
            Self::Chinese
        } else {
            Self::English
        }
    }
}

#[cfg(debug_assertions)]
thread_local! {
    static UNSAID: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Takes the texts that were drawn in English while Chinese was spoken, for a test that looks for them. A release keeps
/// none.
#[cfg(debug_assertions)]
#[must_use]
pub fn unsaid() -> BTreeSet<String> {
    UNSAID.take()
}

thread_local! {
    static SPOKEN: Cell<Language> = const { Cell::new(Language::English) };
}

/// Has everything that is drawn from now on be in that language: English as long as the other one is not here.
pub fn speak(language: Language) {
    SPOKEN.set(language);
}

/// Returns the language in which the page is drawn. What is drawn only where something changed compares it.
#[must_use]
pub fn spoken() -> Language {
    match SPOKEN.get() {
        Language::Chinese if !is_here() => Language::English,
        language => language,
    }
}

/// Says a text of the program in the language of the page. What has no translation stays English.
#[must_use]
pub fn phrase(text: &str) -> Cow<'_, str> {
    let said = match SPOKEN.get() {
        Language::English => None,
        Language::Chinese => chinese::phrase(text),
    };
    #[cfg(debug_assertions)]
    if said.is_none() && SPOKEN.get() != Language::English {
        UNSAID.with_borrow_mut(|unsaid| unsaid.insert(text.trim().to_owned()));
    }
    said.map_or(Cow::Borrowed(text), Cow::Owned)
}
