//! The form of an address on the proxy, which relays requests to registries that refuse browsers.
//!
//! Page and proxy share it: what one writes, the other reads.

use super::transport::Purpose;

/// The path below which the proxy relays registry requests: `/relay/https/HOST/v2/…`.
pub const RELAY_PREFIX: &str = "/relay/";

/// The path below which the proxy relays token requests: `/token/https/HOST/…`.
pub const TOKEN_PREFIX: &str = "/token/";

/// The header that tells an answer relayed from a registry (`relayed`) from the proxy's own
/// word (`refused`).
///
/// An answer without it was not given by a Waybill proxy.
pub const RELAY_HEADER: &str = "waybill-relay";

/// The value of [`RELAY_HEADER`] on an answer that came from upstream.
pub const RELAYED: &str = "relayed";

/// The value of [`RELAY_HEADER`] on the proxy's own refusals; the body is the registry API's
/// error JSON.
pub const REFUSED: &str = "refused";

/// The header with which the page asks for the status apart, with any value, and in which the
/// proxy then gives every status of an error, on an answer whose own status is 200: a browser
/// writes all others into its console, also what every client meets, such as the 401 before a
/// token.
pub const STATUS_HEADER: &str = "waybill-status";

/// The server timing (a metric's name) by which the page sees that it came from a proxy. A page
/// is shown it in a secure context only.
pub const PROXY_TIMING: &str = "waybill-proxy";

/// The status of an answer to a request that asked for it apart.
///
/// ```
/// use waybill_core::registry::relay_path::status_apart;
///
/// assert_eq!(status_apart(200, Some("404")), 404);
/// assert_eq!(status_apart(206, None), 206);
/// ```
#[must_use]
pub fn status_apart(status: u16, header: Option<&str>) -> u16 {
    header
        .and_then(|status| status.parse().ok())
        .unwrap_or(status)
}

/// The proxy's code where it has not seen a registry name the token endpoint that it is to ask.
pub const TOKEN_ENDPOINT_UNKNOWN: &str = "TOKEN_ENDPOINT_UNKNOWN";

/// The proxy's code where a token endpoint answered with something else than JSON.
pub const TOKEN_REFUSED: &str = "TOKEN_REFUSED";

/// The proxy's code where it does not follow a redirect.
pub const REDIRECT_REFUSED: &str = "REDIRECT_REFUSED";

/// The proxy's code where it does not take more requests for now.
pub(super) const LIMIT_REACHED: &str = "LIMIT_REACHED";

/// The path on the proxy that stands for an absolute address:
/// `PREFIX SCHEME / AUTHORITY PATH ? QUERY`.
///
/// Nothing is escaped or changed but an empty path, which becomes `/`. `None` where the
/// address cannot keep its meaning on the way: another scheme than http and https, no host, a
/// user, a fragment, a segment that somebody reads as `.` or `..` ([`is_plain_path`]), or a
/// character that a browser would rewrite.
///
/// ```
/// use waybill_core::registry::transport::Purpose;
/// use waybill_core::registry::relay_path::relay_path;
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
/// This is the form only: whether the authority is spelled well and may be reached, and
/// whether the path has a shape that is relayed, is for the proxy to judge.
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
    /// use waybill_core::registry::relay_path::RelayTarget;
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

/// Whether every server reads the segments of the path as they stand: none could be `.` or
/// `..` to it, in whatever spelling.
///
/// Some decode more than once; some drop what follows a `;`, and the dots at the end of a
/// name; some read a backslash as a slash, and overlong, full-width or `%u002e` dots as dots.
/// So no decoded path holds anything but printed ASCII.
///
/// ```
/// use waybill_core::registry::relay_path::is_plain_path;
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
mod tests {
    use super::*;
    use crate::registry::location::resolve;

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
