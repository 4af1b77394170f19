//! `/relay/…` and `/token/…`: one request of the page becomes one request to upstream.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::{BodyExt as _, Collected};
use hyper::body::Incoming;
use serde::de::IgnoredAny;
use waybill_core::limits::{ERROR_BYTES, MANIFEST_BYTES, TOKEN_BYTES};
use waybill_core::registry::url::{RELAY_HEADER, RELAYED};

use crate::config::{Config, Limits};
use crate::refusal::Refusal;
use crate::stream::{Over, Pace, Paced, StreamError};
use crate::target::{Shape, Target};
use crate::upstream::{Outgoing, Upstream};

/// What the page may tell a registry. `Accept-Encoding` and `User-Agent` are the proxy's own.
const REQUEST_HEADERS: [&str; 8] =
    ["accept", "authorization", "content-range", "content-type", "if-match", "if-none-match", "if-range", "range"];

/// What a registry may tell the page. No cookie and no CORS header is among them.
const RESPONSE_HEADERS: [&str; 26] = [
    "accept-ranges",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "date",
    "docker-content-digest",
    "docker-distribution-api-version",
    "docker-ratelimit-source",
    "docker-upload-uuid",
    "etag",
    "last-modified",
    "link",
    "location",
    "oci-chunk-min-length",
    "oci-filters-applied",
    "oci-subject",
    "oci-tag",
    "range",
    "ratelimit-limit",
    "ratelimit-policy",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "warning",
    "www-authenticate",
];

/// The largest error answer of a token endpoint that need not be JSON, in bytes.
const TOKEN_ERROR_TEXT: usize = 16 * 1024;

/// The host that a request was relayed to; it stands in the log.
#[derive(Clone, Debug)]
pub struct RelayedTo(pub String);

/// The relay.
#[derive(Clone)]
pub struct Relay {
    upstream: Upstream,
    push: bool,
    limits: Limits,
}

impl Relay {
    /// A relay to `upstream`.
    #[must_use]
    pub fn new(upstream: Upstream, config: &Config) -> Self {
        Self { upstream, push: config.push, limits: config.limits }
    }

