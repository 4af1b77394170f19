//! Values read one by one, leniently: what is missing or of another kind is left out.

use crate::humanize::start;
use crate::json::{Object, Value};

use super::Section;

/// The longest text that is kept of a value, in characters.
const CHARACTERS: usize = 1_000;

/// How many facts a section has.
const FACTS: usize = 200;

/// How many findings of one kind are told.
pub(super) const FINDINGS: usize = 20;

/// Cuts a text that is long.
pub(super) fn cut(text: &str) -> String {
    let kept = start(text, CHARACTERS);
    let is_cut = kept.len() < text.len();
    [kept, if is_cut { "…" } else { "" }].concat()
}

/// The value that a path of names leads to.
pub(super) fn at<'v, 'a>(object: &'v Object<'a>, path: &[&str]) -> Option<&'v Value<'a>> {
    let (last, first) = path.split_last()?;
    let mut inside = object;
    for name in first {
        inside = inside.get(name)?.as_object()?;
    }
    inside.get(last)
}

/// The array there; empty where there is none.
pub(super) fn array<'v, 'a>(object: &'v Object<'a>, path: &[&str]) -> &'v [Value<'a>] {
    at(object, path)
        .and_then(Value::as_array)
        .unwrap_or_default()
}

/// The text there, whole; a number or a truth value as it is written.
pub(super) fn whole(object: &Object<'_>, path: &[&str]) -> Option<String> {
    match at(object, path)? {
        Value::String(text) => Some(text.clone().into_owned()),
        value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_text()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The text there, cut; empty where there is none.
pub(super) fn text(object: &Object<'_>, path: &[&str]) -> String {
    whole(object, path).map_or_else(String::new, |text| cut(&text))
}

/// The texts in an array, one behind the other.
pub(super) fn texts(object: &Object<'_>, path: &[&str]) -> String {
    let texts = array(object, path)
        .iter()
        .take(FACTS)
        .filter_map(Value::as_str);
    cut(&texts.collect::<Vec<_>>().join(", "))
}

impl Section {
    pub(super) fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            ..Self::default()
        }
    }

    /// Adds a fact, unless there is nothing to say.
    pub(super) fn says(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if value.is_empty() {
        } else if self.facts.len() < FACTS {
            self.facts.push((cut(name), value));
        } else {
            self.beyond += 1;
        }
    }

    /// Adds the text that a path leads to.
    pub(super) fn text(&mut self, name: &str, object: &Object<'_>, path: &[&str]) {
        self.says(name, text(object, path));
    }

    /// Adds everything in a value, each with the way to it.
    pub(super) fn all(&mut self, value: &Value<'_>) {
        self.below("", value, 0);
    }

    fn below(&mut self, way: &str, value: &Value<'_>, depth: usize) {
        /// What lies deeper is told as it is written.
        const DEEP: usize = 6;
        let join = |name: &str| match way {
            "" => name.to_owned(),
            way => [way, ".", name].concat(),
        };
        match value {
            Value::Object(object) if depth < DEEP && !object.is_empty() => {
                for (name, value) in object.iter() {
                    self.below(&cut(&join(name)), value, depth + 1);
                }
            }
            Value::Array(values) if depth < DEEP && !values.is_empty() => {
                for (place, value) in values.iter().enumerate() {
                    self.below(&cut(&join(&place.to_string())), value, depth + 1);
                }
            }
            Value::String(text) => self.says(way, cut(text)),
            // As it is written may be long.
            value => self.says(way, cut(&value.to_text())),
        }
    }

    /// The section, where something is in it.
    pub(super) fn filled(self) -> Option<Self> {
        (!self.facts.is_empty()).then_some(self)
    }
}

/// What a set of digests says, in one text: `sha256:…, gitCommit:…`.
pub(super) fn digests(object: &Object<'_>, path: &[&str]) -> String {
    let set = at(object, path).and_then(Value::as_object);
    let each = set.into_iter().flat_map(Object::iter).take(FINDINGS);
    let texts = each.filter_map(|(name, value)| Some([name, ":", value.as_str()?].concat()));
    cut(&texts.collect::<Vec<_>>().join(", "))
}
