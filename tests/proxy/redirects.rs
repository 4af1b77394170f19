//! Redirects: followed by the proxy, each hop judged anew, and no credential goes along.

use crate::harness::{
    CertificateAuthority, Does, OTHER, PUBLIC, Proxy, TestNetwork, Upstream, answer, redirect,
};

const BLOB: &str =
    "/v2/a/blobs/sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// A proxy on a network with two hosts in plain http, allowed by name.
fn two_hosts(registry: &Upstream, storage: &Upstream) -> (TestNetwork, Proxy) {
    let network = TestNetwork::default();
    network
        .name("registry.test", &[PUBLIC])
        .server(PUBLIC, registry);
    network
        .name("storage.test", &[OTHER])
        .server(OTHER, storage);
    let proxy = Proxy::new(&network, |config| {
        config
            .allow
            .push("http://registry.test".parse().expect("host"));
        config
            .allow
            .push("http://storage.test".parse().expect("host"));
        config.push = true;
    });
    (network, proxy)
}

async fn get(proxy: &Proxy) -> crate::harness::Answer {
    let headers = [
        ("authorization", "Bearer secret"),
        ("range", "bytes=0-4"),
        ("accept", "a/b"),
    ];
    proxy
        .get_with(&format!("/relay/http/registry.test{BLOB}"), &headers)
        .await
}

#[tokio::test]
async fn a_redirect_is_followed_without_credentials() {
    for location in [
        "http://storage.test/bucket/x?sig=a%2Fb",
        "//storage.test/bucket/x?sig=a%2Fb#part",
    ] {
        let registry = Upstream::plain(move |_| redirect(location)).await;
        let storage = Upstream::ok("hello").await;
        let answer = get(&two_hosts(&registry, &storage).1).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text().as_str()),
            (200, "hello")
        );
        assert_eq!(answer.header("waybill-relay"), Some("relayed"));
        assert!(registry.requests()[0].contains("authorization: Bearer secret\r\n"));
        let request = &storage.requests()[0];
        assert!(
            request.starts_with("GET /bucket/x?sig=a%2Fb HTTP/1.1\r\n"),
            "{request}"
        );
        assert!(request.contains("range: bytes=0-4\r\n") && request.contains("accept: a/b\r\n"));
        assert!(
            !request.contains("authorization") && !request.contains("secret"),
            "{request}"
        );
    }
}

#[tokio::test]
async fn credentials_do_not_come_back_by_a_way_round() {
    let registry = Upstream::plain(|head| match head {
        head if head.contains("/back") => Does::Sends(answer("200 OK", &[], b"hello")),
        _ => redirect("http://storage.test/there"),
    })
    .await;
    let storage = Upstream::plain(|_| redirect("http://registry.test/back")).await;
    assert_eq!(get(&two_hosts(&registry, &storage).1).await.text(), "hello");
    assert!(registry.requests()[0].contains("secret"));
    assert!(!registry.requests()[1].contains("secret"));
}

#[tokio::test]
async fn five_redirects_are_followed_and_no_more() {
    for (hops, followed) in [(5, true), (6, false), (1_000, false)] {
        let registry = Upstream::plain(move |head| {
            let hop: usize = head.split("/hop/").nth(1).map_or(0, |rest| {
                rest.get(..4).expect("four digits").parse().expect("number")
            });
            if hop == hops {
                Does::Sends(answer("200 OK", &[], b"hello"))
            } else {
                redirect(&format!("/hop/{:04}", hop + 1))
            }
        })
        .await;
        let answer = get(&two_hosts(&registry, &registry).1).await;
        if followed {
            assert_eq!(answer.text(), "hello");
        } else {
            let message = "more than 5 redirects, the last to registry.test".to_owned();
            assert_eq!(
                answer.refusal(),
                (502, "REDIRECT_REFUSED".to_owned(), message)
            );
            assert_eq!(registry.requests().len(), 6);
        }
    }
}

