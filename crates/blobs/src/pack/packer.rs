//! Compresses what comes piece by piece: the other way of [`unpack`](crate::unpack).
//!
//! gzip is written by the engine that reads it, zlib-rs. zstd is written by structured-zstd, whose
//! sizes are those of the C library at the same level; ruzstd, which reads it, has only its fastest
//! level, half as large again as gzip. One stream is one member and one frame. The same bytes at the
//! same level come out the same, wherever this runs.

use std::fmt;
use std::io::Write as _;

use flate2::write::GzEncoder;
use structured_zstd::encoding::{CompressionLevel, StreamingEncoder};
use waybill_core::conversion::{Compression, Packing};

/// The level of zstd's own tool.
const ZSTD_LEVEL: u8 = 3;

/// Compresses a stream.
///
/// ```
/// use waybill_blobs::pack::Packer;
/// use waybill_blobs::unpack::Unpacker;
/// use waybill_core::conversion::Packing;
///
/// let mut packed: Vec<u8> = Vec::new();
/// let mut packer = Packer::new(Packing::Gzip.into());
/// packer.push(b"a layer", &mut |bytes| packed.extend(bytes));
/// packer.finish(&mut |bytes| packed.extend(bytes));
/// let (mut unpacked, mut unpacker): (Vec<u8>, _) = (Vec::new(), Unpacker::new());
/// unpacker.push(&packed, &mut |bytes| unpacked.extend(bytes))?;
/// unpacker.finish(&mut |bytes| unpacked.extend(bytes))?;
/// assert_eq!(unpacked, b"a layer");
/// # Ok::<(), waybill_blobs::unpack::UnpackError>(())
/// ```
pub struct Packer(State);

enum State {
    Plain,
    Gzip(Box<GzEncoder<Vec<u8>>>),
    Zstd(Box<StreamingEncoder<Vec<u8>>>),
}

impl fmt::Debug for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            State::Plain => "Packer(plain)",
            State::Gzip(_) => "Packer(gzip)",
            State::Zstd(_) => "Packer(zstd)",
        })
    }
}

impl Packer {
    /// Of a stream of which nothing came yet. A level that the format does not have is its highest.
    #[must_use]
    pub fn new(compression: Compression) -> Self {
        let Compression { packing, level } = compression;
        let level = level.map(|level| level.min(Compression::levels(packing)));
        Self(match packing {
            Packing::None => State::Plain,
            Packing::Gzip => {
                let level = level.map(|level| flate2::Compression::new(level.into()));
                let encoder = GzEncoder::new(Vec::new(), level.unwrap_or_default());
                State::Gzip(Box::new(encoder))
            }
            Packing::Zstd => {
                let level = CompressionLevel::from_level(level.unwrap_or(ZSTD_LEVEL).into());
                State::Zstd(Box::new(StreamingEncoder::new(Vec::new(), level)))
            }
        })
    }

    /// Takes the next bytes, and tells what came of those so far.
    pub fn push(&mut self, bytes: &[u8], tell: &mut dyn FnMut(&[u8])) {
        // Both write into memory, which does not fail.
        let written = match &mut self.0 {
            State::Plain => return tell(bytes),
            State::Gzip(encoder) => {
                let _ = encoder.write_all(bytes);
                encoder.get_mut()
            }
            State::Zstd(encoder) => {
                let _ = encoder.write_all(bytes);
                encoder.get_mut()
            }
        };
        if !written.is_empty() {
            tell(written);
            written.clear();
        }
    }

    /// Ends the stream, and tells the last of it.
    pub fn finish(self, tell: &mut dyn FnMut(&[u8])) {
        let written = match self.0 {
            State::Plain => return,
            State::Gzip(encoder) => encoder.finish(),
            State::Zstd(encoder) => encoder.finish(),
        };
        tell(&written.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unpack::Unpacker;

    #[test]
    fn whatever_is_packed_unpacks_to_itself() {
        let long: Vec<u8> = (0..4_300_000_usize)
            .map(|place| u8::try_from(place / 7 % 251).expect("a byte"))
            .collect();
        for packing in [Packing::None, Packing::Gzip, Packing::Zstd] {
            for (bytes, level) in [
                (&[][..], None),
                (b"a", Some(1)),
                (&long[..1 << 20], Some(Compression::levels(packing))),
                (&long, None),
            ] {
                let mut packed = Vec::new();
                let mut packer = Packer::new(Compression { packing, level });
                for piece in bytes.chunks(64 << 10) {
                    packer.push(piece, &mut |bytes| packed.extend_from_slice(bytes));
                }
                packer.finish(&mut |bytes| packed.extend_from_slice(bytes));
                let (mut unpacked, mut unpacker) = (Vec::new(), Unpacker::new());
                let mut keep = |bytes: &[u8]| unpacked.extend_from_slice(bytes);
                unpacker.push(&packed, &mut keep).expect("it is whole");
                unpacker.finish(&mut keep).expect("it is whole");
                assert!(unpacked == bytes, "{packing:?}, {} bytes", bytes.len());
                let is_smaller = packing == Packing::None || packed.len() < bytes.len() / 4;
                assert!(
                    bytes.len() < 1000 || is_smaller,
                    "{packing:?}, {}",
                    packed.len()
                );
            }
        }
    }

    #[test]
    fn a_higher_level_takes_less_room() {
        // Words that come again after a while, in no order.
        let mut state = 7_u64;
        let text: Vec<u8> = (0..60_000)
            .flat_map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let word = (state >> 33) % 997;
                format!("{:x} ", word * word * word).into_bytes()
            })
            .collect();
        for packing in [Packing::Gzip, Packing::Zstd] {
            let size = |level| {
                let mut size = 0;
                let mut packer = Packer::new(Compression { packing, level });
                packer.push(&text, &mut |bytes| size += bytes.len());
                packer.finish(&mut |bytes| size += bytes.len());
                size
            };
            let highest = Some(Compression::levels(packing));
            assert!(size(highest) < size(Some(1)), "{packing:?}");
            assert_eq!(size(Some(255)), size(highest), "{packing:?}");
        }
    }
}
