//! Writes manifests, and asks whether a repository has something. Blobs are written by
//! [`upload`](super::upload).
//!
//! Each method is one question or one PUT; in which order they are asked is for
//! `workflow::push`, which calls them all through `workflow::push::request::run`. A plan first
//! reads the tag that is to be replaced
//! ([`manifest_to_replace`](Client::manifest_to_replace)), so that a lack of rights shows
//! before bytes move, then asks what is there already.
//!
//! Every request here carries the scope for writing, also those that read: so one token does
//! for all of them.

use super::answer::Fetched;
use super::client::{Accept, Call, Client};
use super::error::RegistryError;
use super::scope::Scope;
use super::transport::{Method, Transport, Via};
use crate::digest::Digest;
use crate::limits;
use crate::media_type::MediaType;
use crate::reference::{Reference, RegistryHost, RepositoryPath, Target};

/// A repository of a registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repository {
    /// The registry.
    pub host: RegistryHost,
    /// The repository.
    pub repository: RepositoryPath,
}

impl Repository {
    /// Where a reference points into.
    #[must_use]
    pub fn from_reference(reference: &Reference) -> Self {
        Self {
            host: reference.host().clone(),
            repository: reference.repository().clone(),
        }
    }

    /// Whether they are two repositories of one registry, so that blobs can be mounted from
    /// one into the other.
    ///
    /// The same repository is not beside itself: what is there needs no mount.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        let same_host = self
            .host
            .api_authority()
            .eq_ignore_ascii_case(other.host.api_authority());
        same_host && self.repository != other.repository
    }

    /// Returns the scope that writing to it needs.
    pub(super) fn push_scope(&self) -> Scope {
        Scope::push(self.repository.as_str(), None)
    }
}

/// What a registry answered to a manifest that was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutOutcome {
    /// The way it was put.
    pub via: Via,
    /// Whether the registry says that it added the manifest to the referrers of its subject
    /// (`OCI-Subject`).
    pub subject_taken: bool,
}

impl<T: Transport> Client<T> {
    /// Whether a repository that is to be written to has a manifest of that digest.
    ///
    /// It is asked with HEAD, for that media type alone. Only a 404 is `false`; every other
    /// error status is an `Err`.
    pub async fn has_manifest(
        &self,
        place: &Repository,
        digest: &Digest,
        media_type: &MediaType,
    ) -> Result<bool, RegistryError> {
        let url = self
            .origin(&place.host)
            .manifest(&place.repository, &Target::Digest(digest.clone()));
        self.has(place, url, Accept::Exactly(media_type)).await
    }

    /// Whether a repository that is to be written to has that blob.
    pub async fn has_blob(
        &self,
        place: &Repository,
        digest: &Digest,
    ) -> Result<bool, RegistryError> {
        let url = self.origin(&place.host).blob(&place.repository, digest);
        self.has(place, url, Accept::Blob).await
    }

    /// Asks with HEAD: 200 is a yes, a 404 is a no. Nothing else of the answer is looked at.
    async fn has(
        &self,
        place: &Repository,
        url: String,
        kind: Accept<'_>,
    ) -> Result<bool, RegistryError> {
        let read = self.to_read(&place.host, url, place.push_scope(), limits::ERROR_BYTES);
        match self
            .fetch(&Call {
                method: Method::Head,
                kind,
                ..read
            })
            .await
        {
            Ok(_) => Ok(true),
            Err(RegistryError::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether the registry keeps the referrers of manifests itself.
    ///
    /// It is asked after a manifest with a subject was put and the answer did not say so with
    /// `OCI-Subject`, a header that a page can read only where the registry exposes it. Yes is
    /// a 200 with the media type of an OCI index; a 200 with anything else, a 404 and any
    /// status that has no error of its own (400, 405) are a no, and the caller then keeps the
    /// referrers under their fallback tag. What is listed is not read.
    ///
    /// Source: distribution-spec, "Listing Referrers".
    pub async fn has_referrers(
        &self,
        place: &Repository,
        digest: &Digest,
    ) -> Result<bool, RegistryError> {
        let origin = self.origin(&place.host);
        let url = origin.referrers(&place.repository, digest);
        let read = self.to_read(&place.host, url, place.push_scope(), limits::MANIFEST_BYTES);
        let index = MediaType::OCI_INDEX;
        match self
            .fetch(&Call {
                kind: Accept::Exactly(&index),
                ..read
            })
            .await
        {
            Ok((response, _)) => Ok(response
                .header("content-type")
                .map(MediaType::from_content_type)
                .as_ref()
                == Some(&index)),
            Err(RegistryError::NotFound(_) | RegistryError::UnexpectedStatus(_)) => Ok(false),
            // Not implemented.
            Err(RegistryError::Server(answer)) if answer.status == 501 => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Reads a manifest of a repository that is to be written to.
    ///
    /// The right to write is asked for at once, so that its lack is known before anything was
    /// uploaded.
    pub async fn manifest_to_replace(
        &self,
        place: &Repository,
        target: &Target,
    ) -> Result<Fetched, RegistryError> {
        self.manifest_needing(
            place.push_scope(),
            &place.host,
            &place.repository,
            target,
            None,
        )
        .await
    }

    /// Puts a manifest under a tag or under its own digest. `media_type` has to be the one in
    /// its body.
    ///
    /// It is put as it is: whoever calls has checked the bytes. Any status from 200 to 204 is
    /// success, and a digest in the answer is not compared.
    ///
    /// Source: distribution-spec, "Pushing Manifests", "Pushing Manifests with Subject".
    pub async fn put_manifest(
        &self,
        place: &Repository,
        target: &Target,
        media_type: &MediaType,
        bytes: &[u8],
    ) -> Result<PutOutcome, RegistryError> {
        let url = self.origin(&place.host).manifest(&place.repository, target);
        let read = self.to_read(&place.host, url, place.push_scope(), limits::ERROR_BYTES);
        let headers = vec![("content-type", media_type.to_string())];
        let ask = Call {
            method: Method::Put,
            headers,
            body: bytes,
            expected_status: 200..=204,
            ..read
        };
        let (response, via) = self.fetch(&ask).await?;
        Ok(PutOutcome {
            via,
            subject_taken: response.header("oci-subject").is_some(),
        })
    }
}
