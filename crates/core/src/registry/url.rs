//! The addresses of the registry API, and their form on the proxy.

use std::fmt;

use super::transport::Purpose;
use crate::digest::Digest;
use crate::reference::{RegistryHost, RepositoryPath, Target};

// The addresses of the registry API.

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
    /// It is http where the person says so, and on a loopback host (as Docker does) on any port but 443.
    ///
    /// ```
    /// use waybill_core::registry::url::Origin;
    ///
    /// let shown = |host: &str, plain_http| Ok::<_, waybill_core::reference::ReferenceError>(
    ///     Origin::of(&host.parse()?, plain_http).to_string(),
    /// );
    /// assert_eq!(shown("docker.io", false)?, "https://registry-1.docker.io");
    /// assert_eq!(shown("localhost:5000", false)?, "http://localhost:5000");
    /// assert_eq!(shown("registry.lan", true)?, "http://registry.lan");
    /// # Ok::<(), waybill_core::reference::ReferenceError>(())
    /// ```
    #[must_use]
    pub fn of(host: &RegistryHost, plain_http: bool) -> Self {
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

/// The absolute address that a `Location` header means in the answer to a request for `base`.
///
/// `None` where that is not an http or https address that a browser and the proxy would read as it stands.
///
/// ```
/// use waybill_core::registry::url::resolve;
///
/// let resolved = |location| resolve("https://r.example/v2/a/blobs/uploads/", location);
/// assert_eq!(resolved("/v2/a/blobs/uploads/1?x=y").as_deref(), Some("https://r.example/v2/a/blobs/uploads/1?x=y"));
/// assert_eq!(resolved("http://other.example/1").as_deref(), Some("http://other.example/1"));
/// assert_eq!(resolved("1").as_deref(), Some("https://r.example/v2/a/blobs/uploads/1"));
/// ```
#[must_use]
pub fn resolve(base: &str, location: &str) -> Option<String> {
    let is_kept =
        |url: &String| Origin::parse(url).is_some() && relay_path(url, Purpose::Registry).is_some();
    absolute(base, location).filter(is_kept)
}

/// The absolute address that `reference` means in the answer to a request for `base`, whatever address that is.
///
/// Source: RFC 3986, section 5.2, without dot segments.
pub(super) fn absolute(base: &str, reference: &str) -> Option<String> {
    let base = base.split(['?', '#']).next()?;
    let (scheme, rest) = base.split_once("://")?;
    let path = rest.find('/').unwrap_or(rest.len());
    let scheme_given = reference.split(['/', '?', '#']).next()?.contains(':');
    Some(if scheme_given {
        reference.to_owned()
    } else if reference.starts_with("//") {
        [scheme, ":", reference].concat()
    } else if reference.starts_with('/') {
        [scheme, "://", rest.split_at(path).0, reference].concat()
    } else if reference.starts_with('?') {
        [base, reference].concat()
    } else {
        [
            scheme,
            "://",
            rest.rsplit_once('/').map_or(rest, |(folder, _)| folder),
            "/",
            reference,
        ]
        .concat()
    })
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.https { "https://" } else { "http://" })?;
        f.write_str(&self.authority())
    }
}

#[cfg(test)]
mod origin_tests {
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
    fn a_location_is_resolved_or_is_none() {
        let base = "http://r.example:5000/v2/a/blobs/uploads/?mount=x&from=b/c";
        for (location, expected) in [
            (
                "?state=1",
                "http://r.example:5000/v2/a/blobs/uploads/?state=1",
            ),
            (
                "abc?x=a:b/c",
                "http://r.example:5000/v2/a/blobs/uploads/abc?x=a:b/c",
            ),
            ("//other.example/x", "http://other.example/x"),
            ("https://r.example:5000/x", "https://r.example:5000/x"),
        ] {
            assert_eq!(
                resolve(base, location).as_deref(),
                Some(expected),
                "{location}"
            );
        }
        for location in [
            "javascript:alert(1)",
            "https://u:p@r.example/",
            "/../x",
            "/a b",
            "/x#y",
            "ftp://r.example/",
        ] {
            assert_eq!(resolve(base, location), None, "{location}");
        }
    }

