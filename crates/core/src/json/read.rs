//! Reading: the scan, then the parser, and what is around the object.
//!
//! A fault of the scan gets its final reason here. Text that begins as HTML does is a page.
//! Where the scan missed something at the end of the text, and bytes that are not UTF-8
//! follow, the first of those is the reason. Text that is all white space is empty.

use super::anomaly::{Anomaly, AnomalyKind};
use super::error::{JsonError, Reason};
use super::pointer::Pointer;
use super::text::{Position, behind, is_space, text_of};
use super::value::{Object, Value};
use super::{archive, parse, scan};

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
    let (value, anomalies, trailing) = read_any(bytes)?;
    match value {
        Value::Object(object) => Ok(Parsed {
            object,
            anomalies,
            trailing,
        }),
        other => {
            let (start, text) = text_of(bytes);
            let first = text.bytes().position(|byte| !is_space(byte));
            // Text that begins with a number or a word, such as 404 page not found.
            let is_text = trailing.is_some() && !matches!(other, Value::Array(_));
            let found = if is_text {
                "text that is no JSON"
            } else {
                other.kind()
            };
            Err(JsonError {
                position: Position::from_offset(bytes, start + first.unwrap_or(0)),
                pointer: Pointer::ROOT,
                reason: Reason::NotAnObject { found },
            })
        }
    }
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
    let value = parse::value(
        text.get(..scanned.end).unwrap_or_default(),
        &scanned.numbers,
        &scanned.repairs,
    )
    .map_err(|_| error(first, Pointer::ROOT, Reason::Disagreement))?;
    let mut anomalies = scanned.anomalies;
    if start > 0 {
        let kind = AnomalyKind::ByteOrderMark;
        anomalies.insert(
            0,
            Anomaly {
                pointer: Pointer::ROOT,
                kind,
            },
        );
    }
    let trailing = behind(bytes, start + scanned.end);
    if let Some(offset) = trailing {
        let kind = AnomalyKind::TrailingData {
            length: bytes.len() - offset,
            position: Position::from_offset(bytes, offset),
        };
        anomalies.push(Anomaly {
            pointer: Pointer::ROOT,
            kind,
        });
    }
    Ok((value, anomalies, trailing))
}
