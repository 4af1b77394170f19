//! Which headers pass between the page and a registry, and which the proxy sets itself.

use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use waybill_core::registry::relay_path::{RELAY_HEADER, RELAYED};

use crate::body::response::ResponseBody;

/// How many headers the proxy adds to an answer, at most.
const OWN_HEADERS: usize = 12;

/// Tells whether the page may send a registry this header. `Accept-Encoding` and `User-Agent` are the proxy's own.
fn may_be_asked_with(header: &str) -> bool {
    matches!(
        header,
        "accept"
            | "authorization"
            | "content-range"
            | "content-type"
            | "if-match"
            | "if-none-match"
            | "if-range"
            | "range"
    )
}

/// Tells whether a registry may send the page this header. No cookie and no CORS header is among them.
fn may_be_answered_with(header: &str) -> bool {
    matches!(
        header,
        "accept-ranges"
            | "content-encoding"
            | "content-length"
            | "content-range"
            | "content-type"
            | "date"
            | "docker-content-digest"
            | "docker-distribution-api-version"
            | "docker-ratelimit-source"
            | "docker-upload-uuid"
            | "etag"
            | "last-modified"
            | "link"
            | "location"
            | "oci-chunk-min-length"
            | "oci-filters-applied"
            | "oci-subject"
            | "oci-tag"
            | "range"
            | "ratelimit-limit"
            | "ratelimit-policy"
            | "ratelimit-remaining"
            | "ratelimit-reset"
            | "retry-after"
            | "warning"
            | "www-authenticate"
    )
}

/// Keeps of the page's headers those that a registry may see.
pub(crate) fn request_headers(headers: HeaderMap) -> HeaderMap {
    allowed(headers, may_be_asked_with)
}

/// Keeps of a registry's headers those that the page may see.
pub(crate) fn response_headers(headers: HeaderMap) -> HeaderMap {
    allowed(headers, may_be_answered_with)
}

/// Keeps those of `headers` that may pass; there is room for the proxy's own.
fn allowed(headers: HeaderMap, may_pass: fn(&str) -> bool) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(headers.len() + OWN_HEADERS);
    let mut last = None;
    for (name, value) in headers {
        // Of a header that stands there more than once, only the first has its name.
        last = name.or(last);
        if let Some(name) = last.as_ref().filter(|name| may_pass(name.as_str())) {
            kept.append(name.clone(), value);
        }
    }
    kept
}

/// Gives an answer of upstream the form in which the page gets it; no cache keeps it unless it was marked.
///
/// A browser must never take it for a page of ours, even when a person opens its address, nor for a script or a style
/// of our page: no type is guessed, none of either kind is named, no script of it runs, and it is nothing to look at. An
/// answer without a type stays without: `nosniff` keeps a browser from running it, and the page tells its reader.
pub(crate) fn relayed(mut response: Response<ResponseBody>) -> Response<ResponseBody> {
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static(RELAY_HEADER),
        HeaderValue::from_static(RELAYED),
    );
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    if headers.get(CONTENT_TYPE).is_some_and(may_run) {
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        );
    }
    response
}

/// Tells whether a page may load what has this type as a script or as a style. Together with `nosniff` this holds also
/// where the browser has the answer from a cache, or says not what it wants it for.
///
/// Source: MIME Sniffing Standard, "JavaScript MIME type".
fn may_run(content_type: &HeaderValue) -> bool {
    let text = String::from_utf8_lossy(content_type.as_bytes()).to_ascii_lowercase();
    ["script", "css", "xsl", "xml"]
        .iter()
        .any(|kind| text.contains(kind))
}
