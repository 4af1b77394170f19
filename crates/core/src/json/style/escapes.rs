//! The escapes that tools write and JSON does not ask for.
//!
//! JSON wants quotes, backslashes and control characters escaped and nothing more (RFC 8259,
//! section 7); every text may be escaped further and mean the same, with other bytes and so another
//! digest.

/// Which characters of a text are escaped beyond those that JSON wants escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escapes {
    /// None, as jq and `JSON.stringify` write.
    Plain,
    /// `<`, `>`, `&` and the line separators U+2028 and U+2029, as Go's `json.Marshal` writes.
    Html,
    /// Only the line separators, as Go writes with `SetEscapeHTML(false)`.
    Separators,
    /// Everything that is not ASCII, as Python's `json.dumps` writes.
    ///
    /// DEL (U+007F) is escaped too, although it is ASCII.
    Ascii,
}

impl Escapes {
    /// Every one, the likeliest first.
    pub const ALL: [Self; 4] = [Self::Html, Self::Plain, Self::Ascii, Self::Separators];

    /// How it looks, to stand behind `these bytes`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Plain => "without escapes that JSON does not ask for",
            Self::Html => "with <, > and & escaped as Go escapes them",
            Self::Separators => "with only the line separators escaped, as Go does without HTML",
            Self::Ascii => "with everything escaped that is not ASCII, as Python does",
        }
    }

    /// Whether a character is escaped beyond those that JSON wants escaped.
    fn has(self, character: char) -> bool {
        match self {
            Self::Plain => false,
            Self::Html => matches!(character, '<' | '>' | '&' | '\u{2028}' | '\u{2029}'),
            Self::Separators => matches!(character, '\u{2028}' | '\u{2029}'),
            Self::Ascii => character >= '\u{7f}',
        }
    }

    /// Appends the text as a JSON string.
    ///
    /// A character beyond U+FFFF is escaped as a surrogate pair; hex digits are lower case.
    /// `é😀` with [`Escapes::Ascii`] gives `"\u00e9\ud83d\ude00"`.
    pub(crate) fn write(self, out: &mut String, text: &str) {
        // serde_json escapes what JSON wants escaped, and as every tool here does it.
        let text = serde_json::to_string(text).unwrap_or_default();
        if self == Self::Plain {
            out.push_str(&text);
        } else {
            self.push(out, &text);
        }
    }

    /// JSON text with these escapes further, in every string of it: outside of strings none of
    /// these characters can stand.
    pub(crate) fn further(self, json: &str) -> String {
        let mut out = String::with_capacity(json.len());
        self.push(&mut out, json);
        out
    }

    fn push(self, out: &mut String, json: &str) {
        use std::fmt::Write as _;
        for character in json.chars() {
            if self.has(character) {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            } else {
                out.push(character);
            }
        }
    }
}
