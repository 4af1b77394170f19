//! The candidates: each change that programs and people make, undone.
//!
//! Copied, saved and sent bytes change in few ways: an encoding around them, line ends, white space, another form of
//! the same JSON, a missing end. Each is undone and the result hashed; only bytes with the digest are an answer, so
//! no candidate can be wrong. What a search may cost, and in which order candidates come, stands in the parent.
//!
//! Longer than most files: each repair is a few lines, and they are tried in the order in which they stand here.

use std::borrow::Cow;

use crate::base64;
use crate::digest::Digest;
use crate::json::style::{Escapes, Layout, Order, compact};
use crate::json::{self, BYTE_ORDER_MARK};

use super::Search;
use super::change::Change;

/// The change and the bytes that have the digest.
///
/// `None` where no candidate had it, or the budget ended.
type Found = Option<(Vec<Change>, Vec<u8>)>;

/// Returns the bytes as they are, and the text that stands inside them where they are an encoding of one.
///
/// At most one encoding is undone: UTF-16, a JSON string (also one without its quotes), base64, or
/// text around the JSON such as a code fence or headers. The bytes as they are come first.
pub(super) fn unwrap(bytes: &[u8]) -> Vec<(Option<Change>, Cow<'_, [u8]>)> {
    let mut texts = vec![(None, Cow::Borrowed(bytes))];
    let mut push = |change, text: Vec<u8>| texts.push((Some(change), Cow::Owned(text)));
    if let Some(text) = utf16(bytes) {
        push(Change::Utf16, text.into_bytes());
        return texts;
    }
    let trimmed = bytes
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(bytes)
        .trim_ascii();
    let quoted = if trimmed.starts_with(b"{\\") {
        [b"\"", trimmed, b"\""].concat()
    } else {
        trimmed.to_vec()
    };
    if let Some(text) = str::from_utf8(&quoted).ok().and_then(json::only_string) {
        push(Change::JsonString, text.into_bytes());
        return texts;
    }
    if let Some(inside) = in_base64(trimmed).filter(|inside| !inside.is_empty()) {
        push(Change::Base64, inside);
        return texts;
    }
    // A code fence, quotes, the headers of an answer, a prompt.
    if let Some(start) = trimmed.iter().position(|byte| *byte == b'{')
        && let Ok(document) = json::read(&trimmed[start..])
    {
        let rest = &trimmed[start..];
        let inside = rest[..document.trailing.unwrap_or(rest.len())].trim_ascii_end();
        if inside.len() < trimmed.len() {
            push(Change::TextAround, inside.to_vec());
        }
    }
    texts
}

/// Of either alphabet, padded or not, on any number of lines.
fn in_base64(text: &[u8]) -> Option<Vec<u8>> {
    let letters = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    let for_addresses = |byte: &u8| match byte {
        b'+' => b'-',
        b'/' => b'_',
        byte => *byte,
    };
    let padded = String::from_utf8(letters.map(for_addresses).collect()).ok()?;
    let letters = padded.trim_end_matches('=');
    let is_whole = letters.len().next_multiple_of(4) == padded.len().next_multiple_of(4);
    let inside = base64::decode_from_url(letters)?;
    is_whole.then_some(inside)
}

/// Decodes UTF-16, as an editor or a console of Windows saves text.
fn utf16(bytes: &[u8]) -> Option<String> {
    let (little, body) = match bytes {
        [0xff, 0xfe, body @ ..] => (true, body),
        [0xfe, 0xff, body @ ..] => (false, body),
        [b'{', 0, ..] => (true, bytes),
        [0, b'{', ..] => (false, bytes),
        _ => return None,
    };
    let unit = |pair: &[u8; 2]| {
        if little {
            u16::from_le_bytes(*pair)
        } else {
            u16::from_be_bytes(*pair)
        }
    };
    let (pairs, rest) = body.as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().map(unit))
        .collect::<Result<String, _>>()
        .ok()?;
    rest.is_empty().then_some(text)
}

