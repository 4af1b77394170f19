//! Requests to upstream: no header but the allowed ones, and redirects followed one judged hop at a time.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, LOCATION, TRANSFER_ENCODING, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use waybill_core::limits::REDIRECTS;

use crate::body::error::BodyError;
use crate::body::limited::Progress;
use crate::body::request::{RequestBody, no_body};
use crate::limits::{HEAD_BYTES, HEADERS};
use crate::upstream::dial::{DialError, Dialer};
use crate::upstream::url::{Url, UrlError};

/// How long a connection without requests is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// How many connections without requests are kept for each host.
const IDLE_PER_HOST: usize = 32;

/// [`HEAD_BYTES`] over HTTP/2.
const HEAD_LIST_BYTES: u32 = 64 * 1024;

/// How much of one answer over HTTP/2 is taken ahead of its reader, in bytes.
const STREAM_WINDOW: u32 = 512 * 1024;

/// How much of all answers over one connection of HTTP/2 is taken ahead, in bytes: more than all readers together, so
/// that a slow one does not hold up the others.
const CONNECTION_WINDOW: u32 = 1 << 30;

/// How long a connection of HTTP/2 may be silent before it is asked for a sign of life, and how long that may take.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

const AGENT: &str = concat!("waybill/", env!("CARGO_PKG_VERSION"));

/// A client of upstream servers. Connections are kept and used again: each was judged when it was dialled.
pub(crate) struct Upstream {
    client: Client<Dialer, RequestBody>,
    dialer: Dialer,
    head: Duration,
}

/// One request to upstream.
pub(crate) struct UpstreamRequest {
    pub method: Method,
    pub url: Url,
    /// The headers that are relayed.
    pub headers: HeaderMap,
    pub body: RequestBody,
    /// How far the body has come: an upload that moves, or waits for the client, is not timed out here.
    pub sent: Arc<Progress>,
    pub follow: Follow,
}

/// Which redirects of a request are followed. It has no body where any is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follow {
    /// None.
    None,
    /// Those that stay at the host that was asked: what only it can tell.
    SameHost,
    /// All, each hop judged.
    All,
}

impl Upstream {
    /// Creates a client that waits for the head of an answer for at most `head`.
    #[must_use]
    pub(crate) fn new(dialer: Dialer, head: Duration) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .http1_max_buf_size(HEAD_BYTES)
            .http2_max_header_list_size(HEAD_LIST_BYTES)
            .http2_initial_stream_window_size(STREAM_WINDOW)
            .http2_initial_connection_window_size(CONNECTION_WINDOW)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .http2_keep_alive_timeout(KEEP_ALIVE)
            .timer(TokioTimer::new())
            .build(dialer.clone());
        Self {
            client,
            dialer,
            head,
        }
    }

    /// Creates the same client with connections of its own.
    #[must_use]
    pub(crate) fn with_own_connections(&self) -> Self {
        Self::new(self.dialer.clone(), self.head)
    }

    /// Sends the request, follows redirects, and gives the answer whose body is yet to be read.
    ///
    /// `Authorization` goes to the first host only, and never anywhere a redirect leads.
    pub(crate) async fn send(
        &self,
        request: UpstreamRequest,
    ) -> Result<Response<Incoming>, UpstreamError> {
        let UpstreamRequest {
            method,
            mut url,
            mut headers,
            body,
            sent,
            follow,
        } = request;
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        let mut body = Some(body);
        for hop in 0..=REDIRECTS {
            let answer = self
                .hop(
                    &method,
                    &url,
                    &headers,
                    body.take().unwrap_or_else(no_body),
                    &sent,
                )
                .await;
            let fail = |cause| UpstreamError {
                url: url.clone(),
                redirected: hop > 0,
                cause,
            };
            let answer = answer.map_err(fail)?;
            if !is_redirect(answer.status()) {
                return Ok(answer);
            }
            let Some(location) = answer.headers().get(LOCATION) else {
                return Ok(answer);
            };
            if follow == Follow::None {
                return Err(fail(UpstreamCause::RedirectNotFollowed {
                    status: answer.status(),
                }));
            }
            let location = location
                .to_str()
                .map_err(|_| fail(UpstreamCause::Location(UrlError::Character)))?;
            let next = url
                .follow(location)
                .and_then(|next| next.to_uri().map(|_| next));
            let next = next.map_err(|error| fail(UpstreamCause::Location(error)))?;
            if follow == Follow::SameHost && next.authority() != url.authority() {
                let to = next.authority().to_string();
                return Err(fail(UpstreamCause::RedirectElsewhere { to }));
            }
            url = next;
            headers.remove(AUTHORIZATION);
        }
        Err(UpstreamError {
            url,
            redirected: true,
            cause: UpstreamCause::TooManyRedirects,
        })
    }

    async fn hop(
        &self,
        method: &Method,
        url: &Url,
        headers: &HeaderMap,
        body: RequestBody,
        sent: &Progress,
    ) -> Result<Response<Incoming>, UpstreamCause> {
        let mut request = Request::new(body);
        *request.method_mut() = method.clone();
        *request.uri_mut() = url.to_uri().map_err(UpstreamCause::Location)?;
        *request.headers_mut() = headers.clone();
        let mut answer = std::pin::pin!(self.client.request(request));
        let mut sent_before = sent.received();
        loop {
            if let Ok(answer) = tokio::time::timeout(self.head, &mut answer).await {
                return check(answer.map_err(|error| cause(&error))?);
            }
            let sent_now = sent.received();
            if sent_now == sent_before && !sent.waits() {
                return Err(UpstreamCause::Timeout { limit: self.head });
            }
            sent_before = sent_now;
        }
    }
}

