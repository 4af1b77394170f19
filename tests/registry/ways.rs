//! Directly or through the proxy.

use waybill_core::registry::error::RegistryError;
use waybill_core::registry::explain::{Action, CORS_SNIPPET};
use waybill_core::registry::settings::Access;
use waybill_core::registry::transport::{TransportError, Via};

use super::transport::{answer, with};
use super::{
    ALL, BASIC, DOCKER, TOKEN, URL, bearer, body, client, credentials, expect, fail, proxied, read, refused, set, token,
};

const BROKEN: TransportError = TransportError::BrokenBody { received: 7 };

#[test]
fn what_the_page_cannot_reach_goes_through_the_proxy_from_then_on() {
    let client = client();
    fail(&client, ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat(), TransportError::Opaque);
    expect(&client, [URL, ALL].concat(), answer(200, "one"));
    let answered = read(&client, "r.example/a/b:1");
    assert_eq!(answered.as_ref().map(|answer| answer.via), Ok(Via::Proxy));
    assert_eq!(body(answered), "one");
    expect(&client, [URL, ALL].concat(), answer(200, "two"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "two");
    // The person may say otherwise.
    set(&client, "r.example", Access::Direct, None);
    fail(&client, ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat(), TransportError::Opaque);
    let (_, told) = refused(read(&client, "r.example/a/b:1"));
    assert_eq!(told.actions, [Action::UseProxy, Action::UsePlainHttp, Action::Retry]);
    assert_eq!(told.snippet, Some(CORS_SNIPPET));
    assert!(!told.causes.is_empty());
}

#[test]
fn without_a_proxy_what_was_seen_directly_comes_first() {
    let client = client();
    fail(&client, ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat(), TransportError::Opaque);
    fail(&client, [URL, ALL].concat(), TransportError::NoProxy);
    let (error, told) = refused(read(&client, "r.example/a/b:1"));
    assert_eq!(
        error,
        RegistryError::Transport {
            url: "https://r.example/v2/a/b/manifests/1".into(),
            attempts: vec![(Via::Direct, TransportError::Opaque), (Via::Proxy, TransportError::NoProxy)],
        }
    );
    assert_eq!(
        told.what,
        "no answer from r.example: the browser got no readable answer; this page was not served by a waybill proxy"
    );
    assert_eq!(
        told.evidence,
        [
            "https://r.example/v2/a/b/manifests/1 directly: the browser got no readable answer",
            "https://r.example/v2/a/b/manifests/1 through the proxy: this page was not served by a waybill proxy"
        ]
    );
    assert_eq!(told.snippet, Some(CORS_SNIPPET));
    assert!(told.next.iter().any(|next| next.contains("scripts/serve")), "{told:?}");
    assert_eq!(told.actions, [Action::UsePlainHttp, Action::Retry]);
}

#[test]
fn a_registry_that_refuses_browsers_is_never_asked_directly() {
    let client = client();
    let line = ["proxy GET https://mcr.microsoft.com/v2/a/manifests/1", ALL].concat();
    fail(&client, line, TransportError::NoProxy);
    let (_, told) = refused(read(&client, "mcr.microsoft.com/a:1"));
    assert_eq!(told.snippet, None);
    assert_eq!(told.actions, [Action::Retry]);
}

#[test]
fn other_failures_do_not_change_the_way() {
    for error in [TransportError::Cancelled, BROKEN] {
        let client = client();
        fail(&client, ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat(), error.clone());
        let failed = read(&client, "r.example/a/b:1").expect_err("an error");
        assert_eq!(failed.is_cancelled(), error == TransportError::Cancelled);
    }
    let client = proxied(None);
    for (code, next, actions) in [
        (
            "ADDRESS_REFUSED",
            "if you trust that address, start the proxy with the --allow that it names",
            vec![Action::Retry],
        ),
        ("LIMIT_REACHED", "wait a moment, then ask again", vec![Action::Retry]),
        (
            "UPSTREAM_TLS",
            "check the host name, and whether the registry is up",
            vec![Action::UsePlainHttp, Action::Retry],
        ),
        ("REDIRECT_REFUSED", "the proxy's own words say what is wrong", vec![Action::Retry]),
    ] {
        let error = TransportError::ProxyRefused { code: code.into(), message: "its own words".into() };
        fail(&client, [URL, ALL].concat(), error);
        let (_, told) = refused(read(&client, "r.example/a/b:1"));
        assert_eq!((told.next[0].as_str(), told.actions), (next, actions));
        assert!(told.evidence[0].ends_with(&format!("the proxy refused ({code}): its own words")));
    }
    fail(&client, [URL, ALL].concat(), TransportError::ProxyDown);
    assert_eq!(refused(read(&client, "r.example/a/b:1")).1.next, ["start the proxy again"]);
    fail(&client, [URL, ALL].concat(), BROKEN);
    assert_eq!(
        refused(read(&client, "r.example/a/b:1")).1.what,
        "no answer from r.example: the answer broke off behind 7 bytes"
    );
}

#[test]
fn a_challenge_that_a_page_cannot_read_is_read_through_the_proxy() {
    let direct = ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat();
    let client = client();
    expect(&client, &direct, answer(401, ""));
    expect(&client, [URL, ALL].concat(), bearer(answer(401, ""), "https://auth.example/token"));
    expect(&client, TOKEN, token("t0ken"));
    expect(&client, [URL, ALL, " | authorization: Bearer t0ken"].concat(), answer(200, "in"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "in");

    // With credentials the registry itself is first asked with them; the preflight that this needs may fail.
    let client = super::client();
    set(&client, "r.example", Access::Automatic, Some(credentials()));
    expect(&client, &direct, answer(401, ""));
    fail(&client, [&direct, BASIC].concat(), TransportError::Opaque);
    expect(&client, [URL, ALL].concat(), with(answer(401, ""), "www-authenticate", "Basic"));
    expect(&client, [URL, ALL, BASIC].concat(), answer(200, "in"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "in");

    // With no proxy the person is told what is hidden.
    let client = super::client();
    expect(&client, &direct, answer(401, ""));
    fail(&client, [URL, ALL].concat(), TransportError::NoProxy);
    let (error, told) = refused(read(&client, "r.example/a/b:1"));
    assert!(matches!(error, RegistryError::ChallengeHidden(_)));
    assert_eq!(told.what, "r.example wants credentials and hides from pages which kind (401)");
    assert_eq!(told.snippet, Some(CORS_SNIPPET));
    assert_eq!(told.actions, [Action::UseProxy, Action::AskCredentials]);

    // Cancelling ends it.
    let client = super::client();
    expect(&client, &direct, answer(401, ""));
    fail(&client, [URL, ALL].concat(), TransportError::Cancelled);
    assert!(read(&client, "r.example/a/b:1").expect_err("cancelled").is_cancelled());
}

#[test]
fn a_token_endpoint_that_refuses_the_page_is_asked_through_the_proxy() {
    let direct = ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat();
    let client = client();
    expect(&client, &direct, bearer(answer(401, ""), "https://auth.example/token"));
    fail(&client, TOKEN.replace("proxy", "direct"), TransportError::Opaque);
    expect(&client, TOKEN, token("t0ken"));
    expect(&client, [&direct, " | authorization: Bearer t0ken"].concat(), answer(200, "in"));
    let answered = read(&client, "r.example/a/b:1").expect("an answer");
    assert_eq!(answered.via, Via::Direct);

    // Where the registry then refuses the page too, the token that is there goes through the proxy.
    fail(&client, [&direct, " | authorization: Bearer t0ken"].concat(), TransportError::Opaque);
    expect(&client, [URL, ALL, " | authorization: Bearer t0ken"].concat(), answer(200, "in"));
    assert_eq!(read(&client, "r.example/a/b:1").expect("an answer").via, Via::Proxy);

    // The person said directly: then nothing goes through the proxy.
    let client = super::client();
    set(&client, "r.example", Access::Direct, None);
    expect(&client, &direct, bearer(answer(401, ""), "https://auth.example/token"));
    fail(&client, TOKEN.replace("proxy", "direct"), TransportError::Opaque);
    assert!(refused(read(&client, "r.example/a/b:1")).1.what.starts_with("no answer from auth.example"));

    let client = super::client();
    expect(&client, &direct, bearer(answer(401, ""), "https://auth.example/token"));
    fail(&client, TOKEN.replace("proxy", "direct"), TransportError::Opaque);
    fail(&client, TOKEN, TransportError::NoProxy);
    let (error, _) = refused(read(&client, "r.example/a/b:1"));
    assert_eq!(
        error,
        RegistryError::Transport {
            url: "https://auth.example/token".into(),
            attempts: vec![(Via::Direct, TransportError::Opaque), (Via::Proxy, TransportError::NoProxy)],
        }
    );
}

#[test]
fn what_the_person_sets_is_tried_anew() {
    let client = client();
    let direct = ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat();
    let challenge = || bearer(answer(401, ""), "https://auth.example/token");
    fail(&client, &direct, TransportError::Opaque);
    expect(&client, [URL, ALL].concat(), challenge());
    expect(&client, TOKEN, token("t0ken-1"));
    expect(&client, [URL, ALL, " | authorization: Bearer t0ken-1"].concat(), answer(200, "one"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "one");
    // Neither the way through the proxy nor the anonymous token is kept; what was confirmed is.
    let host = "r.example".parse().expect("a host");
    client.confirm_realm(&host, "auth.example");
    set(&client, "r.example", Access::Automatic, Some(credentials()));
    expect(&client, &direct, challenge());
    expect(&client, [&TOKEN.replace("proxy", "direct"), BASIC].concat(), token("t0ken-2"));
    expect(&client, [&direct, " | authorization: Bearer t0ken-2"].concat(), answer(200, "two"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "two");
    assert_eq!(client.settings(&host).credentials, Some(credentials()));
}
