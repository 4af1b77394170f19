//! Characters that do not show, judged where they stand.
//!
//! The same character is text in one place and hides something in another: U+200D makes one
//! picture of two emoji, and between two letters of Latin it makes two equal words differ. So a
//! character of Unicode's that does not show is looked at with its neighbours:
//!
//! | character | drawn as text |
//! | --- | --- |
//! | variation selector | behind an emoji or an ideograph; behind a digit only in a keycap |
//! | U+200D | between emoji; beside a letter that joins; beside a virama |
//! | U+200C | between letters that join; beside a virama |
//! | U+200B | between letters of Thai, Lao, Khmer or Burmese, which write no space between words |
//! | Mongolian selector | behind a letter that joins |
//! | tags | behind U+1F3F4, three to six of them with their end: the flag of a region |
//! | tab, line feed, carriage return before it | always |
//!
//! What may be hidden, and what a neighbour is, are Unicode's own properties, in a table that
//! `tests/formats/unicode.rs` makes of its data. Source: UAX 44, `Default_Ignorable_Code_Point` and others; UTS
//! 51, "Emoji Sequences"; RFC 5892, appendix A, for the joiners, less strictly: Persian writes
//! U+200C behind letters that do not join to the left as well.

#[allow(clippy::unreadable_literal, reason = "made, and read by no person")]
mod table;

use table::RANGES;

/// What a character is to one that does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// It does not show itself: ignorable, a control, or a separator of lines.
    Hidden = 1,
    /// It joins two letters of an Indic script.
    Virama,
    /// A letter that joins to its neighbours, as Arabic's do.
    Joining,
    /// A mark on such a letter.
    Mark,
    /// An emoji, or what may become one; digits too.
    Emoji,
    /// An ideograph of Chinese, Japanese or Korean.
    Ideograph,
}

impl Class {
    const ALL: [Self; 6] = [
        Self::Hidden,
        Self::Virama,
        Self::Joining,
        Self::Mark,
        Self::Emoji,
        Self::Ideograph,
    ];

    /// Looks a character up; most are of no class.
    fn of(character: char) -> Option<Self> {
        let character = character as u32;
        let at = RANGES
            .partition_point(|(first, _)| first >> 3 <= character)
            .checked_sub(1)?;
        let (first, length) = RANGES[at];
        (character - (first >> 3) < u32::from(length)).then(|| Self::ALL[(first & 7) as usize - 1])
    }
}

/// Whether a character is one of those that do not show, or changes the direction of the text
/// around it, wherever it stands. Line feeds and tabs are not: they show as white space.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    !matches!(character, ' '..='~' | '\t' | '\n') && Class::of(character) == Some(Class::Hidden)
}

/// Finds the first character from a place on that does not show there, and where it stands.
///
/// The text before the place counts as its neighbour.
///
/// ```
/// use waybill_core::lenient::find_hidden;
///
/// assert_eq!(find_hidden("the org 🏗️, 👩‍💻 and می‌خواهم", 0), None);
/// assert_eq!(find_hidden("pass\u{200d}word", 0), Some((4, '\u{200d}')));
/// assert_eq!(find_hidden("a\u{0}", 0), Some((1, '\0')));
/// ```
#[must_use]
pub fn find_hidden(text: &str, from: usize) -> Option<(usize, char)> {
    let rest = text.get(from..)?;
    rest.char_indices()
        .filter(|(_, character)| is_hidden(*character))
        .map(|(at, character)| (from + at, character))
        .find(|(at, character)| {
            let around = text.split_at_checked(*at);
            around.is_some_and(|(before, rest)| {
                let mut behind = rest.chars();
                behind.next();
                !is_text(before, *character, behind.as_str())
            })
        })
}

/// Whether a character that may be hidden is part of the text between its neighbours.
fn is_text(before: &str, character: char, behind: &str) -> bool {
    let last = before.chars().next_back();
    let next = behind.chars().next();
    let is = |neighbour: Option<char>, class| neighbour.and_then(Class::of) == Some(class);
    let is_emoji = |neighbour: Option<char>| {
        is(neighbour, Class::Emoji) && !neighbour.is_some_and(|it| it.is_ascii())
    };
    // Marks stand between a letter and its joiner.
    let is_mark = |character: &char| Class::of(*character) == Some(Class::Mark);
    let joins_before = || {
        let letter = before.chars().rev().find(|it| !is_mark(it));
        is(letter, Class::Joining)
    };
    let joins_behind = || is(behind.chars().find(|it| !is_mark(it)), Class::Joining);
    let at_virama = || is(last, Class::Virama) || is(next, Class::Virama);
    match character {
        '\r' => next == Some('\n'),
        '\u{200b}' => last.is_some_and(is_unspaced) && next.is_some_and(is_unspaced),
        '\u{200c}' => at_virama() || (joins_before() && joins_behind()),
        '\u{200d}' => {
            let picture = before.trim_end_matches('\u{fe0f}').chars().next_back();
            let is_picture = is_emoji(picture) && is_emoji(next);
            is_picture || at_virama() || joins_before() || joins_behind()
        }
        '\u{fe0e}' | '\u{fe0f}' if last.is_some_and(|it| it.is_ascii()) => {
            is(last, Class::Emoji) && next == Some('\u{20e3}')
        }
        '\u{fe0e}' | '\u{fe0f}' => is(last, Class::Emoji) || is(last, Class::Ideograph),
        '\u{fe00}'..='\u{fe0d}' | '\u{e0100}'..='\u{e01ef}' => is(last, Class::Ideograph),
        '\u{180b}'..='\u{180f}' => is(last, Class::Joining),
        '\u{e0020}'..='\u{e007f}' => is_flag_of_region(before, character, behind),
        _ => false,
    }
}

/// Whether a character is of a script that writes words without space between them, so that U+200B
/// says where a line may break. Source: UAX 14, class SA, by its blocks.
fn is_unspaced(character: char) -> bool {
    matches!(character, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

/// Whether a tag stands in the flag of a region, such as Scotland's: a black flag, its code of
/// three to six letters and digits as tags, and the end of tags. A longer text could be hidden so.
fn is_flag_of_region(before: &str, tag: char, behind: &str) -> bool {
    const END: char = '\u{e007f}';
    let is_code = |tag: char| matches!(tag, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    let front = before.trim_end_matches(is_code);
    let rest = behind.trim_start_matches(is_code);
    let tags = |length: usize| length / END.len_utf8();
    let (ahead, after) = (before.len() - front.len(), behind.len() - rest.len());
    let is_closed = if tag == END {
        after == 0
    } else {
        is_code(tag) && rest.starts_with(END)
    };
    let length = tags(ahead) + if tag == END { 0 } else { 1 + tags(after) };
    is_closed && front.ends_with('\u{1f3f4}') && (3..=6).contains(&length)
}
