//! One block of 512 bytes as the header of an entry.
//!
//! Source: POSIX.1-1988 and POSIX.1-2001 `pax`; GNU tar's manual, "Basic Tar Format"; read as
//! Go's archive/tar reads them.

use super::Entry;
use super::error::Reason;

/// A block, the unit of an archive.
pub(crate) const BLOCK: usize = 512;
/// The largest size that POSIX's header holds; beyond it only a PAX header does.
pub(super) const SIZE: i64 = 0o77_777_777_777;

/// Which of the layouts a header has, by its magic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Before any standard: no names of owners, no devices, no prefix.
    V7,
    /// POSIX's; whether PAX headers belong to it is not seen here.
    Ustar,
    /// That of `star`: a shorter prefix, and two times more.
    Star,
    /// GNU tar's: no prefix, two times more, sparse files.
    Gnu,
}

/// Tells whether a block is all zeros.
pub(super) fn is_zero(block: &[u8; BLOCK]) -> bool {
    block.iter().all(|byte| *byte == 0)
}

/// Finds the layout; the error says that the block is no header, by its checksum.
pub(super) fn layout(block: &[u8; BLOCK]) -> Result<Layout, Reason> {
    let told = octal(&block[148..156]).map_err(|_| Reason::Checksum)?;
    let field = 148..156;
    let bytes = || {
        let all = block.iter().enumerate();
        all.map(|(place, byte)| if field.contains(&place) { b' ' } else { *byte })
    };
    let unsigned: i64 = bytes().map(i64::from).sum();
    // Some old programs took bytes as signed.
    let signed: i64 = bytes().map(|byte| i64::from(byte.cast_signed())).sum();
    if told != unsigned && told != signed {
        return Err(Reason::Checksum);
    }
    Ok(
        match (&block[257..263], &block[263..265], &block[508..512]) {
            (b"ustar\0", _, b"tar\0") => Layout::Star,
            (b"ustar\0", ..) => Layout::Ustar,
            (b"ustar ", b" \0", _) => Layout::Gnu,
            _ => Layout::V7,
        },
    )
}

/// Reads the members of a header, without what extensions before it say.
pub(super) fn read(block: &[u8; BLOCK], layout: Layout) -> Result<Entry, Reason> {
    let mut entry = Entry {
        name: text(&block[..100]).to_vec(),
        mode: number(&block[100..108])?,
        user: number(&block[108..116])?,
        group: number(&block[116..124])?,
        size: number(&block[124..136])?,
        kind: block[156],
        link: text(&block[157..257]).to_vec(),
        ..Entry::default()
    };
    entry.modified.seconds = number(&block[136..148])?;
    if layout == Layout::V7 {
        return Ok(entry);
    }
    entry.user_name = text(&block[265..297]).to_vec();
    entry.group_name = text(&block[297..329]).to_vec();
    entry.device = (number(&block[329..337])?, number(&block[337..345])?);
    let prefix = match layout {
        Layout::Ustar => text(&block[345..500]),
        Layout::Star => {
            number(&block[476..488])?;
            number(&block[488..500])?;
            text(&block[345..476])
        }
        Layout::Gnu => old_prefix(block),
        Layout::V7 => b"",
    };
    if !prefix.is_empty() {
        let name = [prefix, b"/", &entry.name].concat();
        let plain = std::mem::replace(&mut entry.name, name);
        if layout == Layout::Gnu {
            entry.gnu_name = plain;
        }
    }
    Ok(entry)
}

/// The prefix in a header of GNU's layout, which has none: old versions of Go wrote one over the
/// two times that stand there, and it is taken where these are no times and it is ASCII.
fn old_prefix(block: &[u8; BLOCK]) -> &[u8] {
    let is_time = |field: &[u8]| field[0] == 0 || number(field).is_ok();
    let prefix = text(&block[345..500]);
    if is_time(&block[345..357]) && is_time(&block[357..369]) || !prefix.is_ascii() {
        b""
    } else {
        prefix
    }
}

/// A text that a NUL ends, where one does.
pub(super) fn text(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| *byte == 0);
    &field[..end.unwrap_or(field.len())]
}

/// A number: in base 256 as two's complement where the first bit is set, else octal.
pub(super) fn number(field: &[u8]) -> Result<i64, Reason> {
    let Some(first) = field.first().filter(|first| **first & 0x80 != 0) else {
        return octal(field);
    };
    let inverse = if first & 0x40 == 0 { 0 } else { 0xff };
    let mut value: u64 = 0;
    for (place, byte) in field.iter().enumerate() {
        let byte = byte ^ inverse;
        let byte = if place == 0 { byte & 0x7f } else { byte };
        if value >> 56 > 0 {
            return Err(Reason::Number);
        }
        value = value << 8 | u64::from(byte);
    }
    let value = i64::try_from(value).map_err(|_| Reason::Number)?;
    Ok(if inverse == 0 { value } else { !value })
}

/// An octal number with blanks and NULs around it; nothing is 0.
fn octal(field: &[u8]) -> Result<i64, Reason> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | 0);
    let Some(start) = field.iter().position(|byte| !is_blank(byte)) else {
        return Ok(0);
    };
    let end = field.iter().rposition(|byte| !is_blank(byte));
    let digits = text(&field[start..=end.unwrap_or(start)]);
    let mut value: u64 = 0;
    for digit in digits {
        if !matches!(digit, b'0'..=b'7') || value >> 61 > 0 {
            return Err(Reason::Number);
        }
        value = value << 3 | u64::from(digit - b'0');
    }
    // At most 12 digits stand in a header: 36 bits.
    Ok(value.cast_signed())
}
