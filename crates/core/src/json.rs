//! JSON as it was written: order and duplicate names are kept, and every value can be found again in the bytes.
//!
//! `serde_json::Value` keeps the last of two equal names and says nothing; two clients that pick differently see two
//! different images, so Waybill has to see both. Before `serde_json` parses, a strict scan goes over the raw text: it
//! tells where the text breaks the grammar, and what the grammar allows but clients read differently.

mod error;
mod names;
mod number;
mod parse;
mod places;
mod scan;
pub mod style;

use std::borrow::Cow;

use crate::finding::{Code, Finding};

pub use error::{JsonError, Position, Reason};
pub(crate) use names::{first_equals, fold};
pub(crate) use parse::only_string;
pub use places::{Occurrence, Place, locate, places};

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

    /// The same value with text of its own.
    fn into_owned<'b>(self) -> Value<'b> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Number(text) => Value::Number(owned(text)),
            Self::String(text) => Value::String(owned(text)),
            Self::Array(values) => {
                Value::Array(values.into_iter().map(Value::into_owned).collect())
            }
            Self::Object(object) => {
                let members = object
                    .members
                    .into_iter()
                    .map(|(name, value)| (owned(name), value.into_owned()));
                Value::Object(Object {
                    members: members.collect(),
                })
            }
        }
    }

    /// The value as compact JSON: for showing what was found, never for a digest.
    #[must_use]
    pub fn to_text(&self) -> String {
        crate::json::style::text(self)
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
        self.members
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
            .filter(|value| !matches!(value, Value::Null))
    }

    /// Every member in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.members
            .iter()
            .map(|(key, value)| (key.as_ref(), value))
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

/// The UTF-8 byte order mark, which JSON forbids and some editors write.
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A JSON object read from bytes.
#[derive(Clone, Debug)]
pub struct Parsed<'a> {
    /// The object.
    pub object: Object<'a>,
    /// What is around the object or in it that clients read differently: a byte order mark, data behind it, names that
    /// stand in one object twice or differ only in case, unusual numbers, half surrogate pairs.
    pub findings: Vec<Finding>,
    /// The offset of the first byte that follows the object and is not white space.
    pub trailing: Option<usize>,
}

/// Reads a JSON object.
///
/// Everything that the grammar of RFC 8259 allows is read, also numbers that no floating point number holds. A byte order
/// mark and data behind the object are findings, not errors.
///
/// ```
/// use waybill_core::json;
///
/// let document = json::read(b"{\"a\":1e400,\"a\":2} x")?;
/// assert_eq!(document.object.len(), 2);
/// let codes: Vec<_> = document.findings.iter().map(|finding| finding.code.rule().name).collect();
/// assert_eq!(codes, ["duplicate-name", "number-range", "trailing-data"]);
/// assert_eq!(json::read(b"[1]").unwrap_err().to_string(), "line 1, column 1: an array, a manifest is a JSON object");
/// # Ok::<(), json::JsonError>(())
/// ```
pub fn read(bytes: &[u8]) -> Result<Parsed<'_>, JsonError> {
    let (start, text) = text_of(bytes);
    let error = |offset: usize, pointer, reason| {
        let position = Position::of(bytes, start + offset);
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
                (Some(b'<'), _) => error(first, pointer, Reason::Html),
                // The text ends early because the bytes behind it are no text.
                (_, Some(found)) if offset == text.len() => {
                    error(offset, pointer, Reason::Utf8 { found: *found })
                }
                (None, None) => error(0, pointer, Reason::Empty),
                _ => error(offset, pointer, reason),
            }
        },
    )?;
    let object = match parse::value(text, &scanned) {
        Ok(Value::Object(object)) => object,
        Ok(other) => {
            return Err(error(
                first,
                String::new(),
                Reason::NotAnObject {
                    found: other.kind(),
                },
            ));
        }
        Err(_) => return Err(error(first, String::new(), Reason::Disagreement)),
    };
    let mut findings = scanned.findings;
    if start > 0 {
        findings.insert(
            0,
            Finding::new(Code::ByteOrderMark, "", "the bytes begin with U+FEFF"),
        );
    }
    let trailing = behind(bytes, start + scanned.end);
    if let Some(offset) = trailing {
        let Position { line, column } = Position::of(bytes, offset);
        let message = format!(
            "{} bytes from line {line}, column {column}",
            bytes.len() - offset
        );
        findings.push(Finding::new(Code::TrailingData, "", message));
    }
    Ok(Parsed {
        object,
        findings,
        trailing,
    })
}

