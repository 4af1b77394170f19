//! Zstandard: one frame after the other, and skippable ones between them.
//!
//! Source: RFC 8878, sections 3.1.1 and 3.1.2.

use ruzstd::io::Read as _;
use std::fmt;

use ruzstd::decoding::FrameDecoder;
use ruzstd::decoding::errors::FrameDecoderError;

use super::{Part, Parts, UnpackError, Unpacked, WINDOW};

/// How much is unpacked at once.
const PIECE: usize = 128 << 10;
/// The largest block.
const BLOCK_BYTES: usize = 128 << 10;
const EMPTY_LAST_BLOCK: [u8; 3] = [1, 0, 0];
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Unpacks all frames of a stream.
pub(super) struct Zstd {
    decoder: FrameDecoder,
    /// What came and was not taken: less than a block.
    held: Vec<u8>,
    output: Vec<u8>,
    place: Place,
    end: Unpacked,
    /// How many bytes were taken, and how many they unpacked to.
    position: (u64, u64),
    pub(super) parts: Parts,
}

/// Where in the stream the next byte stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// At the beginning of a frame, or behind the last one.
    Between,
    /// Before a block of a frame, which ends with a checksum or does not.
    Block { has_checksum: bool },
    /// Behind the last block of a frame.
    End { has_checksum: bool },
    /// So many bytes before the end of a skippable frame.
    Skippable(u64),
    /// Behind the last frame.
    Behind,
}

impl Default for Zstd {
    fn default() -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW);
        Self {
            decoder,
            held: Vec::new(),
            output: vec![0; PIECE],
            place: Place::Between,
            end: Unpacked::default(),
            position: (0, 0),
            parts: Parts::default(),
        }
    }
}

impl fmt::Debug for Zstd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.place, self.end).fmt(f)
    }
}

fn corrupt(reason: &str) -> UnpackError {
    UnpackError::Corrupt {
        reason: reason.to_owned(),
    }
}

/// The library's errors are for programmers, and all their words weigh 5 KB in the worker.
fn words(error: &FrameDecoderError) -> &'static str {
    match error {
        FrameDecoderError::FailedToReadBlockHeader(_) => "a block has no header",
        FrameDecoderError::FailedToReadBlockBody(_) => "a block is none",
        FrameDecoderError::DictNotProvided { .. } => "a frame needs a dictionary",
        _ => "a frame has no header",
    }
}