    #[test]
    fn a_loopback_registry_speaks_http_but_on_443() {
        let shown = |host: &str| Origin::of(&host.parse().expect("a host"), false).to_string();
        assert_eq!(shown("127.0.0.1:5000"), "http://127.0.0.1:5000");
        assert_eq!(shown("localhost:443"), "https://localhost");
        assert_eq!(shown("[::1]:5000"), "http://[::1]:5000");
        assert_eq!(shown("192.168.1.4:5000"), "https://192.168.1.4:5000");
    }
}

// The form on the proxy.

/// The path below which the proxy relays registry requests: `/relay/https/HOST/v2/…`.
pub const RELAY_PREFIX: &str = "/relay/";

/// The path below which the proxy relays token requests: `/token/https/HOST/…`.
pub const TOKEN_PREFIX: &str = "/token/";

/// The header that tells an answer relayed from a registry (`relayed`) from the proxy's own word (`refused`).
///
/// An answer without it was not given by a Waybill proxy.
pub const RELAY_HEADER: &str = "waybill-relay";

/// The value of [`RELAY_HEADER`] on an answer that came from upstream.
pub const RELAYED: &str = "relayed";

/// The value of [`RELAY_HEADER`] on the proxy's own refusals; the body is the registry API's error JSON.
pub const REFUSED: &str = "refused";

/// The path on the proxy that stands for an absolute address: `PREFIX SCHEME / AUTHORITY PATH ? QUERY`.
///
/// Nothing is escaped or changed but an empty path, which becomes `/`. `None` where the address cannot keep its
/// meaning on the way: another scheme than http and https, no host, a user, a fragment, a segment that somebody reads
/// as `.` or `..` ([`is_plain_path`]), or a character that a browser would rewrite.
///
/// ```
/// use waybill_core::registry::transport::Purpose;
/// use waybill_core::registry::url::relay_path;
///
/// let manifest = "https://registry-1.docker.io/v2/library/nginx/manifests/1.27";
/// assert_eq!(
///     relay_path(manifest, Purpose::Registry).as_deref(),
///     Some("/relay/https/registry-1.docker.io/v2/library/nginx/manifests/1.27")
/// );
/// let token = "https://auth.docker.io/token?service=registry.docker.io";
/// assert_eq!(
///     relay_path(token, Purpose::Token).as_deref(),
///     Some("/token/https/auth.docker.io/token?service=registry.docker.io")
/// );
/// assert_eq!(relay_path("https://host/v2/../x", Purpose::Registry), None);
/// ```
#[must_use]
pub fn relay_path(url: &str, purpose: Purpose) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let path_start = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path_and_query) = rest.split_at(path_start);
    let slash = if path_and_query.starts_with('/') {
        ""
    } else {
        "/"
    };
    let path = [
        prefix(purpose),
        scheme,
        "/",
        authority,
        slash,
        path_and_query,
    ]
    .concat();
    RelayTarget::parse(&path).is_some().then_some(path)
}

fn prefix(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Registry => RELAY_PREFIX,
        Purpose::Token => TOKEN_PREFIX,
    }
}

/// What a path on the proxy asks for: the opposite of [`relay_path`].
///
/// This is the form only: whether the authority is spelled well and may be reached, and whether the path has a
/// shape that is relayed, is for the proxy to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayTarget<'a> {
    /// Which prefix it was below.
    pub purpose: Purpose,
    /// `https` or `http`.
    pub scheme: &'a str,
    /// Host and, where written, port.
    pub authority: &'a str,
    /// What to ask for there; begins with `/`.
    pub path_and_query: &'a str,
}

