use super::*;

fn judged(realm: &str, registry: &str) -> String {
    let registry = Origin::parse(registry).expect("an origin");
    match check_realm(realm, &registry) {
        Ok(origin) => origin.authority(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn realms() {
    let of = |realm| judged(realm, "https://r.example");
    assert_eq!(of("https://auth.example/token"), "auth.example");
    assert_eq!(of("https://auth.example:8443?x=1"), "auth.example:8443");
    assert_eq!(of("https://8.8.8.8/token"), "8.8.8.8");
    assert_eq!(
        of("http://auth.example/token"),
        "the realm is http, a registry that speaks https needs one with https"
    );
    for realm in [
        "/token",
        "https://a.example/#x",
        "https://a.example\\t",
        "ftp://a.example/",
        "https://a.example/\t",
    ] {
        assert_eq!(
            of(realm),
            "the realm is not an absolute http or https address",
            "{realm}"
        );
    }
    for realm in [
        "https://u:p@auth.example/",
        "https://auth.example@evil.example",
        "https://@a.example/t",
    ] {
        assert_eq!(
            of(realm),
            "the realm holds a user name, an address of a token endpoint must not",
            "{realm}"
        );
    }
    assert_eq!(
        of("https://10.1.2.3/token"),
        "the realm's host 10.1.2.3 is a private address, only the registry's own host may be one"
    );
}

#[test]
fn private_hosts_in_every_spelling() {
    for host in [
        "localhost",
        "LOCALHOST",
        "a.localhost",
        "127.0.0.1",
        "127.9.9.9",
        "10.0.0.1",
        "172.31.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::]",
        "[fd00::1]",
        "[fe80::1]",
        "[::ffff:a00:1]",
        "[::7f00:1]",
    ] {
        let told = judged(&format!("https://{host}/token"), "https://r.example");
        assert!(told.contains("is a private address"), "{host}: {told}");
    }
    for host in [
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "[2606:4700::1]",
        "localhost.example",
        "10.example",
    ] {
        assert_eq!(
            judged(&format!("https://{host}/token"), "https://r.example"),
            host
        );
    }
}

#[test]
fn a_registry_inside_a_private_network_may_be_its_own_realm() {
    assert_eq!(
        judged("http://localhost:5001/auth", "http://localhost:5000"),
        "localhost:5001"
    );
    assert_eq!(
        judged("https://10.0.0.5/auth", "http://10.0.0.5:5000"),
        "10.0.0.5"
    );
    assert!(judged("http://10.0.0.6/auth", "http://10.0.0.5:5000").contains("private"));
}

#[test]
fn credentials_go_to_the_same_origin_or_a_known_realm_only() {
    let may = |realm: &str, host: &str, registry: &str| {
        let origin = |text: &str| Origin::parse(text).expect("an origin");
        may_see_credentials(
            &origin(realm),
            &host.parse().expect("a host"),
            &origin(registry),
        )
    };
    assert!(may(
        "https://r.example/token",
        "r.example",
        "https://r.example"
    ));
    assert!(may(
        "https://r.example:443/token",
        "r.example",
        "https://r.example"
    ));
    assert!(!may(
        "https://r.example:8443/token",
        "r.example",
        "https://r.example"
    ));
    assert!(!may(
        "http://r.example/token",
        "r.example",
        "https://r.example"
    ));
    assert!(!may(
        "https://r.example/token",
        "r.example:80",
        "http://r.example"
    ));
    assert!(may(
        "https://auth.docker.io/token",
        "docker.io",
        "https://registry-1.docker.io"
    ));
    assert!(may(
        "https://gitlab.com/jwt/auth",
        "registry.gitlab.com",
        "https://registry.gitlab.com"
    ));
    assert!(!may(
        "https://gitlab.com/jwt/auth",
        "docker.io",
        "https://registry-1.docker.io"
    ));
    assert!(!may(
        "https://auth.docker.io/token",
        "r.example",
        "https://r.example"
    ));
    assert!(!may(
        "https://auth.docker.io:8443/token",
        "docker.io",
        "https://registry-1.docker.io"
    ));
}

#[test]
fn the_token_endpoints_of_known_services() {
    for realm in [
        "https://auth.docker.io/token",
        "https://Auth.Docker.io:443/token",
        "https://ghcr.io/token",
        "https://public.ecr.aws/token/",
        "https://quay.io/v2/auth",
        "https://gitlab.com/jwt/auth",
        "https://gcr.io/v2/token",
        "https://eu.gcr.io/v2/token",
        "https://europe-west1-docker.pkg.dev/v2/token",
        "https://harbour.azurecr.io/oauth2/token",
    ] {
        assert!(is_known_realm(realm), "{realm}");
    }
    for realm in [
        "",
        "https://auth.docker.io",
        "https://auth.docker.io/",
        "https://auth.docker.io/token/",
        "https://auth.docker.io/token/x",
        "https://auth.docker.io//token",
        "https://auth.docker.io:8443/token",
        "https://auth.docker.io.example/token",
        "https://x.auth.docker.io/token",
        "https://u@auth.docker.io/token",
        "http://auth.docker.io/token",
        "https://ghcr.io/v2/_catalog",
        "https://quay.io/v2/auth/x",
        "https://quay.io/v2/token",
        "https://evilgcr.io/v2/token",
        "https://pkg.dev/v2/token",
        "https://gcr.io/v2/a/tags/list",
        "https://registry.gitlab.com/jwt/auth",
    ] {
        assert!(!is_known_realm(realm), "{realm}");
    }
}

#[test]
fn hosts_that_refuse_browsers() {
    let refuses = |host: &str| refuses_browsers(&host.parse().expect("a host"));
    for host in [
        "docker.io",
        "eu.gcr.io",
        "a-docker.pkg.dev",
        "1.dkr.ecr.eu-west-1.amazonaws.com",
        "x.azurecr.io",
    ] {
        assert!(refuses(host), "{host}");
    }
    for host in [
        "localhost:5000",
        "zot.example",
        "evilgcr.io",
        "pkg.dev",
        "docker.io.example",
    ] {
        assert!(!refuses(host), "{host}");
    }
}
