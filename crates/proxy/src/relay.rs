//! `/relay/…` and `/token/…`: one request of the page becomes one request to upstream.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    LOCATION,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Collected};
use hyper::body::Incoming;
use serde::de::IgnoredAny;
use tokio::time::Instant;
use waybill_core::limits::{ERROR_BYTES, MANIFEST_BYTES, TOKEN_BYTES};
use waybill_core::registry::relay_path::{RELAY_HEADER, RELAYED};

use crate::body::{Body, no_upload};
use crate::cache::{ImmutableResponse, Room, drop_foreign_tag};
use crate::config::{Config, Limits};
use crate::endpoint::{Endpoint, Target};
use crate::error_response::Refusal;
use crate::limited_body::{LimitedBody, OnLimit, Pace, StreamError};
use crate::log::RequestLog;
use crate::metrics::{Kind, Metrics};
use crate::realms::Realms;
use crate::upstream::{Outgoing, Upstream};

/// What the page may tell a registry. `Accept-Encoding` and `User-Agent` are the proxy's own.
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

/// What a registry may tell the page. No cookie and no CORS header is among them.
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

/// How many headers the proxy adds to an answer, at most.
const OWN_HEADERS: usize = 12;

/// The largest error answer of a token endpoint that need not be JSON, in bytes.
const TOKEN_ERROR_TEXT: usize = 16 * 1024;

/// The relay.
pub struct Relay {
    upstream: Upstream,
    push: bool,
    limits: Limits,
    metrics: Arc<Metrics>,
    realms: Arc<Realms>,
    room: Room,
}

impl Relay {
    /// A relay to `upstream`.
    #[must_use]
    pub fn new(upstream: Upstream, config: &Config, metrics: Arc<Metrics>) -> Self {
        let (realms, room) = (Arc::default(), Room::default());
        Self {
            upstream,
            push: config.push,
            limits: config.limits,
            metrics,
            realms,
            room,
        }
    }

    /// The same relay with connections of its own.
    #[must_use]
    pub fn with_own_connections(&self) -> Self {
        let Self {
            upstream,
            push,
            limits,
            metrics,
            realms,
            room,
        } = self;
        let (metrics, realms) = (Arc::clone(metrics), Arc::clone(realms));
        Self {
            upstream: upstream.with_own_connections(),
            push: *push,
            limits: *limits,
            metrics,
            realms,
            room: room.clone(),
        }
    }

    /// Answers one request with the answer of upstream, and notes in `record` what it asks for.
    pub async fn answer<B>(
        &self,
        request: Request<B>,
        record: &mut RequestLog,
    ) -> Result<Response<Body>, Refusal>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: fmt::Display,
    {
        record.asks(Kind::Other, None);
        let target = Target::parse(
            request
                .uri()
                .path_and_query()
                .map_or("", |path| path.as_str()),
        )?;
        record.asks(
            Kind::Relay(target.shape),
            Some(target.url.authority().clone()),
        );
        let (head, body) = request.into_parts();
        target.shape.check_method(&head.method, self.push)?;
        if target.shape == Endpoint::Token {
            self.realms.check(&target.url)?;
        }
        let reads = matches!(head.method, Method::GET | Method::HEAD);
        let limit = self.check_request_body(target.shape, reads, body.size_hint().lower())?;
        let mut headers = allowed(head.headers, may_be_asked_with);
        let fixed = ImmutableResponse::of(&target, &headers).filter(|_| reads);
        if let Some(fixed) = &fixed {
            if fixed.is_held(&headers) {
                return Ok(relayed(fixed.not_modified()));
            }
            fixed.settle_range(&mut headers);
        }
        let (idle, slowest) = (self.limits.client_idle, self.limits.client_slowest);
        let mut body = LimitedBody::new(
            body,
            Pace {
                limit,
                on_limit: OnLimit::Abort,
                idle,
                slowest,
            },
        );
        let sent = body.progress();
        let outgoing = Outgoing {
            method: head.method.clone(),
            url: target.url.clone(),
            headers,
            body: if reads {
                no_upload()
            } else {
                body.boxed_unsync()
            },
            sent: Arc::clone(&sent),
            follow: reads && target.shape != Endpoint::Token,
        };
        let asked = Instant::now();
        let answer = self.upstream.send(outgoing).await;
        self.metrics.received(sent.received());
        let answer = answer?;
        self.metrics.answered(asked.elapsed());
        match target.shape {
            Endpoint::Token => {
                self.token_answer(target.url.authority().to_string(), answer)
                    .await
            }
            shape => {
                if answer.status() == StatusCode::UNAUTHORIZED {
                    self.realms.note(&target.url, answer.headers());
                }
                let mut response = self.registry_answer(shape, &head.method, answer);
                drop_foreign_tag(&target, response.headers_mut());
                if let Some(fixed) = fixed {
                    response = fixed.mark(&head.method, response, &self.room).await;
                }
                Ok(relayed(response))
            }
        }
    }

