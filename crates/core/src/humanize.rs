//! Numbers, counts and times as a person reads them.

use crate::annotation;

/// A number with its thousands apart: `10,229`.
///
/// ```
/// assert_eq!(waybill_core::humanize::number(1_234_567), "1,234,567");
/// ```
#[must_use]
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size in decimal units with one digit behind the point, as registries and docker show it: `72.1 MB`.
///
/// ```
/// assert_eq!(waybill_core::humanize::size(840), "840 B");
/// assert_eq!(waybill_core::humanize::size(72_149_000), "72.1 MB");
/// assert_eq!(waybill_core::humanize::size(999_950), "1.0 MB");
/// ```
#[must_use]
pub fn size(bytes: u64) -> String {
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut unit = 1_u64;
    for name in ["kB", "MB", "GB", "TB", "PB", "EB"] {
        unit *= 1000;
        // Tenths of the unit, rounded to the nearest.
        let tenths = bytes.saturating_add(unit / 20) / (unit / 10);
        if tenths < 10_000 || name == "EB" {
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
    }
    unreachable!("the last unit returns")
}

/// A count with its noun: `1 layer`, `6 layers`.
///
/// ```
/// assert_eq!(waybill_core::humanize::count(1, "layer"), "1 layer");
/// assert_eq!(waybill_core::humanize::count(0, "entry"), "0 entries");
/// assert_eq!(waybill_core::humanize::count(2, "index"), "2 indexes");
/// ```
#[must_use]
pub fn count(value: usize, noun: &str) -> String {
    let number = number(value as u64);
    match (value, noun.strip_suffix('y')) {
        (1, _) => format!("{number} {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        _ if noun.ends_with('x') => format!("{number} {noun}es"),
        _ => format!("{number} {noun}s"),
    }
}

/// A time of RFC 3339 in UTC, to the second: `2026-11-04 09:12:33 UTC`. `None` for one of year 1,
/// which is Go's zero time: builders write it where they state none. What is no time is given as
/// it is.
///
/// ```
/// use waybill_core::humanize::time;
///
/// assert_eq!(time("2024-01-01T01:30:05.5+02:00").as_deref(), Some("2023-12-31 23:30:05 UTC"));
/// assert_eq!(time("0001-01-01T00:00:00Z"), None);
/// assert_eq!(time("yesterday").as_deref(), Some("yesterday"));
/// ```
#[must_use]
pub fn time(text: &str) -> Option<String> {
    if !annotation::is_time(text) {
        return Some(text.to_owned());
    }
    // Its form is known, so every number is there; the zone is the last six characters, or `Z`.
    let number = |from: usize, to: usize| -> i32 {
        text.get(from..to)
            .and_then(|digits| digits.parse().ok())
            .unwrap_or_default()
    };
    let (mut year, mut month, mut day) = (number(0, 4), number(5, 7), number(8, 10));
    let end = text.len();
    let zone = match text.as_bytes().get(end.saturating_sub(6)) {
        Some(sign @ (b'+' | b'-')) if !text.ends_with(['Z', 'z']) => {
            let minutes = number(end - 5, end - 3) * 60 + number(end - 2, end);
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => 0,
    };
    let minutes = number(11, 13) * 60 + number(14, 16) - zone;
    // A zone is less than a day, so the date is the one before, the same or the next.
    day += minutes.div_euclid(24 * 60);
    if day < 1 {
        (year, month) = if month == 1 {
            (year - 1, 12)
        } else {
            (year, month - 1)
        };
        day = annotation::days_of(year, month);
    } else if day > annotation::days_of(year, month) {
        (year, month) = if month == 12 {
            (year + 1, 1)
        } else {
            (year, month + 1)
        };
        day = 1;
    }
    let minutes = minutes.rem_euclid(24 * 60);
    (year > 1).then(|| {
        format!(
            "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC",
            minutes / 60,
            minutes % 60,
            number(17, 19)
        )
    })
}

/// The first so many characters of a text, or all of it: the one way to cut a text. Characters are Unicode's scalar
/// values, so an accent or a joined emoji may be cut from what it belongs to; the text stays text all the same.
///
/// ```
/// assert_eq!(waybill_core::humanize::start("描述と説明", 2), "描述");
/// assert_eq!(waybill_core::humanize::start("short", 200), "short");
/// ```
#[must_use]
pub fn start(text: &str, characters: usize) -> &str {
    let end = text
        .char_indices()
        .nth(characters)
        .map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

/// Words as a sentence: the first letter large, a full stop at the end. A name such as a host's stays as it is.
///
/// ```
/// assert_eq!(waybill_core::humanize::sentence("no colon"), "No colon.");
/// assert_eq!(waybill_core::humanize::sentence("r.example asks for a name"), "r.example asks for a name.");
/// ```
#[must_use]
pub fn sentence(words: &str) -> String {
    let mut text = String::with_capacity(words.len() + 1);
    text.push_str(words);
    let first = words.split(' ').next().unwrap_or_default();
    if first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && let Some(letter) = text.get_mut(..1)
    {
        letter.make_ascii_uppercase();
    }
    if !words.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_only_between_characters() {
        for text in [
            "",
            "plain",
            "описание",
            "説明と描述",
            "👩‍👩‍👧🏳️‍🌈",
            "e\u{301}\u{327}x",
        ] {
            for characters in 0..=text.len() + 1 {
                let start = start(text, characters);
                assert!(text.starts_with(start));
                assert_eq!(start.chars().count(), characters.min(text.chars().count()));
            }
        }
    }
}
