//! Blanks secrets out of what a registry, a token endpoint or a proxy wrote, however it spelled them.

use std::ops::Range;

use base64::prelude::{BASE64_STANDARD, Engine as _};

const BLANK: &str = "<redacted>";

/// A shorter secret is blanked only where it stands as a word of its own, and not in base64 or hex: everywhere else it
/// would be found by chance, and the gaps in words would tell it.
const SHORT: usize = 4;

/// How many escapes may be inside each other, as in `&amp;#39;` or JSON in a query.
const DEPTH: u8 = 2;

/// How much is tried in one text. What is behind that is blanked as a whole: a text made to be slow is no evidence.
const STEPS: usize = 4_000_000;

/// The first characters of all escapes.
const ESCAPES: [u8; 4] = [b'\\', b'%', b'&', b'+'];

/// Texts that must not be shown.
///
/// They are found as they are, escaped for JSON, a query or HTML (each character in any of these, also one inside the
/// other), in base64 of either alphabet at any place of a longer text, and in hex.
pub(super) struct Secrets {
    spelled: Vec<Spelled>,
    /// Whether something may begin with that byte.
    begins: [bool; 256],
}

/// One spelling of a secret, in which each character may be escaped.
#[derive(Default)]
struct Spelled {
    bytes: Vec<u8>,
    any_case: bool,
    /// Not inside of a word.
    is_word: bool,
    /// Whether the base64 character before it, and the one behind it, hold some bits of it.
    shared: [bool; 2],
}

impl Secrets {
    pub(super) fn new(secrets: &[&str]) -> Self {
        let mut spelled = Vec::new();
        for secret in secrets {
            let bytes = secret.as_bytes();
            let is_word = bytes.len() < SHORT;
            if !bytes.is_empty() {
                spelled.push(Spelled {
                    bytes: bytes.to_owned(),
                    is_word,
                    ..Spelled::default()
                });
            }
            if !is_word {
                let digit = |four: u8| b"0123456789abcdef"[usize::from(four)];
                let hex = bytes
                    .iter()
                    .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
                    .collect();
                spelled.push(Spelled {
                    bytes: hex,
                    any_case: true,
                    ..Spelled::default()
                });
                spelled.extend((0..3).flat_map(|shift| in_base64(bytes, shift)));
            }
        }
        let mut begins = [false; 256];
        for byte in spelled
            .iter()
            .flat_map(|one| [one.bytes[0], one.bytes[0].to_ascii_uppercase()])
            .chain(ESCAPES)
        {
            begins[usize::from(byte)] = true;
        }
        Self { spelled, begins }
    }

    /// The text without them.
    pub(super) fn hide(&self, text: &str) -> String {
        if self.spelled.is_empty() {
            return text.to_owned();
        }
        let text = text.as_bytes();
        let (mut shown, mut copied, mut at, mut steps) = (Vec::new(), 0, 0, STEPS);
        while at < text.len() {
            if !self.begins[usize::from(text[at])] {
                at += 1;
                continue;
            }
            let units = units(text, at, DEPTH);
            let found = self
                .spelled
                .iter()
                .filter_map(|one| one.find(text, at, &units, &mut steps));
            let found = found.max_by_key(|found| found.end);
            steps = steps.saturating_sub(1);
            if let Some(found) = found {
                shown.extend_from_slice(&text[copied..found.start.max(copied)]);
                shown.extend_from_slice(BLANK.as_bytes());
                (copied, at) = (found.end, found.end);
            } else if steps == 0 {
                shown.extend_from_slice(&text[copied..at]);
                shown.extend_from_slice(BLANK.as_bytes());
                (copied, at) = (text.len(), text.len());
            } else {
                at += 1;
            }
        }
        shown.extend_from_slice(&text[copied..]);
        String::from_utf8_lossy(&shown).into_owned()
    }
}

