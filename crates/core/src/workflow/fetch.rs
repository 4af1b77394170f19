//! What every workflow needs to fetch: what came, why something did not, and the queue of
//! requests.
//!
//! A workflow asks in effects and never waits. It puts a request in its `FetchQueue`, which
//! says when it may start. An inspection or a composition also puts a pending [`Fetch`] in a
//! `FetchStore`, under what names the content. The page runs the request and sends back a
//! [`Received`] or a [`Failure`], which takes the place of the pending one. An answer counts
//! only with the [`Generation`] of the model that asked.
//!
//! Nothing here knows of registries' ways: tokens and the proxy are behind the client that the
//! page uses.

mod queue;
mod store;

use std::rc::Rc;

use crate::digest::Digest;
use crate::media_type::MediaType;
use crate::registry::answer::Fetched;
use crate::registry::error::RegistryError;
use crate::registry::transport::Via;

pub(super) use queue::FetchQueue;
pub use queue::Generation;
pub(super) use store::FetchStore;

/// Bytes that came, with what was said of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// As they were received.
    pub bytes: Rc<[u8]>,
    /// The answer's media type; `None` where it named none, and for bytes that were in the
    /// page.
    pub content_type: Option<MediaType>,
    /// The digest the registry named in `Docker-Content-Digest`, as it stands there: it is
    /// compared, never trusted.
    pub docker_content_digest: Option<String>,
    /// The way they came; `None` where they were in the page already.
    pub via: Option<Via>,
    /// Their digest in SHA-256, where it was computed from them already: 4 MiB are not hashed
    /// twice. Never what somebody only said.
    pub sha256: Option<Digest>,
}

impl Received {
    /// Bytes that were in the page already.
    #[must_use]
    pub fn local(bytes: Rc<[u8]>) -> Self {
        Self {
            bytes,
            content_type: None,
            docker_content_digest: None,
            via: None,
            sha256: None,
        }
    }
}

impl From<Fetched> for Received {
    fn from(answer: Fetched) -> Self {
        let Fetched {
            bytes,
            content_type,
            docker_content_digest,
            via,
            ..
        } = answer;
        Self {
            bytes: bytes.into(),
            content_type,
            docker_content_digest,
            via: Some(via),
            sha256: None,
        }
    }
}

/// Why something is not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The registry, or the way to it.
    Registry(Box<RegistryError>),
    /// The example or file does not hold it. No registry is asked in its place.
    NotBundled,
    /// The address names a digest that the list does not. It is not fetched: nobody would
    /// vouch for it.
    NotListed(Digest),
    /// Its descriptor says that it is larger than Waybill reads.
    TooLarge {
        /// In bytes.
        size: u64,
    },
    /// It came, but not what reads it, a part of the page's program: why, in the page's words.
    NotLoaded(String),
    /// The person cancelled before it came.
    Cancelled,
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        if error.is_cancelled() {
            Self::Cancelled
        } else {
            Self::Registry(Box::new(error))
        }
    }
}

/// A thing that is fetched, from the moment of asking for it. What was never asked for has
/// none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetch<T> {
    /// Waiting for its answer.
    Pending,
    /// It did not come.
    Failed(Failure),
    /// It is here.
    Done(Box<T>),
}

impl<T> Fetch<T> {
    /// What came of a fetch: reads what is here, and keeps the failure where nothing is.
    ///
    /// Bytes that cannot be read have come all the same; `read` has to say so in what it makes
    /// of them.
    pub(super) fn from_result(
        result: Result<Received, Failure>,
        read: impl FnOnce(Received) -> T,
    ) -> Self {
        result.map_or_else(Self::Failed, |arrival| Self::Done(Box::new(read(arrival))))
    }

    /// The thing, where it is here.
    #[must_use]
    pub fn done(&self) -> Option<&T> {
        match self {
            Self::Done(value) => Some(value),
            _ => None,
        }
    }

    /// Marks it as cancelled if it is still waited for; what came or failed before stays.
    pub(super) fn cancel(&mut self) {
        if matches!(self, Self::Pending) {
            *self = Self::Failed(Failure::Cancelled);
        }
    }
}