    /// Answers one request, with the answer of upstream or with a refusal.
    pub async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let target = match Target::parse(request.uri().path_and_query().map_or("", |path| path.as_str())) {
            Ok(target) => target,
            Err(error) => return Refusal::from(error).into_response(),
        };
        let relayed_to = RelayedTo(target.url.authority().to_string());
        let mut response = match self.relay(target, request).await {
            Ok(response) => response,
            Err(refusal) => refusal.into_response(),
        };
        response.extensions_mut().insert(relayed_to);
        response
    }

    async fn relay(&self, target: Target, request: Request<Body>) -> Result<Response<Body>, Refusal> {
        let (head, body) = request.into_parts();
        target.shape.check_method(&head.method, self.push)?;
        let reads = matches!(head.method, Method::GET | Method::HEAD);
        let limit = self.check_request_body(target.shape, reads, &body)?;
        let idle = self.limits.client_idle;
        let body = Paced::new(body, Pace { limit, over: Over::Break, idle, slowest: 0 });
        let sent = body.received();
        let outgoing = Outgoing {
            method: head.method.clone(),
            url: target.url.clone(),
            headers: allowed(&head.headers, &REQUEST_HEADERS),
            body: if reads { Body::empty() } else { Body::new(body) },
            sent,
            follow: reads && target.shape != Shape::Token,
        };
        let answer = self.upstream.send(outgoing).await?;
        match target.shape {
            Shape::Token => self.token_answer(target.url.authority().to_string(), answer).await,
            shape => Ok(self.registry_answer(shape, &head.method, answer)),
        }
    }

    /// The largest body that the request may have, in bytes.
    fn check_request_body(&self, shape: Shape, reads: bool, body: &Body) -> Result<u64, Refusal> {
        let limit = match shape {
            _ if reads => 0,
            Shape::Upload => self.limits.blob,
            _ => bytes_limit(MANIFEST_BYTES),
        };
        let length = body.size_hint().lower();
        if reads && length > 0 {
            let message = "a request that reads has no body";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "BODY_REFUSED", message));
        }
        if length > limit {
            let message = format!("the body is {length} bytes, at most {limit} are relayed here");
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message));
        }
        Ok(limit)
    }

    fn registry_answer(&self, shape: Shape, method: &Method, answer: Response<Incoming>) -> Response<Body> {
        let (head, body) = answer.into_parts();
        let (limit, over) = if head.status.is_client_error() || head.status.is_server_error() {
            (bytes_limit(ERROR_BYTES), Over::End)
        } else {
            match shape {
                Shape::Blob => (self.limits.blob, Over::Break),
                _ => (bytes_limit(MANIFEST_BYTES), Over::End),
            }
        };
        let mut headers = allowed(&head.headers, &RESPONSE_HEADERS);
        if over == Over::End && method != Method::HEAD && body.size_hint().lower() > limit {
            headers.remove(CONTENT_LENGTH);
        }
        if !matches!(head.status, StatusCode::CREATED | StatusCode::ACCEPTED) {
            // Only uploads need it; with a redirect's status a browser would follow it.
            headers.remove(LOCATION);
        }
        let pace = Pace { limit, over, idle: self.limits.idle, slowest: self.limits.slowest };
        relayed(head.status, headers, Body::new(Paced::new(body, pace)))
    }

    /// A token endpoint answers with a JSON object, or with an error that is one or is a short text.
    async fn token_answer(&self, host: String, answer: Response<Incoming>) -> Result<Response<Body>, Refusal> {
        let (head, body) = answer.into_parts();
        let limit = bytes_limit(TOKEN_BYTES);
        let pace = Pace { limit, over: Over::Break, idle: self.limits.idle, slowest: self.limits.slowest };
        let body = Paced::new(body, pace).collect().await.map(Collected::to_bytes);
        let body = body.map_err(|error| token_refused(&host, head.status, &error.to_string(), Some(&error)))?;
        let is_error = head.status.is_client_error() || head.status.is_server_error();
        let is_short_text = is_error && body.len() <= TOKEN_ERROR_TEXT && std::str::from_utf8(&body).is_ok();
        if !is_json_object(&body) && !is_short_text {
            let reason = format!("{} bytes that are not a JSON object", body.len());
            return Err(token_refused(&host, head.status, &reason, None));
        }
        let mut headers = allowed(&head.headers, &RESPONSE_HEADERS);
        headers.remove(CONTENT_LENGTH);
        headers.remove(LOCATION);
        Ok(relayed(head.status, headers, Body::from(body)))
    }
}

fn token_refused(host: &str, status: StatusCode, reason: &str, error: Option<&StreamError>) -> Refusal {
    let message = format!("the token endpoint at {host} answered {status}: {reason}");
    match error {
        Some(StreamError::Idle { .. } | StreamError::Slow { .. }) => {
            Refusal::new(StatusCode::GATEWAY_TIMEOUT, "UPSTREAM_TIMEOUT", message)
        }
        _ => Refusal::new(StatusCode::BAD_GATEWAY, "TOKEN_REFUSED", message),
    }
}

fn is_json_object(body: &Bytes) -> bool {
    body.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

fn bytes_limit(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX)
}

/// Those of `headers` that are on the list, in their order.
fn allowed(headers: &HeaderMap, list: &[&str]) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for name in list {
        for value in headers.get_all(*name) {
            kept.append(HeaderName::from_bytes(name.as_bytes()).expect("the lists hold header names"), value.clone());
        }
    }
    kept
}

/// An answer of upstream as the page gets it.
///
/// A browser must never take it for a page of ours, even when a person opens its address: no type is guessed, and
/// no script of it runs.
fn relayed(status: StatusCode, mut headers: HeaderMap, body: Body) -> Response<Body> {
    headers.insert(HeaderName::from_static(RELAY_HEADER), HeaderValue::from_static(RELAYED));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    if !headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    }
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
