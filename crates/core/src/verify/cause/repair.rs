//! The candidates: each change that programs and people make, undone.
//!
//! Copied, saved and sent bytes change in few ways: an encoding around them, line ends, white
//! space, another form of the same JSON, a missing end. Each is undone and the result hashed;
//! only bytes with the digest are an answer, so no candidate can be wrong. What a search may
//! cost stands in the parent, and so does which of these functions comes first.
//!
//! Longer than most files: each repair is a few lines, and they are tried in the order in
//! which they stand here.

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

/// Returns the bytes as they are, and the text that stands inside them where they are an
/// encoding of one.
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

/// Decodes base64: of either alphabet, padded or not, on any number of lines.
///
/// `None` where it is something else, such as text with a character of neither alphabet or
/// with more padding than it needs.
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
///
/// Which byte of a pair comes first is told by the byte order mark, or where there is none by
/// the `{` at the beginning. The mark is not part of the text. `None` for a lone surrogate or
/// an odd byte at the end.
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

/// Line ends, white space, newlines at the end, a byte order mark: what is likely first, then
/// more at once.
///
/// These work on any bytes, JSON or not. Candidates come by how much they change: first those
/// with one change, then two together, and so on up to four, one of each kind at most. More
/// than one newline at the end counts as one change more, since it is rarer. Among equals
/// those that leave the mark alone come first, then those that leave the line ends alone.
///
/// A combination that would change nothing costs nothing. For `{}` with one newline behind it
/// the first candidate is `{}` alone, by `NewlinesRemoved(1)`.
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
                        // Another count of newlines is a change; white space around has to be
                        // put back to the same.
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
/// In this order: white space, newlines at the end, line ends. `end` is how many newlines are
/// to stand at the end, whatever there was; they are CRLF where the body has any. Whether it
/// has that many already is for the caller to see.
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
/// A CRLF is one end and not two: its CR goes, and its LF becomes `end`. Without `lone_cr` a
/// CR that stands alone stays as it is.
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

/// How many bytes of line ends stand at the end, any mixture of CR and LF.
fn newline_bytes(text: &[u8]) -> usize {
    text.iter()
        .rev()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count()
}

/// Counts the newlines at the end, a CRLF as one. A lone CR there is none.
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

/// The white space, escapes and orders in which tools write the same JSON, with a final
/// newline and without.
///
/// Only for JSON with nothing behind it. Each candidate keeps numbers and texts as they are,
/// so it can be right only if the content was.
///
/// First the text as it is written, in each layout. Then, where it is signed, without its
/// signature block, in each way of escaping. Then each order of members with each way of
/// escaping; what comes out as a text that was tried is not tried again.
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

/// A layout in which the text begins with `start`, how many newlines follow, and the bytes
/// that have the digest.
///
/// Each layout is tried without a final newline and with one. An empty `start` allows all
/// layouts; `closed` gives the text that is there, which a candidate may only go on with.
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
///
/// A candidate is made from the content, not step by step from the text, so what differs
/// between the two is found by comparing their forms.
struct Form {
    /// A byte order mark stands in front.
    marked: bool,
    /// There is a CRLF between the first and the last character that is no white space.
    crlf: bool,
    /// At the end, a CRLF as one.
    newlines: usize,
    /// `None` where the white space is that of no tool known here.
    layout: Option<Layout>,
}

impl Form {
    /// The form of `text`, whose `body` is what stands behind a byte order mark. CRLF is read
    /// as LF to find the layout; a layout that gets longer than the text itself is given up
    /// early.
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

    /// The changes from this form to the one that was found, and its bytes.
    ///
    /// `before` are changes of the content: they stand behind those of the mark and the line
    /// ends, and before layout and newlines. On one line there are no line ends to tell of.
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

/// What is open at the end, the innermost last: brackets, and `"` where it is in the middle of
/// a text. `None` where nothing is, where a bracket closes none, or where something other than
/// a text stands outside all brackets.
///
/// `{"a":["b` gives `}`, `]`, `"`. Brackets are only counted: one closed by the other kind
/// passes, and so does what is no JSON for another reason. What `closed` makes of it is hashed
/// all the same; `seen` tells of it without a proof.
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
/// Tried for what is lost of brackets and quotes alone: content that is gone cannot be made
/// up. A candidate is the text, closed and laid out again, and has to begin with the text as
/// it is, so that only layouts count in which it stands already. White space at its end is
/// left out first.
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
