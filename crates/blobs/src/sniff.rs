//! What bytes are, by the first of them.
//!
//! Engines go by these and not by the media type, which often lies.

use serde::{Deserialize, Serialize};

/// How a blob is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compression {
    /// Not at all, or in a way that is not known here.
    None,
    /// gzip, RFC 1952.
    Gzip,
    /// Zstandard, RFC 8878; a skippable frame may come first.
    Zstd,
    /// bzip2, which docker alone unpacks.
    Bzip2,
    /// xz, which docker alone unpacks.
    Xz,
}

/// How many bytes [`Compression::of`] needs, where there are so many.
pub const SNIFFED: usize = 6;

impl Compression {
    /// Finds it from the first bytes: [`SNIFFED`] of them, or all there are.
    ///
    /// ```
    /// use waybill_blobs::sniff::Compression;
    ///
    /// assert_eq!(Compression::of(b"\x1f\x8b\x08\0\0\0"), Compression::Gzip);
    /// assert_eq!(Compression::of(b"\x50\x2a\x4d\x18\0\0"), Compression::Zstd);
    /// assert_eq!(Compression::of(b"etc/"), Compression::None);
    /// ```
    #[must_use]
    pub fn of(first: &[u8]) -> Self {
        match first {
            [0x1f, 0x8b, 0x08, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'B', b'Z', b'h', ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            _ => Self::None,
        }
    }
}
