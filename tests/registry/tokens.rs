//! Tokens: asked for, kept, asked for anew.

use waybill_core::limits;
use waybill_core::reference::{Reference, Target};
use waybill_core::registry::error::RegistryError;
use waybill_core::registry::transport::Response;
use waybill_core::view::Action;
use waybill_testkit::transport::{answer, with};

use super::{ALL, TOKEN, URL, bearer, body, client, expect, proxied, read, refused, token};

#[test]
fn an_unknown_realm_is_learned_from_the_real_request() {
    let client = proxied(None);
    expect(
        &client,
        [URL, ALL].concat(),
        bearer(answer(401, ""), "https://auth.example/token"),
    );
    expect(&client, TOKEN, token("t0ken-1"));
    expect(
        &client,
        [URL, ALL, " | authorization: Bearer t0ken-1"].concat(),
        answer(200, "one"),
    );
    assert_eq!(body(read(&client, "r.example/a/b:1")), "one");

    // The token is kept for the repository.
    expect(
        &client,
        [URL, "2", ALL, " | authorization: Bearer t0ken-1"].concat(),
        answer(200, "two"),
    );
    assert_eq!(body(read(&client, "r.example/a/b:12")), "two");

    // The realm is remembered for the registry, with the other repository's own scope.
    expect(
        &client,
        "proxy token GET https://auth.example/token?service=r.example&scope=repository:c:pull",
        token("t0ken-2"),
    );
    expect(
        &client,
        [
            "proxy GET https://r.example/v2/c/manifests/1",
            ALL,
            " | authorization: Bearer t0ken-2",
        ]
        .concat(),
        answer(200, "three"),
    );
    assert_eq!(body(read(&client, "r.example/c:1")), "three");
}

#[test]
fn a_token_that_expired_is_asked_for_once_more() {
    for expired in [
        bearer(answer(401, ""), "https://auth.example/token"),
        // Some registries send no challenge then, and public.ecr.aws answers 400.
        answer(401, ""),
        answer(
            400,
            r#"{"errors":[{"code":"DENIED","message":"Your Authorization Token is invalid."}]}"#,
        ),
    ] {
        let client = proxied(None);
        expect(
            &client,
            [URL, ALL].concat(),
            bearer(answer(401, ""), "https://auth.example/token"),
        );
        expect(&client, TOKEN, token("t0ken-1"));
        expect(
            &client,
            [URL, ALL, " | authorization: Bearer t0ken-1"].concat(),
            answer(200, "one"),
        );
        assert_eq!(body(read(&client, "r.example/a/b:1")), "one");

        expect(
            &client,
            [URL, ALL, " | authorization: Bearer t0ken-1"].concat(),
            expired.clone(),
        );
        expect(&client, TOKEN, token("t0ken-2"));
        expect(
            &client,
            [URL, ALL, " | authorization: Bearer t0ken-2"].concat(),
            answer(200, "two"),
        );
        assert_eq!(body(read(&client, "r.example/a/b:1")), "two");

        // It never loops.
        expect(
            &client,
            [URL, ALL, " | authorization: Bearer t0ken-2"].concat(),
            expired.clone(),
        );
        expect(&client, TOKEN, token("t0ken-3"));
        expect(
            &client,
            [URL, ALL, " | authorization: Bearer t0ken-3"].concat(),
            expired,
        );
        refused(read(&client, "r.example/a/b:1"));
    }
}

