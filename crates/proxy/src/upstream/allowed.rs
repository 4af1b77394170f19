//! Registries that may be reached although their address is private.

use std::fmt;
use std::str::FromStr;

use crate::upstream::authority::HostError;
use crate::upstream::url::{Scheme, Url};

/// A registry named with `--allow`: its address may be private.
///
/// `HOST:PORT` and `https://HOST:PORT` are reached over https; only `http://HOST:PORT` is reached over plain http
/// (and over https too, for a registry that was moved). Without a port it is the scheme's own.
///
/// ```
/// use waybill_proxy::Allowed;
///
/// let allowed: Allowed = "http://localhost:5000".parse()?;
/// assert_eq!(allowed.to_string(), "http://localhost:5000");
/// # Ok::<(), waybill_proxy::AllowedError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    url: Url,
}

impl Allowed {
    /// Tells whether this names the host and port of `url`, and allows its scheme.
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
    /// The host is none that may be reached.
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
