//! What a copy asks of its source, and what happens to it.

use std::rc::Rc;

use super::{Choice, Layer, Read};
use crate::digest::Digest;
use crate::json::{Occurrence, places};
use crate::limits::{MANIFEST_BYTES, REFERRER_PAGES};
use crate::media_type::MediaType;
use crate::reference::{Reference, Tag, Target};
use crate::registry::client::Client;
use crate::registry::push::Repository;
use crate::registry::referrers::Referrers;
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
    /// Read the layers that have to be read.
    ReadLayers,
    /// More of a layer came, so many bytes of it so far.
    LayerProgress {
        /// The generation of the effect.
        generation: Generation,
        /// In bytes.
        received: u64,
    },
    /// A layer was read, or was not.
    LayerRead {
        /// The generation of the effect.
        generation: Generation,
        /// What reading it told.
        result: Result<Box<Read>, Failure>,
    },
    /// A manifest of schema 1 was signed, or was not.
    Signed {
        /// The generation of the effect.
        generation: Generation,
        /// What was to be signed.
        payload: Rc<[u8]>,
        /// It with its signature; or why there is none, in words.
        result: Result<Rc<[u8]>, String>,
    },
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
    /// Read a layer, hold it to its digest, and compress it where that is wanted. What comes of it
    /// is sent back as [`Msg::LayerProgress`] and [`Msg::LayerRead`].
    ReadLayer {
        /// The generation to send back.
        generation: Generation,
        /// Which.
        layer: Box<Layer>,
    },
    /// Stop reading the layer.
    StopReading,
    /// Sign a manifest of schema 1 with a key that is made for it
    /// ([`ToSign`](crate::conversion::ToSign)). What comes of it is sent back as [`Msg::Signed`].
    Sign {
        /// The generation to send back.
        generation: Generation,
        /// The manifest.
        payload: Rc<[u8]>,
    },
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
            match (
                all_referrers(client, &place, digest).await?,
                fallback_tag(digest),
            ) {
                (Some(bytes), _) => {
                    return Ok(Received {
                        content_type: Some(MediaType::OCI_INDEX),
                        ..Received::local(bytes.into())
                    });
                }
                (None, Some(tag)) => manifest(Target::Tag(tag)).await,
                (None, None) => return Ok(Received::local(NO_REFERRERS.into())),
            }
        }
        Wanted::Manifest(digest) => manifest(Target::Digest(digest.clone())).await,
        Wanted::Config(digest) => client.blob(host, repository, digest, MANIFEST_BYTES).await,
    };
    answer.map(Received::from).map_err(Failure::from)
}

/// Reads every page of the list of what refers to a manifest, as one index; `None` where the registry
/// has no such list. A list that cannot be read to its end is a failure: nothing of it may be lost.
async fn all_referrers<T: Transport>(
    client: &Client<T>,
    place: &Repository,
    digest: &Digest,
) -> Result<Option<Vec<u8>>, Failure> {
    let (mut pages, mut next) = (Vec::new(), None);
    loop {
        match client
            .list_referrers(place, digest, next.as_deref())
            .await?
        {
            Referrers::NoApi(_) if pages.is_empty() => return Ok(None),
            Referrers::NoApi(why) => {
                let words = [
                    "a later page of what refers to it did not come: ",
                    &why.words(),
                ];
                return Err(Failure::NotLoaded(words.concat()));
            }
            Referrers::Page(page) => {
                next = page
                    .next
                    .map_err(|error| Failure::NotLoaded(error.to_string()))?;
                pages.push(page.bytes);
            }
        }
        match next {
            None => break,
            Some(_) if pages.len() >= REFERRER_PAGES => {
                let words = "what refers to it is listed on more pages than Waybill reads";
                return Err(Failure::NotLoaded(words.to_owned()));
            }
            Some(_) => {}
        }
    }
    if let [_] = pages[..] {
        return Ok(pages.pop());
    }
    let unreadable = || Failure::NotLoaded("a page of what refers to it cannot be read".to_owned());
    joined(&pages).ok_or_else(unreadable).map(Some)
}

/// Pages of one list as one, each entry with the bytes that it has; `None` where a page has no entries
/// to read.
fn joined(pages: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut entries: Vec<&[u8]> = Vec::new();
    for page in pages {
        let found = places(page, [("/manifests", Occurrence::First)]);
        let place = found.into_iter().next()??;
        let list = page.get(place.range).filter(|_| place.exact)?;
        let inside = list.strip_prefix(b"[")?.strip_suffix(b"]")?.trim_ascii();
        entries.extend(Some(inside).filter(|inside| !inside.is_empty()));
    }
    let before = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":["#;
    Some([before, &entries.join(&b","[..])[..], b"]}"].concat())
}
