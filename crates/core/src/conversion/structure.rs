//! An object as Go reads it into a struct and writes it again: only the members that the struct
//! has, in its order, each in Go's spelling.
//!
//! Names are matched without regard to case, as Go does; where two members match one field, clients
//! differ and nothing is written. `null` is an absent member. A member that the struct does not have
//! is lost, and told.
//!
//! Source: Go `encoding/json`.

use crate::json::{Object, Pointer, Value, Writer, fold};
use crate::time::is_time;

use super::{Document, Lost, Refusal};

/// What Go's zero time looks like.
pub(super) const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

/// A field of a struct.
pub(super) struct Field {
    /// Its name in JSON.
    pub(super) name: &'static str,
    /// What it holds.
    pub(super) kind: Kind,
    /// Whether it is left out where it is empty (`omitempty`). A [`Kind::Struct`] never is.
    pub(super) omit_empty: bool,
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// `string`.
    Text,
    /// `bool`.
    Flag,
    /// `int64`.
    Integer,
    /// `[]string`.
    Texts,
    /// `[]string`, of which one text alone is read too.
    Command,
    /// `map[string]struct{}`.
    Set,
    /// `map[string]string`.
    Map,
    /// `time.Time`, which is year 1 where it is absent.
    Time,
    /// `*time.Time`.
    OptionalTime,
    /// A struct.
    Struct(&'static [Field]),
    /// A pointer to a struct.
    OptionalStruct(&'static [Field]),
    /// A list of structs.
    Structs(&'static [Field]),
}

/// A field that is always written.
pub(super) const fn always(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        omit_empty: false,
    }
}

/// A field that is left out where it is empty.
pub(super) const fn unless_empty(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        omit_empty: true,
    }
}

/// A member of a map: its name, its value, and where that stands.
type Member<'o, 'a> = (&'o str, &'o Value<'a>, Pointer);

/// Reads members of one object by their names in any case.
#[derive(Clone)]
pub(super) struct Members<'o, 'a> {
    object: &'o Object<'a>,
    /// Where the object stands in the config.
    pub(super) pointer: Pointer,
}

impl<'o, 'a> Members<'o, 'a> {
    /// The members of an object that stands at `pointer`.
    pub(super) fn new(object: &'o Object<'a>, pointer: Pointer) -> Self {
        Self { object, pointer }
    }

    /// The one member of this name, and its own spelling; `None` also where it is `null`.
    pub(super) fn get(&self, name: &str) -> Result<Option<(&'o Value<'a>, Pointer)>, Refusal> {
        let mut same = self
            .object
            .iter()
            .filter(|(own, _)| fold(own).eq(fold(name)));
        let Some((own, value)) = same.next() else {
            return Ok(None);
        };
        let pointer = self.pointer.child(own);
        if same.next().is_some() {
            return Err(Refusal::Ambiguous(Document::Config, pointer));
        }
        Ok(Some((value, pointer)).filter(|(value, _)| **value != Value::Null))
    }

    /// A text; empty where it is absent.
    pub(super) fn text(&self, name: &str) -> Result<&'o str, Refusal> {
        let Some((value, pointer)) = self.get(name)? else {
            return Ok("");
        };
        value.as_str().ok_or_else(|| wrong(pointer, "a string"))
    }

    /// A flag; `false` where it is absent.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.get(name)? {
            None => Ok(false),
            Some((Value::Bool(flag), _)) => Ok(*flag),
            Some((_, pointer)) => Err(wrong(pointer, "true or false")),
        }
    }

    /// A time as Go prints it; `None` where it is absent.
    pub(super) fn time(&self, name: &str) -> Result<Option<String>, Refusal> {
        let Some((value, pointer)) = self.get(name)? else {
            return Ok(None);
        };
        let text = value
            .as_str()
            .ok_or_else(|| wrong(pointer.clone(), "a string"))?;
        reprinted(text).map(Some).ok_or(Refusal::NotATime(pointer))
    }

    /// Texts; `None` where there is no list. An element that is `null` is an empty text.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<&'o str>>, Refusal> {
        let Some((value, pointer)) = self.get(name)? else {
            return Ok(None);
        };
        let list = value
            .as_array()
            .ok_or_else(|| wrong(pointer.clone(), "a list of strings"))?;
        let text = |(index, value): (usize, &'o Value<'a>)| match value {
            Value::Null => Ok(""),
            Value::String(text) => Ok(text.as_ref()),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                Err(wrong(pointer.element(index), "a string"))
            }
        };
        list.iter()
            .enumerate()
            .map(text)
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// The elements of a list of objects; an element that is `null` has no members.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>, Refusal>
    where
        'a: 'o,
    {
        let Some((value, pointer)) = self.get(name)? else {
            return Ok(vec![]);
        };
        let list = value
            .as_array()
            .ok_or_else(|| wrong(pointer.clone(), "a list of objects"))?;
        let object = |(index, value): (usize, &'o Value<'a>)| {
            let pointer = pointer.element(index);
            match value {
                Value::Object(object) => Ok(Self::new(object, pointer)),
                Value::Null => Ok(Self::new(empty(), pointer)),
                Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                    Err(wrong(pointer, "an object"))
                }
            }
        };
        list.iter().enumerate().map(object).collect()
    }

    /// An object inside; one without members where it is absent.
    pub(super) fn object(&self, name: &str) -> Result<Option<Self>, Refusal> {
        let Some((value, pointer)) = self.get(name)? else {
            return Ok(None);
        };
        match value.as_object() {
            Some(object) => Ok(Some(Self::new(object, pointer))),
            None => Err(wrong(pointer, "an object")),
        }
    }

    /// The members of a map, sorted by name as Go writes maps.
    fn map(&self, name: &str) -> Result<Option<Vec<Member<'o, 'a>>>, Refusal> {
        let Some(map) = self.object(name)? else {
            return Ok(None);
        };
        let mut members: Vec<_> = map
            .object
            .iter()
            .map(|(name, value)| (name, value, map.pointer.child(name)))
            .collect();
        members.sort_by_key(|(name, _, _)| *name);
        if let Some(pair) = members.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(Refusal::Ambiguous(Document::Config, pair[0].2.clone()));
        }
        Ok(Some(members))
    }

    /// The members that no field takes.
    fn lost(&self, fields: &[Field], lost: &mut Vec<Lost>) {
        for (name, value) in self.object.iter() {
            let is_known = fields.iter().any(|field| fold(name).eq(fold(field.name)));
            if !is_known && *value != Value::Null {
                lost.push(Lost {
                    document: Document::Config,
                    pointer: self.pointer.child(name),
                });
            }
        }
    }
}

