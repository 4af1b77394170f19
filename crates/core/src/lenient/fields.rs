//! The members of one object, asked for by name.
//!
//! Longer than most files: one method for each kind of member that a document may have.

use crate::finding::Code;
use crate::json::{Object, Pointer, Value};
use crate::media_type::MediaType;

use super::path::Path;
use super::{Reader, fold};

/// An object of a document and its place there.
///
/// Each method reads one member. A member that is absent is `None` or empty without a finding
/// ([`missing`](Self::missing) says that it had to be there); one that is `null` or of another
/// kind is so with a finding at its place. So a member is read once.
///
/// ```text
/// let platform = entry.object("platform")?;   // Fields at /manifests/0/platform
/// let os = platform.text("os");               // a finding, if any, is at /manifests/0/platform/os
/// ```
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'f> {
    reader: &'f Reader,
    object: &'f Object<'f>,
    path: Path<'f>,
    /// What is found where a member that is read is `null`.
    null: Option<Code>,
}

/// What a member has to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// A text.
    Text,
    /// A list.
    Array,
    /// An object, whatever it stands for.
    Object,
    /// A number.
    Number,
    /// True or false.
    Flag,
}

impl Kind {
    /// The kind with its article, and what clients in Go read where `null` stands: the value that
    /// their decoder leaves untouched (Go, `encoding/json`, `Unmarshal`).
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("a string", "\"\""),
            Self::Array => ("an array", "an empty list"),
            Self::Object => ("an object", "an empty one"),
            Self::Number => ("a number", "0"),
            Self::Flag => ("true or false", "false"),
        }
    }
}

/// A value of a document that may be of any kind, and its place there.
///
/// Elements of an array come as these, and each knows its index by its pointer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'f> {
    reader: &'f Reader,
    value: &'f Value<'f>,
    path: Path<'f>,
}

impl<'f> Field<'f> {
    /// Returns the place.
    pub(crate) fn pointer(&self) -> Pointer {
        self.path.to_pointer()
    }

    /// Goes into the value; where it is no object, says so in the words "`noun` is an object".
    pub(crate) fn fields(self, noun: &str) -> Option<Fields<'f>> {
        match self.value {
            Value::Object(object) => Some(Fields {
                reader: self.reader,
                object,
                path: self.path,
                null: Some(Code::NullValue),
            }),
            Value::Null => {
                let message = format!("null, {noun} is an object; clients in Go read an empty one");
                self.reader
                    .find(Code::NullRequired, self.pointer(), message);
                None
            }
            other => {
                let message = format!("{}, {noun} is an object", other.kind());
                self.reader.find(Code::WrongType, self.pointer(), message);
                None
            }
        }
    }

    /// Goes into the value, where it is an object.
    pub(crate) fn as_fields(self) -> Option<Fields<'f>> {
        Some(Fields {
            reader: self.reader,
            object: self.value.as_object()?,
            path: self.path,
            null: Some(Code::NullValue),
        })
    }
}

impl<'f> Fields<'f> {
    /// The members of the document itself.
    pub(crate) fn root(reader: &'f Reader, object: &'f Object<'f>) -> Self {
        Self {
            reader,
            object,
            path: Path::Root,
            null: Some(Code::NullValue),
        }
    }

    /// The same object, for reading members that have to be there: `null` in their place is an
    /// error. That one is not there at all is for [`require`](Self::require) to say.
    pub(crate) fn required(&self) -> Self {
        Self {
            null: Some(Code::NullRequired),
            ..*self
        }
    }

    /// The same object, for reading members that may be `null`, or that are read a second time.
    pub(crate) fn nullable(&self) -> Self {
        Self {
            null: None,
            ..*self
        }
    }

