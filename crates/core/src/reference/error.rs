//! Why a text is not a reference.
//!
//! One rule is told, the first that is broken from the left, with its place; the text for a person
//! names the character or the length found.

use std::fmt;

use super::{REPOSITORY_MAX, TAG_MAX};
use crate::digest::DigestError;

/// Why a text is not a reference, or not a part of one: the rule it breaks and where.
///
/// ```
/// use waybill_core::reference::{Reference, ReferenceRule};
///
/// let error = "ghcr.io/Owner/image".parse::<Reference>().unwrap_err();
/// assert_eq!(error.position(), 8);
/// assert_eq!(*error.rule(), ReferenceRule::RepositoryUpperCase);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceError {
    position: usize,
    rule: ReferenceRule,
}

impl ReferenceError {
    pub(super) fn new(position: usize, rule: ReferenceRule) -> Self {
        Self { position, rule }
    }

    pub(crate) fn of_digest(error: DigestError, start: usize) -> Self {
        let inside = match error {
            DigestError::Character { position } | DigestError::Hex { position, .. } => position,
            _ => 0,
        };
        Self::new(start + inside, ReferenceRule::Digest(error))
    }

    /// The same error in a longer text that has this one at byte `start`.
    pub(super) fn moved(self, start: usize) -> Self {
        let position = self.position + start;
        self.placed(position)
    }

    /// The same error at this place of another text.
    pub(crate) fn placed(self, position: usize) -> Self {
        Self { position, ..self }
    }

    /// Where, as a byte offset into the text that was parsed.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// Which rule.
    #[must_use]
    pub fn rule(&self) -> &ReferenceRule {
        &self.rule
    }
}

/// A rule of the grammar of references that a text breaks.
///
/// Source: distribution/reference `regexp.go` and `reference.go`. Names follow the part of the
/// reference that is wrong: host, repository, tag or digest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReferenceRule {
    /// There is no text.
    Empty,
    /// 64 hex characters alone are an image ID, not a name.
    Identifier,
    /// A part of the host's name is empty.
    HostEmptyPart,
    /// A character that no host may hold.
    HostCharacter,
    /// A part of the host's name begins or ends with `-`.
    HostHyphen,
    /// The brackets do not hold an IPv6 address.
    HostAddress,
    /// What follows the host's colon is not a port.
    HostPort,
    /// A part of the repository is empty.
    RepositoryEmptyPart,
    /// An upper-case letter in the repository.
    RepositoryUpperCase,
    /// A character that no repository may hold.
    RepositoryCharacter,
    /// A `.`, `_` or `-` where it may not stand.
    RepositorySeparator,
    /// The repository is too long.
    RepositoryLength {
        /// Its length with `library/`, in characters.
        found: usize,
    },
    /// Nothing follows the colon.
    TagEmpty,
    /// The tag begins with `.` or `-`.
    TagStart,
    /// A character that no tag may hold.
    TagCharacter,
    /// A `+` in the tag, which is one of helm's once it is written in helm's way.
    TagPlus {
        /// The tag as helm writes it.
        helm: String,
    },
    /// A digest behind a `:`.
    TagDigest,
    /// The tag is too long.
    TagLength {
        /// Its length in characters.
        found: usize,
    },
    /// What follows the `@` is not a digest. Positions inside count from the digest's start.
    Digest(DigestError),
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = match &self.rule {
            ReferenceRule::Empty => {
                return f
                    .write_str("reference is empty, it needs at least a repository such as nginx");
            }
            ReferenceRule::Identifier => {
                return f.write_str("64 hex characters alone are an image ID, a digest needs sha256: in front of them");
            }
            ReferenceRule::RepositoryLength { found } => {
                return write!(
                    f,
                    "repository is {found} characters, at most {REPOSITORY_MAX} are allowed"
                );
            }
            ReferenceRule::TagPlus { helm } => {
                return write!(f, "+ is not in a tag; helm writes {helm}");
            }
            ReferenceRule::TagDigest => {
                return f.write_str("a digest follows @: name@sha256:…");
            }
            ReferenceRule::TagLength { found } => {
                return write!(
                    f,
                    "tag is {found} characters, at most {TAG_MAX} are allowed"
                );
            }
            ReferenceRule::Digest(error) => {
                let mut error = error.clone();
                if let DigestError::Character { position } | DigestError::Hex { position, .. } =
                    &mut error
                {
                    *position = self.position;
                }
                return error.fmt(f);
            }
            ReferenceRule::HostEmptyPart => (
                "host has an empty part",
                "a name must stand before and after each .",
            ),
            ReferenceRule::HostCharacter => (
                "host has a character",
                "only letters, digits, . and - may stand there",
            ),
            ReferenceRule::HostHyphen => {
                ("host has a -", "no part of a host may begin or end with it")
            }
            ReferenceRule::HostAddress => (
                "host has no IPv6 address",
                "brackets need one such as [::1]",
            ),
            ReferenceRule::HostPort => (
                "host has no port",
                "a number from 1 to 65535 must follow the :",
            ),
            ReferenceRule::RepositoryEmptyPart => (
                "repository has an empty part",
                "a name must stand before and after each /",
            ),
            ReferenceRule::RepositoryUpperCase => (
                "repository has an upper-case letter",
                "only a-z, 0-9, ., _, - and / may stand there",
            ),
            ReferenceRule::RepositoryCharacter => (
                "repository has a character",
                "only a-z, 0-9, ., _, - and / may stand there",
            ),
            ReferenceRule::RepositorySeparator => (
                "repository has a separator",
                "only one ., one or two _, or any number of - may stand between letters or digits",
            ),
            ReferenceRule::TagEmpty => ("tag is empty", "a letter, digit or _ must follow the :"),
            ReferenceRule::TagStart => (
                "tag has a . or -",
                "it must begin with a letter, digit or _",
            ),
            ReferenceRule::TagCharacter => (
                "tag has a character",
                "only letters, digits, _, . and - may stand there",
            ),
        };
        write!(f, "{before} at {}, {after}", self.position)
    }
}

impl std::error::Error for ReferenceError {}