/// Refuses what the HTTP library lets pass and a relay must not.
fn check(answer: Response<Incoming>) -> Result<Response<Incoming>, UpstreamCause> {
    let lengths = answer.headers().get_all(CONTENT_LENGTH).iter().count();
    let reason = if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        "it switched protocols"
    } else if lengths > 1 || lengths == 1 && answer.headers().contains_key(TRANSFER_ENCODING) {
        "it states its length twice"
    } else {
        return Ok(answer);
    };
    Err(UpstreamCause::Malformed {
        reason: reason.to_owned(),
    })
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn cause(error: &legacy::Error) -> UpstreamCause {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(dial) = inner.downcast_ref::<DialError>() {
            return UpstreamCause::Dial(dial.clone());
        }
        if let Some(body) = inner.downcast_ref::<BodyError>() {
            return UpstreamCause::RequestBody(body.clone());
        }
        if let Some(http) = inner
            .downcast_ref::<hyper::Error>()
            .filter(|http| !http.is_user())
        {
            if http.is_parse_too_large() {
                return UpstreamCause::HeadTooLarge;
            }
            let reason = match http.source() {
                Some(inner) => format!("{http}: {inner}"),
                None => http.to_string(),
            };
            return UpstreamCause::Malformed { reason };
        }
        source = inner.source();
    }
    UpstreamCause::Malformed {
        reason: error.to_string(),
    }
}

/// Why there is no answer from upstream, and at which hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UpstreamError {
    /// The hop's address.
    pub url: Url,
    /// Whether a redirect led there.
    pub redirected: bool,
    pub cause: UpstreamCause,
}

/// What happened at upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UpstreamCause {
    /// There was no connection.
    Dial(DialError),
    /// It answered with something that is not HTTP, or broke off.
    Malformed {
        /// The HTTP library's words.
        reason: String,
    },
    /// The head of its answer is larger than is taken here.
    HeadTooLarge,
    /// It did not answer.
    Timeout { limit: Duration },
    /// The page did not send the whole body of its request.
    RequestBody(BodyError),
    /// It redirected to something that is not an address to go to.
    Location(UrlError),
    /// It redirected a request whose redirects are not followed.
    RedirectNotFollowed { status: StatusCode },
    /// It redirected to another host what only the host that was asked can tell.
    RedirectElsewhere { to: String },
    /// It redirected more often than is followed.
    TooManyRedirects,
}

impl fmt::Display for UpstreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.url.authority();
        if self.redirected && matches!(self.cause, UpstreamCause::Dial(_)) {
            write!(f, "a redirect leads to {host}: ")?;
        }
        match &self.cause {
            UpstreamCause::Dial(error) => error.fmt(f),
            UpstreamCause::Malformed { reason } => {
                write!(f, "the answer of {host} cannot be read: {reason}")
            }
            UpstreamCause::HeadTooLarge => write!(
                f,
                "the head of the answer of {host} is larger than this proxy takes: {HEAD_BYTES} bytes, {HEADERS} headers"
            ),
            UpstreamCause::RequestBody(error) => {
                write!(f, "the body of the request did not come whole: {error}")
            }
            UpstreamCause::Timeout { limit } => write!(
                f,
                "{host} took the request but did not answer within {limit:?}"
            ),
            UpstreamCause::Location(error) => write!(
                f,
                "{host} redirects to an address that is not followed: {error}"
            ),
            UpstreamCause::RedirectNotFollowed { status } => {
                write!(
                    f,
                    "{host} redirects ({status}), and redirects of such a request are not followed"
                )
            }
            UpstreamCause::RedirectElsewhere { to } => {
                write!(
                    f,
                    "{host} redirects to {to}, and a list of referrers is read from the registry alone"
                )
            }
            UpstreamCause::TooManyRedirects => {
                write!(f, "more than {REDIRECTS} redirects, the last to {host}")
            }
        }
    }
}

impl std::error::Error for UpstreamError {}
