//! The proxy's own word, in the form of the registry API's errors: every refusal gets its status and code here.

use std::time::Duration;

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};
use waybill_core::registry::relay_path::{REDIRECT_REFUSED, REFUSED, RELAY_HEADER, TOKEN_REFUSED};

use crate::body::response::ResponseBody;
use crate::relay::error::{RelayError, RequestBodyError, TargetError, TokenAnswerError};
use crate::server::head_scanner::HeadError;
use crate::server::rate_limit::RateLimitError;
use crate::server::same_origin::SameOriginError;
use crate::upstream::client::{UpstreamCause, UpstreamError};
use crate::upstream::dial::DialError;
use crate::upstream::url::UrlError;

/// A request that was refused, or that failed on the way: status, code, message and evidence.
///
/// ```json
/// {"errors":[{"code":"ADDRESS_REFUSED","message":"10.0.0.5 is a private address (10.0.0.0/8); start the proxy with
/// --allow 10.0.0.5:5000 to reach it","detail":{"host":"10.0.0.5:5000","address":"10.0.0.5","block":"10.0.0.0/8"}}]}
/// ```
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    /// The status of the answer.
    pub(crate) status: StatusCode,
    /// What kind of refusal: upper case, stable. [`Metrics`](crate::metrics::Metrics) counts by it.
    pub(crate) code: &'static str,
    /// What happened and what to do next.
    pub(crate) message: String,
    /// The evidence; `null` where the message says it all.
    detail: Value,
    /// When to try again.
    retry_after: Option<Duration>,
}

impl Refusal {
    /// Creates a refusal without evidence.
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            detail: Value::Null,
            retry_after: None,
        }
    }

    /// Makes the answer to a relayed request of it.
    #[must_use]
    pub(crate) fn into_response(self) -> Response<ResponseBody> {
        let errors = json!({"errors": [{"code": self.code, "message": self.message, "detail": self.detail}]});
        let mut response = Response::new(ResponseBody::from(errors.to_string()));
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

impl From<RateLimitError> for Refusal {
    fn from(error: RateLimitError) -> Self {
        let wait = match error {
            RateLimitError::Open { .. } => Duration::from_secs(1),
            RateLimitError::Rate { wait, .. } => wait,
        };
        let refusal = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "LIMIT_REACHED",
            error.to_string(),
        );
        Self {
            retry_after: Some(wait),
            ..refusal
        }
    }
}

impl From<SameOriginError> for Refusal {
    fn from(error: SameOriginError) -> Self {
        let (status, code) = match error {
            SameOriginError::HostMissing | SameOriginError::AbsoluteForm => {
                (StatusCode::BAD_REQUEST, "HOST_REFUSED")
            }
            SameOriginError::Host { .. } => (StatusCode::FORBIDDEN, "HOST_REFUSED"),
            SameOriginError::Origin { .. }
            | SameOriginError::Site { .. }
            | SameOriginError::Destination { .. } => (StatusCode::FORBIDDEN, "ORIGIN_REFUSED"),
        };
        Self::new(status, code, error.to_string())
    }
}

impl From<RelayError> for Refusal {
    fn from(error: RelayError) -> Self {
        match error {
            RelayError::Target(error) => error.into(),
            RelayError::Body(error) => error.into(),
            RelayError::Upstream(error) => error.into(),
            RelayError::Token(error) => error.into(),
        }
    }
}

impl From<TargetError> for Refusal {
    fn from(error: TargetError) -> Self {
        let (status, code) = match error {
            TargetError::Host(_) => (StatusCode::FORBIDDEN, "ADDRESS_REFUSED"),
            TargetError::Method { .. } => (StatusCode::METHOD_NOT_ALLOWED, "METHOD_REFUSED"),
            TargetError::PushIsOff => (StatusCode::FORBIDDEN, "METHOD_REFUSED"),
            TargetError::TokenUnknown { .. } => (StatusCode::FORBIDDEN, "TOKEN_ENDPOINT_UNKNOWN"),
            TargetError::Form
            | TargetError::NoEndpoint
            | TargetError::CatalogIsOff
            | TargetError::TokenPath
            | TargetError::TokenOfApi
            | TargetError::Repository(_)
            | TargetError::Tag(_)
            | TargetError::Digest(_)
            | TargetError::Query { .. } => (StatusCode::FORBIDDEN, "PATH_REFUSED"),
        };
        Self::new(status, code, error.to_string())
    }
}

impl From<RequestBodyError> for Refusal {
    fn from(error: RequestBodyError) -> Self {
        let (status, code) = match error {
            RequestBodyError::Unexpected => (StatusCode::BAD_REQUEST, "BODY_REFUSED"),
            RequestBodyError::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"),
        };
        Self::new(status, code, error.to_string())
    }
}

impl From<TokenAnswerError> for Refusal {
    fn from(error: TokenAnswerError) -> Self {
        let (status, code) = if error.timed_out {
            (StatusCode::GATEWAY_TIMEOUT, "UPSTREAM_TIMEOUT")
        } else {
            (StatusCode::BAD_GATEWAY, TOKEN_REFUSED)
        };
        Self::new(status, code, error.to_string())
    }
}

impl From<UpstreamError> for Refusal {
    fn from(error: UpstreamError) -> Self {
        let (status, code) = match &error.cause {
            UpstreamCause::Dial(
                DialError::PlainHttp { .. }
                | DialError::Address { .. }
                | DialError::NotPublic { .. }
                | DialError::Unreadable { .. },
            )
            | UpstreamCause::Location(UrlError::Host(_)) => {
                (StatusCode::FORBIDDEN, "ADDRESS_REFUSED")
            }
            UpstreamCause::Dial(DialError::Timeout { .. }) | UpstreamCause::Timeout { .. } => {
                (StatusCode::GATEWAY_TIMEOUT, "UPSTREAM_TIMEOUT")
            }
            UpstreamCause::Dial(DialError::Tls { .. }) => (StatusCode::BAD_GATEWAY, "UPSTREAM_TLS"),
            UpstreamCause::Dial(DialError::LookUp { .. } | DialError::Connect { .. }) => {
                (StatusCode::BAD_GATEWAY, "UPSTREAM_UNREACHABLE")
            }
            UpstreamCause::RequestBody(_) => (StatusCode::REQUEST_TIMEOUT, "BODY_REFUSED"),
            UpstreamCause::HeadTooLarge => (StatusCode::BAD_GATEWAY, "HEAD_TOO_LARGE"),
            UpstreamCause::Malformed { .. } => (StatusCode::BAD_GATEWAY, "UPSTREAM_MALFORMED"),
            UpstreamCause::Location(_)
            | UpstreamCause::RedirectNotFollowed { .. }
            | UpstreamCause::RedirectElsewhere { .. }
            | UpstreamCause::TooManyRedirects => (StatusCode::BAD_GATEWAY, REDIRECT_REFUSED),
        };
        let host = error.url.authority().to_string();
        let redirected = error.redirected;
        let detail = if let UpstreamCause::Dial(DialError::Address { address, block, .. }) =
            &error.cause
        {
            json!({"host": host, "address": address, "block": block.to_string(), "redirected": redirected})
        } else {
            json!({"host": host, "redirected": redirected})
        };
        Self {
            detail,
            ..Self::new(status, code, error.to_string())
        }
    }
}
