//! Where bytes are not a JSON object, and why.

use std::fmt;

use crate::finding::{Code, Finding};
use crate::limits;

/// A place in a text; both numbers start at 1, columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// The place of the byte at `offset`.
    #[must_use]
    pub fn of(bytes: &[u8], offset: usize) -> Self {
        Self { line: 1, column: 1 }.behind(&bytes[..offset.min(bytes.len())])
    }

    /// The place behind `bytes` that begin here.
    pub(super) fn behind(self, bytes: &[u8]) -> Self {
        let lines = bytes.split(|byte| *byte == b'\n').count() - 1;
        let last = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        // Bytes inside a character begin with the bits 10.
        let characters = bytes[last..]
            .iter()
            .filter(|byte| **byte & 0xC0 != 0x80)
            .count();
        let first = if lines == 0 { self.column } else { 1 };
        Self {
            line: self.line + lines,
            column: first + characters,
        }
    }
}

/// Why bytes are not a JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Where.
    pub position: Position,
    /// The JSON pointer (RFC 6901) to the innermost array or object around that place.
    pub pointer: String,
    /// Why.
    pub reason: Reason,
}

impl JsonError {
    /// The same as a finding.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let code = match self.reason {
            Reason::Empty | Reason::NotAnObject { .. } => Code::NotAnObject,
            Reason::Utf8 { .. } => Code::NotUtf8,
            Reason::Depth => Code::TooDeep,
            Reason::Html | Reason::Syntax { .. } | Reason::Disagreement => Code::NotJson,
        };
        Finding::new(code, self.pointer.as_str(), self.to_string())
    }
}

/// What is wrong with the JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is nothing but white space.
    Empty,
    /// It is an HTML page: a login page or an error page that came with status 200.
    Html,
    /// It is JSON, but of another kind.
    NotAnObject {
        /// The kind found.
        found: &'static str,
    },
    /// The bytes are not text in UTF-8.
    Utf8 {
        /// The first byte that is not.
        found: u8,
    },
    /// Arrays and objects stand too deep inside each other: [`limits::DEPTH`].
    Depth,
    /// It breaks a rule of the grammar.
    Syntax {
        /// The character there; `None` where the text ends.
        found: Option<char>,
        /// The rule.
        rule: &'static str,
    },
    /// The scan and the parser disagree: a fault of Waybill, and no reason to show anything.
    Disagreement,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: ",
            self.position.line, self.position.column
        )?;
        match &self.reason {
            Reason::Empty => write!(f, "nothing, a manifest is a JSON object"),
            Reason::Html => write!(f, "an HTML page, a manifest is a JSON object"),
            Reason::NotAnObject { found } => write!(f, "{found}, a manifest is a JSON object"),
            Reason::Utf8 { found } => write!(f, "byte 0x{found:02x} is not UTF-8, JSON is"),
            Reason::Depth => write!(
                f,
                "nested {} deep, at most {} are read",
                limits::DEPTH + 1,
                limits::DEPTH
            ),
            Reason::Syntax {
                found: Some(found),
                rule,
            } => write!(f, "{found:?}, {rule}"),
            Reason::Syntax { found: None, rule } => write!(f, "the text ends, {rule}"),
            Reason::Disagreement => write!(f, "two readers disagree on whether this is JSON"),
        }
    }
}

impl std::error::Error for JsonError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters() {
        let bytes = "a\né=x".as_bytes();
        assert_eq!(Position::of(bytes, 0), Position { line: 1, column: 1 });
        assert_eq!(Position::of(bytes, 4), Position { line: 2, column: 2 });
        assert_eq!(Position::of(bytes, 999), Position { line: 2, column: 4 });
        let behind = Position::of(bytes, 4).behind(b"=x");
        assert_eq!(behind, Position { line: 2, column: 4 });
    }
}
