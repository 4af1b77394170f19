//! A text put together from pieces of what was typed.
//!
//! Errors of a reference are placed in its text, and a person looks for them in what was
//! typed. So each piece remembers where it came from.
//!
//! ```text
//! typed     https://github.com/o/r/pkgs/container/a%2F%2Fb
//! text      o/a//b
//! origins   19, 38, 38, 39, 42, 45
//! ```
//!
//! The second `/` in a row is the error in `o/a//b`, at byte 4, and 42 is where a person finds
//! it.

use crate::input::error::InputError;
use crate::input::piece::Piece;
use crate::reference::{Reference, ReferenceError, RegistryHost};

/// A text put together from pieces, which knows where each of its bytes comes from.
#[derive(Default)]
pub(super) struct Assembled {
    pub(super) text: String,
    /// For each byte of `text` the byte of the typed text that it stands for.
    origins: Vec<usize>,
    /// Where the last piece ended: the place of an error behind the whole text, such as a
    /// missing tag.
    end: usize,
}

impl Assembled {
    /// Adds a piece as it was typed.
    pub(super) fn push(&mut self, piece: Piece<'_>) {
        self.text.push_str(piece.text);
        self.origins.extend(piece.start..piece.end());
        self.end = piece.end();
    }

    /// Text of our own that stands for what is at `origin`.
    pub(super) fn push_fixed(&mut self, text: &str, origin: usize) {
        self.text.push_str(text);
        self.origins.extend(std::iter::repeat_n(origin, text.len()));
        self.end = self.end.max(origin);
    }

    /// With `%2F` and the like turned into what they stand for; only ASCII can be part of a
    /// reference.
    ///
    /// A `%` without the code of an ASCII character behind it stays as it is; the grammar of
    /// references then refuses it at its place.
    pub(super) fn push_decoded(&mut self, piece: Piece<'_>) {
        let mut rest = piece;
        while let Some(at) = rest.text.find('%') {
            self.push(rest.first(at));
            rest = rest.skip(at);
            let code = rest
                .text
                .get(1..3)
                .and_then(|hex| u8::from_str_radix(hex, 16).ok())
                .filter(u8::is_ascii);
            if let Some(code) = code {
                self.push_fixed(char::from(code).encode_utf8(&mut [0; 4]), rest.start);
                rest = rest.skip(3);
            } else {
                self.push(rest.first(1));
                rest = rest.skip(1);
            }
        }
        self.push(rest);
    }

    /// Moves an error to the place in the typed text from which that byte came.
    pub(super) fn moved(&self, error: ReferenceError) -> InputError {
        let position = self
            .origins
            .get(error.position())
            .copied()
            .unwrap_or(self.end);
        InputError::Reference(error.placed(position))
    }

    /// Reads the whole text as a repository, with tag and digest if any, on `host`.
    pub(super) fn read_on(&self, host: RegistryHost) -> Result<Reference, InputError> {
        Reference::on(host, &self.text).map_err(|error| self.moved(error))
    }
}
