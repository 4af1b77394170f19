//! Text that is no JSON: by how it begins, and by what stands in it.

use std::borrow::Cow;

use crate::base64;
use crate::digest::Digest;
use crate::humanize::count;
use crate::json::{self, Reason, Value};

use super::{Kind, Recognized, binary, cut, inside, lines, secret};

/// How many lines are tried as the beginning of JSON behind other text.
const BEGINNINGS: usize = 20;

/// How many heads of HTTP are taken off: curl follows no more, by what people set.
const HEADS: usize = 16;

/// Says what text is; `None` where it is JSON that is broken.
pub(super) fn of(bytes: &[u8], depth: usize) -> Option<Recognized> {
    if let Some(tar) = binary::tar(bytes) {
        return Some(tar);
    }
    if let Some((name, text)) = wide(bytes) {
        return Some(wrapped(name, text.into_bytes(), depth));
    }
    let bytes = bytes.strip_prefix(json::BYTE_ORDER_MARK).unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        let lossy = String::from_utf8_lossy(bytes);
        return secret::in_text(&lossy).or_else(|| {
            // A text with a wrong byte in it is told by that byte.
            let is_text = lossy.trim_start().starts_with(['{', '[', '<']);
            (!is_text).then(|| binary::of(bytes))
        });
    };
    let trimmed = text.trim();
    // What does not show in front of text is not what it is.
    let trimmed = trimmed.trim_start_matches(['\u{200b}', '\u{feff}', '\u{2060}']);
    if text.contains('\0') {
        return secret::in_text(text).or_else(|| Some(binary::of(bytes)));
    }
    if let Some(answer) = http(text, depth) {
        return Some(answer);
    }
    if let Some(page) = markup(trimmed) {
        return Some(page);
    }
    if let Some(plain) = without_colors(text) {
        let name = "text with the colours of a terminal";
        return Some(wrapped(name, plain.into_bytes(), depth));
    }
    let is_broken = is_broken_json(text.trim());
    if let Some(at) = json_in(text).filter(|at| *at > 0 && !is_broken) {
        let inner = whole_json(&bytes[at..]);
        let before = text.get(..at).unwrap_or_default();
        let name = if before.contains('\n') {
            let lines = count(before.lines().count(), "line");
            [&lines, " of text with JSON behind"].concat()
        } else {
            "text with JSON behind".to_owned()
        };
        return secret::in_text(before).or_else(|| Some(wrapped(&name, inner.into(), depth)));
    }
    if let Some(known) = secret::in_text(text) {
        return Some(known);
    }
    // As a shell or a log shows it.
    if trimmed.starts_with("{\\\"") || trimmed.starts_with("[{\\\"") {
        let unescaped = trimmed.replace("\\\"", "\"").replace("\\\\", "\\");
        if json_in(&unescaped) == Some(0) {
            let name = "JSON with its quotes escaped";
            return Some(wrapped(name, unescaped.into_bytes(), depth));
        }
    }
    if is_broken || trimmed.starts_with(['{', '[']) {
        return None;
    }
    if let Some(known) = lines::of(trimmed) {
        return Some(known);
    }
    let encoded = trimmed.trim_matches(['"', '\'']);
    let encoded = match encoded.split_once(";base64,") {
        Some((address, encoded)) if address.starts_with("data:") => encoded,
        _ => encoded,
    };
    if let Some(bytes) = in_base64(encoded, depth) {
        return Some(wrapped("base64", bytes, depth));
    }
    if let Ok(digest) = trimmed.parse::<Digest>()
        && digest.algorithm().is_some()
    {
        let advice = "Type it where a digest is expected, beside the content that has it.";
        return Some(Recognized::new(Kind::Digest, "a digest alone", advice));
    }
    let known = Recognized::new(Kind::Text, "text that is no JSON", "");
    // One word that names a place is a reference that somebody saved or copied.
    let is_reference = !trimmed.contains(char::is_whitespace) && trimmed.contains(['/', ':']);
    Some(known.with_reference(is_reference.then_some(trimmed), None))
}