impl<'a> RelayTarget<'a> {
    /// Reads the path and query of a request to the proxy; `None` where it has not that form.
    ///
    /// ```
    /// use waybill_core::registry::url::RelayTarget;
    ///
    /// let target = RelayTarget::parse("/relay/http/localhost:5000/v2/alpine/tags/list?n=100").expect("this form");
    /// assert_eq!((target.scheme, target.authority), ("http", "localhost:5000"));
    /// assert_eq!(target.path_and_query, "/v2/alpine/tags/list?n=100");
    /// ```
    #[must_use]
    pub fn parse(path_and_query: &'a str) -> Option<Self> {
        let (purpose, rest) = [Purpose::Registry, Purpose::Token]
            .into_iter()
            .find_map(|purpose| Some((purpose, path_and_query.strip_prefix(prefix(purpose))?)))?;
        let (scheme, rest) = rest.split_once('/')?;
        let (authority, path_and_query) = rest.split_at(rest.find('/')?);
        let path = path_and_query.split('?').next()?;
        // All that is printed but `"#<>\^`{|}`.
        let is_kept = |b: u8| matches!(b, b'a'..=b'z' | b'$'..=b';' | b'?'..=b'[' | b'!' | b'=' | b']' | b'_' | b'~');
        let stays = matches!(scheme, "https" | "http")
            && !authority.is_empty()
            && !authority.contains(['@', '?'])
            && rest.bytes().all(is_kept)
            && is_plain_path(path);
        stays.then_some(Self {
            purpose,
            scheme,
            authority,
            path_and_query,
        })
    }
}

/// Whether every server reads the segments of the path as they stand: none could be `.` or `..` to it, in whatever
/// spelling.
///
/// Some decode more than once; some drop what follows a `;`, and the dots at the end of a name; some read a backslash
/// as a slash, and overlong, full-width or `%u002e` dots as dots. So no decoded path holds anything but printed ASCII.
///
/// ```
/// use waybill_core::registry::url::is_plain_path;
///
/// assert!(is_plain_path("/v2/a/blobs/uploads/1.2%3D"));
/// for path in ["/a/../b", "/a/%2E./b", "/a/%252e%252e/b", "/a/..;x/b", "/a/%c0%ae/b"] {
///     assert!(!is_plain_path(path));
/// }
/// ```
#[must_use]
pub fn is_plain_path(path: &str) -> bool {
    let mut decoded = path.as_bytes().to_vec();
    for _ in 0..DECODED_AT_MOST {
        match decoded_once(&decoded) {
            Some(again) => decoded = again,
            None => return holds_plain_segments(&decoded),
        }
    }
    false
}

/// How often a path is decoded, the last time in vain: each time takes as long as the path is.
const DECODED_AT_MOST: usize = 4;

fn holds_plain_segments(decoded: &[u8]) -> bool {
    let is_dot_segment = |segment: &[u8]| {
        let name = segment.split(|b| *b == b';').next().unwrap_or_default();
        !segment.is_empty() && name.iter().all(|b| *b == b'.')
    };
    decoded.iter().all(|b| matches!(b, b' '..=b'~'))
        && !decoded
            .windows(2)
            .any(|pair| pair.eq_ignore_ascii_case(b"%u"))
        && !decoded.split(|b| b"/\\?# ".contains(b)).any(is_dot_segment)
}

/// The text with its percent-encoding taken off once; `None` where it has none.
fn decoded_once(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |at: usize| {
        text.get(at)
            .and_then(|b| char::from(*b).to_digit(16))
            .and_then(|d| u8::try_from(d).ok())
    };
    let mut decoded = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if let (b'%', Some(high), Some(low)) = (byte, digit(at + 1), digit(at + 2)) {
            decoded.push(high << 4 | low);
            at += 3;
        } else {
            decoded.push(*byte);
            at += 1;
        }
    }
    (decoded.len() < text.len()).then_some(decoded)
}

#[cfg(test)]
mod relay_tests {
    use super::*;

    #[test]
    fn a_path_on_the_proxy_says_what_the_address_said() {
        for (url, purpose, path) in [
            (
                "https://r.example/v2/",
                Purpose::Registry,
                "/relay/https/r.example/v2/",
            ),
            (
                "http://[::1]:5000/v2/a/tags/list",
                Purpose::Registry,
                "/relay/http/[::1]:5000/v2/a/tags/list",
            ),
            (
                "https://a.example?service=x",
                Purpose::Token,
                "/token/https/a.example/?service=x",
            ),
            (
                "https://a.example",
                Purpose::Token,
                "/token/https/a.example/",
            ),
            (
                "https://a.example/token?scope=repository%3Aa%2Fb%3Apull&x=../y",
                Purpose::Token,
                "/token/https/a.example/token?scope=repository%3Aa%2Fb%3Apull&x=../y",
            ),
        ] {
            assert_eq!(relay_path(url, purpose).as_deref(), Some(path));
            let target = RelayTarget::parse(path).expect("this form");
            let again = format!(
                "{}://{}{}",
                target.scheme, target.authority, target.path_and_query
            );
            assert_eq!(relay_path(&again, target.purpose).as_deref(), Some(path));
        }
    }

