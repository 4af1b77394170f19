//! Names of one object that clients may take for each other: the same twice, or different only
//! in case.
//!
//! Go's `encoding/json` matches names without regard to case and lets the last one win; most other
//! decoders tell case apart, and some take the first. So a document with either clash is read in
//! two ways by two clients (RFC 8259, section 4; RFC 7493, section 2.3).
//!
//! Clashes are rare and objects may be large, so the work is done in two steps: [`may_clash`]
//! compares hashes only, and [`clashes`] compares the names themselves where two hashes were
//! equal.

use std::borrow::Cow;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::string::decode;

#[allow(clippy::unreadable_literal, reason = "made, and read by no person")]
mod folding;

use folding::FOLDED;

/// Up to so many names are compared each with each; more are sorted.
const FEW: usize = 16;

/// A member's name in the text that is scanned.
pub(super) struct Name {
    /// What stands between its quotes.
    pub(super) token: Range<usize>,
    /// Whether it holds an escape.
    escaped: bool,
    /// The same for names that differ only in case, and rarely for others.
    ///
    /// Computed of the folded name where it has an escape or a character beyond ASCII, since
    /// bit 5 alone does not make those equal.
    hash: u32,
}

impl Name {
    /// The name in `text` that stands, with its quotes, at `quoted`.
    ///
    /// `escaped` is what the scan of the string said.
    pub(super) fn new(text: &str, quoted: Range<usize>, escaped: bool) -> Self {
        let mut name = Self {
            token: quoted.start + 1..quoted.end - 1,
            escaped,
            hash: 0,
        };
        let token = text.get(name.token.clone()).unwrap_or_default();
        name.hash = if escaped || !token.is_ascii() {
            hash(&folded(&name.decode(text)))
        } else {
            hash(token)
        };
        name
    }

    /// The name with its escapes resolved.
    ///
    /// Borrowed from the text where there are none.
    pub(super) fn decode<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.escaped {
            decode(
                text.get(self.token.start - 1..=self.token.end)
                    .unwrap_or_default(),
            )
        } else {
            text.get(self.token.clone()).unwrap_or_default().into()
        }
    }
}

/// FNV-1a over the bytes, with bit 5 set in each: that is enough to make ASCII letters equal.
///
/// It makes a few other ASCII characters equal too, `[` and `{` for one: a false alarm, which
/// the comparison of the names clears up.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(byte | 0x20)).wrapping_mul(0x0100_0193)
    })
}

/// Whether two of the names may clash. Never wrong in saying no.
pub(super) fn may_clash(names: &[Name]) -> bool {
    if names.len() <= FEW {
        return names
            .iter()
            .enumerate()
            .any(|(index, name)| names[..index].iter().any(|it| it.hash == name.hash));
    }
    let hashes = names
        .iter()
        .map(|name| name.hash)
        .collect::<BinaryHeap<_>>()
        .into_sorted_vec();
    hashes.windows(2).any(|pair| pair[0] == pair[1])
}

/// How a name clashes with others of its object.
pub(super) enum Clash {
    /// It stands there so often.
    ///
    /// Told once, at the second of them, however many there are.
    Times(usize),
    /// It differs only in case from the one with this index.
    Variant {
        /// That index.
        of: usize,
    },
}

