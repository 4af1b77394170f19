//! The endpoints of the registry API, and what each may be asked with. Nothing else is relayed.

use http::Method;

use crate::metrics::RequestKind;
use crate::relay::error::TargetError;

/// What a token is asked for with.
pub(crate) const TOKEN_QUERY: [&str; 5] =
    ["service", "scope", "account", "client_id", "offline_token"];

/// An endpoint of the registry API.
///
/// Source: distribution-spec 1.1, "Endpoints".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `/v2/`
    Base,
    /// `/v2/<name>/tags/list`
    Tags,
    /// `https://hub.docker.com/v2/namespaces/<namespace>/repositories/<repository>/tags`: what Docker Hub's own API
    /// tells of tags. No registry is there, and nothing else of that host is relayed.
    HubTags,
    /// `/v2/_catalog`, only where that is switched on.
    Catalog,
    /// `/v2/<name>/manifests/<tag or digest>`
    Manifest,
    /// `/v2/<name>/blobs/<digest>`
    Blob,
    /// `/v2/<name>/referrers/<digest>`
    Referrers,
    /// `/v2/<name>/blobs/uploads/…`, only where pushing is switched on.
    Upload,
    /// A token endpoint; [`Realms`](crate::relay::realms::Realms) tells which.
    Token,
}

impl Endpoint {
    /// Lists the query names that the endpoint needs; `None` for uploads, whose addresses each registry makes up. A
    /// token endpoint may have a query of its own besides.
    fn query_names(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Base | Self::Manifest | Self::Blob => Some(&[]),
            Self::Tags | Self::Catalog => Some(&["n", "last", "next_page"]),
            Self::HubTags => Some(&["page_size", "page"]),
            Self::Referrers => Some(&["artifactType", "n", "last", "next_page"]),
            Self::Upload => None,
            Self::Token => Some(&TOKEN_QUERY),
        }
    }

    /// Tells whether what the page sends to say who is asking may go there: Docker Hub's API has nothing to do with the
    /// credentials of a registry.
    pub(crate) fn may_see_credentials(self) -> bool {
        self != Self::HubTags
    }

    /// Checks the method; `push` tells whether pushing is switched on.
    pub fn check_method(self, method: &Method, push: bool) -> Result<(), TargetError> {
        let writes = match self {
            Self::Manifest => matches!(*method, Method::PUT),
            Self::Upload => matches!(*method, Method::POST | Method::PATCH | Method::PUT),
            Self::Base
            | Self::Tags
            | Self::HubTags
            | Self::Catalog
            | Self::Blob
            | Self::Referrers
            | Self::Token => false,
        };
        let reads = match self {
            Self::Token | Self::HubTags | Self::Catalog => method == Method::GET,
            Self::Base
            | Self::Tags
            | Self::Manifest
            | Self::Blob
            | Self::Referrers
            | Self::Upload => matches!(*method, Method::GET | Method::HEAD),
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

impl From<Endpoint> for RequestKind {
    fn from(endpoint: Endpoint) -> Self {
        match endpoint {
            Endpoint::Base => Self::Base,
            Endpoint::Tags | Endpoint::HubTags | Endpoint::Catalog => Self::Tags,
            Endpoint::Manifest => Self::Manifest,
            Endpoint::Blob => Self::Blob,
            Endpoint::Referrers => Self::Referrers,
            Endpoint::Upload => Self::Upload,
            Endpoint::Token => Self::Token,
        }
    }
}

/// Checks that a query holds only names that the endpoint needs.
pub(crate) fn check_query(endpoint: Endpoint, query: &str) -> Result<(), TargetError> {
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_known = match endpoint.query_names() {
            Some(names) if endpoint == Endpoint::HubTags => {
                names.contains(&name) && is_small_number(value)
            }
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

/// Tells whether a value counts pages, or entries of one.
fn is_small_number(value: &str) -> bool {
    (1..=6).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_that_write_need_push() {
        use Endpoint::{Base, Blob, Catalog, HubTags, Manifest, Referrers, Tags, Token, Upload};
        let all = [
            Base, Tags, HubTags, Catalog, Manifest, Blob, Referrers, Upload, Token,
        ];
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
        for endpoint in all {
            for method in &methods {
                let has_head = ![Token, HubTags, Catalog].contains(&endpoint);
                let reads = *method == Method::GET || (*method == Method::HEAD && has_head);
                let writes = match endpoint {
                    Manifest => *method == Method::PUT,
                    Upload => [Method::POST, Method::PUT, Method::PATCH].contains(method),
                    Base | Tags | HubTags | Catalog | Blob | Referrers | Token => false,
                };
                let off = endpoint.check_method(method, false);
                let on = endpoint.check_method(method, true);
                assert_eq!(
                    off.is_ok(),
                    reads && endpoint != Upload,
                    "{method} {endpoint:?} without push"
                );
                assert_eq!(
                    on.is_ok(),
                    reads || writes,
                    "{method} {endpoint:?} with push"
                );
            }
        }
    }
}
