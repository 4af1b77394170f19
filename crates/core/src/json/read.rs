//! Reading: the scan, then the parser, and what is around the object.
//!
//! A fault of the scan gets its final reason here. Text that begins as HTML does is a page.
//! Where the scan missed something at the end of the text, and bytes that are not UTF-8
//! follow, the first of those is the reason. Text that is all white space is empty.

use super::anomaly::{Anomaly, AnomalyKind};
use super::error::{JsonError, Reason};
use super::pointer::Pointer;
use super::scan::Scanned;
use super::sift::Sieve;
use super::text::{Position, behind, is_space, text_of};
use super::value::{Object, Value};
use super::{archive, parse, scan, sift};

/// A JSON object read from bytes.
#[derive(Clone, Debug)]
pub struct Parsed<'a> {
    /// The object.
    pub object: Object<'a>,
    /// What is around the object or in it that clients read differently: a byte order mark,
    /// data behind it, names that stand in one object twice or differ only in case, unusual
    /// numbers, half surrogate pairs.
    ///
    /// The byte order mark comes first and the data behind the object last; between them those
    /// of the scan.
    pub anomalies: Vec<Anomaly>,
    /// The offset of the first byte that follows the object and is not white space.
    ///
    /// It counts from the start of the bytes, a byte order mark included. What is there need
    /// not be UTF-8.
    pub trailing: Option<usize>,
}

/// Reads a JSON object.
///
/// Everything that the grammar of RFC 8259 allows is read, also numbers that no floating point
/// number holds. A byte order mark and data behind the object are anomalies, not errors.
///
/// ```
/// use waybill_core::json::{self, AnomalyKind};
///
/// let document = json::read(b"{\"a\":1e400,\"a\":2} x")?;
/// assert_eq!(document.object.len(), 2);
/// let kinds: Vec<_> = document.anomalies.into_iter().map(|anomaly| anomaly.kind).collect();
/// assert!(matches!(&kinds[0], AnomalyKind::DuplicateName { name, times: 2 } if name == "a"));
/// assert!(matches!(&kinds[1], AnomalyKind::Number { first, .. } if first == "1e400"));
/// assert!(matches!(&kinds[2], AnomalyKind::TrailingData { length: 1, .. }));
/// assert_eq!(json::read(b"[1]").unwrap_err().to_string(), "line 1, column 1: an array, a manifest is a JSON object");
/// # Ok::<(), json::JsonError>(())
/// ```
pub fn read(bytes: &[u8]) -> Result<Parsed<'_>, JsonError> {
    let text = Text::scan(bytes)?;
    let value = text.value()?;
    text.into_parsed(value)
}

