//! JSON pointers (RFC 6901): the path from the root of a document to a value.

use std::borrow::Cow;

/// Appends one step to a JSON pointer, escaped as RFC 6901 asks.
#[must_use]
pub fn child_pointer(pointer: &str, name: &str) -> String {
    let mut child = String::with_capacity(pointer.len() + 1 + name.len());
    child.push_str(pointer);
    push_step(&mut child, name);
    child
}

/// Appends one step in place: what [`child_pointer`] does with a copy.
pub(super) fn push_step(pointer: &mut String, name: &str) {
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
pub(super) fn unescaped(step: &str) -> Cow<'_, str> {
    if step.contains('~') {
        step.replace("~1", "/").replace("~0", "~").into()
    } else {
        step.into()
    }
}
