//! What the bytes of a file are: text in which encoding, a picture, or neither.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What a file can be shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Lines of text.
    Text,
    /// Bytes in hexadecimal.
    Hex,
    /// A picture.
    Picture,
}

/// How text is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or ASCII, which is the same.
    Utf8,
    /// UTF-8 with a byte order mark.
    Utf8Marked,
    /// UTF-16, little end first, by its byte order mark.
    Utf16Little,
    /// UTF-16, big end first, by its byte order mark.
    Utf16Big,
    /// Nothing says what it is: read as Latin-1, in which every byte is a character.
    Latin1,
}

impl Encoding {
    /// What is said of it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Marked => "UTF-8, with a byte order mark",
            Self::Utf16Little => "UTF-16, little end first, by its byte order mark",
            Self::Utf16Big => "UTF-16, big end first, by its byte order mark",
            Self::Latin1 => "no UTF-8: read as Latin-1, which is a guess",
        }
    }

    /// Finds the encoding of text.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0xff, 0xfe, ..] => Self::Utf16Little,
            [0xfe, 0xff, ..] => Self::Utf16Big,
            [0xef, 0xbb, 0xbf, rest @ ..] if std::str::from_utf8(rest).is_ok() => Self::Utf8Marked,
            _ if std::str::from_utf8(bytes).is_ok() => Self::Utf8,
            _ => Self::Latin1,
        }
    }

    /// Reads a part of a text.
    #[must_use]
    pub fn read(self, bytes: &[u8]) -> Cow<'_, str> {
        let pairs = |of: fn([u8; 2]) -> u16| {
            let units = bytes.chunks(2).map(|pair| match pair {
                [first, second] => of([*first, *second]),
                _ => 0xfffd,
            });
            let read =
                char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER));
            Cow::Owned(read.collect())
        };
        match self {
            Self::Utf8 | Self::Utf8Marked => String::from_utf8_lossy(bytes),
            Self::Utf16Little => pairs(u16::from_le_bytes),
            Self::Utf16Big => pairs(u16::from_be_bytes),
            Self::Latin1 => bytes.iter().map(|byte| char::from(*byte)).collect(),
        }
    }

    /// How many bytes at the beginning are no text.
    fn mark(self) -> usize {
        match self {
            Self::Utf8 | Self::Latin1 => 0,
            Self::Utf8Marked => 3,
            Self::Utf16Little | Self::Utf16Big => 2,
        }
    }

    /// Finds the lines of a text: where each begins, and behind them where the last one ends. The end of a line is
    /// part of it.
    #[must_use]
    pub fn lines(self, bytes: &[u8]) -> Vec<usize> {
        let mark = self.mark();
        let text = bytes.get(mark..).unwrap_or_default();
        let mut starts = vec![mark];
        match self {
            Self::Utf8 | Self::Utf8Marked | Self::Latin1 => {
                let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
                starts.extend(ends.map(|(at, _)| mark + at + 1));
            }
            Self::Utf16Little | Self::Utf16Big => {
                let end = if self == Self::Utf16Little {
                    [b'\n', 0]
                } else {
                    [0, b'\n']
                };
                let pairs = text.chunks(2).enumerate();
                let ends = pairs.filter(|(_, pair)| **pair == end);
                starts.extend(ends.map(|(at, _)| mark + at * 2 + 2));
            }
        }
        if starts.last() != Some(&bytes.len()) {
            starts.push(bytes.len());
        }
        starts
    }
}

/// The media type of a picture that browsers draw, by its first bytes; `None` for everything else. An SVG may hold a
/// program: drawn as a picture it is not run, and nothing that it names is fetched.
#[must_use]
pub fn picture(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        [
            _,
            _,
            _,
            _,
            b'f',
            b't',
            b'y',
            b'p',
            b'a',
            b'v',
            b'i',
            b'f' | b's',
            ..,
        ] => Some("image/avif"),
        _ => is_svg(bytes).then_some("image/svg+xml"),
    }
}

/// How much of a text is looked at for the first element, in bytes.
const BEFORE_SVG: usize = 4096;

/// Tells whether a text begins with an SVG element, behind what XML has before its first.
fn is_svg(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(bytes.get(..BEFORE_SVG).unwrap_or(bytes));
    let mut text = start.trim_start_matches('\u{feff}').trim_start();
    for _ in 0..BEFORE_SVG {
        let end = match text {
            _ if text.starts_with("<?") => "?>",
            _ if text.starts_with("<!--") => "-->",
            _ if text.starts_with("<!DOCTYPE") => ">",
            _ => break,
        };
        let Some((_, behind)) = text.split_once(end) else {
            return false;
        };
        text = behind.trim_start();
    }
    let behind = text
        .strip_prefix("<svg")
        .and_then(|behind| behind.chars().next());
    behind.is_some_and(|next| next == '>' || next == '/' || next.is_ascii_whitespace())
}

