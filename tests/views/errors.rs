//! Everything that can go wrong on the way to a registry.

use waybill::inspection::Msg;
use waybill_core::digest::Digest;
use waybill_core::registry::auth_policy::RealmError;
use waybill_core::registry::endpoints::Origin;
use waybill_core::registry::error::{ErrorAnswer, RegistryError};
use waybill_core::registry::token::TokenError;
use waybill_core::registry::transport::{TransportError, Via};
use waybill_core::workflow::fetch::Failure;
use waybill_core::workflow::inspect::{self as workflow, ContentKey};

use super::Named;
use super::harness::{Harness, honest, refusal, registry};

const AT: &str = "/inspect/registry.example/team/app:1.0";
const URL: &str = "https://registry.example/v2/team/app/manifests/1.0";

pub(crate) const STATES: &[Named] = &[
    ("error-cross-origin", || {
        transport(&[(Via::Direct, TransportError::Opaque)])
    }),
    ("error-cross-origin-no-proxy", || {
        transport(&[
            (Via::Direct, TransportError::Opaque),
            (Via::Proxy, TransportError::NoProxy),
        ])
    }),
    ("error-cross-origin-docker-hub", || {
        let url = "https://registry-1.docker.io/v2/library/nginx/manifests/1.27".to_owned();
        let attempts = vec![(Via::Direct, TransportError::Opaque)];
        failed(
            "/inspect/nginx:1.27",
            &RegistryError::Transport { url, attempts },
        )
    }),
    ("error-proxy-down", || {
        transport(&[(Via::Proxy, TransportError::ProxyDown)])
    }),
    ("error-offline", || {
        transport(&[
            (Via::Direct, TransportError::Offline),
            (Via::Proxy, TransportError::Offline),
        ])
    }),
    ("error-timed-out", || {
        transport(&[(
            Via::Direct,
            TransportError::TimedOut {
                seconds: 30,
                received: None,
            },
        )])
    }),
    ("error-timed-out-both-ways", || {
        let late = |seconds, received| TransportError::TimedOut { seconds, received };
        transport(&[
            (Via::Direct, late(30, None)),
            (Via::Proxy, late(60, Some(512))),
        ])
    }),
    ("error-redirected", || {
        transport(&[(Via::Direct, TransportError::Redirected { read: true })])
    }),
    ("error-redirected-write", || {
        transport(&[(Via::Direct, TransportError::Redirected { read: false })])
    }),
    ("error-token-endpoint-unknown", || {
        let message = "registry.example has not named https://login.example/token to this proxy";
        refused_by_proxy("TOKEN_ENDPOINT_UNKNOWN", message)
    }),
    ("error-proxy-refused-address", || {
        refused_by_proxy(
            "ADDRESS_REFUSED",
            "10.0.0.5 is a private address; --allow 10.0.0.5:443 names it",
        )
    }),
    ("error-proxy-refused-limit", || {
        refused_by_proxy("LIMIT_REACHED", "60 requests a minute from one address")
    }),
    ("error-proxy-upstream", || {
        refused_by_proxy(
            "UPSTREAM_REFUSED",
            "registry.example:443 refuses connections",
        )
    }),
    ("error-broken-body", || {
        transport(&[(Via::Proxy, TransportError::BrokenBody { received: 512 })])
    }),
    ("error-credentials-needed", || {
        let body = r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}"#;
        at(&RegistryError::CredentialsNeeded(refusal(401, &[], body)))
    }),
    ("error-credentials-refused", || {
        at(&RegistryError::CredentialsRefused(refusal(
            401,
            &[],
            "wrong password",
        )))
    }),
    ("error-challenge-hidden", || {
        at(&RegistryError::ChallengeHidden(ErrorAnswer {
            via: Via::Direct,
            ..refusal(401, &[], "")
        }))
    }),
    ("error-forbidden", || {
        let body = r#"{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}"#;
        at(&RegistryError::Forbidden(refusal(403, &[], body)))
    }),
    ("error-not-found", || {
        let body = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"1.0"}}]}"#;
        at(&RegistryError::NotFound(refusal(404, &[], body)))
    }),
    ("error-too-many-requests", || {
        let body = r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}"#;
        at(&RegistryError::TooManyRequests(refusal(
            429,
            &[("retry-after", "120")],
            body,
        )))
    }),
    ("error-server", || {
        let body = "<html><h1>502 Bad Gateway</h1></html>";
        at(&RegistryError::Server(refusal(
            502,
            &[("content-type", "text/html")],
            body,
        )))
    }),
    ("error-unexpected-status", || {
        at(&RegistryError::UnexpectedStatus(refusal(204, &[], "")))
    }),
    ("error-too-large", || {
        let (url, via, stated) = (URL.to_owned(), Via::Proxy, Some(9_000_000));
        at(&RegistryError::TooLarge {
            url,
            via,
            limit: 4 << 20,
            stated,
        })
    }),
    ("error-realm-refused", || {
        let reason = RealmError::Private {
            host: "10.0.0.7".into(),
        };
        at(&RegistryError::RealmRefused {
            registry: "registry.example".into(),
            realm: "https://10.0.0.7/token".into(),
            reason,
        })
    }),
    ("error-realm-unconfirmed", || {
        at(&RegistryError::RealmUnconfirmed {
            registry: "registry.example".into(),
            realm: Origin::parse("https://login.example:8443").expect("an origin"),
        })
    }),
    ("error-realm-unconfirmed-http", || {
        let realm = Origin::parse("http://login.example:8443").expect("an origin");
        at(&RegistryError::RealmUnconfirmed {
            registry: "registry.example".into(),
            realm,
        })
    }),
    ("error-token-refused", || {
        at(&RegistryError::TokenRefused {
            answer: refusal(401, &[], ""),
            with_credentials: true,
        })
    }),
    ("error-token-unreadable", || {
        let url = "https://registry.example/token".to_owned();
        at(&RegistryError::TokenUnreadable {
            url,
            reason: TokenError::NotJson,
        })
    }),
    ("not-listed", || {
        let stranger = Digest::sha256(b"stranger");
        Harness::at(&format!("{AT}?at={stranger}")).served("oci-index/windows")
    }),
    ("cancelled", || {
        let mut harness = Harness::at(AT);
        harness.inspection(Msg::Workflow(workflow::Msg::Cancel));
        harness
    }),
    ("not-bundled", || {
        Harness::opened("index.json", INDEX.as_bytes(), true)
    }),
    ("not-bundled-child", || {
        let mut harness = Harness::opened("index.json", INDEX.as_bytes(), true);
        harness.go(&format!("/verify?at={}", Digest::sha256(b"a")));
        harness
    }),
    ("child-too-large", || {
        let json = INDEX.replace("\"size\":7", "\"size\":5000000");
        let harness = Harness::at(&format!("{AT}?at={}", Digest::sha256(b"a")));
        harness.answer(|key| (*key == ContentKey::Root).then(|| Ok(honest(&json, OCI_INDEX))))
    }),
    ("image-without-its-config", || {
        let config = |key: &ContentKey| match key {
            ContentKey::Config(_) => Err(Failure::Registry(Box::new(RegistryError::NotFound(
                refusal(404, &[], ""),
            )))),
            _ => registry("oci-manifest/greeter", key),
        };
        Harness::at(AT).answer(|key| Some(config(key)))
    }),
    ("image-without-its-config-config", || {
        let config = |key: &ContentKey| match key {
            ContentKey::Config(_) => Err(Failure::Registry(Box::new(RegistryError::NotFound(
                refusal(404, &[], ""),
            )))),
            _ => registry("oci-manifest/greeter", key),
        };
        Harness::at(&format!("{AT}?tab=config")).answer(|key| Some(config(key)))
    }),
];

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// One entry, the sha256 of `a`.
const INDEX: &str = concat!(
    r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":["#,
    r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","#,
    r#""digest":"sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb","size":7,"#,
    r#""platform":{"architecture":"amd64","os":"linux"}}]}"#
);

fn at(error: &RegistryError) -> Harness {
    failed(AT, error)
}

fn failed(address: &str, error: &RegistryError) -> Harness {
    Harness::at(address).answer(|_| Some(Err(Failure::Registry(Box::new(error.clone())))))
}

fn transport(attempts: &[(Via, TransportError)]) -> Harness {
    at(&RegistryError::Transport {
        url: URL.to_owned(),
        attempts: attempts.to_vec(),
    })
}

fn refused_by_proxy(code: &str, message: &str) -> Harness {
    transport(&[(
        Via::Proxy,
        TransportError::ProxyRefused {
            code: code.into(),
            message: message.into(),
        },
    )])
}
