//! What reads a text that somebody typed: a part of the program, loaded behind the first page, or with the first text
//! that needs it. A plain reference, as addresses have it, needs no reader.

use waybill_core::input::{Input, InputError, understand};

use crate::lazy::kept;

/// Reads a text.
pub type Read = fn(&str) -> Result<Input, InputError>;

kept! {
    reader:
    /// Brings what reads a text.
    Read = understand
}

/// Reads a text; `None` where the reader is not loaded.
#[must_use]
pub fn read(text: &str) -> Option<Result<Input, InputError>> {
    here().map(|read| read(text))
}