/// An answer as `curl -i` shows it: heads, an empty line, and what came. Where several came one
/// after the other, as of a proxy or on a way elsewhere, the last counts.
fn http(text: &str, depth: usize) -> Option<Recognized> {
    let (mut status, mut rest) = (None, text.trim_start());
    for _ in 0..HEADS {
        let Some(found) = status_of(rest) else { break };
        status = Some(found);
        rest = match ["\r\n\r\n", "\n\n"]
            .iter()
            .filter_map(|end| Some((rest.find(end)?, end.len())))
            .min()
        {
            Some((at, length)) => rest.get(at + length..).unwrap_or_default(),
            None => "",
        };
    }
    let status = status?;
    let heads = text.get(..text.len() - rest.len()).unwrap_or_default();
    if let Some(secret) = secret::in_text(heads) {
        return Some(secret);
    }
    let name = format!("an HTTP answer with status {}", cut(status));
    Some(if rest.trim().is_empty() {
        let advice = "These are its headers: the content that came with them is missing.";
        Recognized::new(Kind::Wrapped, name, advice)
    } else {
        let inner = match json_in(rest) {
            Some(at) => whole_json(&rest.as_bytes()[at..]),
            None => rest.as_bytes(),
        };
        wrapped(&name, inner.into(), depth)
    })
}

/// `404 Not Found` of a line that begins a head.
fn status_of(text: &str) -> Option<&str> {
    let line = text.lines().next()?;
    let (version, status) = line.strip_prefix("HTTP/")?.split_once(' ')?;
    let is_version = version.starts_with(|c: char| c.is_ascii_digit());
    let is_status = status.starts_with(|c: char| c.is_ascii_digit());
    (is_version && is_status).then(|| status.trim())
}

/// The text without the colours that a terminal shows, where it has any.
///
/// Source: ECMA-48, SGR: ESC, `[`, numbers, `m`.
fn without_colors(text: &str) -> Option<String> {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next()?.to_owned();
    let length = plain.len();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        plain.push_str(rest.strip_prefix(['m', 'K'])?);
    }
    (length < text.len()).then_some(plain)
}

/// Text with a content inside: what that is, and the bytes to go on with.
pub(super) fn wrapped(around: &str, bytes: Vec<u8>, depth: usize) -> Recognized {
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
    let start: String = text.chars().take(400).collect();
    let start = start.to_ascii_lowercase();
    let is_page =
        start.contains("<html") || start.contains("<!doctype html") || json::is_html(text);
    Some(if start.contains("cyclonedx.org") {
        Recognized::new(Kind::CycloneDx, "a CycloneDX document in XML", SBOM)
    } else if is_page {
        let advice = "A login page, or a gateway's: what was asked for did not come.";
        Recognized::new(Kind::Html, "an HTML page", advice)
    } else if start.contains("<error>") {
        // S3 and those that speak as it does.
        let element = |name: &str| {
            let (_, behind) = text.split_once(&format!("<{name}>"))?;
            Some(behind.split_once('<')?.0)
        };
        let said: Vec<_> = [element("Code"), element("Message")]
            .into_iter()
            .flatten()
            .map(cut)
            .collect();
        let name = format!("an object store's error answer: {}", said.join(", "));
        Recognized::new(Kind::ErrorAnswer, name, super::answer::IN_ITS_PLACE)
    } else {
        Recognized::new(Kind::Xml, "an XML document", "")
    })
}

pub(super) const SBOM: &str = "It lists what is in an image, and is attached to one.";

