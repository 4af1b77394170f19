//! Which token endpoints are asked: those of known services, and those that a registry has named through this proxy.
//!
//! A token request carries credentials to an address that the page makes up. So it goes only where the challenge of a
//! registry sent the page; what each registry named is remembered for a while, and not for many registries.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};
use tokio::time::Instant;
use waybill_core::registry::auth_policy::is_known_realm;
use waybill_core::registry::challenge::Challenge;
use waybill_core::registry::relay_path::relay_path;
use waybill_core::registry::transport::Purpose;

use crate::relay::endpoint::{Endpoint, TOKEN_QUERY};
use crate::relay::error::TargetError;
use crate::relay::target::Target;
use crate::upstream::url::{Scheme, Url};

/// How long a token endpoint is known after it was named last.
pub(crate) const KNOWN_FOR: Duration = Duration::from_hours(1);

/// How many registries are remembered. The one that has named nothing for the longest time makes room.
pub(crate) const REGISTRIES: usize = 512;

/// How many token endpoints of one registry are remembered.
pub(crate) const REALMS_OF_A_REGISTRY: usize = 4;

/// The longest address of a token endpoint that is remembered, in bytes: all of them take at most 1 MiB.
pub(crate) const REALM_BYTES: usize = 512;

/// What registries have named, shared by all threads.
#[derive(Debug, Default)]
pub(crate) struct Realms {
    /// The one that has named something last is at the back.
    registries: Mutex<VecDeque<RegistryRealms>>,
}

#[derive(Debug)]
struct RegistryRealms {
    url: Url,
    /// The one named last is at the back.
    realms: VecDeque<(Url, Instant)>,
}

impl Realms {
    /// Remembers the token endpoints that `registry` names in the headers of a 401. One in plain http counts only where
    /// the registry itself was asked that way.
    pub(crate) fn note(&self, registry: &Url, headers: &HeaderMap) {
        let lines = headers
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .map(HeaderValue::as_bytes)
            .map(String::from_utf8_lossy);
        let challenges = lines
            .flat_map(|line| Challenge::parse(&line))
            .filter(|challenge| challenge.is("bearer"));
        let realms = challenges.filter_map(|challenge| realm(challenge.parameter("realm")?));
        let allowed = realms
            .filter(|realm| realm.scheme() == Scheme::Https || registry.scheme() == Scheme::Http);
        for realm in allowed.take(REALMS_OF_A_REGISTRY) {
            self.named(registry, realm);
        }
    }

    fn named(&self, by: &Url, realm: Url) {
        let mut registries = self
            .registries
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let known = registries
            .iter()
            .position(|registry| is_same_host(&registry.url, by));
        let registry = known.and_then(|at| registries.remove(at));
        let mut registry = registry.unwrap_or_else(|| RegistryRealms {
            url: by.clone(),
            realms: VecDeque::new(),
        });
        registry.realms.retain(|(known, _)| *known != realm);
        registry.realms.push_back((realm, Instant::now()));
        if registry.realms.len() > REALMS_OF_A_REGISTRY {
            registry.realms.pop_front();
        }
        registries.push_back(registry);
        if registries.len() > REGISTRIES {
            registries.pop_front();
        }
    }

    /// Checks that this token endpoint may be asked, with this query.
    pub(crate) fn check(&self, url: &Url) -> Result<(), TargetError> {
        let address = format!("{}://{}{}", url.scheme(), url.authority(), url.path());
        if is_known_realm(&address) {
            return check_query(url, None);
        }
        let registries = self
            .registries
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let named = registries
            .iter()
            .flat_map(|registry| &registry.realms)
            .filter(|(realm, named)| {
                named.elapsed() < KNOWN_FOR
                    && is_same_host(realm, url)
                    && realm.path() == url.path()
            });
        // One endpoint may be named with several queries.
        let mut result = Err(TargetError::TokenUnknown { realm: address });
        for (realm, _) in named {
            result = check_query(url, realm.query());
            if result.is_ok() {
                break;
            }
        }
        result
    }
}

