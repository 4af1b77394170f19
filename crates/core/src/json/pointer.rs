//! JSON pointers (RFC 6901): the path from the root of a document to a value.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// The path from the root of a JSON document to one of its values (RFC 6901).
///
/// Empty for the whole document, else a `/` and a name or an index for each step; in a name
/// `~` is written `~0` and `/` is written `~1`. It reads as a `&str` wherever one is wanted.
/// Text made into a pointer is taken as it is: only [`child`](Self::child) escapes.
///
/// ```
/// use waybill_core::json::Pointer;
///
/// let entry = Pointer::ROOT.child("manifests").element(2);
/// assert_eq!(entry, "/manifests/2");
/// assert_eq!(entry.child("annotations").child("a/b~c"), "/manifests/2/annotations/a~1b~0c");
/// assert!(Pointer::ROOT.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(String);

impl Pointer {
    /// The whole document.
    pub const ROOT: Self = Self(String::new());

    /// Returns the pointer to the member `name` of the object that this one points to, escaped.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        let mut child = String::with_capacity(self.0.len() + 1 + name.len());
        child.push_str(&self.0);
        push_step(&mut child, name);
        Self(child)
    }

    /// Returns the pointer to an element of the array that this one points to; the first is 0.
    #[must_use]
    pub fn element(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    /// Returns the text of the pointer.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Pointer {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Pointer {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Pointer {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<&Self> for Pointer {
    fn from(pointer: &Self) -> Self {
        pointer.clone()
    }
}

impl PartialEq<str> for Pointer {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Pointer {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

/// Appends one step in place, escaped.
pub(crate) fn push_step(pointer: &mut String, name: &str) {
    pointer.push('/');
    if !name.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        pointer.push_str(name);
        return;
    }
    for character in name.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// Undoes the escapes of one step of a pointer.
///
/// `~1` is undone before `~0`: the other way round `~01`, which means `~1`, would become `/`.
pub(super) fn unescaped(step: &str) -> Cow<'_, str> {
    if step.contains('~') {
        step.replace("~1", "/").replace("~0", "~").into()
    } else {
        step.into()
    }
}
