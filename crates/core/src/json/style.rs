//! The forms in which tools write the same JSON: white space, escapes, and the order of members.
//!
//! A digest covers bytes, so the form decides it. Here a text is put into another form, to find out in which one it
//! has the digest that somebody expected. Numbers and texts are never changed.

use std::collections::BinaryHeap;

use crate::limits;

use super::read::read;
use super::text::BYTE_ORDER_MARK;
use super::value::{Object, Value};

/// The white space between the parts of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// None, as Go's `json.Marshal` and JavaScript's `JSON.stringify` write.
    Compact,
    /// One line with a space behind each comma and colon, as Python's `json.dumps` writes.
    Spaced,
    /// A line for each part, with this in front for each level.
    Indented(&'static str),
}

impl Layout {
    /// Those that tools write, the likeliest first: buildx and jq take 2 spaces, docker 3, editors 4 or tabs.
    pub const ALL: [Self; 6] = [
        Self::Compact,
        Self::Indented("  "),
        Self::Indented("   "),
        Self::Indented("    "),
        Self::Indented("\t"),
        Self::Spaced,
    ];

    /// How it looks, to stand behind `these bytes`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Compact => "on one line without white space",
            Self::Spaced => "on one line with a space behind each comma and colon",
            Self::Indented("  ") => "indented by 2 spaces",
            Self::Indented("   ") => "indented by 3 spaces",
            Self::Indented("    ") => "indented by 4 spaces",
            Self::Indented(_) => "indented by tabs",
        }
    }

    /// A JSON text with this white space between its parts, and none around it. Strings and numbers stay as they are
    /// written.
    ///
    /// ```
    /// use waybill_core::json::style::Layout;
    ///
    /// let text = br#"{"a": [1.0, {}], "b": "\u003c, :"}"#;
    /// assert_eq!(Layout::Compact.apply(text), br#"{"a":[1.0,{}],"b":"\u003c, :"}"#);
    /// assert_eq!(Layout::Indented("\t").apply(b"{\"a\":[1]}"), b"{\n\t\"a\": [\n\t\t1\n\t]\n}");
    /// ```
    #[must_use]
    pub fn apply(self, text: &[u8]) -> Vec<u8> {
        self.apply_within(text, usize::MAX).unwrap_or_default()
    }

    /// The same, unless that takes more than about `most` bytes: a million open brackets, indented, are a terabyte.
    pub(crate) fn apply_within(self, text: &[u8], most: usize) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(text.len() + text.len() / 4);
        let mut depth = 0_usize;
        let mut rest = text;
        while let Some((&byte, behind)) = rest.split_first() {
            if out.len() > most {
                return None;
            }
            let mut taken = 1;
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {}
                b'"' => {
                    taken = string_length(rest);
                    out.extend_from_slice(&rest[..taken]);
                }
                b'{' | b'[' => {
                    out.push(byte);
                    let inside = behind
                        .iter()
                        .position(|byte| !byte.is_ascii_whitespace())
                        .unwrap_or(0);
                    if let Some(close @ (b'}' | b']')) = behind.get(inside) {
                        out.push(*close);
                        taken = inside + 2;
                    } else {
                        depth += 1;
                        self.line(&mut out, depth);
                    }
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.line(&mut out, depth);
                    out.push(byte);
                }
                b',' => {
                    out.push(byte);
                    self.line(&mut out, depth);
                    if self == Self::Spaced {
                        out.push(b' ');
                    }
                }
                b':' => out.extend_from_slice(if self == Self::Compact { b":" } else { b": " }),
                _ => out.push(byte),
            }
            rest = &rest[taken..];
        }
        Some(out)
    }

    fn line(self, out: &mut Vec<u8>, depth: usize) {
        if let Self::Indented(unit) = self {
            out.push(b'\n');
            out.extend(std::iter::repeat_n(unit.as_bytes(), depth).flatten());
        }
    }
}

/// A JSON object indented by two spaces, for reading: these are not the bytes any more. What is around it is left out.
///
/// `None` where the bytes are no JSON object, and where that takes more than [`limits::INDENTED_BYTES`].
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

/// The length of the string that `text` begins with, its quotes included; all of `text` where it does not end.
fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

/// Which characters of a text are escaped beyond those that JSON wants escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escapes {
    /// None, as jq and `JSON.stringify` write.
    Plain,
    /// `<`, `>`, `&` and the line separators U+2028 and U+2029, as Go's `json.Marshal` writes.
    Html,
    /// Only the line separators, as Go writes with `SetEscapeHTML(false)`.
    Separators,
    /// Everything that is not ASCII, as Python's `json.dumps` writes.
    Ascii,
}

impl Escapes {
    /// Every one, the likeliest first.
    pub const ALL: [Self; 4] = [Self::Html, Self::Plain, Self::Ascii, Self::Separators];

