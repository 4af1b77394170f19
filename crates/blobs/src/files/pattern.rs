//! What somebody searches for: a part of a name, or a pattern.

/// A search that was read.
///
/// | it has | it means |
/// | --- | --- |
/// | neither `*`, `?` nor `/` | a part of the name |
/// | `/` alone of them | a part of the path |
/// | `*` or `?`, and no `/` | the whole name |
/// | `*` or `?`, and `/` | the whole path: `*` and `?` stop at `/`, and `**` does not |
///
/// ASCII letters are the same in both cases. `\xNN` is the byte of that number, as names are
/// written that are no UTF-8.
///
/// ```
/// use waybill_blobs::files::Pattern;
///
/// let is = |search: &str, path: &str| Pattern::read(search).matches(path.as_bytes());
/// assert!(is("passwd", "etc/passwd-") && is("*.so", "usr/lib/libc.so"));
/// assert!(is("/etc/**/*.conf", "etc/a/b/c.conf") && !is("/etc/*.conf", "etc/a/c.conf"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    pieces: Vec<Piece>,
    is_path: bool,
    is_whole: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    /// In lower case, where it is a letter.
    Byte(u8),
    /// One character but `/`.
    One,
    /// Any number of bytes but `/`.
    Some,
    /// Any number of bytes.
    Any,
    /// Any number of whole folders, each with the `/` behind it.
    Folders,
}

/// How many bytes of a search count: no path is longer that an engine takes.
const LONGEST: usize = 4096;

impl Pattern {
    /// Reads what was typed.
    #[must_use]
    pub fn read(search: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = search.trim().as_bytes();
        while let [first, behind @ ..] = rest
            && pieces.len() < LONGEST
        {
            let begins = matches!(pieces.last(), None | Some(Piece::Byte(b'/')));
            let (piece, behind) = match (first, behind) {
                (b'*', [b'*', b'/', behind @ ..]) if begins => (Piece::Folders, behind),
                (b'*', [b'*', behind @ ..]) => (Piece::Any, behind),
                (b'*', _) => (Piece::Some, behind),
                (b'?', _) => (Piece::One, behind),
                (b'\\', [b'x', high, low, behind @ ..]) => match (digit(*high), digit(*low)) {
                    (Some(high), Some(low)) => {
                        let byte = high << 4 | low;
                        (Piece::Byte(byte.to_ascii_lowercase()), behind)
                    }
                    (None, _) | (_, None) => (Piece::Byte(b'\\'), &rest[1..]),
                },
                (byte, _) => (Piece::Byte(byte.to_ascii_lowercase()), behind),
            };
            pieces.push(piece);
            rest = behind;
        }
        let is_whole = pieces.iter().any(|it| !matches!(it, Piece::Byte(_)));
        let is_path = pieces.contains(&Piece::Folders) || pieces.contains(&Piece::Byte(b'/'));
        if is_whole && is_path && pieces.first() != Some(&Piece::Byte(b'/')) {
            pieces.insert(0, Piece::Byte(b'/'));
        }
        Self {
            pieces,
            is_path,
            is_whole,
        }
    }

    /// Tells whether nothing is searched for, so that everything is found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Tells whether only the name counts, which is what stands behind the last `/` of a path.
    #[must_use]
    pub fn is_of_name(&self) -> bool {
        !self.is_path
    }

    /// Tells whether a path is what is searched for; it has no `/` at its beginning.
    #[must_use]
    pub fn matches(&self, path: &[u8]) -> bool {
        if self.is_path {
            let rooted = [b"/", path].concat();
            self.matches_text(&rooted)
        } else {
            let name = path.rsplit(|byte| *byte == b'/').next();
            self.matches_text(name.unwrap_or_default())
        }
    }

    fn matches_text(&self, text: &[u8]) -> bool {
        if !self.is_whole {
            let length = self.pieces.len();
            let is =
                |(piece, byte): (&Piece, &u8)| *piece == Piece::Byte(byte.to_ascii_lowercase());
            let is_here = |part: &[u8]| self.pieces.iter().zip(part).all(is);
            return length == 0 || text.windows(length).any(is_here);
        }
        // Where the last `*` goes on with one byte more, and the last `**`. What an earlier one
        // could take, the last one can too, so nothing else is tried.
        let (mut some, mut any) = (None, None);
        let (mut piece, mut at) = (0, 0);
        loop {
            let next = text.get(at);
            match self.pieces.get(piece) {
                None if next.is_none() => return true,
                Some(Piece::Byte(byte)) if next.map(u8::to_ascii_lowercase) == Some(*byte) => {
                    (piece, at) = (piece + 1, at + 1);
                    continue;
                }
                Some(Piece::One) if next.is_some_and(|byte| *byte != b'/') => {
                    at += 1;
                    // The rest of a character is no other one.
                    while text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80) {
                        at += 1;
                    }
                    piece += 1;
                    continue;
                }
                Some(Piece::Some) => {
                    piece += 1;
                    some = Some((piece, at));
                    continue;
                }
                Some(kind @ (Piece::Any | Piece::Folders)) => {
                    piece += 1;
                    any = Some((piece, at, *kind));
                    some = None;
                    continue;
                }
                None | Some(Piece::Byte(_) | Piece::One) => {}
            }
            if let Some((behind, from)) = some
                && text.get(from).is_some_and(|byte| *byte != b'/')
            {
                some = Some((behind, from + 1));
                (piece, at) = (behind, from + 1);
                continue;
            }
            let Some((behind, from, kind)) = any else {
                return false;
            };
            let rest = text.get(from..).unwrap_or_default();
            let step = match kind {
                Piece::Folders => rest.iter().position(|byte| *byte == b'/').map(|it| it + 1),
                Piece::Byte(_) | Piece::One | Piece::Some | Piece::Any => {
                    (!rest.is_empty()).then_some(1)
                }
            };
            let Some(step) = step else {
                return false;
            };
            any = Some((behind, from + step, kind));
            some = None;
            (piece, at) = (behind, from + step);
        }
    }
}