    #[test]
    fn an_address_that_would_change_on_the_way_has_no_path() {
        for url in [
            "",
            "registry.example/v2/",
            "ftp://registry.example/v2/",
            "HTTPS://registry.example/v2/",
            "https:///v2/",
            "https://user:secret@registry.example/v2/",
            "https://registry.example/v2/#x",
            "https://registry.example/v2/./x",
            "https://registry.example/v2/../x",
            "https://registry.example/v2/%2E%2e/x",
            "https://registry.example/v2/..",
            "https://registry.example/v2\\x",
            "https://registry.example/v2/a b",
            "https://registry.example/v2/\u{e9}",
        ] {
            assert_eq!(relay_path(url, Purpose::Registry), None, "{url}");
        }
    }

    #[test]
    fn every_spelling_of_a_dot_segment_is_refused() {
        let dots = [
            ".",
            "..",
            "...",
            "....",
            "%2e",
            "%2E",
            "%2e%2e",
            ".%2e",
            "%2E.",
            "%252e",
            "%252E%252e",
            ".%252e",
            "%25252e",
            "%2525252e%2525252e",
            "%25%32%65",
            ";",
            ".;",
            "..;",
            ";x",
            "..;x",
            "..;x=y;z",
            "%2e%2e;",
            "%2e%2e;x",
            "..%3b",
            "..%3Bx",
            "%3b",
            "..%253b",
            "%c0%ae",
            "%c0%ae%c0%ae",
            ".%c0%ae",
            "%e0%80%ae",
            "%f0%80%80%ae",
            "%f8%80%80%80%ae",
            "%C0%AE.",
            "%25c0%25ae",
            "x%c0%af..",
            "%ef%bc%8e%ef%bc%8e",
            "%e2%80%a4",
            "%e2%80%a5",
            "%ef%b9%92",
            "x%ef%bc%8f..%ef%bc%8fx",
            "%u002e%u002e",
            "%uff0e",
            "%U002E.",
            "%%32%65",
            "..%00",
            "..%00x",
            "%00..",
            "..%09",
            "..%0a",
            "..%0d%0a",
            "..%7f",
            "..%20",
            "%20..",
            "..%23",
            "..%3fx",
            "..%253fx",
            "x%2f..",
            "..%2f",
            "x%2F%2e%2e%2Fx",
            "x%252f..",
            "x%5c..",
            "..%5c",
            "..%5Cx",
            "x%255c..%255cx",
            ".%2f",
            "x\\..",
            "..\\",
            "\u{ff0e}\u{ff0e}",
            "x\u{2215}..",
        ];
        for dots in dots {
            for path in [
                format!("/{dots}"),
                format!("/{dots}/x"),
                format!("/a/{dots}/x"),
                format!("/v2/a/{dots}"),
            ] {
                assert!(!is_plain_path(&path), "{path}");
                for purpose in [Purpose::Registry, Purpose::Token] {
                    assert_eq!(
                        relay_path(&format!("https://r.example{path}"), purpose),
                        None,
                        "{path}"
                    );
                }
                assert_eq!(
                    resolve("https://r.example/v2/a/blobs/uploads/", &path),
                    None,
                    "{path}"
                );
            }
        }
        for path in [
            "/",
            "//x",
            "/a..b/.c/d.",
            "/x;y=..",
            "/a%3D%2B",
            "/a%20b",
            "/a%2Fb",
            "/a%25",
            "/%",
            "/a%zz",
            "/-._~:@!$&'()*+,=",
        ] {
            assert!(is_plain_path(path), "{path}");
        }
        assert!(
            !is_plain_path(&["/%", &"25".repeat(30_000), "2e"].concat()),
            "and soon so"
        );
    }

    #[test]
    fn only_the_two_prefixes_are_targets() {
        for path in [
            "/",
            "/relay",
            "/relay/",
            "/relay/https",
            "/relay/https/r.example",
            "/index.html",
            "/relay//r/v2/",
        ] {
            assert_eq!(RelayTarget::parse(path), None, "{path}");
        }
    }
}
