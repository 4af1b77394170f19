//! Where two contents begin to differ.

use crate::json::Position;

/// The first place where bytes differ from what they should be, with a piece of both around it.
///
/// Line ends and tabs are drawn as `⏎`, `␍` and `⇥`, so that they can be seen.
///
/// ```
/// use waybill_core::verify::ByteDifference;
///
/// let difference = ByteDifference::between(b"{}\n", b"{}");
/// assert_eq!((difference.position.line, difference.position.column), (1, 3));
/// assert_eq!((&*difference.same, &*difference.found, &*difference.right), ("{}", "⏎", ""));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteDifference {
    /// Where.
    pub position: Position,
    /// What stands before it in both.
    pub same: String,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub right: String,
}

/// How many bytes of each are shown.
const SHOWN: usize = 32;

impl ByteDifference {
    /// The first difference.
    ///
    /// It begins with a whole character of `found`; a byte that is part of none begins where it
    /// stands. Before it at most 32 bytes of the same
    /// line are shown, behind it at most 32 of either content. Where one content is the
    /// beginning of the other, the difference is at its end, and the shorter one has nothing
    /// to show there.
    #[must_use]
    pub fn between(found: &[u8], right: &[u8]) -> Self {
        let mut at = found
            .iter()
            .zip(right)
            .take_while(|(one, other)| one == other)
            .count();
        // Not in the middle of a character. These are four bytes at most, and what is no UTF-8
        // may have any number of bytes in a row that only go on, the first among them.
        let goes_on = |at: usize| found.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
        if goes_on(at) {
            let start = (at.saturating_sub(3)..at).rev().find(|at| !goes_on(*at));
            at = start.filter(|at| found[*at] >= 0xC0).unwrap_or(at);
        }
        let same = &found[..at];
        let start = same
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |newline| newline + 1)
            .max(at.saturating_sub(SHOWN));
        Self {
            position: Position::from_offset(found, at),
            same: visible(&same[start..]),
            found: visible(&found[at..found.len().min(at + SHOWN)]),
            right: visible(
                right
                    .get(at..right.len().min(at + SHOWN))
                    .unwrap_or_default(),
            ),
        }
    }
}

/// Bytes to read: what is no UTF-8 becomes U+FFFD, line ends and tabs become signs.
fn visible(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .replace('\n', "⏎")
        .replace('\r', "␍")
        .replace('\t', "⇥")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(found: &[u8], right: &[u8]) -> (usize, String, String, String) {
        let difference = ByteDifference::between(found, right);
        assert_eq!(difference.position.line, 1);
        (
            difference.position.column,
            difference.same,
            difference.found,
            difference.right,
        )
    }

    fn told(column: usize, [same, found, right]: [&str; 3]) -> (usize, String, String, String) {
        (column, same.into(), found.into(), right.into())
    }

    #[test]
    fn it_begins_with_a_whole_character() {
        assert_eq!(
            between("aé".as_bytes(), "aè".as_bytes()),
            told(2, ["a", "é", "è"])
        );
        assert_eq!(
            between("a\u{1f600}b".as_bytes(), "a\u{1f601}b".as_bytes()),
            told(2, ["a", "\u{1f600}b", "\u{1f601}b"])
        );
    }

    #[test]
    fn bytes_that_only_go_on_belong_to_no_character() {
        assert_eq!(between(b"\x80", b""), told(1, ["", "\u{fffd}", ""]));
        assert_eq!(
            between(b"\x80", b"\xEF\xBB\xBF\x80"),
            told(1, ["", "\u{fffd}", "\u{feff}\u{fffd}"])
        );
        // Behind a character that is whole, and behind more than one can have.
        assert_eq!(between(b"a\x80", b"a"), told(2, ["a", "\u{fffd}", ""]));
        let many = [0x80; 100];
        let difference = ByteDifference::between(&many, &many[..50]);
        assert_eq!(difference.position, Position::from_offset(&many, 50));
        assert_eq!(difference.right, "");
    }
}
