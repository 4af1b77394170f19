//! Directly or through the proxy.

use waybill_core::digest::Digest;
use waybill_core::media_type::MediaType;
use waybill_core::reference::{Reference, Target};
use waybill_core::registry::client::Client;
use waybill_core::registry::endpoints::Origin;
use waybill_core::registry::error::RegistryError;
use waybill_core::registry::push::Repository;
use waybill_core::registry::settings::Access;
use waybill_core::registry::transport::{Response, TransportError, Via};
use waybill_core::view::{Action, CORS_SNIPPET, Explanation};
use waybill_testkit::transport::{Script, answer, with};

use super::{
    ALL, BASIC, DOCKER, TOKEN, URL, bearer, body, client, credentials, expect, fail, proxied, read,
    refused, set, token,
};

const BROKEN: TransportError = TransportError::BrokenBody { received: 7 };

#[test]
fn what_the_page_cannot_reach_goes_through_the_proxy_from_then_on() {
    let client = client();
    fail(
        &client,
        ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat(),
        TransportError::Opaque,
    );
    expect(&client, [URL, ALL].concat(), answer(200, "one"));
    let answered = read(&client, "r.example/a/b:1");
    assert_eq!(answered.as_ref().map(|answer| answer.via), Ok(Via::Proxy));
    assert_eq!(body(answered), "one");
    expect(&client, [URL, ALL].concat(), answer(200, "two"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "two");
    // The person may say otherwise.
    set(&client, "r.example", Access::Direct, None);
    fail(
        &client,
        ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat(),
        TransportError::Opaque,
    );
    let (_, told) = refused(read(&client, "r.example/a/b:1"));
    assert_eq!(
        told.actions,
        [Action::UseProxy, Action::UsePlainHttp, Action::Retry]
    );
    assert_eq!(told.snippet, Some(CORS_SNIPPET));
    assert!(!told.causes.is_empty());
}

#[test]
fn without_a_proxy_what_was_seen_directly_comes_first() {
    let client = client();
    fail(
        &client,
        ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat(),
        TransportError::Opaque,
    );
    fail(&client, [URL, ALL].concat(), TransportError::NoProxy);
    let (error, told) = refused(read(&client, "r.example/a/b:1"));
    assert_eq!(
        error,
        RegistryError::Transport {
            url: "https://r.example/v2/a/b/manifests/1".into(),
            attempts: vec![
                (Via::Direct, TransportError::Opaque),
                (Via::Proxy, TransportError::NoProxy)
            ],
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
    assert!(
        told.next.iter().any(|next| next.contains("scripts/serve")),
        "{told:?}"
    );
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
        fail(
            &client,
            ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat(),
            error.clone(),
        );
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
        (
            "LIMIT_REACHED",
            "wait a moment, then ask again",
            vec![Action::Retry],
        ),
        (
            "UPSTREAM_TLS",
            "check the host name, and whether the registry is up",
            vec![Action::UsePlainHttp, Action::Retry],
        ),
        (
            "REDIRECT_REFUSED",
            "the proxy's own words say what is wrong",
            vec![Action::Retry],
        ),
    ] {
        let error = TransportError::ProxyRefused {
            code: code.into(),
            message: "its own words".into(),
        };
        fail(&client, [URL, ALL].concat(), error);
        let (_, told) = refused(read(&client, "r.example/a/b:1"));
        assert_eq!((told.next[0].as_str(), told.actions), (next, actions));
        assert!(told.evidence[0].ends_with(&format!("the proxy refused ({code}): its own words")));
    }
    fail(&client, [URL, ALL].concat(), TransportError::ProxyDown);
    assert_eq!(
        refused(read(&client, "r.example/a/b:1")).1.next,
        ["start the proxy again"]
    );
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
    expect(
        &client,
        [URL, ALL].concat(),
        bearer(answer(401, ""), "https://auth.example/token"),
    );
    expect(&client, TOKEN, token("t0ken"));
    expect(
        &client,
        [URL, ALL, " | authorization: Bearer t0ken"].concat(),
        answer(200, "in"),
    );
    assert_eq!(body(read(&client, "r.example/a/b:1")), "in");

    // With credentials the registry itself is first asked with them; the preflight that this needs may fail.
    let client = super::client();
    set(&client, "r.example", Access::Automatic, Some(credentials()));
    expect(&client, &direct, answer(401, ""));
    fail(&client, [&direct, BASIC].concat(), TransportError::Opaque);
    expect(
        &client,
        [URL, ALL].concat(),
        with(answer(401, ""), "www-authenticate", "Basic"),
    );
    expect(&client, [URL, ALL, BASIC].concat(), answer(200, "in"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "in");

    // With no proxy the person is told what is hidden.
    let client = super::client();
    expect(&client, &direct, answer(401, ""));
    fail(&client, [URL, ALL].concat(), TransportError::NoProxy);
    let (error, told) = refused(read(&client, "r.example/a/b:1"));
    assert!(matches!(error, RegistryError::ChallengeHidden(_)));
    assert_eq!(
        told.what,
        "r.example wants credentials and hides from pages which kind (401)"
    );
    assert_eq!(told.snippet, Some(CORS_SNIPPET));
    assert_eq!(told.actions, [Action::UseProxy, Action::AskCredentials]);

    // Cancelling ends it.
    let client = super::client();
    expect(&client, &direct, answer(401, ""));
    fail(&client, [URL, ALL].concat(), TransportError::Cancelled);
    assert!(
        read(&client, "r.example/a/b:1")
            .expect_err("cancelled")
            .is_cancelled()
    );
}

#[test]
fn a_token_endpoint_that_refuses_the_page_is_asked_through_the_proxy() {
    let direct = ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat();
    let client = client();
    expect(
        &client,
        &direct,
        bearer(answer(401, ""), "https://auth.example/token"),
    );
    fail(
        &client,
        TOKEN.replace("proxy", "direct"),
        TransportError::Opaque,
    );
    expect(&client, TOKEN, token("t0ken"));
    expect(
        &client,
        [&direct, " | authorization: Bearer t0ken"].concat(),
        answer(200, "in"),
    );
    let answered = read(&client, "r.example/a/b:1").expect("an answer");
    assert_eq!(answered.via, Via::Direct);

    // Where the registry then refuses the page too, the token that is there goes through the proxy.
    fail(
        &client,
        [&direct, " | authorization: Bearer t0ken"].concat(),
        TransportError::Opaque,
    );
    expect(
        &client,
        [URL, ALL, " | authorization: Bearer t0ken"].concat(),
        answer(200, "in"),
    );
    assert_eq!(
        read(&client, "r.example/a/b:1").expect("an answer").via,
        Via::Proxy
    );

    // The person said directly: then nothing goes through the proxy.
    let client = super::client();
    set(&client, "r.example", Access::Direct, None);
    expect(
        &client,
        &direct,
        bearer(answer(401, ""), "https://auth.example/token"),
    );
    fail(
        &client,
        TOKEN.replace("proxy", "direct"),
        TransportError::Opaque,
    );
    assert!(
        refused(read(&client, "r.example/a/b:1"))
            .1
            .what
            .starts_with("no answer from auth.example")
    );

    let client = super::client();
    expect(
        &client,
        &direct,
        bearer(answer(401, ""), "https://auth.example/token"),
    );
    fail(
        &client,
        TOKEN.replace("proxy", "direct"),
        TransportError::Opaque,
    );
    fail(&client, TOKEN, TransportError::NoProxy);
    let (error, _) = refused(read(&client, "r.example/a/b:1"));
    assert_eq!(
        error,
        RegistryError::Transport {
            url: "https://auth.example/token".into(),
            attempts: vec![
                (Via::Direct, TransportError::Opaque),
                (Via::Proxy, TransportError::NoProxy)
            ],
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
    expect(
        &client,
        [URL, ALL, " | authorization: Bearer t0ken-1"].concat(),
        answer(200, "one"),
    );
    assert_eq!(body(read(&client, "r.example/a/b:1")), "one");
    // Neither the way through the proxy nor the anonymous token is kept; what was confirmed is.
    let host = "r.example".parse().expect("a host");
    client.confirm_realm(
        &host,
        &Origin::parse("https://auth.example").expect("an origin"),
    );
    set(&client, "r.example", Access::Automatic, Some(credentials()));
    expect(&client, &direct, challenge());
    expect(
        &client,
        [&TOKEN.replace("proxy", "direct"), BASIC].concat(),
        token("t0ken-2"),
    );
    expect(
        &client,
        [&direct, " | authorization: Bearer t0ken-2"].concat(),
        answer(200, "two"),
    );
    assert_eq!(body(read(&client, "r.example/a/b:1")), "two");
    assert_eq!(client.settings(&host).credentials, Some(credentials()));
}

#[test]
fn a_registry_that_does_not_answer_the_page_is_read_through_the_proxy() {
    let direct = ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat();
    let late = |seconds, received| TransportError::TimedOut { seconds, received };
    let client = client();
    fail(&client, &direct, late(30, None));
    expect(&client, [URL, ALL].concat(), answer(200, "one"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "one");
    expect(&client, [URL, ALL].concat(), answer(200, "two"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "two");

    // What had begun to answer is no question of the way.
    let client = super::client();
    fail(&client, &direct, late(30, Some(7)));
    let (_, told) = refused(read(&client, "r.example/a/b:1"));
    assert_eq!(
        told.what,
        "no answer from r.example: nothing more came for 30 seconds behind 7 bytes"
    );
    assert_eq!(told.actions, [Action::UseProxy, Action::Retry]);
    assert_eq!(
        told.next,
        [
            "go through the proxy",
            "ask again: it may be slow, or something on the way drops what is sent to it"
        ]
    );

    let client = super::client();
    fail(&client, &direct, late(30, None));
    fail(&client, [URL, ALL].concat(), late(60, None));
    let (_, told) = refused(read(&client, "r.example/a/b:1"));
    assert_eq!(
        told.what,
        "no answer from r.example: no answer within 30 seconds; no answer within 60 seconds"
    );
    assert_eq!(
        told.evidence,
        [
            "https://r.example/v2/a/b/manifests/1 directly: no answer within 30 seconds",
            "https://r.example/v2/a/b/manifests/1 through the proxy: no answer within 60 seconds"
        ]
    );
    assert_eq!(told.actions, [Action::Retry]);
}

#[test]
fn what_writes_is_not_done_twice_where_no_answer_came_and_not_redirected() {
    let place = Repository {
        host: "r.example".parse().expect("a host"),
        repository: "a/b".parse().expect("a repository"),
    };
    let target = Target::Tag("1".parse().expect("a tag"));
    let line = "PUT https://r.example/v2/a/b/manifests/1 | content-type: application/vnd.oci.image.index.v1+json | {}";
    let put = |client: &Client<Script>| {
        let index = MediaType::OCI_INDEX;
        let put = client.put_manifest(&place, &target, &index, b"{}");
        let result = client.transport().run(put);
        client.transport().finish();
        result.map(|put| put.via)
    };
    for failure in [
        TransportError::TimedOut {
            seconds: 30,
            received: None,
        },
        TransportError::Redirected { read: false },
    ] {
        let client = client();
        fail(&client, format!("direct {line}"), failure.clone());
        let error = put(&client).expect_err("no answer");
        let told = error.explain_push();
        assert_eq!(
            told.actions.contains(&Action::UseProxy),
            failure != TransportError::Redirected { read: false }
        );
        if failure == (TransportError::Redirected { read: false }) {
            assert_eq!(
                told.what,
                "no answer from r.example: the answer is a redirect, which is not followed for such a request"
            );
            assert_eq!(
                told.next,
                [
                    "name the registry by the address that it redirects to, if you know and trust it",
                    "tell whoever runs it: what is written, and what is sent for a token, is not redirected"
                ]
            );
        }
    }
    // Whether something is there may be asked through the proxy, which follows, judging each address.
    let digest = Digest::sha256(b"x");
    let client = client();
    let head = |way: &str| format!("{way} HEAD https://r.example/v2/a/b/blobs/{digest}");
    fail(
        &client,
        head("direct"),
        TransportError::Redirected { read: true },
    );
    expect(&client, head("proxy"), answer(200, ""));
    assert_eq!(
        client.transport().run(client.has_blob(&place, &digest)),
        Ok(true)
    );
    client.transport().finish();
    set(&client, "r.example", Access::Direct, None);
    fail(
        &client,
        head("direct"),
        TransportError::Redirected { read: true },
    );
    let error = client
        .transport()
        .run(client.has_blob(&place, &digest))
        .expect_err("it is redirected");
    let told = error.explain();
    assert_eq!(
        told.next,
        ["go through the proxy, which judges every address that a redirect leads to"]
    );
    assert_eq!(told.actions, [Action::UseProxy, Action::Retry]);
}

#[test]
fn a_redirected_token_request_ends_there() {
    let client = client();
    let direct = ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat();
    expect(
        &client,
        &direct,
        bearer(answer(401, ""), "https://auth.example/token"),
    );
    fail(
        &client,
        TOKEN.replace("proxy", "direct"),
        TransportError::Redirected { read: false },
    );
    let (_, told) = refused(read(&client, "r.example/a/b:1"));
    assert!(
        told.what
            .starts_with("no answer from auth.example: the answer is a redirect"),
        "{told:?}"
    );
}

#[test]
fn a_browser_that_is_offline_is_told_so_and_nothing_else() {
    let direct = ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat();
    let offline = |told: &Explanation| {
        assert_eq!(
            told.what.split_once(": ").map(|(_, what)| what),
            Some("this browser is offline")
        );
        assert_eq!(told.next, ["ask again when you are online again"]);
        assert_eq!(
            (told.causes.len(), told.snippet, told.actions.as_slice()),
            (0, None, &[Action::Retry][..])
        );
    };
    let client = client();
    fail(&client, &direct, TransportError::Offline);
    fail(&client, [URL, ALL].concat(), TransportError::Offline);
    offline(&refused(read(&client, "r.example/a/b:1")).1);
    // For a token, and where it is written.
    expect(
        &client,
        &direct,
        bearer(answer(401, ""), "https://auth.example/token"),
    );
    fail(
        &client,
        TOKEN.replace("proxy", "direct"),
        TransportError::Offline,
    );
    fail(&client, TOKEN, TransportError::Offline);
    let (error, told) = refused(read(&client, "r.example/a/b:1"));
    offline(&told);
    assert_eq!(error.explain_push(), told);
    // A proxy on the same machine answers all the same, and has its own words.
    let proxied = super::proxied(None);
    fail(&proxied, [URL, ALL].concat(), TransportError::Offline);
    offline(&refused(read(&proxied, "r.example/a/b:1")).1);
    fail(&client, &direct, TransportError::Offline);
    let message = "r.example has no address".to_owned();
    fail(
        &client,
        [URL, ALL].concat(),
        TransportError::ProxyRefused {
            code: "UPSTREAM_DNS".into(),
            message,
        },
    );
    let (_, told) = refused(read(&client, "r.example/a/b:1"));
    assert_eq!(
        told.next[..2],
        [
            "check the host name, and whether the registry is up",
            "if the registry speaks plain http, say so"
        ]
    );
    assert_eq!(
        told.next.last().map(String::as_str),
        Some("ask again when you are online again")
    );
    fail(&client, &direct, TransportError::Offline);
    expect(&client, [URL, ALL].concat(), answer(200, "one"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "one");
}

#[test]
fn a_way_is_kept_only_where_the_registry_answered() {
    let direct = ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat();
    let client = client();
    for _ in 0..2 {
        fail(&client, &direct, TransportError::Opaque);
        expect(
            &client,
            [URL, ALL].concat(),
            answer(502, "the gateway is away"),
        );
        refused(read(&client, "r.example/a/b:1"));
        fail(&client, &direct, TransportError::Opaque);
        expect(
            &client,
            [URL, ALL].concat(),
            bearer(answer(401, ""), "https://10.0.0.5/token"),
        );
        refused(read(&client, "r.example/a/b:1"));
    }
    // That there is no such thing is an answer.
    fail(&client, &direct, TransportError::Opaque);
    expect(&client, [URL, ALL].concat(), answer(404, ""));
    refused(read(&client, "r.example/a/b:1"));
    expect(&client, [URL, ALL].concat(), answer(200, "one"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "one");
}

#[test]
fn a_way_that_one_request_learned_is_not_forgotten_by_another() {
    let reference: Reference = "r.example/a/b:1".parse().expect("a reference");
    let target = reference.target();
    let direct = ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat();
    let failing: [fn() -> Result<Response, TransportError>; 4] = [
        || Ok(answer(502, "the gateway is away")),
        || Ok(bearer(answer(401, ""), "https://10.0.0.5/token")),
        || Err(TransportError::BrokenBody { received: 0 }),
        || Ok(answer(504, "")),
    ];
    for fails in failing {
        let client = client();
        // Both are refused at once; the first is answered through the proxy, the second is not.
        fail(&client, &direct, TransportError::Opaque);
        fail(&client, &direct, TransportError::Opaque);
        let script = client.transport();
        script.expect([URL, ALL].concat(), Ok(answer(200, "one")));
        script.expect_slow([URL, ALL].concat(), fails(), 2);
        let read_one = || client.manifest(reference.host(), reference.repository(), &target, None);
        let both = script.run_all([read_one(), read_one()]);
        assert_eq!(both.iter().filter(|read| read.is_ok()).count(), 1);
        expect(&client, [URL, ALL].concat(), answer(200, "next"));
        assert_eq!(body(read(&client, "r.example/a/b:1")), "next");
    }
}

#[test]
fn a_proxy_that_has_not_seen_the_challenge_is_shown_it_once() {
    let unknown = || TransportError::ProxyRefused {
        code: "TOKEN_ENDPOINT_UNKNOWN".into(),
        message: "r.example has not named auth.example to this proxy".into(),
    };
    let direct = ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat();
    let challenge = || bearer(answer(401, ""), "https://auth.example/token");
    // The page saw the challenge itself; the token endpoint lets no page read.
    let client = client();
    set(&client, "r.example", Access::Automatic, Some(credentials()));
    let host = "r.example".parse().expect("a host");
    client.confirm_realm(
        &host,
        &Origin::parse("https://auth.example").expect("an origin"),
    );
    expect(&client, &direct, challenge());
    fail(
        &client,
        [&TOKEN.replace("proxy", "direct"), BASIC].concat(),
        TransportError::Opaque,
    );
    fail(&client, [TOKEN, BASIC].concat(), unknown());
    expect(&client, URL, challenge());
    expect(&client, [TOKEN, BASIC].concat(), token("t0ken"));
    expect(
        &client,
        [&direct, " | authorization: Bearer t0ken"].concat(),
        answer(200, "one"),
    );
    assert_eq!(body(read(&client, "r.example/a/b:1")), "one");

    // Refused again, whatever the registry answered in between: its words, and no third time.
    let client = proxied(None);
    expect(&client, [URL, ALL].concat(), challenge());
    fail(&client, TOKEN, unknown());
    fail(&client, URL, TransportError::BrokenBody { received: 0 });
    fail(&client, TOKEN, unknown());
    let (_, told) = refused(read(&client, "r.example/a/b:1"));
    assert_eq!(
        told.what,
        "no answer from auth.example: the proxy refused (TOKEN_ENDPOINT_UNKNOWN): r.example has not named auth.example \
         to this proxy"
    );
    assert_eq!(
        told.next,
        [
            "ask again: the proxy relays to a token endpoint that the registry has just named to it",
            "where the proxy runs in several copies, have one copy answer all requests of a page"
        ]
    );
    assert_eq!(told.actions, [Action::Retry]);

    // For what writes, the registry is asked for nothing but its challenge.
    let client = proxied(Some(credentials()));
    client.confirm_realm(
        &host,
        &Origin::parse("https://auth.example").expect("an origin"),
    );
    let put = "proxy PUT https://r.example/v2/a/b/manifests/1";
    let typed = " | content-type: application/vnd.oci.image.index.v1+json | {}";
    let to_write = [TOKEN, ",push", BASIC].concat();
    expect(&client, [put, typed].concat(), challenge());
    fail(&client, &to_write, unknown());
    expect(&client, "proxy GET https://r.example/v2/", challenge());
    expect(&client, to_write, token("t0ken"));
    expect(
        &client,
        [put, " | authorization: Bearer t0ken", typed].concat(),
        answer(201, ""),
    );
    let place = Repository {
        host,
        repository: "a/b".parse().expect("a repository"),
    };
    let target = Target::Tag("1".parse().expect("a tag"));
    let index = MediaType::OCI_INDEX;
    let putting = client.put_manifest(&place, &target, &index, b"{}");
    assert_eq!(
        client.transport().run(putting).map(|put| put.via),
        Ok(Via::Proxy)
    );
    client.transport().finish();
}
