//! Lenient reading: each member is taken if it can be, and a finding says so if it cannot.

use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::json::{Anomaly, Object, Value, child_pointer};
use crate::media_type::MediaType;

pub(crate) use crate::json::{first_equals, fold};

/// Collects findings while members are read.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) findings: Vec<Finding>,
}

impl Reader {
    /// Begins with what was found while the document was read as JSON.
    pub(crate) fn new(anomalies: Vec<Anomaly>) -> Self {
        let findings = anomalies.into_iter().map(Finding::from).collect();
        Self { findings }
    }

    pub(crate) fn find(
        &mut self,
        code: Code,
        pointer: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.findings.push(Finding::new(code, pointer, message));
    }

    fn wrong_type(&mut self, pointer: &str, name: &str, wanted: &str, value: &Value<'_>) {
        let message = format!("{name} is {}, it has to be {wanted}", value.kind());
        self.find(Code::WrongType, child_pointer(pointer, name), message);
    }

    /// Says that a required member is not there.
    pub(crate) fn missing(&mut self, pointer: &str, name: &str) {
        self.find(Code::MissingField, pointer, format!("{name} is missing"));
    }

    /// The member as text.
    pub(crate) fn text(
        &mut self,
        object: &Object<'_>,
        pointer: &str,
        name: &str,
    ) -> Option<String> {
        self.borrowed(object, pointer, name).map(str::to_owned)
    }

