//! What the page may ask for: the shapes of the registry API and nothing else.

use std::fmt;

use http::Method;
use waybill_core::digest::{Digest, DigestError};
use waybill_core::reference::{ReferenceError, RepositoryPath, Tag};
use waybill_core::registry::relay_path::RelayTarget;
use waybill_core::registry::transport::Purpose;

use crate::authority::HostError;
use crate::url::{Url, UrlError};

/// A shape of the registry API.
///
/// Source: distribution-spec 1.1, "Endpoints".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `/v2/`
    Base,
    /// `/v2/<name>/tags/list`
    Tags,
    /// `/v2/<name>/manifests/<tag or digest>`
    Manifest,
    /// `/v2/<name>/blobs/<digest>`
    Blob,
    /// `/v2/<name>/referrers/<digest>`
    Referrers,
    /// `/v2/<name>/blobs/uploads/…`, only where pushing is switched on.
    Upload,
    /// A token endpoint; [`Realms`](crate::realms::Realms) tells which.
    Token,
}

impl Endpoint {
    /// The query names that the shape needs; `None` for uploads, whose addresses each registry makes up. A token
    /// endpoint may have a query of its own besides.
    fn query_names(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Base | Self::Manifest | Self::Blob => Some(&[]),
            Self::Tags => Some(&["n", "last", "next_page"]),
            Self::Referrers => Some(&["artifactType", "n", "last", "next_page"]),
            Self::Upload => None,
            Self::Token => Some(&TOKEN_QUERY),
        }
    }

    /// Checks the method; `push` tells whether pushing is switched on.
    pub fn check_method(self, method: &Method, push: bool) -> Result<(), TargetError> {
        let writes = match self {
            Self::Manifest => matches!(*method, Method::PUT),
            Self::Upload => matches!(*method, Method::POST | Method::PATCH | Method::PUT),
            Self::Base | Self::Tags | Self::Blob | Self::Referrers | Self::Token => false,
        };
        let reads = match self {
            Self::Token => method == Method::GET,
            _ => matches!(*method, Method::GET | Method::HEAD),
        };
        if (writes || self == Self::Upload) && !push {
            return Err(TargetError::PushIsOff);
        }
        if reads || writes {
            Ok(())
        } else {
            Err(TargetError::Method {
                method: method.clone(),
            })
        }
    }
}

/// What a token is asked for with.
pub(crate) const TOKEN_QUERY: [&str; 5] =
    ["service", "scope", "account", "client_id", "offline_token"];

/// Where uploads are: the specification's place, and the one that some registries name in `Location`.
const UPLOADS: [&str; 2] = ["/blobs/uploads/", "/blobs/upload/"];

/// Where Google's registries put them.
const UPLOADS_BESIDE: &str = "/artifacts-uploads/";

/// One request to upstream, before any address is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What is asked for.
    pub shape: Endpoint,
    /// Where.
    pub url: Url,
}

impl Target {
    /// Reads the path and query of a request to the proxy.
    pub fn parse(path_and_query: &str) -> Result<Self, TargetError> {
        let parts = RelayTarget::parse(path_and_query).ok_or(TargetError::Form)?;
        let (path, query) = match parts.path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (parts.path_and_query, None),
        };
        let shape = match parts.purpose {
            Purpose::Registry => registry_shape(path)?,
            Purpose::Token => token_shape(path)?,
        };
        if shape != Endpoint::Token {
            check_query(shape, query.unwrap_or_default())?;
        }
        let authority = parts.authority.parse().map_err(TargetError::Host)?;
        let scheme = parts
            .scheme
            .parse()
            .map_err(|_: UrlError| TargetError::Form)?;
        Ok(Self {
            shape,
            url: Url::new(scheme, authority, parts.path_and_query),
        })
    }

    /// The digest that names what is asked for; `None` where a tag does, or nothing.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        let last = self.url.path().rsplit('/').next()?;
        (matches!(self.shape, Endpoint::Manifest | Endpoint::Blob) && last.contains(':'))
            .then_some(last)
    }
}

