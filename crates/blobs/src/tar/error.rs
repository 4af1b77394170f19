//! What ends the reading of an archive.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why the rest of an archive cannot be read: what stands before it was told already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TarError {
    /// The place of the header, or of the block that goes on with it, in bytes from the beginning
    /// of the archive; of an archive that ends early, its length.
    pub offset: u64,
    /// What is wrong there.
    pub reason: Reason,
}

/// What is wrong in an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// The sum over the header is another one: this is no header.
    Checksum,
    /// One block of zeros, then something else: the end is two.
    ZeroBlock,
    /// A number of the header, or of its extension, is none, or is too large.
    Number,
    /// A size is negative.
    NegativeSize,
    /// A record of a PAX header breaks its grammar.
    Record,
    /// A long name or a PAX header has more than 1 MiB.
    TooLong,
    /// The map of a sparse file is none, or does not fit its size.
    Sparse,
    /// A sparse file has more bytes in the archive, or fewer, than its map says.
    SparseData,
    /// The archive ends inside of a header or of a file.
    EndsEarly,
}

impl fmt::Display for TarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.reason {
            Reason::Checksum => "a header's checksum is wrong",
            Reason::ZeroBlock => "one block of zeros stands alone, the end is two",
            Reason::Number => "a header has a number that is none",
            Reason::NegativeSize => "a header has a negative size",
            Reason::Record => "a PAX header has a record that is none",
            Reason::TooLong => "a PAX header or a long name has more than 1 MiB",
            Reason::Sparse => "the map of a sparse file does not fit",
            Reason::SparseData => "a sparse file has not the bytes that its map says",
            Reason::EndsEarly => "the archive ends early",
        };
        write!(f, "{what}, at byte {}", self.offset)
    }
}

impl std::error::Error for TarError {}