/// The names that clash, with the index of the second of two equal names, or of the first of a
/// case variant.
///
/// Names `a`, `A`, `a` give `(1, Variant { of: 0 })` and `(2, Times(2))`. A name is told as a
/// variant only where it stands for the first time, and always of the first name that folds to
/// the same text.
pub(super) fn clashes(names: &[Cow<'_, str>]) -> Vec<(usize, Clash)> {
    let exact = first_equals(names.iter().map(|name| Cow::Borrowed(&**name)).collect());
    let same = first_equals(names.iter().map(|name| folded(name)).collect());
    let mut times = vec![0; names.len()];
    for first in &exact {
        times[*first] += 1;
    }
    let mut clashes = Vec::new();
    let mut seen = vec![0; names.len()];
    for (index, first) in exact.into_iter().enumerate() {
        seen[first] += 1;
        match seen[first] {
            1 if names[same[index]] != names[index] => {
                clashes.push((index, Clash::Variant { of: same[index] }));
            }
            2 => clashes.push((index, Clash::Times(times[first]))),
            _ => {}
        }
    }
    clashes
}

/// For each text the place of the first that is equal to it.
///
/// There may be 100,000 texts, so they are sorted: by a heap, whose code is a sixth of that of
/// the library's sorts.
///
/// Texts `a`, `b`, `a` give `[0, 1, 0]`: a text is the first of its kind where the place is
/// its own.
pub(crate) fn first_equals(texts: Vec<Cow<'_, str>>) -> Vec<usize> {
    let mut first: Vec<usize> = (0..texts.len()).collect();
    // By hash first: the order does not matter, and texts of one list often begin alike.
    let hashed = texts
        .into_iter()
        .enumerate()
        .map(|(place, text)| (hash(&text), text, place));
    let sorted = hashed.collect::<BinaryHeap<_>>().into_sorted_vec();
    for pair in sorted.windows(2) {
        let ((_, text, place), (_, next_text, next_place)) = (&pair[0], &pair[1]);
        if text == next_text {
            first[*next_place] = first[*place];
        }
    }
    first
}

/// Unicode's simple case folding, as Go's `encoding/json` does it: `ſ` is `s`, and the Kelvin
/// sign is `k`.
///
/// Source: Unicode `CaseFolding.txt`, status C and S, in the table that
/// the tests below make: the library's own has an entry for each letter, 4 KB of program.
///
/// Each character gives one, so `ß` does not become `ss`. Compare the results of two names to
/// tell whether they differ in case only.
pub(crate) fn fold(name: &str) -> impl Iterator<Item = char> {
    name.chars().map(fold_one)
}

/// The folded character, itself where it folds to nothing else.
fn fold_one(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    let code = character as u32;
    let at = FOLDED.partition_point(|(first, ..)| *first <= code);
    let Some((first, length, step, distance)) = at.checked_sub(1).map(|at| FOLDED[at]) else {
        return character;
    };
    let behind = code - first;
    if behind >= u32::from(length) || !behind.is_multiple_of(u32::from(step)) {
        return character;
    }
    code.checked_add_signed(distance)
        .and_then(char::from_u32)
        .unwrap_or(character)
}

/// The folded name, borrowed where folding changes nothing: lower-case ASCII, as nearly all
/// names are.
fn folded(name: &str) -> Cow<'_, str> {
    if name
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
    {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(fold(name).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// Letters that are lower case already, or have a longer one, and fold to another.
    const ODD: [(char, char); 26] = [
        ('\u{b5}', '\u{3bc}'),
        ('\u{17f}', 's'),
        ('\u{345}', '\u{3b9}'),
        ('\u{3c2}', '\u{3c3}'),
        ('\u{3d0}', '\u{3b2}'),
        ('\u{3d1}', '\u{3b8}'),
        ('\u{3d5}', '\u{3c6}'),
        ('\u{3d6}', '\u{3c0}'),
        ('\u{3f0}', '\u{3ba}'),
        ('\u{3f1}', '\u{3c1}'),
        ('\u{3f5}', '\u{3b5}'),
        ('\u{1c80}', '\u{432}'),
        ('\u{1c81}', '\u{434}'),
        ('\u{1c82}', '\u{43e}'),
        ('\u{1c83}', '\u{441}'),
        ('\u{1c84}', '\u{442}'),
        ('\u{1c85}', '\u{442}'),
        ('\u{1c86}', '\u{44a}'),
        ('\u{1c87}', '\u{463}'),
        ('\u{1c88}', '\u{a64b}'),
        ('\u{1e9b}', '\u{1e61}'),
        ('\u{1e9e}', '\u{df}'),
        ('\u{1fbe}', '\u{3b9}'),
        ('\u{1fd3}', '\u{390}'),
        ('\u{1fe3}', '\u{3b0}'),
        ('\u{fb05}', '\u{fb06}'),
    ];

    /// Folding by the library: lower case, where that is one character, but for the odd ones.
    fn by_the_library(character: char) -> char {
        if let Some((_, folded)) = ODD.iter().find(|(letter, _)| *letter == character) {
            return *folded;
        }
        let mut lower = character.to_lowercase();
        // Only the capital I with a dot becomes two, and it folds to nothing else.
        match (lower.next(), lower.next()) {
            (Some(lower), None) => lower,
            _ => character,
        }
    }

    #[test]
    fn the_table_folds_each_character() {
        let mut ranges: Vec<(u32, u32, u32, i64)> = Vec::new();
        for character in '\u{80}'..=char::MAX {
            let (code, folded) = (character as u32, by_the_library(character) as u32);
            let distance = i64::from(folded) - i64::from(code);
            if distance == 0 {
                continue;
            }
            if let Some((first, length, step, other)) = ranges.last_mut() {
                let gap = code - (*first + *length - 1);
                if *other == distance && gap <= 2 && (*length == 1 || gap == *step) {
                    (*length, *step) = (*length + gap, gap);
                    continue;
                }
            }
            ranges.push((code, 1, 1, distance));
        }
        let mut text = "//! Unicode's simple case folding as ranges: the first character, how far the last one stands \
            behind it\n//! and one more, every how many of them folds, and how far its folded one stands behind each. \
            Made by\n//! the tests of `names.rs` with `UPDATE_GOLDEN=1`; nothing here is written by hand.\n\n\
            #[rustfmt::skip]\npub(super) const FOLDED: &[(u32, u16, u8, i32)] = &["
            .to_owned();
        for (index, (first, length, step, distance)) in ranges.iter().enumerate() {
            text.push_str(if index % 4 == 0 { "\n    " } else { " " });
            write!(text, "({first:#x}, {length}, {step}, {distance}),").expect("to a text");
        }
        text.push_str("\n];\n");
        waybill_testkit::hold_file("crates/core/src/json/names/folding.rs", &text);
        for character in '\0'..=char::MAX {
            let one = fold(character.encode_utf8(&mut [0; 4])).next();
            assert_eq!(one, Some(by_the_library(character)), "{character:?}");
        }
    }

    #[test]
    fn names_fold_as_unicode_says() {
        for (one, other) in [
            ("layers", "LAYER\u{17f}"),
            ("kind", "\u{212a}ind"),
            ("\u{c4}pfel", "\u{e4}pfel"),
            ("\u{3a3}", "\u{3c2}"),
            ("\u{3a3}", "\u{3c3}"),
            ("\u{b5}", "\u{39c}"),
            ("\u{1e9e}", "\u{df}"),
            ("\u{2126}", "\u{3c9}"),
            ("\u{13a0}", "\u{ab70}"),
            ("\u{10400}", "\u{10428}"),
            ("\u{ff21}", "\u{ff41}"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        // The dotted and the dotless i fold to nothing else, and full folding is not meant.
        for (one, other) in [
            ("\u{130}", "i"),
            ("\u{131}", "i"),
            ("\u{df}", "ss"),
            ("a", "\u{e4}"),
        ] {
            assert_ne!(folded(one), folded(other), "{one} {other}");
        }
    }
}