fn registry_shape<'a>(path: &'a str) -> Result<Endpoint, TargetError> {
    if let Some(upload) = path.strip_prefix(UPLOADS_BESIDE) {
        return upload_shape(upload);
    }
    let below = path.strip_prefix("/v2/").ok_or(TargetError::Shape)?;
    if below.is_empty() {
        return Ok(Endpoint::Base);
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
        return upload_shape(upload);
    }
    let (rest, last) = below.rsplit_once('/').ok_or(TargetError::Shape)?;
    let (name, kind) = rest.rsplit_once('/').ok_or(TargetError::Shape)?;
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
        _ => Err(TargetError::Shape),
    }
}

/// Without `;`, behind which some servers read parameters, and without a segment that is empty, but for the last.
fn upload_shape(rest: &str) -> Result<Endpoint, TargetError> {
    let is_kept = |b: u8| b.is_ascii_alphanumeric() || b"-._~=+:,@!$&'()*/".contains(&b);
    let is_kept = rest.bytes().all(is_kept) && !rest.starts_with('/') && !rest.contains("//");
    if is_kept {
        Ok(Endpoint::Upload)
    } else {
        Err(TargetError::Shape)
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

/// Each registry puts its token endpoint where it likes, but for the registry API: below `/v2/` it is `token` or `auth`.
fn token_shape(path: &str) -> Result<Endpoint, TargetError> {
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

fn check_query(shape: Endpoint, query: &str) -> Result<(), TargetError> {
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let name = pair.split('=').next().unwrap_or_default();
        let is_known = match shape.query_names() {
            Some(names) => names.contains(&name),
            None => {
                !name.is_empty()
                    && name
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
            }
        };
        if !is_known {
            return Err(TargetError::Query {
                name: name.chars().take(40).collect(),
            });
        }
    }
    Ok(())
}

/// Why a request is not relayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// Not `/relay/SCHEME/HOST/…` or `/token/SCHEME/HOST/…`, or not a path that everybody reads alike.
    Form,
    /// Not a path of the registry API.
    Shape,
    /// A character in a token endpoint's path.
    TokenPath,
    /// A token endpoint that would be a part of the registry API.
    TokenOfApi,
    /// A token endpoint that no registry has named.
    TokenUnknown {
        /// Its address, without the query.
        realm: String,
    },
    /// The host's spelling.
    Host(HostError),
    /// The repository's name.
    Repository(ReferenceError),
    /// The tag.
    Tag(ReferenceError),
    /// The digest.
    Digest(DigestError),
    /// A query name that the shape does not have.
    Query {
        /// The name, shortened.
        name: String,
    },
    /// A method that the shape does not have.
    Method {
        /// The method.
        method: Method,
    },
    /// The request would write, and pushing is off.
    PushIsOff,
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => write!(
                f,
                "the path is not /relay/https/HOST/v2/… or /token/https/HOST/…, or a part of it could be read as another"
            ),
            Self::Shape => write!(
                f,
                "only /v2/, tags/list, manifests, blobs, referrers and blobs/uploads of a repository are relayed"
            ),
            Self::TokenPath => {
                write!(
                    f,
                    "the path of a token endpoint may hold letters, digits, -, ., _, ~ and / only"
                )
            }
            Self::TokenOfApi => {
                write!(
                    f,
                    "a token endpoint below /v2/ is /v2/token or /v2/auth, the rest is asked for as /relay/…"
                )
            }
            Self::TokenUnknown { realm } => write!(
                f,
                "{realm} is no token endpoint that this proxy knows: no registry that was asked through it lately has \
                 named it; ask the registry through this proxy without credentials first, so that its challenge is \
                 seen here, then ask for the token again"
            ),
            Self::Host(error) => error.fmt(f),
            Self::Repository(error) | Self::Tag(error) => error.fmt(f),
            Self::Digest(error) => error.fmt(f),
            Self::Query { name } => write!(f, "the query name {name:?} is not relayed here"),
            Self::Method { method } => write!(f, "the method {method} is not relayed here"),
            Self::PushIsOff => write!(f, "pushing is off; start the proxy with --push to allow it"),
        }
    }
}

