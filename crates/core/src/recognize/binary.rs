//! Bytes that are no text and no archive which the reader of JSON knows.

use super::{Kind, Recognized};

/// How long a header of tar is, and where it has the sum of its bytes.
const HEADER: usize = 512;
const SUM: std::ops::Range<usize> = 148..156;

/// The first bytes, and the name. Sources: the formats' own specifications, and file(1)'s list.
const MAGIC: [(&[u8], &str); 16] = [
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x1f\x9d", "a file of compress"),
    (b"!<arch>\n", "an ar archive, as packages of Debian are"),
    (b"\xed\xab\xee\xdb", "a package of RPM"),
    (b"070701", "a cpio archive"),
    (b"hsqs", "a squashfs file system"),
    (b"SQLite format 3\0", "a SQLite database"),
    (b"MZ", "a program for Windows"),
    (b"\xcf\xfa\xed\xfe", "a program for macOS"),
    (b"\xca\xfe\xba\xbe", "a program for macOS or Java"),
    (b"GGUF", "a model in GGUF"),
];

/// Names bytes that are no text.
pub(super) fn of(bytes: &[u8]) -> Recognized {
    let magic = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic));
    let (name, advice) = magic.map_or(UNKNOWN, |(_, name)| (*name, ""));
    Recognized::new(Kind::Binary, name, advice)
}

const UNKNOWN: (&str, &str) = (
    "binary data",
    "It begins like no archive that is known here.",
);

/// An archive of tar from before `ustar`, which has no magic: the sum of its first header's bytes,
/// with spaces in place of the sum itself, is written there in octal.
pub(super) fn tar(bytes: &[u8]) -> Option<Recognized> {
    let header = bytes.get(..HEADER)?;
    let written = std::str::from_utf8(header.get(SUM)?).ok()?;
    let written = written.trim_matches([' ', '\0']);
    let stated = u32::from_str_radix(written, 8).ok()?;
    let sum: u32 = header
        .iter()
        .enumerate()
        .map(|(at, byte)| if SUM.contains(&at) { b' ' } else { *byte })
        .map(u32::from)
        .sum();
    // Text has no NUL among the names.
    (sum == stated && header.contains(&0)).then(|| super::archive("a tar archive"))
}
