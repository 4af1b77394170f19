//! What happens while what is related to a manifest is looked for, and what has to be done for it.

use crate::digest::Digest;
use crate::limits;
use crate::media_type::MediaType;
use crate::reference::{Tag, Target};
use crate::registry::client::Client;
use crate::registry::push::Repository;
use crate::registry::referrers::Referrers;
use crate::registry::transport::Transport;

use super::super::fetch::{Failure, Generation, Received};
use super::contents::Content;

/// One question to the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Which manifests refer to this one, by the referrers API.
    Referrers {
        /// The manifest.
        subject: Digest,
        /// The address of a later page; `None` for the first.
        page: Option<String>,
    },
    /// What stands under a tag that is made of a digest.
    Tag {
        /// The manifest with that digest.
        subject: Digest,
        /// Which tag.
        kind: TagKind,
        /// The tag.
        tag: Tag,
    },
    /// A manifest that was listed.
    Manifest {
        /// Its digest.
        digest: Digest,
        /// Its type, as it is listed.
        media_type: Option<MediaType>,
    },
    /// A document of a manifest.
    Document {
        /// The digest of the blob.
        digest: Digest,
    },
    /// A document that is long, or of which nobody says how long it is.
    LongDocument(LongDocument),
}

/// A document that is read away from the page, since it may be long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongDocument {
    /// The digest of the blob.
    pub digest: Digest,
    /// How many bytes its manifest says that it has.
    pub size: Option<u64>,
    /// What its manifest says that it is; empty where it says nothing.
    pub media_type: String,
}

/// Which tag is made of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagKind {
    /// The referrers tag, `sha256-HEX`: what lists referrers where the registry has no API.
    Fallback,
    /// cosign's signatures, `sha256-HEX.sig`.
    Signature,
    /// cosign's attestations, `sha256-HEX.att`.
    Attestation,
    /// cosign's SBOM, `sha256-HEX.sbom`.
    Sbom,
}

impl TagKind {
    /// Those of cosign.
    pub const COSIGN: [Self; 3] = [Self::Signature, Self::Attestation, Self::Sbom];

    /// What stands behind the digest.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Fallback => "",
            Self::Signature => ".sig",
            Self::Attestation => ".att",
            Self::Sbom => ".sbom",
        }
    }
}

/// What the registry answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To [`Ask::Referrers`].
    Listed(Referrers),
    /// To [`Ask::LongDocument`]: it came, and was read.
    Read(Box<Content>),
    /// To everything else.
    Came(Received),
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// An answer came, or did not.
    Answered {
        /// That of the effect.
        generation: Generation,
        /// What was asked.
        ask: Ask,
        /// The answer.
        result: Result<Answer, Failure>,
    },
    /// Read a document of a manifest, however long it says that it is.
    Read {
        /// The manifest.
        manifest: Digest,
        /// Which of its documents.
        document: usize,
    },
    /// Open a manifest: read its documents that are not long.
    Open(Digest),
    /// Ask again for what did not come.
    Retry,
    /// Stop everything that is under way.
    Cancel,
}

/// What has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask, and send the answer back as [`Msg::Answered`].
    Ask {
        /// To be sent back.
        generation: Generation,
        /// The question.
        ask: Ask,
    },
    /// Read a document of [`place`](super::Model::place) in a worker, at most
    /// [`DOCUMENT_BYTES`](limits::DOCUMENT_BYTES) of it, and send [`Answer::Read`] back as the answer
    /// to [`Ask::LongDocument`].
    Read {
        /// To be sent back.
        generation: Generation,
        /// The document.
        document: LongDocument,
    },
    /// Stop every request under way, and every worker.
    Abort,
}

/// Asks one question of a repository. A document is read here, however long.
pub async fn run<T: Transport>(
    client: &Client<T>,
    place: &Repository,
    ask: &Ask,
) -> Result<Answer, Failure> {
    let (host, repository) = (&place.host, &place.repository);
    let came = match ask {
        Ask::Referrers { subject, page } => {
            let listed = client.list_referrers(place, subject, page.as_deref()).await;
            return Ok(Answer::Listed(listed?));
        }
        Ask::Tag {
            kind: TagKind::Fallback,
            tag,
            ..
        } => client.referrers_tag(place, tag).await,
        Ask::Tag { tag, .. } => client.cosign_tag(place, tag).await,
        Ask::Manifest { digest, media_type } => {
            let target = Target::Digest(digest.clone());
            client
                .manifest(host, repository, &target, media_type.as_ref())
                .await
        }
        Ask::Document { digest } => {
            client
                .blob(host, repository, digest, limits::LONG_DOCUMENT_BYTES)
                .await
        }
        // Where there is no worker.
        Ask::LongDocument(document) => {
            let LongDocument {
                digest, media_type, ..
            } = document;
            let limit = limits::DOCUMENT_BYTES;
            let came = client.blob(host, repository, digest, limit).await?;
            let content = Content::read(came.bytes.into(), digest, media_type);
            return Ok(Answer::Read(Box::new(content)));
        }
    };
    Ok(Answer::Came(came?.into()))
}
