//! Members of the JSON of logs.

use waybill_core::json::{Object, Value};

pub(super) fn text<'a>(object: &'a Object<'_>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

pub(super) fn inner<'a, 'b>(object: &'a Object<'b>, path: &[&str]) -> Option<&'a Object<'b>> {
    let mut object = object;
    for name in path {
        object = object.get(name).and_then(Value::as_object)?;
    }
    Some(object)
}

/// A number of protobuf's JSON, which writes those of 64 bits as texts; none may be negative.
pub(crate) fn number(object: &Object<'_>, name: &str) -> Option<u64> {
    match object.get(name)? {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}
