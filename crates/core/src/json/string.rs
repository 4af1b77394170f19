//! The strings of JSON: where one ends, and what its escapes mean.
//!
//! An escape may hold half a surrogate pair, `\ud800` alone, which is JSON and no character (RFC
//! 8259, section 8.2): it is noted for repair, and read as U+FFFD.
//!
//! Scanning and decoding are apart: most strings are only gone over, and a name is decoded
//! only where an escape is in it. Values are decoded by `serde_json`.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::parse::only_string;
use super::repair::{Repair, repaired};

/// What was seen of a string's inside.
pub(super) struct Inside {
    /// Whether there is any escape, so that the text is not what stands between the quotes.
    pub(super) escaped: bool,
    /// Whether at least one of the escapes is half a surrogate pair.
    pub(super) lone_surrogate: bool,
}

/// Scans a string, from its first quote to behind its last. An error is the rule that is
/// broken at the cursor.
///
/// The cursor has to stand at the first quote. Each half surrogate pair is added to `repairs`,
/// by its offset in the cursor's text.
pub(super) fn scan(
    cursor: &mut Cursor<'_>,
    repairs: &mut Vec<Repair>,
) -> Result<Inside, &'static str> {
    let mut inside = Inside {
        escaped: false,
        lone_surrogate: false,
    };
    cursor.at += 1;
    loop {
        cursor.at = plain_until(cursor.text.as_bytes(), cursor.at);
        match cursor.byte() {
            b'"' => {
                cursor.at += 1;
                return Ok(inside);
            }
            b'\\' => {
                inside.escaped = true;
                inside.lone_surrogate |= escape(cursor, repairs)?;
            }
            _ if cursor.at < cursor.text.len() => {
                return Err("a control character has to be escaped");
            }
            _ => return Err("the string has no end"),
        }
    }
}

/// An escape; whether it is half a surrogate pair.
///
/// A high surrogate followed by an escape that is no low one is half a pair, and the second
/// escape is read anew: in `\ud800\ud800` both are halves, in `\ud800\u0041` only the first
/// is.
fn escape(cursor: &mut Cursor<'_>, repairs: &mut Vec<Repair>) -> Result<bool, &'static str> {
    let start = cursor.at;
    cursor.at += 1;
    match cursor.byte() {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
            cursor.at += 1;
            return Ok(false);
        }
        b'u' => cursor.at += 1,
        _ => return Err("one of \" \\ / b f n r t u belongs behind a backslash"),
    }
    let unit = hex(cursor)?;
    let is_lone = match unit {
        0xD800..=0xDBFF if cursor.text.as_bytes()[cursor.at..].starts_with(b"\\u") => {
            let second = cursor.at;
            cursor.at += 2;
            let is_pair = (0xDC00..=0xDFFF).contains(&hex(cursor)?);
            if !is_pair {
                cursor.at = second;
            }
            !is_pair
        }
        0xD800..=0xDFFF => true,
        _ => false,
    };
    if is_lone {
        repairs.push(Repair::Surrogate(start));
    }
    Ok(is_lone)
}

/// Four hexadecimal digits as a unit of UTF-16.
fn hex(cursor: &mut Cursor<'_>) -> Result<u32, &'static str> {
    let mut unit = 0;
    for _ in 0..4 {
        let Some(digit) = char::from(cursor.byte()).to_digit(16) else {
            return Err("four hexadecimal digits belong behind \\u");
        };
        unit = unit * 16 + digit;
        cursor.at += 1;
    }
    Ok(unit)
}

/// The text of a string with its quotes, which was scanned before.
///
/// Half a surrogate pair becomes U+FFFD, so two names may be equal here whose escapes differ.
pub(super) fn decode(token: &str) -> Cow<'_, str> {
    let mut repairs = Vec::new();
    // A token is a string that was scanned before.
    let _ = scan(&mut Cursor { text: token, at: 0 }, &mut repairs);
    let text = repaired(token, &repairs);
    only_string(&text).map(Cow::Owned).unwrap_or_default()
}

/// The offset, from `at` on, of the first byte that ends the plain part of a string: a quote,
/// a backslash or a control character. Eight bytes at once: most of a manifest is text.
///
/// A byte is below a limit where subtracting the limit sets its high bit, which was not set
/// before; bytes of characters beyond ASCII have it set and never count. A borrow can spoil
/// only the bytes behind the one it comes from, which in little-endian order are the higher
/// ones, so the first end is always right. The text's length is given where nothing ends the
/// string.
fn plain_until(text: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    while let Some(chunk) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*chunk);
        // The high bit of each byte that is below `limit`; above the first such byte it may be wrong.
        let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let ends = (quote | backslash | below(word, 0x20)) & HIGHS;
        if ends != 0 {
            return at + (ends.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while text
        .get(at)
        .is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20))
    {
        at += 1;
    }
    at
}
