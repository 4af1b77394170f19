//! Whose requests are answered: those of our own page, under our own name.

use crate::harness::{Does, OWN, Proxy, TestNetwork, Upstream, answer};

/// A proxy with another name, an upstream to relay to, and the path there.
async fn proxy() -> (Proxy, Upstream) {
    let upstream = Upstream::naming("/token", |_| Does::Sends(answer("200 OK", &[], b"{}"))).await;
    let network = TestNetwork::default();
    network
        .name("registry.test", &["127.0.0.1"])
        .server("127.0.0.1", &upstream);
    let proxy = Proxy::new(&network, |config| {
        config
            .allow
            .push("http://registry.test".parse().expect("host"));
        config.hosts.push("waybill.example".parse().expect("host"));
        config
            .hosts
            .push("[2001:db8::5]:444".parse().expect("host"));
    });
    (proxy, upstream)
}

const PATHS: [&str; 2] = [
    "/relay/http/registry.test/v2/",
    "/token/http/registry.test/token",
];

#[tokio::test]
async fn requests_for_other_names_are_refused() {
    let (proxy, upstream) = proxy().await;
    for host in [
        "evil.example",
        "evil.example:8080",
        "127.0.0.1",
        "127.0.0.1:8081",
        "127.0.0.1.evil.example:8080",
        "localhost",
        "localhost:80",
        "waybill.example:9",
        "waybill.example.:8080",
        "a.waybill.example",
        "[2001:db8::5]",
        "127.1:8080",
        "2130706433:8080",
        "",
        "user@127.0.0.1:8080",
    ] {
        for path in PATHS {
            let (status, code, message) = proxy.get_with(path, &[("host", host)]).await.refusal();
            assert_eq!((status, code.as_str()), (403, "HOST_REFUSED"), "{host}");
            assert!(
                message.starts_with(&format!(
                    "this proxy does not answer to the name {host:?}; "
                )),
                "{message}"
            );
        }
        let page = proxy.get_with("/", &[("host", host)]).await;
        assert_eq!(page.status, 403, "{host}");
        assert!(
            page.text()
                .starts_with("this proxy does not answer to the name "),
            "{}",
            page.text()
        );
    }
    let two = proxy
        .get_with(PATHS[0], &[("host", OWN), ("host", "evil.example")])
        .await;
    assert_eq!(two.refusal().0, 400);
    let absolute = proxy
        .get_with("http://evil.example/relay/http/registry.test/v2/", &[])
        .await;
    assert_eq!(absolute.refusal().0, 400);
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test]
async fn our_own_names_are_answered() {
    let (proxy, _) = proxy().await;
    proxy.learns("http/registry.test").await;
    for host in [
        "127.0.0.1:8080",
        "localhost:8080",
        "LOCALHOST:8080",
        "[::1]:8080",
        "waybill.example",
        "Waybill.Example:8080",
        "[2001:db8::5]:444",
    ] {
        for path in PATHS {
            assert_eq!(
                proxy.get_with(path, &[("host", host)]).await.status,
                200,
                "{host}"
            );
        }
        assert_eq!(
            proxy.get_with("/", &[("host", host)]).await.status,
            200,
            "{host}"
        );
    }
}

