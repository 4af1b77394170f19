//! What reads schema 1, where it is: always, but in a page that is loaded in parts.
//!
//! Few people look at a format that was withdrawn in 2017, and reading it with its signatures is a twentieth of a
//! page's program. So with the feature `split` nothing in core leads to it until it was given; until then
//! [`Manifest::read`](crate::manifest::Manifest::read) tells the format and leaves the content unknown.

use super::content::Image;
use super::format::Format;
use crate::lenient::Fields;

/// What reads schema 1, for [`give`].
#[derive(Clone, Copy, Debug)]
pub struct Reading(pub(super) fn(&Fields<'_>, &[u8], Format) -> Image);

impl Reading {
    /// Reads the manifest; see `super::read`.
    pub(super) fn read(self, fields: &Fields<'_>, bytes: &[u8], format: Format) -> Image {
        self.0(fields, bytes, format)
    }
}

#[cfg(feature = "split")]
thread_local! {
    static GIVEN: std::cell::Cell<Option<Reading>> = const { std::cell::Cell::new(None) };
}

/// Gives core what reads schema 1, so that it is here from then on.
#[cfg(feature = "split")]
pub fn give(reading: Reading) {
    // Who gives it twice gives the same.
    GIVEN.set(Some(reading));
}

/// Gives core what reads schema 1, which it has already.
#[cfg(not(feature = "split"))]
pub fn give(_: Reading) {}

/// What reads schema 1; `None` before it was given.
#[cfg(feature = "split")]
pub(super) fn given() -> Option<Reading> {
    GIVEN.get()
}

/// What reads schema 1.
#[cfg(not(feature = "split"))]
#[allow(clippy::unnecessary_wraps, reason = "it is here already")]
pub(super) fn given() -> Option<Reading> {
    Some(super::schema1::READING)
}

/// Whether schema 1 can be read.
#[must_use]
pub fn is_here() -> bool {
    given().is_some()
}
