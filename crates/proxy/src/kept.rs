//! Which answers any cache may keep: those to a digest, asked for without credentials.
//!
//! A digest fixes the bytes, so its answer never changes and its `ETag` is the digest itself. `Vary` is not needed:
//! where a registry has other bytes for another `Accept`, they have another digest. It then says so in
//! `Docker-Content-Digest`, or is wrong, and the page sees that; such an answer is not kept.
//!
//! Everything else is `no-store`: what a tag names changes, and what was shown to one person is not for another. A token
//! counts as credentials, also one that was given to nobody in particular: only its registry can tell.

use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, IF_NONE_MATCH, IF_RANGE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use crate::body::Body;
use crate::page::{IMMUTABLE, names};
use crate::target::Target;

static DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// What a digest names, asked for without credentials.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The digest in quotes.
    etag: HeaderValue,
}

impl Fixed {
    /// `None` where the target is not named by its digest, or the request carries credentials.
    #[must_use]
    pub fn of(target: &Target, headers: &HeaderMap) -> Option<Self> {
        let digest = target.digest().filter(|_| !headers.contains_key(AUTHORIZATION))?;
        let etag = HeaderValue::try_from(["\"", digest, "\""].concat()).ok()?;
        Some(Self { etag })
    }

    /// Whether the client says that it has these bytes already: there is no need to ask upstream.
    ///
    /// `If-None-Match: *` is another question, whether there is anything at all.
    #[must_use]
    pub fn is_held(&self, headers: &HeaderMap) -> bool {
        names(headers, &IF_NONE_MATCH, &self.etag)
    }

    /// Takes away the condition of `Range` that holds for certain; upstream knows the bytes under another `ETag`.
    pub fn settle_range(&self, headers: &mut HeaderMap) {
        if names(headers, &IF_RANGE, &self.etag) {
            headers.remove(IF_RANGE);
        }
    }

    /// Marks an answer of upstream as one to keep, unless something speaks against it: an error, other bytes than those
    /// of the digest, or a length that is not known: such an answer may be cut short without a sign.
    pub fn mark(&self, response: &mut Response<Body>) {
        let is_content = matches!(response.status(), StatusCode::OK | StatusCode::PARTIAL_CONTENT);
        let headers = response.headers();
        let quoted = self.etag.as_bytes();
        let is_other = headers.get(&DIGEST).is_some_and(|named| named.as_bytes() != &quoted[1..quoted.len() - 1]);
        let is_coded = headers.contains_key(CONTENT_ENCODING);
        let may_be_cut = !headers.contains_key(CONTENT_LENGTH);
        if is_content && !is_other && !is_coded && !may_be_cut {
            self.stamp(response.headers_mut());
        }
    }

    /// The answer to a client that has the bytes.
    #[must_use]
    pub fn not_modified(&self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        self.stamp(response.headers_mut());
        response
    }

    fn stamp(&self, headers: &mut HeaderMap) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(IMMUTABLE));
        headers.insert(ETAG, self.etag.clone());
    }
}
