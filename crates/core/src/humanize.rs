//! Numbers and counts as a person reads them.

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

/// How long ago something was, in its largest whole unit: `3 days`. What lies ahead is `0 minutes`.
///
/// ```
/// assert_eq!(waybill_core::humanize::age(59), "0 minutes");
/// assert_eq!(waybill_core::humanize::age(3 * 86_400), "3 days");
/// assert_eq!(waybill_core::humanize::age(800 * 86_400), "2 years");
/// ```
#[must_use]
pub fn age(seconds: i64) -> String {
    const HOUR: u64 = 3600;
    const DAY: u64 = 24 * HOUR;
    let seconds = u64::try_from(seconds).unwrap_or(0);
    let (value, noun) = match seconds {
        0..HOUR => (seconds / 60, "minute"),
        HOUR..DAY => (seconds / HOUR, "hour"),
        DAY..5_184_000 => (seconds / DAY, "day"),
        // Months of 30 days, up to two years.
        5_184_000..63_072_000 => (seconds / (30 * DAY), "month"),
        _ => (seconds / (365 * DAY), "year"),
    };
    let plural = if value == 1 { "" } else { "s" };
    [&number(value), " ", noun, plural].concat()
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
