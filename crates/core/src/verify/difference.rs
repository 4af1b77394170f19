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
    /// It begins with a whole character of `found`. Before it at most 32 bytes of the same
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
        // Not in the middle of a character.
        while found.get(at).is_some_and(|byte| byte & 0xC0 == 0x80) {
            at -= 1;
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
