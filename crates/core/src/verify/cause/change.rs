//! What is changed to undo what went wrong, by name and in words.
//!
//! Each names what is done to the bytes at hand to make them those that were hashed, so it is the
//! reverse of what went wrong: where a newline got lost, the change is [`Change::NewlinesAdded`].

use std::borrow::Cow;

use crate::json::style::{Escapes, Layout, Order};

/// One change of bytes.
///
/// Several may be needed at once: a code fence around text that also got CRLF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Utf16,
    JsonString,
    Base64,
    TextAround,
    MarkAdded,
    MarkRemoved,
    CrlfToLf,
    LfToCrlf,
    CrToLf,
    SpaceAround,
    SpaceAtLineEnds,
    Signatures,
    Order(Order),
    Escapes(Escapes),
    Layout(Layout),
    NewlinesAdded(usize),
    NewlinesRemoved(usize),
    /// With the brackets that are missing.
    Closed(String),
}

impl Change {
    /// The name that stays.
    ///
    /// A part of [`Cause::name`](super::Cause::name), which scripts may compare: opposite changes of marks and line ends share one, and the
    /// sentence tells them apart.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Utf16 => "utf-16",
            Self::JsonString => "json-string",
            Self::Base64 => "base64",
            Self::TextAround => "text-around",
            Self::MarkAdded | Self::MarkRemoved => "byte-order-mark",
            Self::CrlfToLf | Self::LfToCrlf => "crlf",
            Self::CrToLf => "lone-cr",
            Self::SpaceAround | Self::SpaceAtLineEnds => "white-space",
            Self::Signatures => "signature-block",
            Self::Order(_) => "key-order",
            Self::Escapes(_) => "escapes",
            Self::Layout(_) => "indentation",
            Self::NewlinesAdded(_) => "final-newline-added",
            Self::NewlinesRemoved(_) => "final-newline-removed",
            Self::Closed(_) => "truncated",
        }
    }

    /// To stand behind `the digest is that of these bytes`.
    ///
    /// No full stop and no capital: the words are joined by commas and `and` to those of other
    /// changes.
    pub(super) fn words(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Utf16 => "in UTF-8 in place of UTF-16",
            Self::JsonString => "taken out of the JSON string that holds them",
            Self::Base64 => "decoded from base64",
            Self::TextAround => "without the text around the JSON",
            Self::MarkAdded => "with a byte order mark in front",
            Self::MarkRemoved => "without the byte order mark",
            Self::CrlfToLf => "with LF in place of CRLF at the ends of lines",
            Self::LfToCrlf => "with CRLF in place of LF at the ends of lines",
            Self::CrToLf => "with LF in place of CR at the ends of lines",
            Self::SpaceAround => "without the white space around them",
            Self::SpaceAtLineEnds => "without the white space at the ends of lines",
            Self::Signatures => "without the signature block",
            Self::Order(Order::AsWritten) => "in this order",
            Self::Order(Order::Sorted) => "with the members sorted by name",
            Self::Order(Order::Fields(fields)) => {
                return Cow::Owned(["with the members in the order of ", fields.name].concat());
            }
            Self::Escapes(escapes) => escapes.words(),
            Self::Layout(layout) => layout.words(),
            Self::NewlinesAdded(1) => "with a final newline",
            Self::NewlinesAdded(2) => "with two more newlines at the end",
            Self::NewlinesAdded(_) => "with more newlines at the end",
            Self::NewlinesRemoved(1) => "without the final newline",
            Self::NewlinesRemoved(_) => "without the newlines at the end that are too many",
            Self::Closed(missing) => {
                return Cow::Owned(["with the ", missing, " that is missing at the end"].concat());
            }
        })
    }
}
