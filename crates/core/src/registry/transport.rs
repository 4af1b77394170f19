//! How the registry client reaches the network: the one trait that a browser, a test or a
//! program implements.

use std::fmt;

use crate::limits;

/// A request method of the registry API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// HEAD.
    Head,
    /// POST.
    Post,
    /// PATCH.
    Patch,
    /// PUT.
    Put,
}

impl Method {
    /// Whether it leaves everything as it is.
    #[must_use]
    pub fn reads(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }

    /// The method's name as it stands in a request line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Put => "PUT",
        }
    }
}

/// The way a request takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// Straight to the registry: works only where the registry allows browsers (CORS).
    Direct,
    /// Through the proxy that serves the page.
    Proxy,
}

/// What the answer is, so that the proxy can hold the request to the right rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A request of the registry API, below `/v2/`.
    Registry,
    /// A request to a token endpoint.
    Token,
}

/// One request, to be sent as it is.
///
/// `url` is always the real address (`https://registry.example/v2/…`); a transport that goes
/// through the proxy rewrites it with [`relay_path`](super::relay_path::relay_path).
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute address.
    pub url: String,
    /// Header names in lower case, with values.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for GET and HEAD. Blobs go by pieces of at most
    /// [`LARGEST_PIECE_BYTES`](crate::limits::LARGEST_PIECE_BYTES), so that none is ever whole
    /// in memory.
    pub body: Vec<u8>,
    /// The way to take.
    pub via: Via,
    /// What the answer is.
    pub purpose: Purpose,
    /// Stop reading the answer behind this many bytes; a blob is read by `range` headers, a
    /// piece each.
    pub limit: usize,
}

impl Request {
    /// Whether redirects are followed: of what is read from a registry, such as a blob that
    /// lies in a storage. Not so a list of referrers, which is the registry's own word: that is
    /// left to the proxy, which follows it within the registry alone. A request that writes would hand its body, and one for a token what
    /// it may carry, to whoever the redirect names; a HEAD is left to the proxy, which judges
    /// every address that it follows.
    #[must_use]
    pub fn follows_redirects(&self) -> bool {
        let path = self.url.split('?').next().unwrap_or_default();
        let is_list = path.rsplit('/').nth(1) == Some("referrers");
        self.method == Method::Get && self.purpose == Purpose::Registry && !is_list
    }

    /// How long to wait for the head of the answer, in seconds. How far a body has gone cannot
    /// be seen, so one has the time that
    /// [`UPLOAD_BYTES_A_SECOND`](limits::UPLOAD_BYTES_A_SECOND) gives it.
    #[must_use]
    pub fn seconds_to_answer(&self) -> u32 {
        let sending = self.body.len() / limits::UPLOAD_BYTES_A_SECOND;
        self.idle_seconds()
            .saturating_add(u32::try_from(sending).unwrap_or(u32::MAX))
    }

    /// How long to wait for the next piece of the answer's body, in seconds.
    #[must_use]
    pub fn idle_seconds(&self) -> u32 {
        match self.via {
            Via::Direct => limits::WAIT_SECONDS,
            Via::Proxy => limits::PROXY_WAIT_SECONDS,
        }
    }
}

impl fmt::Debug for Request {
    /// Never shows the value of `authorization`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} via {:?}", self.method.name(), self.url, self.via)?;
        for (name, value) in &self.headers {
            let shown = if *name == "authorization" {
                "<redacted>"
            } else {
                value
            };
            write!(f, " {name}={shown:?}")?;
        }
        Ok(())
    }
}

/// One answer, with the bytes as they were received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status, 100 to 599.
    pub status: u16,
    /// Header names in lower case, with values; across origins a browser hides most of them.
    pub headers: Vec<(String, String)>,
    /// The body, never longer than the request's limit.
    pub body: Vec<u8>,
    /// Whether the body went on behind the limit; then `body` holds its first bytes.
    pub over_limit: bool,
}