#[test]
fn requests_side_by_side_share_the_new_token() {
    let client = proxied(None);
    expect(
        &client,
        [URL, ALL].concat(),
        bearer(answer(401, ""), "https://auth.example/token"),
    );
    expect(&client, TOKEN, token("t0ken-1"));
    expect(
        &client,
        [URL, ALL, " | authorization: Bearer t0ken-1"].concat(),
        answer(200, ""),
    );
    body(read(&client, "r.example/a/b:1"));
    // Both go out with the old token; the second hears of it only when the first has a new one.
    let expired = bearer(answer(401, ""), "https://auth.example/token");
    let line = |tag: &str, token: &str| {
        format!(
            "{}{tag}{ALL} | authorization: Bearer {token}",
            URL.trim_end_matches('1')
        )
    };
    expect(&client, line("2", "t0ken-1"), expired.clone());
    client
        .transport()
        .expect_slow(line("3", "t0ken-1"), Ok(expired), 3);
    expect(&client, TOKEN, token("t0ken-2"));
    expect(&client, line("2", "t0ken-2"), answer(200, "two"));
    expect(&client, line("3", "t0ken-2"), answer(200, "three"));
    let references: Vec<Reference> = ["2", "3"]
        .iter()
        .map(|tag| format!("r.example/a/b:{tag}").parse().expect("a reference"))
        .collect();
    let targets: Vec<Target> = references.iter().map(Reference::target).collect();
    let both = references.iter().zip(&targets).map(|(reference, target)| {
        client.manifest(reference.host(), reference.repository(), target, None)
    });
    let bodies: Vec<String> = client
        .transport()
        .run_all(both)
        .into_iter()
        .map(body)
        .collect();
    assert_eq!(bodies, ["two", "three"]);
    client.transport().finish();
}

#[test]
fn where_the_realm_is_known_the_token_comes_first() {
    for (name, realm, url) in [
        (
            "nginx:1",
            "auth.docker.io/token?service=registry.docker.io",
            "registry-1.docker.io/v2/library/nginx",
        ),
        (
            "ghcr.io/o/r:1",
            "ghcr.io/token?service=ghcr.io",
            "ghcr.io/v2/o/r",
        ),
        (
            "quay.io/o/r:1",
            "quay.io/v2/auth?service=quay.io",
            "quay.io/v2/o/r",
        ),
        (
            "registry.gitlab.com/o/r:1",
            "gitlab.com/jwt/auth?service=container_registry",
            "registry.gitlab.com/v2/o/r",
        ),
        (
            "public.ecr.aws/o/r:1",
            "public.ecr.aws/token/?service=public.ecr.aws",
            "public.ecr.aws/v2/o/r",
        ),
    ] {
        let client = client();
        let repository = url.split_once("/v2/").expect("an API address").1;
        expect(
            &client,
            format!("proxy token GET https://{realm}&scope=repository:{repository}:pull"),
            token("t0ken"),
        );
        let line =
            format!("proxy GET https://{url}/manifests/1{ALL} | authorization: Bearer t0ken");
        expect(&client, line, answer(200, "known"));
        assert_eq!(body(read(&client, name)), "known", "{name}");
    }
}

#[test]
fn a_known_realm_that_fails_leaves_the_word_to_the_registry() {
    let token_line =
        "proxy token GET https://ghcr.io/token?service=ghcr.io&scope=repository:o/r:pull";
    let line = ["proxy GET https://ghcr.io/v2/o/r/manifests/1", ALL].concat();
    // The repository needs no token.
    let client = client();
    expect(&client, token_line, answer(500, ""));
    expect(&client, &line, answer(200, "public"));
    assert_eq!(body(read(&client, "ghcr.io/o/r:1")), "public");
    // The realm moved.
    let client = super::client();
    expect(&client, token_line, answer(404, ""));
    expect(
        &client,
        &line,
        bearer(answer(401, ""), "https://new.ghcr.io/token"),
    );
    expect(
        &client,
        "proxy token GET https://new.ghcr.io/token?service=r.example&scope=repository:a/b:pull&scope=repository:o/r:pull",
        token("t0ken"),
    );
    expect(
        &client,
        [&line, " | authorization: Bearer t0ken"].concat(),
        answer(200, "moved"),
    );
    assert_eq!(body(read(&client, "ghcr.io/o/r:1")), "moved");
    // The same realm is not asked twice.
    let client = super::client();
    let denied =
        r#"{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}"#;
    let challenge =
        r#"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:o/r:pull""#;
    expect(&client, token_line, answer(403, denied));
    expect(
        &client,
        &line,
        with(answer(401, ""), "www-authenticate", challenge),
    );
    let (error, told) = refused(read(&client, "ghcr.io/o/r:1"));
    assert_eq!(
        error.to_string(),
        "ghcr.io gives no token without credentials (403)"
    );
    assert_eq!(
        told.evidence,
        [
            "https://ghcr.io/token through the proxy: 403",
            "DENIED: requested access to the resource is denied"
        ]
    );
    assert_eq!(told.actions, [Action::AskCredentials, Action::Retry]);
}

