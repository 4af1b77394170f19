//! Where a value stands in its document, without a text for it.
//!
//! Nearly every value is read without a finding, so making a text for each would be most of the
//! work of reading. A path is a chain on the stack: each link knows the one around it.

use std::fmt::Write;

use crate::json::{Pointer, push_step};

/// The way to a value by way of what holds it: made for every value, and written as a
/// [`Pointer`] only for a finding.
#[derive(Clone, Copy, Debug)]
pub(super) enum Path<'p> {
    /// The whole document.
    Root,
    /// A member of an object.
    Member(&'p Path<'p>, &'p str),
    /// An element of an array that is a member of an object: the object, the member's name,
    /// the index.
    Element(&'p Path<'p>, &'p str, usize),
}

impl Path<'_> {
    /// Writes the path as a pointer.
    ///
    /// Names are escaped (RFC 6901, section 3); indexes begin at 0.
    pub(super) fn to_pointer(self) -> Pointer {
        // As long as most are, at once: each entry of a list has one.
        let mut text = String::with_capacity(16);
        self.push_to(&mut text);
        text.into()
    }

    /// Appends the steps from the root to here.
    fn push_to(self, text: &mut String) {
        match self {
            Self::Root => {}
            Self::Member(object, name) => {
                object.push_to(text);
                push_step(text, name);
            }
            Self::Element(object, name, index) => {
                object.push_to(text);
                push_step(text, name);
                text.push('/');
                let _ = write!(text, "{index}");
            }
        }
    }
}
