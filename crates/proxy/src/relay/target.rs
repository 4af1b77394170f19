//! The address that a request of the page asks for, read and checked before anything is dialled.

use waybill_core::digest::Digest;
use waybill_core::reference::{RepositoryPath, Tag};
use waybill_core::registry::relay_path::RelayTarget;
use waybill_core::registry::transport::Purpose;

use crate::relay::endpoint::{Endpoint, check_query};
use crate::relay::error::TargetError;
use crate::upstream::url::{Url, UrlError};

/// Where uploads are: the specification's place, and the one that some registries name in `Location`.
const UPLOADS: [&str; 2] = ["/blobs/uploads/", "/blobs/upload/"];

/// Where Google's registries put them.
const UPLOADS_BESIDE: &str = "/artifacts-uploads/";

/// Where Docker Hub's own API answers, which is no registry.
const HUB: &str = "hub.docker.com";

/// One request to upstream, before any address is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// What is asked for.
    pub endpoint: Endpoint,
    pub url: Url,
}

impl Target {
    /// Reads the path and query of a request to the proxy. The host is checked for its spelling only: no name is looked
    /// up here.
    pub(crate) fn parse(path_and_query: &str) -> Result<Self, TargetError> {
        let parts = RelayTarget::parse(path_and_query).ok_or(TargetError::Form)?;
        let (path, query) = match parts.path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (parts.path_and_query, None),
        };
        let endpoint = match parts.purpose {
            Purpose::Registry if parts.authority.eq_ignore_ascii_case(HUB) => {
                hub_endpoint(parts.scheme, path)?
            }
            Purpose::Registry => registry_endpoint(path)?,
            Purpose::Token => token_endpoint(path)?,
        };
        if endpoint != Endpoint::Token {
            check_query(endpoint, query.unwrap_or_default())?;
        }
        let authority = parts.authority.parse().map_err(TargetError::Host)?;
        let scheme = parts
            .scheme
            .parse()
            .map_err(|_: UrlError| TargetError::Form)?;
        Ok(Self {
            endpoint,
            url: Url::new(scheme, authority, parts.path_and_query),
        })
    }

    /// Gives the digest that names what is asked for; `None` where a tag does, or nothing.
    #[must_use]
    pub(crate) fn digest(&self) -> Option<&str> {
        let last = self.url.path().rsplit('/').next()?;
        (matches!(self.endpoint, Endpoint::Manifest | Endpoint::Blob) && last.contains(':'))
            .then_some(last)
    }
}

fn registry_endpoint<'a>(path: &'a str) -> Result<Endpoint, TargetError> {
    if let Some(upload) = path.strip_prefix(UPLOADS_BESIDE) {
        return upload_endpoint(upload);
    }
    let below = path.strip_prefix("/v2/").ok_or(TargetError::NoEndpoint)?;
    if below.is_empty() {
        return Ok(Endpoint::Base);
    }
    if below == "_catalog" {
        return Ok(Endpoint::Catalog);
    }
    let slashes = below
        .bytes()
        .enumerate()
        .filter(|(_, b)| *b == b'/')
        .map(|(place, _)| below.split_at(place));
    let uploads = |(name, rest): (_, &'a str)| {
        Some((name, UPLOADS.iter().find_map(|it| rest.strip_prefix(it))?))
    };
    if let Some((name, upload)) = slashes.into_iter().find_map(uploads) {
        check_repository(name)?;
        return upload_endpoint(upload);
    }
    let (rest, last) = below.rsplit_once('/').ok_or(TargetError::NoEndpoint)?;
    let (name, kind) = rest.rsplit_once('/').ok_or(TargetError::NoEndpoint)?;
    check_repository(name)?;
    match kind {
        "tags" if last == "list" => Ok(Endpoint::Tags),
        "manifests" if last.contains(':') => check_digest(last).map(|()| Endpoint::Manifest),
        "manifests" => match last.parse::<Tag>() {
            Ok(_) => Ok(Endpoint::Manifest),
            Err(error) => Err(TargetError::Tag(error)),
        },
        "blobs" => check_digest(last).map(|()| Endpoint::Blob),
        "referrers" => check_digest(last).map(|()| Endpoint::Referrers),
        _ => Err(TargetError::NoEndpoint),
    }
}

