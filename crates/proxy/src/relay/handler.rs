//! `/relay/…` and `/token/…`: one request of the page becomes one request to upstream.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, LOCATION};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Collected};
use hyper::body::Incoming;
use serde::de::IgnoredAny;
use tokio::time::Instant;
use waybill_core::limits::{ERROR_BYTES, MANIFEST_BYTES, TAG_LIST_BYTES, TOKEN_BYTES};

use crate::body::drained::{DrainedBody, RequestBytes};
use crate::body::error::BodyError;
use crate::body::limited::{BodyLimits, LimitedBody, OnLimit};
use crate::body::request::no_body;
use crate::body::response::ResponseBody;
use crate::config::limits::Limits;
use crate::config::settings::Config;
use crate::log::RequestLog;
use crate::metrics::{Metrics, RequestKind};
use crate::relay::cache::{BufferBudget, ImmutableResponse, drop_foreign_tag};
use crate::relay::endpoint::Endpoint;
use crate::relay::error::{RelayError, RequestBodyError, TargetError, TokenAnswerError};
use crate::relay::headers::{relayed, request_headers, response_headers};
use crate::relay::realms::Realms;
use crate::relay::target::Target;
use crate::upstream::client::{Follow, Upstream, UpstreamError, UpstreamRequest};

/// The largest error answer of a token endpoint that need not be JSON, in bytes.
const TOKEN_ERROR_TEXT: usize = 16 * 1024;

/// Relays requests of the page to registries and token endpoints.
pub(crate) struct Relay {
    upstream: Upstream,
    push: bool,
    catalog: bool,
    limits: Limits,
    metrics: Arc<Metrics>,
    realms: Arc<Realms>,
    buffers: BufferBudget,
}

impl Relay {
    /// Creates a relay to `upstream`.
    #[must_use]
    pub(crate) fn new(upstream: Upstream, config: &Config, metrics: Arc<Metrics>) -> Self {
        Self {
            upstream,
            push: config.push,
            catalog: config.catalog,
            limits: config.limits,
            metrics,
            realms: Arc::default(),
            buffers: BufferBudget::default(),
        }
    }

    /// Gives the same relay connections of its own.
    #[must_use]
    pub(crate) fn with_own_connections(&self) -> Self {
        Self {
            upstream: self.upstream.with_own_connections(),
            push: self.push,
            catalog: self.catalog,
            limits: self.limits,
            metrics: Arc::clone(&self.metrics),
            realms: Arc::clone(&self.realms),
            buffers: self.buffers.clone(),
        }
    }

    /// Answers one request with the answer of upstream, and notes in `log` what it asks for.
    pub(crate) async fn answer<B>(
        &self,
        request: Request<B>,
        log: &mut RequestLog,
    ) -> Result<Response<ResponseBody>, RelayError>
    where
        B: RequestBytes,
    {
        log.set_request(RequestKind::Other, None);
        let (head, body) = request.into_parts();
        let mut body = DrainedBody::new(LimitedBody::new(body, self.client_limits()));
        let path = head.uri.path_and_query();
        let target = Target::parse(path.map_or("", |path| path.as_str()))?;
        log.set_request(target.endpoint.into(), Some(target.url.authority().clone()));
        target.endpoint.check_method(&head.method, self.push)?;
        if target.endpoint == Endpoint::Catalog && !self.catalog {
            return Err(TargetError::CatalogIsOff.into());
        }
        if target.endpoint == Endpoint::Token {
            self.realms.check(&target.url)?;
        }
        let length = body.size_hint().lower();
        body.set_limit(self.check_request_body(&target, &head.method, length)?);
        let mut headers = request_headers(head.headers);
        if !target.endpoint.may_see_credentials() {
            headers.remove(AUTHORIZATION);
        }
        let immutable =
            ImmutableResponse::for_request(&target, &headers).filter(|_| reads(&head.method));
        if let Some(immutable) = &immutable {
            if immutable.is_held(&headers) {
                return Ok(relayed(immutable.not_modified()));
            }
            immutable.drop_met_range_condition(&mut headers);
        }
        let answer = self.send(&target, &head.method, headers, body).await?;
        if target.endpoint == Endpoint::Token {
            let host = target.url.authority().to_string();
            return Ok(self.token_answer(host, answer).await?);
        }
        if answer.status() == StatusCode::UNAUTHORIZED {
            self.realms.note(&target.url, answer.headers());
        }
        let mut response = self.registry_answer(&target, &head.method, answer);
        drop_foreign_tag(&target, response.headers_mut());
        if let Some(immutable) = immutable {
            response = immutable.mark(&head.method, response, &self.buffers).await;
        }
        Ok(relayed(response))
    }

    /// Checks the least length that the body of a request has; gives the most that it may have, in bytes.
    fn check_request_body(
        &self,
        target: &Target,
        method: &Method,
        length: u64,
    ) -> Result<u64, RequestBodyError> {
        if reads(method) {
            return if length > 0 {
                Err(RequestBodyError::Unexpected)
            } else {
                Ok(0)
            };
        }
        let limit = if target.endpoint == Endpoint::Upload {
            self.limits.blob
        } else {
            bytes_limit(MANIFEST_BYTES)
        };
        if length > limit {
            return Err(RequestBodyError::TooLarge { length, limit });
        }
        Ok(limit)
    }