/// What a file is shown as unless somebody says otherwise.
#[must_use]
pub fn shown(bytes: &[u8]) -> Shown {
    if picture(bytes).is_some() {
        return Shown::Picture;
    }
    let is_wide = matches!(
        Encoding::of(bytes),
        Encoding::Utf16Little | Encoding::Utf16Big
    );
    // No text has a NUL, and what is no text has one soon.
    let first = bytes.get(..8000).unwrap_or(bytes);
    if !is_wide && first.contains(&0) {
        Shown::Hex
    } else {
        Shown::Text
    }
}

/// How many bytes a line in hexadecimal has.
pub const HEX_BYTES: usize = 16;

/// Writes one line of bytes: in hexadecimal, and those that are ASCII as they are.
#[must_use]
pub fn hex_line(bytes: &[u8]) -> (String, String) {
    let mut hex = String::with_capacity(3 * HEX_BYTES + 1);
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 {
            hex.push(' ');
        }
        if at == HEX_BYTES / 2 {
            hex.push(' ');
        }
        // Writing to a text does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    let text = bytes.iter().map(|byte| match byte {
        b' '..=b'~' => char::from(*byte),
        _ => '·',
    });
    (hex, text.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_by_its_encoding() {
        for (bytes, encoding, lines) in [
            (&b"a\nb"[..], Encoding::Utf8, &["a\n", "b"][..]),
            (b"a\n", Encoding::Utf8, &["a\n"]),
            (b"", Encoding::Utf8, &[]),
            (
                b"\xef\xbb\xbf\xc3\xa4\n\n",
                Encoding::Utf8Marked,
                &["ä\n", "\n"],
            ),
            (
                b"\xff\xfea\0\n\0\xe4\0",
                Encoding::Utf16Little,
                &["a\n", "ä"],
            ),
            (
                b"\xfe\xff\0a\0\n\x0a\0\0b",
                Encoding::Utf16Big,
                &["a\n", "\u{a00}b"],
            ),
            (b"\xff\xfea\0b", Encoding::Utf16Little, &["a\u{fffd}"]),
            (b"na\xefve\n", Encoding::Latin1, &["naïve\n"]),
        ] {
            assert_eq!(Encoding::of(bytes), encoding, "{bytes:?}");
            let starts = encoding.lines(bytes);
            let read: Vec<_> = starts
                .windows(2)
                .map(|pair| encoding.read(&bytes[pair[0]..pair[1]]))
                .collect();
            assert_eq!(read, lines, "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_a_picture_or_hexadecimal() {
        for (bytes, is) in [
            (&b"\x7fELF\x02\x01\x01\0"[..], Shown::Hex),
            (b"\xff\xfea\0b\0", Shown::Text),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Shown::Picture),
            (
                b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <svg> -->\n<!DOCTYPE svg>\n<svg\n/>",
                Shown::Picture,
            ),
            (b"<?xml version='1.0'?><svgz/>", Shown::Text),
            (b"<!-- <svg/>", Shown::Text),
            (b"text of <svg>", Shown::Text),
            (b"<svg", Shown::Text),
            (b"\x89PNG\r\n\x1a\n\0", Shown::Picture),
            (b"\xff\xd8\xff\xe0\0", Shown::Picture),
            (b"GIF89a\0", Shown::Picture),
            (b"RIFF\0\0\0\0WEBPVP8 ", Shown::Picture),
            (b"RIFF\0\0\0\0WAVEfmt ", Shown::Hex),
            (b"\0\0\0\x20ftypavif", Shown::Picture),
            (b"\0\0\0\x20ftypmp42", Shown::Hex),
            (b"", Shown::Text),
        ] {
            assert_eq!(shown(bytes), is, "{bytes:?}");
        }
    }

    #[test]
    fn a_line_in_hexadecimal_has_its_text_beside_it() {
        let (hex, text) = hex_line(b"ab\0\xff 12345678\n");
        assert_eq!(hex, "61 62 00 ff 20 31 32 33  34 35 36 37 38 0a");
        assert_eq!(text, "ab·· 12345678·");
    }
}
