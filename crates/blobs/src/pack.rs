//! Compresses what comes piece by piece: the other way of [`unpack`](crate::unpack).
//!
//! gzip is written by the engine that reads it, zlib-rs, at its usual level. Of zstd the one
//! encoder in pure Rust that is here is ruzstd's fastest, which takes half as much room again as
//! gzip; each `FRAME` is a frame of its own, as engines take them.

use std::io::Write as _;

use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use waybill_core::conversion::Packing;

/// How many bytes a frame of zstd holds (4 MiB).
const FRAME: usize = 4 << 20;

/// Compresses a stream.
///
/// ```
/// use waybill_blobs::pack::Packer;
/// use waybill_blobs::unpack::Unpacker;
/// use waybill_core::conversion::Packing;
///
/// let mut packed: Vec<u8> = Vec::new();
/// let mut packer = Packer::new(Packing::Gzip);
/// packer.push(b"a layer", &mut |bytes| packed.extend(bytes));
/// packer.finish(&mut |bytes| packed.extend(bytes));
/// let (mut unpacked, mut unpacker): (Vec<u8>, _) = (Vec::new(), Unpacker::new());
/// unpacker.push(&packed, &mut |bytes| unpacked.extend(bytes))?;
/// unpacker.finish(&mut |bytes| unpacked.extend(bytes))?;
/// assert_eq!(unpacked, b"a layer");
/// # Ok::<(), waybill_blobs::unpack::UnpackError>(())
/// ```
#[derive(Debug)]
pub struct Packer(State);

#[derive(Debug)]
enum State {
    Plain,
    Gzip(Box<GzEncoder<Vec<u8>>>),
    /// What came of the next frame, and whether there was one.
    Zstd(Vec<u8>, bool),
}

impl Packer {
    /// Of a stream of which nothing came yet.
    #[must_use]
    pub fn new(packing: Packing) -> Self {
        Self(match packing {
            Packing::None => State::Plain,
            Packing::Gzip => State::Gzip(Box::new(GzEncoder::new(
                Vec::new(),
                flate2::Compression::default(),
            ))),
            Packing::Zstd => State::Zstd(Vec::new(), false),
        })
    }

    /// Takes the next bytes, and tells what came of those so far.
    pub fn push(&mut self, bytes: &[u8], tell: &mut dyn FnMut(&[u8])) {
        match &mut self.0 {
            State::Plain => tell(bytes),
            State::Gzip(encoder) => {
                // It writes into memory, which does not fail.
                let _ = encoder.write_all(bytes);
                let written = encoder.get_mut();
                tell(written);
                written.clear();
            }
            State::Zstd(frame, has_frames) => {
                let mut bytes = bytes;
                while !bytes.is_empty() {
                    let (now, later) = bytes.split_at(bytes.len().min(FRAME - frame.len()));
                    frame.extend_from_slice(now);
                    bytes = later;
                    if frame.len() == FRAME {
                        tell(&compress_to_vec(&frame[..], CompressionLevel::Fastest));
                        frame.clear();
                        *has_frames = true;
                    }
                }
            }
        }
    }

    /// Ends the stream, and tells the last of it.
    pub fn finish(self, tell: &mut dyn FnMut(&[u8])) {
        match self.0 {
            State::Plain => {}
            State::Gzip(encoder) => tell(&encoder.finish().unwrap_or_default()),
            State::Zstd(frame, has_frames) => {
                if !frame.is_empty() || !has_frames {
                    tell(&compress_to_vec(&frame[..], CompressionLevel::Fastest));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unpack::Unpacker;

    #[test]
    fn whatever_is_packed_unpacks_to_itself() {
        let long: Vec<u8> = (0..FRAME + 70_000)
            .map(|place| u8::try_from(place / 7 % 251).expect("a byte"))
            .collect();
        for packing in [Packing::None, Packing::Gzip, Packing::Zstd] {
            for bytes in [&[][..], b"a", &long[..FRAME], &long] {
                let mut packed = Vec::new();
                let mut packer = Packer::new(packing);
                for piece in bytes.chunks(64 << 10) {
                    packer.push(piece, &mut |bytes| packed.extend_from_slice(bytes));
                }
                packer.finish(&mut |bytes| packed.extend_from_slice(bytes));
                let (mut unpacked, mut unpacker) = (Vec::new(), Unpacker::new());
                let mut keep = |bytes: &[u8]| unpacked.extend_from_slice(bytes);
                unpacker.push(&packed, &mut keep).expect("it is whole");
                unpacker.finish(&mut keep).expect("it is whole");
                assert!(unpacked == bytes, "{packing:?}, {} bytes", bytes.len());
            }
        }
    }
}
