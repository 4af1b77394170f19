//! The address that a registry means in a `Location` or `Link` header.

use super::endpoints::Origin;
use super::relay_path::relay_path;
use super::transport::Purpose;

/// The absolute address that a `Location` header means in the answer to a request for `base`.
///
/// `None` where that is not an http or https address that a browser and the proxy would read
/// as it stands.
///
/// ```
/// use waybill_core::registry::location::resolve;
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

/// The absolute address that `reference` means in the answer to a request for `base`, whatever
/// address that is.
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
