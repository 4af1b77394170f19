//! A place in a text that is scanned byte by byte.
//!
//! Scanners compare the byte at hand with what the grammar allows there, and step on. The end
//! reads as 0, which is allowed nowhere; a NUL in the text is refused by the same rules, so
//! only the words of an error depend on which of the two it was.

use super::text::is_space;

/// A text, and how far it was read.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    /// The offset of the byte at hand.
    pub(super) at: usize,
}

impl Cursor<'_> {
    /// The byte at hand; 0, which no rule takes, behind the end.
    #[expect(
        clippy::inline_always,
        reason = "compiled for size, it would be called a million times"
    )]
    #[inline(always)]
    pub(super) fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Goes over white space.
    #[expect(
        clippy::inline_always,
        reason = "compiled for size, it would be called a million times"
    )]
    #[inline(always)]
    pub(super) fn space(&mut self) {
        while is_space(self.byte()) {
            self.at += 1;
        }
    }

    /// Whether the rest begins with `word`.
    pub(super) fn is_at(&self, word: &str) -> bool {
        self.text.as_bytes()[self.at..].starts_with(word.as_bytes())
    }
}
