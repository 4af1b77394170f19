//! Where a listing goes on: the `Link` header of a registry's answer.
//!
//! [`next_page`] is the rule; [`next_tags`] is the one for lists of tags, whose registries send
//! wrong addresses.

use std::fmt;

use super::challenge::{take, take_quoted};
use super::endpoints::Origin;
use super::location::absolute;
use super::relay_path::is_plain_path;

/// Why a listing is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// The next page is at another place, where the registry's credentials have nothing to do.
    OtherOrigin {
        /// The place, or the address where it names none.
        found: String,
    },
    /// The next page is not below `/v2/`, or somebody may read its address as one that is not:
    /// `/v2/.%2e/token` is `/token` to a browser.
    NotTheApi {
        /// Its address.
        found: String,
    },
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherOrigin { found } => write!(
                f,
                "the next page is at {found}, a listing stays at its registry"
            ),
            Self::NotTheApi { found } => {
                write!(f, "the next page is at {found}, a listing stays below /v2/")
            }
        }
    }
}

impl std::error::Error for LinkError {}

/// The address of the page behind the one at `asked`; `None` where that was the last.
///
/// The address may be relative, as registries send it, or absolute; it stays on the origin of
/// `asked`, since credentials go with it. A header that is no link at all reads as the last
/// page.
///
/// Source: distribution-spec, "Listing Tags"; RFC 8288, section 3; RFC 3986, section 4.2.
///
/// ```
/// use waybill_core::registry::link::next_page;
///
/// let asked = "https://r.example/v2/a/tags/list?n=2";
/// let next = next_page(asked, r#"</v2/a/tags/list?last=b&n=2>; rel="next""#)?;
/// assert_eq!(next.as_deref(), Some("https://r.example/v2/a/tags/list?last=b&n=2"));
/// let error = next_page(asked, "<https://evil.example/v2/a/tags/list>; rel=next").unwrap_err();
/// assert_eq!(error.to_string(), "the next page is at https://evil.example, a listing stays at its registry");
/// # Ok::<(), waybill_core::registry::link::LinkError>(())
/// ```
pub fn next_page(asked: &str, header: &str) -> Result<Option<String>, LinkError> {
    let Some(target) = next_target(header) else {
        return Ok(None);
    };
    let other = || LinkError::OtherOrigin {
        found: Origin::parse(target).map_or(target.into(), |it| it.to_string()),
    };
    let origin = Origin::parse(asked).ok_or_else(other)?;
    let at_home =
        |next: &String| !target.starts_with("//") && Origin::parse(next).as_ref() == Some(&origin);
    let next = absolute(asked, target).filter(at_home).ok_or_else(other)?;
    let path = path_of(&next);
    let climbs = !is_plain_path(path.split('?').next().unwrap_or_default());
    let is_text = path
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if !path.starts_with("/v2/") || climbs || !is_text {
        return Err(LinkError::NotTheApi {
            found: path.to_owned(),
        });
    }
    Ok(Some([&origin.to_string(), path].concat()))
}

/// Where a list of tags goes on, by the `Link` header in the answer to `asked`; `None` where that
/// was the last page.
///
/// The path is always that of `asked`, since Artifactory drops a part of it and Nexus puts one in
/// front: of a link that has another path only `last` counts. Another origin is an error all the
/// same. What remains is plain text, or it is no next page.
///
/// ```
/// use waybill_core::registry::link::next_tags;
///
/// let asked = "https://r.example/v2/docker/a/tags/list?n=1000";
/// let next = next_tags(asked, r#"</v2/a/tags/list?last=b&n=1000>; rel="next""#)?;
/// assert_eq!(next.as_deref(), Some("https://r.example/v2/docker/a/tags/list?last=b"));
/// # Ok::<(), waybill_core::registry::link::LinkError>(())
/// ```
pub fn next_tags(asked: &str, header: &str) -> Result<Option<String>, LinkError> {
    let Some(target) = next_target(header) else {
        return Ok(None);
    };
    let other = || LinkError::OtherOrigin {
        found: Origin::parse(target).map_or(target.into(), |it| it.to_string()),
    };
    let next = absolute(asked, target).ok_or_else(other)?;
    if target.starts_with("//") || Origin::parse(&next) != Origin::parse(asked) {
        return Err(other());
    }
    let own = asked.split('?').next().unwrap_or_default();
    let (path, query) = path_of(&next).split_once('?').unwrap_or_default();
    let is_text = query
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_own = path == path_of(own);
    let last = query.split('&').find(|pair| pair.starts_with("last="));
    let query = if is_own { Some(query) } else { last };
    let query = query.filter(|query| is_text && !query.is_empty());
    Ok(query.map(|query| [own, "?", query].concat()))
}

/// What follows the authority of an absolute address, without its fragment.
fn path_of(url: &str) -> &str {
    let url = url.split('#').next().unwrap_or_default();
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    rest.find(['/', '?'])
        .map_or("", |start| rest.split_at(start).1)
}

/// The target of the first link whose relation is `next`.
fn next_target(header: &str) -> Option<&str> {
    let mut rest = header;
    while let Some((_, link)) = rest.split_once('<') {
        let (target, behind) = link.split_once('>')?;
        rest = behind;
        if is_next(&mut rest) {
            return Some(target.trim());
        }
    }
    None
}

