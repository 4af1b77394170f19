//! From text that was scanned to the part of a value that somebody wants: long lists are handed
//! over element by element, and what nobody reads is gone over and never kept.
//!
//! The rest is as in [`parse`](super::parse): `serde_json` parses, and the scan gives the numbers
//! their text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::parse::{Name, Values};
use super::repair::{Repair, repaired};
use super::value::{Object, Value};

/// What is kept of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// All of it.
    All,
    /// A text, number or word. An array or object is empty then.
    Plain,
    /// Of an object what the sieve says of each of its members; anything else as `Plain`.
    Sifted,
    /// Of an array each element is told, and none is kept; anything else as `Plain`.
    Each,
    /// Nothing: it is `null` then, or empty.
    Nothing,
}

/// Says what is wanted of an object.
pub(crate) trait Sieve {
    /// Says what is kept of the member of that name, in the object that lies so deep; the
    /// outermost is 0. Of equal names the first counts: the others are never sifted or told.
    fn member(&mut self, depth: usize, name: &str) -> Keep;

    /// Takes an element.
    fn element(&mut self, element: &Value<'_>);
}

/// What is wanted of the value that `text` is; else as [`parse::value`](super::parse::value).
pub(super) fn value<'a>(
    text: &'a str,
    numbers: &[&'a str],
    repairs: &[Repair],
    sieve: &mut dyn Sieve,
) -> Result<Value<'a>, serde_json::Error> {
    if repairs.is_empty() {
        return deserialize(text, numbers, sieve);
    }
    deserialize(&repaired(text, repairs), numbers, sieve).map(Value::into_owned)
}

fn deserialize<'a>(
    text: &'a str,
    numbers: &[&'a str],
    sieve: &mut dyn Sieve,
) -> Result<Value<'a>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // The scan has held the text to our limit.
    deserializer.disable_recursion_limit();
    Sifted {
        numbers: &mut numbers.iter().copied(),
        sieve,
        depth: 0,
        keep: Keep::Sifted,
    }
    .deserialize(&mut deserializer)
}

/// Makes the next value, as far as it is wanted.
struct Sifted<'n, 'a> {
    numbers: &'n mut dyn Iterator<Item = &'a str>,
    sieve: &'n mut dyn Sieve,
    /// How deep an object lies that is sifted.
    depth: usize,
    keep: Keep,
}

impl<'a> Sifted<'_, 'a> {
    /// What makes a value in this one.
    fn inner(&mut self, keep: Keep) -> Sifted<'_, 'a> {
        Sifted {
            numbers: &mut *self.numbers,
            sieve: &mut *self.sieve,
            depth: self.depth + 1,
            keep,
        }
    }

    fn number(self) -> Value<'a> {
        let numbers = self.numbers;
        Values { numbers }.number()
    }
}

impl<'de> DeserializeSeed<'de> for Sifted<'_, 'de> {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'de>, D::Error> {
        let numbers = self.numbers;
        match self.keep {
            Keep::All => Values { numbers }.deserialize(deserializer),
            Keep::Plain | Keep::Sifted | Keep::Each | Keep::Nothing => {
                deserializer.deserialize_any(Self { numbers, ..self })
            }
        }
    }
}

impl<'de> Visitor<'de> for Sifted<'_, 'de> {
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
        if self.keep == Keep::Nothing {
            return Ok(Value::Null);
        }
        Ok(Value::String(Cow::Owned(value.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<Value<'de>, A::Error> {
        let keep = match self.keep {
            Keep::Each => Keep::All,
            _ => Keep::Nothing,
        };
        while let Some(element) = access.next_element_seed(self.inner(keep))? {
            if keep == Keep::All {
                self.sieve.element(&element);
            }
        }
        Ok(Value::Array(Vec::new()))
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut access: A) -> Result<Value<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(Name(name)) = access.next_key()? {
            if self.keep != Keep::Sifted {
                access.next_value_seed(self.inner(Keep::Nothing))?;
                continue;
            }
            let mut keep = self.sieve.member(self.depth, &name);
            let is_same = |(known, _): &(Cow<'_, str>, _)| *known == name;
            if matches!(keep, Keep::Sifted | Keep::Each) && members.iter().any(is_same) {
                keep = Keep::Plain;
            }
            let value = access.next_value_seed(self.inner(keep))?;
            members.push((name, value));
        }
        Ok(Value::Object(Object { members }))
    }
}