    fn borrowed<'v>(
        &mut self,
        object: &'v Object<'_>,
        pointer: &str,
        name: &str,
    ) -> Option<&'v str> {
        match object.get(name)? {
            Value::String(text) => {
                self.hidden(text, || child_pointer(pointer, name));
                Some(text)
            }
            other => {
                self.wrong_type(pointer, name, "a string", other);
                None
            }
        }
    }

    /// The member as an array.
    pub(crate) fn array<'v, 'a>(
        &mut self,
        object: &'v Object<'a>,
        pointer: &str,
        name: &str,
    ) -> Option<&'v [Value<'a>]> {
        match object.get(name)? {
            Value::Array(values) => Some(values),
            other => {
                self.wrong_type(pointer, name, "an array", other);
                None
            }
        }
    }

    /// The member as an object.
    pub(crate) fn object<'v, 'a>(
        &mut self,
        object: &'v Object<'a>,
        pointer: &str,
        name: &str,
    ) -> Option<&'v Object<'a>> {
        match object.get(name)? {
            Value::Object(members) => Some(members),
            other => {
                self.wrong_type(pointer, name, "an object", other);
                None
            }
        }
    }

    /// The member as a list of texts; elements of another kind are left out with a finding.
    pub(crate) fn texts(&mut self, object: &Object<'_>, pointer: &str, name: &str) -> Vec<String> {
        let Some(values) = self.array(object, pointer, name) else {
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            match value {
                Value::String(text) => {
                    self.hidden(text, || format!("{}/{index}", child_pointer(pointer, name)));
                    texts.push(text.clone().into_owned());
                }
                other => self.wrong_type(
                    &child_pointer(pointer, name),
                    &index.to_string(),
                    "a string",
                    other,
                ),
            }
        }
        texts
    }

    /// The member as a map of texts in the author's order; values of another kind are left out with a finding.
    pub(crate) fn text_map(
        &mut self,
        object: &Object<'_>,
        pointer: &str,
        name: &str,
    ) -> Vec<(String, String)> {
        let Some(members) = self.object(object, pointer, name) else {
            return Vec::new();
        };
        let inside = child_pointer(pointer, name);
        let mut pairs = Vec::with_capacity(members.len());
        for (key, value) in members.iter() {
            match value {
                Value::String(text) => {
                    if !self.hidden(key, || child_pointer(&inside, key)) {
                        self.hidden(text, || child_pointer(&inside, key));
                    }
                    pairs.push((key.to_owned(), text.clone().into_owned()));
                }
                other => self.wrong_type(&inside, key, "a string", other),
            }
        }
        pairs
    }

    /// The member as true or false; absent is false.
    pub(crate) fn flag(&mut self, object: &Object<'_>, pointer: &str, name: &str) -> bool {
        match object.get(name) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(other) => {
                self.wrong_type(pointer, name, "true or false", other);
                false
            }
        }
    }

    /// The member as a size in bytes: a whole number from 0 to 2^63-1.
    pub(crate) fn size(&mut self, object: &Object<'_>, pointer: &str, name: &str) -> Option<u64> {
        match object.get(name)? {
            value @ Value::Number(number) => {
                let size = value.as_u64().filter(|size| i64::try_from(*size).is_ok());
                if size.is_none() {
                    let message =
                        format!("{name} is {number}, it has to be a whole number from 0 to 2^63-1");
                    self.find(Code::SizeInvalid, child_pointer(pointer, name), message);
                }
                size
            }
            other => {
                self.wrong_type(pointer, name, "a number", other);
                None
            }
        }
    }

    /// The member as a media type.
    pub(crate) fn media_type(
        &mut self,
        object: &Object<'_>,
        pointer: &str,
        name: &str,
    ) -> Option<MediaType> {
        let text = self.borrowed(object, pointer, name)?;
        if let Some(known) = MediaType::known(text) {
            return Some(known);
        }
        let media_type = MediaType::new(text);
        if !media_type.is_well_formed() {
            let message = format!(
                "{name} is {:?}, it has to be of the form type/subtype",
                media_type.as_str()
            );
            self.find(
                Code::MediaTypeMalformed,
                child_pointer(pointer, name),
                message,
            );
        } else if media_type.as_str().bytes().any(|b| b.is_ascii_uppercase())
            && media_type.meaning().is_some()
        {
            let message = format!("{name} is {media_type}, it is defined in lower case");
            self.find(Code::MediaTypeCase, child_pointer(pointer, name), message);
        }
        Some(media_type)
    }

    /// The text as a digest.
    pub(crate) fn digest(
        &mut self,
        text: &str,
        pointer: impl FnOnce() -> String,
    ) -> Option<Digest> {
        match text.parse::<Digest>() {
            Ok(digest) => {
                if digest.algorithm().is_none() {
                    let message = format!("{} cannot be computed here", digest.algorithm_name());
                    self.find(Code::DigestUnsupported, pointer(), message);
                }
                Some(digest)
            }
            Err(error) => {
                self.find(Code::DigestMalformed, pointer(), error.to_string());
                None
            }
        }
    }

    /// Says that `text` holds characters that do not show; whether it does. Most text is ASCII, and has none.
    fn hidden(&mut self, text: &str, pointer: impl FnOnce() -> String) -> bool {
        let hidden = if text.is_ascii() {
            None
        } else {
            text.chars().find(|character| is_hidden(*character))
        };
        if let Some(character) = hidden {
            let message = format!(
                "the text holds U+{:04X}, which does not show",
                character as u32
            );
            self.find(Code::HiddenCharacters, pointer(), message);
        }
        hidden.is_some()
    }

    /// Says which known names an object lacks and holds in another case.
    ///
    /// What differs in case from a name that is there was found by the scan ([`crate::json`]).
    pub(crate) fn names(&mut self, object: &Object<'_>, pointer: &str, known: &[&str]) {
        let known_at = |name: &str| known.iter().position(|known| *known == name);
        let mut variants: Vec<(usize, &str)> = Vec::new();
        for (name, _) in object.iter().filter(|(name, _)| known_at(name).is_none()) {
            let meant = known.iter().position(|known| fold(known).eq(fold(name)));
            if let Some(meant) =
                meant.filter(|meant| variants.iter().all(|(other, _)| other != meant))
            {
                variants.push((meant, name));
            }
        }
        for (meant, name) in variants {
            if !object.iter().any(|(other, _)| other == known[meant]) {
                let message = format!("{name:?} differs only in case from {:?}", known[meant]);
                self.find(Code::CaseVariantName, child_pointer(pointer, name), message);
            }
        }
    }
}

/// Whether a character does not show, or changes the direction of the text around it.
///
/// Source: Unicode, `Bidi_Control` and `Default_Ignorable_Code_Point`.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'
            | '\u{2066}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e01ef}'
    )
}

/// The members of an object that are not among the known ones, as JSON text.
pub(crate) fn unknown(object: &Object<'_>, known: &[&str]) -> Vec<(String, String)> {
    let rest = object.iter().filter(|(name, _)| !known.contains(name));
    rest.map(|(name, value)| (name.to_owned(), value.to_text()))
        .collect()
}
