//! Holds what is written into an archive to what was planned, while it comes.

use std::fmt;

use crate::digest::{Digest, Hasher};

use super::{Blob, Content};

/// A content while it comes: so many bytes, of this digest.
///
/// ```
/// use waybill_core::Digest;
/// use waybill_core::save::{Blob, Check, Wrong};
///
/// let blob = Blob { digest: Digest::sha256(b"layer"), size: 5 };
/// let mut check = Check::of(&blob.digest, blob.size)?;
/// check.take(b"lay")?;
/// check.take(b"er")?;
/// check.finish()?;
/// // A byte too much is refused before it is written.
/// let mut check = Check::of(&blob.digest, blob.size)?;
/// assert_eq!(check.take(b"layer!"), Err(Wrong::Longer(5)));
/// # Ok::<(), Wrong>(())
/// ```
#[derive(Clone, Debug)]
pub struct Check {
    digest: Digest,
    size: u64,
    hasher: Hasher,
    came: u64,
}

/// Why a content is not what was planned. What it was written into is worth nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Its digest is of an algorithm that is not computed here.
    Algorithm(Digest),
    /// It goes on behind its size.
    Longer(u64),
    /// It ends early.
    Shorter {
        /// How many bytes came.
        came: u64,
        /// How many it has to have.
        size: u64,
    },
    /// It has its size and another digest.
    Differs {
        /// What it has to be.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm(digest) => write!(f, "{digest} cannot be computed here"),
            Self::Longer(size) => write!(f, "it goes on behind its {size} bytes"),
            Self::Shorter { came, size } => write!(f, "it ends after {came} of {size} bytes"),
            Self::Differs { expected, found } => {
                write!(f, "its bytes hash to {found}, and {expected} is named")
            }
        }
    }
}

impl std::error::Error for Wrong {}

impl Content {
    /// What its bytes have to be where they come from elsewhere, that is of a blob, packed or not.
    /// `None` of what stands in the plan itself.
    #[must_use]
    pub fn expected(&self) -> Option<(&Digest, u64)> {
        match self {
            Self::Blob(Blob { digest, size }) => Some((digest, *size)),
            Self::Unpacked(_, unpacked) => Some((&unpacked.diff_id, unpacked.size)),
            Self::Bytes(_) | Self::Link(_) => None,
        }
    }
}

impl Check {
    /// Of a content of which nothing came yet.
    pub fn of(digest: &Digest, size: u64) -> Result<Self, Wrong> {
        let algorithm = digest.algorithm();
        let algorithm = algorithm.ok_or_else(|| Wrong::Algorithm(digest.clone()))?;
        Ok(Self {
            digest: digest.clone(),
            size,
            hasher: Hasher::new(algorithm),
            came: 0,
        })
    }

    /// How many bytes came.
    #[must_use]
    pub fn came(&self) -> u64 {
        self.came
    }

    /// Takes the next bytes. They are to be written only where this does not refuse them: else
    /// what follows would not stand in its place.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), Wrong> {
        if bytes.len() as u64 > self.size - self.came {
            return Err(Wrong::Longer(self.size));
        }
        self.came += bytes.len() as u64;
        self.hasher.update(bytes);
        Ok(())
    }

    /// Says that nothing more comes, and whether that was it.
    pub fn finish(self) -> Result<(), Wrong> {
        if self.came < self.size {
            return Err(Wrong::Shorter {
                came: self.came,
                size: self.size,
            });
        }
        let found = self.hasher.finish();
        if found == self.digest {
            Ok(())
        } else {
            Err(Wrong::Differs {
                expected: self.digest,
                found,
            })
        }
    }
}