/// Reads a path at Docker Hub's own API: what it tells of the tags of one repository, and nothing else.
fn hub_endpoint(scheme: &str, path: &str) -> Result<Endpoint, TargetError> {
    let names = path
        .strip_prefix("/v2/namespaces/")
        .and_then(|rest| rest.strip_suffix("/tags"))
        .and_then(|names| names.split_once("/repositories/"))
        .filter(|_| scheme == "https");
    let (namespace, repository) = names.ok_or(TargetError::NoEndpoint)?;
    for name in [namespace, repository] {
        check_repository(name)?;
        if name.contains('/') {
            return Err(TargetError::NoEndpoint);
        }
    }
    Ok(Endpoint::HubTags)
}

/// Reads what follows the place of uploads: without `;`, behind which some servers read parameters, and without a
/// segment that is empty, but for the last.
fn upload_endpoint(rest: &str) -> Result<Endpoint, TargetError> {
    let is_kept = |b: u8| b.is_ascii_alphanumeric() || b"-._~=+:,@!$&'()*/".contains(&b);
    let is_kept = rest.bytes().all(is_kept) && !rest.starts_with('/') && !rest.contains("//");
    if is_kept {
        Ok(Endpoint::Upload)
    } else {
        Err(TargetError::NoEndpoint)
    }
}

fn check_repository(name: &str) -> Result<(), TargetError> {
    name.parse::<RepositoryPath>()
        .map(|_| ())
        .map_err(TargetError::Repository)
}

fn check_digest(digest: &str) -> Result<(), TargetError> {
    digest
        .parse::<Digest>()
        .map(|_| ())
        .map_err(TargetError::Digest)
}