/// An object without members.
fn empty<'o>() -> &'o Object<'o> {
    static EMPTY: Object<'static> = Object::EMPTY;
    &EMPTY
}

fn wrong(pointer: Pointer, wanted: &'static str) -> Refusal {
    Refusal::WrongKind { pointer, wanted }
}

/// Writes an object as the struct of these fields, the value behind a name or an element; `lost`
/// gets what no field takes.
pub(super) fn write(
    members: &Members<'_, '_>,
    fields: &'static [Field],
    json: &mut Writer,
    lost: &mut Vec<Lost>,
) -> Result<(), Refusal> {
    members.lost(fields, lost);
    json.open('{');
    for field in fields {
        write_field(members, field, json, lost)?;
    }
    json.close('}');
    Ok(())
}

fn write_field(
    members: &Members<'_, '_>,
    field: &'static Field,
    json: &mut Writer,
    lost: &mut Vec<Lost>,
) -> Result<(), Refusal> {
    let (name, omit) = (field.name, field.omit_empty);
    match field.kind {
        Kind::Text => {
            let text = members.text(name)?;
            json.optional(name, Some(text).filter(|text| !omit || !text.is_empty()));
        }
        Kind::Flag => {
            let flag = members.flag(name)?;
            if flag || !omit {
                json.raw(name, if flag { "true" } else { "false" });
            }
        }
        Kind::Integer => {
            let number = match members.get(name)? {
                None => 0,
                Some((Value::Number(number), pointer)) => number
                    .parse::<i64>()
                    .map_err(|_| wrong(pointer, "a whole number"))?,
                Some((_, pointer)) => return Err(wrong(pointer, "a whole number")),
            };
            if number != 0 || !omit {
                json.raw(name, &number.to_string());
            }
        }
        Kind::Texts => write_texts(members.texts(name)?, field, json),
        Kind::Command => {
            let texts = match members.get(name)? {
                Some((Value::String(text), _)) => Some(vec![text.as_ref()]),
                _ => members.texts(name)?,
            };
            write_texts(texts, field, json);
        }
        Kind::Set | Kind::Map => {
            let is_set = matches!(field.kind, Kind::Set);
            let map = members.map(name)?;
            if omit && map.as_ref().is_none_or(Vec::is_empty) {
                return Ok(());
            }
            json.name(name);
            let Some(map) = map else {
                json.value("null");
                return Ok(());
            };
            json.open('{');
            for (key, value, pointer) in map {
                match value {
                    Value::Null | Value::Object(_) if is_set => json.raw(key, "{}"),
                    Value::Null => json.text(key, ""),
                    Value::String(text) if !is_set => json.text(key, text),
                    Value::Bool(_)
                    | Value::Number(_)
                    | Value::String(_)
                    | Value::Array(_)
                    | Value::Object(_) => {
                        return Err(wrong(
                            pointer,
                            if is_set { "an object" } else { "a string" },
                        ));
                    }
                }
            }
            json.close('}');
        }
        Kind::Time => {
            let time = members.time(name)?;
            json.text(name, time.as_deref().unwrap_or(ZERO_TIME));
        }
        Kind::OptionalTime => json.optional(name, members.time(name)?.as_deref()),
        Kind::Struct(fields) => {
            let inside = members.object(name)?;
            let inside = inside.unwrap_or_else(|| Members::new(empty(), Pointer::ROOT));
            json.name(name);
            write(&inside, fields, json, lost)?;
        }
        Kind::OptionalStruct(fields) => {
            if let Some(inside) = members.object(name)? {
                json.name(name);
                write(&inside, fields, json, lost)?;
            }
        }
        Kind::Structs(fields) => {
            let list = members.objects(name)?;
            if omit && list.is_empty() {
                return Ok(());
            }
            json.name(name);
            json.open('[');
            for element in list {
                json.next();
                write(&element, fields, json, lost)?;
            }
            json.close(']');
        }
    }
    Ok(())
}

