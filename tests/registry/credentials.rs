//! Credentials, and where they may go.

use waybill_core::registry::error::RegistryError;
use waybill_core::registry::explain::Action;
use waybill_core::registry::settings::Access;

use super::transport::{answer, with};
use super::{
    ALL, BASIC, DOCKER, TOKEN, URL, bearer, body, client, credentials, expect, proxied, read, refused, set, token,
};

#[test]
fn basic_is_answered_with_credentials_and_remembered() {
    let client = proxied(Some(credentials()));
    let challenge = with(answer(401, ""), "www-authenticate", r#"Basic realm="Registry Realm""#);
    expect(&client, [URL, ALL].concat(), challenge.clone());
    expect(&client, [URL, ALL, BASIC].concat(), answer(200, "one"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "one");
    expect(&client, [URL, ALL, BASIC].concat(), answer(200, "two"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "two");
    // Another registry sees nothing of it.
    expect(&client, ["direct GET https://other.example/v2/a/manifests/1", DOCKER].concat(), answer(200, "other"));
    assert_eq!(body(read(&client, "other.example/a:1")), "other");

    expect(&client, [URL, ALL, BASIC].concat(), challenge);
    let (error, told) = refused(read(&client, "r.example/a/b:1"));
    assert!(matches!(error, RegistryError::CredentialsRefused(_)));
    assert_eq!(told.what, "r.example does not accept these credentials (401)");
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
    let line = "proxy token GET https://r.example/token?service=r.example&scope=repository:a/b:pull";
    expect(&client, [URL, ALL].concat(), bearer(answer(401, ""), "https://r.example:443/token"));
    expect(&client, [&line.replace("example/", "example:443/"), BASIC].concat(), token("t0ken"));
    expect(&client, [URL, ALL, " | authorization: Bearer t0ken"].concat(), answer(200, "in"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "in");

    // And to the one known for the registry.
    let client = super::client();
    set(&client, "docker.io", Access::Automatic, Some(credentials()));
    let known = "proxy token GET https://auth.docker.io/token?service=registry.docker.io&scope=repository:o/r:pull";
    expect(&client, [known, BASIC].concat(), answer(401, r#"{"details":"incorrect username or password"}"#));
    let line = ["proxy GET https://registry-1.docker.io/v2/o/r/manifests/1", ALL].concat();
    let challenge = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io""#;
    expect(&client, line, with(answer(401, ""), "www-authenticate", challenge));
    let (_, told) = refused(read(&client, "o/r:1"));
    assert_eq!(told.what, "auth.docker.io gives no token for these credentials (401)");
    assert_eq!(
        told.evidence[1],
        r#"the body is not the registry API's JSON: {"details":"incorrect username or password"}"#
    );
    assert_eq!(told.actions, [Action::AskCredentials, Action::Retry]);
}

#[test]
fn a_foreign_realm_sees_no_credential_until_it_is_confirmed() {
    for realm in ["https://evil.example/token", "https://r.example:8443/token", "https://auth.docker.io/token"] {
        let client = proxied(Some(credentials()));
        let realm_host = realm.split('/').nth(2).expect("a host").to_owned();
        // The script holds no request but the first: nothing at all is sent to the realm.
        expect(&client, [URL, ALL].concat(), bearer(answer(401, ""), realm));
        let (error, told) = refused(read(&client, "r.example/a/b:1"));
        let registry = "r.example".to_owned();
        assert_eq!(
            error,
            RegistryError::RealmUnconfirmed { registry: registry.clone(), realm_host: realm_host.clone() }
        );
        assert_eq!(told.what, format!("r.example wants its credentials to be sent to {realm_host}"));
        assert_eq!(told.actions, [Action::ConfirmRealm { registry, realm_host: realm_host.clone() }]);

        // Asked again, before and after the person confirmed it; the realm is remembered.
        refused(read(&client, "r.example/a/b:1"));
        client.confirm_realm(&"other.example".parse().expect("a host"), &realm_host);
        refused(read(&client, "r.example/a/b:1"));
        client.confirm_realm(&"r.example".parse().expect("a host"), &realm_host);
        let line = format!("proxy token GET {realm}?service=r.example&scope=repository:a/b:pull{BASIC}");
        expect(&client, line, token("t0ken"));
        expect(&client, [URL, ALL, " | authorization: Bearer t0ken"].concat(), answer(200, "in"));
        assert_eq!(body(read(&client, "r.example/a/b:1")), "in");
    }
}

#[test]
fn a_realm_that_must_not_be_asked_is_not() {
    for (realm, reason) in [
        ("http://auth.example/token", "the realm is http, a registry that speaks https needs one with https"),
        ("https://u:p@auth.example/token", "the realm holds a user name, an address of a token endpoint must not"),
        (
            "https://169.254.169.254/latest",
            "the realm's host 169.254.169.254 is a private address, only the registry's own host may be one",
        ),
        (
            "https://localhost:8080/token",
            "the realm's host localhost is a private address, only the registry's own host may be one",
        ),
        ("/token", "the realm is not an absolute http or https address"),
        ("javascript:alert(1)", "the realm is not an absolute http or https address"),
    ] {
        for credentials in [None, Some(credentials())] {
            let client = proxied(credentials);
            expect(&client, [URL, ALL].concat(), bearer(answer(401, ""), realm));
            let (error, told) = refused(read(&client, "r.example/a/b:1"));
            assert!(matches!(error, RegistryError::RealmRefused { .. }), "{realm}: {error:?}");
            assert_eq!(told.what, format!("r.example sends for a token to {realm}: {reason}"));
        }
    }
    // A registry on this machine may keep its token endpoint here too.
    let client = client();
    let url = ["direct GET http://localhost:5000/v2/a/b/manifests/1", DOCKER].concat();
    expect(&client, &url, bearer(answer(401, ""), "http://localhost:5001/token"));
    expect(
        &client,
        "direct token GET http://localhost:5001/token?service=r.example&scope=repository:a/b:pull",
        token("t0ken"),
    );
    expect(&client, [&url, " | authorization: Bearer t0ken"].concat(), answer(200, "in"));
    assert_eq!(body(read(&client, "localhost:5000/a/b:1")), "in");
}

#[test]
fn of_several_challenges_the_token_is_taken() {
    let client = proxied(Some(credentials()));
    let both = with(answer(401, ""), "www-authenticate", r#"Basic realm="x""#);
    let both = with(both, "www-authenticate", r#"Negotiate, BEARER Realm="https://r.example/token""#);
    expect(&client, [URL, ALL].concat(), both);
    expect(
        &client,
        ["proxy token GET https://r.example/token?scope=repository:a/b:pull", BASIC].concat(),
        token("t0ken"),
    );
    expect(&client, [URL, ALL, " | authorization: Bearer t0ken"].concat(), answer(200, "in"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "in");
}

#[test]
fn what_a_registry_repeats_of_a_secret_is_blanked_out() {
    let client = proxied(Some(credentials()));
    let echo = r#"{"errors":[{"code":"UNAUTHORIZED","message":"bad Basic dXNlcjpzM2NyZXQtcGFzc3dvcmQ=","detail":{"p":"s3cret-password"}}]}"#;
    expect(&client, [URL, ALL].concat(), with(answer(401, ""), "www-authenticate", "Basic"));
    expect(&client, [URL, ALL, BASIC].concat(), answer(403, echo));
    let (error, told) = refused(read(&client, "r.example/a/b:1"));
    assert!(matches!(error, RegistryError::Forbidden(_)));
    assert_eq!(told.evidence[1], r#"UNAUTHORIZED: bad Basic <redacted>: {"p":"<redacted>"}"#);

    let client = proxied(None);
    expect(&client, [URL, ALL].concat(), bearer(answer(401, ""), "https://auth.example/token"));
    expect(&client, TOKEN, token("t0ken"));
    expect(
        &client,
        [URL, ALL, " | authorization: Bearer t0ken"].concat(),
        answer(500, format!("{}t0ken", " ".repeat(3))),
    );
    let (_, told) = refused(read(&client, "r.example/a/b:1"));
    assert_eq!(told.evidence[1], "the body is not the registry API's JSON: <redacted>");
}
