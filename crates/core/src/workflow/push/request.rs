//! What a push asks of the registries.
//!
//! The model only says what it wants, as a value that tests can compare; [`run`] is the one
//! place that asks a registry.

use std::rc::Rc;

use crate::digest::Digest;
use crate::media_type::MediaType;
use crate::reference::Target;
use crate::registry::answer::Fetched;
use crate::registry::client::Client;
use crate::registry::error::RegistryError;
use crate::registry::push::{PutOutcome, Repository};
use crate::registry::transport::Transport;
use crate::registry::upload::{Blob, InterruptedUpload, Upload, UploadOutcome};

/// One request, or the writing of one blob.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Whether the target has a manifest.
    HasManifest {
        /// The target.
        place: Repository,
        /// The manifest.
        digest: Digest,
        /// Its media type.
        media_type: MediaType,
    },
    /// Whether the target has a blob.
    HasBlob {
        /// The target.
        place: Repository,
        /// The blob.
        digest: Digest,
    },
    /// Whether the target keeps referrers itself.
    HasReferrers {
        /// The target.
        place: Repository,
        /// A manifest that is referred to.
        subject: Digest,
    },
    /// Read a manifest from its source.
    ReadSource {
        /// The source.
        place: Repository,
        /// The manifest.
        digest: Digest,
        /// Its media type.
        media_type: MediaType,
    },
    /// Read what a tag of the target names.
    ReadTarget {
        /// The target.
        place: Repository,
        /// The tag.
        target: Target,
    },
    /// Put a manifest.
    PutManifest {
        /// The target.
        place: Repository,
        /// Its tag or digest.
        target: Target,
        /// Its media type.
        media_type: MediaType,
        /// Its bytes.
        bytes: Rc<[u8]>,
    },
    /// Write a blob.
    SendBlob {
        /// The blob.
        blob: Box<Blob>,
        /// What an earlier attempt left.
        upload: Option<Upload>,
    },
}

/// What came of a [`Request`].
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Of `HasManifest`, `HasBlob` and `HasReferrers`.
    Has(Result<bool, RegistryError>),
    /// Of `ReadSource` and `ReadTarget`.
    Read(Result<Fetched, RegistryError>),
    /// Of `PutManifest`.
    Put(Result<PutOutcome, RegistryError>),
    /// Of `SendBlob`.
    Sent(Result<UploadOutcome, InterruptedUpload>),
}

/// Asks what an effect wants asked. `progress` is told how many bytes of a blob the target
/// has, and of nothing else.
///
/// It never fails itself: an error of the registry is part of the answer.
pub async fn run<T: Transport>(
    client: &Client<T>,
    request: Request,
    progress: &mut dyn FnMut(u64),
) -> Outcome {
    match request {
        Request::HasManifest {
            place,
            digest,
            media_type,
        } => Outcome::Has(client.has_manifest(&place, &digest, &media_type).await),
        Request::HasBlob { place, digest } => Outcome::Has(client.has_blob(&place, &digest).await),
        Request::HasReferrers { place, subject } => {
            Outcome::Has(client.has_referrers(&place, &subject).await)
        }
        Request::ReadSource {
            place,
            digest,
            media_type,
        } => {
            let target = Target::Digest(digest);
            Outcome::Read(
                client
                    .manifest(&place.host, &place.repository, &target, Some(&media_type))
                    .await,
            )
        }
        Request::ReadTarget { place, target } => {
            Outcome::Read(client.manifest_to_replace(&place, &target).await)
        }
        Request::PutManifest {
            place,
            target,
            media_type,
            bytes,
        } => Outcome::Put(
            client
                .put_manifest(&place, &target, &media_type, &bytes)
                .await,
        ),
        Request::SendBlob { blob, upload } => {
            Outcome::Sent(client.send_blob(&blob, upload, progress).await)
        }
    }
}