/// Writes a list of texts; `null` where there is none and the field is always written.
fn write_texts(texts: Option<Vec<&str>>, field: &Field, json: &mut Writer) {
    if field.omit_empty && texts.as_ref().is_none_or(Vec::is_empty) {
        return;
    }
    json.name(field.name);
    let Some(texts) = texts else {
        json.value("null");
        return;
    };
    json.open('[');
    for text in texts {
        json.element(text);
    }
    json.close(']');
}

/// A time as Go prints it once it has read it: nanoseconds without trailing zeros, `Z` for an
/// offset of zero. `None` where Go reads no time.
///
/// Source: Go `time.RFC3339Nano`; `Time.UnmarshalJSON` takes neither small letters nor leap seconds.
pub(super) fn reprinted(text: &str) -> Option<String> {
    let (day, rest) = (text.get(..19)?, text.get(19..)?);
    if !is_time(text) || text.get(10..11) != Some("T") || text.ends_with('z') || day.ends_with("60")
    {
        return None;
    }
    let zone_at = rest.find(['Z', '+', '-'])?;
    let (fraction, zone) = (rest.get(..zone_at)?, rest.get(zone_at..)?);
    let fraction = fraction.get(..fraction.len().min(10))?;
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    let zone = if zone.ends_with("00:00") { "Z" } else { zone };
    Some(format!("{day}{fraction}{zone}"))
}

#[cfg(test)]
mod tests {
    use super::reprinted;

    #[test]
    fn times_are_printed_as_go_prints_them() {
        for (written, printed) in [
            ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05Z"),
            ("2020-01-02T03:04:05.120000000Z", "2020-01-02T03:04:05.12Z"),
            ("2020-01-02T03:04:05.000Z", "2020-01-02T03:04:05Z"),
            (
                "2020-01-02T03:04:05.1234567891Z",
                "2020-01-02T03:04:05.123456789Z",
            ),
            ("2020-01-02T03:04:05+00:00", "2020-01-02T03:04:05Z"),
            ("2020-01-02T03:04:05-00:00", "2020-01-02T03:04:05Z"),
            (
                "2020-01-02T03:04:05.50-07:30",
                "2020-01-02T03:04:05.5-07:30",
            ),
        ] {
            assert_eq!(reprinted(written).as_deref(), Some(printed), "{written}");
        }
        for none in [
            "",
            "yesterday",
            "2020-01-02",
            "2020-01-02t03:04:05Z",
            "2020-01-02T03:04:05z",
            "2020-01-02T03:04:60Z",
            "2020-02-30T03:04:05Z",
            "2020-01-02 03:04:05Z",
        ] {
            assert_eq!(reprinted(none), None, "{none}");
        }
    }
}