    /// How it looks, to stand behind `these bytes`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Plain => "without escapes that JSON does not ask for",
            Self::Html => "with <, > and & escaped as Go escapes them",
            Self::Separators => "with only the line separators escaped, as Go does without HTML",
            Self::Ascii => "with everything escaped that is not ASCII, as Python does",
        }
    }

    fn has(self, character: char) -> bool {
        match self {
            Self::Plain => false,
            Self::Html => matches!(character, '<' | '>' | '&' | '\u{2028}' | '\u{2029}'),
            Self::Separators => matches!(character, '\u{2028}' | '\u{2029}'),
            Self::Ascii => character >= '\u{7f}',
        }
    }

    /// Appends the text as a JSON string.
    pub(crate) fn write(self, out: &mut String, text: &str) {
        use std::fmt::Write as _;
        // serde_json escapes what JSON wants escaped, and as every tool here does it.
        let text = serde_json::to_string(text).unwrap_or_default();
        if self == Self::Plain {
            out.push_str(&text);
            return;
        }
        for character in text.chars() {
            if self.has(character) {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            } else {
                out.push(character);
            }
        }
    }
}

/// The order of an object's members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they stand.
    AsWritten,
    /// By name, as `jq -S` and Python's `sort_keys` write.
    Sorted,
    /// As the fields stand in a tool's types; maps such as annotations are sorted, as Go does.
    Fields(&'static Fields),
}

/// The order of the fields of a tool's types.
#[derive(Debug, PartialEq, Eq)]
pub struct Fields {
    /// Who writes so, to stand behind `in the order of`.
    pub name: &'static str,
    /// Of a manifest, an index or a list.
    pub manifest: &'static [&'static str],
    /// Of a descriptor.
    pub descriptor: &'static [&'static str],
}

pub(crate) const PLATFORM: &[&str] = &[
    "architecture",
    "os",
    "os.version",
    "os.features",
    "variant",
    "features",
];

/// image-spec's Go types: skopeo, podman, oras, regctl and buildx for OCI.
pub(crate) const IMAGE_SPEC: Fields = Fields {
    name: "the image specification",
    manifest: &[
        "schemaVersion",
        "mediaType",
        "artifactType",
        "config",
        "layers",
        "manifests",
        "subject",
        "annotations",
    ],
    descriptor: &[
        "mediaType",
        "digest",
        "size",
        "urls",
        "annotations",
        "data",
        "platform",
        "artifactType",
    ],
};

/// distribution's Go types: docker, and skopeo and podman for Docker lists.
const DOCKER: Fields = Fields {
    name: "docker",
    // Schema 1's members stand among them: no manifest has both.
    manifest: &[
        "schemaVersion",
        "mediaType",
        "config",
        "layers",
        "manifests",
        "name",
        "tag",
        "architecture",
        "fsLayers",
        "history",
        "signatures",
    ],
    descriptor: &[
        "mediaType",
        "size",
        "digest",
        "urls",
        "annotations",
        "platform",
    ],
};

/// go-containerregistry's Go types: crane, ko.
pub(crate) const CRANE: Fields = Fields {
    name: "crane",
    manifest: &[
        "schemaVersion",
        "mediaType",
        "config",
        "layers",
        "manifests",
        "annotations",
        "subject",
    ],
    descriptor: &[
        "mediaType",
        "size",
        "digest",
        "data",
        "urls",
        "annotations",
        "platform",
        "artifactType",
    ],
};

/// containers/image's type of schema 1: skopeo, podman.
const SKOPEO: Fields = Fields {
    name: "skopeo",
    manifest: &[
        "name",
        "tag",
        "architecture",
        "fsLayers",
        "history",
        "schemaVersion",
        "signatures",
    ],
    descriptor: &[],
};

impl Order {
    /// Those that tools write, the order that stands first.
    pub const ALL: [Self; 6] = [
        Self::AsWritten,
        Self::Sorted,
        Self::Fields(&IMAGE_SPEC),
        Self::Fields(&DOCKER),
        Self::Fields(&CRANE),
        Self::Fields(&SKOPEO),
    ];

    /// The rank of the members of an object that stands in `place`; `None` where they are sorted by name.
    fn ranks(self, place: Place) -> Option<&'static [&'static str]> {
        match (self, place) {
            (Self::Fields(fields), Place::Manifest) => Some(fields.manifest),
            (Self::Fields(fields), Place::Descriptor) => Some(fields.descriptor),
            (Self::Fields(_), Place::Platform) => Some(PLATFORM),
            (Self::AsWritten, _) => Some(&[]),
            (Self::Sorted, _) | (Self::Fields(_), Place::Map) => None,
        }
    }
}

/// What an object is.
#[derive(Clone, Copy)]
enum Place {
    Manifest,
    Descriptor,
    Platform,
    Map,
}

impl Place {
    fn of_member(self, name: &str) -> Self {
        match (self, name) {
            (Self::Manifest, "config" | "layers" | "manifests" | "subject") => Self::Descriptor,
            (Self::Descriptor, "platform") => Self::Platform,
            _ => Self::Map,
        }
    }
}

