//! YAML as JSON text, for the files of manifest-tool.
//!
//! [`to_json`] is all of it: text in, JSON text out, or a [`YamlError`] with its line and column. It does not give
//! values of its own, and it knows nothing of manifests: `waybill_core::compose::commands::manifest_tool::read` reads
//! its answer.
//!
//! It stands apart from core because it is heavy (22 KB of a page with brotli) and seldom needed: the page loads it
//! when a YAML file is given.
//!
//! What it reads is a part of YAML 1.2: one document, texts as keys, at most 128 mappings and sequences in one another,
//! no aliases.

use std::fmt;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

/// How many mappings and sequences may stand in one another: as many as core reads.
const DEPTH: usize = 128;

/// Writes the same document as JSON text. Every scalar becomes a string as it is written, because all fields of the
/// files that are read here are texts: `osversion: 10.0` is `"10.0"`. An empty plain scalar, `~` and `null` become
/// `null`.
///
/// Names that stand twice are kept for who reads the JSON. Aliases are refused, since a few lines of them can stand
/// for gigabytes; tags are passed over. An empty text is `null`.
///
/// Fails at the first thing that is not YAML or not read here, with its place.
///
/// ```
/// let json = waybill_yaml::to_json("image: a/b:1\nmanifests:\n- platform: {os: linux}\n")?;
/// assert_eq!(json, r#"{"image":"a/b:1","manifests":[{"platform":{"os":"linux"}}]}"#);
/// let error = waybill_yaml::to_json("a: &x b\nc: *x\n").unwrap_err();
/// assert_eq!(error.to_string(), "line 2, column 4: an alias, which is not followed here");
/// # Ok::<(), waybill_yaml::YamlError>(())
/// ```
pub fn to_json(text: &str) -> Result<String, YamlError> {
    let mut writer = Writer {
        json: String::with_capacity(text.len()),
        open: Vec::new(),
        documents: 0,
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| YamlError {
            line: error.marker().line(),
            column: error.marker().col() + 1,
            reason: Reason::Syntax {
                message: error.info().to_owned(),
            },
        })?;
        writer.take(event, span.start)?;
    }
    if writer.json.is_empty() {
        Ok("null".to_owned())
    } else {
        Ok(writer.json)
    }
}

/// A mapping or sequence that is open.
struct Open {
    mapping: bool,
    /// How many keys and values stand in it.
    count: usize,
}

struct Writer {
    json: String,
    open: Vec<Open>,
    documents: usize,
}

impl Writer {
    fn take(&mut self, event: Event<'_>, at: Marker) -> Result<(), YamlError> {
        let fail = |reason| {
            Err(YamlError {
                line: at.line(),
                column: at.col() + 1,
                reason,
            })
        };
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return fail(Reason::SecondDocument);
                }
            }
            Event::Alias(_) => return fail(Reason::Alias),
            Event::Scalar(text, style, ..) => {
                let is_key = self.next();
                let is_null =
                    style == ScalarStyle::Plain && ["", "~", "null"].contains(&&*text) && !is_key;
                if is_null {
                    self.json.push_str("null");
                } else {
                    // A text can always be written.
                    self.json
                        .push_str(&serde_json::to_string(&*text).unwrap_or_default());
                }
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if self.next() {
                    return fail(Reason::Key);
                }
                if self.open.len() == DEPTH {
                    return fail(Reason::Depth);
                }
                let mapping = matches!(event, Event::MappingStart(..));
                self.json.push(if mapping { '{' } else { '[' });
                self.open.push(Open { mapping, count: 0 });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let mapping = self.open.pop().is_some_and(|open| open.mapping);
                self.json.push(if mapping { '}' } else { ']' });
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    /// Writes what stands in front of the next key or value; true for a key.
    fn next(&mut self) -> bool {
        let Some(open) = self.open.last_mut() else {
            return false;
        };
        let is_key = open.mapping && open.count.is_multiple_of(2);
        if open.mapping && !is_key {
            self.json.push(':');
        } else if open.count > 0 {
            self.json.push(',');
        }
        open.count += 1;
        is_key
    }
}

/// Why a text is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What stands there.
    pub reason: Reason,
}

/// What is wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is not YAML; in the parser's words.
    Syntax {
        /// The words.
        message: String,
    },
    /// An alias, such as `*name`.
    Alias,
    /// A mapping or sequence as a key.
    Key,
    /// Mappings and sequences too deep in one another.
    Depth,
    /// A second document behind the first.
    SecondDocument,
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        match &self.reason {
            Reason::Syntax { message } => f.write_str(message),
            Reason::Alias => f.write_str("an alias, which is not followed here"),
            Reason::Key => f.write_str("a key that is not a text"),
            Reason::Depth => write!(f, "nested {} deep, at most {DEPTH} are read", DEPTH + 1),
            Reason::SecondDocument => f.write_str("a second document, there may be one"),
        }
    }
}

impl std::error::Error for YamlError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(yaml: &str) -> String {
        to_json(yaml).unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn scalars_are_texts_as_they_are_written() {
        assert_eq!(
            json("a: 10.0\nb: yes\nc: 'it''s'\nd: \"\\u00e9\"\n"),
            r#"{"a":"10.0","b":"yes","c":"it's","d":"é"}"#
        );
        assert_eq!(
            json("a:\nb: ~\nc: null\nd: ''\nnull: x\n"),
            r#"{"a":null,"b":null,"c":null,"d":"","null":"x"}"#
        );
        assert_eq!(
            json("- a\n- [b, {c: d}]\n- []\n- {}\n"),
            r#"["a",["b",{"c":"d"}],[],{}]"#
        );
        assert_eq!(json("a: |\n  one\n  two\n"), r#"{"a":"one\ntwo\n"}"#);
        assert_eq!(json("a: 1\na: 2\n"), r#"{"a":"1","a":"2"}"#);
        assert_eq!(json(""), "null");
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(
            json("? [a]\n: b\n"),
            "line 1, column 3: a key that is not a text"
        );
        assert_eq!(
            json("a\n---\nb\n"),
            "line 2, column 1: a second document, there may be one"
        );
        assert!(json("a: [b\n").starts_with("line "), "{}", json("a: [b\n"));
        assert!(
            json("a: b: c\n").starts_with("line 1, column "),
            "{}",
            json("a: b: c\n")
        );
        assert!(json(&"[".repeat(100_000)).starts_with("line "));
    }

    #[test]
    fn what_is_nested_deeper_than_core_reads_is_refused_at_its_place() {
        let nested = |deep: usize| {
            (0..deep)
                .map(|level| " ".repeat(level) + "a:\n")
                .collect::<String>()
        };
        let read = |deep: usize| waybill_core::json::read(json(&nested(deep)).as_bytes()).is_ok();
        assert!(read(DEPTH));
        assert_eq!(
            json(&nested(DEPTH + 1)),
            "line 129, column 129: nested 129 deep, at most 128 are read"
        );
        assert_eq!(json(&nested(3_000)), json(&nested(DEPTH + 1)));
    }
}
