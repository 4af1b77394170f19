//! What bytes are, by the first of them.
//!
//! Engines go by these and not by the media type, which often lies.

pub use waybill_core::workflow::layers::Compression;

/// How many bytes [`compression`] needs, where there are so many.
pub const SNIFFED: usize = 6;

/// Finds how a blob is compressed from its first bytes: [`SNIFFED`] of them, or all there are.
///
/// ```
/// use waybill_blobs::sniff::{Compression, compression};
///
/// assert_eq!(compression(b"\x1f\x8b\x08\0\0\0"), Compression::Gzip);
/// assert_eq!(compression(b"\x50\x2a\x4d\x18\0\0"), Compression::Zstd);
/// assert_eq!(compression(b"etc/"), Compression::None);
/// ```
#[must_use]
pub fn compression(first: &[u8]) -> Compression {
    match first {
        [0x1f, 0x8b, 0x08, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        [b'B', b'Z', b'h', ..] => Compression::Bzip2,
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Xz,
        _ => Compression::None,
    }
}