    /// Sends the request to upstream, and counts what was sent and how long the answer took.
    async fn send<B>(
        &self,
        target: &Target,
        method: &Method,
        headers: HeaderMap,
        mut body: DrainedBody<B>,
    ) -> Result<Response<Incoming>, UpstreamError>
    where
        B: RequestBytes,
    {
        let sent = body.progress();
        let outgoing = UpstreamRequest {
            method: method.clone(),
            url: target.url.clone(),
            headers,
            body: if reads(method) {
                no_body()
            } else {
                body.boxed_unsync()
            },
            sent: Arc::clone(&sent),
            follow: match target.endpoint {
                Endpoint::Token => Follow::None,
                _ if !reads(method) => Follow::None,
                Endpoint::Referrers => Follow::SameHost,
                _ => Follow::All,
            },
        };
        let asked = Instant::now();
        let answer = self.upstream.send(outgoing).await;
        self.metrics.received(sent.received());
        if answer.is_ok() {
            self.metrics.answered(asked.elapsed());
        }
        answer
    }

    fn registry_answer(
        &self,
        target: &Target,
        method: &Method,
        answer: Response<Incoming>,
    ) -> Response<ResponseBody> {
        let (head, body) = answer.into_parts();
        let is_error = head.status.is_client_error() || head.status.is_server_error();
        let limits = if is_error {
            self.upstream_limits(bytes_limit(ERROR_BYTES), OnLimit::Truncate)
        } else if target.endpoint == Endpoint::Blob {
            self.upstream_limits(self.limits.blob, OnLimit::Abort)
        } else if matches!(
            target.endpoint,
            Endpoint::Tags | Endpoint::HubTags | Endpoint::Catalog
        ) {
            self.upstream_limits(bytes_limit(TAG_LIST_BYTES), OnLimit::Truncate)
        } else {
            self.upstream_limits(bytes_limit(MANIFEST_BYTES), OnLimit::Truncate)
        };
        let mut headers = response_headers(head.headers);
        if limits.on_limit == OnLimit::Truncate
            && method != Method::HEAD
            && body.size_hint().lower() > limits.limit
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
        response(
            head.status,
            headers,
            ResponseBody::Relayed(LimitedBody::new(body, limits)),
        )
    }

    /// Reads the answer of a token endpoint whole: a JSON object, or an error that is one or is a short text.
    async fn token_answer(
        &self,
        host: String,
        answer: Response<Incoming>,
    ) -> Result<Response<ResponseBody>, TokenAnswerError> {
        let (head, body) = answer.into_parts();
        let status = head.status;
        let limits = self.upstream_limits(bytes_limit(TOKEN_BYTES), OnLimit::Abort);
        let body = match LimitedBody::new(body, limits).collect().await {
            Ok(body) => Collected::to_bytes(body),
            Err(error) => {
                return Err(TokenAnswerError {
                    host,
                    status,
                    reason: error.to_string(),
                    timed_out: matches!(error, BodyError::Idle { .. } | BodyError::Slow { .. }),
                });
            }
        };
        let is_error = status.is_client_error() || status.is_server_error();
        let is_short_text =
            is_error && body.len() <= TOKEN_ERROR_TEXT && std::str::from_utf8(&body).is_ok();
        if !is_json_object(&body) && !is_short_text {
            return Err(TokenAnswerError {
                host,
                status,
                reason: if is_html(&body) {
                    "an HTML page, not a JSON object".to_owned()
                } else {
                    format!("{} bytes that are not a JSON object", body.len())
                },
                timed_out: false,
            });
        }
        let mut headers = response_headers(head.headers);
        headers.remove(CONTENT_LENGTH);
        headers.remove(LOCATION);
        Ok(relayed(response(
            status,
            headers,
            ResponseBody::Whole(body),
        )))
    }

    /// The rules for a body of a client, before it is known what it is for.
    const fn client_limits(&self) -> BodyLimits {
        BodyLimits {
            limit: self.limits.blob,
            on_limit: OnLimit::Abort,
            idle: self.limits.client_idle,
            slowest: self.limits.client_slowest,
        }
    }

    fn upstream_limits(&self, limit: u64, on_limit: OnLimit) -> BodyLimits {
        BodyLimits {
            limit,
            on_limit,
            idle: self.limits.upstream_idle,
            slowest: self.limits.upstream_slowest,
        }
    }
}

fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Tells whether a body is a page, such as one to sign in at.
fn is_html(body: &Bytes) -> bool {
    let start = body.trim_ascii_start();
    let begins = |with: &[u8]| {
        start
            .get(..with.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    begins(b"<html") || begins(b"<!doctype html")
}

fn is_json_object(body: &Bytes) -> bool {
    body.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

fn bytes_limit(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX)
}

fn response(status: StatusCode, headers: HeaderMap, body: ResponseBody) -> Response<ResponseBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
