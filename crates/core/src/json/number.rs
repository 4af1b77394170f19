//! What the grammar allows of numbers and clients read differently.
//!
//! Texts are judged, never computed with: a number that overflows is exactly what has to be told.
//!
//! `scan` checks the grammar and is called for every number. The rest is called by the scan of
//! the document for the few that are long, negative zero or not whole.

use crate::humanize::start;

use super::cursor::Cursor;

/// A whole number of so many characters or fewer is below 2^53.
pub(super) const PLAIN_DIGITS: usize = 15;

/// The smallest whole number that is infinite as floating point of 64 bits: 2^1024 - 2^970, which
/// is half a step above the largest.
const INFINITE: &str = "17976931348623158079372897140530341507993413271003782693617377898044496829276475\
    09466490179775872070963302864166928879109465555478519404026306574886715058206819\
    08902000708383676273854845817711531764475730270069855571366959622842914819860834\
    936475292719074168444365510704342711559699508093042880177904174497792";

/// How a number is unlike those that every client reads alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberForm {
    /// With a fraction or an exponent, or minus zero.
    NotPlain,
    /// Whole, beyond 2^53 and within 64 bits with a sign: a client that reads floating point
    /// may round it.
    Imprecise,
    /// Whole and beyond 64 bits with a sign (so 2^63 is), or beyond every floating point
    /// number of 64 bits.
    OutOfRange,
}

