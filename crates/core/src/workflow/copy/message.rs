//! What a copy asks of its source, and what happens to it.

use super::Choice;
use crate::digest::Digest;
use crate::limits::MANIFEST_BYTES;
use crate::media_type::MediaType;
use crate::reference::{Reference, Tag, Target};
use crate::registry::client::Client;
use crate::registry::push::Repository;
use crate::registry::transport::Transport;
use crate::workflow::fetch::{Failure, Generation, Received};
use crate::workflow::push::fallback_tag;

/// What a registry answers of a manifest that nothing refers to.
const NO_REFERRERS: &[u8] =
    br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;

/// Something of the source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// What the reference names.
    Root,
    /// A manifest.
    Manifest(Digest),
    /// The config of an image.
    Config(Digest),
    /// The list of the manifests that refer to one.
    Referrers(Digest),
    /// What a tag names, under which tools keep what belongs to a manifest.
    Tag(Tag),
    /// What another tag names that goes along.
    OtherTag(Tag),
    /// What the reference names by now.
    Again,
}

impl Wanted {
    /// Its digest, where that is what it is asked for by.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        match self {
            Self::Root | Self::Tag(_) | Self::OtherTag(_) | Self::Again => None,
            Self::Manifest(digest) | Self::Config(digest) | Self::Referrers(digest) => Some(digest),
        }
    }
}

/// How deep is read before the copy begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// What the reference names, or the one image that was chosen. Enough for an exact copy into a
    /// registry, which asks first what is there already, so that no pull is spent for nothing.
    Root,
    /// Every manifest that goes along.
    Manifests,
    /// These, and the configs of their images.
    Configs,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// What was asked for came, or did not.
    Received {
        /// The generation of the effect.
        generation: Generation,
        /// What was asked for.
        wanted: Wanted,
        /// What came.
        result: Result<Received, Failure>,
    },
    /// Something else is wanted of the source. What was gathered stays; what the new choice needs is
    /// to be gathered again.
    Choose(Choice),
    /// Read what the choice needs.
    Gather(Depth),
    /// Ask what the reference names by now.
    LookAgain,
    /// Stop what is under way.
    Cancel,
    /// Ask once more for what failed or was cancelled.
    Retry,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// [`run`] it, and send the answer back as [`Msg::Received`].
    Fetch {
        /// The generation to send back.
        generation: Generation,
        /// What to ask for.
        wanted: Wanted,
        /// The media type that the list states for it.
        media_type: Option<MediaType>,
    },
    /// Stop every request under way.
    Abort,
}

/// Asks a registry for something of the source. An error of the registry is part of the answer.
pub async fn run<T: Transport>(
    client: &Client<T>,
    source: &Reference,
    wanted: &Wanted,
    media_type: Option<&MediaType>,
) -> Result<Received, Failure> {
    let (host, repository) = (source.host(), source.repository());
    let manifest = |target: Target| async move {
        client.manifest(host, repository, &target, media_type).await
    };
    let answer = match wanted {
        Wanted::Root | Wanted::Again => manifest(source.target()).await,
        Wanted::Tag(tag) | Wanted::OtherTag(tag) => manifest(Target::Tag(tag.clone())).await,
        Wanted::Referrers(digest) => {
            let place = Repository::from_reference(source);
            match (client.referrers(&place, digest).await, fallback_tag(digest)) {
                (Ok(Some(bytes)), _) => {
                    return Ok(Received {
                        content_type: Some(MediaType::OCI_INDEX),
                        ..Received::local(bytes.into())
                    });
                }
                (Ok(None), Some(tag)) => manifest(Target::Tag(tag)).await,
                (Ok(None), None) => return Ok(Received::local(NO_REFERRERS.into())),
                (Err(error), _) => Err(error),
            }
        }
        Wanted::Manifest(digest) => manifest(Target::Digest(digest.clone())).await,
        Wanted::Config(digest) => client.blob(host, repository, digest, MANIFEST_BYTES).await,
    };
    answer.map(Received::from).map_err(Failure::from)
}