/// Reads the path of a token endpoint. Each registry puts it where it likes, but for the registry API: below `/v2/` it
/// is `token` or `auth`.
fn token_endpoint(path: &str) -> Result<Endpoint, TargetError> {
    let is_kept = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    if !path.bytes().all(is_kept) || path.contains("//") {
        return Err(TargetError::TokenPath);
    }
    let path = path.to_ascii_lowercase();
    let mut segments = path
        .split('/')
        .skip_while(|segment| *segment != "v2")
        .skip(1);
    let is_api = path.split('/').any(|segment| segment == "v2")
        && !matches!(
            (segments.next(), segments.next()),
            (Some("token" | "auth"), None)
        );
    if is_api {
        Err(TargetError::TokenOfApi)
    } else {
        Ok(Endpoint::Token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    fn endpoint(path: &str) -> Result<Endpoint, TargetError> {
        Target::parse(&format!("/relay/https/registry.example{path}")).map(|target| target.endpoint)
    }

    #[test]
    fn every_endpoint_of_the_registry_api_is_relayed() {
        for (path, expected) in [
            ("/v2/".to_owned(), Endpoint::Base),
            ("/v2/library/nginx/tags/list".to_owned(), Endpoint::Tags),
            ("/v2/_catalog?n=1000".to_owned(), Endpoint::Catalog),
            (
                "/v2/library/nginx/tags/list?n=100&last=1.27".to_owned(),
                Endpoint::Tags,
            ),
            (
                "/v2/library/nginx/manifests/1.27".to_owned(),
                Endpoint::Manifest,
            ),
            (format!("/v2/a/b/c/manifests/{DIGEST}"), Endpoint::Manifest),
            (format!("/v2/a/blobs/{DIGEST}"), Endpoint::Blob),
            (
                format!("/v2/a/referrers/{DIGEST}?artifactType=a%2Fb"),
                Endpoint::Referrers,
            ),
            ("/v2/a/blobs/uploads/".to_owned(), Endpoint::Upload),
            (
                format!("/v2/a/blobs/uploads/?mount={DIGEST}&from=b"),
                Endpoint::Upload,
            ),
            (
                "/v2/a/blobs/uploads/6b5a-x_y=?_state=a_b%3D&digest=x".to_owned(),
                Endpoint::Upload,
            ),
            ("/v2/a/b/blobs/upload/1-2".to_owned(), Endpoint::Upload),
            (
                "/artifacts-uploads/namespaces/a/repositories/b/uploads/AF2b=".to_owned(),
                Endpoint::Upload,
            ),
            // Names that look like parts of the API.
            (
                "/v2/manifests/manifests/manifests".to_owned(),
                Endpoint::Manifest,
            ),
            ("/v2/tags/list/tags/list".to_owned(), Endpoint::Tags),
        ] {
            assert_eq!(endpoint(&path), Ok(expected), "{path}");
        }
    }

    #[test]
    fn of_docker_hubs_own_api_only_tags_are_relayed() {
        let asked = |scheme: &str, host: &str, path: &str| {
            Target::parse(&format!("/relay/{scheme}/{host}{path}")).map(|target| target.endpoint)
        };
        let tags = "/v2/namespaces/library/repositories/nginx/tags";
        for query in ["", "?page_size=100&page=2"] {
            let path = [tags, query].concat();
            assert_eq!(
                asked("https", "hub.docker.com", &path),
                Ok(Endpoint::HubTags)
            );
        }
        for path in [
            "/v2/",
            "/v2/library/nginx/tags/list",
            "/v2/library/nginx/manifests/1",
            "/v2/users/login",
            "/v2/namespaces/library/repositories",
            "/v2/namespaces/library/repositories/nginx",
            "/v2/namespaces/library/repositories/nginx/tags/latest",
            "/v2/namespaces/a/b/repositories/nginx/tags",
            "/v2/namespaces/a/repositories/b/repositories/c/tags",
            "/v2/namespaces/A/repositories/nginx/tags",
            "/v2/namespaces//repositories/nginx/tags",
            "/v2/namespaces/a%2Fb/repositories/nginx/tags",
        ] {
            let refused = asked("https", "hub.docker.com", path);
            assert!(
                matches!(
                    refused,
                    Err(TargetError::NoEndpoint | TargetError::Repository(_))
                ),
                "{path} {refused:?}"
            );
        }
        assert_eq!(
            asked("http", "hub.docker.com", tags),
            Err(TargetError::NoEndpoint)
        );
        assert_eq!(
            asked("https", "HUB.docker.com", "/v2/"),
            Err(TargetError::NoEndpoint)
        );
        for query in [
            "?name=x",
            "?page=x",
            "?page=",
            "?page",
            "?page=12345678",
            "?page=1&ordering=x",
        ] {
            let refused = asked("https", "hub.docker.com", &[tags, query].concat());
            assert!(matches!(refused, Err(TargetError::Query { .. })), "{query}");
        }
        // Elsewhere it is no path of a registry.
        let elsewhere = asked("https", "registry.example", tags);
        assert_eq!(elsewhere, Err(TargetError::NoEndpoint));
    }

    #[test]
    fn every_other_path_is_refused() {
        for path in [
            "/",
            "/v1/",
            "/v2",
            "/v3/",
            "/v2/_catalog/",
            "/v2/_catalog/x",
            "/v2/a",
            "/v2/a/",
            "/v2/a/b",
            "/v2/a/tags",
            "/v2/a/tags/other",
            "/v2/a/tags/list/",
            "/v2/a/manifests",
            "/api/v0/repos",
            "/metadata/v1/",
            "/v2/a/other/b",
        ] {
            assert_eq!(endpoint(path), Err(TargetError::NoEndpoint), "{path}");
        }
        for path in [
            "/v2//manifests/x",
            "/v2/A/manifests/x",
            "/v2/a%2Fb/manifests/x",
            "/v2/a//b/tags/list",
            "/v2/_a/blobs/x",
            "/v2/A/blobs/uploads/",
            "/v2/a%2Fb/blobs/uploads/x",
        ] {
            assert!(
                matches!(endpoint(path), Err(TargetError::Repository(_))),
                "{path}"
            );
        }
        for path in [
            "/v2/a/manifests/",
            "/v2/a/manifests/.x",
            "/v2/a/manifests/a%20b",
            "/v2/a/manifests/a;b",
        ] {
            assert!(matches!(endpoint(path), Err(TargetError::Tag(_))), "{path}");
        }
        for path in [
            "/v2/a/blobs/x",
            "/v2/a/blobs/sha256:00",
            "/v2/a/referrers/latest",
            "/v2/a/manifests/sha256:%3a",
        ] {
            assert!(
                matches!(endpoint(path), Err(TargetError::Digest(_))),
                "{path}"
            );
        }
        assert_eq!(
            endpoint("/v2/a/blobs/uploads/%2e%2e/x"),
            Err(TargetError::Form)
        );
        for upload in ["a%2Fb", "a;b", "a//b", "/a", "/"] {
            assert_eq!(
                endpoint(&format!("/v2/a/blobs/uploads/{upload}")),
                Err(TargetError::NoEndpoint),
                "{upload}"
            );
            assert_eq!(
                endpoint(&format!("/artifacts-uploads/{upload}")),
                Err(TargetError::NoEndpoint),
                "{upload}"
            );
        }
    }

    #[test]
    fn no_path_holds_a_dot_segment_in_any_spelling() {
        let before = [
            "/relay/https/r.example/v2/a/blobs/uploads/",
            "/relay/https/r.example/v2/a/blobs/upload/x/",
            "/relay/https/r.example/artifacts-uploads/a/",
            "/relay/https/r.example/v2/",
            "/relay/https/r.example/v2/a/manifests/",
            "/relay/https/r.example/v2/a/blobs/",
            "/token/https/r.example/",
            "/token/https/r.example/service/",
        ];
        let dots = [
            ".",
            "..",
            "...",
            "....",
            "%2e",
            "%2E%2e",
            ".%2e",
            "%252e",
            "%252E.",
            "%25252e%25252e",
            "%25%32%65",
            ";",
            ".;",
            "..;",
            "..;x",
            "..;x=y;z",
            "%2e%2e;",
            "..%3b",
            "..%253bx",
            "%c0%ae",
            "%c0%ae%c0%ae",
            "%e0%80%ae.",
            "%f0%80%80%ae",
            "%25c0%25ae",
            "x%c0%af..",
            "%ef%bc%8e%ef%bc%8e",
            "%e2%80%a5",
            "x%ef%bc%8f..",
            "%u002e%u002e",
            "%uff0e",
            "%%32%65",
            "..%00",
            "..%00x",
            "%00..",
            "..%09",
            "..%0d%0a",
            "..%20",
            "%20..",
            "..%23",
            "..%3fx",
            "x%2f..",
            "..%2fx",
            "x%252f..%252fx",
            "x%5c..",
            "..%5cx",
            "x%255c..",
            "x\\..",
            "..\\",
        ];
        for before in before {
            for dots in dots {
                for path in [
                    format!("{before}{dots}"),
                    format!("{before}{dots}/"),
                    format!("{before}{dots}/x?y=z"),
                ] {
                    assert!(Target::parse(&path).is_err(), "{path}");
                }
            }
        }
    }

    #[test]
    fn only_the_query_names_that_an_endpoint_needs_are_relayed() {
        let refused = |name: &str| {
            Err(TargetError::Query {
                name: name.to_owned(),
            })
        };
        assert_eq!(endpoint("/v2/a/manifests/x?ns=docker.io"), refused("ns"));
        assert_eq!(
            endpoint("/v2/a/tags/list?n=1&redirect=x"),
            refused("redirect")
        );
        assert_eq!(endpoint("/v2/a/blobs/uploads/x?%00=1"), refused("%00"));
        assert_eq!(endpoint(&format!("/v2/a/blobs/{DIGEST}?x")), refused("x"));
    }

    #[test]
    fn a_token_endpoint_has_a_plain_path() {
        let token = |path: &str| {
            Target::parse(&format!("/token/https/auth.example{path}")).map(|target| target.endpoint)
        };
        for path in [
            "/",
            "/token",
            "/v2/auth",
            "/v2/token",
            "/jwt/auth",
            "/artifactory/api/docker/x/v2/token",
        ] {
            assert_eq!(token(path), Ok(Endpoint::Token), "{path}");
        }
        for path in [
            "/v2",
            "/v2/",
            "/v2/_catalog",
            "/v2/token/",
            "/v2/token/manifests/x",
            "/v2/auth/tags/list",
            "/V2/_catalog",
            "/v2/v2/token",
            "/v2/a/tags/list",
            "/v2/a/manifests/v2/token",
            "/proxied/v2/a/blobs/uploads/",
        ] {
            assert_eq!(token(path), Err(TargetError::TokenOfApi), "{path}");
        }
        for path in ["//token", "/a%2Ftoken", "/token;x", "/a:b"] {
            assert_eq!(token(path), Err(TargetError::TokenPath), "{path}");
        }
    }
}
