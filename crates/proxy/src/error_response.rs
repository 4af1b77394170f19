//! The proxy's own word, in the form of the registry API's errors.

use std::time::Duration;

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};
use waybill_core::registry::relay_path::{REFUSED, RELAY_HEADER};

use crate::body::Body;
use crate::dial::DialError;
use crate::endpoint::TargetError;
use crate::head_guard::HeadError;
use crate::upstream::{Cause, UpstreamError};

/// A request that was refused, or that failed on the way: status, code, message and evidence.
///
/// ```json
/// {"errors":[{"code":"ADDRESS_REFUSED","message":"10.0.0.5 is a private address (10.0.0.0/8); start the proxy with
/// --allow 10.0.0.5:5000 to reach it","detail":{"host":"10.0.0.5:5000","address":"10.0.0.5","block":"10.0.0.0/8"}}]}
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The status of the answer.
    pub status: StatusCode,
    /// What kind of refusal: upper case, stable.
    pub code: &'static str,
    /// What happened and what to do next.
    pub message: String,
    /// The evidence; `null` where the message says it all.
    pub detail: Value,
    /// When to try again.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal without evidence.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            detail: Value::Null,
            retry_after: None,
        }
    }

    /// As the answer to a relayed request.
    #[must_use]
    pub fn into_response(self) -> Response<Body> {
        let errors = json!({"errors": [{"code": self.code, "message": self.message, "detail": self.detail}]});
        let mut response = Response::new(Body::from(errors.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            HeaderName::from_static(RELAY_HEADER),
            HeaderValue::from_static(REFUSED),
        );
        if let Some(wait) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        response
    }
}

impl From<TargetError> for Refusal {
    fn from(error: TargetError) -> Self {
        let (status, code) = match error {
            TargetError::Host(_) => (StatusCode::FORBIDDEN, "ADDRESS_REFUSED"),
            TargetError::Method { .. } => (StatusCode::METHOD_NOT_ALLOWED, "METHOD_REFUSED"),
            TargetError::PushIsOff => (StatusCode::FORBIDDEN, "METHOD_REFUSED"),
            TargetError::TokenUnknown { .. } => (StatusCode::FORBIDDEN, "TOKEN_ENDPOINT_UNKNOWN"),
            _ => (StatusCode::FORBIDDEN, "PATH_REFUSED"),
        };
        Self::new(status, code, error.to_string())
    }
}

impl From<UpstreamError> for Refusal {
    fn from(error: UpstreamError) -> Self {
        let (status, code) = match &error.cause {
            Cause::Dial(
                DialError::PlainHttp { .. }
                | DialError::Address { .. }
                | DialError::NotPublic { .. }
                | DialError::Unreadable { .. },
            )
            | Cause::Location(crate::url::UrlError::Host(_)) => {
                (StatusCode::FORBIDDEN, "ADDRESS_REFUSED")
            }
            Cause::Dial(DialError::Timeout { .. }) | Cause::Timeout { .. } => {
                (StatusCode::GATEWAY_TIMEOUT, "UPSTREAM_TIMEOUT")
            }
            Cause::Dial(DialError::Tls { .. }) => (StatusCode::BAD_GATEWAY, "UPSTREAM_TLS"),
            Cause::Dial(DialError::LookUp { .. } | DialError::Connect { .. }) => {
                (StatusCode::BAD_GATEWAY, "UPSTREAM_UNREACHABLE")
            }
            Cause::RequestBody(_) => (StatusCode::REQUEST_TIMEOUT, "BODY_REFUSED"),
            Cause::HeadTooLarge => (StatusCode::BAD_GATEWAY, "HEAD_TOO_LARGE"),
            Cause::Malformed { .. } => (StatusCode::BAD_GATEWAY, "UPSTREAM_MALFORMED"),
            Cause::Location(_) | Cause::RedirectNotFollowed { .. } | Cause::TooManyRedirects => {
                (StatusCode::BAD_GATEWAY, "REDIRECT_REFUSED")
            }
        };
        let host = error.url.authority().to_string();
        let detail = match &error.cause {
            Cause::Dial(DialError::Address { address, block, .. }) => {
                json!({"host": host, "address": address, "block": block.to_string(), "redirected": error.redirected})
            }
            _ => json!({"host": host, "redirected": error.redirected}),
        };
        Self {
            detail,
            ..Self::new(status, code, error.to_string())
        }
    }
}

impl From<HeadError> for Refusal {
    fn from(error: HeadError) -> Self {
        let (status, code) = match error {
            HeadError::Malformed => (StatusCode::BAD_REQUEST, "HEAD_REFUSED"),
            HeadError::TooLarge => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "HEAD_TOO_LARGE",
            ),
        };
        Self::new(status, code, error.to_string())
    }
}