/// The part of the bytes that is UTF-8, without a byte order mark, and its offset.
fn text_of(bytes: &[u8]) -> (usize, &str) {
    let start = if bytes.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    let text = std::str::from_utf8(&bytes[start..]).unwrap_or_else(|error| {
        std::str::from_utf8(&bytes[start..start + error.valid_up_to()]).unwrap_or_default()
    });
    (start, text)
}

/// The offset of the first byte from `end` on that is not white space.
fn behind(bytes: &[u8], end: usize) -> Option<usize> {
    bytes[end..]
        .iter()
        .position(|byte| !is_space(*byte))
        .map(|at| end + at)
}

/// JSON's own white space (RFC 8259, section 2), which is less than ASCII's.
#[expect(
    clippy::inline_always,
    reason = "compiled for size, it would be called a million times"
)]
#[inline(always)]
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Appends one step to a JSON pointer, escaped as RFC 6901 asks.
#[must_use]
pub fn child_pointer(pointer: &str, name: &str) -> String {
    let mut child = String::with_capacity(pointer.len() + 1 + name.len());
    child.push_str(pointer);
    push_step(&mut child, name);
    child
}

fn push_step(pointer: &mut String, name: &str) {
    pointer.push('/');
    if !name.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        pointer.push_str(name);
        return;
    }
    for character in name.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(bytes: &[u8]) -> String {
        read(bytes).expect_err("not an object").to_string()
    }

    fn findings(bytes: &[u8]) -> Vec<String> {
        let document =
            read(bytes).unwrap_or_else(|error| panic!("{error}: {}", bytes.escape_ascii()));
        let found = document.findings.into_iter();
        found
            .map(|finding| format!("{} {}: {}", finding.code, finding.pointer, finding.message))
            .collect()
    }

    #[test]
    fn errors_name_the_place_and_the_rule() {
        for (text, said) in [
            (
                "  \n",
                "line 1, column 1: nothing, a manifest is a JSON object",
            ),
            (
                "\n<!doctype html>",
                "line 2, column 1: an HTML page, a manifest is a JSON object",
            ),
            (
                " 7",
                "line 1, column 2: a number, a manifest is a JSON object",
            ),
            (
                "[1]",
                "line 1, column 1: an array, a manifest is a JSON object",
            ),
            ("{\"a\":\n}", "line 2, column 1: '}', a value belongs here"),
            (
                "{\"a\":1",
                "line 1, column 7: the text ends, a comma or } belongs here",
            ),
            (
                "{\"a\":[1",
                "line 1, column 8: the text ends, a comma or ] belongs here",
            ),
            (
                "{\"é\":[1,]}",
                "line 1, column 9: ']', a value belongs behind a comma",
            ),
            (
                "{\"a\":1,}",
                "line 1, column 8: '}', a name in quotes belongs behind a comma",
            ),
            (
                "{a:1}",
                "line 1, column 2: 'a', a name in quotes or } belongs here",
            ),
            (
                "{\"a\" 1}",
                "line 1, column 6: '1', a colon belongs behind a name",
            ),
            (
                "{\"a\":01}",
                "line 1, column 7: '1', a number has no leading zero",
            ),
            ("{\"a\":-}", "line 1, column 7: '}', a digit belongs here"),
            ("{\"a\":1.}", "line 1, column 8: '}', a digit belongs here"),
            ("{\"a\":1e+}", "line 1, column 9: '}', a digit belongs here"),
            ("{\"a\":tru}", "line 1, column 6: 't', a value belongs here"),
            (
                "{\"a\":\"\n\"}",
                "line 1, column 7: '\\n', a control character has to be escaped",
            ),
            (
                "{\"a\":\"\\x\"}",
                "line 1, column 8: 'x', one of \" \\ / b f n r t u belongs behind a backslash",
            ),
            (
                "{\"a\":\"\\u12g4\"}",
                "line 1, column 11: 'g', four hexadecimal digits belong behind \\u",
            ),
            (
                "{\"a\":\"",
                "line 1, column 7: the text ends, the string has no end",
            ),
        ] {
            assert_eq!(error(text.as_bytes()), said);
        }
        assert_eq!(
            error(b"{\"a\":\"\xc3\xa9\xff\"}"),
            "line 1, column 8: byte 0xff is not UTF-8, JSON is"
        );
        assert_eq!(
            error(b"{\"a\":01,\"\xff\"}"),
            "line 1, column 7: '1', a number has no leading zero"
        );
        assert_eq!(
            error(b"\xff"),
            "line 1, column 1: byte 0xff is not UTF-8, JSON is"
        );
    }

    #[test]
    fn what_is_nested_deeper_than_the_limit_is_refused() {
        let nested = |deep: usize| format!("{{\"a\":{}{}}}", "[".repeat(deep), "]".repeat(deep));
        assert!(read(nested(127).as_bytes()).is_ok());
        assert_eq!(
            error(nested(128).as_bytes()),
            "line 1, column 133: nested 129 deep, at most 128 are read"
        );
        assert_eq!(
            error(&b"[".repeat(1_000_000)),
            "line 1, column 129: nested 129 deep, at most 128 are read"
        );
    }

    #[test]
    fn errors_are_findings_in_the_array_or_object_where_they_are() {
        let deep = "[".repeat(128);
        for (bytes, expected) in [
            (&b" \n<p>"[..], "not-json  2:1"),
            (b"{\"a\":1 2}", "not-json  1:8"),
            (
                b"{\"a\":[0,{\"b/c\":\n{\"d\":nul}}]}",
                "not-json /a/1/b~1c 2:6",
            ),
            (b"{\"a\":{\"b\":\"\xff\"}}", "not-utf8 /a 1:12"),
            (b" []", "not-an-object  1:2"),
            (
                format!("{{\"a\":{deep}").as_bytes(),
                &format!("too-deep /a{} 1:133", "/0".repeat(126)),
            ),
        ] {
            let error = read(bytes).expect_err("not an object");
            let finding = error.finding();
            let place = Finding::places(std::slice::from_ref(&finding), bytes)
                .remove(0)
                .expect("a place");
            assert_eq!(
                (place.position, place.exact),
                (error.position, true),
                "{error}"
            );
            let Position { line, column } = place.position;
            assert_eq!(
                format!("{} {} {line}:{column}", finding.code, finding.pointer),
                expected
            );
            assert_eq!(finding.message, error.to_string());
        }
        let nothing = read(b" ").expect_err("nothing").finding();
        assert_eq!(
            (nothing.code, Finding::places(&[nothing], b" ")),
            (Code::NotAnObject, vec![None])
        );
    }

    #[test]
    fn duplicates_order_and_surroundings_are_kept() {
        let bytes = b"\xef\xbb\xbf{\"b\":null,\"a\":[1],\"a\":\"\\u00e9\"}\n";
        let document = read(bytes).expect("an object");
        let names: Vec<_> = document.object.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b", "a", "a"]);
        assert_eq!(document.object.get("b"), None);
        assert_eq!(
            Value::Object(document.object).to_text(),
            "{\"b\":null,\"a\":[1],\"a\":\"é\"}"
        );
        assert_eq!(
            findings(bytes),
            [
                "byte-order-mark : the bytes begin with U+FEFF",
                "duplicate-name /a: \"a\" stands here 2 times"
            ]
        );
        // What follows the object need not even be text.
        assert_eq!(
            findings(b"{}\n \xff{"),
            ["trailing-data : 2 bytes from line 2, column 2"]
        );
    }

    #[test]
    fn names_that_clients_take_for_each_other_are_found_in_every_object() {
        assert_eq!(
            findings(br#"{"a":{"x":[{"b":1,"b":2,"b":3,"c":4}]},"c":5}"#),
            ["duplicate-name /a/x/0/b: \"b\" stands here 3 times"]
        );
        assert_eq!(
            findings(
                r#"{"layers":1,"Layers":2,"layerſ":3,"\u006cayers":4,"_":5,"\u007f":6}"#.as_bytes()
            ),
            [
                "case-variant-name /Layers: \"Layers\" differs only in case from \"layers\"",
                "case-variant-name /layerſ: \"layerſ\" differs only in case from \"layers\"",
                "duplicate-name /layers: \"layers\" stands here 2 times",
            ]
        );
        // In a map of the author's own names case tells names apart, for every client.
        assert_eq!(
            findings(br#"{"annotations":{"a":"","A":""},"Labels":{"b":"","B":"","b":""}}"#),
            ["duplicate-name /Labels/b: \"b\" stands here 2 times"]
        );
        // A long name in front of many is not written out with each.
        let long = format!(r#"{{"x":{{"{}":[{{"a":1,"a":1}}]}}}}"#, "y".repeat(1_000));
        assert_eq!(
            findings(long.as_bytes()),
            ["duplicate-name /x: \"a\" stands here 2 times"]
        );
    }

    #[test]
    fn everything_that_is_json_is_read_and_shown() {
        let bytes =
            br#"{"n":[1e400,-1E+999,{"x":1.0}],"s":"a\ud800b","\udc00":"\ud83d\ude00","t":"\udfff\ud800\u0041"}"#;
        let document = read(bytes).expect("an object");
        let text = Value::Object(document.object).to_text();
        assert_eq!(
            text,
            "{\"n\":[1e400,-1E+999,{\"x\":1.0}],\"s\":\"a\u{fffd}b\",\"\u{fffd}\":\"😀\",\"t\":\"\u{fffd}\u{fffd}A\"}"
        );
        assert_eq!(
            findings(bytes),
            [
                "number-form /n/2/x: 1.0 is written with a fraction or an exponent",
                "number-range /n/0: 1e400 is beyond what 64 bits of floating point hold, and 1 more like it",
                "lone-surrogate /s: the text holds half a surrogate pair, and 2 more like it",
            ]
        );
        assert_eq!(
            findings(br#"{"\ud800":1,"\udbff":2}"#)[0],
            "duplicate-name /\u{fffd}: \"\u{fffd}\" stands here 2 times"
        );
    }

    #[test]
    fn numbers_and_texts_are_shown_as_they_were_written() {
        let bytes =
            br#"{"a":[1,-2,1.50,1E+2,-0,18446744073709551616],"b":{"c":"\u00e9\n\""},"d":[],"e":{},"f":[null,true]}"#;
        let document = read(bytes).expect("an object");
        let compact = bytes
            .iter()
            .map(|byte| char::from(*byte))
            .collect::<String>()
            .replace("\\u00e9", "é");
        assert_eq!(Value::Object(document.object).to_text(), compact);
    }

    #[test]
    fn hostile_sizes_are_answered() {
        let object = |members: String| format!("{{{members}}}").into_bytes();
        let list = |count: usize, member: &dyn Fn(usize) -> String| {
            (0..count).map(member).collect::<Vec<_>>().join(",")
        };
        assert_eq!(
            error(&b"{\"a\":".repeat(200_000)),
            "line 1, column 641: nested 129 deep, at most 128 are read"
        );
        assert_eq!(
            error(&b",".repeat(4 << 20)),
            "line 1, column 1: ',', a value belongs here"
        );
        assert_eq!(
            error(&object(",".repeat(4 << 20))),
            "line 1, column 2: ',', a name in quotes or } belongs here"
        );
        assert_eq!(
            findings(&object(format!("\"a\":\"{}\"", "é".repeat(3 << 19)))),
            [""; 0]
        );
        let same = object(list(100_000, &|_| "\"config\":1".to_owned()));
        assert_eq!(
            findings(&same),
            ["duplicate-name /config: \"config\" stands here 100000 times"]
        );
        let twice = findings(&object(list(200_000, &|number| {
            format!("\"{}\":1", number % 100_000)
        })));
        assert_eq!(twice.len(), 100_000);
        assert_eq!(
            twice[99_999],
            "duplicate-name /99999: \"99999\" stands here 2 times"
        );
        assert_eq!(
            findings(&object(list(300_000, &|number| format!("\"{number}\":1")))),
            [""; 0]
        );
        assert_eq!(
            findings(&object(format!(
                "\"a\":[{}]",
                list(500_000, &|_| "1e2".to_owned())
            )))[0],
            "number-form /a/0: 1e2 is written with a fraction or an exponent, and 499999 more like it"
        );
        // A long name that has to be unescaped, in front of many objects with duplicates.
        let inner = list(50_000, &|_| "{\"a\":1,\"a\":1}".to_owned());
        let found = findings(&object(format!(
            "\"{}\":[{inner}]",
            "\\u0041".repeat(300_000)
        )));
        assert_eq!(
            (found.len(), found[0].as_str()),
            (50_000, "duplicate-name : \"a\" stands here 2 times")
        );
    }
}
