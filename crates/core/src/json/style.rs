//! The forms in which tools write the same JSON: white space, escapes, and the order of members.
//!
//! A digest covers bytes, so the form decides it. Here a text is put into another form, to
//! find out in which one it has the digest that somebody expected. Numbers and texts are never
//! changed.
//!
//! Tools differ in little: how far they indent, whether `<`, `>` and `&` are escaped (Go's
//! `encoding/json` does so unless told otherwise), and whether members stand in the order of a
//! struct or sorted by name as Go writes maps. `layout`, `escapes` and `order` hold one of these
//! each.

mod escapes;
mod layout;
mod order;

use std::collections::BinaryHeap;

use crate::limits;

use super::read::read;
use super::text::BYTE_ORDER_MARK;
use super::value::{Object, Value};

use order::Place;

pub use escapes::Escapes;
pub use layout::Layout;
pub(crate) use order::{CRANE, IMAGE_SPEC, PLATFORM};
pub use order::{Fields, Order};

/// A JSON object indented by two spaces, for reading: these are not the bytes any more. What
/// is around it is left out.
///
/// `None` where the bytes are no JSON object, and where that takes more than
/// [`limits::INDENTED_BYTES`].
///
/// ```
/// use waybill_core::json::style::indented;
///
/// assert_eq!(indented(b"{\"a\":1}").as_deref(), Some("{\n  \"a\": 1\n}"));
/// assert_eq!(indented(b"[1]"), None);
/// ```
#[must_use]
pub fn indented(bytes: &[u8]) -> Option<String> {
    let end = read(bytes).ok()?.trailing.unwrap_or(bytes.len());
    let start = if bytes.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    let text = Layout::Indented("  ").apply_within(&bytes[start..end], limits::INDENTED_BYTES)?;
    String::from_utf8(text).ok()
}

/// A JSON object without white space, its members in `order`, its texts with `escapes`.
/// Members called `without` at the top are left out.
///
/// ```
/// use waybill_core::json::style::{Escapes, Order, compact};
///
/// let document = waybill_core::json::read(br#"{"b": "<\u00e9>", "a": 1.50}"#)?;
/// assert_eq!(compact(&document.object, Order::AsWritten, Escapes::Plain, None), r#"{"b":"<é>","a":1.50}"#);
/// assert_eq!(compact(&document.object, Order::Sorted, Escapes::Html, None), r#"{"a":1.50,"b":"\u003cé\u003e"}"#);
/// # Ok::<(), waybill_core::json::JsonError>(())
/// ```
#[must_use]
pub fn compact(
    object: &Object<'_>,
    order: Order,
    escapes: Escapes,
    without: Option<&str>,
) -> String {
    let mut writer = Writer {
        out: String::new(),
        order,
        escapes,
    };
    writer.object(object, Place::Manifest, without);
    writer.out
}

impl Value<'_> {
    /// The value as compact JSON: for showing what was found, never for a digest.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut writer = Writer {
            out: String::new(),
            order: Order::AsWritten,
            escapes: Escapes::Plain,
        };
        writer.value(self, Place::Map);
        writer.out
    }
}

/// Writes values as compact JSON: one is made for each text, and its order and escapes stay
/// the same throughout.
struct Writer {
    out: String,
    order: Order,
    escapes: Escapes,
}

impl Writer {
    /// Writes an object that stands in `place`. `without` names members that are left out, of
    /// this object only.
    ///
    /// Members that the order does not name come behind those that it names, as they stand.
    /// Members of one name keep their order too.
    fn object<'a>(&mut self, object: &'a Object<'_>, place: Place, without: Option<&str>) {
        let mut members: Vec<_> = object
            .iter()
            .filter(|(name, _)| Some(*name) != without)
            .collect();
        // As they stand there may be 300,000, and nothing to sort.
        if self.order != Order::AsWritten {
            let ranks = self.order.ranks(place);
            let key = |(index, (name, _)): (usize, &(&'a str, _))| match ranks {
                None => (0, *name, index),
                Some(ranks) => (
                    ranks
                        .iter()
                        .position(|rank| rank == name)
                        .unwrap_or(ranks.len()),
                    "",
                    index,
                ),
            };
            // By a heap: the library's sorts are six times as large. Equal ones stay as they stand, by their index.
            let order = members
                .iter()
                .enumerate()
                .map(key)
                .collect::<BinaryHeap<_>>()
                .into_sorted_vec();
            members = order.iter().map(|(_, _, index)| members[*index]).collect();
        }
        self.out.push('{');
        for (index, (name, value)) in members.into_iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.escapes.write(&mut self.out, name);
            self.out.push(':');
            self.value(value, place.of_member(name));
        }
        self.out.push('}');
    }

    /// Writes a value as it is. The elements of an array stand in the array's own place: each
    /// of `layers` is a descriptor, as `config` is.
    fn value(&mut self, value: &Value<'_>, place: Place) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Value::Number(number) => self.out.push_str(number),
            Value::String(text) => self.escapes.write(&mut self.out, text),
            Value::Array(values) => {
                self.out.push('[');
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        self.out.push(',');
                    }
                    self.value(value, place);
                }
                self.out.push(']');
            }
            Value::Object(object) => self.object(object, place, None),
        }
    }
}

#[cfg(test)]
mod tests;