#[test]
fn a_fresh_token_that_is_refused_means_that_credentials_are_needed() {
    let client = client();
    let token_line = "proxy token GET https://auth.docker.io/token?service=registry.docker.io&scope=repository:o/private:pull";
    let challenge = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:o/private:pull",error="insufficient_scope""#;
    let body = r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":[{"Type":"repository"}]}]}"#;
    expect(&client, token_line, token("t0ken"));
    expect(
        &client,
        [
            "proxy GET https://registry-1.docker.io/v2/o/private/manifests/1",
            ALL,
            " | authorization: Bearer t0ken",
        ]
        .concat(),
        with(answer(401, body), "www-authenticate", challenge),
    );
    let (error, told) = refused(read(&client, "o/private:1"));
    assert!(matches!(error, RegistryError::CredentialsNeeded(_)));
    assert_eq!(told.what, "registry-1.docker.io wants credentials (401)");
    assert_eq!(
        told.evidence,
        [
            "https://registry-1.docker.io/v2/o/private/manifests/1 through the proxy: 401",
            r#"UNAUTHORIZED: authentication required: [{"Type":"repository"}]"#
        ]
    );
    assert_eq!(told.actions, [Action::AskCredentials]);
}

#[test]
fn a_challenge_may_add_scopes_but_no_more_than_pull() {
    let client = proxied(None);
    let challenge = r#"Bearer realm="https://auth.example/token",service="Docker registry",scope="repository:a/b:pull,push,delete aws repository:z:*""#;
    expect(
        &client,
        [URL, ALL].concat(),
        with(answer(401, ""), "www-authenticate", challenge),
    );
    expect(
        &client,
        "proxy token GET https://auth.example/token?service=Docker%20registry&scope=aws&scope=repository:a/b:pull&scope=repository:z:pull",
        token("t0ken"),
    );
    expect(
        &client,
        [URL, ALL, " | authorization: Bearer t0ken"].concat(),
        answer(200, "one"),
    );
    assert_eq!(body(read(&client, "r.example/a/b:1")), "one");
    // The token is found again although its scopes are not this client's own.
    expect(
        &client,
        [URL, ALL, " | authorization: Bearer t0ken"].concat(),
        answer(200, "two"),
    );
    assert_eq!(body(read(&client, "r.example/a/b:1")), "two");
}

#[test]
fn a_token_endpoint_may_fail_in_its_own_ways() {
    let asked = |response: Response| {
        let client = proxied(None);
        expect(
            &client,
            [URL, ALL].concat(),
            bearer(answer(401, ""), "https://auth.example/token?secret=t0ken"),
        );
        expect(&client, TOKEN.replace('?', "?secret=t0ken&"), response);
        refused(read(&client, "r.example/a/b:1"))
    };
    for (response, what) in [
        (
            answer(200, "<html>"),
            "no token from auth.example: the token endpoint answers with an HTML page, not with JSON",
        ),
        (
            answer(200, "[]"),
            "no token from auth.example: the token endpoint's answer is not a JSON object",
        ),
        (
            answer(200, r#"{"token":""}"#),
            "no token from auth.example: the token endpoint's answer has neither token nor access_token",
        ),
        (
            answer(200, r#"{"token":"t0ken 2"}"#),
            "no token from auth.example: the token holds a character that cannot stand in a header",
        ),
        (
            Response {
                over_limit: true,
                ..answer(200, vec![b' '; limits::TOKEN_BYTES])
            },
            "no token from auth.example: the token endpoint's answer is longer than 1 MiB",
        ),
        (
            answer(503, ""),
            "auth.example gives no token without credentials (503)",
        ),
    ] {
        let (_, told) = asked(response);
        assert_eq!(told.what, what);
        assert_eq!(told.actions, [Action::Retry]);
        assert!(
            told.evidence[0].starts_with("https://auth.example/token"),
            "{told:?}"
        );
    }
}
