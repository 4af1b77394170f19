//! Times of RFC 3339, as configs and annotations state them.

/// Whether the text is a time of RFC 3339, section 5.6: `2024-02-29T23:59:60.5+01:00`.
///
/// Its note allows lower-case letters, and a space between date and time. The date has to
/// exist (29 February in leap years only), hours go to 23 and seconds to 60 for leap seconds,
/// in any minute. A zone is required: `Z` or `+hh:mm`.
pub(crate) fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize, least: i32, most: i32| {
        let digits = text
            .get(from..to)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        digits
            .and_then(|digits| digits.parse().ok())
            .filter(|number| (least..=most).contains(number))
    };
    let separators = [
        (4, b"-" as &[u8]),
        (7, b"-"),
        (10, b"Tt "),
        (13, b":"),
        (16, b":"),
    ];
    if bytes.len() < 20
        || !separators
            .iter()
            .all(|(at, allowed)| allowed.contains(&bytes[*at]))
    {
        return false;
    }
    let (Some(year), Some(month)) = (number(0, 4, 0, 9999), number(5, 7, 1, 12)) else {
        return false;
    };
    let days = days_of(year, month);
    let clock = number(11, 13, 0, 23)
        .and(number(14, 16, 0, 59))
        .and(number(17, 19, 0, 60));
    let mut rest = 19;
    if bytes[rest] == b'.' {
        let digits = bytes[rest + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits == 0 {
            return false;
        }
        rest += 1 + digits;
    }
    let is_zone = match bytes.get(rest) {
        Some(b'Z' | b'z') => bytes.len() == rest + 1,
        Some(b'+' | b'-') => {
            let parts = number(rest + 1, rest + 3, 0, 23).and(number(rest + 4, rest + 6, 0, 59));
            bytes.len() == rest + 6 && bytes[rest + 3] == b':' && parts.is_some()
        }
        _ => false,
    };
    number(8, 10, 1, days).and(clock).is_some() && is_zone
}