    /// The largest body that the request may have, in bytes.
    fn check_request_body(
        &self,
        shape: Endpoint,
        reads: bool,
        length: u64,
    ) -> Result<u64, Refusal> {
        let limit = match shape {
            _ if reads => 0,
            Endpoint::Upload => self.limits.blob,
            _ => bytes_limit(MANIFEST_BYTES),
        };
        if reads && length > 0 {
            let message = "a request that reads has no body";
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "BODY_REFUSED",
                message,
            ));
        }
        if length > limit {
            let message = format!("the body is {length} bytes, at most {limit} are relayed here");
            return Err(Refusal::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "BODY_TOO_LARGE",
                message,
            ));
        }
        Ok(limit)
    }

    fn registry_answer(
        &self,
        shape: Endpoint,
        method: &Method,
        answer: Response<Incoming>,
    ) -> Response<Body> {
        let (head, body) = answer.into_parts();
        let (limit, on_limit) = if head.status.is_client_error() || head.status.is_server_error() {
            (bytes_limit(ERROR_BYTES), OnLimit::Truncate)
        } else {
            match shape {
                Endpoint::Blob => (self.limits.blob, OnLimit::Abort),
                _ => (bytes_limit(MANIFEST_BYTES), OnLimit::Truncate),
            }
        };
        let mut headers = allowed(head.headers, may_be_answered_with);
        if on_limit == OnLimit::Truncate
            && method != Method::HEAD
            && body.size_hint().lower() > limit
        {
            headers.remove(CONTENT_LENGTH);
        }
        if !matches!(
            head.status,
            StatusCode::CREATED | StatusCode::ACCEPTED | StatusCode::NO_CONTENT
        ) {
            // Only uploads need it; with a redirect's status a browser would follow it.
            headers.remove(LOCATION);
        }
        let pace = Pace {
            limit,
            on_limit,
            idle: self.limits.idle,
            slowest: self.limits.slowest,
        };
        response(
            head.status,
            headers,
            Body::Relayed(LimitedBody::new(body, pace)),
        )
    }

    /// A token endpoint answers with a JSON object, or with an error that is one or is a short text.
    async fn token_answer(
        &self,
        host: String,
        answer: Response<Incoming>,
    ) -> Result<Response<Body>, Refusal> {
        let (head, body) = answer.into_parts();
        let limit = bytes_limit(TOKEN_BYTES);
        let pace = Pace {
            limit,
            on_limit: OnLimit::Abort,
            idle: self.limits.idle,
            slowest: self.limits.slowest,
        };
        let body = LimitedBody::new(body, pace)
            .collect()
            .await
            .map(Collected::to_bytes);
        let body = body
            .map_err(|error| token_refused(&host, head.status, &error.to_string(), Some(&error)))?;
        let is_error = head.status.is_client_error() || head.status.is_server_error();
        let is_short_text =
            is_error && body.len() <= TOKEN_ERROR_TEXT && std::str::from_utf8(&body).is_ok();
        if !is_json_object(&body) && !is_short_text {
            let reason = format!("{} bytes that are not a JSON object", body.len());
            return Err(token_refused(&host, head.status, &reason, None));
        }
        let mut headers = allowed(head.headers, may_be_answered_with);
        headers.remove(CONTENT_LENGTH);
        headers.remove(LOCATION);
        Ok(relayed(response(head.status, headers, Body::Whole(body))))
    }
}

fn token_refused(
    host: &str,
    status: StatusCode,
    reason: &str,
    error: Option<&StreamError>,
) -> Refusal {
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

/// Those of `headers` that may pass; there is room for the proxy's own.
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

fn response(status: StatusCode, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// An answer of upstream as the page gets it; no cache keeps it unless it was marked.
///
/// A browser must never take it for a page of ours, even when a person opens its address, nor for a script or a style of
/// our page: no type is guessed, none of either kind is named, no script of it runs, and it is nothing to look at.
fn relayed(mut response: Response<Body>) -> Response<Body> {
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
    if headers.get(CONTENT_TYPE).is_none_or(may_run) {
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        );
    }
    response
}

/// Whether a page may load what has this type as a script or as a style. Together with `nosniff` this holds also where
/// the browser has the answer from a cache, or says not what it wants it for.
///
/// Source: MIME Sniffing Standard, "JavaScript MIME type".
fn may_run(content_type: &HeaderValue) -> bool {
    let text = String::from_utf8_lossy(content_type.as_bytes()).to_ascii_lowercase();
    ["script", "css", "xsl", "xml"]
        .iter()
        .any(|kind| text.contains(kind))
}