/// The offset where JSON begins that can be read, an object or an array of objects: at the
/// beginning of a line, or else behind something else in one.
fn json_in(text: &str) -> Option<usize> {
    let mut offset = 0;
    let (mut starts, mut inside) = (Vec::new(), Vec::new());
    for line in text.split_inclusive('\n') {
        let at = offset + line.len() - line.trim_start().len();
        if line.trim_start().starts_with(['{', '[']) {
            starts.push(at);
        } else if let Some(found) = line.find("{\"").or_else(|| line.find("[{")) {
            inside.push(offset + found);
        }
        offset += line.len();
        if starts.len() >= BEGINNINGS {
            break;
        }
    }
    starts
        .into_iter()
        .chain(inside.into_iter().take(BEGINNINGS))
        .find(|at| {
            let read = json::read_any(&text.as_bytes()[*at..]);
            read.is_ok_and(|(value, ..)| match value {
                Value::Object(object) => !object.is_empty(),
                Value::Array(values) => matches!(values.first(), Some(Value::Object(_))),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
            })
        })
}

/// Whether a text that could not be read as JSON was meant as such from its beginning: an object or
/// array inside of it is no content then. `[error] …` and `{{ … }}` are none.
fn is_broken_json(text: &str) -> bool {
    let behind = text.strip_prefix('[').unwrap_or(text).trim_start();
    let object = behind.strip_prefix('{').map(str::trim_start);
    object.is_some_and(|rest| rest.starts_with(['"', '\'', '/', '}', '\u{201c}']))
        || object.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
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

/// The text of UTF-16 or UTF-32, and what it is then: with a byte order mark, or without one where
/// it begins with `{`.
fn wide(bytes: &[u8]) -> Option<(&'static str, String)> {
    const UTF_32: &str = "text in UTF-32, which no client reads";
    const UTF_16: &str = "text in UTF-16, which no client reads";
    let four = |bytes: &[u8], read: fn([u8; 4]) -> u32| {
        let (units, []) = bytes.as_chunks::<4>() else {
            return None;
        };
        let text: Option<String> = units.iter().map(|it| char::from_u32(read(*it))).collect();
        Some((UTF_32, text?))
    };
    let (rest, read): (_, fn([u8; 2]) -> u16) = match bytes {
        [0xff, 0xfe, 0, 0, rest @ ..] => return four(rest, u32::from_le_bytes),
        [0, 0, 0xfe, 0xff, rest @ ..] => return four(rest, u32::from_be_bytes),
        [b'{' | b'[', 0, 0, 0, ..] => return four(bytes, u32::from_le_bytes),
        [0, 0, 0, b'{' | b'[', ..] => return four(bytes, u32::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => (rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => (rest, u16::from_be_bytes),
        [b'{' | b'[', 0, ..] => (bytes, u16::from_le_bytes),
        [0, b'{' | b'[', ..] => (bytes, u16::from_be_bytes),
        _ => return None,
    };
    let (units, []) = rest.as_chunks::<2>() else {
        return None;
    };
    let units: Vec<u16> = units.iter().map(|unit| read(*unit)).collect();
    Some((UTF_16, String::from_utf16(&units).ok()?))
}

/// The bytes of a text that is base64 from end to end, in lines or not, where they are JSON, an
/// archive, a login, or base64 of such: any short word is base64 of something.
fn in_base64(text: &str, depth: usize) -> Option<Vec<u8>> {
    let depth = depth.checked_sub(1)?;
    let one: Cow<'_, str> = if text.contains(char::is_whitespace) {
        text.split_whitespace().collect::<String>().into()
    } else {
        text.into()
    };
    let bytes = base64::decode(&one).or_else(|| base64::decode_from_url(&one))?;
    let read = json::read_any(&bytes);
    let is_content = match &read {
        Ok((value, ..)) => matches!(value, Value::Object(_) | Value::Array(_)),
        Err(error) => matches!(error.reason, Reason::Archive { .. }),
    };
    let is_login = |text: &str| secret::in_text(text).is_some() || in_base64(text, depth).is_some();
    let holds = is_content || std::str::from_utf8(&bytes).is_ok_and(is_login);
    holds.then_some(bytes)
}
