//! Why a request of the page has no answer of a registry.

use std::fmt;

use http::{Method, StatusCode};
use waybill_core::digest::DigestError;
use waybill_core::reference::ReferenceError;

use crate::upstream::authority::HostError;
use crate::upstream::client::UpstreamError;

/// Why a request is not relayed, or its answer not passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RelayError {
    /// What it asks for.
    Target(TargetError),
    /// The body that it has.
    Body(RequestBodyError),
    /// Upstream, or the way there.
    Upstream(UpstreamError),
    /// What a token endpoint answered.
    Token(TokenAnswerError),
}

impl From<TargetError> for RelayError {
    fn from(error: TargetError) -> Self {
        Self::Target(error)
    }
}

impl From<RequestBodyError> for RelayError {
    fn from(error: RequestBodyError) -> Self {
        Self::Body(error)
    }
}

impl From<UpstreamError> for RelayError {
    fn from(error: UpstreamError) -> Self {
        Self::Upstream(error)
    }
}

impl From<TokenAnswerError> for RelayError {
    fn from(error: TokenAnswerError) -> Self {
        Self::Token(error)
    }
}

impl fmt::Display for RelayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(error) => error.fmt(f),
            Self::Body(error) => error.fmt(f),
            Self::Upstream(error) => error.fmt(f),
            Self::Token(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RelayError {}

/// Why the body of a request is not relayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestBodyError {
    /// The request reads, and has one all the same.
    Unexpected,
    /// It is too large.
    TooLarge {
        /// How large it is at least, in bytes.
        length: u64,
        /// How large it may be, in bytes.
        limit: u64,
    },
}

impl fmt::Display for RequestBodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected => write!(f, "a request that reads has no body"),
            Self::TooLarge { length, limit } => write!(
                f,
                "the body is {length} bytes, at most {limit} are relayed here"
            ),
        }
    }
}

impl std::error::Error for RequestBodyError {}

/// Why the answer of a token endpoint is not passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenAnswerError {
    /// The token endpoint's host.
    pub host: String,
    /// The status of its answer.
    pub status: StatusCode,
    /// What is wrong with the answer.
    pub reason: String,
    /// Whether it came too slowly, or stopped coming.
    pub timed_out: bool,
}

impl fmt::Display for TokenAnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            host,
            status,
            reason,
            ..
        } = self;
        write!(
            f,
            "the token endpoint at {host} answered {status}: {reason}"
        )
    }
}

impl std::error::Error for TokenAnswerError {}

/// Why a request asks for nothing that is relayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// Not `/relay/SCHEME/HOST/…` or `/token/SCHEME/HOST/…`, or not a path that everybody reads alike.
    Form,
    /// Not a path of the registry API.
    NoEndpoint,
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
    Repository(ReferenceError),
    Tag(ReferenceError),
    Digest(DigestError),
    /// A query name that the endpoint does not have.
    Query {
        /// The name, shortened.
        name: String,
    },
    /// A method that the endpoint does not have.
    Method {
        method: Method,
    },
    /// The request would write, and pushing is off.
    PushIsOff,
    /// The request lists all repositories, and that is off.
    CatalogIsOff,
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => write!(
                f,
                "the path is not /relay/https/HOST/v2/… or /token/https/HOST/…, or a part of it could be read as another"
            ),
            Self::NoEndpoint => write!(
                f,
                "only /v2/, tags/list, manifests, blobs, referrers and blobs/uploads of a repository are relayed, and of \
                 hub.docker.com the tags of one"
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
            Self::CatalogIsOff => write!(
                f,
                "listing repositories is off; start the proxy with --catalog to allow it"
            ),
        }
    }
}

impl std::error::Error for TargetError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_is_relayed() {
        assert_eq!(
            TargetError::NoEndpoint.to_string(),
            "only /v2/, tags/list, manifests, blobs, referrers and blobs/uploads of a repository are relayed, and of \
             hub.docker.com the tags of one"
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
