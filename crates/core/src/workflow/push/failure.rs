//! Why a step of a push failed.

use std::fmt;

use crate::compose::eligibility::Ineligible;
use crate::humanize;
use crate::limits;
use crate::registry::error::RegistryError;
use crate::registry::upload::UploadError;

/// Why a step failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The registry that is written to, or the way to it.
    Target(Box<RegistryError>),
    /// A registry that is read from, or the way to it.
    Source(Box<RegistryError>),
    /// The manifest is not put: it is not what it claims to be, or no registry takes it.
    Refused(Box<Ineligible>),
    /// The blob is not put: its source is not what it claims to be, or the target lost some of it.
    Upload(Box<UploadError>),
    /// Only its digest is known, and the target does not have it.
    NoSource,
    /// What stands under the tag of the referrers is not a list of them.
    NotReferrers,
    /// It names more than a push handles.
    TooMany,
    /// The person cancelled.
    Cancelled,
}

impl From<UploadError> for Failure {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Source(error) => Self::source(error),
            UploadError::Target(error) => Self::target(error),
            error => Self::Upload(Box::new(error)),
        }
    }
}

impl From<Ineligible> for Failure {
    fn from(refusal: Ineligible) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(error) | Self::Source(error) => error.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Upload(error) => error.fmt(f),
            Self::NoSource => {
                f.write_str("the target does not have it, and no source of it is known")
            }
            Self::NotReferrers => {
                f.write_str("the tag of the referrers names something else than an OCI image index")
            }
            Self::TooMany => {
                write!(
                    f,
                    "more than {} manifests and blobs",
                    humanize::number(limits::PUSHED_STEPS as u64)
                )
            }
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl std::error::Error for Failure {}

impl Failure {
    pub(super) fn target(error: RegistryError) -> Self {
        if error.is_cancelled() {
            Self::Cancelled
        } else {
            Self::Target(Box::new(error))
        }
    }

    pub(super) fn source(error: RegistryError) -> Self {
        if error.is_cancelled() {
            Self::Cancelled
        } else {
            Self::Source(Box::new(error))
        }
    }
}
