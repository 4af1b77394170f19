//! An archive that is compressed as a whole: it is unpacked once, to somewhere.

use std::fmt;

use crate::unpack::{UnpackError, Unpacked, Unpacker};

/// How many bytes anything may unpack to.
pub const UNPACKED_BYTES: u64 = 1 << 40;
/// How many bytes come of one at most, once so many are unpacked that it matters.
const RATIO: u64 = 1000;
/// From so many unpacked bytes on the ratio counts.
const FREE_BYTES: u64 = 64 << 20;

/// Unpacks a stream, and stops where it unpacks to far more than any archive does.
///
/// ```
/// use waybill_blobs::archive::Outer;
///
/// let mut outer = Outer::new();
/// let mut archive: Vec<u8> = Vec::new();
/// outer.push(b"not packed at all", &mut |bytes| archive.extend(bytes))?;
/// outer.finish(&mut |bytes| archive.extend(bytes))?;
/// assert_eq!(archive, b"not packed at all");
/// # Ok::<(), waybill_blobs::archive::OuterError>(())
/// ```
#[derive(Debug, Default)]
pub struct Outer {
    unpacker: Unpacker,
    bound: Bound,
}

/// Why an archive was not unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OuterError {
    /// It cannot be.
    Unpack(UnpackError),
    /// It unpacks to more than is right: it is made to fill a disk.
    TooMuch {
        /// How many bytes were taken.
        packed: u64,
        /// How many they unpacked to.
        unpacked: u64,
    },
}

impl fmt::Display for OuterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unpack(error) => error.fmt(f),
            Self::TooMuch { packed, unpacked } => write!(
                f,
                "it unpacks to far more than any archive: {packed} bytes to {unpacked} so far"
            ),
        }
    }
}

impl std::error::Error for OuterError {}

impl Outer {
    /// Of a stream of which nothing came yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes, and tells what they unpack to. Pieces of 64 KiB or less keep what is
    /// unpacked behind the limit small.
    pub fn push(&mut self, bytes: &[u8], tell: &mut dyn FnMut(&[u8])) -> Result<(), OuterError> {
        let mut unpacked = 0;
        let pushed = self.unpacker.push(bytes, &mut |bytes| {
            unpacked += bytes.len() as u64;
            tell(bytes);
        });
        pushed.map_err(OuterError::Unpack)?;
        if self.bound.holds(bytes.len() as u64, unpacked) {
            Ok(())
        } else {
            Err(OuterError::TooMuch {
                packed: self.bound.packed,
                unpacked: self.bound.unpacked,
            })
        }
    }

    /// Ends the stream where its bytes end.
    pub fn finish(self, tell: &mut dyn FnMut(&[u8])) -> Result<Unpacked, OuterError> {
        self.unpacker.finish(tell).map_err(OuterError::Unpack)
    }
}

/// Holds what is unpacked to what came.
#[derive(Debug, Default)]
pub(super) struct Bound {
    packed: u64,
    unpacked: u64,
}

impl Bound {
    /// Counts both, and says whether they are what an archive may be.
    pub(super) fn holds(&mut self, packed: u64, unpacked: u64) -> bool {
        self.packed += packed;
        self.unpacked += unpacked;
        self.unpacked <= FREE_BYTES
            || self.unpacked <= UNPACKED_BYTES && self.unpacked / RATIO <= self.packed
    }
}
