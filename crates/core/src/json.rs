//! JSON as it was written: order and duplicate names are kept, and every value can be found again in the bytes.
//!
//! `serde_json::Value` keeps the last of two equal names and says nothing; two clients that pick differently see two
//! different images, so Waybill has to see both. Parsing itself is `serde_json`'s.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON value that borrows its text from the bytes it was read from.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it was written: `1.50` and `1e2` are not `1.5` and `100`.
    Number(Cow<'a, str>),
    /// A string, with its escapes resolved.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// An object.
    Object(Object<'a>),
}

impl<'a> Value<'a> {
    /// What the value is, for messages: `a string`, `an array`, ….
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// The text, where this is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, where this is one and whole, from 0 to 2^64-1.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.parse().ok(),
            _ => None,
        }
    }

    /// The elements, where this is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value<'a>]> {
        match self {
            Self::Array(values) => Some(values),
            _ => None,
        }
    }

    /// The members, where this is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The value as compact JSON: for showing what was found, never for a digest.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, None);
        text
    }

    /// Appends the value as JSON: indented, where `depth` says how deep, otherwise compact.
    fn write(&self, text: &mut String, depth: Option<usize>) {
        let inner = depth.map(|depth| depth + 1);
        match self {
            Self::Null => text.push_str("null"),
            Self::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => text.push_str(number),
            Self::String(string) => write_string(text, string),
            Self::Array(values) => {
                text.push('[');
                for (index, value) in values.iter().enumerate() {
                    write_line(text, index > 0, inner);
                    value.write(text, inner);
                }
                if !values.is_empty() {
                    write_line(text, false, depth);
                }
                text.push(']');
            }
            Self::Object(object) => {
                text.push('{');
                for (index, (name, value)) in object.iter().enumerate() {
                    write_line(text, index > 0, inner);
                    write_string(text, name);
                    text.push_str(if depth.is_some() { ": " } else { ":" });
                    value.write(text, inner);
                }
                if !object.is_empty() {
                    write_line(text, false, depth);
                }
                text.push('}');
            }
        }
    }
}

fn write_string(text: &mut String, string: &str) {
    text.push_str(&serde_json::to_string(string).unwrap_or_default());
}

/// Starts the next line at `depth`, where the value is indented, behind a comma or not.
fn write_line(text: &mut String, comma: bool, depth: Option<usize>) {
    if comma {
        text.push(',');
    }
    if let Some(depth) = depth {
        text.push('\n');
        text.extend(std::iter::repeat_n("  ", depth));
    }
}

/// The members of a JSON object in their order, duplicates kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object<'a> {
    members: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> Object<'a> {
    /// The first member of exactly that name; `null` counts as absent, as it does in every client.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.members.iter().find(|(key, _)| key == name).map(|(_, value)| value).filter(|value| **value != Value::Null)
    }

    /// Every member in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.members.iter().map(|(key, value)| (key.as_ref(), value))
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    /// Fractions are left empty here: only [`read`] knows their text.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Shape::deserialize(deserializer)? {
            Shape::Leaf(value) => value,
            Shape::Array(values) => Value::Array(values),
            Shape::Object(members) => Value::Object(Object { members }),
        })
    }
}

/// A value whose parts are of type `T`: [`Value`], or [`RawValue`] for the text of each.
enum Shape<'a, T> {
    Leaf(Value<'a>),
    Array(Vec<T>),
    Object(Vec<(Cow<'a, str>, T)>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shape<'de, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// With the list for an array's elements.
        struct Any<T>(Vec<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Any<T> {
            type Value = Shape<'de, T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Shape::Leaf(Value::Null))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Shape::Leaf(Value::Bool(value)))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
                Ok(Shape::Leaf(Value::Number(Cow::Owned(value.to_string()))))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Shape::Leaf(Value::Number(Cow::Owned(value.to_string()))))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Shape::Leaf(FRACTION))
            }
            fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
                Ok(Shape::Leaf(Value::String(Cow::Borrowed(value))))
            }
            fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
                Ok(Shape::Leaf(Value::String(Cow::Owned(value.to_owned()))))
            }
            fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<Self::Value, A::Error> {
                while let Some(value) = access.next_element()? {
                    self.0.push(value);
                }
                Ok(Shape::Array(self.0))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(Name(name)) = access.next_key()? {
                    members.push((name, access.next_value()?));
                }
                Ok(Shape::Object(members))
            }
        }
        deserializer.deserialize_any(Any(Vec::new()))
    }
}

/// Stands for a number with a fraction or an exponent, or beyond 64 bits, until its text is read.
const FRACTION: Value<'_> = Value::Number(Cow::Borrowed(""));

fn holds_fraction(value: &Value<'_>) -> bool {
    match value {
        Value::Array(values) => values.iter().any(holds_fraction),
        Value::Object(object) => object.members.iter().any(|(_, value)| holds_fraction(value)),
        other => *other == FRACTION,
    }
}

