//! JSON as it was written: order and duplicate names are kept, and every value can be found
//! again in the bytes.
//!
//! `serde_json::Value` keeps the last of two equal names and says nothing; two clients that
//! pick differently see two different images, so Waybill has to see both. Before `serde_json`
//! parses, a strict scan goes over the raw text: it tells where the text breaks the grammar,
//! and what the grammar allows but clients read differently.
//!
//! | file | what it does |
//! | --- | --- |
//! | `read` | goes the whole way, from bytes to an object |
//! | `archive` | tells what is no text by its first bytes, before anything is read as JSON |
//! | `scan`, `string`, `number`, `names` | judge the raw text, byte by byte |
//! | `anomaly`, `error` | what that brings up: nothing here knows of findings |
//! | `parse`, `repair` | let `serde_json` make the values |
//! | `sift` | the same for a part of them: long lists element by element |
//! | `value`, `style`, `writer` | the values, and the forms in which tools write them |
//! | `pointer`, `places`, `search` | find the bytes that a JSON pointer means |
//!
//! [`read`] takes the steps in this order: it cuts off a byte order mark and what is not
//! UTF-8, scans the text, parses the part that the scan found to be one value, and looks at
//! what follows it. The scan comes first, so that every fault is told in its words and with
//! its place; the parser is never given text that the scan refused.
//!
//! Manifests, configs, history entries of schema 1, headers of signatures, and the tokens and
//! errors that registries send are all read this way, so for all of them nesting is bounded by
//! [`DEPTH`](crate::limits::DEPTH).

mod anomaly;
mod archive;
mod cursor;
mod error;
mod names;
mod number;
mod parse;
mod places;
mod pointer;
mod read;
mod repair;
mod scan;
mod search;
mod sift;
mod string;
pub mod style;
mod text;
mod value;
mod writer;

pub use anomaly::{Anomaly, AnomalyKind, NumberForm};
pub use error::{JsonError, Reason};
pub(crate) use names::{first_equals, fold};
pub(crate) use parse::only_string;
pub use places::{Place, locate, places};
pub use pointer::Pointer;
pub(crate) use pointer::push_step;
pub use read::{Parsed, read};
pub(crate) use read::{Text, is_html, read_any};
pub use search::Occurrence;
pub(crate) use sift::{Keep, Sieve};
pub use text::{BYTE_ORDER_MARK, Position};
pub use value::{Object, Value};
pub(crate) use writer::Writer;

#[cfg(test)]
mod tests;