/// What base64 makes of a secret that begins `shift` bytes behind a multiple of three: the characters that hold nothing
/// else, in the standard alphabet and in the one for addresses.
fn in_base64(secret: &[u8], shift: usize) -> [Spelled; 2] {
    let shifted = [&[0; 3][..shift], secret].concat();
    // The character in which it begins holds bits of what is before it, and the one in which it ends of what follows.
    let skipped = [0, 2, 3][shift];
    let is_open = shifted.len() % 3 != 0;
    let encoded = BASE64_STANDARD.encode(&shifted);
    let whole = encoded.trim_end_matches('=').len() - usize::from(is_open);
    [[b'+', b'/'], [b'-', b'_']].map(|last| {
        let bytes = encoded.as_bytes()[skipped..whole]
            .iter()
            .map(|byte| match byte {
                b'+' => last[0],
                b'/' => last[1],
                byte => *byte,
            });
        Spelled {
            bytes: bytes.collect(),
            shared: [shift > 0, is_open],
            ..Spelled::default()
        }
    })
}

impl Spelled {
    /// Where it stands in the text, if it begins at `at`; `first` are the escapes there.
    fn find(
        &self,
        text: &[u8],
        at: usize,
        first: &[Unit],
        steps: &mut usize,
    ) -> Option<Range<usize>> {
        let same = |one: &[u8], other: &[u8]| {
            if self.any_case {
                one.eq_ignore_ascii_case(other)
            } else {
                one == other
            }
        };
        let fits = |done: usize, bytes: &[u8]| {
            self.bytes
                .get(done..done + bytes.len())
                .is_some_and(|expected| same(expected, bytes))
        };
        // How much of it is found, and where the text goes on.
        let mut open = Vec::new();
        let step = |done: usize, place: usize, escapes: &[Unit], open: &mut Vec<(usize, usize)>| {
            let fitting = escapes.iter().filter(|unit| fits(done, unit.bytes()));
            open.extend(fitting.map(|unit| (done + unit.length, unit.end)));
            if text.get(place).is_some_and(|byte| fits(done, &[*byte])) {
                open.push((done + 1, place + 1));
            }
        };
        step(0, at, first, &mut open);
        while let Some((done, place)) = open.pop() {
            if done == self.bytes.len() {
                return self.around(text, at..place);
            }
            if *steps == 0 {
                return None;
            }
            *steps -= 1;
            step(done, place, &units(text, place, DEPTH), &mut open);
        }
        None
    }

    /// What is to be blanked where it was found.
    fn around(&self, text: &[u8], found: Range<usize>) -> Option<Range<usize>> {
        let before = found.start.checked_sub(1).and_then(|place| text.get(place));
        let behind = text.get(found.end);
        let in_word = |byte: Option<&u8>| {
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
        };
        if self.is_word && (in_word(before) || in_word(behind)) {
            return None;
        }
        let is_base64 = |byte: Option<&u8>| {
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte))
        };
        let start = found.start - usize::from(self.shared[0] && is_base64(before));
        let end = found.end + usize::from(self.shared[1] && is_base64(behind));
        Some(start..end)
    }
}

/// What an escape stands for, and where the text goes on.
#[derive(PartialEq, Eq)]
struct Unit {
    utf8: [u8; 4],
    length: usize,
    end: usize,
}

impl Unit {
    fn byte(byte: u8, end: usize) -> Self {
        Self {
            utf8: [byte, 0, 0, 0],
            length: 1,
            end,
        }
    }

    fn character(code: u32, end: usize) -> Option<Self> {
        let mut utf8 = [0; 4];
        let length = char::from_u32(code)?.encode_utf8(&mut utf8).len();
        Some(Self { utf8, length, end })
    }

    fn bytes(&self) -> &[u8] {
        &self.utf8[..self.length]
    }
}

/// The escapes that begin at `at`, each once. The characters of each may themselves be escaped, one depth less.
fn units(text: &[u8], at: usize, depth: u8) -> Vec<Unit> {
    let Some(first) = text
        .get(at)
        .filter(|first| depth > 0 && ESCAPES.contains(first))
    else {
        return Vec::new();
    };
    let inner = depth - 1;
    let mut units = self::units(text, at, inner);
    let inside = units
        .iter()
        .filter(|unit| unit.length == 1)
        .map(|unit| (unit.utf8[0], unit.end));
    let firsts: Vec<_> = [(*first, at + 1)].into_iter().chain(inside).collect();
    for (first, place) in firsts {
        let unit = match first {
            b'+' => Some(Unit::byte(b' ', place)),
            b'%' => hex(text, place, 2, inner)
                .and_then(|(byte, end)| Some(Unit::byte(u8::try_from(byte).ok()?, end))),
            b'\\' => behind_backslash(text, place, inner),
            b'&' => behind_ampersand(text, place, inner),
            _ => None,
        };
        units.extend(unit.filter(|unit| !units.contains(unit)));
    }
    units
}

