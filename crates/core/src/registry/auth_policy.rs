//! Who may be asked for a token, and who may see credentials.
//!
//! Pure rules, without a request and without memory. `authenticate.rs` asks them before it
//! sends anything to a token endpoint, and `upload/location.rs` before bytes go to an address
//! that a registry named. The proxy uses [`is_known_realm`]; the client and the explanation of
//! errors use [`refuses_browsers`].
//!
//! Two questions are kept apart. May this endpoint be asked at all? [`check_realm`] says so
//! from its address alone. May it see the credentials? [`may_see_credentials`] says so for the
//! registry's own origin and the known endpoint; for any other the person is asked
//! (`RegistryError::RealmUnconfirmed`).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::challenge::Challenge;
use super::endpoints::Origin;
use super::relay_path::relay_path;
use super::scope::Scope;
use super::transport::Purpose;
use crate::reference::RegistryHost;

/// Registries whose token endpoint is known, so that the first request already carries a
/// token: host, realm, service.
///
/// Credentials for these hosts may go to these realms, even where the realm is on another host.
///
/// Public for `crates/bundle`, which writes them into the script that asks before the program is
/// there.
pub const KNOWN_REALMS: [(&str, &str, &str); 5] = [
    (
        "docker.io",
        "https://auth.docker.io/token",
        "registry.docker.io",
    ),
    ("ghcr.io", "https://ghcr.io/token", "ghcr.io"),
    (
        "public.ecr.aws",
        "https://public.ecr.aws/token/",
        "public.ecr.aws",
    ),
    ("quay.io", "https://quay.io/v2/auth", "quay.io"),
    (
        "registry.gitlab.com",
        "https://gitlab.com/jwt/auth",
        "container_registry",
    ),
];

/// Token endpoints of services that have many hosts, which a dot in front stands for: host, path.
const TOKEN_SERVICES: [(&str, &str); 4] = [
    ("gcr.io", "/v2/token"),
    (".gcr.io", "/v2/token"),
    (".pkg.dev", "/v2/token"),
    (".azurecr.io", "/oauth2/token"),
];

/// Registries that let no page of another origin read `/v2/`, with their sub-domains where a
/// dot stands first.
const REFUSE_BROWSERS: [&str; 14] = [
    "docker.io",
    ".docker.io",
    "ghcr.io",
    "gcr.io",
    ".gcr.io",
    ".pkg.dev",
    "public.ecr.aws",
    ".amazonaws.com",
    ".amazonaws.com.cn",
    "mcr.microsoft.com",
    "registry.k8s.io",
    "quay.io",
    "registry.gitlab.com",
    ".azurecr.io",
];

/// Whether this registry is known to refuse browsers, so that only the proxy can reach it.
#[must_use]
pub fn refuses_browsers(host: &RegistryHost) -> bool {
    let name = host.name().to_ascii_lowercase();
    REFUSE_BROWSERS.iter().any(|known| is_named(&name, known))
}

/// Whether `name` (in lower case) is the known one or, where that begins with a dot, below it:
/// `.gcr.io` takes `eu.gcr.io`, but not `gcr.io` itself.
fn is_named(name: &str, known: &str) -> bool {
    if known.starts_with('.') {
        name.ends_with(known)
    } else {
        name == known
    }
}

/// Whether a token endpoint is there for certain, before any registry has named it: `realm`
/// has no query.
///
/// The proxy relays to these at once. Scheme, port and the whole path have to be the known
/// ones.
///
/// ```
/// use waybill_core::registry::auth_policy::is_known_realm;
///
/// assert!(is_known_realm("https://auth.docker.io/token"));
/// assert!(is_known_realm("https://eu.gcr.io/v2/token"));
/// assert!(!is_known_realm("https://eu.gcr.io/v2/a/tags/list"));
/// ```
#[must_use]
pub fn is_known_realm(realm: &str) -> bool {
    let Some(origin) = Origin::parse(realm).filter(|origin| origin.https && origin.port == 443)
    else {
        return false;
    };
    let path = realm
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map_or("", |(_, path)| path);
    let is_at = |known: &str| {
        known
            .split_once("://")
            .and_then(|(_, rest)| rest.split_once('/'))
            == Some((&origin.host, path))
    };
    KNOWN_REALMS.iter().any(|(_, known, _)| is_at(known))
        || TOKEN_SERVICES
            .iter()
            .any(|(host, at)| is_named(&origin.host, host) && at.strip_prefix('/') == Some(path))
}

/// What a bearer token is asked for with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRequest {
    /// The address of the token endpoint.
    pub realm: String,
    /// The registry's name there; may be empty.
    pub service: String,
    /// What the token is for, as [`Scope::to_ask`] gives it.
    pub scopes: Vec<String>,
}

/// How a registry wants to be asked, as learned from its last challenge or known beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthScheme {
    /// With the credentials themselves.
    Basic,
    /// With a token of that realm, for that service.
    Bearer {
        /// The address of the token endpoint.
        realm: String,
        /// The registry's name there.
        service: String,
    },
}

impl AuthScheme {
    /// What is known of a registry before it was ever asked: a bearer token, for the hosts of
    /// a short table. `None` for every other host: the first request of a session then carries
    /// nothing.
    #[must_use]
    pub fn known(host: &RegistryHost) -> Option<Self> {
        let (_, realm, service) = KNOWN_REALMS
            .iter()
            .find(|(known, _, _)| host.as_str().eq_ignore_ascii_case(known))?;
        Some(Self::Bearer {
            realm: (*realm).to_owned(),
            service: (*service).to_owned(),
        })
    }