/// How many days a month has, from 1 for January.
fn days_of(year: i32, month: i32) -> i32 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A time of RFC 3339 in UTC, to the second: `2026-11-04 09:12:33 UTC`. `None` for one of year 1,
/// which is Go's zero time: builders write it where they state none. What is no time is given as
/// it is.
///
/// ```
/// use waybill_core::time::in_utc;
///
/// assert_eq!(in_utc("2024-01-01T01:30:05.5+02:00").as_deref(), Some("2023-12-31 23:30:05 UTC"));
/// assert_eq!(in_utc("0001-01-01T00:00:00Z"), None);
/// assert_eq!(in_utc("yesterday").as_deref(), Some("yesterday"));
/// ```
#[must_use]
pub fn in_utc(text: &str) -> Option<String> {
    if !is_time(text) {
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
        day = days_of(year, month);
    } else if day > days_of(year, month) {
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

/// A time of RFC 3339 as the seconds since the beginning of 1970, and the nanoseconds behind them.
///
/// Digits behind the ninth of a fraction are left out. `None` for what is no time.
///
/// ```
/// use waybill_core::time::since_1970;
///
/// assert_eq!(since_1970("1970-01-02T00:00:01.5+00:00"), Some((86401, 500_000_000)));
/// assert_eq!(since_1970("1969-12-31T23:59:59.9Z"), Some((-1, 900_000_000)));
/// assert_eq!(since_1970("yesterday"), None);
/// ```
#[must_use]
pub fn since_1970(text: &str) -> Option<(i64, u32)> {
    if !is_time(text) {
        return None;
    }
    let number = |from: usize, to: usize| -> i64 {
        text.get(from..to)
            .and_then(|digits| digits.parse().ok())
            .unwrap_or_default()
    };
    // Years begin in March here, so that the leap day is the last of one.
    let (month, day) = ((number(5, 7) + 9) % 12, number(8, 10));
    let year = number(0, 4) - i64::from(month > 9);
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = 365 * year + leap_days + (153 * month + 2) / 5 + day - 719_469;
    let end = text.len();
    let zone = match text.as_bytes().get(end.saturating_sub(6)) {
        Some(sign @ (b'+' | b'-')) if !text.ends_with(['Z', 'z']) => {
            let minutes = number(end - 5, end - 3) * 60 + number(end - 2, end);
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => 0,
    };
    let minutes = number(11, 13) * 60 + number(14, 16) - zone;
    let fraction = text.get(19..).and_then(|rest| rest.strip_prefix('.'));
    let digits = fraction.unwrap_or_default().bytes().take(9);
    let (nanoseconds, _) = digits
        .take_while(u8::is_ascii_digit)
        .fold((0, 100_000_000), |(sum, unit), digit| {
            (sum + u32::from(digit - b'0') * unit, unit / 10)
        });
    Some((days * 86_400 + minutes * 60 + number(17, 19), nanoseconds))
}

/// A time that is counted in seconds from the beginning of 1970, in UTC: the opposite of
/// [`since_1970`].
///
/// Years before 1 and beyond 9999 are given as those.
///
/// ```
/// use waybill_core::time::from_1970;
///
/// assert_eq!(from_1970(951_868_799), "2000-02-29 23:59:59 UTC");
/// ```
#[must_use]
pub fn from_1970(seconds: i64) -> String {
    let seconds = seconds.clamp(-62_135_596_800, 253_402_300_799);
    let (days, clock) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Counted from 1 March of year 0, so that the leap day is the last of a year.
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = year_of_era + era * 400 + i64::from(month > 9);
    let month = if month > 9 { month - 9 } else { month + 3 };
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_rfc_3339() {
        for good in [
            "2024-01-02T03:04:05Z",
            "0001-01-01T00:00:00Z",
            "2024-02-29T23:59:60.123456789+05:30",
            "2000-02-29t00:00:00z",
            "2020-12-04 00:00:00+00:00",
        ] {
            assert!(is_time(good), "{good}");
        }
        for bad in [
            "",
            "2024-01-02",
            "2024-01-02T03:04:05",
            "2024-1-2T03:04:05Z",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2024-04-31T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-01-02T24:00:00Z",
            "2024-01-02T03:04:05.Z",
            "2024-01-02T03:04:05+0100",
            "2024-01-02T03:04:05Zx",
            "2024-01-02T03:04:05+1",
            "+024-01-02T03:04:05Z",
            "2024-01-02T03:04:0\u{660}Z",
        ] {
            assert!(!is_time(bad), "{bad}");
        }
    }

    #[test]
    fn times_are_counted_from_1970() {
        for (text, expected) in [
            ("0001-01-01T00:00:00Z", (-62_135_596_800, 0)),
            ("0000-02-29T00:00:00Z", (-62_162_121_600, 0)),
            ("1970-01-01T00:00:00Z", (0, 0)),
            ("2000-02-29T12:00:00+02:00", (951_818_400, 0)),
            ("2000-03-01T00:00:00Z", (951_868_800, 0)),
            (
                "2026-11-28T14:00:44.123456789Z",
                (1_795_874_444, 123_456_789),
            ),
            (
                "2026-11-28T14:00:44.1234567891-00:30",
                (1_795_876_244, 123_456_789),
            ),
            ("9999-12-31T23:59:59Z", (253_402_300_799, 0)),
        ] {
            assert_eq!(since_1970(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn seconds_from_1970_are_the_time_they_were_counted_from() {
        for day in (-719_162..2_932_897).step_by(97) {
            let seconds = i64::from(day) * 86_400 + 3661;
            let text = from_1970(seconds).replace(' ', "T").replace("TUTC", "Z");
            assert_eq!(since_1970(&text), Some((seconds, 0)), "{text}");
        }
        assert_eq!(from_1970(i64::MAX), "9999-12-31 23:59:59 UTC");
        assert_eq!(from_1970(i64::MIN), "0001-01-01 00:00:00 UTC");
    }
}
