//! Where the bytes of an archive come from: the one thing that is asked of somebody else.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// What an archive is read from, by ranges of bytes: a file, or a folder of files.
///
/// Nothing is asked twice at once. Whoever implements it reads what is asked for and no more:
/// what is worth reading ahead was counted in already.
pub trait Source {
    /// What is there. It is asked once, before anything is read.
    fn files(&self) -> Files;

    /// The bytes `range` of the file of that number: 0 where there is one alone, else its place
    /// in [`Files::Folder`]. The range is never empty, and never behind the size that was told;
    /// fewer bytes than it has are an error, [`ReadError::Changed`].
    #[allow(
        async_fn_in_trait,
        reason = "a browser has one thread, so no Send bound is wanted"
    )]
    async fn read(&self, file: usize, range: Range<u64>) -> Result<Vec<u8>, ReadError>;
}

/// What a source has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Files {
    /// One file of so many bytes.
    One(u64),
    /// A folder.
    Folder(Vec<FolderFile>),
}

/// A file in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderFile {
    /// Its path from the folder, with `/` between names.
    pub path: Vec<u8>,
    /// How many bytes it has.
    pub size: u64,
}

/// Why bytes could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// There are fewer than there were: the file is another one by now.
    Changed,
    /// The words of whoever reads.
    Failed(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("it changed while it was read: open it again"),
            Self::Failed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for ReadError {}

/// Some bytes of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The file, by its number.
    pub file: usize,
    /// Where they begin in it.
    pub offset: u64,
    /// How many there are.
    pub size: u64,
}

impl Place {
    /// Where they end. No place ends behind the size of its file.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(self.size)
    }
}

/// Reads a range, and holds the answer to what was asked for.
pub(super) async fn read<S: Source>(
    source: &S,
    file: usize,
    range: Range<u64>,
) -> Result<Vec<u8>, ReadError> {
    if range.is_empty() {
        return Ok(Vec::new());
    }
    let length = range.end - range.start;
    let bytes = source.read(file, range).await?;
    if bytes.len() as u64 == length {
        Ok(bytes)
    } else {
        Err(ReadError::Changed)
    }
}

/// Reads all of a place: whoever asks knows that it is small.
pub(super) async fn read_place<S: Source>(source: &S, place: Place) -> Result<Vec<u8>, ReadError> {
    read(source, place.file, place.offset..place.end()).await
}