/// The character at `at`, out of its escape where it is escaped.
fn one(text: &[u8], at: usize, depth: u8) -> Option<(u8, usize)> {
    let escaped = units(text, at, depth)
        .into_iter()
        .find(|unit| unit.length == 1);
    escaped
        .map(|unit| (unit.utf8[0], unit.end))
        .or_else(|| Some((*text.get(at)?, at + 1)))
}

/// So many hexadecimal digits.
fn hex(text: &[u8], at: usize, digits: usize, depth: u8) -> Option<(u32, usize)> {
    (0..digits).try_fold((0, at), |(value, at), _| {
        let (digit, end) = one(text, at, depth)?;
        Some((value << 4 | char::from(digit).to_digit(16)?, end))
    })
}

/// As in JSON, and `\x` and any punctuation as in other languages.
fn behind_backslash(text: &[u8], at: usize, depth: u8) -> Option<Unit> {
    let (kind, at) = one(text, at, depth)?;
    let control = match kind {
        b'u' => return in_utf16(text, at, depth),
        b'x' => {
            return hex(text, at, 2, depth)
                .and_then(|(byte, end)| Some(Unit::byte(u8::try_from(byte).ok()?, end)));
        }
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'f' => 12,
        b'r' => b'\r',
        punctuation if punctuation.is_ascii_punctuation() => punctuation,
        _ => return None,
    };
    Some(Unit::byte(control, at))
}

/// Four digits, and four more where those are the first half of a character.
fn in_utf16(text: &[u8], at: usize, depth: u8) -> Option<Unit> {
    let (high, end) = hex(text, at, 4, depth)?;
    if !(0xD800..0xDC00).contains(&high) {
        return Unit::character(high, end);
    }
    let (backslash, end) = one(text, end, depth)?;
    let (letter, end) = one(text, end, depth)?;
    let (low, end) = hex(text, end, 4, depth)?;
    let is_pair = (backslash, letter) == (b'\\', b'u') && (0xDC00..0xE000).contains(&low);
    if is_pair {
        Unit::character(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00), end)
    } else {
        None
    }
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

