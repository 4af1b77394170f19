//! Blanks secrets out of what a registry, a token endpoint or a proxy wrote, however it
//! spelled them.
//!
//! A server may repeat what it was sent, in an error page, in JSON or in an address. Such
//! texts are kept as evidence and shown, so each of them passes `Secrets::hide` first.
//! `Remembered::secrets` (in `session.rs`) says what is secret: the password, the Basic value,
//! every token, and what was just sent, but not the user name. `ErrorAnswer::hiding` and
//! `Client::send` are where most texts pass.
//!
//! How it works: each secret is turned into up to five spellings (`Spelled`: as it is, in hex,
//! in base64 at each of three offsets). At each place of the text every spelling is tried, and
//! while it is compared each character of the text may be written as an escape (`\u0061`,
//! `%61`, `&#97;`, `+`), also as an escape of an escape. The longest match is replaced by
//! `<redacted>`. With the secret `it's`, `it&amp;#39;s` and `it%2527s` are both blanked as a
//! whole.
//!
//! What it does not do: it guesses no secrets. What it was not given stays as it is.
//!
//! Longer than most files: every spelling in which a secret can come back, and nothing else.

use std::ops::Range;

use crate::base64;

/// What stands in place of a secret, however long that was.
const BLANK: &str = "<redacted>";

/// The length in bytes from which a secret is searched everywhere. A shorter one is blanked
/// only where it stands as a word of its own, and not in base64 or hex: everywhere else it
/// would be found by chance, and the gaps in words would tell it.
const SHORT: usize = 4;

/// How many escapes may be inside each other, as in `&amp;#39;` or JSON in a query.
const DEPTH: u8 = 2;

/// How many comparisons are made in one text. What is behind that is blanked as a whole: a
/// text made to be slow is no evidence.
const STEPS: usize = 4_000_000;

/// The first characters of all escapes: of JSON and program text, of addresses, of HTML, and
/// the space of a query.
const ESCAPES: [u8; 4] = [b'\\', b'%', b'&', b'+'];

/// Texts that must not be shown.
///
/// They are found as they are, escaped for JSON, a query or HTML (each character in any of
/// these, also one inside the other), in base64 of either alphabet at any place of a longer
/// text, and in hex.
pub(super) struct Secrets(Vec<Spelled>);

/// One spelling of a secret, in which each character may be escaped.
struct Spelled {
    kind: Kind,
    /// What is looked for, in the spelling's own normal form: hex in lower case, base64 in the
    /// standard alphabet.
    bytes: Vec<u8>,
    /// Whether the base64 character before it, and the one behind it, hold some bits of it.
    /// Those are blanked along with it, though what they are cannot be known: their other bits
    /// belong to the text around the secret.
    shared: [bool; 2],
}

/// How a spelling is compared.
enum Kind {
    /// Byte by byte, anywhere.
    Text,
    /// Not inside of a word: neither a letter, a digit nor a byte beyond ASCII may stand next
    /// to it.
    Word,
    /// In any case.
    Hex,
    /// In either alphabet.
    Base64,
}

impl Secrets {
    /// Prepares the spellings of each secret; empty ones are left out, so that callers may
    /// pass what is not set.
    pub(super) fn new(secrets: &[&str]) -> Self {
        let mut all = Vec::new();
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            let bytes = secret.as_bytes();
            let is_word = bytes.len() < SHORT;
            all.push(Spelled {
                kind: if is_word { Kind::Word } else { Kind::Text },
                bytes: bytes.to_vec(),
                shared: [false; 2],
            });
            if !is_word {
                all.push(in_hex(bytes));
                all.extend((0..3).map(|shift| in_base64(bytes, shift)));
            }
        }
        Self(all)
    }

    /// The text without them: each is replaced by `<redacted>`, and everything else stays as
    /// it is.
    ///
    /// Where two match at one place the longer one counts, so that a token is not cut by a
    /// password that it begins with. A match that was found is skipped as a whole, and the
    /// search goes on behind it. Once `STEPS` are used up the rest of the text goes.
    pub(super) fn hide(&self, text: &str) -> String {
        let text = text.as_bytes();
        let (mut shown, mut copied, mut at, mut steps) = (Vec::new(), 0, 0, STEPS);
        while let Some(first) = text.get(at) {
            // They are the same for every spelling, so they are read once for each place.
            let escapes = escapes(text, at, DEPTH);
            let mut longest: Option<Range<usize>> = None;
            for one in &self.0 {
                if (ESCAPES.contains(first) || one.fits(0, &[*first]))
                    && let Some(found) = one.find(text, at, &escapes, &mut steps)
                    && longest
                        .as_ref()
                        .is_none_or(|longest| longest.end < found.end)
                {
                    longest = Some(found);
                }
            }
            let found = match longest {
                Some(found) => found,
                None if steps == 0 => at..text.len(),
                None => {
                    at += 1;
                    continue;
                }
            };
            shown.extend_from_slice(&text[copied..found.start.max(copied)]);
            shown.extend_from_slice(BLANK.as_bytes());
            (copied, at) = (found.end, found.end);
        }
        shown.extend_from_slice(&text[copied..]);
        String::from_utf8_lossy(&shown).into_owned()
    }
}

