//! Text that is no JSON: by how it begins, and by what stands in it.

use std::borrow::Cow;

use crate::base64;
use crate::json::{self, Reason, Value};

use super::{Kind, Recognized, cut, inside, secret};

/// How many lines are tried as the beginning of JSON behind other text.
const BEGINNINGS: usize = 20;

/// Says what text is; `None` where it is JSON that is broken.
pub(super) fn of(bytes: &[u8], depth: usize) -> Option<Recognized> {
    if let Some(text) = utf16(bytes) {
        let name = "text in UTF-16, which no client reads";
        return Some(wrapped(name, text.into_bytes(), depth));
    }
    let bytes = bytes.strip_prefix(json::BYTE_ORDER_MARK).unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        let lossy = String::from_utf8_lossy(bytes);
        return secret::in_text(&lossy).or_else(|| {
            // A text with a wrong byte in it is told by that byte.
            let is_text = lossy.trim_start().starts_with(['{', '[', '<']);
            (!is_text).then(|| {
                let advice = "It begins like no archive that is known here.";
                Recognized::new(Kind::Binary, "binary data", advice)
            })
        });
    };
    let trimmed = text.trim();
    if let Some(page) = markup(trimmed) {
        return Some(page);
    }
    if let Some(at) = json_in(text).filter(|at| *at > 0) {
        let inner = whole_json(&bytes[at..]);
        let before = text.get(..at).unwrap_or_default();
        let lines = before.lines().count();
        let name = format!(
            "{} of text with JSON behind",
            crate::humanize::count(lines, "line")
        );
        return secret::in_text(before).or_else(|| Some(wrapped(&name, inner.into(), depth)));
    }
    if let Some(known) = secret::in_text(text) {
        return Some(known);
    }
    if trimmed.starts_with(['{', '[']) {
        return None;
    }
    if let Some(known) = lines(trimmed) {
        return Some(known);
    }
    if let Some(bytes) = in_base64(trimmed) {
        return Some(wrapped("base64", bytes, depth));
    }
    let known = Recognized::new(Kind::Text, "text that is no JSON", "");
    // One word that names a place is a reference that somebody saved or copied.
    let is_reference = !trimmed.contains(char::is_whitespace) && trimmed.contains(['/', ':']);
    Some(known.with_reference(is_reference.then_some(trimmed), None))
}

/// Text with a content inside: what that is, and the bytes to go on with.
fn wrapped(around: &str, bytes: Vec<u8>, depth: usize) -> Recognized {
    let inner = inside(&bytes, depth);
    if let Some(known) = &inner
        && known.kind.holds_credentials()
    {
        return known.clone();
    }
    let name = match &inner {
        Some(inner) => format!("{around}: {}", inner.name),
        None => around.to_owned(),
    };
    Recognized::new(Kind::Wrapped, name, "").with_content("The content inside", bytes, None)
}

/// What begins with `<`.
fn markup(text: &str) -> Option<Recognized> {
    if !text.starts_with('<') {
        return None;
    }
    let start: String = text
        .chars()
        .take(400)
        .collect::<String>()
        .to_ascii_lowercase();
    Some(if start.contains("cyclonedx.org") {
        Recognized::new(Kind::CycloneDx, "a CycloneDX document in XML", SBOM)
    } else if start.starts_with("<?xml") && !start.contains("<html") {
        Recognized::new(Kind::Xml, "an XML document", "")
    } else {
        let advice = "A login page, or a gateway's: what was asked for did not come.";
        Recognized::new(Kind::Html, "an HTML page", advice)
    })
}

pub(super) const SBOM: &str = "It lists what is in an image, and is attached to one.";

