//! Why a step of a push failed.
//!
//! Errors of registries are told apart by the side they are of, since the advice differs: who
//! may not write needs other credentials than who may not read. Which failures stop a push is
//! for the model to say, and what a person may do next for `Failure::explain` in `view`.

use std::fmt;

use crate::compose::eligibility::Ineligible;
use crate::humanize;
use crate::limits;
use crate::registry::error::RegistryError;
use crate::registry::upload::UploadError;

/// Why a step failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The registry that is written to, or the way to it. Stops the push even while the plan
    /// is made.
    Target(Box<RegistryError>),
    /// A registry that is read from, or the way to it.
    Source(Box<RegistryError>),
    /// It is not put: the manifest is not what it claims to be, no registry takes it, or a
    /// descriptor lacks what a push needs of it.
    Refused(Box<Ineligible>),
    /// The blob is not put: its source is not what it claims to be, or the target lost some of
    /// it. Also a manifest or blob whose digest is of an algorithm that is not computed here.
    Upload(Box<UploadError>),
    /// The target does not have it, and neither are its bytes here nor is a registry known
    /// that has it.
    NoSource,
    /// What stands under the tag of the referrers is not a list of them, so it is left alone.
    NotReferrers,
    /// The registry answers the tag of the referrers with their subject, as GitLab does: what
    /// is put there nobody could read, so it is left alone.
    SubjectItself,
    /// It names more than a push handles: [`limits::PUSHED_STEPS`] manifests and blobs in all.
    TooMany,
    /// The person cancelled, or what carries out the requests aborted them.
    Cancelled,
}

impl From<UploadError> for Failure {
    /// Tells a fault of either registry as that registry's own; what is wrong with the bytes
    /// stays a [`Failure::Upload`].
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
                f.write_str("the fallback tag names something else than a list of referrers")
            }
            Self::SubjectItself => f.write_str(
                "the registry answers the fallback tag with the subject itself, so no referrers are known",
            ),
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
    /// Whether a fallback tag was left alone as it is. The push goes on: the list and its tag
    /// do not need it.
    #[must_use]
    pub fn is_left_alone(&self) -> bool {
        matches!(self, Self::NotReferrers | Self::SubjectItself)
    }

    /// Of the target. What was cancelled is nobody's fault, and becomes [`Failure::Cancelled`]
    /// on either side.
    pub(super) fn target(error: RegistryError) -> Self {
        if error.is_cancelled() {
            Self::Cancelled
        } else {
            Self::Target(Box::new(error))
        }
    }

    /// Of a source, with the same exception.
    pub(super) fn source(error: RegistryError) -> Self {
        if error.is_cancelled() {
            Self::Cancelled
        } else {
            Self::Source(Box::new(error))
        }
    }
}
