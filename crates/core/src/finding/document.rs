//! What reading a document as JSON brings up, as findings: its anomalies, and why it is no
//! JSON object.
//!
//! Here a kind of anomaly gets its code, and with it its severity; [`crate::json`] only saw
//! it. Of what may stand in a document many times the first is shown and the others are
//! counted.
//!
//! | what [`crate::json`] saw | code |
//! | --- | --- |
//! | a byte order mark in front | `byte-order-mark` |
//! | bytes behind the object | `trailing-data` |
//! | one name several times, or in two cases | `duplicate-name`, `case-variant-name` |
//! | a number that is not read alike | `number-form`, `number-precision`, `number-range` |
//! | half a surrogate pair | `lone-surrogate` |
//! | an empty text, or a value that is no object | `not-an-object` |
//! | bytes that are not UTF-8 | `not-utf8` |
//! | more nesting than [`limits::DEPTH`](crate::limits::DEPTH) | `too-deep` |
//! | HTML, or a text that is no JSON to one of two readers | `not-json` |
//!
//! The last four are errors of reading: then there is no document, and this finding is the
//! only one.

use crate::json::{Anomaly, AnomalyKind, JsonError, NumberForm, Position, Reason};

use super::{Code, Finding};

impl From<Anomaly> for Finding {
    fn from(Anomaly { pointer, kind }: Anomaly) -> Self {
        let (code, message) = match kind {
            AnomalyKind::ByteOrderMark => (
                Code::ByteOrderMark,
                "the bytes begin with U+FEFF".to_owned(),
            ),
            AnomalyKind::DuplicateName { name, times } => (
                Code::DuplicateName,
                format!("{name:?} stands here {times} times"),
            ),
            AnomalyKind::CaseVariantName { name, of } => (
                Code::CaseVariantName,
                format!("{name:?} differs only in case from {of:?}"),
            ),
            AnomalyKind::Number {
                form,
                first,
                what,
                times,
            } => {
                let code = match form {
                    NumberForm::NotPlain => Code::NumberForm,
                    NumberForm::Imprecise => Code::NumberPrecision,
                    NumberForm::OutOfRange => Code::NumberRange,
                };
                (code, counted(format!("{first} {what}"), times))
            }
            AnomalyKind::LoneSurrogate { times } => {
                let message = "the text holds half a surrogate pair".to_owned();
                (Code::LoneSurrogate, counted(message, times))
            }
            AnomalyKind::TrailingData {
                length,
                position: Position { line, column },
            } => (
                Code::TrailingData,
                format!("{length} bytes from line {line}, column {column}"),
            ),
        };
        Self::new(code, pointer, message)
    }
}

/// The words for the first of so many like it: `[1e2,1e2,…]` is one finding, not a million.
fn counted(first: String, times: usize) -> String {
    match times {
        0 | 1 => first,
        times => format!("{first}, and {} more like it", times - 1),
    }
}

impl From<&JsonError> for Finding {
    fn from(error: &JsonError) -> Self {
        let code = match error.reason {
            Reason::Empty | Reason::NotAnObject { .. } => Code::NotAnObject,
            Reason::Utf8 { .. } => Code::NotUtf8,
            Reason::Depth => Code::TooDeep,
            Reason::Archive { .. }
            | Reason::Html
            | Reason::Syntax { .. }
            | Reason::Disagreement => Code::NotJson,
        };
        Self::new(code, &error.pointer, error.to_string())
    }
}
