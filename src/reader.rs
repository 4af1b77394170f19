//! What reads a text that somebody typed, and says what was done to it or what is wrong with it: a part of the program,
//! loaded behind the first page, or with the first text that needs it. A plain reference, as addresses have it, needs no
//! reader.

use waybill_core::input::{Input, InputError, Note, understand};

use crate::lazy::kept;

/// What the part brings.
#[derive(Clone, Copy)]
struct Reader {
    read: fn(&str) -> Result<Input, InputError>,
    words: fn(&Result<Input, InputError>) -> Vec<String>,
}

kept! {
    reader:
    /// Brings what reads a text.
    Reader = Reader { read: understand, words: in_words }
}

/// Reads a text; `None` where the reader is not loaded.
#[must_use]
pub fn read(text: &str) -> Option<Result<Input, InputError>> {
    here().map(|reader| (reader.read)(text))
}

/// Says what is wrong with a text that was read, or what each of its notes says.
#[must_use]
pub fn words(read: &Result<Input, InputError>) -> Vec<String> {
    match (here(), read) {
        (Some(reader), _) => (reader.words)(read),
        // All that is said of a plain reference is what may have been meant.
        (None, Ok(Input::Reference(found))) => {
            let meant = |note: &Note| note.question().unwrap_or_default();
            found.notes.iter().map(meant).collect()
        }
        (None, _) => Vec::new(),
    }
}

fn in_words(read: &Result<Input, InputError>) -> Vec<String> {
    match read {
        Ok(Input::Reference(found)) => found.notes.iter().map(ToString::to_string).collect(),
        Ok(Input::Empty | Input::Manifest | Input::Digest(_)) => Vec::new(),
        Err(error) => vec![error.to_string()],
    }
}