/// A JSON object without white space, its members in `order`, its texts with `escapes`. Members called `without` at
/// the top are left out.
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

struct Writer {
    out: String,
    order: Order,
    escapes: Escapes,
}

impl Writer {
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
mod tests {
    use super::*;

    #[test]
    fn an_object_is_indented_as_it_is_written_unless_that_is_too_long() {
        let shown =
            indented(b"\xef\xbb\xbf {\"a\" : [1.0, {\"b\":[ ]}],\"c\":{ }, \"\\u00e9\":1e400} x");
        let expected = "{\n  \"a\": [\n    1.0,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": {},\n  \"\\u00e9\": 1e400\n}";
        assert_eq!(shown.as_deref(), Some(expected));
        assert_eq!(indented(b"[1]"), None);
        let deep = [
            b"{\"a\":".repeat(126),
            b"[".to_vec(),
            b"1,".repeat(200_000),
            b"1]".to_vec(),
            b"}".repeat(126),
        ];
        assert_eq!(indented(&deep.concat()), None);
    }

    fn written(json: &str, order: Order, escapes: Escapes) -> String {
        let document = crate::json::read(json.as_bytes()).expect("an object");
        compact(&document.object, order, escapes, None)
    }

    #[test]
    fn what_would_take_too_much_is_not_laid_out() {
        let deep = "[".repeat(1_000_000);
        assert_eq!(
            Layout::Indented("  ").apply_within(deep.as_bytes(), 1 << 20),
            None
        );
        assert_eq!(
            Layout::Compact.apply_within(b"[ 1 ]", 3).as_deref(),
            Some(&b"[1]"[..])
        );
    }

    #[test]
    fn a_layout_is_undone_by_another() {
        let text = br#"{"a":[],"b":{"c":[{"d":"x, \" : {"},-1.50e+3,true,null]},"e":{}}"#;
        for layout in Layout::ALL {
            let laid_out = layout.apply(text);
            assert_eq!(Layout::Compact.apply(&laid_out), text, "{layout:?}");
            for other in Layout::ALL {
                assert_eq!(
                    other.apply(&laid_out),
                    other.apply(text),
                    "{layout:?} {other:?}"
                );
            }
        }
        assert_eq!(
            Layout::Spaced.apply(b"{\"a\":[1,2],\"b\":3}"),
            b"{\"a\": [1, 2], \"b\": 3}"
        );
        assert_eq!(
            Layout::Compact.apply(b"{\"a\": [ ] ,\"b\":{\n}}"),
            b"{\"a\":[],\"b\":{}}"
        );
        // What is cut off stays cut off.
        assert_eq!(Layout::Compact.apply(b"{ \"a\\"), b"{\"a\\");
    }

    #[test]
    fn each_tool_escapes_its_own_way() {
        let json = "{\"a\":\"<&>\u{2028}é😀\\n\\u0001\\\"\"}";
        assert_eq!(written(json, Order::AsWritten, Escapes::Plain), json);
        let html = "{\"a\":\"\\u003c\\u0026\\u003e\\u2028é😀\\n\\u0001\\\"\"}";
        assert_eq!(written(json, Order::AsWritten, Escapes::Html), html);
        assert_eq!(written(html, Order::AsWritten, Escapes::Plain), json);
        let ascii = "{\"a\":\"<&>\\u2028\\u00e9\\ud83d\\ude00\\n\\u0001\\\"\"}";
        assert_eq!(written(json, Order::AsWritten, Escapes::Ascii), ascii);
        assert_eq!(
            written(json, Order::AsWritten, Escapes::Separators),
            json.replace('\u{2028}', "\\u2028")
        );
    }

    #[test]
    fn each_tool_has_its_order() {
        let json = r#"{"manifests":[{"platform":{"os":"o","architecture":"a"},"x":1,"size":2,"digest":"d","mediaType":"m"}],"annotations":{"b":"","a":""},"schemaVersion":2}"#;
        let order = |order| written(json, order, Escapes::Plain);
        assert_eq!(order(Order::AsWritten), json);
        assert_eq!(
            order(Order::Sorted),
            r#"{"annotations":{"a":"","b":""},"manifests":[{"digest":"d","mediaType":"m","platform":{"architecture":"a","os":"o"},"size":2,"x":1}],"schemaVersion":2}"#
        );
        let rest =
            r#""platform":{"architecture":"a","os":"o"},"x":1}],"annotations":{"a":"","b":""}}"#;
        let head = r#"{"schemaVersion":2,"manifests":[{"mediaType":"m","#;
        assert_eq!(
            order(Order::Fields(&IMAGE_SPEC)),
            [head, r#""digest":"d","size":2,"#, rest].concat()
        );
        assert_eq!(
            order(Order::Fields(&DOCKER)),
            [head, r#""size":2,"digest":"d","#, rest].concat()
        );
    }
}
