//! The text that the bytes of a document hold, and places in it.

/// The UTF-8 byte order mark, which JSON forbids and some editors write.
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A place in a text; both numbers start at 1, columns count characters.
///
/// ```
/// use waybill_core::json::Position;
///
/// let place = Position::from_offset("{\n \"é\": 1}".as_bytes(), 8);
/// assert_eq!((place.line, place.column), (2, 6));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// The place of the byte at `offset`.
    #[must_use]
    pub fn from_offset(bytes: &[u8], offset: usize) -> Self {
        Self { line: 1, column: 1 }.behind(&bytes[..offset.min(bytes.len())])
    }

    /// The place behind `bytes` that begin here.
    pub(super) fn behind(self, bytes: &[u8]) -> Self {
        let lines = bytes.split(|byte| *byte == b'\n').count() - 1;
        let last = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        // Bytes inside a character begin with the bits 10.
        let characters = bytes[last..]
            .iter()
            .filter(|byte| **byte & 0xC0 != 0x80)
            .count();
        let first = if lines == 0 { self.column } else { 1 };
        Self {
            line: self.line + lines,
            column: first + characters,
        }
    }
}

/// The part of the bytes that is UTF-8, without a byte order mark, and its offset.
pub(super) fn text_of(bytes: &[u8]) -> (usize, &str) {
    let start = if bytes.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    let text = std::str::from_utf8(&bytes[start..]).unwrap_or_else(|error| {
        std::str::from_utf8(&bytes[start..start + error.valid_up_to()]).unwrap_or_default()
    });
    (start, text)
}

/// The offset of the first byte from `end` on that is not white space.
pub(super) fn behind(bytes: &[u8], end: usize) -> Option<usize> {
    bytes[end..]
        .iter()
        .position(|byte| !is_space(*byte))
        .map(|at| end + at)
}

/// JSON's own white space (RFC 8259, section 2), which is less than ASCII's.
#[expect(
    clippy::inline_always,
    reason = "compiled for size, it would be called a million times"
)]
#[inline(always)]
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters() {
        let bytes = "a\né=x".as_bytes();
        assert_eq!(
            Position::from_offset(bytes, 0),
            Position { line: 1, column: 1 }
        );
        assert_eq!(
            Position::from_offset(bytes, 4),
            Position { line: 2, column: 2 }
        );
        assert_eq!(
            Position::from_offset(bytes, 999),
            Position { line: 2, column: 4 }
        );
        let behind = Position::from_offset(bytes, 4).behind(b"=x");
        assert_eq!(behind, Position { line: 2, column: 4 });
    }
}
