//! A page that came from a proxy asks through it first, and directly where the proxy cannot.

use waybill_core::media_type::MediaType;
use waybill_core::reference::Target;
use waybill_core::registry::client::Client;
use waybill_core::registry::error::RegistryError;
use waybill_core::registry::push::Repository;
use waybill_core::registry::settings::{Access, ProxyFirst};
use waybill_core::registry::transport::{TransportError, Via};
use waybill_testkit::transport::{Script, answer};

use super::{
    ALL, BASIC, DOCKER, TOKEN, URL, bearer, body, credentials, expect, fail, read, refused, set,
    token,
};

const DIRECT: &str = "direct GET https://r.example/v2/a/b/manifests/1";

fn client() -> Client<Script> {
    let client = super::client();
    client.prefer_proxy(ProxyFirst::All);
    client
}

fn proxy_refuses(code: &str) -> TransportError {
    TransportError::ProxyRefused {
        code: code.to_owned(),
        message: "the proxy's own words".to_owned(),
    }
}

#[test]
fn a_registry_that_nobody_knows_is_asked_through_the_proxy_alone() {
    let client = client();
    for status in [200, 404, 200] {
        expect(&client, [URL, ALL].concat(), answer(status, "answered"));
        assert_eq!(read(&client, "r.example/a/b:1").is_ok(), status == 200);
    }
    // With its tokens.
    let challenge = bearer(answer(401, ""), "https://auth.example/token");
    expect(&client, [URL, ALL].concat(), challenge);
    expect(&client, TOKEN, token("t0ken"));
    let with_token = [URL, ALL, " | authorization: Bearer t0ken"].concat();
    expect(&client, with_token, answer(200, "in"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "in");
}

#[test]
fn credentials_pass_the_proxy_only_where_there_is_no_other_way() {
    let client = client();
    set(&client, "r.example", Access::Automatic, Some(credentials()));
    let direct = [DIRECT, DOCKER].concat();
    expect(&client, &direct, answer(200, "one"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "one");
    fail(&client, &direct, TransportError::Opaque);
    let challenge = bearer(answer(401, ""), "https://r.example/token");
    expect(&client, [URL, ALL].concat(), challenge);
    let own = "proxy token GET https://r.example/token?service=r.example&scope=repository:a/b:pull";
    expect(&client, [own, BASIC].concat(), token("t0ken"));
    let with_token = [URL, ALL, " | authorization: Bearer t0ken"].concat();
    expect(&client, with_token, answer(200, "two"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "two");
}

#[test]
fn what_the_proxy_does_not_reach_is_asked_directly_and_from_then_on() {
    for failure in [
        proxy_refuses("ADDRESS_REFUSED"),
        proxy_refuses("UPSTREAM_UNREACHABLE"),
        proxy_refuses("UPSTREAM_TLS"),
        proxy_refuses("LIMIT_REACHED"),
        TransportError::NoProxy,
        TransportError::ProxyDown,
        TransportError::Offline,
        TransportError::TimedOut {
            seconds: 60,
            received: None,
        },
    ] {
        let client = client();
        fail(&client, [URL, ALL].concat(), failure.clone());
        expect(&client, [DIRECT, DOCKER].concat(), answer(200, "one"));
        let answered = read(&client, "r.example/a/b:1");
        assert_eq!(
            answered.as_ref().map(|answer| answer.via),
            Ok(Via::Direct),
            "{failure}"
        );
        expect(&client, [DIRECT, DOCKER].concat(), answer(200, "two"));
        assert_eq!(body(read(&client, "r.example/a/b:1")), "two");
        // What the page cannot read there after all goes through the proxy.
        fail(&client, [DIRECT, DOCKER].concat(), TransportError::Opaque);
        expect(&client, [URL, ALL].concat(), answer(200, "three"));
        assert_eq!(body(read(&client, "r.example/a/b:1")), "three");
    }
    // A body that broke off is none of these, and what was cancelled stays so.
    for failure in [
        TransportError::BrokenBody { received: 7 },
        TransportError::Cancelled,
    ] {
        let client = client();
        fail(&client, [URL, ALL].concat(), failure);
        read(&client, "r.example/a/b:1").expect_err("an error");
    }
}

#[test]
fn where_neither_way_leads_there_both_are_told_and_the_proxy_gives_the_advice() {
    let client = client();
    for _ in 0..2 {
        fail(
            &client,
            [URL, ALL].concat(),
            proxy_refuses("ADDRESS_REFUSED"),
        );
        fail(&client, [DIRECT, DOCKER].concat(), TransportError::Opaque);
        let (error, told) = refused(read(&client, "r.example/a/b:1"));
        let RegistryError::Transport { attempts, .. } = error else {
            unreachable!("{error:?}");
        };
        let ways: Vec<Via> = attempts.iter().map(|(via, _)| *via).collect();
        assert_eq!(ways, [Via::Direct, Via::Proxy]);
        assert!(told.next[0].contains("--allow"), "{told:?}");
    }
    // A token service that only the page reaches.
    let challenge = || bearer(answer(401, ""), "https://auth.example/token");
    expect(&client, [URL, ALL].concat(), challenge());
    fail(&client, TOKEN, proxy_refuses("ADDRESS_REFUSED"));
    expect(&client, [DIRECT, DOCKER].concat(), challenge());
    let direct = TOKEN.replace("proxy", "direct");
    expect(&client, direct, token("t0ken"));
    let with_token = [DIRECT, DOCKER, " | authorization: Bearer t0ken"].concat();
    expect(&client, with_token, answer(200, "in"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "in");
    // One that neither reaches: the proxy knows why.
    let client = self::client();
    expect(&client, [URL, ALL].concat(), challenge());
    fail(&client, TOKEN, proxy_refuses("ADDRESS_REFUSED"));
    fail(&client, [DIRECT, DOCKER].concat(), TransportError::Opaque);
    let (error, _) = refused(read(&client, "r.example/a/b:1"));
    assert!(
        matches!(error, RegistryError::TokenUnreachable { .. }),
        "{error:?}"
    );
}

#[test]
fn what_writes_goes_directly_only_where_the_proxy_sent_nothing_on() {
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
        proxy_refuses("METHOD_REFUSED"),
        proxy_refuses("ADDRESS_REFUSED"),
        TransportError::NoProxy,
    ] {
        let client = client();
        fail(&client, format!("proxy {line}"), failure);
        expect(&client, format!("direct {line}"), answer(201, ""));
        assert_eq!(put(&client), Ok(Via::Direct));
    }
    for failure in [
        proxy_refuses("UPSTREAM_TIMEOUT"),
        proxy_refuses("BODY_REFUSED"),
        proxy_refuses("REDIRECT_REFUSED"),
        TransportError::ProxyDown,
        TransportError::TimedOut {
            seconds: 60,
            received: None,
        },
    ] {
        let client = client();
        fail(&client, format!("proxy {line}"), failure);
        put(&client).expect_err("nobody knows whether it was done");
    }
}

#[test]
fn what_the_person_says_holds_and_setting_the_same_again_forgets_nothing() {
    let client = client();
    set(&client, "r.example", Access::Direct, None);
    fail(&client, [DIRECT, DOCKER].concat(), TransportError::Opaque);
    refused(read(&client, "r.example/a/b:1"));
    set(&client, "r.example", Access::Proxy, None);
    fail(&client, [URL, ALL].concat(), TransportError::NoProxy);
    refused(read(&client, "r.example/a/b:1"));
    set(&client, "r.example", Access::Automatic, None);
    fail(&client, [URL, ALL].concat(), TransportError::NoProxy);
    expect(&client, [DIRECT, DOCKER].concat(), answer(200, "one"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "one");
    let host = "r.example".parse().expect("a host");
    client.reach(&host, Access::Automatic, false);
    expect(&client, [DIRECT, DOCKER].concat(), answer(200, "two"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "two");
}

#[test]
fn the_proxy_of_another_machine_has_another_loopback() {
    let line = "GET http://localhost:5000/v2/a/b/manifests/1";
    for (proxy_first, way) in [
        (ProxyFirst::Elsewhere, ["direct ", line, DOCKER]),
        (ProxyFirst::All, ["proxy ", line, ALL]),
    ] {
        let client = super::client();
        client.prefer_proxy(proxy_first);
        expect(&client, way.concat(), answer(200, "one"));
        assert_eq!(body(read(&client, "localhost:5000/a/b:1")), "one");
        expect(&client, [URL, ALL].concat(), answer(200, "two"));
        assert_eq!(body(read(&client, "r.example/a/b:1")), "two");
    }
}

#[test]
fn an_open_archive_is_in_the_page() {
    let client = client();
    let line = [
        "direct GET https://archive.invalid/v2/a/b/manifests/1",
        DOCKER,
    ]
    .concat();
    expect(&client, line, answer(200, "one"));
    assert_eq!(body(read(&client, "archive.invalid/a/b:1")), "one");
}

#[test]
fn a_proxy_that_is_gone_says_nothing_of_a_registry_that_it_reached() {
    let client = client();
    expect(&client, [URL, ALL].concat(), answer(200, "one"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "one");
    for failure in [
        TransportError::ProxyDown,
        TransportError::Offline,
        proxy_refuses("UPSTREAM_UNREACHABLE"),
        proxy_refuses("LIMIT_REACHED"),
    ] {
        fail(&client, [URL, ALL].concat(), failure);
        refused(read(&client, "r.example/a/b:1"));
    }
    // What it refuses, such as a storage to which a blob is redirected, the page may reach.
    fail(
        &client,
        [URL, ALL].concat(),
        proxy_refuses("ADDRESS_REFUSED"),
    );
    expect(&client, [DIRECT, DOCKER].concat(), answer(200, "two"));
    assert_eq!(body(read(&client, "r.example/a/b:1")), "two");
}
