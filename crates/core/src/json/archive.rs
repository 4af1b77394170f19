//! What is no text, told by its first bytes, so that nothing is ever said of its JSON.

/// Where a tar header has its magic.
///
/// Source: POSIX.1-1988, `ustar`; GNU tar writes the same five letters there.
const USTAR: usize = 257;

/// The first bytes, and the name. Sources: RFC 1952 (gzip), RFC 8878 (zstd, with its skippable
/// frames), APPNOTE.TXT 4.3 (zip), the .xz format 2.1.1.1, bzip2's and LZ4's own.
const MAGIC: [(&[u8], &str); 8] = [
    (b"\x1f\x8b", "a gzip file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xfd7zXZ\0", "an xz file"),
    (b"\x04\x22\x4d\x18", "an lz4 file"),
    (b"\x7fELF", "an ELF program"),
    (b"\0asm", "a WebAssembly module"),
];

/// What the bytes are, with an article; `None` where their first bytes are of none of these.
pub(super) fn name(bytes: &[u8]) -> Option<&'static str> {
    let begins = |magic: &[u8]| bytes.starts_with(magic);
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| begins(magic)) {
        return Some(name);
    }
    match bytes {
        // No text has a NUL among the name and the numbers in front of the magic.
        _ if bytes
            .get(USTAR..)
            .is_some_and(|rest| rest.starts_with(b"ustar"))
            && bytes[..USTAR].contains(&0) =>
        {
            Some("a tar archive")
        }
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some("a zstd file"),
        [b'B', b'Z', b'h', b'1'..=b'9', b'1' | 0x17, ..] => Some("a bzip2 file"),
        _ => None,
    }
}
