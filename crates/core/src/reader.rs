//! Lenient reading: each member is taken if it can be, and a finding says so if it cannot.

use std::borrow::Cow;
use std::collections::BinaryHeap;

use crate::digest::Digest;
use crate::finding::{Code, Finding};
use crate::json::{Object, Value, child_pointer};
use crate::media_type::MediaType;

/// Collects findings while members are read.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) findings: Vec<Finding>,
}

impl Reader {
    pub(crate) fn find(&mut self, code: Code, pointer: impl Into<String>, message: impl Into<String>) {
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
    pub(crate) fn text(&mut self, object: &Object<'_>, pointer: &str, name: &str) -> Option<String> {
        match object.get(name)? {
            Value::String(text) => {
                self.hidden(&child_pointer(pointer, name), text);
                Some(text.clone().into_owned())
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
        let Some(values) = self.array(object, pointer, name) else { return Vec::new() };
        let mut texts = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            match value {
                Value::String(text) => {
                    self.hidden(&format!("{}/{index}", child_pointer(pointer, name)), text);
                    texts.push(text.clone().into_owned());
                }
                other => self.wrong_type(&child_pointer(pointer, name), &index.to_string(), "a string", other),
            }
        }
        texts
    }

    /// The member as a map of texts in the author's order; values of another kind are left out with a finding.
    pub(crate) fn text_map(&mut self, object: &Object<'_>, pointer: &str, name: &str) -> Vec<(String, String)> {
        let Some(members) = self.object(object, pointer, name) else { return Vec::new() };
        let inside = child_pointer(pointer, name);
        self.repeated_names(members, &inside);
        let mut pairs = Vec::with_capacity(members.len());
        for (key, value) in members.iter() {
            match value {
                Value::String(text) => {
                    self.hidden(&child_pointer(&inside, key), &format!("{key}{text}"));
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
                    let message = format!("{name} is {number}, it has to be a whole number from 0 to 2^63-1");
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
    pub(crate) fn media_type(&mut self, object: &Object<'_>, pointer: &str, name: &str) -> Option<MediaType> {
        let media_type = MediaType::new(self.text(object, pointer, name)?);
        if !media_type.is_well_formed() {
            let message = format!("{name} is {:?}, it has to be of the form type/subtype", media_type.as_str());
            self.find(Code::MediaTypeMalformed, child_pointer(pointer, name), message);
        } else if media_type.as_str().bytes().any(|b| b.is_ascii_uppercase()) && media_type.meaning().is_some() {
            let message = format!("{name} is {media_type}, it is defined in lower case");
            self.find(Code::MediaTypeCase, child_pointer(pointer, name), message);
        }
        Some(media_type)
    }

    /// The text as a digest.
    pub(crate) fn digest(&mut self, pointer: String, text: &str) -> Option<Digest> {
        match text.parse::<Digest>() {
            Ok(digest) => {
                if digest.algorithm().is_none() {
                    let message = format!("{} cannot be computed here", digest.algorithm_name());
                    self.find(Code::DigestUnsupported, pointer, message);
                }
                Some(digest)
            }
            Err(error) => {
                self.find(Code::DigestMalformed, pointer, error.to_string());
                None
            }
        }
    }

    /// Says that `text` holds characters that do not show.
    fn hidden(&mut self, pointer: &str, text: &str) {
        if let Some(character) = text.chars().find(|character| is_hidden(*character)) {
            let message = format!("the text holds U+{:04X}, which does not show", character as u32);
            self.find(Code::HiddenCharacters, pointer, message);
        }
    }

    /// Says which names of an object stand there twice, or differ only by case from another or from a known one.
    pub(crate) fn names(&mut self, object: &Object<'_>, pointer: &str, known: &[&str]) {
        let names: Vec<&str> = known.iter().copied().chain(object.iter().map(|(name, _)| name)).collect();
        let exact = first_equals(names.iter().map(|name| Cow::Borrowed(*name)).collect());
        let folded = first_equals(names.iter().map(|name| Cow::Owned(fold(name).collect())).collect());
        let mut times = vec![0; names.len()];
        for (index, name) in names.iter().enumerate().skip(known.len()) {
            let times = &mut times[exact[index]];
            *times += 1;
            let other = names[folded[index]];
            // One finding a name is enough.
            if *times == 2 {
                self.found_twice(pointer, name);
            } else if *times == 1 && other != *name {
                let message = format!("{name:?} differs only in case from {other:?}");
                self.find(Code::CaseVariantName, child_pointer(pointer, name), message);
            }
        }
    }

    /// Says which names of a map of the author's own names stand there twice; in those, case tells names apart.
    pub(crate) fn repeated_names(&mut self, object: &Object<'_>, pointer: &str) {
        let first = first_equals(object.iter().map(|(name, _)| Cow::Borrowed(name)).collect());
        let mut times = vec![0; first.len()];
        for (index, (name, _)) in object.iter().enumerate() {
            times[first[index]] += 1;
            if times[first[index]] == 2 {
                self.found_twice(pointer, name);
            }
        }
    }

    fn found_twice(&mut self, pointer: &str, name: &str) {
        let message = format!("{name:?} stands here more than once");
        self.find(Code::DuplicateName, child_pointer(pointer, name), message);
    }
}

/// For each text the place of the first that is equal to it.
///
/// There may be 100,000 texts, so they are sorted: by a heap, whose code is a sixth of that of the library's sorts.
pub(crate) fn first_equals(texts: Vec<Cow<'_, str>>) -> Vec<usize> {
    let mut first: Vec<usize> = (0..texts.len()).collect();
    let sorted = texts.into_iter().zip(0..).collect::<BinaryHeap<_>>().into_sorted_vec();
    for pair in sorted.windows(2) {
        let ((text, place), (next_text, next_place)) = (&pair[0], &pair[1]);
        if text == next_text {
            first[*next_place] = first[*place];
        }
    }
    first
}

/// Case folding as Go's `encoding/json` does it, as far as a name that clients look for can be meant: these are
/// ASCII, and beside ASCII letters U+017F folds to `s` and U+212A to `k`.
pub(crate) fn fold(name: &str) -> impl Iterator<Item = char> {
    name.chars().map(|character| match character {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    })
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
    rest.map(|(name, value)| (name.to_owned(), value.to_text())).collect()
}
