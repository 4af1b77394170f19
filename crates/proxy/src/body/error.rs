//! Why a body broke off, in either direction.

use std::fmt;
use std::time::Duration;

/// Why a body broke off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// Nothing came, or was taken.
    Idle {
        /// How long it was waited for.
        after: Duration,
    },
    /// It came too slowly.
    Slow {
        /// The slowest allowed, in bytes a second.
        slowest: u64,
    },
    /// It went on behind its limit.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The sender broke off, or sent something malformed.
    Broken {
        /// The HTTP library's words.
        reason: String,
    },
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idle { after } => write!(f, "nothing came for {after:?}"),
            Self::Slow { slowest } => write!(f, "it came at less than {slowest} bytes a second"),
            Self::TooLarge { limit } => write!(f, "it is larger than {limit} bytes"),
            Self::Broken { reason } => write!(f, "it broke off: {reason}"),
        }
    }
}

impl std::error::Error for BodyError {}
