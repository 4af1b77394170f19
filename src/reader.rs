//! What reads a text that somebody typed: a part of the program, loaded behind the first page, or with the first text
//! that needs it. A plain reference, as addresses have it, needs no reader.

#[cfg(feature = "split")]
use std::cell::OnceCell;

use waybill_core::input::{Input, InputError, understand};

use crate::lazy::{LoadError, apart};

/// Reads a text.
pub type Read = fn(&str) -> Result<Input, InputError>;

#[cfg(feature = "split")]
thread_local! {
    static LOADED: OnceCell<Read> = const { OnceCell::new() };
}

apart! {
    reader:
    /// Loads the part that reads what is typed.
    fn load_reader() -> Read {
        understand
    }
}

/// Loads the reader, by which [`read`] reads from then on.
///
/// # Errors
///
/// Fails where its part of the program does not come; it may be called again.
pub async fn load() -> Result<(), LoadError> {
    let reader = load_reader().await?;
    keep(reader);
    Ok(())
}

/// Keeps the reader that came, for [`read`].
#[cfg(feature = "split")]
fn keep(reader: Read) {
    LOADED.with(|loaded| {
        // Who asked twice gets the same one.
        loaded.get_or_init(move || reader);
    });
}

#[cfg(not(feature = "split"))]
fn keep(_: Read) {}

/// The reader where it is here: always, where the program is whole.
#[cfg_attr(not(feature = "split"), allow(clippy::unnecessary_wraps))]
fn reader() -> Option<Read> {
    #[cfg(feature = "split")]
    return LOADED.with(|loaded| loaded.get().copied());
    #[cfg(not(feature = "split"))]
    Some(understand)
}

/// Tells whether the reader is loaded.
#[must_use]
pub fn is_here() -> bool {
    reader().is_some()
}

/// Reads a text; `None` where the reader is not loaded.
#[must_use]
pub fn read(text: &str) -> Option<Result<Input, InputError>> {
    reader().map(|read| read(text))
}