/// The secret as two digits a byte, in lower case; `Kind::Hex` compares without regard to
/// case.
fn in_hex(secret: &[u8]) -> Spelled {
    let digit = |four: u8| b"0123456789abcdef"[usize::from(four)];
    let mut bytes = Vec::new();
    for byte in secret {
        bytes.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    Spelled {
        kind: Kind::Hex,
        bytes,
        shared: [false; 2],
    }
}

/// What base64 makes of a secret that begins `shift` bytes behind a multiple of three: the
/// characters that hold nothing else.
///
/// Base64 writes three bytes as four characters, so a secret inside of a longer text looks
/// different at each of three offsets. A `Basic` header is such a text: the password stands
/// behind a user name of any length. The characters at both ends hold bits of their neighbours
/// as well; they are left out here and noted in `shared`.
fn in_base64(secret: &[u8], shift: usize) -> Spelled {
    let shifted = [&[0; 3][..shift], secret].concat();
    // The character in which it begins holds bits of what is before it, and the one in which
    // it ends of what follows.
    let skipped = [0, 2, 3][shift];
    let is_open = shifted.len() % 3 != 0;
    let encoded = base64::encode(&shifted);
    let whole = encoded.trim_end_matches('=').len() - usize::from(is_open);
    Spelled {
        kind: Kind::Base64,
        bytes: encoded.as_bytes()[skipped..whole].to_vec(),
        shared: [shift > 0, is_open],
    }
}

impl Spelled {
    /// Where it stands in the text, if it begins at `at`; `first` are the escapes there.
    ///
    /// A text may be read in several ways (`%41` is three characters or an `A`), so this is a
    /// search with a stack of open readings: how much of the spelling is matched, and where
    /// the text goes on. `steps` is shared by the whole text and is taken down by one for each
    /// reading that is gone on with; `None` also means that it is used up.
    fn find(
        &self,
        text: &[u8],
        at: usize,
        first: &[Escape],
        steps: &mut usize,
    ) -> Option<Range<usize>> {
        // How much of it is found, and where the text goes on.
        let mut open = vec![(0, at)];
        while let Some((done, place)) = open.pop() {
            if done == self.bytes.len() {
                return self.around(text, at..place);
            }
            // Where it may begin is no step: of those a text has no more than bytes.
            *steps = steps.checked_sub(usize::from(done > 0))?;
            let here = escapes(text, place, if place == at { 0 } else { DEPTH });
            for escape in first.iter().filter(|_| place == at).chain(&here) {
                let bytes = &escape.utf8[..escape.length];
                if self.fits(done, bytes) {
                    open.push((done + bytes.len(), escape.end));
                }
            }
            if text
                .get(place)
                .is_some_and(|byte| self.fits(done, &[*byte]))
            {
                open.push((done + 1, place + 1));
            }
        }
        None
    }

    /// Whether it goes on with these bytes, behind the first `done` ones.
    fn fits(&self, done: usize, bytes: &[u8]) -> bool {
        let same = |(expected, byte): (&u8, &u8)| {
            *expected
                == match (&self.kind, byte) {
                    (Kind::Hex, byte) => byte.to_ascii_lowercase(),
                    (Kind::Base64, b'-') => b'+',
                    (Kind::Base64, b'_') => b'/',
                    (_, byte) => *byte,
                }
        };
        let rest = &self.bytes[done..];
        bytes.len() <= rest.len() && rest.iter().zip(bytes).all(same)
    }

    /// What is to be blanked where it was found: the range, made wider by the base64
    /// characters that share bits with it. `None` for a short secret inside of a word.
    fn around(&self, text: &[u8], found: Range<usize>) -> Option<Range<usize>> {
        let byte = |place: usize| text.get(place).copied().unwrap_or_default();
        let (before, behind) = (byte(found.start.wrapping_sub(1)), byte(found.end));
        let in_word = |byte: u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
        if matches!(self.kind, Kind::Word) && (in_word(before) || in_word(behind)) {
            return None;
        }
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
        let start = found.start - usize::from(self.shared[0] && is_base64(before));
        let end = found.end + usize::from(self.shared[1] && is_base64(behind));
        Some(start..end)
    }
}

/// What an escape stands for, and where the text goes on.
///
/// `utf8[..length]` is the character; `\u00e9` stands for two bytes, `%C3` for the one byte
/// that it names. `end` is the place in the text behind the escape.
#[derive(PartialEq, Eq)]
struct Escape {
    utf8: [u8; 4],
    length: usize,
    end: usize,
}

/// The escapes that begin at `at`, each once. The characters of each may themselves be
/// escaped, one depth less.
///
/// Several may begin at one place: at `%2526` there is `%25`, which is `%`, and all of it,
/// which is `&`. With `depth` 0, or where no escape can begin, there are none.
fn escapes(text: &[u8], at: usize, depth: u8) -> Vec<Escape> {
    let mut found = Vec::new();
    let Some(first) = text.get(at).filter(|first| ESCAPES.contains(first)) else {
        return found;
    };
    let Some(depth) = depth.checked_sub(1) else {
        return found;
    };
    let mut firsts = vec![(*first, at + 1)];
    for escape in escapes(text, at, depth) {
        if escape.length == 1 {
            firsts.push((escape.utf8[0], escape.end));
        }
        found.push(escape);
    }
    for (first, at) in firsts {
        let mut rest = Rest { text, at, depth };
        let escape = rest.escape(first).map(|(utf8, length)| Escape {
            utf8,
            length,
            end: rest.at,
        });
        found.extend(escape.filter(|escape| !found.contains(escape)));
    }
    found
}

/// The names that libraries write for the characters that HTML needs escaped.
const NAMES: [(&[u8], u8); 6] = [
    (b"amp", b'&'),
    (b"lt", b'<'),
    (b"gt", b'>'),
    (b"quot", b'"'),
    (b"apos", b'\''),
    (b"nbsp", b' '),
];

/// Reads what follows the first character of an escape, in which each character may itself be
/// escaped `depth` times.
struct Rest<'a> {
    text: &'a [u8],
    at: usize,
    depth: u8,
}

