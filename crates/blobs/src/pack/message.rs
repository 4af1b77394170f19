//! What a page and the worker that compresses layers say to each other: plain values, of which both
//! sides are built.
//!
//! Both travel as JSON text. Beside [`Command::Piece`] go the bytes, as the browser has them, and
//! beside [`Event::Packed`] the file. One worker compresses one layer.

use serde::{Deserialize, Serialize};
use waybill_core::conversion::{Compression, Packing};
use waybill_core::digest::Digest;

/// What the page tells the worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Begins a layer.
    Begin {
        /// The name of a lock that the page holds as long as it needs the file, and the name of
        /// the file.
        name: String,
        /// How it is to be compressed.
        how: How,
    },
    /// The next bytes are beside this.
    Piece,
    /// That was all of it.
    End,
}

/// How a layer is compressed: [`Compression`] as it travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    /// Not at all.
    None,
    /// By gzip, at that level.
    Gzip(Option<u8>),
    /// By zstd, at that level.
    Zstd(Option<u8>),
}

impl From<Compression> for How {
    fn from(compression: Compression) -> Self {
        match compression.packing {
            Packing::None => Self::None,
            Packing::Gzip => Self::Gzip(compression.level),
            Packing::Zstd => Self::Zstd(compression.level),
        }
    }
}

impl From<How> for Compression {
    fn from(how: How) -> Self {
        let (packing, level) = match how {
            How::None => (Packing::None, None),
            How::Gzip(level) => (Packing::Gzip, level),
            How::Zstd(level) => (Packing::Zstd, level),
        };
        Self { packing, level }
    }
}

/// What the worker tells the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// It hears.
    Ready,
    /// The file is open: pieces may come.
    Begun,
    /// So many bytes of what came are compressed.
    Taken(u64),
    /// The layer is whole, and is the file beside this.
    Packed {
        /// The digest of its bytes.
        digest: Digest,
        /// Their number.
        size: u64,
    },
    /// There is no room for it: so many bytes the browser still gave the page before; `None` where
    /// it gives no disk at all, or does not say.
    NoRoom(Option<u64>),
    /// The browser refuses, in its words.
    Failed(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_layer_is_compressed_travels_as_it_is() {
        for packing in [Packing::None, Packing::Gzip, Packing::Zstd] {
            for level in [None, Some(1), Some(9)] {
                let compression = Compression { packing, level };
                let came = Compression::from(How::from(compression));
                let level = level.filter(|_| packing != Packing::None);
                assert_eq!(came, Compression { packing, level });
            }
        }
    }
}