impl std::error::Error for TargetError {}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    fn shape(path: &str) -> Result<Endpoint, TargetError> {
        Target::parse(&format!("/relay/https/registry.example{path}")).map(|target| target.shape)
    }

    #[test]
    fn every_shape_of_the_registry_api_is_relayed() {
        for (path, expected) in [
            ("/v2/".to_owned(), Endpoint::Base),
            ("/v2/library/nginx/tags/list".to_owned(), Endpoint::Tags),
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
            assert_eq!(shape(&path), Ok(expected), "{path}");
        }
    }

    #[test]
    fn every_other_path_is_refused() {
        for path in [
            "/",
            "/v1/",
            "/v2",
            "/v3/",
            "/v2/_catalog",
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
            assert_eq!(shape(path), Err(TargetError::Shape), "{path}");
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
                matches!(shape(path), Err(TargetError::Repository(_))),
                "{path}"
            );
        }
        for path in [
            "/v2/a/manifests/",
            "/v2/a/manifests/.x",
            "/v2/a/manifests/a%20b",
            "/v2/a/manifests/a;b",
        ] {
            assert!(matches!(shape(path), Err(TargetError::Tag(_))), "{path}");
        }
        for path in [
            "/v2/a/blobs/x",
            "/v2/a/blobs/sha256:00",
            "/v2/a/referrers/latest",
            "/v2/a/manifests/sha256:%3a",
        ] {
            assert!(matches!(shape(path), Err(TargetError::Digest(_))), "{path}");
        }
        assert_eq!(
            shape("/v2/a/blobs/uploads/%2e%2e/x"),
            Err(TargetError::Form)
        );
        for upload in ["a%2Fb", "a;b", "a//b", "/a", "/"] {
            assert_eq!(
                shape(&format!("/v2/a/blobs/uploads/{upload}")),
                Err(TargetError::Shape),
                "{upload}"
            );
            assert_eq!(
                shape(&format!("/artifacts-uploads/{upload}")),
                Err(TargetError::Shape),
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
    fn only_the_query_names_that_a_shape_needs_are_relayed() {
        let refused = |name: &str| {
            Err(TargetError::Query {
                name: name.to_owned(),
            })
        };
        assert_eq!(shape("/v2/a/manifests/x?ns=docker.io"), refused("ns"));
        assert_eq!(shape("/v2/a/tags/list?n=1&redirect=x"), refused("redirect"));
        assert_eq!(shape("/v2/a/blobs/uploads/x?%00=1"), refused("%00"));
        assert_eq!(shape(&format!("/v2/a/blobs/{DIGEST}?x")), refused("x"));
    }

    #[test]
    fn a_token_endpoint_has_a_plain_path() {
        let token = |path: &str| {
            Target::parse(&format!("/token/https/auth.example{path}")).map(|target| target.shape)
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

    #[test]
    fn methods_that_write_need_push() {
        use Endpoint::{Base, Blob, Manifest, Referrers, Tags, Token, Upload};
        let all = [Base, Tags, Manifest, Blob, Referrers, Upload, Token];
        let methods = [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::OPTIONS,
            Method::TRACE,
        ];
        for shape in all {
            for method in &methods {
                let reads = *method == Method::GET || (*method == Method::HEAD && shape != Token);
                let writes = match shape {
                    Manifest => *method == Method::PUT,
                    Upload => [Method::POST, Method::PUT, Method::PATCH].contains(method),
                    _ => false,
                };
                let off = shape.check_method(method, false);
                let on = shape.check_method(method, true);
                assert_eq!(
                    off.is_ok(),
                    reads && shape != Upload,
                    "{method} {shape:?} without push"
                );
                assert_eq!(on.is_ok(), reads || writes, "{method} {shape:?} with push");
            }
        }
    }

    #[test]
    fn errors_say_what_is_relayed() {
        assert_eq!(
            TargetError::Shape.to_string(),
            "only /v2/, tags/list, manifests, blobs, referrers and blobs/uploads of a repository are relayed"
        );
        assert_eq!(
            TargetError::Form.to_string(),
            "the path is not /relay/https/HOST/v2/… or /token/https/HOST/…, or a part of it could be read as another"
        );
        assert_eq!(
            TargetError::TokenPath.to_string(),
            "the path of a token endpoint may hold letters, digits, -, ., _, ~ and / only"
        );
        assert_eq!(
            TargetError::PushIsOff.to_string(),
            "pushing is off; start the proxy with --push to allow it"
        );
        assert_eq!(
            TargetError::Method {
                method: Method::DELETE
            }
            .to_string(),
            "the method DELETE is not relayed here"
        );
        assert_eq!(
            TargetError::Query {
                name: "ns".to_owned()
            }
            .to_string(),
            "the query name \"ns\" is not relayed here"
        );
    }
}
