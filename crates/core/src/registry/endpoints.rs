//! The addresses of the registry API: where a registry answers, and what it serves there.
//!
//! [`Origin`] is the middle of it. It is compared wherever credentials or bytes could go to a
//! wrong place, so its members are in one spelling: the host in lower case, the port always a
//! number. `https://R.example:443/v2/` and `https://r.example` have the same one.
//!
//! Source: OCI distribution specification 1.1, "Endpoints".

use std::fmt;

use crate::digest::Digest;
use crate::reference::{RegistryHost, RepositoryPath, Target};

/// Scheme, host and port of an address: what decides whether two addresses are the same place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Whether the scheme is https; otherwise it is http.
    pub https: bool,
    /// The host in lower case; IPv6 in brackets.
    pub host: String,
    /// The port, also where it is the scheme's own.
    pub port: u16,
}

impl Origin {
    /// Where the API of a registry answers.
    ///
    /// It is http where the person says so, and on a loopback host (as Docker does) on any
    /// port but 443.
    ///
    /// ```
    /// use waybill_core::registry::endpoints::Origin;
    ///
    /// let shown = |host: &str, plain_http| Ok::<_, waybill_core::reference::ReferenceError>(
    ///     Origin::from_host(&host.parse()?, plain_http).to_string(),
    /// );
    /// assert_eq!(shown("docker.io", false)?, "https://registry-1.docker.io");
    /// assert_eq!(shown("localhost:5000", false)?, "http://localhost:5000");
    /// assert_eq!(shown("registry.lan", true)?, "http://registry.lan");
    /// # Ok::<(), waybill_core::reference::ReferenceError>(())
    /// ```
    #[must_use]
    pub fn from_host(host: &RegistryHost, plain_http: bool) -> Self {
        let https = !plain_http && (!host.is_loopback() || host.port() == Some(443));
        Self::new(https, host.api_authority())
    }

    /// The origin of an absolute address; `None` where it has none, or a user in front of the host.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        authority.parse::<RegistryHost>().ok()?;
        match scheme {
            "https" => Some(Self::new(true, authority)),
            "http" => Some(Self::new(false, authority)),
            _ => None,
        }
    }

    /// Takes host and port apart. A colon inside of brackets belongs to an IPv6 address;
    /// without a port it is the scheme's own.
    fn new(https: bool, authority: &str) -> Self {
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
            _ => (authority, None),
        };
        Self {
            https,
            host: host.to_ascii_lowercase(),
            port: port.unwrap_or(if https { 443 } else { 80 }),
        }
    }

    /// The host, with the port where it is not the scheme's own.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.port == if self.https { 443 } else { 80 } {
            self.host.clone()
        } else {
            [&self.host, ":", &self.port.to_string()].concat()
        }
    }

    /// The same, with the scheme where that is http: what a person is asked to trust.
    #[must_use]
    pub fn named(&self) -> String {
        if self.https {
            self.authority()
        } else {
            self.to_string()
        }
    }

    /// The address that tells whether a registry answers, and how it wants to be asked.
    #[must_use]
    pub fn base(&self) -> String {
        [&self.to_string(), "/v2/"].concat()
    }

    /// The address of a manifest.
    #[must_use]
    pub fn manifest(&self, repository: &RepositoryPath, target: &Target) -> String {
        let target = match target {
            Target::Tag(tag) => tag.as_str(),
            Target::Digest(digest) => digest.as_str(),
        };
        [
            &self.to_string(),
            "/v2/",
            repository.as_str(),
            "/manifests/",
            target,
        ]
        .concat()
    }

    /// The address of a blob.
    #[must_use]
    pub fn blob(&self, repository: &RepositoryPath, digest: &Digest) -> String {
        [
            &self.to_string(),
            "/v2/",
            repository.as_str(),
            "/blobs/",
            digest.as_str(),
        ]
        .concat()
    }

    /// The address of the manifests that refer to one.
    #[must_use]
    pub fn referrers(&self, repository: &RepositoryPath, digest: &Digest) -> String {
        [
            &self.to_string(),
            "/v2/",
            repository.as_str(),
            "/referrers/",
            digest.as_str(),
        ]
        .concat()
    }

    /// The address of the tags of a repository.
    #[must_use]
    pub fn tags(&self, repository: &RepositoryPath) -> String {
        [&self.to_string(), "/v2/", repository.as_str(), "/tags/list"].concat()
    }

    /// The address of the names of all repositories.
    #[must_use]
    pub fn catalog(&self) -> String {
        [&self.to_string(), "/v2/_catalog"].concat()
    }

    /// The address that begins an upload.
    #[must_use]
    pub fn uploads(&self, repository: &RepositoryPath) -> String {
        [
            &self.to_string(),
            "/v2/",
            repository.as_str(),
            "/blobs/uploads/",
        ]
        .concat()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.https { "https://" } else { "http://" })?;
        f.write_str(&self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_compared_not_its_spelling() {
        let shown = |url| Origin::parse(url).map(|origin| origin.to_string());
        assert_eq!(
            shown("https://R.example:443/v2/"),
            Some("https://r.example".into())
        );
        assert_eq!(
            shown("http://r.example:443?x"),
            Some("http://r.example:443".into())
        );
        assert_eq!(shown("http://[::1]:80"), Some("http://[::1]".into()));
        assert_eq!(
            shown("https://[::1]:5000/"),
            Some("https://[::1]:5000".into())
        );
        for url in [
            "",
            "r.example",
            "ftp://r.example",
            "https://",
            "https://u@r.example",
            "https://a b/",
            "https:/r/",
        ] {
            assert_eq!(shown(url), None, "{url}");
        }
    }

    #[test]
    fn a_loopback_registry_speaks_http_but_on_443() {
        let shown =
            |host: &str| Origin::from_host(&host.parse().expect("a host"), false).to_string();
        assert_eq!(shown("127.0.0.1:5000"), "http://127.0.0.1:5000");
        assert_eq!(shown("localhost:443"), "https://localhost");
        assert_eq!(shown("[::1]:5000"), "http://[::1]:5000");
        assert_eq!(shown("192.168.1.4:5000"), "https://192.168.1.4:5000");
    }
}