#[tokio::test]
async fn a_list_of_referrers_is_read_from_the_registry_alone() {
    let digest = format!("sha256:{}", "0".repeat(64));
    let path = format!("/relay/http/registry.test/v2/a/referrers/{digest}");
    // As ghcr.io does, since 2026: to github.com, which answers with pages.
    let registry = Upstream::plain(|_| redirect("http://storage.test/-/v2/packages")).await;
    let storage = Upstream::ok("{}").await;
    let (_, proxy) = two_hosts(&registry, &storage);
    let message = "registry.test redirects to storage.test, and a list of referrers is read from the registry alone";
    assert_eq!(
        proxy.send("GET", &path, &[], "").await.refusal(),
        (502, "REDIRECT_REFUSED".to_owned(), message.to_owned())
    );
    assert_eq!(storage.connections(), 0);
    // Within the registry it is followed.
    let registry = Upstream::plain(|head| match head {
        head if head.contains("/elsewhere") => Does::Sends(answer("200 OK", &[], b"hello")),
        _ => redirect("/elsewhere"),
    })
    .await;
    let (_, proxy) = two_hosts(&registry, &storage);
    assert_eq!(proxy.send("GET", &path, &[], "").await.text(), "hello");
}

#[tokio::test]
async fn every_hop_is_judged_anew() {
    let inside = Upstream::ok("secret").await;
    let port = inside.address.port();
    for (location, message) in [
        (
            format!("https://127.0.0.1:{port}/x"),
            format!(
                "a redirect leads to 127.0.0.1:{port}: 127.0.0.1 is a loopback address (127.0.0.0/8); start the proxy with \
                 --allow 127.0.0.1:{port} to reach it"
            ),
        ),
        (
            format!("https://inside.test:{port}/x"),
            format!(
                "a redirect leads to inside.test:{port}: inside.test:{port} has the address 127.0.0.1, a loopback \
                 address (127.0.0.0/8); start the proxy with --allow inside.test:{port} to reach it"
            ),
        ),
        (
            format!("http://inside.test:{port}/x"),
            format!(
                "a redirect leads to inside.test:{port}: inside.test:{port} was asked for over plain http; start the proxy \
                 with --allow http://inside.test:{port} to reach it"
            ),
        ),
        (
            format!("https://127.1:{port}/x"),
            format!(
                "registry.test redirects to an address that is not followed: host \"127.1:{port}\" is an odd spelling of \
                 an address, write it as four decimal numbers such as 10.0.0.5"
            ),
        ),
        (
            "https://user:secret@storage.test/".to_owned(),
            "registry.test redirects to an address that is not followed: the host holds a user, which is never relayed"
                .to_owned(),
        ),
    ] {
        let registry = Upstream::plain(move |_| redirect(&location)).await;
        let (network, proxy) = two_hosts(&registry, &registry);
        network.name("inside.test", &["127.0.0.1"]);
        assert_eq!(get(&proxy).await.refusal(), (403, "ADDRESS_REFUSED".to_owned(), message));
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn an_https_registry_cannot_redirect_to_plain_http() {
    let authority = CertificateAuthority::new("ours");
    let storage = Upstream::ok("secret").await;
    let registry = Upstream::tls(authority.server(&["registry.test"], 4000), |_| {
        redirect("http://storage.test/x")
    })
    .await;
    let network = TestNetwork::default();
    network
        .name("registry.test", &[PUBLIC])
        .server(PUBLIC, &registry);
    network
        .name("storage.test", &[OTHER])
        .server(OTHER, &storage);
    let proxy = Proxy::with_roots(&network, authority.roots(), |_| {});
    let (status, code, message) = proxy
        .get(&format!("/relay/https/registry.test{BLOB}"))
        .await
        .refusal();
    assert_eq!((status, code.as_str()), (403, "ADDRESS_REFUSED"));
    assert!(
        message.contains("was asked for over plain http"),
        "{message}"
    );
    assert_eq!(storage.connections(), 0);
}

#[tokio::test]
async fn a_location_that_cannot_be_read_is_refused() {
    for (location, reason) in [
        (
            "ftp://storage.test/x",
            "the scheme is neither https nor http",
        ),
        (
            "javascript:alert(1)",
            "the address is relative, it needs a scheme or a leading /",
        ),
        (
            "x",
            "the address is relative, it needs a scheme or a leading /",
        ),
        (
            "http://storage.test\\@127.0.0.1/",
            "the address holds a character that it may not",
        ),
        (
            "http://storage.test/a b",
            "the address holds a character that it may not",
        ),
        (
            "http://storage.test/a/../b",
            "a part of its path could be read as . or .. there",
        ),
        (
            "/a/..%3b/b",
            "a part of its path could be read as . or .. there",
        ),
        (
            "/a/%252e%252e/b",
            "a part of its path could be read as . or .. there",
        ),
    ] {
        let registry = Upstream::plain(move |_| redirect(location)).await;
        let (status, code, message) = get(&two_hosts(&registry, &registry).1).await.refusal();
        assert_eq!(
            (status, code.as_str()),
            (502, "REDIRECT_REFUSED"),
            "{location}"
        );
        assert_eq!(
            message,
            format!("registry.test redirects to an address that is not followed: {reason}")
        );
    }
}

#[tokio::test]
async fn a_redirect_of_a_write_or_of_a_token_request_is_not_followed() {
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let registry = Upstream::naming("/token", move |_| {
            Does::Sends(answer(status, &["Location: http://storage.test/x"], b""))
        })
        .await;
        let storage = Upstream::ok("{}").await;
        let (_, proxy) = two_hosts(&registry, &storage);
        proxy.learns("http/registry.test").await;
        for (method, path) in [
            ("POST", "/relay/http/registry.test/v2/a/blobs/uploads/"),
            (
                "PATCH",
                "/relay/http/registry.test/v2/a/blobs/uploads/1?_state=x",
            ),
            (
                "PUT",
                "/relay/http/registry.test/v2/a/blobs/uploads/1?digest=x",
            ),
            ("PUT", "/relay/http/registry.test/v2/a/manifests/x"),
            ("GET", "/token/http/registry.test/token"),
        ] {
            let answer = proxy
                .send(method, path, &[("authorization", "Basic secret")], "")
                .await;
            assert_eq!(answer.header("location"), None);
            let (found, code, message) = answer.refusal();
            assert_eq!(
                (found, code.as_str()),
                (502, "REDIRECT_REFUSED"),
                "{method} {path}"
            );
            assert_eq!(
                message,
                format!(
                    "registry.test redirects ({status}), and redirects of such a request are not followed"
                )
            );
        }
        assert_eq!(storage.connections(), 0);
    }
}

#[tokio::test]
async fn a_head_request_goes_where_a_get_goes_and_carries_no_more() {
    let registry = Upstream::plain(move |_| redirect("http://storage.test/x")).await;
    let storage =
        Upstream::plain(|_| Does::Sends(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".to_vec()))
            .await;
    let (_, proxy) = two_hosts(&registry, &storage);
    let path = format!("/relay/http/registry.test{BLOB}");
    let answer = proxy
        .send("HEAD", &path, &[("authorization", "Basic secret")], "")
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-length")),
        (200, Some("9"))
    );
    let request = &storage.requests()[0];
    assert!(
        request.starts_with("HEAD /x HTTP/1.1\r\n") && !request.contains("authorization"),
        "{request}"
    );
    let inside = Upstream::plain(move |_| redirect("https://10.0.0.5/x")).await;
    let answer = two_hosts(&inside, &storage)
        .1
        .send("HEAD", &path, &[], "")
        .await;
    assert_eq!(answer.refusal().1, "ADDRESS_REFUSED", "each hop is judged");
}