/// The value of a hexadecimal digit.
fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_finds_what_it_says() {
        for (search, found, not_found) in [
            ("", &["", "a", "a/b"][..], &[][..]),
            (
                "pass",
                &["etc/passwd", "PASS", "compass"],
                &["pass/a", "pas"],
            ),
            ("PASS", &["etc/passwd"], &[]),
            ("tc/pa", &["etc/passwd"], &["tc", "pa"]),
            ("/etc", &["etc", "etc/a", "a/etcetera"], &["fetc"]),
            ("*.so", &["a.so", "lib/b.so", ".so"], &["a.so.1", "a.so/b"]),
            ("*.so*", &["a.so", "lib/b.so.6"], &["so"]),
            ("?.c", &["a.c", "x/ä.c", "/.c/b.c"], &["ab.c", ".c"]),
            ("/etc/*", &["etc/a"], &["etc", "etc/a/b", "x/etc/a"]),
            ("etc/*", &["etc/a"], &["x/etc/a"]),
            (
                "**/etc/*",
                &["etc/a", "x/etc/a", "x/y/etc/a"],
                &["xetc/a", "etc/a/b"],
            ),
            (
                "/etc/**/*.conf",
                &["etc/a.conf", "etc/a/b/c.conf"],
                &["etc/a.con", "x/etc/a.conf"],
            ),
            ("/usr/**", &["usr/a", "usr/a/b"], &["usr", "usrx"]),
            (
                "/**/b/**/d",
                &["b/d", "a/b/c/d", "b/x/b/y/z/d"],
                &["b", "a/d"],
            ),
            ("a*b*c", &["abc", "aXbXbXc", "x/abcbc"], &["ab", "abcx"]),
            (
                "/a*/**c",
                &["a/c", "axx/b/b/c", "a/c/c"],
                &["a", "b/c", "ac"],
            ),
            ("*/", &[], &["a", "a/b"]),
            (r"\xff\x2f", &[], &["a"]),
            (r"a\x", &[r"a\x", r"xa\xy"], &["a"]),
        ] {
            let pattern = Pattern::read(search);
            for path in found {
                assert!(
                    pattern.matches(path.as_bytes()),
                    "{search:?} finds {path:?}"
                );
            }
            for path in not_found {
                assert!(
                    !pattern.matches(path.as_bytes()),
                    "{search:?} leaves {path:?}"
                );
            }
        }
        assert!(Pattern::read(r"\xff").matches(b"a/\xfe\xff"));
        assert!(Pattern::read("?").matches("\u{1f600}".as_bytes()));
    }

    /// Every pattern and text of a few letters, against what the words mean.
    #[test]
    fn it_matches_as_its_meaning_tried_out_does() {
        fn means(pieces: &[Piece], text: &[u8]) -> bool {
            let Some((first, behind)) = pieces.split_first() else {
                return text.is_empty();
            };
            let ends = 0..=text.len();
            match first {
                Piece::Byte(byte) => text.first() == Some(byte) && means(behind, &text[1..]),
                Piece::One => {
                    text.first().is_some_and(|byte| *byte != b'/') && means(behind, &text[1..])
                }
                Piece::Some => ends
                    .take_while(|end| !text[..*end].contains(&b'/'))
                    .any(|end| means(behind, &text[end..])),
                Piece::Any => ends.rev().any(|end| means(behind, &text[end..])),
                Piece::Folders => ends
                    .filter(|end| *end == 0 || text[*end - 1] == b'/')
                    .any(|end| means(behind, &text[end..])),
            }
        }
        let words = |letters: &[u8], longest: u32| {
            let all = (0..=longest).flat_map(|length| {
                let count = letters.len().pow(length);
                (0..count).map(move |number| (length, number))
            });
            let letters = letters.to_vec();
            let word = |(length, mut number): (u32, usize)| -> Vec<u8> {
                let letter = |_| {
                    let letter = letters[number % letters.len()];
                    number /= letters.len();
                    letter
                };
                (0..length).map(letter).collect()
            };
            all.map(word).collect::<Vec<_>>()
        };
        let texts = words(b"ab/", 5);
        for pattern in words(b"a*?/", 6) {
            let search = String::from_utf8_lossy(&pattern).into_owned();
            let read = Pattern::read(&search);
            if read.is_whole && read.is_path {
                for text in &texts {
                    let rooted = [b"/", &text[..]].concat();
                    let means = means(&read.pieces, &rooted);
                    assert_eq!(read.matches(text), means, "{search:?} {text:?}");
                }
            }
        }
    }
}