    /// Returns who gathers the findings.
    pub(crate) fn reader(&self) -> &'f Reader {
        self.reader
    }

    /// Returns the object itself.
    pub(crate) fn members(&self) -> &'f Object<'f> {
        self.object
    }

    /// Returns the place of the object.
    pub(crate) fn pointer(&self) -> Pointer {
        self.path.to_pointer()
    }

    /// Returns the place of a member, whether it is there or not.
    ///
    /// The name is escaped as RFC 6901 has it.
    pub(crate) fn pointer_to(&self, name: &str) -> Pointer {
        Path::Member(&self.path, name).to_pointer()
    }

    /// Adds a finding about the object.
    ///
    /// The pointer is the object's own, not that of a member.
    pub(crate) fn find(&self, code: Code, message: impl Into<String>) {
        self.reader.find(code, self.pointer(), message);
    }

    /// Adds a finding about a member.
    pub(crate) fn find_at(&self, name: &str, code: Code, message: impl Into<String>) {
        self.reader.find(code, self.pointer_to(name), message);
    }

    /// Says that a required member is not there, at the object that lacks it.
    ///
    /// A member that is not there has no place, so the object is pointed at.
    pub(crate) fn missing(&self, name: &str) {
        self.find(Code::MissingField, format!("{name} is missing"));
    }

    /// Says that a required member is not there, if it is not; of one that is `null` its reading
    /// says so.
    pub(crate) fn require(&self, name: &str) {
        if self.is_absent(name) {
            self.missing(name);
        }
    }

    /// Whether a member is not there, not even as `null`.
    pub(crate) fn is_absent(&self, name: &str) -> bool {
        self.object.first(name).is_none()
    }

    /// Says that a member is `null`, if it is: what belongs there, and what clients in Go read.
    pub(crate) fn find_null(&self, name: &str, kind: Kind) {
        if let (Some(Value::Null), Some(code)) = (self.object.first(name), self.null) {
            let pointer = self.pointer_to(name);
            self.reader.null(code, pointer, name, kind);
        }
    }

    /// Returns a member; of one that is `null`, says so.
    fn value(&self, name: &str, kind: Kind) -> Option<&'f Value<'f>> {
        match self.object.first(name)? {
            Value::Null => {
                self.find_null(name, kind);
                None
            }
            value => Some(value),
        }
    }

    /// Whether a member is there and not `null`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some()
    }

    /// Returns a member as it is.
    ///
    /// Of members of one name the first counts, and the scan has told that there are several.
    /// `null` is `None`.
    pub(crate) fn get(&self, name: &str) -> Option<&'f Value<'f>> {
        self.object.get(name)
    }

    /// Returns every member as it is, in order, duplicates and `null` too.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'f str, &'f Value<'f>)> {
        self.object.iter()
    }

    /// Returns a member of any kind, with its place.
    pub(crate) fn field<'s>(&'s self, name: &'s str) -> Option<Field<'s>> {
        Some(Field {
            reader: self.reader,
            value: self.object.get(name)?,
            path: Path::Member(&self.path, name),
        })
    }

    /// Adds the finding that a member is of another kind than it has to be.
    fn wrong_type(&self, name: &str, kind: Kind, value: &Value<'_>) {
        let message = format!(
            "{name} is {}, it has to be {}",
            value.kind(),
            kind.words().0
        );
        self.find_at(name, Code::WrongType, message);
    }

    /// Reads a member as text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.borrowed(name).map(str::to_owned)
    }

    /// Reads a member as text; empty text counts as absent, as Go writes it for none.
    pub(crate) fn some_text(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// Reads a member as text that is borrowed from the document.
    fn borrowed(&self, name: &str) -> Option<&'f str> {
        match self.value(name, Kind::Text)? {
            Value::String(text) => {
                self.reader.hidden(text, || self.pointer_to(name));
                Some(text)
            }
            other => {
                self.wrong_type(name, Kind::Text, other);
                None
            }
        }
    }

    /// Reads a member as an object, and goes into it.
    pub(crate) fn object<'s>(&'s self, name: &'s str) -> Option<Fields<'s>> {
        match self.value(name, Kind::Object)? {
            Value::Object(object) => Some(Fields {
                reader: self.reader,
                object,
                path: Path::Member(&self.path, name),
                null: Some(Code::NullValue),
            }),
            other => {
                self.wrong_type(name, Kind::Object, other);
                None
            }
        }
    }

    /// Reads a member as an array; the elements may be of any kind.
    ///
    /// Absent and wrong are both empty; whoever needs to know asks [`has`](Self::has).
    pub(crate) fn array<'s>(
        &'s self,
        name: &'s str,
    ) -> impl DoubleEndedIterator<Item = Field<'s>> + ExactSizeIterator {
        let elements = self.values(name).iter().enumerate();
        elements.map(move |(index, value)| Field {
            reader: self.reader,
            value,
            path: Path::Element(&self.path, name, index),
        })
    }

    fn values(&self, name: &str) -> &'f [Value<'f>] {
        match self.value(name, Kind::Array) {
            None => &[],
            Some(Value::Array(values)) => values,
            Some(other) => {
                self.wrong_type(name, Kind::Array, other);
                &[]
            }
        }
    }

    /// Reads a member as a list of texts; elements of another kind are left out with a finding.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let values = self.values(name);
        let mut texts = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            let pointer = || Path::Element(&self.path, name, index).to_pointer();
            match value {
                Value::String(text) => {
                    self.reader.hidden(text, pointer);
                    texts.push(text.clone().into_owned());
                }
                Value::Null => {
                    let name = index.to_string();
                    self.reader
                        .null(Code::NullValue, pointer(), &name, Kind::Text);
                }
                other => {
                    let message = format!("{index} is {}, it has to be a string", other.kind());
                    self.reader.find(Code::WrongType, pointer(), message);
                }
            }
        }
        texts
    }

    /// Returns the texts of a list with their index in it, and nothing else: what is no text has
    /// its finding by [`texts`](Self::texts), and is counted here.
    pub(crate) fn text_elements(&self, name: &str) -> impl Iterator<Item = (usize, &'f str)> {
        let values = self.get(name).and_then(Value::as_array);
        let elements = values.unwrap_or_default().iter().enumerate();
        elements.filter_map(|(index, value)| Some((index, value.as_str()?)))
    }

    /// Reads all members as texts, in the author's order; those of another kind are left out
    /// with a finding, and `null` is an empty text with one, as clients in Go read it.
    pub(crate) fn all_texts(&self) -> Vec<(String, String)> {
        let mut pairs = Vec::with_capacity(self.object.len());
        for (name, value) in self.object.iter() {
            match value {
                Value::String(text) => {
                    let pointer = || self.pointer_to(name);
                    if !self.reader.hidden(name, pointer) {
                        self.reader.hidden(text, pointer);
                    }
                    pairs.push((name.to_owned(), text.clone().into_owned()));
                }
                Value::Null => {
                    let pointer = self.pointer_to(name);
                    self.reader.null(Code::NullValue, pointer, name, Kind::Text);
                    pairs.push((name.to_owned(), String::new()));
                }
                other => self.wrong_type(name, Kind::Text, other),
            }
        }
        pairs
    }

    /// Reads a member as true or false; absent is false.
    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.value(name, Kind::Flag) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(other) => {
                self.wrong_type(name, Kind::Flag, other);
                false
            }
        }
    }

    /// Reads a member as a size in bytes: a whole number from 0 to 2^63-1, the `int64` of
    /// image-spec `descriptor.md`.
    ///
    /// A fraction or an exponent, such as `1e3`, is no size for Go, so it is none here: a finding,
    /// and `None`.
    pub(crate) fn size(&self, name: &str) -> Option<u64> {
        match self.value(name, Kind::Number)? {
            value @ Value::Number(number) => {
                let size = value.as_u64().filter(|size| i64::try_from(*size).is_ok());
                if size.is_none() {
                    let message =
                        format!("{name} is {number}, it has to be a whole number from 0 to 2^63-1");
                    self.find_at(name, Code::SizeInvalid, message);
                }
                size
            }
            other => {
                self.wrong_type(name, Kind::Number, other);
                None
            }
        }
    }

    /// Reads a member as a number of at least 1; 0 and less count as absent, as Docker has it for
    /// durations and counts.
    ///
    /// A fraction or an exponent is no whole number for Go, so it is none here.
    pub(crate) fn count(&self, name: &str) -> Option<u64> {
        match self.value(name, Kind::Number)? {
            Value::Number(number) if number.bytes().any(|byte| b".eE".contains(&byte)) => {
                let message = format!("{name} is {number}, it has to be a whole number");
                self.find_at(name, Code::WrongType, message);
                None
            }
            value @ Value::Number(_) => value.as_u64().filter(|number| *number > 0),
            other => {
                self.wrong_type(name, Kind::Number, other);
                None
            }
        }
    }

    /// Reads a member as a media type; one that is malformed is kept, with a finding.
    ///
    /// An empty text counts as absent, as clients in Go take it: `find_empty` says so.
    pub(crate) fn media_type(&self, name: &str) -> Option<MediaType> {
        let text = self.borrowed(name)?;
        if text.is_empty() {
            return None;
        }
        if let Some(known) = MediaType::known(text) {
            return Some(known);
        }
        let media_type = MediaType::new(text);
        if !media_type.is_well_formed() {
            let message = format!(
                "{name} is {:?}, it has to be of the form type/subtype",
                media_type.as_str()
            );
            self.find_at(name, Code::MediaTypeMalformed, message);
        } else if media_type.as_str().bytes().any(|b| b.is_ascii_uppercase())
            && media_type.meaning().is_some()
        {
            let message = format!("{name} is {media_type}, it is defined in lower case");
            self.find_at(name, Code::MediaTypeCase, message);
        }
        Some(media_type)
    }

    /// Says that a member is an empty text, if it is; clients in Go take that for a member that is
    /// not there.
    pub(crate) fn find_empty(&self, name: &str, code: Code) -> bool {
        let is_empty = self.get(name).and_then(Value::as_str) == Some("");
        if is_empty {
            let message = format!("{name} is \"\", which clients in Go take as missing");
            self.find_at(name, code, message);
        }
        is_empty
    }

    /// Says which known names the object lacks and holds in another case.
    ///
    /// What differs in case from a name that is there was found by the scan ([`crate::json`]).
    /// Returns whether there is any name that is not among the known ones, for
    /// [`unknown`](Self::unknown).
    pub(crate) fn names(&self, known: &[&str]) -> bool {
        let mut is_any_unknown = false;
        let mut variants: Vec<(usize, &str)> = Vec::new();
        for (name, _) in self.iter().filter(|(name, _)| !known.contains(name)) {
            is_any_unknown = true;
            let meant = known.iter().position(|known| fold(known).eq(fold(name)));
            if let Some(meant) =
                meant.filter(|meant| variants.iter().all(|(other, _)| other != meant))
            {
                variants.push((meant, name));
            }
        }
        for (meant, name) in variants {
            if !self.iter().any(|(other, _)| other == known[meant]) {
                let message = format!("{name:?} differs only in case from {:?}", known[meant]);
                self.find_at(name, Code::CaseVariantName, message);
            }
        }
        is_any_unknown
    }

    /// Returns the members that are not among the known ones, as JSON text.
    ///
    /// Their names are as written, case included. They are shown and never judged: image-spec lets
    /// implementations ignore what they do not know.
    pub(crate) fn unknown(&self, known: &[&str]) -> Vec<(String, String)> {
        let rest = self.iter().filter(|(name, _)| !known.contains(name));
        rest.map(|(name, value)| (name.to_owned(), value.to_text()))
            .collect()
    }
}
