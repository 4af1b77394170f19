//! Where bytes are not a JSON object, and why.

use std::fmt;

use crate::limits;

use super::pointer::Pointer;
use super::text::Position;

/// Why bytes are not a JSON object.
///
/// The first fault from the start of the text: what follows it may be right or not, and is not
/// read.
///
/// ```
/// use waybill_core::json;
///
/// let error = json::read(b"{\"a\": {\"b\": tru}}").unwrap_err();
/// assert_eq!((error.position.line, error.position.column), (1, 13));
/// assert_eq!(error.pointer, "/a");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Where.
    pub position: Position,
    /// The JSON pointer (RFC 6901) to the innermost array or object around that place.
    pub pointer: Pointer,
    /// Why.
    pub reason: Reason,
}

/// What is wrong with the JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is nothing but white space.
    Empty,
    /// It is an HTML page: a login page or an error page that came with status 200.
    Html,
    /// It is no text: an archive or compressed, by its first bytes.
    Archive {
        /// What it is: `a gzip file`.
        what: &'static str,
    },
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
            Reason::Archive { what: found } | Reason::NotAnObject { found } => {
                write!(f, "{found}, a manifest is a JSON object")
            }
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