    /// The best of several challenges, and the scopes that it names: a token before a
    /// password.
    ///
    /// A bearer challenge without a realm is skipped. `None` where neither scheme is among
    /// them, or no challenge could be read.
    #[must_use]
    pub fn from_challenges(challenges: &[Challenge]) -> Option<(Self, &str)> {
        let bearer = challenges
            .iter()
            .filter(|challenge| challenge.is("bearer"))
            .find_map(|challenge| {
                let text = |name| challenge.parameter(name).unwrap_or_default();
                let realm = challenge
                    .parameter("realm")
                    .filter(|realm| !realm.is_empty())?
                    .to_owned();
                Some((
                    Self::Bearer {
                        realm,
                        service: text("service").to_owned(),
                    },
                    text("scope"),
                ))
            });
        bearer.or_else(|| {
            challenges
                .iter()
                .any(|challenge| challenge.is("basic"))
                .then_some((Self::Basic, ""))
        })
    }

    /// What to ask a token for, where `scope` is what is to be done and `scopes` are those of
    /// the challenge; `None` where no token is wanted.
    #[must_use]
    pub fn bearer(&self, scope: &Scope, scopes: &str) -> Option<TokenRequest> {
        match self {
            Self::Basic => None,
            Self::Bearer { realm, service } => Some(TokenRequest {
                realm: realm.clone(),
                service: service.clone(),
                scopes: scope.to_ask(scopes),
            }),
        }
    }
}

/// The origin of a token endpoint, where it may be asked at all.
///
/// A registry names its realm itself, so it could name anything: only https will do (http
/// where the registry is http), no user in the address, and no host inside a private network
/// other than the registry's own.
pub fn check_realm(realm: &str, registry: &Origin) -> Result<Origin, RealmError> {
    if realm
        .split(['/', '?', '#'])
        .nth(2)
        .is_some_and(|authority| authority.contains('@'))
    {
        return Err(RealmError::User);
    }
    // An address that browser and proxy would read as the same thing as this client does.
    let origin = Origin::parse(realm).filter(|_| relay_path(realm, Purpose::Token).is_some());
    let origin = origin.ok_or(RealmError::Address)?;
    if !origin.https && registry.https {
        return Err(RealmError::Http);
    }
    if origin.host != registry.host && is_private(&origin.host) {
        return Err(RealmError::Private { host: origin.host });
    }
    Ok(origin)
}

/// Whether credentials for `host` may go to that realm without the person's word: it is the
/// registry's own origin, or the realm known for it.
///
/// The scheme and the port count as well as the host: another port of the registry's host may
/// be anybody's. Of a known realm the origin is compared, not the path.
#[must_use]
pub fn may_see_credentials(realm: &Origin, host: &RegistryHost, registry: &Origin) -> bool {
    realm == registry
        || matches!(AuthScheme::known(host), Some(AuthScheme::Bearer { realm: known, .. })
            if Origin::parse(&known).as_ref() == Some(realm))
}

/// Whether a host is an address inside a private network, or a spelling of an address that
/// only browsers understand.
///
/// Names are not resolved, so one that resolves to a private address passes here; the proxy
/// judges what it dials. What looks like an address and is none that is read here counts as
/// private: `0x7f.1` and an IPv6 address that does not parse. IPv6 addresses that hold an IPv4
/// one are judged by that one.
fn is_private(host: &str) -> bool {
    let private4 = |a: Ipv4Addr| {
        a.is_private() || a.is_loopback() || a.is_link_local() || a.is_unspecified() || {
            let [first, second, ..] = a.octets();
            first == 100 && second & 0xc0 == 64
        }
    };
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return address.parse::<Ipv6Addr>().map_or(true, |a| {
            let first = a.segments()[0];
            a.is_loopback()
                || a.is_unspecified()
                || first & 0xfe00 == 0xfc00
                || first & 0xffc0 == 0xfe80
                || a.to_ipv4().is_some_and(private4)
        });
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    // Browsers read 2130706433, 0x7f.1 and 0177.0.0.1 as addresses (WHATWG URL, "ends in a
    // number").
    let is_address = last.starts_with("0x") || last.bytes().all(|b| b.is_ascii_digit());
    host == "localhost"
        || host.ends_with(".localhost")
        || (is_address && host.parse::<Ipv4Addr>().map_or(true, private4))
}

/// Why a token endpoint is not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RealmError {
    /// It is not an absolute http or https address.
    Address,
    /// It holds a user name.
    User,
    /// It is http while the registry is https.
    Http,
    /// Its host is inside a private network and is not the registry's own.
    Private {
        /// That host.
        host: String,
    },
}

impl fmt::Display for RealmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("the realm is not an absolute http or https address"),
            Self::User => {
                f.write_str("the realm holds a user name, an address of a token endpoint must not")
            }
            Self::Http => {
                f.write_str("the realm is http, a registry that speaks https needs one with https")
            }
            Self::Private { host } => {
                write!(
                    f,
                    "the realm's host {host} is a private address, only the registry's own host may be one"
                )
            }
        }
    }
}

impl std::error::Error for RealmError {}

#[cfg(test)]
mod tests;