impl Rest<'_> {
    /// The next character, out of its escape where it is escaped; `None` at the end of the
    /// text.
    fn next(&mut self) -> Option<u8> {
        let escapes = escapes(self.text, self.at, self.depth);
        let escaped = escapes.iter().find(|escape| escape.length == 1);
        let plain = || Some((*self.text.get(self.at)?, self.at + 1));
        let (byte, end) = escaped
            .map(|escape| (escape.utf8[0], escape.end))
            .or_else(plain)?;
        self.at = end;
        Some(byte)
    }

    /// The number in so many hex digits; `None` where one of them is no hex digit.
    fn hex(&mut self, digits: usize) -> Option<u32> {
        let mut value = 0;
        for _ in 0..digits {
            value = value << 4 | char::from(self.next()?).to_digit(16)?;
        }
        Some(value)
    }

    /// The byte in two hex digits, as behind `%` and `\x`.
    fn byte(&mut self) -> Option<u8> {
        u8::try_from(self.hex(2)?).ok()
    }

    /// What the escape stands for, in UTF-8, and how many bytes that is. `first` is its first
    /// character, which was read already; `None` where this is no escape.
    fn escape(&mut self, first: u8) -> Option<([u8; 4], usize)> {
        let byte = match first {
            b'+' => b' ',
            b'%' => self.byte()?,
            b'\\' => match self.next()? {
                b'u' => return in_utf8(self.utf16()?),
                b'x' => self.byte()?,
                b'b' => 8,
                b't' => b'\t',
                b'n' => b'\n',
                b'f' => 12,
                b'r' => b'\r',
                byte if byte.is_ascii_punctuation() => byte,
                _ => return None,
            },
            b'&' => {
                let name = self.name()?;
                match NAMES.iter().find(|(known, _)| *known == name) {
                    Some((_, byte)) => *byte,
                    None => return in_utf8(number(name.strip_prefix(b"#")?)?),
                }
            }
            _ => return None,
        };
        Some(([byte, 0, 0, 0], 1))
    }

    /// The character in four digits behind `\u`, and four more where those are the first half
    /// of a character: `\ud83d\udd11` is one key symbol.
    fn utf16(&mut self) -> Option<u32> {
        let high = self.hex(4)?;
        if !(0xD800..0xDC00).contains(&high) {
            return Some(high);
        }
        let is_next = self.next()? == b'\\' && self.next()? == b'u';
        let low = self
            .hex(4)
            .filter(|low| is_next && (0xDC00..0xE000).contains(low))?;
        Some(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    }

    /// What stands before a semicolon, in lower case: letters, digits and `#`, at most ten.
    /// `None` where anything else comes before it.
    fn name(&mut self) -> Option<Vec<u8>> {
        let mut name = Vec::new();
        loop {
            match self.next()? {
                b';' => return Some(name),
                byte if name.len() < 10 && (byte.is_ascii_alphanumeric() || byte == b'#') => {
                    name.push(byte.to_ascii_lowercase());
                }
                _ => return None,
            }
        }
    }
}

/// The number of a character, as HTML writes it behind `#`: `39` or, in hex, `x27`. The name
/// was put in lower case before.
fn number(text: &[u8]) -> Option<u32> {
    let (digits, radix) = text
        .strip_prefix(b"x")
        .map_or((text, 10), |digits| (digits, 16));
    let (first, rest) = digits.split_first()?;
    let mut value = char::from(*first).to_digit(radix)?;
    for digit in rest {
        let digit = char::from(*digit).to_digit(radix)?;
        value = value.checked_mul(radix)?.checked_add(digit)?;
    }
    Some(value)
}

/// The character of that number in UTF-8; `None` for half of a surrogate pair and for what is
/// no character.
fn in_utf8(code: u32) -> Option<([u8; 4], usize)> {
    let mut utf8 = [0; 4];
    let length = char::from_u32(code)?.encode_utf8(&mut utf8).len();
    Some((utf8, length))
}

#[cfg(test)]
mod tests;
