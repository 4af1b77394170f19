//! Why a text is not a platform, and where.

use std::fmt;

/// Why a text is not a platform. Positions are byte offsets into the whole text.
///
/// ```
/// use waybill_core::platform::{Platform, PlatformError};
///
/// let error = "linux/arm/v7/x".parse::<Platform>().unwrap_err();
/// assert_eq!(error, PlatformError::Parts { found: 4 });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlatformError {
    /// Nothing stands where a part is needed.
    EmptyPart {
        /// Where.
        position: usize,
    },
    /// A character that may not stand there, a wildcard for one.
    Character {
        /// Where.
        position: usize,
    },
    /// More parts than three.
    Parts {
        /// How many.
        found: usize,
    },
    /// A single word that is neither a known `os` nor a known architecture.
    Word {
        /// The word.
        found: String,
    },
    /// A bracket that is not closed at the end of its part.
    Bracket {
        /// Where it opens.
        position: usize,
    },
    /// A `%` that is no escape of UTF-8 text.
    Escape {
        /// Where.
        position: usize,
    },
    /// The version of the operating system is there in brackets and behind a colon.
    SecondVersion {
        /// Where the second one begins.
        position: usize,
    },
}

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyPart { position } => {
                write!(
                    f,
                    "platform has an empty part at {position}, it needs the form os/architecture[/variant]"
                )
            }
            Self::Character { position } => {
                write!(
                    f,
                    "platform has a character at {position}, only letters, digits, _ and - may stand there, and . behind the os"
                )
            }
            Self::Parts { found } => write!(
                f,
                "platform has {found} parts, os/architecture/variant are 3"
            ),
            Self::Word { found } => {
                write!(
                    f,
                    "platform is {found:?}, one word needs to be a known os or architecture"
                )
            }
            Self::Bracket { position } => {
                write!(
                    f,
                    "platform has a bracket at {position}, it needs the form os(version+feature)"
                )
            }
            Self::Escape { position } => {
                write!(
                    f,
                    "platform has a % at {position}, two hex digits of UTF-8 text must follow it"
                )
            }
            Self::SecondVersion { position } => {
                write!(
                    f,
                    "platform has a second os version at {position}, only one may be given"
                )
            }
        }
    }
}

impl std::error::Error for PlatformError {}
