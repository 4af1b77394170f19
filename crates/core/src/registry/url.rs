//! The addresses of the registry API, and their form on the proxy.

use super::transport::Purpose;

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
/// meaning on the way: another scheme than http and https, no host, a user, a fragment, a `.` or `..` segment (a
/// browser would resolve it), or a character that a browser would rewrite.
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
    let slash = if path_and_query.starts_with('/') { "" } else { "/" };
    let path = [prefix(purpose), scheme, "/", authority, slash, path_and_query].concat();
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
        let is_kept = |b: u8| b.is_ascii_graphic() && !b"#\\\"<>^`{|}".contains(&b);
        let stays = matches!(scheme, "https" | "http")
            && !authority.is_empty()
            && !authority.contains(['@', '?'])
            && rest.bytes().all(is_kept)
            && !path.split('/').any(is_dot_segment);
        stays.then_some(Self { purpose, scheme, authority, path_and_query })
    }
}

/// `.` and `..`, also in the percent-encoded spellings that browsers resolve.
fn is_dot_segment(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

#[cfg(test)]
mod relay_tests {
    use super::*;

    #[test]
    fn a_path_on_the_proxy_says_what_the_address_said() {
        for (url, purpose, path) in [
            ("https://r.example/v2/", Purpose::Registry, "/relay/https/r.example/v2/"),
            ("http://[::1]:5000/v2/a/tags/list", Purpose::Registry, "/relay/http/[::1]:5000/v2/a/tags/list"),
            ("https://a.example?service=x", Purpose::Token, "/token/https/a.example/?service=x"),
            ("https://a.example", Purpose::Token, "/token/https/a.example/"),
            (
                "https://a.example/token?scope=repository%3Aa%2Fb%3Apull&x=../y",
                Purpose::Token,
                "/token/https/a.example/token?scope=repository%3Aa%2Fb%3Apull&x=../y",
            ),
        ] {
            assert_eq!(relay_path(url, purpose).as_deref(), Some(path));
            let target = RelayTarget::parse(path).expect("this form");
            let again = format!("{}://{}{}", target.scheme, target.authority, target.path_and_query);
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
    fn only_the_two_prefixes_are_targets() {
        for path in ["/", "/relay", "/relay/", "/relay/https", "/relay/https/r.example", "/index.html", "/relay//r/v2/"]
        {
            assert_eq!(RelayTarget::parse(path), None, "{path}");
        }
    }
}