#[tokio::test]
async fn requests_of_other_pages_are_refused() {
    let (proxy, upstream) = proxy().await;
    for (host, name, value) in [
        (OWN, "origin", "http://evil.example"),
        (OWN, "origin", "http://127.0.0.1:8081"),
        (OWN, "origin", "https://127.0.0.1:8080"),
        (OWN, "origin", "http://localhost:8080"),
        (OWN, "origin", "http://127.0.0.1:8080.evil.example"),
        (OWN, "origin", "127.0.0.1:8080"),
        (OWN, "origin", "null"),
        (OWN, "origin", ""),
        (OWN, "sec-fetch-site", "cross-site"),
        (OWN, "sec-fetch-site", "same-site"),
        (OWN, "sec-fetch-site", "none"),
        (OWN, "sec-fetch-site", "Same-Origin"),
        ("waybill.example", "origin", "https://evil.example"),
        ("waybill.example", "origin", "http://127.0.0.1:8080"),
    ] {
        for path in PATHS {
            let answer = proxy.get_with(path, &[("host", host), (name, value)]).await;
            let (status, code, _) = answer.refusal();
            assert_eq!(
                (status, code.as_str()),
                (403, "ORIGIN_REFUSED"),
                "{name}: {value}"
            );
            assert!(
                !answer
                    .headers
                    .keys()
                    .any(|name| name.as_str().starts_with("access-control"))
            );
        }
    }
    // A good one does not outweigh a bad one.
    let both = [
        ("origin", "http://127.0.0.1:8080"),
        ("origin", "http://evil.example"),
    ];
    assert_eq!(
        proxy.get_with(PATHS[0], &both).await.refusal().1,
        "ORIGIN_REFUSED"
    );
    let preflight = [
        ("origin", "http://evil.example"),
        ("access-control-request-method", "GET"),
    ];
    let answer = proxy.send("OPTIONS", PATHS[0], &preflight, "").await;
    assert_eq!(answer.refusal().1, "ORIGIN_REFUSED");
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test]
async fn requests_of_our_own_page_are_answered() {
    let (proxy, _) = proxy().await;
    for headers in [
        &[
            ("host", OWN),
            ("origin", "http://127.0.0.1:8080"),
            ("sec-fetch-site", "same-origin"),
        ][..],
        &[
            ("host", "localhost:8080"),
            ("origin", "http://localhost:8080"),
        ][..],
        &[
            ("host", "waybill.example"),
            ("origin", "https://waybill.example"),
        ][..],
        &[
            ("host", "waybill.example"),
            ("origin", "http://waybill.example"),
        ][..],
    ] {
        assert_eq!(
            proxy.get_with(PATHS[0], headers).await.status,
            200,
            "{headers:?}"
        );
    }
}

/// Every destination that a browser names, but that of `fetch`.
///
/// Source: Fetch Standard, "destination"; the last ones were named by older browsers, or are not destinations.
const DESTINATIONS: &str = "audio audioworklet document embed fencedframe font frame iframe image json manifest object \
    paintworklet report script serviceworker sharedworker style text track video webidentity worker xslt nested-document \
    unknown Empty EMPTY empty, \"empty\"";

#[tokio::test]
async fn what_is_relayed_is_never_loaded_as_anything() {
    let (proxy, upstream) = proxy().await;
    for destination in DESTINATIONS
        .split(' ')
        .filter(|word| !word.is_empty())
        .chain([""])
    {
        for path in PATHS {
            let headers = [
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-dest", destination),
            ];
            let (status, code, message) = proxy.get_with(path, &headers).await.refusal();
            assert_eq!(
                (status, code.as_str()),
                (403, "ORIGIN_REFUSED"),
                "{destination}"
            );
            let said = format!("never loaded as {:?}", destination.to_ascii_lowercase());
            assert!(message.ends_with(&said), "{message}");
        }
        assert_eq!(
            proxy
                .get_with("/", &[("sec-fetch-dest", destination)])
                .await
                .status,
            200,
            "the page's own files are"
        );
    }
    assert_eq!(upstream.connections(), 0);
    for headers in [
        &[("sec-fetch-dest", "empty")][..],
        &[("sec-fetch-dest", "empty"), ("sec-fetch-mode", "cors")],
        &[],
    ] {
        assert_eq!(
            proxy.get_with(PATHS[0], headers).await.status,
            200,
            "{headers:?}"
        );
    }
    let both = [("sec-fetch-dest", "empty"), ("sec-fetch-dest", "script")];
    assert_eq!(proxy.get_with(PATHS[0], &both).await.status, 403);
}

#[tokio::test]
async fn a_link_on_another_site_may_lead_to_the_page() {
    let (proxy, _) = proxy().await;
    for site in ["none", "cross-site", "same-site", "same-origin"] {
        assert_eq!(
            proxy
                .get_with("/", &[("sec-fetch-site", site)])
                .await
                .status,
            200
        );
    }
}

#[tokio::test]
async fn a_probe_needs_no_name() {
    let (proxy, _) = proxy().await;
    let answer = proxy
        .get_with("/healthz", &[("host", "10.0.0.7:8080")])
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.text().as_str()),
        (200, "ok\n")
    );
    let page = proxy.get("/").await;
    for header in [
        "x-content-type-options",
        "referrer-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "permissions-policy",
    ] {
        assert!(
            answer.header(header).is_some() && answer.header(header) == page.header(header),
            "{header}"
        );
    }
    assert_eq!(
        answer.header("content-security-policy"),
        Some("default-src 'none'; sandbox")
    );
}
