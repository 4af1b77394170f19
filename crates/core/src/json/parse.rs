//! From text that was scanned to values: `serde_json` parses, the scan gives the numbers their
//! text.
//!
//! Parsing cannot fail after a scan that went well; where it does, that is
//! [`Reason::Disagreement`](super::Reason::Disagreement), and nothing is shown. Numbers never pass
//! through floating point: `serde_json` reports that there is one, and its text comes from the scan
//! in the same order.
//!
//! Values borrow their texts from the document where they can: a string without escapes, a
//! name without escapes, every number. Where the text had to be repaired, they are parsed from
//! the repaired copy and get texts of their own.
//!
//! The parser calls itself for each array and object. That is safe because the scan has
//! refused what is nested deeper than [`limits::DEPTH`](crate::limits::DEPTH).

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::repair::{Repair, repaired};
use super::value::{Object, Value};

/// The value that `text` is, whose numbers and repairs are those that the scan found.
///
/// `text` has to end where the value ends. An error means that `serde_json` refuses what the
/// scan took.
pub(super) fn value<'a>(
    text: &'a str,
    numbers: &[&'a str],
    repairs: &[Repair],
) -> Result<Value<'a>, serde_json::Error> {
    if repairs.is_empty() {
        return deserialize(text, numbers);
    }
    deserialize(&repaired(text, repairs), numbers).map(Value::into_owned)
}

/// The texts of numbers have to be those of `text`, in its order.
///
/// It does not look for text behind the value.
fn deserialize<'a>(text: &'a str, numbers: &[&'a str]) -> Result<Value<'a>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // Its own limit is one less; the scan has held the text to ours.
    deserializer.disable_recursion_limit();
    Values {
        numbers: &mut numbers.iter().copied(),
    }
    .deserialize(&mut deserializer)
}

/// The text of a JSON string that stands alone; `None` where the text is anything else.
///
/// It goes the way of all values: serde's own way to a `String` brings the printing of
/// floating point numbers with it, for its error, 3 KB of program that nothing else needs.
///
/// `"a\u0041"` with its quotes gives `aA`. Half a surrogate pair is refused here, so
/// `string::decode` repairs its text first. The search for the cause of a digest's difference
/// uses it too, for a document that was pasted as a JSON string.
pub(crate) fn only_string(text: &str) -> Option<String> {
    if !text.starts_with('"') {
        return None;
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Values {
        numbers: &mut std::iter::empty(),
    }
    .deserialize(&mut deserializer);
    match value {
        Ok(Value::String(string)) if deserializer.end().is_ok() => Some(string.into_owned()),
        _ => None,
    }
}

/// Makes the next value; `numbers` are the texts of the numbers still to come.
///
/// One is made for each value and all share the iterator, so that numbers are taken in the
/// order of the text, however deep they stand.
pub(super) struct Values<'n, 'a> {
    pub(super) numbers: &'n mut dyn Iterator<Item = &'a str>,
}

impl<'a> Values<'_, 'a> {
    /// Takes the text of the next number.
    ///
    /// What `serde_json` made of the number is dropped: it may have lost digits, or stand for
    /// a number that was repaired to zero.
    pub(super) fn number(self) -> Value<'a> {
        Value::Number(Cow::Borrowed(self.numbers.next().unwrap_or_default()))
    }
}

impl<'de> DeserializeSeed<'de> for Values<'_, 'de> {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Values<'_, 'de> {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value<'de>, E> {
        Ok(Value::Bool(value))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Value<'de>, E> {
        Ok(self.number())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Value<'de>, E> {
        Ok(self.number())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Value<'de>, E> {
        Ok(self.number())
    }
    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::String(Cow::Borrowed(value)))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value<'de>, E> {
        Ok(Value::String(Cow::Owned(value.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value<'de>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element_seed(Values {
            numbers: &mut *self.numbers,
        })? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(Name(name)) = access.next_key()? {
            if members.capacity() == 0 {
                // As many as most have, at once; an empty object, of which there may be a million, needs none.
                members = Vec::with_capacity(4);
            }
            members.push((
                name,
                access.next_value_seed(Values {
                    numbers: &mut *self.numbers,
                })?,
            ));
        }
        Ok(Value::Object(Object { members }))
    }
}

/// A member's name; serde's own `Cow` never borrows.
///
/// So names are read by a visitor that borrows each one without escapes from the text.
pub(super) struct Name<'a>(pub(super) Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(value)))
            }
            fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(value.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_string_that_stands_alone_is_one() {
        assert_eq!(only_string(r#""a\u0041\n""#).as_deref(), Some("aA\n"));
        for other in [
            "",
            "\"",
            "\"a",
            "\"a\" b",
            "\"a\"\"b\"",
            "7",
            "{}",
            "[\"a\"]",
            "null",
            "\"\\ud800\"",
        ] {
            assert_eq!(only_string(other), None, "{other}");
        }
    }
}