/// Lets pass only the names that a token is asked for with, and what stands in the query of the endpoint itself.
fn check_query(url: &Url, own: Option<&str>) -> Result<(), TargetError> {
    let is_own = |pair: &str| own.is_some_and(|own| own.split('&').any(|known| known == pair));
    for pair in url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
    {
        let name = pair.split('=').next().unwrap_or_default();
        if !TOKEN_QUERY.contains(&name) && !is_own(pair) {
            return Err(TargetError::Query {
                name: name.chars().take(40).collect(),
            });
        }
    }
    Ok(())
}

/// Reads a realm as the page would ask for it, where a token endpoint may look so.
fn realm(text: &str) -> Option<Url> {
    let path = relay_path(text, Purpose::Token).filter(|_| text.len() <= REALM_BYTES)?;
    Target::parse(&path)
        .ok()
        .filter(|target| target.endpoint == Endpoint::Token)
        .map(|target| target.url)
}

fn is_same_host(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.authority().host() == other.authority().host()
        && one.port() == other.port()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        let (scheme, rest) = text.split_once("://").expect("an address");
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        Url::new(
            scheme.parse().expect("a scheme"),
            authority.parse().expect("a host"),
            format!("/{path}"),
        )
    }

    fn names(realms: &Realms, registry: &str, challenges: &[&str]) {
        let mut headers = HeaderMap::new();
        for challenge in challenges {
            headers.append(
                WWW_AUTHENTICATE,
                HeaderValue::from_str(challenge).expect("a header"),
            );
        }
        realms.note(&url(registry), &headers);
    }

    fn asks(realms: &Realms, realm: &str) -> Result<(), String> {
        realms.check(&url(realm)).map_err(|error| error.to_string())
    }

    fn bearer(realm: &str) -> String {
        format!("Bearer realm=\"{realm}\",service=\"s\"")
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_endpoint_is_known_for_an_hour_after_it_was_named() {
        let realms = Realms::default();
        let unknown =
            asks(&realms, "https://auth.example/token?service=s").expect_err("nobody named it");
        assert_eq!(
            unknown,
            "https://auth.example/token is no token endpoint that this proxy knows: no registry that was asked through it \
             lately has named it; ask the registry through this proxy without credentials first, so that its challenge is \
             seen here, then ask for the token again"
        );
        names(
            &realms,
            "https://r.example/v2/",
            &["Basic realm=\"x\"", &bearer("https://auth.example/token")],
        );
        let query = "service=a&scope=repository%3Aa%3Apull&scope=b&account=c&client_id=d&offline_token=true";
        for known in [
            "https://auth.example/token",
            "https://auth.example:443/token",
            "https://AUTH.example/token?",
        ] {
            assert_eq!(asks(&realms, known), Ok(()), "{known}");
        }
        assert_eq!(
            asks(&realms, &format!("https://auth.example/token?{query}")),
            Ok(())
        );
        for unknown in [
            "https://auth.example/",
            "https://auth.example/token/",
            "https://auth.example/Token",
            "https://auth.example/v2/token",
            "https://auth.example:8443/token",
            "http://auth.example/token",
            "http://auth.example:443/token",
            "https://auth.example.example/token",
            "https://r.example/token",
        ] {
            assert!(
                asks(&realms, unknown).is_err_and(|error| error.contains("is no token endpoint")),
                "{unknown}"
            );
        }
        tokio::time::advance(KNOWN_FOR / 2).await;
        names(
            &realms,
            "https://r.example/v2/",
            &[&bearer("https://auth.example/token")],
        );
        tokio::time::advance(KNOWN_FOR / 2).await;
        assert_eq!(asks(&realms, "https://auth.example/token"), Ok(()));
        tokio::time::advance(KNOWN_FOR / 2).await;
        assert!(asks(&realms, "https://auth.example/token").is_err());
    }

    #[test]
    fn known_services_need_no_name() {
        let realms = Realms::default();
        assert_eq!(
            asks(
                &realms,
                "https://auth.docker.io/token?service=registry.docker.io"
            ),
            Ok(())
        );
        assert_eq!(
            asks(&realms, "https://eu.gcr.io/v2/token?service=gcr.io"),
            Ok(())
        );
        assert!(asks(&realms, "http://auth.docker.io/token").is_err());
        let refused = asks(&realms, "https://auth.docker.io/token?service=a&password=b");
        assert_eq!(
            refused,
            Err("the query name \"password\" is not relayed here".to_owned())
        );
    }

    #[test]
    fn the_query_of_the_endpoint_itself_is_relayed_as_it_was_named() {
        let realms = Realms::default();
        names(
            &realms,
            "https://r.example/v2/",
            &[
                &bearer("https://a.example/t?tenant=x&y"),
                &bearer("https://b.example"),
            ],
        );
        assert_eq!(
            asks(&realms, "https://a.example/t?tenant=x&y&service=s"),
            Ok(())
        );
        assert_eq!(asks(&realms, "https://b.example/?service=s"), Ok(()));
        let refused = |name: &str| Err(format!("the query name \"{name}\" is not relayed here"));
        assert_eq!(
            asks(&realms, "https://a.example/t?tenant=z"),
            refused("tenant")
        );
        assert_eq!(
            asks(&realms, "https://b.example/?tenant=x"),
            refused("tenant")
        );
        assert_eq!(
            asks(&realms, "https://a.example/t?service=a&password=b"),
            refused("password")
        );
    }

    #[test]
    fn what_is_no_token_endpoint_is_not_learned() {
        let realms = Realms::default();
        for realm in [
            "https://a.example/v2/",
            "https://a.example/v2/_catalog",
            "https://a.example/v2/a/tags/list",
            "https://a.example/v2/token/manifests/x",
            "https://u:p@a.example/token",
            "https://a.example/../token",
            "https://a.example/..;/token",
            "https://a.example/%2e%2e/token",
            "https://a.example//token",
            "https://127.1/token",
            "/token",
            "ftp://a.example/token",
            "http://a.example/token",
            &format!("https://a.example/{}", "x".repeat(REALM_BYTES)),
        ] {
            names(
                &realms,
                "https://r.example/v2/",
                &[&bearer(realm), &format!("Basic realm=\"{realm}\"")],
            );
        }
        assert!(realms.registries.lock().expect("no panic").is_empty());
        names(
            &realms,
            "http://r.example/v2/",
            &[&bearer("http://a.example/token")],
        );
        assert_eq!(
            asks(&realms, "http://a.example/token"),
            Ok(()),
            "of a registry in plain http"
        );
    }

    #[test]
    fn the_oldest_make_room() {
        let realms = Realms::default();
        for number in 0..=REALMS_OF_A_REGISTRY {
            names(
                &realms,
                "https://r.example/v2/",
                &[&bearer(&format!("https://a.example/{number}"))],
            );
        }
        assert!(asks(&realms, "https://a.example/0").is_err());
        assert_eq!(
            (
                asks(&realms, "https://a.example/1"),
                asks(&realms, "https://a.example/4")
            ),
            (Ok(()), Ok(()))
        );
        // All of one header come to no more.
        let many: Vec<String> = (10..100)
            .map(|number| bearer(&format!("https://a.example/{number}")))
            .collect();
        names(&realms, "https://many.example/", &[&many.join(", ")]);
        assert_eq!(asks(&realms, "https://a.example/13"), Ok(()));
        assert!(asks(&realms, "https://a.example/14").is_err());
        for number in 0..REGISTRIES - 1 {
            names(
                &realms,
                &format!("https://r{number}.example/v2/"),
                &[&bearer("https://b.example/token")],
            );
        }
        assert!(
            asks(&realms, "https://a.example/4").is_err(),
            "one registry too many"
        );
        assert_eq!(asks(&realms, "https://a.example/13"), Ok(()));
        names(&realms, "https://many.example/other", &[&many[0]]);
        names(
            &realms,
            "https://new.example/v2/",
            &[&bearer("https://c.example/token")],
        );
        assert_eq!(
            asks(&realms, "https://a.example/10"),
            Ok(()),
            "who has named something lately stays"
        );
        assert_eq!(
            realms.registries.lock().expect("no panic").len(),
            REGISTRIES
        );
    }
}
