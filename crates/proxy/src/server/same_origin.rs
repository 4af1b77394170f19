//! Whether a request is meant for this proxy and comes from its own page.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Request};

use crate::config::settings::Config;
use crate::upstream::authority::{Authority, Host};

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
static SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// The names that this proxy answers to.
///
/// A page on another site can make its own name lead to this machine (DNS rebinding); the browser then takes that
/// site and this proxy for one origin, but still sends the site's name as `Host`.
#[derive(Clone, Debug)]
pub(crate) struct OwnNames {
    /// In lower case, as a browser writes them.
    listening: Vec<String>,
    /// Given with `--host`.
    named: Vec<String>,
    /// Whether this proxy speaks https itself.
    https: bool,
}

impl OwnNames {
    /// Collects the loopback names and the address listened on, with the port, and whatever was given with `--host`.
    #[must_use]
    pub(crate) fn new(config: &Config) -> Self {
        let port = config.listen.port();
        let spell = |host: Host| spellings(&Authority::with_port(host, port));
        let mut listening = spell(Host::Name("localhost".to_owned()));
        for address in [
            Ipv4Addr::LOCALHOST.into(),
            Ipv6Addr::LOCALHOST.into(),
            config.listen.ip(),
        ] {
            if !address.is_unspecified() {
                listening.extend(spell(Host::Address(address)));
            }
        }
        let with_port = |host: &Authority| match host.port() {
            Some(_) => spellings(host),
            None => [
                vec![host.to_string()],
                spellings(&Authority::with_port(host.host().clone(), port)),
            ]
            .concat(),
        };
        Self {
            listening,
            named: config.hosts.iter().flat_map(with_port).collect(),
            https: config.tls.is_some(),
        }
    }

    /// Checks `Host`, for every request.
    pub(crate) fn check_host<B>(&self, request: &Request<B>) -> Result<(), SameOriginError> {
        let mut hosts = request.headers().get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(SameOriginError::HostMissing);
        };
        if request.uri().authority().is_some() {
            return Err(SameOriginError::AbsoluteForm);
        }
        let known = self
            .listening
            .iter()
            .chain(&self.named)
            .any(|name| is_same(name, host.as_bytes()));
        if known {
            Ok(())
        } else {
            Err(SameOriginError::Host {
                found: text(host.as_bytes()),
            })
        }
    }

    /// Checks `Origin`, `Sec-Fetch-Site` and `Sec-Fetch-Dest`, for requests that only our page may make, and only with
    /// `fetch`: never for a script, a style, a frame. Call after `check_host`.
    ///
    /// Old browsers, and all of them on plain http away from this machine, send none of them with a GET.
    pub(crate) fn check_page(&self, headers: &HeaderMap) -> Result<(), SameOriginError> {
        for site in headers.get_all(&SEC_FETCH_SITE) {
            if site != "same-origin" {
                return Err(SameOriginError::Site {
                    found: text(site.as_bytes()),
                });
            }
        }
        for destination in headers.get_all(&SEC_FETCH_DEST) {
            if destination != "empty" {
                return Err(SameOriginError::Destination {
                    found: text(destination.as_bytes()),
                });
            }
        }
        for origin in headers.get_all(ORIGIN) {
            let host = headers
                .get(HOST)
                .map(HeaderValue::as_bytes)
                .unwrap_or_default();
            let (scheme, rest) = origin
                .to_str()
                .ok()
                .and_then(|origin| origin.split_once("://"))
                .unwrap_or_default();
            let is_ours = match scheme {
                "http" => !self.https,
                // A front server may speak https for us.
                "https" => self.https || self.named.iter().any(|name| is_same(name, host)),
                _ => false,
            };
            if !is_ours || !is_same(rest, host) {
                return Err(SameOriginError::Origin {
                    found: text(origin.as_bytes()),
                });
            }
        }
        Ok(())
    }
}

/// Spells the authority as a browser does: also without the port where it is one of http's or https's own.
fn spellings(authority: &Authority) -> Vec<String> {
    let mut spellings = vec![authority.to_string()];
    if matches!(authority.port(), Some(80 | 443)) {
        spellings.extend(
            authority
                .to_string()
                .rsplit_once(':')
                .map(|(host, _)| host.to_owned()),
        );
    }
    spellings
}

fn is_same(name: &str, found: &[u8]) -> bool {
    found.eq_ignore_ascii_case(name.as_bytes())
}

/// Shortens a header's value for an error.
fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value)
        .chars()
        .take(100)
        .collect::<String>()
        .to_ascii_lowercase()
}

/// Why a request is not for this proxy, or not from its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SameOriginError {
    /// There is no `Host`, or more than one.
    HostMissing,
    /// The request line holds a whole address, as for a forward proxy.
    AbsoluteForm,
    /// `Host` is none of ours.
    Host { found: String },
    /// `Origin` is not ours.
    Origin { found: String },
    /// `Sec-Fetch-Dest` is not `empty`.
    Destination { found: String },
    /// `Sec-Fetch-Site` is not `same-origin`.
    Site { found: String },
}

impl fmt::Display for SameOriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HostMissing => write!(f, "the request needs one Host header"),
            Self::AbsoluteForm => write!(
                f,
                "the request line must hold a path, this is no forward proxy"
            ),
            Self::Host { found } => write!(
                f,
                "this proxy does not answer to the name {found:?}; start it with --host {} if it is its name",
                found.split(':').next().unwrap_or_default()
            ),
            Self::Origin { found } => write!(
                f,
                "only the page of this proxy may use it, not one from {found:?}"
            ),
            Self::Destination { found } => {
                write!(
                    f,
                    "what is relayed is read by the page's program only, never loaded as {found:?}"
                )
            }
            Self::Site { found } => write!(
                f,
                "only the page of this proxy may use it, this request is {found:?}"
            ),
        }
    }
}

impl std::error::Error for SameOriginError {}