/// Text whose first lines tell what it is.
fn lines(text: &str) -> Option<Recognized> {
    let member = |name: &str| {
        let mut lines = text.lines().take(BEGINNINGS);
        lines.find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
    };
    let media_type = member("MediaType");
    if let (Some(_), Some(digest)) = (media_type, member("Digest")) {
        let name = "the output of docker buildx imagetools inspect";
        let known = Recognized::new(Kind::ImagetoolsInspect, name, "");
        return Some(known.with_reference(member("Name"), Some(digest)));
    }
    if let Some(version) = member("SPDXVersion") {
        let name = format!("an SPDX document, {}", cut(version));
        return Some(Recognized::new(Kind::Spdx, name, SBOM));
    }
    let label = text.lines().find_map(|line| {
        let label = line.trim().strip_prefix("-----BEGIN ")?;
        label.strip_suffix("-----")
    });
    label.map(|label| {
        let name = format!("PEM: {}", cut(label));
        Recognized::new(
            Kind::Pem,
            name,
            "It checks signatures, and is none of an image's contents.",
        )
    })
}

/// The offset of the line where JSON begins that can be read, an object or an array of objects.
fn json_in(text: &str) -> Option<usize> {
    let mut offset = 0;
    let starts = text.split_inclusive('\n').filter_map(|line| {
        let at = offset + line.len() - line.trim_start().len();
        offset += line.len();
        line.trim_start().starts_with(['{', '[']).then_some(at)
    });
    starts.take(BEGINNINGS).find(|at| {
        let read = json::read_any(&text.as_bytes()[*at..]);
        read.is_ok_and(|(value, ..)| match value {
            Value::Object(object) => !object.is_empty(),
            Value::Array(values) => matches!(values.first(), Some(Value::Object(_))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        })
    })
}

/// The JSON that bytes begin with: without what follows it, but for white space, which may belong
/// to it.
fn whole_json(bytes: &[u8]) -> &[u8] {
    match json::read_any(bytes) {
        Ok((_, _, Some(behind))) => bytes[..behind].trim_ascii_end(),
        Ok((_, _, None)) | Err(_) => bytes,
    }
}

/// Text with several JSON values, such as the lines of a log in JSON and a manifest behind them.
pub(super) fn behind_json(first: &Value<'_>, bytes: &[u8], at: usize) -> Option<Recognized> {
    if matches!(first, Value::Object(first) if super::document::is_manifest(first)) {
        return None;
    }
    let rest = bytes.get(at..)?;
    let start = at + json_in(std::str::from_utf8(rest).ok()?)?;
    let inner = whole_json(&bytes[start..]);
    let object = json::read(inner).ok()?.object;
    super::document::is_manifest(&object).then(|| {
        let name = "JSON with a manifest behind it";
        let known = Recognized::new(Kind::Wrapped, name, "");
        known.with_content("The content inside", inner.into(), None)
    })
}

/// The text of UTF-16 with a byte order mark, or without one where it begins with `{`.
fn utf16(bytes: &[u8]) -> Option<String> {
    let (bytes, read): (_, fn([u8; 2]) -> u16) = match bytes {
        [0xff, 0xfe, rest @ ..] => (rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => (rest, u16::from_be_bytes),
        [b'{' | b'[', 0, ..] => (bytes, u16::from_le_bytes),
        [0, b'{' | b'[', ..] => (bytes, u16::from_be_bytes),
        _ => return None,
    };
    let (units, []) = bytes.as_chunks::<2>() else {
        return None;
    };
    let units: Vec<u16> = units.iter().map(|unit| read(*unit)).collect();
    String::from_utf16(&units).ok()
}

/// The bytes of a text that is base64 from end to end, in lines or not, where they are JSON or
/// an archive: any short word is base64 of something.
fn in_base64(text: &str) -> Option<Vec<u8>> {
    let one: Cow<'_, str> = if text.contains(char::is_whitespace) {
        text.split_whitespace().collect::<String>().into()
    } else {
        text.into()
    };
    let bytes = base64::decode(&one)?;
    let read = json::read_any(&bytes);
    let is_content = match &read {
        Ok((value, ..)) => matches!(value, Value::Object(_) | Value::Array(_)),
        Err(error) => matches!(error.reason, Reason::Archive { .. }),
    };
    is_content.then_some(bytes)
}