/// Reads a value once more, for the text of its fractions. Each level is read anew, so this is slow, and rarely needed.
fn with_fractions(text: &str) -> Value<'_> {
    // The text was read before, so it can be read.
    let shape: Shape<'_, &RawValue> = serde_json::from_slice(text.as_bytes()).unwrap_or(Shape::Leaf(Value::Null));
    match shape {
        Shape::Leaf(value) if value == FRACTION => Value::Number(Cow::Borrowed(text.trim())),
        Shape::Leaf(value) => value,
        Shape::Array(values) => Value::Array(values.into_iter().map(|value| with_fractions(value.get())).collect()),
        Shape::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (name, with_fractions(value.get()))).collect();
            Value::Object(Object { members })
        }
    }
}

/// A member's name; serde's own `Cow` never borrows.
struct Name<'a>(Cow<'a, str>);

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

/// The UTF-8 byte order mark, which JSON forbids and some editors write.
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A JSON object read from bytes, with what stood around it.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// The object.
    pub object: Object<'a>,
    /// Whether a byte order mark stood in front.
    pub byte_order_mark: bool,
    /// The offset of the first byte that follows the object and is not white space.
    pub trailing: Option<usize>,
}

/// Reads a JSON object.
///
/// A byte order mark and data behind the object are told in the answer, not refused.
///
/// ```
/// use waybill_core::json;
///
/// let document = json::read(b"{\"a\":1,\"a\":2} x")?;
/// assert_eq!(document.object.len(), 2);
/// assert_eq!(document.trailing, Some(14));
/// assert_eq!(json::read(b"[1]").unwrap_err().to_string(), "line 1, column 1: an array, a manifest is a JSON object");
/// # Ok::<(), json::JsonError>(())
/// ```
pub fn read(bytes: &[u8]) -> Result<Document<'_>, JsonError> {
    let byte_order_mark = bytes.starts_with(BYTE_ORDER_MARK);
    let start = if byte_order_mark { BYTE_ORDER_MARK.len() } else { 0 };
    let text = &bytes[start..];
    let mut stream = serde_json::Deserializer::from_slice(text).into_iter::<Value<'_>>();
    let mut value = match stream.next() {
        Some(Ok(value)) => value,
        Some(Err(error)) => return Err(JsonError::syntax(bytes, &error)),
        None => return Err(JsonError { position: Position { line: 1, column: 1 }, reason: Reason::Empty }),
    };
    let end = start + stream.byte_offset();
    if holds_fraction(&value) {
        value = with_fractions(std::str::from_utf8(&bytes[start..end]).unwrap_or_default());
    }
    let trailing = bytes[end..].iter().position(|byte| !is_space(*byte)).map(|at| end + at);
    match value {
        Value::Object(object) => Ok(Document { object, byte_order_mark, trailing }),
        other => {
            let at = bytes.iter().position(|byte| !is_space(*byte)).unwrap_or_default();
            Err(JsonError { position: Position::of(bytes, at), reason: Reason::NotAnObject { found: other.kind() } })
        }
    }
}

/// JSON's own white space (RFC 8259, section 2), which is less than ASCII's.
fn is_space(byte: u8) -> bool {
    b" \t\r\n".contains(&byte)
}

/// The value indented by two spaces, for reading: these are not the bytes any more.
///
/// `None` where the bytes are not one JSON object.
#[must_use]
pub fn indented(bytes: &[u8]) -> Option<String> {
    let document = read(bytes).ok()?;
    let mut text = String::new();
    Value::Object(document.object).write(&mut text, Some(0));
    Some(text)
}

/// Where the value at `pointer` (RFC 6901) stands in `bytes`: its first byte and the one behind its last.
///
/// Of two members with one name the first is found.
#[must_use]
pub fn locate(bytes: &[u8], pointer: &str) -> Option<std::ops::Range<usize>> {
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let mut stream = serde_json::Deserializer::from_slice(text).into_iter::<&RawValue>();
    let mut value = stream.next()?.ok()?.get();
    for part in pointer.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        let part: &RawValue = match serde_json::from_slice(value.as_bytes()).ok()? {
            Shape::Object(members) => members.into_iter().find(|(key, _)| *key == name)?.1,
            Shape::Array(values) => values.get(name.parse::<usize>().ok()?)?,
            Shape::Leaf(_) => return None,
        };
        value = part.get();
    }
    // `value` is a part of `bytes`, so the distance of their addresses is its offset.
    let start = value.as_ptr() as usize - bytes.as_ptr() as usize;
    Some(start..start + value.len())
}

/// Appends one step to a JSON pointer, escaped as RFC 6901 asks.
#[must_use]
pub fn child_pointer(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

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
        let before = &bytes[..offset.min(bytes.len())];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let is_character_start = |byte: &&u8| **byte & 0xC0 != 0x80;
        Self {
            line: before.split(|byte| *byte == b'\n').count(),
            column: 1 + before[line_start..].iter().filter(is_character_start).count(),
        }
    }
}