/// Whether text that begins with `<` is a page: XML, such as an object store's error, is none.
pub(crate) fn is_html(text: &str) -> bool {
    let begins = |name: &str| {
        let start = text.get(1..=name.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    ["!", "h", "b", "ti", "me", "st", "sc", "ce", "p", "div"]
        .into_iter()
        .any(begins)
}

/// Any value with the anomalies around and in it, and where what follows it begins: as [`read`]
/// does it for an object.
pub(crate) fn read_any(
    bytes: &[u8],
) -> Result<(Value<'_>, Vec<Anomaly>, Option<usize>), JsonError> {
    let text = Text::scan(bytes)?;
    let value = text.value()?;
    let (anomalies, trailing) = text.around();
    Ok((value, anomalies, trailing))
}

/// JSON that was scanned, of which values can be made.
pub(crate) struct Text<'a> {
    bytes: &'a [u8],
    /// Where the text begins in the bytes, and the value in the text.
    start: usize,
    first: usize,
    /// The text up to the end of the value.
    written: &'a str,
    scanned: Scanned<'a>,
}

impl<'a> Text<'a> {
    /// Scans bytes.
    pub(crate) fn scan(bytes: &'a [u8]) -> Result<Self, JsonError> {
        if let Some(what) = archive::name(bytes) {
            return Err(JsonError {
                position: Position { line: 1, column: 1 },
                pointer: Pointer::ROOT,
                reason: Reason::Archive { what },
            });
        }
        let (start, text) = text_of(bytes);
        let error = |offset: usize, pointer, reason| {
            let position = Position::from_offset(bytes, start + offset);
            JsonError {
                position,
                pointer,
                reason,
            }
        };
        let first = text
            .bytes()
            .position(|byte| !is_space(byte))
            .unwrap_or(text.len());
        let scanned = scan::scan(text).map_err(
            |scan::Fault {
                 offset,
                 pointer,
                 reason,
             }| {
                match (text.as_bytes().get(first), bytes.get(start + text.len())) {
                    (Some(b'<'), _) if is_html(text.get(first..).unwrap_or_default()) => {
                        error(first, pointer, Reason::Html)
                    }
                    // The text ends early because the bytes behind it are no text.
                    (_, Some(found)) if offset == text.len() => {
                        error(offset, pointer, Reason::Utf8 { found: *found })
                    }
                    (None, None) => error(0, pointer, Reason::Empty),
                    _ => error(offset, pointer, reason),
                }
            },
        )?;
        Ok(Self {
            bytes,
            start,
            first,
            written: text.get(..scanned.end).unwrap_or_default(),
            scanned,
        })
    }

    /// Makes the value.
    pub(crate) fn value(&self) -> Result<Value<'a>, JsonError> {
        let Scanned {
            numbers, repairs, ..
        } = &self.scanned;
        parse::value(self.written, numbers, repairs).map_err(|_| self.disagreement())
    }

    /// Makes what the sieve wants of the value.
    pub(crate) fn sifted(&self, sieve: &mut dyn Sieve) -> Result<Value<'a>, JsonError> {
        let Scanned {
            numbers, repairs, ..
        } = &self.scanned;
        sift::value(self.written, numbers, repairs, sieve).map_err(|_| self.disagreement())
    }

    fn error(&self, offset: usize, reason: Reason) -> JsonError {
        JsonError {
            position: Position::from_offset(self.bytes, self.start + offset),
            pointer: Pointer::ROOT,
            reason,
        }
    }

    fn disagreement(&self) -> JsonError {
        self.error(self.first, Reason::Disagreement)
    }

    /// Ends with the value that was made of it, which has to be an object.
    pub(crate) fn into_parsed(self, value: Value<'a>) -> Result<Parsed<'a>, JsonError> {
        let is_followed = behind(self.bytes, self.start + self.scanned.end).is_some();
        let object = match value {
            Value::Object(object) => object,
            other => {
                // Text that begins with a number or a word, such as 404 page not found.
                let is_text = is_followed && !matches!(other, Value::Array(_));
                let found = if is_text {
                    "text that is no JSON"
                } else {
                    other.kind()
                };
                return Err(self.error(self.first, Reason::NotAnObject { found }));
            }
        };
        let (anomalies, trailing) = self.around();
        Ok(Parsed {
            object,
            anomalies,
            trailing,
        })
    }

    /// The anomalies, and where what follows the value begins.
    fn around(self) -> (Vec<Anomaly>, Option<usize>) {
        let mut anomalies = self.scanned.anomalies;
        if self.start > 0 {
            let kind = AnomalyKind::ByteOrderMark;
            anomalies.insert(
                0,
                Anomaly {
                    pointer: Pointer::ROOT,
                    kind,
                },
            );
        }
        let trailing = behind(self.bytes, self.start + self.scanned.end);
        if let Some(offset) = trailing {
            let kind = AnomalyKind::TrailingData {
                length: self.bytes.len() - offset,
                position: Position::from_offset(self.bytes, offset),
            };
            anomalies.push(Anomaly {
                pointer: Pointer::ROOT,
                kind,
            });
        }
        (anomalies, trailing)
    }
}
