//! What the person who starts the proxy decides.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::authority::{Authority, HostError};
use crate::forwarded::Trusted;
use crate::log::Log;
use crate::url::{Scheme, Url};

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen. For [`app`](crate::app), the port must be the real one: it is part of the proxy's own names.
    pub listen: SocketAddr,
    /// The folder of the built page; where there is none, the page is the one inside the program.
    pub dist: Option<PathBuf>,
    /// Registries that may be reached although their address is private.
    pub allow: Vec<Allowed>,
    /// Whether requests that write are relayed.
    pub push: bool,
    /// Names that this proxy answers to besides the address it listens on.
    pub hosts: Vec<Authority>,
    /// How requests are logged.
    pub log: Log,
    /// Where to show the counters, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// Front servers whose `X-Forwarded-For` is believed.
    pub trusted: Vec<Trusted>,
    /// The certificate to serve https with; plain http without.
    pub tls: Option<TlsFiles>,
    /// Sizes, rates and times.
    pub limits: Limits,
}

impl Config {
    /// Whether nobody is served but this machine: it listens on loopback, under no other name and behind no front
    /// server.
    #[must_use]
    pub fn serves_this_machine(&self) -> bool {
        self.listen.ip().to_canonical().is_loopback()
            && self.hosts.is_empty()
            && self.trusted.is_empty()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            dist: None,
            allow: Vec::new(),
            push: false,
            hosts: Vec::new(),
            log: Log::default(),
            metrics: None,
            trusted: Vec::new(),
            tls: None,
            limits: Limits::default(),
        }
    }
}

/// Where a certificate is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and those of the authorities between, in PEM.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// How long, how much and how often.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For a client to send the head of a request, and for a connection to stay open without one.
    pub client_head: Duration,
    /// For a client to take the next bytes of an answer or send the next of a request.
    pub client_idle: Duration,
    /// The slowest client that is waited for, in bytes a second in either direction, whenever `client_idle` was spent
    /// waiting. Far below a bad line of a phone.
    pub client_slowest: u64,
    /// For looking up, connecting and the TLS handshake together.
    pub connect: Duration,
    /// For the head of an answer.
    pub head: Duration,
    /// For the next bytes of an answer.
    pub idle: Duration,
    /// The slowest upstream that is waited for, in bytes a second, whenever `idle` was spent waiting.
    pub slowest: u64,
    /// The largest blob in either direction, in bytes.
    pub blob: u64,
    /// Open requests of one client.
    pub open: u32,
    /// Requests of one client in a burst.
    pub burst: u32,
    /// Requests of one client a second, in the long run.
    pub rate: u32,
    /// Open connections of all clients together. The last eighth is kept for clients who have none.
    pub connections: usize,
    /// Open connections of one client.
    pub client_connections: usize,
    /// For open requests to finish when the proxy is stopped.
    pub shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            client_head: Duration::from_secs(15),
            client_idle: Duration::from_mins(1),
            client_slowest: 1024,
            connect: Duration::from_secs(10),
            head: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            slowest: 1024,
            blob: 32 * 1024 * 1024 * 1024,
            open: 64,
            burst: 1_000,
            rate: 100,
            connections: 1_024,
            client_connections: 256,
            shutdown: Duration::from_secs(30),
        }
    }
}

/// A registry named with `--allow`: its address may be private.
///
/// `HOST:PORT` and `https://HOST:PORT` are reached over https; only `http://HOST:PORT` is reached over plain http
/// (and over https too, for a registry that was moved). Without a port it is the scheme's own.
///
/// ```
/// use waybill_proxy::config::Allowed;
///
/// let allowed: Allowed = "http://localhost:5000".parse()?;
/// assert_eq!(allowed.to_string(), "http://localhost:5000");
/// # Ok::<(), waybill_proxy::config::AllowedError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    url: Url,
}

impl Allowed {
    /// Whether this names the host and port of `url`, and allows its scheme.
    #[must_use]
    pub fn permits(&self, url: &Url) -> bool {
        let scheme = self.url.scheme() == Scheme::Http || url.scheme() == Scheme::Https;
        scheme
            && self.url.authority().host() == url.authority().host()
            && self.url.port() == url.port()
    }
}

impl FromStr for Allowed {
    type Err = AllowedError;

    fn from_str(text: &str) -> Result<Self, AllowedError> {
        let (scheme, authority) = match text.split_once("://") {
            Some((scheme, rest)) => (scheme.parse().map_err(|_| AllowedError::Scheme)?, rest),
            None => (Scheme::Https, text),
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        if authority.contains(['/', '?', '#']) {
            return Err(AllowedError::Path);
        }
        let authority = authority.parse().map_err(AllowedError::Host)?;
        Ok(Self {
            url: Url::new(scheme, authority, "/"),
        })
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.url.scheme(), self.url.authority())
    }
}

/// Why a text does not name a registry to allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedError {
    /// Neither https nor http.
    Scheme,
    /// More than a host and a port.
    Path,
    /// The host.
    Host(HostError),
}

impl fmt::Display for AllowedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme => write!(f, "the scheme is neither https nor http"),
            Self::Path => write!(f, "only host and port can be allowed, without a path"),
            Self::Host(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AllowedError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(allowed: &str, scheme: Scheme, authority: &str) -> bool {
        let url = Url::new(scheme, authority.parse().expect("host"), "/v2/");
        allowed.parse::<Allowed>().expect("allowed").permits(&url)
    }

    #[test]
    fn plain_http_is_allowed_only_where_it_is_written() {
        assert!(permits("10.0.0.5:5000", Scheme::Https, "10.0.0.5:5000"));
        assert!(!permits("10.0.0.5:5000", Scheme::Http, "10.0.0.5:5000"));
        assert!(permits(
            "http://10.0.0.5:5000",
            Scheme::Http,
            "10.0.0.5:5000"
        ));
        assert!(permits(
            "http://10.0.0.5:5000",
            Scheme::Https,
            "10.0.0.5:5000"
        ));
        assert!(!permits(
            "https://10.0.0.5:5000/",
            Scheme::Http,
            "10.0.0.5:5000"
        ));
    }

    #[test]
    fn only_the_named_host_and_port_are_allowed() {
        assert!(permits("Registry.lan", Scheme::Https, "registry.lan:443"));
        assert!(permits("http://registry.lan", Scheme::Http, "registry.lan"));
        assert!(!permits(
            "http://registry.lan",
            Scheme::Http,
            "registry.lan:5000"
        ));
        assert!(!permits("registry.lan", Scheme::Https, "other.lan"));
        assert!(!permits("registry.lan", Scheme::Https, "a.registry.lan"));
        assert!(permits("[fd00::1]:5000", Scheme::Https, "[fd00:0::1]:5000"));
    }

    #[test]
    fn errors_say_what_can_be_allowed() {
        let error = |text: &str| text.parse::<Allowed>().expect_err(text).to_string();
        assert_eq!(
            error("ftp://registry.lan"),
            "the scheme is neither https nor http"
        );
        assert_eq!(
            error("registry.lan/v2/"),
            "only host and port can be allowed, without a path"
        );
        assert!(error("127.1:5000").contains("odd spelling"));
    }
}