/// Why bytes are not a JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Where.
    pub position: Position,
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
    /// It is JSON, but of another kind.
    NotAnObject {
        /// The kind found.
        found: &'static str,
    },
    /// It is not JSON; the parser's own words.
    Syntax {
        /// Those words.
        message: String,
    },
}

impl JsonError {
    fn syntax(bytes: &[u8], error: &serde_json::Error) -> Self {
        let first = bytes.iter().position(|byte| !is_space(*byte)).unwrap_or_default();
        if bytes.get(first) == Some(&b'<') {
            return Self { position: Position::of(bytes, first), reason: Reason::Html };
        }
        let message = error.to_string();
        let message = message.split_once(" at line ").map_or(message.as_str(), |(words, _)| words).to_owned();
        // serde_json's column counts from 0 in places and in bytes: at least 1 here.
        Self {
            position: Position { line: error.line().max(1), column: error.column().max(1) },
            reason: Reason::Syntax { message },
        }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.position.line, self.position.column)?;
        match &self.reason {
            Reason::Empty => write!(f, "nothing, a manifest is a JSON object"),
            Reason::Html => write!(f, "an HTML page, a manifest is a JSON object"),
            Reason::NotAnObject { found } => write!(f, "{found}, a manifest is a JSON object"),
            Reason::Syntax { message } => write!(f, "{message}"),
        }
    }
}

impl std::error::Error for JsonError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(bytes: &[u8]) -> String {
        read(bytes).expect_err("not an object").to_string()
    }

    #[test]
    fn errors_name_the_place_and_what_is_wanted() {
        assert_eq!(error(b"  \n"), "line 1, column 1: nothing, a manifest is a JSON object");
        assert_eq!(error(b"\n<!doctype html>"), "line 2, column 1: an HTML page, a manifest is a JSON object");
        assert_eq!(error(b" 7"), "line 1, column 2: a number, a manifest is a JSON object");
        assert_eq!(error(b"{\"a\":\n}"), "line 2, column 1: expected value");
        assert_eq!(error(b"{\"a\":1"), "line 1, column 6: EOF while parsing an object");
        assert!(error(&b"[".repeat(1_000_000)).contains("recursion limit exceeded"));
        assert!(error(b"{\"a\":\"\xff\"}").contains("invalid unicode"));
    }

    #[test]
    fn duplicates_order_and_surroundings_are_kept() {
        let document = read(b"\xef\xbb\xbf{\"b\":null,\"a\":[1],\"a\":\"\\u00e9\"}\n").expect("an object");
        assert!(document.byte_order_mark);
        assert_eq!(document.trailing, None);
        let names: Vec<_> = document.object.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b", "a", "a"]);
        assert_eq!(document.object.get("b"), None);
        assert_eq!(Value::Object(document.object).to_text(), "{\"b\":null,\"a\":[1],\"a\":\"é\"}");
    }

    #[test]
    fn numbers_and_texts_are_shown_as_they_were_written() {
        let bytes =
            br#"{"a":[1,-2,1.50,1E+2,-0,18446744073709551616],"b":{"c":"\u00e9\n\""},"d":[],"e":{},"f":[null,true]}"#;
        let document = read(bytes).expect("an object");
        let compact = bytes.iter().map(|byte| char::from(*byte)).collect::<String>().replace("\\u00e9", "é");
        assert_eq!(Value::Object(document.object).to_text(), compact);
        let shown = indented(br#" {"a" : [1.0, {"b":[ ]}],"c":{ }} "#).expect("an object");
        assert_eq!(shown, "{\n  \"a\": [\n    1.0,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": {}\n}");
    }

    #[test]
    fn a_pointer_finds_its_bytes() {
        let bytes = b"{ \"a/b\" : [ {\"c\": 12}, \"x\" ], \"m~n\":{} }";
        let found = |pointer| locate(bytes, pointer).map(|range| std::str::from_utf8(&bytes[range]).expect("text"));
        assert_eq!(found("/a~1b/0/c"), Some("12"));
        assert_eq!(found("/a~1b/1"), Some("\"x\""));
        assert_eq!(found("/m~0n"), Some("{}"));
        assert_eq!(found("/a~1b/2"), None);
        assert_eq!(found("").map(str::len), Some(bytes.len()));
        assert_eq!(child_pointer("/a", "b/~c"), "/a/b~1~0c");
        let marked = b"\xef\xbb\xbf{\"a\":7}";
        assert_eq!(locate(marked, "/a"), Some(8..9));
    }

    #[test]
    fn positions_count_lines_and_characters() {
        let bytes = "a\né=x".as_bytes();
        assert_eq!(Position::of(bytes, 0), Position { line: 1, column: 1 });
        assert_eq!(Position::of(bytes, 4), Position { line: 2, column: 2 });
        assert_eq!(Position::of(bytes, 999), Position { line: 2, column: 4 });
    }
}