impl Zstd {
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        tell: &mut dyn FnMut(&[u8]),
    ) -> Result<(), UnpackError> {
        self.held.extend_from_slice(bytes);
        let held = std::mem::take(&mut self.held);
        let mut rest = &held[..];
        // What is left is not enough for the next step.
        while let Some(taken) = self.step(rest, tell)? {
            self.position.0 += taken as u64;
            rest = &rest[taken..];
        }
        self.held = rest.to_vec();
        Ok(())
    }

    /// Takes some bytes and says how many; `None` where more have to come first.
    fn step(
        &mut self,
        bytes: &[u8],
        tell: &mut dyn FnMut(&[u8]),
    ) -> Result<Option<usize>, UnpackError> {
        match self.place {
            Place::Behind => {
                self.end.trailing += bytes.len() as u64;
                Ok((!bytes.is_empty()).then_some(bytes.len()))
            }
            Place::Skippable(missing) => {
                let taken = usize::try_from(missing).map_or(bytes.len(), |it| it.min(bytes.len()));
                self.place = match missing - taken as u64 {
                    0 => Place::Between,
                    missing => Place::Skippable(missing),
                };
                Ok((taken > 0 || missing == 0).then_some(taken))
            }
            Place::Between => self.begin(bytes, tell),
            Place::Block { has_checksum } => self.decode(bytes, has_checksum, tell),
            Place::End { has_checksum } => self.end_frame(bytes, has_checksum),
        }
    }

    fn begin(
        &mut self,
        bytes: &[u8],
        tell: &mut dyn FnMut(&[u8]),
    ) -> Result<Option<usize>, UnpackError> {
        let Some((magic, rest)) = bytes.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let (packed, unpacked) = self.position;
        if matches!(magic, [0x50..=0x5f, 0x2a, 0x4d, 0x18]) {
            let length = rest.first_chunk().map(|length| u32::from_le_bytes(*length));
            return Ok(length.map(|length| {
                self.parts.push(Part {
                    packed,
                    unpacked,
                    skipped: Some(length.into()),
                });
                self.place = Place::Skippable(length.into());
                8
            }));
        }
        if *magic != MAGIC {
            self.place = Place::Behind;
            return Ok(Some(0));
        }
        let Some(descriptor) = rest.first() else {
            return Ok(None);
        };
        let length = header_length(*descriptor);
        let Some(mut header) = bytes.get(..length) else {
            return Ok(None);
        };
        self.decoder
            .reset(&mut header)
            .map_err(|error| match error {
                FrameDecoderError::WindowSizeTooBig { requested, .. } => {
                    UnpackError::Window(requested)
                }
                other => corrupt(words(&other)),
            })?;
        self.parts.push(Part {
            packed,
            unpacked,
            skipped: None,
        });
        tell(&[]);
        self.place = Place::Block {
            has_checksum: descriptor & 4 != 0,
        };
        Ok(Some(length))
    }

    /// Unpacks one block: the decoder alone would unpack all that there are before it gives
    /// anything back, and a block of 4 bytes may unpack to 128 KiB.
    fn decode(
        &mut self,
        bytes: &[u8],
        has_checksum: bool,
        tell: &mut dyn FnMut(&[u8]),
    ) -> Result<Option<usize>, UnpackError> {
        let Some(block) = Block::of(bytes) else {
            return Ok(None);
        };
        let Some(whole) = bytes.get(..block.length) else {
            return Ok(None);
        };
        let decoded = self.decoder.decode_from_to(whole, &mut self.output);
        let (read, mut written) = decoded.map_err(|error| corrupt(words(&error)))?;
        while written > 0 {
            self.position.1 += written as u64;
            tell(&self.output[..written]);
            written = self.decoder.read(&mut self.output).unwrap_or_default();
        }
        if block.is_last {
            self.place = Place::End { has_checksum };
        }
        Ok(Some(read))
    }

    /// Takes the checksum of a frame, where it has one.
    fn end_frame(
        &mut self,
        bytes: &[u8],
        has_checksum: bool,
    ) -> Result<Option<usize>, UnpackError> {
        let mut read = 0;
        if has_checksum {
            let Some(checksum) = bytes.first_chunk::<4>() else {
                return Ok(None);
            };
            read = checksum.len();
            let told = u32::from_le_bytes(*checksum);
            if self.decoder.get_calculated_checksum() != Some(told) {
                return Err(corrupt("the checksum of a frame is another one"));
            }
        }
        self.end.parts += 1;
        self.place = Place::Between;
        Ok(Some(read))
    }

    pub(super) fn finish(mut self, tell: &mut dyn FnMut(&[u8])) -> Result<Unpacked, UnpackError> {
        match self.place {
            Place::Behind => Ok(self.end),
            Place::Between if self.held.starts_with(&MAGIC) => Err(UnpackError::EndsEarly),
            Place::Between => {
                self.end.trailing += self.held.len() as u64;
                Ok(self.end)
            }
            Place::Block { .. } => {
                // The decoder holds back a window until the last block: an empty one frees it.
                self.decode(&EMPTY_LAST_BLOCK, false, tell)?;
                Err(UnpackError::EndsEarly)
            }
            Place::End { .. } | Place::Skippable(_) => Err(UnpackError::EndsEarly),
        }
    }
}

/// What the header of a block says.
#[derive(Clone, Copy, Debug)]
struct Block {
    is_last: bool,
    /// How many bytes it takes, with the header.
    length: usize,
}

impl Block {
    /// Reads a header; `None` where it is not whole. One that is invalid is a block without
    /// content, so that the decoder says why.
    fn of(bytes: &[u8]) -> Option<Self> {
        let [low, middle, high, ..] = bytes else {
            return None;
        };
        let header = u32::from_le_bytes([*low, *middle, *high, 0]);
        let content = match (header >> 1 & 3, usize::try_from(header >> 3).ok()?) {
            (1, _) => 1,
            (0 | 2, size) if size <= BLOCK_BYTES => size,
            _ => 0,
        };
        Some(Self {
            is_last: header & 1 == 1,
            length: 3 + content,
        })
    }
}

/// How long the header of a frame is, with the magic number, by its descriptor.
fn header_length(descriptor: u8) -> usize {
    let is_single = descriptor & 0x20 != 0;
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let size = match descriptor >> 6 {
        0 => usize::from(is_single),
        flag => 1 << flag,
    };
    5 + usize::from(!is_single) + dictionary + size
}
