//! Headers of tar files, as Go's `archive/tar` writes them.
//!
//! By hand, because the crate `tar` would add 12 KB with brotli to a part of the page that has
//! 109. GNU tar, skopeo, oras and regctl judge what is written: tests/compose/judge, tests/save.
//!
//! Only what an image's archive needs: files and symbolic links of no owner, at the time of the
//! epoch. So the same contents give the same bytes.
//!
//! Source: POSIX, `pax`, "ustar Interchange Format" and "pax Extended Header File Format"; Go
//! `archive/tar` `writer.go`.

/// Headers and contents fill whole blocks of so many bytes.
pub const BLOCK: usize = 512;

/// What ends an archive: two empty blocks.
pub const END: usize = 2 * BLOCK;

/// The longest path that a plain header holds, in bytes.
const PATH_BYTES: usize = 100;

/// The largest size that the eleven octal digits of a plain header hold: 8 GiB less one byte.
const SIZE_MOST: u64 = 0o77_777_777_777;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A file of so many bytes, that with these permissions may be read and written.
    File {
        /// Its size in bytes; so many have to follow, filled up to whole blocks.
        size: u64,
        /// Its permissions: `0o644`.
        mode: u32,
    },
    /// A symbolic link to this path, as it stands in the link. At most 100 bytes of it are written.
    SymbolicLink(&'a str),
}

/// The header of an entry, one block, with a pax record of its own in front where the path is
/// longer than 100 bytes (that of a sha512 blob) or the file is 8 GiB or larger.
///
/// Paths are taken as they are: nothing here comes from an archive.
///
/// ```
/// use waybill_core::tar::{BLOCK, Kind, header};
///
/// let file = |size| header("a", &Kind::File { size, mode: 0o644 });
/// assert_eq!(file(3).len(), BLOCK);
/// // A size that the plain header cannot hold stands in front of it.
/// assert_eq!(file(1 << 33).len(), 3 * BLOCK);
/// assert!(file(1 << 33)[BLOCK..].starts_with(b"19 size=8589934592\n"));
/// ```
#[must_use]
pub fn header(path: &str, kind: &Kind<'_>) -> Vec<u8> {
    let mut records = String::new();
    if path.len() > PATH_BYTES {
        records.push_str(&record("path", path));
    }
    let mut plain = match kind {
        Kind::File { size, mode } => {
            if *size > SIZE_MOST {
                records.push_str(&record("size", &size.to_string()));
            }
            block(path, b'0', *mode, *size, "")
        }
        Kind::SymbolicLink(target) => block(path, b'2', 0, 0, target),
    };
    if records.is_empty() {
        return plain;
    }
    let mut all = block("pax", b'x', 0, records.len() as u64, "");
    all.extend(records.as_bytes());
    all.resize(all.len().next_multiple_of(BLOCK), 0);
    all.append(&mut plain);
    all
}

/// How many zeros fill up a content of so many bytes.
#[must_use]
pub fn padding(size: u64) -> usize {
    // Less than a block, so it fits.
    let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
    if over == 0 { 0 } else { BLOCK - over }
}

/// One block. Of a path only as much as fits, and no size that does not: a record in front has
/// them.
///
/// The checksum is the sum of all bytes of the header, its own field counted as blanks.
fn block(path: &str, kind: u8, mode: u32, size: u64, target: &str) -> Vec<u8> {
    let mut header = vec![0; BLOCK];
    let name = &path.as_bytes()[..path.len().min(PATH_BYTES)];
    header[..name.len()].copy_from_slice(name);
    octal(&mut header[100..107], mode.into());
    octal(&mut header[108..115], 0);
    octal(&mut header[116..123], 0);
    octal(
        &mut header[124..135],
        if size > SIZE_MOST { 0 } else { size },
    );
    octal(&mut header[136..147], 0);
    header[156] = kind;
    let target = &target.as_bytes()[..target.len().min(PATH_BYTES)];
    header[157..157 + target.len()].copy_from_slice(target);
    header[257..265].copy_from_slice(b"ustar\x0000");
    // The numbers of a device, which Go writes for every entry but a record.
    if kind != b'x' {
        octal(&mut header[329..336], 0);
        octal(&mut header[337..344], 0);
    }
    header[148..156].fill(b' ');
    let sum = header.iter().map(|byte| u64::from(*byte)).sum();
    octal(&mut header[148..154], sum);
    header[154] = 0;
    header
}

/// `LENGTH NAME=VALUE` and a newline; the length counts its own digits.
fn record(name: &str, value: &str) -> String {
    let rest = [" ", name, "=", value, "\n"].concat();
    let mut length = rest.len();
    loop {
        let digits = length.to_string();
        if digits.len() + rest.len() == length {
            return digits + &rest;
        }
        length = digits.len() + rest.len();
    }
}

/// A number in octal digits that fill the field, zeros in front. Each one here fits.
fn octal(field: &mut [u8], mut value: u64) {
    for byte in field.iter_mut().rev() {
        *byte = b'0' + (value & 7) as u8;
        value >>= 3;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_counts_its_own_length() {
        assert_eq!(record("path", "a"), "9 path=a\n");
        assert_eq!(
            record("path", &"a".repeat(89)).split_once(' '),
            Some(("98", &*format!("path={}\n", "a".repeat(89))))
        );
        assert!(record("path", &"a".repeat(91)).starts_with("101 path="));
    }

    #[test]
    fn the_largest_size_of_a_plain_header() {
        let file = |size| header("a", &Kind::File { size, mode: 0o644 });
        assert_eq!(&file(SIZE_MOST)[124..136], b"77777777777\0");
        assert_eq!(file(SIZE_MOST).len(), BLOCK);
        let large = file(SIZE_MOST + 1);
        assert_eq!(large.len(), 3 * BLOCK);
        assert_eq!(&large[2 * BLOCK + 124..2 * BLOCK + 136], b"00000000000\0");
    }

    #[test]
    fn contents_are_filled_up_to_whole_blocks() {
        for (size, zeros) in [
            (0, 0),
            (1, 511),
            (511, 1),
            (512, 0),
            (513, 511),
            (1 << 40, 0),
        ] {
            assert_eq!(padding(size), zeros, "{size}");
        }
    }
}
