//! Which answers any cache may keep: bytes that were hashed here and have the digest they were asked for by, without
//! credentials.
//!
//! A digest fixes the bytes, so such an answer never changes, and its `ETag` is the digest itself. That an answer came
//! for a digest says nothing: a maintenance page comes for every address. So a body up to [`HASHED_BYTES`] is held and
//! hashed before its head goes out. What is larger, slow, of unknown length, a part, or one too many streams on
//! unmarked. `Vary` is not needed: where a registry has other bytes for another `Accept`, they have another digest.
//!
//! Everything else is `no-store`: what a tag names changes, and what was shown to one person is not for another. A
//! token counts as credentials, also one that was given to nobody in particular: only its registry can tell.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED,
    LINK, RETRY_AFTER, WARNING, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use waybill_core::digest::{Digest, Hasher};

use crate::body::limited::LimitedBody;
use crate::body::response::ResponseBody;
use crate::http_cache::{IMMUTABLE, has_etag};
use crate::relay::target::Target;

/// The largest body that is held and hashed, in bytes (1 MiB). Manifests and configs are far smaller, but for lists of
/// thousands of entries.
pub const HASHED_BYTES: usize = 1024 * 1024;

/// How many bytes of all such bodies are held at once, until their readers have them (4 MiB).
pub const BUFFERED_BYTES: usize = 4 * HASHED_BYTES;

/// How long a body is waited for before it streams on unmarked.
pub const BUFFERED_FOR: Duration = Duration::from_secs(2);

static DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// What a registry says of the moment in which it was asked, not of the content.
static OF_THE_MOMENT: [HeaderName; 9] = [
    LAST_MODIFIED,
    LINK,
    RETRY_AFTER,
    WARNING,
    WWW_AUTHENTICATE,
    HeaderName::from_static("docker-ratelimit-source"),
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
];

/// The room for the bodies that are held, shared by all threads.
#[derive(Clone, Debug)]
pub(crate) struct BufferBudget(Arc<Semaphore>);

impl Default for BufferBudget {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(BUFFERED_BYTES)))
    }
}

impl BufferBudget {
    /// Takes room for a body of `length` bytes, where it is not too large and there is still enough.
    fn take(&self, length: u64) -> Option<OwnedSemaphorePermit> {
        let length = u32::try_from(length)
            .ok()
            .filter(|_| length <= HASHED_BYTES as u64)?;
        Arc::clone(&self.0).try_acquire_many_owned(length).ok()
    }
}

/// The bytes of a body, and the room that they take for as long as somebody has them.
struct BufferedBody {
    bytes: Vec<u8>,
    _permit: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for BufferedBody {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// What a digest names, asked for without credentials.
#[derive(Clone, Debug)]
pub(crate) struct ImmutableResponse {
    digest: Digest,
    /// The digest in quotes.
    etag: HeaderValue,
}

impl ImmutableResponse {
    /// Reads what is asked for; `None` where the target is not named by its digest, or the request carries credentials.
    #[must_use]
    pub(crate) fn for_request(target: &Target, headers: &HeaderMap) -> Option<Self> {
        let digest = target
            .digest()
            .filter(|_| !headers.contains_key(AUTHORIZATION))?
            .parse()
            .ok()?;
        Some(Self {
            etag: etag(&digest)?,
            digest,
        })
    }

    /// Tells whether the client says that it has these bytes already: there is no need to ask upstream. Only bytes that
    /// were hashed here have this tag.
    ///
    /// `If-None-Match: *` is another question, whether there is anything at all.
    #[must_use]
    pub(crate) fn is_held(&self, headers: &HeaderMap) -> bool {
        has_etag(headers, &IF_NONE_MATCH, &self.etag)
    }

    /// Takes away the condition of `Range` that holds for certain; upstream knows the bytes under another `ETag`.
    pub(crate) fn drop_met_range_condition(&self, headers: &mut HeaderMap) {
        if has_etag(headers, &IF_RANGE, &self.etag) {
            headers.remove(IF_RANGE);
        }
    }

    /// Marks an answer of upstream as one to keep, where its bytes are those of the digest. Other bytes pass too, for
    /// the page to show.
    pub(crate) async fn mark(
        &self,
        method: &Method,
        response: Response<ResponseBody>,
        buffers: &BufferBudget,
    ) -> Response<ResponseBody> {
        let headers = response.headers();
        let is_other = headers
            .get(&DIGEST)
            .is_some_and(|named| named != self.digest.as_str());
        let is_whole = method == Method::GET && response.status() == StatusCode::OK;
        if !is_whole || is_other || headers.contains_key(CONTENT_ENCODING) {
            return response;
        }
        let permit = response
            .body()
            .size_hint()
            .exact()
            .and_then(|length| buffers.take(length));
        let (Some(permit), Some(algorithm)) = (permit, self.digest.algorithm()) else {
            return response;
        };
        let (mut head, body) = response.into_parts();
        let (body, digest) = match body {
            ResponseBody::Relayed(body) => hashed(body, permit, Hasher::new(algorithm)).await,
            body => (body, None),
        };
        if digest.as_ref() == Some(&self.digest) {
            for name in &OF_THE_MOMENT {
                head.headers.remove(name);
            }
            self.stamp(&mut head.headers);
        }
        Response::from_parts(head, body)
    }

    /// Answers a client that has the bytes.
    #[must_use]
    pub(crate) fn not_modified(&self) -> Response<ResponseBody> {
        let mut response = Response::new(ResponseBody::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        self.stamp(response.headers_mut());
        response
    }

    fn stamp(&self, headers: &mut HeaderMap) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(IMMUTABLE));
        headers.insert(ETAG, self.etag.clone());
    }
}

fn etag(digest: &Digest) -> Option<HeaderValue> {
    HeaderValue::try_from(["\"", digest.as_str(), "\""].concat()).ok()
}

/// Takes away the tag that says the bytes were hashed here, where it was the registry that set it.
pub(crate) fn drop_foreign_tag(target: &Target, headers: &mut HeaderMap) {
    let is_ours = |found: &HeaderValue| {
        let found = found
            .as_bytes()
            .strip_prefix(b"W/")
            .unwrap_or(found.as_bytes());
        target.digest().is_some_and(|digest| {
            found
                .trim_ascii()
                .strip_prefix(b"\"")
                .and_then(|found| found.strip_suffix(b"\""))
                == Some(digest.as_bytes())
        })
    };
    if headers.get_all(ETAG).iter().any(is_ours) {
        headers.remove(ETAG);
    }
}

/// Reads the whole body and its digest; or, where it is too slow or breaks off, what came and the rest as it comes.
async fn hashed(
    mut body: LimitedBody<Incoming>,
    permit: OwnedSemaphorePermit,
    mut hasher: Hasher,
) -> (ResponseBody, Option<Digest>) {
    let mut held = BufferedBody {
        bytes: Vec::with_capacity(permit.num_permits()),
        _permit: permit,
    };
    let deadline = Instant::now() + BUFFERED_FOR;
    let rest = loop {
        match timeout_at(deadline, body.frame()).await {
            Ok(Some(Ok(frame))) => {
                let data = frame.into_data().unwrap_or_default();
                hasher.update(&data);
                held.bytes.extend_from_slice(&data);
            }
            Ok(None) => {
                return (
                    ResponseBody::Whole(Bytes::from_owner(held)),
                    Some(hasher.finish()),
                );
            }
            Ok(Some(Err(error))) => break Err(error),
            Err(_late) => break Ok(body),
        }
    };
    (
        ResponseBody::Begun(Bytes::from_owner(held), Box::new(rest)),
        None,
    )
}