/// Scans a number, and says whether it is whole as it is written. An error is the rule that is
/// broken at the cursor.
pub(super) fn scan(cursor: &mut Cursor<'_>) -> Result<bool, &'static str> {
    if cursor.byte() == b'-' {
        cursor.at += 1;
    }
    if cursor.byte() == b'0' {
        cursor.at += 1;
        if cursor.byte().is_ascii_digit() {
            return Err("a number has no leading zero");
        }
    } else {
        digits(cursor)?;
    }
    let mut is_integer = true;
    if cursor.byte() == b'.' {
        is_integer = false;
        cursor.at += 1;
        digits(cursor)?;
    }
    if matches!(cursor.byte(), b'e' | b'E') {
        is_integer = false;
        cursor.at += 1;
        if matches!(cursor.byte(), b'+' | b'-') {
            cursor.at += 1;
        }
        digits(cursor)?;
    }
    Ok(is_integer)
}

/// One digit or more.
///
/// Where there is none, that is a broken rule.
fn digits(cursor: &mut Cursor<'_>) -> Result<(), &'static str> {
    if !cursor.byte().is_ascii_digit() {
        return Err("a digit belongs here");
    }
    while cursor.byte().is_ascii_digit() {
        cursor.at += 1;
    }
    Ok(())
}

/// The form of a number and the words to say behind it; `None` where every client reads it alike.
///
/// Whole numbers survive in every client up to 2^53 (RFC 7493, section 2.2). Go refuses a fraction
/// where it wants an integer, even `1.0`.
///
/// `9007199254740992` gives `None` and `9007199254740993` is imprecise; `1.0`, `1e2` and `-0`
/// are not plain; `9223372036854775808` and `1e400` are out of range. Whole numbers are
/// compared as text, by their length first: the grammar allows no leading zeros.
pub(super) fn form(text: &str) -> Option<(NumberForm, &'static str)> {
    let (digits, is_negative) = text
        .strip_prefix('-')
        .map_or((text, false), |digits| (digits, true));
    let is_beyond = |limit: &str| (digits.len(), digits) > (limit.len(), limit);
    if is_infinite(text) {
        return Some((
            NumberForm::OutOfRange,
            "is beyond what 64 bits of floating point hold",
        ));
    }
    if text.contains(['.', 'e', 'E']) {
        return Some((
            NumberForm::NotPlain,
            "is written with a fraction or an exponent",
        ));
    }
    if text == "-0" {
        return Some((NumberForm::NotPlain, "is minus zero"));
    }
    if is_beyond(if is_negative {
        "9223372036854775808"
    } else {
        "9223372036854775807"
    }) {
        return Some((NumberForm::OutOfRange, "is beyond 64 bits"));
    }
    is_beyond("9007199254740992").then_some((NumberForm::Imprecise, "is beyond 2^53"))
}

/// Whether a number is so large that 64 bits of floating point hold it barely or not at all.
///
/// `serde_json` may refuse those, so they are repaired to zero for it; from 301 digits on, to
/// be well on the safe side. The value's text is not changed.
pub(super) fn is_near_the_end(text: &str) -> bool {
    magnitude(text).0 > 300
}

/// Whether a number is beyond the largest of 64 bits of floating point, and so infinite.
///
/// Source: IEEE 754: what is half a step or more above the largest number, from [`INFINITE`]
/// on, is infinite. `1.7976931348623158e308` is not, though it is above the largest.
fn is_infinite(text: &str) -> bool {
    let (magnitude, digits) = magnitude(text);
    // Digits are compared as text: INFINITE ends with no zero, so whatever is only the
    // beginning of it is smaller.
    magnitude > 309 || (magnitude == 309 && digits.as_str() >= INFINITE)
}

/// How many digits the whole part would have if the number was written out, and its digits, as
/// many of them as [`INFINITE`] has.
///
/// `0.012e3` has 2 digits in front of the point and gives `(2, "12")`; the count may be zero
/// or negative. Zero gives `(0, "")`, whatever its exponent. The sign does not matter.
fn magnitude(text: &str) -> (i64, String) {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = whole.trim_start_matches('-');
    let zeros = whole
        .bytes()
        .chain(fraction.bytes())
        .take_while(|byte| *byte == b'0')
        .count();
    let digits = whole
        .chars()
        .chain(fraction.chars())
        .skip(zeros)
        .take(INFINITE.len())
        .collect::<String>();
    if digits.is_empty() {
        return (0, digits);
    }
    // An exponent of 10 digits or more is as good as infinite in either direction.
    let exponent: i64 = exponent.parse().unwrap_or(if exponent.starts_with('-') {
        i64::MIN / 2
    } else {
        i64::MAX / 2
    });
    let written = i64::try_from(whole.len()).unwrap_or(i64::MAX / 4)
        - i64::try_from(zeros).unwrap_or(i64::MAX / 4);
    (exponent.saturating_add(written), digits)
}

/// The number, shortened where it is long.
///
/// Beyond 40 characters the rest is left out, and the length is stated.
pub(super) fn short(text: &str) -> String {
    const LONG: usize = 40;
    let start = start(text, LONG);
    if start == text {
        text.to_owned()
    } else {
        format!("{start}… ({} characters)", text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_at_their_exact_limits() {
        for plain in ["0", "7", "-7", "9007199254740992", "-9007199254740992"] {
            assert_eq!(form(plain), None, "{plain}");
        }
        for (text, expected, said) in [
            ("-0", NumberForm::NotPlain, "-0 is minus zero"),
            (
                "1.50",
                NumberForm::NotPlain,
                "1.50 is written with a fraction or an exponent",
            ),
            (
                "1e2",
                NumberForm::NotPlain,
                "1e2 is written with a fraction or an exponent",
            ),
            (
                "9007199254740993",
                NumberForm::Imprecise,
                "9007199254740993 is beyond 2^53",
            ),
            (
                "9223372036854775807",
                NumberForm::Imprecise,
                "9223372036854775807 is beyond 2^53",
            ),
            (
                "9223372036854775808",
                NumberForm::OutOfRange,
                "9223372036854775808 is beyond 64 bits",
            ),
            (
                "-9223372036854775808",
                NumberForm::Imprecise,
                "-9223372036854775808 is beyond 2^53",
            ),
            (
                "-9223372036854775809",
                NumberForm::OutOfRange,
                "-9223372036854775809 is beyond 64 bits",
            ),
            (
                "1e400",
                NumberForm::OutOfRange,
                "1e400 is beyond what 64 bits of floating point hold",
            ),
        ] {
            let found = form(text).map(|(form, words)| (form, format!("{} {words}", short(text))));
            assert_eq!(found, Some((expected, said.to_owned())));
        }
        let long = "1".repeat(400);
        assert_eq!(form(&long), form("1e400"));
        assert_eq!(
            short(&long),
            format!("{}… (400 characters)", "1".repeat(40))
        );
    }

    #[test]
    fn what_is_infinite_is_what_the_library_says() {
        let long = format!("{}e-390", "9".repeat(400));
        let zeros = format!("0.{}1e420", "0".repeat(400));
        let just_below = format!("{}1.99", INFINITE.trim_end_matches('2'));
        for text in [
            "1e308",
            "1e309",
            "-1e309",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "-0.017976931348623158079e310",
            "1.7976931348623158079372897140530341507993413271003782693617377e308",
            "1.7976931348623158079372897140530341507993413271003782693617378e308",
            "1.7976931348623159e308",
            "17976931348623157e292",
            "0.17976931348623159e309",
            "0e999",
            "0.0e99999999999999999999",
            "1e-400",
            "1e99999999999999999999",
            "1e-99999999999999999999",
            "0.0001e312",
            "0.0001e313",
            "15e9223372036854775807",
            "1.5e-9223372036854775808",
            &long,
            &zeros,
            &just_below,
            INFINITE,
        ] {
            let number: f64 = text.parse().expect("a number");
            assert_eq!(is_infinite(text), number.is_infinite(), "{text}");
        }
        assert!(is_near_the_end("1.7976931348623157e308") && !is_near_the_end("1e299"));
    }
}