/// Line ends, white space, newlines at the end, a byte order mark: what is likely first, then more at once.
///
/// These work on any bytes, JSON or not.
pub(super) fn edits(search: &mut Search<'_>, text: &[u8]) -> Found {
    search.tried.extend([
        "newlines at the end",
        "line ends",
        "a byte order mark",
        "white space around and at line ends",
    ]);
    let marked = text.starts_with(BYTE_ORDER_MARK);
    let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let newlines = newlines_at_end(body);
    let mark = if marked {
        Change::MarkRemoved
    } else {
        Change::MarkAdded
    };
    for wanted in 1..=4 {
        for mark in [None, Some(&mark)] {
            for ends in [
                None,
                Some(Change::CrlfToLf),
                Some(Change::LfToCrlf),
                Some(Change::CrToLf),
            ] {
                for space in [
                    None,
                    Some(Change::SpaceAround),
                    Some(Change::SpaceAtLineEnds),
                ] {
                    for end in [None, Some(0), Some(1), Some(2), Some(3)] {
                        let end_change = end.and_then(|end| newlines_change(newlines, end));
                        // Another count of newlines is a change; white space around has to be put back to the same.
                        if end.is_some()
                            && end_change.is_none()
                            && space != Some(Change::SpaceAround)
                        {
                            continue;
                        }
                        let changes = [mark.cloned(), ends.clone(), space.clone(), end_change];
                        let changes: Vec<Change> = changes.into_iter().flatten().collect();
                        // More than one newline is rarer than one.
                        if changes.len() + usize::from(end > Some(1)) != wanted {
                            continue;
                        }
                        if !search.complete {
                            return None;
                        }
                        let Some(edited) = edit(body, ends.as_ref(), space.as_ref(), end) else {
                            continue;
                        };
                        let with_mark = marked == mark.is_none();
                        let front = if with_mark { BYTE_ORDER_MARK } else { b"" };
                        let candidate = [front, &edited].concat();
                        if search.is(&candidate) {
                            return Some((changes, candidate));
                        }
                    }
                }
            }
        }
    }
    None
}

/// The body with changes; `None` where one of them changes nothing.
///
/// In this order: white space, newlines at the end, line ends.
fn edit(
    body: &[u8],
    ends: Option<&Change>,
    space: Option<&Change>,
    end: Option<usize>,
) -> Option<Vec<u8>> {
    let crlf = body.windows(2).any(|pair| pair == b"\r\n");
    let mut text = match space {
        Some(Change::SpaceAround) => body.trim_ascii().to_vec(),
        Some(_) => {
            let lines = body
                .split_inclusive(|byte| *byte == b'\n')
                .flat_map(|line| {
                    let newline = [&b"\r\n"[..], b"\n"]
                        .into_iter()
                        .find(|end| line.ends_with(end))
                        .unwrap_or_default();
                    [line[..line.len() - newline.len()].trim_ascii_end(), newline]
                });
            lines.flatten().copied().collect()
        }
        None => body.to_vec(),
    };
    if space.is_some() && text.len() == body.len() {
        return None;
    }
    if let Some(end) = end {
        text.truncate(text.len() - newline_bytes(&text));
        text.extend(std::iter::repeat_n(if crlf { &b"\r\n"[..] } else { b"\n" }, end).flatten());
    }
    let ended = match ends {
        None => return Some(text),
        Some(Change::CrlfToLf) => line_ends(&text, false, b"\n"),
        Some(Change::LfToCrlf) => line_ends(&text, false, b"\r\n"),
        Some(_) => line_ends(&text, true, b"\n"),
    };
    (ended != text).then_some(ended)
}

/// `text` with `end` in place of CRLF and LF, and of lone CR where that ends a line too.
///
/// A CRLF is one end and not two.
fn line_ends(text: &[u8], lone_cr: bool, end: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 16);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'\r' if text.get(at + 1) == Some(&b'\n') => {}
            b'\r' if !lone_cr => out.push(*byte),
            b'\r' | b'\n' => out.extend_from_slice(end),
            _ => out.push(*byte),
        }
    }
    out
}

/// How many bytes of line ends stand at the end.
fn newline_bytes(text: &[u8]) -> usize {
    text.iter()
        .rev()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count()
}

/// Counts the newlines at the end, a CRLF as one.
fn newlines_at_end(text: &[u8]) -> usize {
    text[text.len() - newline_bytes(text)..]
        .split(|byte| *byte == b'\n')
        .count()
        - 1
}

/// Tells the change from so many newlines at the end to so many; `None` where they are as many.
fn newlines_change(has: usize, wants: usize) -> Option<Change> {
    match wants.cmp(&has) {
        std::cmp::Ordering::Less => Some(Change::NewlinesRemoved(has - wants)),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(Change::NewlinesAdded(wants - has)),
    }
}