/// Whether the parameters in front of the next link name the relation; they are cut off.
fn is_next(rest: &mut &str) -> bool {
    let mut relation = None;
    loop {
        take(rest, |c| " \t;".contains(c));
        let name =
            take(rest, |c| c.is_ascii_graphic() && !",;=\"<".contains(c)).to_ascii_lowercase();
        take(rest, |c| " \t".contains(c));
        let Some(value) = rest.strip_prefix('=') else {
            // A parameter without a value, or the end of this link.
            if name.is_empty() {
                break;
            }
            continue;
        };
        *rest = value.trim_start_matches([' ', '\t']);
        let value = match rest.strip_prefix('"') {
            Some(quoted) => {
                *rest = quoted;
                take_quoted(rest)
            }
            None => Some(take(rest, |c| !",; \t".contains(c)).to_owned()),
        };
        // Only the first counts (RFC 8288, section 3.3).
        if name == "rel" && relation.is_none() {
            relation = value;
        }
    }
    relation.is_some_and(|relation| {
        relation
            .split([' ', '\t'])
            .any(|word| word.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: &str = "http://localhost:5000/v2/a/b/tags/list?n=2&last=x";

    fn next(header: &str) -> Result<Option<String>, String> {
        next_page(ASKED, header).map_err(|error| error.to_string())
    }

    #[test]
    fn every_form_of_address_is_found() {
        for (header, path) in [
            (
                "</v2/a/b/tags/list?last=y&n=2>; rel=\"next\"",
                "/v2/a/b/tags/list?last=y&n=2",
            ),
            (
                "<http://LOCALHOST:5000/v2/a/b/tags/list?last=y>;rel=next",
                "/v2/a/b/tags/list?last=y",
            ),
            ("<list?last=y>; rel=next", "/v2/a/b/tags/list?last=y"),
            ("<?last=y>; REL=\"prev NEXT\"", "/v2/a/b/tags/list?last=y"),
            (
                "</v2/a%2Fb/_tags?last=../x%2e%2e/y>; rel=next",
                "/v2/a%2Fb/_tags?last=../x%2e%2e/y",
            ),
            (
                "</v2/x>; rel=prev, </v2/y>; title=\"a,<b>;\\\"rel=next\"; rel=next",
                "/v2/y",
            ),
            ("</v2/x?a=b:c#part>; rel = next ; rel=prev", "/v2/x?a=b:c"),
        ] {
            assert_eq!(
                next(header),
                Ok(Some(["http://localhost:5000", path].concat())),
                "{header}"
            );
        }
    }

    #[test]
    fn what_is_no_next_page_ends_the_listing() {
        for header in [
            "",
            "</v2/x>",
            "</v2/x>; rel=prev",
            "</v2/x; rel=next",
            "rel=next",
            "</v2/x>; rel=\"next",
            "<a>,;=",
        ] {
            assert_eq!(next(header), Ok(None), "{header}");
        }
    }

    #[test]
    fn a_list_of_tags_keeps_its_own_path() {
        const TAGS: &str = "http://localhost:5000/v2/docker/a/tags/list";
        let next = |header: &str| next_tags(TAGS, header).map_err(|error| error.to_string());
        for (target, query) in [
            ("/v2/docker/a/tags/list?last=b&n=2", "last=b&n=2"),
            (
                "http://LOCALHOST:5000/v2/docker/a/tags/list?n=2&next_page=gAAA%3D",
                "n=2&next_page=gAAA%3D",
            ),
            ("?last=b", "last=b"),
            ("list?last=b", "last=b"),
            // Artifactory, Nexus, and somebody worse.
            ("/v2/a/tags/list?n=2&last=b", "last=b"),
            (
                "http://localhost:5000/repository/docker/v2/a/tags/list?n=2&last=b",
                "last=b",
            ),
            ("/v2/../token?last=b&scope=x", "last=b"),
        ] {
            let header = format!("<{target}>; rel=\"next\"");
            assert_eq!(
                next(&header),
                Ok(Some([TAGS, "?", query].concat())),
                "{target}"
            );
        }
        for target in [
            "/v2/a/tags/list?n=2",
            "/v2/docker/a/tags/list",
            "?",
            "?last=a b",
            "?last=\u{e9}",
        ] {
            assert_eq!(next(&format!("<{target}>; rel=next")), Ok(None), "{target}");
        }
        for target in [
            "//evil.example/v2/x?last=b",
            "https://localhost:5000/v2/x?last=b",
            "javascript:1",
        ] {
            let error = next(&format!("<{target}>; rel=next")).expect_err("refused");
            assert!(
                error.ends_with("a listing stays at its registry"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_listing_stays_at_its_registry_and_below_the_api() {
        for (target, found) in [
            ("http://localhost:5001/v2/x", "http://localhost:5001"),
            ("https://localhost:5000/v2/x", "https://localhost:5000"),
            ("//evil.example/v2/x", "//evil.example/v2/x"),
            (
                "http://localhost:5000@evil.example/v2/x",
                "http://localhost:5000@evil.example/v2/x",
            ),
            ("javascript:alert(1)", "javascript:alert(1)"),
        ] {
            let error = format!("the next page is at {found}, a listing stays at its registry");
            assert_eq!(next(&format!("<{target}>; rel=next")), Err(error));
        }
        for path in [
            "/token?x",
            "/v2/../token",
            "/v2/%2E%2e/token",
            "/v2/.%2e/token",
            "/v2/%2e./token",
            "/v2/./token",
            "/v2/a/%2E/tags",
            "/v2/%252e%252e/token",
            "/v2/..;/token",
            "/v2/..%2ftoken",
            "/v2/..",
            "/v2/a\\b",
            "/v2/a b",
        ] {
            let error = format!("the next page is at {path}, a listing stays below /v2/");
            assert_eq!(next(&format!("<{path}>; rel=next")), Err(error));
        }
    }
}
