//! A JSON value: order and duplicate names are kept, and numbers as they were written.
//!
//! Looking up a name takes the first of equal ones; going over the members shows all of them.
//! Clients in Go take the last, and merge objects of one name; others differ. So neither is what
//! everybody sees, and a name that stands twice is an error whatever is shown.
//!
//! Numbers are equal where their texts are: `1.0` is not `1`. Objects with the same members in
//! another order differ.

use std::borrow::Cow;

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
    ///
    /// `1.0` and `1e3` are `None`, as is a negative number.
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
    ///
    /// Needed where the value was parsed from a repaired copy that does not live on.
    pub(super) fn into_owned<'b>(self) -> Value<'b> {
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
}

/// The members of a JSON object in their order, duplicates kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object<'a> {
    pub(super) members: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> Object<'a> {
    /// The object without members.
    pub(crate) const EMPTY: Self = Self {
        members: Vec::new(),
    };

    /// The first member of exactly that name; `null` counts as absent, as it does in every client.
    ///
    /// A member that is `null` hides a later one of the same name: the first counts, whatever
    /// it is. `Some(Value::Null)` never comes back.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.first(name)
            .filter(|value| !matches!(value, Value::Null))
    }

    /// The first member of exactly that name, `null` too.
    pub(crate) fn first(&self, name: &str) -> Option<&Value<'a>> {
        self.members
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// Every member in order.
    ///
    /// Also those that `get` does not show: later ones of a name, and `null`.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.members
            .iter()
            .map(|(key, value)| (key.as_ref(), value))
    }

    /// How many members there are.
    ///
    /// Those of one name and those that are `null` count, each.
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