/// The white space, escapes and orders in which tools write the same JSON, with a final newline and without.
///
/// Only for JSON. Each candidate keeps numbers and texts as they are, so it can be right only if
/// the content was.
pub(super) fn forms(search: &mut Search<'_>, text: &[u8]) -> Found {
    if !search.complete {
        return None;
    }
    let document = json::read(text)
        .ok()
        .filter(|document| document.trailing.is_none())?;
    search.tried.extend([
        "the indentations of other tools",
        "their escapes",
        "their orders of members",
    ]);
    let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let form = || Form::new(text, body);
    if let Some(found) = in_layouts(search, body, b"") {
        return Some(form().changed(found, &[]));
    }
    let as_written = Layout::Compact.apply(body);
    let mut seen = vec![Digest::sha256(&as_written)];
    let mut new = |text: &str| {
        let digest = Digest::sha256(text.as_bytes());
        let new = !seen.contains(&digest);
        seen.push(digest);
        new
    };
    let written = |order, escapes, without| compact(&document.object, order, escapes, without);
    let signed = search.signed;
    for escapes in Escapes::ALL.into_iter().filter(|_| signed) {
        let text = written(Order::AsWritten, escapes, Some("signatures"));
        if let Some(found) = new(&text)
            .then(|| in_layouts(search, text.as_bytes(), b""))
            .flatten()
        {
            return Some(form().changed(found, &[Change::Signatures]));
        }
    }
    for order in Order::ALL {
        for escapes in Escapes::ALL {
            let text = written(order, escapes, None);
            if let Some(found) = new(&text)
                .then(|| in_layouts(search, text.as_bytes(), b""))
                .flatten()
            {
                let mut changes = Vec::new();
                if order != Order::AsWritten {
                    changes.push(Change::Order(order));
                }
                if written(Order::AsWritten, escapes, None).as_bytes() != as_written {
                    changes.push(Change::Escapes(escapes));
                }
                return Some(form().changed(found, &changes));
            }
            if !search.complete {
                return None;
            }
        }
    }
    None
}

/// A layout in which the text begins with `start`, how many newlines follow, and the bytes that have the digest.
fn in_layouts(
    search: &mut Search<'_>,
    text: &[u8],
    start: &[u8],
) -> Option<(Layout, usize, Vec<u8>)> {
    for layout in Layout::ALL {
        let mut candidate = search.laid_out(layout, text)?;
        if !candidate.starts_with(start) {
            continue;
        }
        for newlines in 0..=1 {
            candidate.extend(std::iter::repeat_n(b'\n', newlines));
            if search.is(&candidate) {
                return Some((layout, newlines, candidate));
            }
        }
    }
    None
}

/// The form that a text has, to tell what another one changes.
struct Form {
    marked: bool,
    crlf: bool,
    newlines: usize,
    layout: Option<Layout>,
}

impl Form {
    fn new(text: &[u8], body: &[u8]) -> Self {
        let trimmed = line_ends(body.trim_ascii(), false, b"\n");
        Self {
            marked: text.len() > body.len(),
            crlf: trimmed.len() < body.trim_ascii().len(),
            newlines: newlines_at_end(body),
            layout: Layout::ALL.into_iter().find(|layout| {
                layout.apply_within(body, trimmed.len()).as_deref() == Some(&*trimmed)
            }),
        }
    }

    fn changed(
        &self,
        found: (Layout, usize, Vec<u8>),
        before: &[Change],
    ) -> (Vec<Change>, Vec<u8>) {
        let (layout, newlines, right) = found;
        let mut changes = Vec::new();
        if self.marked {
            changes.push(Change::MarkRemoved);
        }
        if self.crlf && matches!(layout, Layout::Indented(_)) {
            changes.push(Change::CrlfToLf);
        }
        changes.extend_from_slice(before);
        if self.layout != Some(layout) {
            changes.push(Change::Layout(layout));
        }
        changes.extend(newlines_change(self.newlines, newlines));
        (changes, right)
    }
}

/// What is open at the end, the innermost last: brackets, and `"` where it is in the middle of a text. `None` where
/// nothing is, or the text is no JSON object.
pub(super) fn open_at_end(text: &[u8]) -> Option<Vec<u8>> {
    let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut open = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    for byte in body.trim_ascii() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => {
                open.pop()?;
            }
            _ if open.is_empty() => return None,
            _ => {}
        }
    }
    if in_string {
        open.push(b'"');
    }
    (!open.is_empty()).then_some(open)
}

/// A text whose end is missing, with what closes it.
///
/// Tried for what is lost of brackets and quotes alone: content that is gone cannot be made up.
pub(super) fn closed(search: &mut Search<'_>, text: &[u8]) -> Found {
    let missing: Vec<u8> = open_at_end(text)?.into_iter().rev().collect();
    search.tried.push("brackets that are missing at the end");
    let text = text.trim_ascii_end();
    // Only where all that is here stands in that form already.
    let (_, _, right) = in_layouts(search, &[text, &missing].concat(), text)?;
    Some((
        vec![Change::Closed(
            String::from_utf8(missing).unwrap_or_default(),
        )],
        right,
    ))
}
