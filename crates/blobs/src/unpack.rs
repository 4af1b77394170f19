//! Unpacks what is compressed, piece by piece, as it comes.
//!
//! [`Unpacker`] goes by the first bytes, and takes what engines take: gzip with all its members,
//! zstd with all its frames. It holds no more than a window of what it unpacks, and of zstd one
//! block of what comes. What stands behind the last member or frame is counted.

mod gzip;
mod zstd;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::sniff::{self, Compression, SNIFFED};
use gzip::Gzip;
use zstd::Zstd;

/// The largest window of zstd that is unpacked, in bytes: with it one stream takes so much
/// memory. The zstd:chunked layers of skopeo and podman of 2022 have one of 32 MiB.
pub const WINDOW: u64 = 32 << 20;

/// Why the rest cannot be unpacked: what was unpacked before was told already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnpackError {
    /// It is not what its first bytes say, or its checksum is another one.
    Corrupt {
        /// The library's words.
        reason: String,
    },
    /// It ends inside of a member or frame.
    EndsEarly,
    /// It needs more memory than a page gives it: a window of so many bytes.
    Window(u64),
    /// Compressed in a way that the specifications do not name.
    Unsupported(Compression),
    /// It was not unpacked further, behind so many bytes: somebody said so, since it unpacks to
    /// more than is expected.
    Stopped(u64),
}

impl fmt::Display for UnpackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrupt { reason } => write!(f, "it cannot be unpacked: {reason}"),
            Self::EndsEarly => f.write_str("its compressed data end early"),
            Self::Window(bytes) => write!(f, "to unpack it takes a window of {} MiB", bytes >> 20),
            Self::Stopped(bytes) => write!(f, "it was not unpacked behind {bytes} bytes"),
            Self::Unsupported(compression) => write!(
                f,
                "it is compressed with {}, which no specification of layers names",
                if *compression == Compression::Xz {
                    "xz"
                } else {
                    "bzip2"
                }
            ),
        }
    }
}

impl std::error::Error for UnpackError {}

/// What is known once all is unpacked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unpacked {
    /// How many members of gzip, or frames of zstd that hold something, there were.
    pub parts: u64,
    /// How many bytes stand behind the last of them. Some engines refuse any.
    pub trailing: u64,
}

/// A member of gzip or a frame of zstd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it begins, in bytes from the beginning of the stream.
    pub packed: u64,
    /// How many bytes those before it unpacked to.
    pub unpacked: u64,
    /// Of a skippable frame, which unpacks to nothing, how many bytes it holds.
    pub skipped: Option<u64>,
}

/// Parts that nobody asked for yet: no more than [`PARTS`].
#[derive(Debug, Default)]
struct Parts(Vec<Part>);

/// How many parts are kept for who asks.
const PARTS: usize = 1 << 16;

impl Parts {
    fn push(&mut self, part: Part) {
        if self.0.len() < PARTS {
            self.0.push(part);
        }
    }
}

/// Unpacks a stream.
#[derive(Debug)]
pub struct Unpacker {
    state: State,
    compression: Option<Compression>,
}

#[derive(Debug)]
enum State {
    /// Too few bytes came to tell what it is.
    First(Vec<u8>),
    Plain,
    Gzip(Box<Gzip>),
    Zstd(Box<Zstd>),
    Failed(UnpackError),
}

impl Default for Unpacker {
    fn default() -> Self {
        Self::new()
    }
}

impl Unpacker {
    /// Of a stream of which nothing came yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: State::First(Vec::new()),
            compression: None,
        }
    }

    /// How the stream is compressed; `None` before [`SNIFFED`] bytes came.
    #[must_use]
    pub fn compression(&self) -> Option<Compression> {
        self.compression
    }

    /// How the stream is compressed if no more comes.
    pub(crate) fn compression_at_end(&self) -> Compression {
        match &self.state {
            State::First(first) => sniff::compression(first),
            State::Plain | State::Gzip(_) | State::Zstd(_) | State::Failed(_) => {
                self.compression.unwrap_or(Compression::None)
            }
        }
    }

    /// Takes out the parts that began since the last call. Ask after each [`push`](Self::push):
    /// of very many only the first are kept.
    pub fn take_parts(&mut self) -> Vec<Part> {
        match &mut self.state {
            State::Gzip(gzip) => std::mem::take(&mut gzip.parts.0),
            State::Zstd(zstd) => std::mem::take(&mut zstd.parts.0),
            State::First(_) | State::Plain | State::Failed(_) => Vec::new(),
        }
    }

    /// Takes the next bytes, and tells what they unpack to. After an error each further call
    /// gives the same one. An empty piece is told where a member or frame begins.
    ///
    /// All that they unpack to is told before it returns, block by block: of zstd that may be
    /// 32,000 times as much. Who wants to stop at a limit gives small pieces, and asks between
    /// them.
    pub fn push(&mut self, bytes: &[u8], tell: &mut dyn FnMut(&[u8])) -> Result<(), UnpackError> {
        let done = match &mut self.state {
            State::First(first) => {
                first.extend_from_slice(bytes);
                if first.len() < SNIFFED {
                    return Ok(());
                }
                let first = std::mem::take(first);
                self.begin(&first);
                return self.push(&first, tell);
            }
            State::Plain => {
                tell(bytes);
                Ok(())
            }
            State::Gzip(gzip) => gzip.push(bytes, tell),
            State::Zstd(zstd) => zstd.push(bytes, tell),
            State::Failed(error) => Err(error.clone()),
        };
        if let Err(error) = &done {
            self.state = State::Failed(error.clone());
        }
        done
    }

    fn begin(&mut self, first: &[u8]) {
        let compression = sniff::compression(first);
        self.compression = Some(compression);
        self.state = match compression {
            Compression::None => State::Plain,
            Compression::Gzip => State::Gzip(Box::default()),
            Compression::Zstd => State::Zstd(Box::default()),
            other @ (Compression::Bzip2 | Compression::Xz) => {
                State::Failed(UnpackError::Unsupported(other))
            }
        };
    }

    /// Ends the stream where its bytes end.
    pub fn finish(mut self, tell: &mut dyn FnMut(&[u8])) -> Result<Unpacked, UnpackError> {
        if let State::First(first) = &mut self.state {
            let first = std::mem::take(first);
            self.begin(&first);
            self.push(&first, tell)?;
        }
        match self.state {
            State::First(_) | State::Plain => Ok(Unpacked::default()),
            State::Gzip(gzip) => gzip.finish(),
            State::Zstd(zstd) => zstd.finish(tell),
            State::Failed(error) => Err(error),
        }
    }
}
