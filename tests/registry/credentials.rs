//! Credentials, and where they may go.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use waybill_core::digest::Digest;
use waybill_core::reference::{Reference, RegistryHost};
use waybill_core::registry::answer::Fetched;
use waybill_core::registry::endpoints::Origin;
use waybill_core::registry::error::RegistryError;
use waybill_core::registry::settings::{Access, Credentials, RegistrySettings};
use waybill_core::registry::transport::TransportError;
use waybill_core::view::Action;
use waybill_testkit::transport::{Script, answer, with};

use super::{
    ALL, BASIC, DOCKER, TOKEN, URL, bearer, body, client, credentials, expect, fail, proxied, read,
    refused, set, token,
};

#[test]
fn basic_is_answered_with_credentials_and_remembered() {
    let client = proxied(Some(credentials()));
    let challenge = with(
        answer(401, ""),
        "www-authenticate",
        r#"Basic realm="Registry Realm""#,
    );
    expect(&client, [URL, ALL].concat(), challenge.clone());
    expect(&client, [URL, ALL, BASIC].concat(), answer(200, "one"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "one");
    expect(&client, [URL, ALL, BASIC].concat(), answer(200, "two"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "two");
    // Another registry sees nothing of it.
    expect(
        &client,
        ["direct GET https://other.example/v2/a/manifests/1", DOCKER].concat(),
        answer(200, "other"),
    );
    assert_eq!(body(read(&client, "other.example/a:1")), "other");

    expect(&client, [URL, ALL, BASIC].concat(), challenge);
    let (error, told) = refused(read(&client, "r.example/a/b:1"));
    assert!(matches!(error, RegistryError::CredentialsRefused(_)));
    assert_eq!(
        told.what,
        "r.example does not accept these credentials (401)"
    );
    assert_eq!(told.actions, [Action::AskCredentials]);
}

#[test]
fn without_credentials_they_are_asked_for_and_then_used() {
    let client = proxied(None);
    let challenge = with(answer(401, "{}"), "www-authenticate", "Basic realm=x");
    expect(&client, [URL, ALL].concat(), challenge.clone());
    let (error, told) = refused(read(&client, "r.example/a/b:1"));
    assert!(matches!(error, RegistryError::CredentialsNeeded(_)));
    assert_eq!(told.actions, [Action::AskCredentials]);
    set(&client, "r.example", Access::Proxy, Some(credentials()));
    expect(&client, [URL, ALL].concat(), challenge);
    expect(&client, [URL, ALL, BASIC].concat(), answer(200, "in"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "in");
}

#[test]
fn credentials_go_to_a_realm_on_the_registrys_own_origin() {
    let client = proxied(Some(credentials()));
    let line =
        "proxy token GET https://r.example/token?service=r.example&scope=repository:a/b:pull";
    expect(
        &client,
        [URL, ALL].concat(),
        bearer(answer(401, ""), "https://r.example:443/token"),
    );
    expect(
        &client,
        [&line.replace("example/", "example:443/"), BASIC].concat(),
        token("t0ken"),
    );
    expect(
        &client,
        [URL, ALL, " | authorization: Bearer t0ken"].concat(),
        answer(200, "in"),
    );
    assert_eq!(body(read(&client, "r.example/a/b:1")), "in");

    // And to the one known for the registry.
    let client = super::client();
    set(&client, "docker.io", Access::Automatic, Some(credentials()));
    let known = "proxy token GET https://auth.docker.io/token?service=registry.docker.io&scope=repository:o/r:pull";
    expect(
        &client,
        [known, BASIC].concat(),
        answer(401, r#"{"details":"incorrect username or password"}"#),
    );
    let line = [
        "proxy GET https://registry-1.docker.io/v2/o/r/manifests/1",
        ALL,
    ]
    .concat();
    let challenge = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io""#;
    expect(
        &client,
        line,
        with(answer(401, ""), "www-authenticate", challenge),
    );
    let (_, told) = refused(read(&client, "o/r:1"));
    assert_eq!(
        told.what,
        "auth.docker.io gives no token for these credentials (401)"
    );
    assert_eq!(
        told.evidence[1],
        r#"the body is not the registry API's JSON: {"details":"incorrect username or password"}"#
    );
    assert_eq!(told.actions, [Action::AskCredentials, Action::Retry]);
}

#[test]
fn a_foreign_realm_sees_no_credential_until_it_is_confirmed() {
    for realm in [
        "https://evil.example/token",
        "https://r.example:8443/token",
        "https://auth.docker.io/token",
    ] {
        let client = proxied(Some(credentials()));
        let realm_host = realm.split('/').nth(2).expect("a host").to_owned();
        let origin = Origin::parse(realm).expect("an origin");
        // The script holds no request but the first: nothing at all is sent to the realm.
        expect(&client, [URL, ALL].concat(), bearer(answer(401, ""), realm));
        let (error, told) = refused(read(&client, "r.example/a/b:1"));
        let registry = "r.example".to_owned();
        assert_eq!(
            error,
            RegistryError::RealmUnconfirmed {
                registry: registry.clone(),
                realm: origin.clone()
            }
        );
        assert_eq!(
            told.what,
            format!("r.example wants its credentials to be sent to {realm_host}")
        );
        assert_eq!(
            told.actions,
            [
                Action::ConfirmRealm {
                    registry,
                    realm: origin.clone()
                },
                Action::Retry
            ]
        );

        // Asked again, before and after the person confirmed it; the registry is asked each time how it wants it.
        expect(&client, [URL, ALL].concat(), bearer(answer(401, ""), realm));
        refused(read(&client, "r.example/a/b:1"));
        client.confirm_realm(&"other.example".parse().expect("a host"), &origin);
        expect(&client, [URL, ALL].concat(), bearer(answer(401, ""), realm));
        refused(read(&client, "r.example/a/b:1"));
        client.confirm_realm(&"r.example".parse().expect("a host"), &origin);
        expect(&client, [URL, ALL].concat(), bearer(answer(401, ""), realm));
        let line =
            format!("proxy token GET {realm}?service=r.example&scope=repository:a/b:pull{BASIC}");
        expect(&client, line, token("t0ken"));
        expect(
            &client,
            [URL, ALL, " | authorization: Bearer t0ken"].concat(),
            answer(200, "in"),
        );
        assert_eq!(body(read(&client, "r.example/a/b:1")), "in");
    }
}

#[test]
fn a_realm_that_must_not_be_asked_is_not() {
    for (realm, reason) in [
        (
            "http://auth.example/token",
            "the realm is http, a registry that speaks https needs one with https",
        ),
        (
            "https://u:p@auth.example/token",
            "the realm holds a user name, an address of a token endpoint must not",
        ),
        (
            "https://169.254.169.254/latest",
            "the realm's host 169.254.169.254 is a private address, only the registry's own host may be one",
        ),
        (
            "https://localhost:8080/token",
            "the realm's host localhost is a private address, only the registry's own host may be one",
        ),
        (
            "/token",
            "the realm is not an absolute http or https address",
        ),
        (
            "javascript:alert(1)",
            "the realm is not an absolute http or https address",
        ),
    ] {
        for credentials in [None, Some(credentials())] {
            let client = proxied(credentials);
            expect(&client, [URL, ALL].concat(), bearer(answer(401, ""), realm));
            let (error, told) = refused(read(&client, "r.example/a/b:1"));
            assert!(
                matches!(error, RegistryError::RealmRefused { .. }),
                "{realm}: {error:?}"
            );
            assert_eq!(
                told.what,
                format!("r.example sends for a token to {realm}: {reason}")
            );
        }
    }
    // A registry on this machine may keep its token endpoint here too.
    let client = client();
    let url = [
        "direct GET http://localhost:5000/v2/a/b/manifests/1",
        DOCKER,
    ]
    .concat();
    expect(
        &client,
        &url,
        bearer(answer(401, ""), "http://localhost:5001/token"),
    );
    expect(
        &client,
        "direct token GET http://localhost:5001/token?service=r.example&scope=repository:a/b:pull",
        token("t0ken"),
    );
    expect(
        &client,
        [&url, " | authorization: Bearer t0ken"].concat(),
        answer(200, "in"),
    );
    assert_eq!(body(read(&client, "localhost:5000/a/b:1")), "in");
}

#[test]
fn of_several_challenges_the_token_is_taken() {
    let client = proxied(Some(credentials()));
    let both = with(answer(401, ""), "www-authenticate", r#"Basic realm="x""#);
    let both = with(
        both,
        "www-authenticate",
        r#"Negotiate, BEARER Realm="https://r.example/token""#,
    );
    expect(&client, [URL, ALL].concat(), both);
    expect(
        &client,
        [
            "proxy token GET https://r.example/token?scope=repository:a/b:pull",
            BASIC,
        ]
        .concat(),
        token("t0ken"),
    );
    expect(
        &client,
        [URL, ALL, " | authorization: Bearer t0ken"].concat(),
        answer(200, "in"),
    );
    assert_eq!(body(read(&client, "r.example/a/b:1")), "in");
}

#[test]
fn what_a_registry_repeats_of_a_secret_is_blanked_out() {
    let client = proxied(Some(credentials()));
    let echo = r#"{"errors":[{"code":"UNAUTHORIZED","message":"bad Basic dXNlcjpzM2NyZXQtcGFzc3dvcmQ=","detail":{"p":"s3cret-password"}}]}"#;
    expect(
        &client,
        [URL, ALL].concat(),
        with(answer(401, ""), "www-authenticate", "Basic"),
    );
    expect(&client, [URL, ALL, BASIC].concat(), answer(403, echo));
    let (error, told) = refused(read(&client, "r.example/a/b:1"));
    assert!(matches!(error, RegistryError::Forbidden(_)));
    assert_eq!(
        told.evidence[1],
        r#"UNAUTHORIZED: bad Basic <redacted>: {"p":"<redacted>"}"#
    );

    let client = proxied(None);
    expect(
        &client,
        [URL, ALL].concat(),
        bearer(answer(401, ""), "https://auth.example/token"),
    );
    expect(&client, TOKEN, token("t0ken"));
    expect(
        &client,
        [URL, ALL, " | authorization: Bearer t0ken"].concat(),
        answer(500, format!("{}t0ken", " ".repeat(3))),
    );
    let (_, told) = refused(read(&client, "r.example/a/b:1"));
    assert_eq!(
        told.evidence[1],
        "the body is not the registry API's JSON: <redacted>"
    );
}

#[test]
fn what_was_forgotten_is_confirmed_and_learned_anew() {
    let realm = "https://auth.example/token";
    let host = "r.example".parse().expect("a host");
    let client = proxied(Some(credentials()));
    let other = client.with_transport(Script::new());
    client.confirm_realm(&host, &Origin::parse(realm).expect("an origin"));
    let digest = Digest::sha256(b"private");
    let by_digest = format!("r.example/a/b@{digest}");
    let line = format!("proxy GET https://r.example/v2/a/b/manifests/{digest}{ALL}");
    expect(&client, &line, bearer(answer(401, ""), realm));
    expect(&client, [TOKEN, BASIC].concat(), token("t0ken"));
    expect(
        &client,
        [&line, " | authorization: Bearer t0ken"].concat(),
        answer(200, "private"),
    );
    assert_eq!(body(read(&client, &by_digest)), "private");

    client.forget(&host);
    assert_eq!(client.settings(&host), RegistrySettings::default());
    // The clients of Compose and of a push know no more than this one. Nothing is remembered: not the way, not the
    // token, not the answer; and new credentials do not go to the host that was confirmed for the old ones.
    set(&other, "r.example", Access::Automatic, Some(credentials()));
    let direct = format!("direct GET https://r.example/v2/a/b/manifests/{digest}{DOCKER}");
    expect(&other, direct, bearer(answer(401, ""), realm));
    let (error, _) = refused(read(&other, &by_digest));
    assert!(
        matches!(error, RegistryError::RealmUnconfirmed { .. }),
        "{error:?}"
    );
    client.transport().finish();
}

type Asked<'a> = Pin<Box<dyn Future<Output = Option<Result<Fetched, RegistryError>>> + 'a>>;

#[test]
fn what_is_under_way_when_a_registry_is_forgotten_sends_no_credentials_any_more() {
    let host: RegistryHost = "r.example".parse().expect("a host");
    let reference: Reference = "r.example/a/b:1".parse().expect("a reference");
    // While the registry is asked, and while the token endpoint is.
    for with_token in [false, true] {
        let client = proxied(Some(credentials()));
        let realm = if with_token {
            "https://r.example/token"
        } else {
            "https://r.example:9/token"
        };
        if with_token {
            expect(&client, [URL, ALL].concat(), bearer(answer(401, ""), realm));
            let line = TOKEN.replace("auth.example", "r.example");
            client
                .transport()
                .expect_slow([&line, BASIC].concat(), Ok(token("t0ken")), 5);
        } else {
            client.transport().expect_slow(
                [URL, ALL].concat(),
                Ok(bearer(answer(401, ""), realm)),
                5,
            );
        }
        let target = reference.target();
        let mut forgetting = 0;
        let forget = poll_fn(|_| {
            forgetting += 1;
            if forgetting < 4 {
                return Poll::Pending;
            }
            client.forget(&host);
            Poll::Ready(None)
        });
        let asked = async {
            Some(
                client
                    .manifest(&host, reference.repository(), &target, None)
                    .await,
            )
        };
        let both: [Asked<'_>; 2] = [Box::pin(asked), Box::pin(forget)];
        let asked = client
            .transport()
            .run_all(both)
            .into_iter()
            .flatten()
            .next()
            .expect("an output");
        assert!(asked.expect_err("nothing more is sent").is_cancelled());
        client.transport().finish();
    }
}

#[test]
fn credentials_are_for_one_scheme() {
    let host = "r.example".parse().expect("a host");
    let client = proxied(Some(credentials()));
    // Another way to the same place leaves them.
    client.reach(&host, Access::Proxy, false);
    assert_eq!(client.settings(&host).credentials, Some(credentials()));
    // Over http nobody is told them, whoever switched it on: an address that was opened, or a button.
    client.reach(&host, Access::Proxy, true);
    let line = ["proxy GET http://r.example/v2/a/b/manifests/1", ALL].concat();
    expect(
        &client,
        line,
        with(answer(401, ""), "www-authenticate", "Basic"),
    );
    let (error, _) = refused(read(&client, "r.example/a/b:1"));
    assert!(
        matches!(error, RegistryError::CredentialsNeeded(_)),
        "{error:?}"
    );
    // Nor are those for http kept for https. A loopback host speaks http either way.
    client.configure(
        &host,
        RegistrySettings {
            plain_http: true,
            ..client.settings(&host)
        },
    );
    client.reach(&host, Access::Proxy, false);
    assert_eq!(client.settings(&host).credentials, None);
    let local = "localhost:5000".parse().expect("a host");
    set(
        &client,
        "localhost:5000",
        Access::Automatic,
        Some(credentials()),
    );
    client.reach(&local, Access::Automatic, true);
    assert_eq!(client.settings(&local).credentials, Some(credentials()));
}

#[test]
fn what_is_confirmed_is_scheme_host_and_port() {
    let host = "r.example".parse().expect("a host");
    let (over_https, over_http) = (
        "https://auth.example:5001/token",
        "http://auth.example:5001/token",
    );
    let client = client();
    let settings = RegistrySettings {
        access: Access::Proxy,
        plain_http: true,
        credentials: Some(credentials()),
    };
    client.configure(&host, settings);
    client.confirm_realm(&host, &Origin::parse(over_https).expect("an origin"));
    let line = ["proxy GET http://r.example/v2/a/b/manifests/1", ALL].concat();
    expect(&client, line, bearer(answer(401, ""), over_http));
    let (error, told) = refused(read(&client, "r.example/a/b:1"));
    let realm = Origin::parse(over_http).expect("an origin");
    assert_eq!(
        error,
        RegistryError::RealmUnconfirmed {
            registry: "r.example".into(),
            realm: realm.clone()
        }
    );
    assert_eq!(
        told.what,
        "r.example wants its credentials to be sent to http://auth.example:5001"
    );
    assert_eq!(
        told.next,
        [
            "confirm only if you know that http://auth.example:5001 belongs to r.example",
            "it is plain http: anybody on the way can read what is sent"
        ]
    );
    assert_eq!(
        told.actions,
        [
            Action::ConfirmRealm {
                registry: "r.example".into(),
                realm
            },
            Action::Retry
        ]
    );
}

#[test]
fn one_bad_challenge_does_not_lock_a_registry_out() {
    // Refused, not confirmed, answered with a fault, and with a token that the registry does not take.
    for bad in [
        "https://10.0.0.5/token",
        "https://evil.example/token",
        "https://r.example/fault",
        "https://r.example/no",
    ] {
        let client = proxied(Some(credentials()));
        let asked = |realm: &str| {
            format!("proxy token GET {realm}?service=r.example&scope=repository:a/b:pull{BASIC}")
        };
        expect(&client, [URL, ALL].concat(), bearer(answer(401, ""), bad));
        if bad.ends_with("fault") {
            expect(&client, asked(bad), answer(500, ""));
        } else if bad.ends_with("no") {
            expect(&client, asked(bad), token("t0ken-bad"));
            expect(
                &client,
                [URL, ALL, " | authorization: Bearer t0ken-bad"].concat(),
                bearer(answer(401, ""), bad),
            );
        }
        let (_, told) = refused(read(&client, "r.example/a/b:1"));
        if !bad.ends_with("no") {
            assert!(told.actions.contains(&Action::Retry), "{told:?}");
        }
        // The registry was put right: the very next request hears it, and sends nothing that was refused.
        let good = "https://r.example/token";
        expect(&client, [URL, ALL].concat(), bearer(answer(401, ""), good));
        expect(&client, asked(good), token("t0ken"));
        expect(
            &client,
            [URL, ALL, " | authorization: Bearer t0ken"].concat(),
            answer(200, "in"),
        );
        assert_eq!(body(read(&client, "r.example/a/b:1")), "in", "{bad}");
    }
}

#[test]
fn a_secret_that_is_repeated_in_other_words_is_blanked_out_everywhere() {
    let credentials = Credentials {
        username: "user".into(),
        password: "p\"a/s&s w\u{f6}rd".into(),
    };
    let basic = credentials.basic();
    let authorization = format!(" | authorization: {basic}");
    let spelled = [
        r#"p\"a\/s&s w\u00f6rd"#.to_owned(),
        "p%22a%2fs%26s+w%c3%b6rd".to_owned(),
        "p&quot;a/s&amp;s w&#246;rd".to_owned(),
        "7022612F7326732077C3B67264".to_owned(),
        "cCJhL3MmcyB3w7ZyZA".to_owned(),
        basic.replace("Basic ", "").trim_end_matches('=').to_owned(),
    ];
    let secret_in = |text: &str| {
        spelled
            .iter()
            .any(|spelled| text.contains(spelled.as_str()))
    };
    let challenge = |realm: &str| bearer(answer(401, ""), realm);
    for spelled in &spelled {
        // The body and a header of an error.
        let client = proxied(Some(credentials.clone()));
        expect(
            &client,
            [URL, ALL].concat(),
            with(answer(401, ""), "www-authenticate", "Basic"),
        );
        let answered = with(
            answer(429, format!("no: {spelled}.")),
            "retry-after",
            spelled,
        );
        expect(&client, [URL, ALL, &authorization].concat(), answered);
        let error = read(&client, "r.example/a/b:1").expect_err("an error");
        assert!(
            !secret_in(&format!("{error} {error:?} {:?}", error.explain())),
            "{error:?}"
        );
        assert_eq!(error.answer().expect("an answer").text, "no: <redacted>.");

        // The proxy's words.
        let client = proxied(Some(credentials.clone()));
        let refused = TransportError::ProxyRefused {
            code: "X".into(),
            message: format!("it says {spelled}"),
        };
        fail(&client, [URL, ALL].concat(), refused);
        let error = read(&client, "r.example/a/b:1").expect_err("an error");
        assert!(error.to_string().ends_with("it says <redacted>"), "{error}");
    }
    // Addresses that the registry named: of a token endpoint that is refused, fails, or gives no token. No path with
    // more than ASCII is asked for.
    let path = "p%22a%2fs%26s+word";
    let credentials = Credentials {
        password: "p\"a/s&s word".into(),
        ..credentials
    };
    let authorization = format!(" | authorization: {}", credentials.basic());
    let asked = |realm: &str| {
        format!("proxy token GET {realm}?service=r.example&scope=repository:a/b:pull")
    };
    for (realm, response) in [
        (format!("http://r.example/{path}"), None),
        (
            format!("https://r.example/{path}"),
            Some(Ok(answer(500, ""))),
        ),
        (
            format!("https://r.example/{path}"),
            Some(Ok(answer(200, ""))),
        ),
        (
            format!("https://r.example/{path}"),
            Some(Err(TransportError::ProxyDown)),
        ),
    ] {
        let client = proxied(Some(credentials.clone()));
        expect(&client, [URL, ALL].concat(), challenge(&realm));
        if let Some(response) = response {
            client
                .transport()
                .expect([&asked(&realm), authorization.as_str()].concat(), response);
        }
        let error = read(&client, "r.example/a/b:1").expect_err("an error");
        let told = format!("{error} {error:?} {:?}", error.explain());
        assert!(
            !told.contains(path) && told.contains("<redacted>"),
            "{told}"
        );
    }
}