/// A number or a name of HTML, up to its semicolon.
fn behind_ampersand(text: &[u8], at: usize, depth: u8) -> Option<Unit> {
    let (mut name, mut end) = (Vec::new(), at);
    loop {
        let (byte, next) = one(text, end, depth)?;
        end = next;
        match byte {
            b';' => break,
            byte if name.len() < 10 && (byte.is_ascii_alphanumeric() || byte == b'#') => {
                name.push(byte.to_ascii_lowercase());
            }
            _ => return None,
        }
    }
    if let Some((_, byte)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(Unit::byte(*byte, end));
    }
    let number = std::str::from_utf8(name.strip_prefix(b"#")?).ok()?;
    let (digits, radix) = number
        .strip_prefix('x')
        .map_or((number, 10), |digits| (digits, 16));
    Unit::character(u32::from_str_radix(digits, radix).ok()?, end)
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};

    use super::*;

    fn hidden(secret: &str, text: &str) -> String {
        Secrets::new(&[secret]).hide(text)
    }

    /// What each of several writers makes of a text.
    fn spellings(text: &str) -> Vec<String> {
        let bytes = |one: fn(u8) -> String| text.bytes().map(one).collect::<String>();
        let units = |one: &dyn Fn(u16) -> String| text.encode_utf16().map(one).collect::<String>();
        let characters = |one: fn(char) -> String| text.chars().map(one).collect::<String>();
        let html = |apostrophe: &str| {
            let named = text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;");
            named.replace('\'', apostrophe)
        };
        let json = crate::json::Value::String(text.to_owned().into()).to_text();
        let query = text.bytes().map(|byte| match byte {
            b' ' => "+".to_owned(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        });
        vec![
            text.to_owned(),
            json.trim_matches('"').to_owned(),
            json.trim_matches('"').replace('/', "\\/"),
            units(&|unit| format!("\\u{unit:04x}")),
            units(&|unit| format!("\\u{unit:04X}")),
            bytes(|byte| format!("\\x{byte:02x}")),
            bytes(|byte| format!("%{byte:02x}")),
            bytes(|byte| format!("%{byte:02X}")),
            query.collect(),
            html("&#39;"),
            html("&#039;"),
            html("&#x27;"),
            html("&apos;"),
            characters(|c| format!("&#{};", u32::from(c))),
            characters(|c| format!("&#X{:X};", u32::from(c))),
            bytes(|byte| format!("{byte:02x}")),
            bytes(|byte| format!("{byte:02X}")),
            BASE64_STANDARD.encode(text),
            BASE64_URL_SAFE.encode(text),
            BASE64_STANDARD_NO_PAD.encode(text),
        ]
    }

    const SECRETS: [&str; 5] = [
        "s3cr\"et/pa\\ss'w<o>r&d+%41",
        "caf\u{e9} \u{1f511} key",
        "abcd",
        "~~~???>>>",
        "dXNlcjpzM2NyZXQ=",
    ];

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        for secret in SECRETS {
            for spelled in spellings(secret) {
                let told = hidden(secret, &format!("before: {spelled} :behind"));
                let rest = told.replace('=', "");
                assert_eq!(rest, "before: <redacted> :behind", "{secret} as {spelled}");
            }
        }
    }

    #[test]
    fn a_spelling_may_be_spelled_again_and_mixed() {
        for secret in SECRETS {
            for spelled in spellings(secret)
                .iter()
                .flat_map(|spelled| spellings(spelled))
            {
                let told = hidden(secret, &spelled);
                let escaped = spellings(secret);
                let escaped = Secrets::new(&escaped.iter().map(String::as_str).collect::<Vec<_>>());
                // Of base64 in base64 a character at either end may stay, of which no bit is the secret's.
                assert!(
                    told.contains(BLANK) || escaped.hide(&spelled).contains(BLANK),
                    "{secret}: {spelled}: {told}"
                );
            }
        }
        assert_eq!(
            hidden("a\"b/c d", r"x\u0061%22b\/c&#32;d x"),
            "x<redacted> x"
        );
        assert_eq!(
            hidden("it's", "it&amp;#39;s it%26%2339%3Bs it%2527s it\\\\u0027s"),
            [BLANK; 4].join(" ")
        );
    }

    #[test]
    fn a_secret_is_found_inside_of_longer_base64() {
        let secret = "s3cret-password";
        for user in ["", "u", "us", "use", "a longer name"] {
            for behind in ["", "\n", "ab", "abc"] {
                let text = format!("{user}:{secret}{behind}");
                for encoded in [
                    BASE64_STANDARD.encode(&text),
                    BASE64_URL_SAFE_NO_PAD.encode(&text),
                ] {
                    let told = hidden(secret, &format!("Basic {encoded}."));
                    assert!(told.contains(BLANK), "{text}: {told}");
                    // What is left decodes to nothing of it.
                    let left: usize = told.replace(BLANK, "").len();
                    assert!(
                        left <= "Basic .".len() + (user.len() + behind.len() + 3) * 4 / 3 + 3,
                        "{text}: {told}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "",
            "nothing here \\u00zz %zz %4 &#; &bogus; \\",
            "caf\u{e9} \u{1f511}",
            "s3cret-passwor",
            "%",
        ] {
            assert_eq!(hidden("s3cret-password", text), text);
        }
        assert_eq!(hidden("", "a"), "a");
        assert_eq!(Secrets::new(&["", ""]).hide("abc"), "abc");
    }

    #[test]
    fn a_short_secret_is_blanked_only_as_a_word() {
        assert_eq!(
            hidden("ab", "ab tab abc \"ab\" %61b YWI= 6162"),
            "<redacted> tab abc \"<redacted>\" <redacted> YWI= 6162"
        );
        assert_eq!(hidden("a", "a bad answer"), "<redacted> bad answer");
        assert_eq!(hidden("é", "café é"), "café <redacted>");
    }

    #[test]
    fn a_text_made_to_be_slow_is_blanked_and_not_searched_for_long() {
        let secret = "a".repeat(20_000);
        let text = ["a".repeat(19_999), "b".to_owned()].concat().repeat(50);
        let told = hidden(&secret, &text);
        assert!(
            told.ends_with(BLANK) && told.len() < text.len(),
            "{} bytes",
            told.len()
        );
        for text in ["\\", "%", "%25", "&amp;", "&", "\\u005c"] {
            hidden("s3cret-password", &text.repeat(20_000));
        }
    }
}
