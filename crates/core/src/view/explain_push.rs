//! What a person is told where a push fails.
//!
//! What is written needs the right to push and further headers, so the advice of a read would
//! send people the wrong way: this begins with the explanation of a read, and replaces what
//! does not fit. The evidence and the actions stay those of the read.
//!
//! [`Failure::explain`] tells of a step of a push that failed, and goes on to
//! [`RegistryError::explain_push`] only for the registry that is written to: a source is read,
//! so there the words of a read are right.

use crate::registry::error::RegistryError;
use crate::registry::upload::UploadError;
use crate::workflow::push::Failure;

use super::explain::{Action, Explanation};

/// Lets pages write to it as well.
///
/// Beside what reading needs, it allows the methods and request headers of uploads and of
/// putting manifests, and exposes what a page has to read then: where an upload goes on
/// (`Location`), how much of it has arrived (`Range`), and whether the registry keeps
/// referrers itself (`OCI-Subject`).
///
/// Takes the place of [`CORS_SNIPPET`](super::CORS_SNIPPET) in what is said of a push.
pub const CORS_PUSH_SNIPPET: &str = "\
http:
  headers:
    Access-Control-Allow-Origin: ['*']
    Access-Control-Allow-Methods: [GET, HEAD, OPTIONS, POST, PATCH, PUT]
    Access-Control-Allow-Headers: [Accept, Authorization, Content-Type, Content-Range, Range]
    Access-Control-Expose-Headers: [Docker-Content-Digest, WWW-Authenticate, Link, Retry-After, Location, Range, OCI-Subject]
";

impl RegistryError {
    /// What to do where something was to be written: other rights and other headers are needed
    /// than to read.
    ///
    /// A refusal asks for credentials that may push; a repository that is not found may have to be
    /// made first; a 405 is a registry that takes no writes. Where it lacks a blob that the
    /// manifest names (`MANIFEST_BLOB_UNKNOWN`, `BLOB_UNKNOWN`), a new plan finds what is missing.
    ///
    /// Source: distribution-spec, "Pushing Manifests" and "Error Codes".
    ///
    /// Each of these replaces the whole of the explanation's next actions, but for a refused token,
    /// whose advice stays behind that for a push.
    #[must_use]
    pub fn explain_push(&self) -> Explanation {
        let mut told = self.explain();
        match self {
            Self::CredentialsNeeded(_) | Self::CredentialsRefused(_) | Self::Forbidden(_) => {
                told.next = vec!["enter credentials that may push to this repository".to_owned()];
            }
            Self::TokenRefused { .. } => {
                told.next.insert(
                    0,
                    "enter credentials that may push to this repository".to_owned(),
                );
            }
            Self::NotFound(_) => {
                told.next =
                    vec!["check the repository: some registries want it made first".to_owned()];
            }
            Self::UnexpectedStatus(answer) if answer.status == 405 => {
                told.next = vec![
                    "ask whoever runs the registry: it takes nothing that is written to it"
                        .to_owned(),
                ];
                told.causes
                    .push("it is set to be read only, or it is a mirror of another");
            }
            _ => {}
        }
        let codes = self
            .answer()
            .map(|answer| answer.errors.as_slice())
            .unwrap_or_default();
        if codes.iter().any(|error| {
            matches!(
                error.code.as_str(),
                "MANIFEST_BLOB_UNKNOWN" | "BLOB_UNKNOWN"
            )
        }) {
            told.causes
                .push("the registry does not have everything that the manifest names");
            told.next =
                vec!["make the plan again, so that what is missing is looked for".to_owned()];
        }
        if told.snippet.is_some() {
            told.snippet = Some(CORS_PUSH_SNIPPET);
        }
        told
    }
}

impl Failure {
    /// What happened, the evidence, and what to do next.
    ///
    /// Only failures of a registry have evidence; the others are known here, and one sentence
    /// says what to do. [`Action::Retry`] stands for going on with the push: what is done is
    /// not done again. It is missing where going on would fail in the same way, as with a
    /// source that is not what it claims to be, or a manifest that has no source.
    #[must_use]
    pub fn explain(&self) -> Explanation {
        let told = |next: &str, actions| Explanation {
            what: self.to_string(),
            next: vec![next.to_owned()],
            actions,
            ..Explanation::default()
        };
        match self {
            Self::Target(error) => error.explain_push(),
            Self::Source(error) => error.explain(),
            Self::Refused(_) => told("take it out of the list, or replace it", Vec::new()),
            Self::Upload(error) => match **error {
                UploadError::Held { .. } => told("send it again", vec![Action::Retry]),
                _ => told(
                    "take the image out of the list: its source is not what it claims to be",
                    Vec::new(),
                ),
            },
            Self::NoSource => told(
                "name a registry that has it as the source of its image",
                Vec::new(),
            ),
            Self::NotReferrers => told(
                "it was left alone: give it another name in the registry, then push again",
                Vec::new(),
            ),
            Self::SubjectItself => told(
                "it was left alone: list the referrers where the registry has the referrers API",
                Vec::new(),
            ),
            Self::TooMany => told("push its parts with another tool first", Vec::new()),
            Self::Cancelled => told("go on: what is done is not done again", vec![Action::Retry]),
        }
    }
}