impl Response {
    /// The first header of that name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every header of that name (lower case).
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// The browser gave no reason: a refused cross-origin request, a name that does not
    /// resolve, a closed port and a bad certificate all look the same from a page.
    Opaque,
    /// The browser says that it is offline, and got no readable answer.
    Offline,
    /// No head of an answer came in time, or nothing more of its body.
    TimedOut {
        /// How long was waited.
        seconds: u32,
        /// How many bytes of the body had arrived; `None` where not even the head had.
        received: Option<usize>,
    },
    /// The answer is a redirect, and [`Request::follows_redirects`] says no; where it leads, a
    /// page cannot read.
    Redirected {
        /// Whether it was a read of the registry, which the proxy may follow.
        read: bool,
    },
    /// The answer's body ended before its stated length, or the connection broke while it was read.
    BrokenBody {
        /// How many bytes had arrived.
        received: usize,
    },
    /// The person cancelled.
    Cancelled,
    /// This page was not served by a Waybill proxy, so there is none to go through.
    NoProxy,
    /// The proxy that served this page does not answer.
    ProxyDown,
    /// The proxy refused to relay, or could not reach the registry.
    ProxyRefused {
        /// The proxy's code, such as `ADDRESS_REFUSED`.
        code: String,
        /// The proxy's own words.
        message: String,
    },
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opaque => write!(f, "the browser got no readable answer"),
            Self::Offline => write!(f, "this browser is offline"),
            Self::TimedOut {
                seconds,
                received: None,
            } => write!(f, "no answer within {seconds} seconds"),
            Self::TimedOut {
                seconds,
                received: Some(received),
            } => {
                write!(
                    f,
                    "nothing more came for {seconds} seconds behind {received} bytes"
                )
            }
            Self::Redirected { .. } => write!(
                f,
                "the answer is a redirect, which is not followed for such a request"
            ),
            Self::BrokenBody { received } => {
                write!(f, "the answer broke off behind {received} bytes")
            }
            Self::Cancelled => write!(f, "cancelled"),
            Self::NoProxy => write!(f, "this page was not served by a waybill proxy"),
            Self::ProxyDown => write!(f, "the proxy that served this page does not answer"),
            Self::ProxyRefused { code, message } => {
                write!(f, "the proxy refused ({code}): {message}")
            }
        }
    }
}

impl std::error::Error for TransportError {}

/// Sends one request and reads the whole answer, up to the request's limit.
///
/// Native async with no `Send` bound, since a browser has one thread. An implementation
/// follows no rules of its own: it neither retries nor adds credentials. Redirects are
/// followed by the browser or the proxy where [`Request::follows_redirects`] says so, and
/// without `authorization` once the origin changes.
pub trait Transport {
    /// Sends `request`.
    #[allow(
        async_fn_in_trait,
        reason = "a browser has one thread, so no Send bound is wanted"
    )]
    async fn send(&self, request: Request) -> Result<Response, TransportError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method, purpose: Purpose, via: Via, length: usize) -> Request {
        Request {
            method,
            url: String::new(),
            headers: Vec::new(),
            body: vec![0; length],
            via,
            purpose,
            limit: 0,
        }
    }

    #[test]
    fn only_what_reads_from_a_registry_follows_redirects() {
        let follows =
            |method, purpose| request(method, purpose, Via::Direct, 0).follows_redirects();
        assert!(follows(Method::Get, Purpose::Registry));
        assert!(!follows(Method::Get, Purpose::Token));
        let at = |url: &str| {
            let read = request(Method::Get, Purpose::Registry, Via::Direct, 0);
            let url = url.to_owned();
            Request { url, ..read }.follows_redirects()
        };
        assert!(at("https://r.example/v2/a/referrers/manifests/1"));
        assert!(!at("https://r.example/v2/a/referrers/sha256:1?n=/"));
        for method in [Method::Head, Method::Post, Method::Patch, Method::Put] {
            assert!(!follows(method, Purpose::Registry), "{method:?}");
        }
    }

    #[test]
    fn an_upload_has_the_time_that_its_body_takes() {
        let seconds = |via, length| {
            let request = request(Method::Patch, Purpose::Registry, via, length);
            (request.seconds_to_answer(), request.idle_seconds())
        };
        assert_eq!(seconds(Via::Direct, 0), (30, 30));
        assert_eq!(seconds(Via::Proxy, 0), (60, 60));
        assert_eq!(seconds(Via::Direct, limits::PIECE_BYTES), (30 + 256, 30));
    }
}
