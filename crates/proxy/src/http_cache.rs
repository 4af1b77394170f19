//! What browsers and caches are told about keeping an answer, and how they ask whether theirs is still good.

use http::{HeaderMap, HeaderName, HeaderValue};

/// For what never changes under its address.
pub(crate) const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Tells whether a header such as `If-None-Match` holds the tag.
pub(crate) fn has_etag(headers: &HeaderMap, header: &HeaderName, etag: &HeaderValue) -> bool {
    let values = headers
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|value| value.split(','));
    tags.any(|tag| tag.trim().trim_start_matches("W/").as_bytes() == etag.as_bytes())
}
