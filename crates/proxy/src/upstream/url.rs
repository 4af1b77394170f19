//! Addresses on upstream servers: scheme, judged host, path and query.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use waybill_core::registry::relay_path::is_plain_path;

use crate::upstream::authority::{Authority, HostError};

/// How to talk to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// TLS.
    Https,
    /// Plain text, only ever to a host that was named with `--allow http://…`.
    Http,
}

impl Scheme {
    fn text(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }

    /// Gives the port that is meant where none is written.
    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
        }
    }
}

impl FromStr for Scheme {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        match text.to_ascii_lowercase().as_str() {
            "https" => Ok(Self::Https),
            "http" => Ok(Self::Http),
            _ => Err(UrlError::Scheme),
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// An address on an upstream server, without a fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    scheme: Scheme,
    authority: Authority,
    path_and_query: String,
}

impl Url {
    /// Joins the parts of an address; `path_and_query` begins with `/`.
    #[must_use]
    pub fn new(scheme: Scheme, authority: Authority, path_and_query: impl Into<String>) -> Self {
        Self {
            scheme,
            authority,
            path_and_query: path_and_query.into(),
        }
    }

    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Host and port as written.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The path, with the query where there is one.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    #[must_use]
    pub fn path(&self) -> &str {
        self.path_and_query.split('?').next().unwrap_or_default()
    }

    /// The query, where there is one.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.path_and_query.split_once('?').map(|(_, query)| query)
    }

    /// Gives the port to dial: the one that is written, or the scheme's own.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.authority.port().unwrap_or(self.scheme.default_port())
    }

    /// Finds where a `Location` leads from here: a whole address, `//host/path` or `/path`. A fragment is dropped.
    ///
    /// A path without `/` in front is refused: no registry is known to send one. So is one with a segment that some
    /// server reads as `.` or `..`.
    pub fn follow(&self, location: &str) -> Result<Self, UrlError> {
        let location = location.split('#').next().unwrap_or_default();
        // Browsers read it as a slash, others do not.
        if location.contains('\\') {
            return Err(UrlError::Character);
        }
        let next = self.led_to(location)?;
        if is_plain_path(next.path()) {
            Ok(next)
        } else {
            Err(UrlError::DotSegment)
        }
    }

    fn led_to(&self, location: &str) -> Result<Self, UrlError> {
        if location.starts_with('/') && !location.starts_with("//") {
            return Ok(Self {
                path_and_query: location.to_owned(),
                ..self.clone()
            });
        }
        let (scheme, rest) = if let Some(rest) = location.strip_prefix("//") {
            (self.scheme, rest)
        } else {
            let (scheme, rest) = location.split_once("://").ok_or(UrlError::Relative)?;
            (scheme.parse()?, rest)
        };
        let path_start = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(path_start);
        let slash = if path.starts_with('/') { "" } else { "/" };
        let authority = authority.parse().map_err(UrlError::Host)?;
        Ok(Self {
            scheme,
            authority,
            path_and_query: [slash, path].concat(),
        })
    }

    /// Writes the address as the HTTP client takes it.
    pub fn to_uri(&self) -> Result<Uri, UrlError> {
        let Self {
            scheme,
            authority,
            path_and_query,
        } = self;
        // Not one `format!`: this is done for each request.
        let text = [scheme.text(), "://", &authority.to_string(), path_and_query].concat();
        Uri::try_from(text).map_err(|_| UrlError::Character)
    }
}

/// Why a text is not an address to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlError {
    /// Neither https nor http.
    Scheme,
    /// A path relative to the last one.
    Relative,
    /// A character that no address may hold.
    Character,
    /// A segment `.` or `..`, in whatever spelling.
    DotSegment,
    Host(HostError),
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme => write!(f, "the scheme is neither https nor http"),
            Self::Relative => write!(
                f,
                "the address is relative, it needs a scheme or a leading /"
            ),
            Self::Character => write!(f, "the address holds a character that it may not"),
            Self::DotSegment => write!(f, "a part of its path could be read as . or .. there"),
            Self::Host(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for UrlError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::new(
            Scheme::Https,
            "registry.example:5000".parse().expect("host"),
            "/v2/a/blobs/x",
        )
    }

    fn follow(location: &str) -> Result<String, String> {
        let url = base().follow(location).map_err(|error| error.to_string())?;
        url.to_uri()
            .map(|uri| uri.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_location_is_read_as_a_client_reads_it() {
        for (location, url) in [
            ("/other?a=b", "https://registry.example:5000/other?a=b"),
            ("//cdn.example/x", "https://cdn.example/x"),
            ("https://cdn.example", "https://cdn.example/"),
            (
                "https://cdn.example?sig=a%2Fb",
                "https://cdn.example/?sig=a%2Fb",
            ),
            ("HTTPS://CDN.example/x#part", "https://cdn.example/x"),
            ("http://10.0.0.5:5000/x", "http://10.0.0.5:5000/x"),
            // As the storage of two large registries has it.
            (
                "https://cdn.example/1f-x///docker/blobs/o%2Fx?sig=a/../b",
                "https://cdn.example/1f-x///docker/blobs/o%2Fx?sig=a/../b",
            ),
        ] {
            assert_eq!(follow(location).as_deref(), Ok(url));
        }
    }

    #[test]
    fn a_location_that_could_be_read_in_two_ways_is_refused() {
        for (location, reason) in [
            (
                "ftp://cdn.example/x",
                "the scheme is neither https nor http",
            ),
            (
                "other",
                "the address is relative, it needs a scheme or a leading /",
            ),
            (
                "",
                "the address is relative, it needs a scheme or a leading /",
            ),
            ("/a b", "the address holds a character that it may not"),
            (
                "https://user:secret@cdn.example/",
                "the host holds a user, which is never relayed",
            ),
            (
                "https://cdn.example\\@10.0.0.5/",
                "the address holds a character that it may not",
            ),
            (
                "/a/../b",
                "a part of its path could be read as . or .. there",
            ),
            (
                "/a/..//b",
                "a part of its path could be read as . or .. there",
            ),
            (
                "//cdn.example/%252e%252e/b",
                "a part of its path could be read as . or .. there",
            ),
            (
                "https://cdn.example/a/..;x/b?c",
                "a part of its path could be read as . or .. there",
            ),
            (
                "https://cdn.example/%c0%ae%c0%ae/b",
                "a part of its path could be read as . or .. there",
            ),
        ] {
            assert_eq!(follow(location), Err(reason.to_owned()), "{location}");
        }
        assert!(follow("https://127.1/x").is_err_and(|error| error.contains("odd spelling")));
    }
}
