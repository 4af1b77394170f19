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
    /// UTF-16 becomes UTF-8: an editor or a console of Windows saved the text.
    Utf16,
    /// The text is taken out of a JSON string, its escapes undone: a tool printed it as one.
    JsonString,
    /// Base64 is decoded, of either alphabet, padded or not, as a descriptor's `data` or a log
    /// holds it.
    Base64,
    /// What stands around the JSON goes: a code fence, quotes, headers, a prompt.
    TextAround,
    /// A UTF-8 byte order mark is put in front.
    MarkAdded,
    /// The UTF-8 byte order mark in front goes.
    MarkRemoved,
    /// CRLF becomes LF: Git or an editor on Windows changed the ends of lines.
    CrlfToLf,
    /// LF becomes CRLF: what was hashed had the line ends of Windows.
    LfToCrlf,
    /// CR alone becomes LF as well.
    CrToLf,
    /// White space in front and at the end goes, newlines included.
    SpaceAround,
    /// White space at the end of each line goes, the line's end stays.
    SpaceAtLineEnds,
    /// The member `signatures` goes: the digest is that of schema 1 without its block.
    Signatures,
    /// Members stand in another order.
    Order(Order),
    /// Texts have other escapes of the same characters.
    Escapes(Escapes),
    /// White space between the parts is another.
    Layout(Layout),
    /// So many newlines are put at the end.
    NewlinesAdded(usize),
    /// So many newlines at the end go; a CRLF counts as one.
    NewlinesRemoved(usize),
    /// With the brackets that are missing.
    Closed(String),
}

impl Change {
    /// The name that stays.
    ///
    /// A part of [`Cause::name`](super::Cause::name), which scripts may compare: opposite
    /// changes of marks and line ends share one, and the sentence tells them apart.
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
