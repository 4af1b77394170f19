//! What passes, in both directions, and what does not.

use waybill_core::digest::Digest;

use crate::harness::{CertificateAuthority, Does, PUBLIC, Proxy, TestNetwork, Upstream, answer};

const DIGEST: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// A proxy that may reach the upstream as `http://registry.test`.
pub(crate) fn proxy_to(upstream: &Upstream, push: bool) -> Proxy {
    let network = TestNetwork::default();
    network
        .name("registry.test", &["127.0.0.1"])
        .server("127.0.0.1", upstream);
    Proxy::new(&network, |config| {
        config
            .allow
            .push("http://registry.test".parse().expect("host"));
        config.push = push;
    })
}

/// The headers of a head that a server read, without those of the connection, in lower case and in order.
pub(crate) fn header_lines(head: &str) -> Vec<String> {
    let mut headers: Vec<String> = head
        .lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    headers.sort();
    headers
}

#[tokio::test]
async fn repositories_are_listed_only_where_that_is_switched_on() {
    let upstream = Upstream::ok("{\"repositories\":[]}").await;
    let network = TestNetwork::default();
    network
        .name("registry.test", &["127.0.0.1"])
        .server("127.0.0.1", &upstream);
    let proxy = |catalog| {
        Proxy::new(&network, |config| {
            let registry = "http://registry.test".parse().expect("host");
            config.allow.push(registry);
            config.catalog = catalog;
        })
    };
    let path = "/relay/http/registry.test/v2/_catalog?n=1000";
    let (status, code, words) = proxy(false).get(path).await.refusal();
    assert_eq!((status, code.as_str()), (403, "PATH_REFUSED"));
    assert!(words.contains("--catalog"), "{words}");
    assert_eq!(upstream.requests().len(), 0);
    assert_eq!(proxy(true).get(path).await.text(), "{\"repositories\":[]}");
}

#[tokio::test]
async fn docker_hubs_own_api_sees_no_credentials() {
    let authority = CertificateAuthority::new("ours");
    let acceptor = authority.server(&["hub.docker.com"], 4000);
    let upstream = Upstream::tls(acceptor, |_| Does::Sends(answer("200 OK", &[], b"{}"))).await;
    let network = TestNetwork::default();
    network
        .name("hub.docker.com", &[PUBLIC])
        .server(PUBLIC, &upstream);
    let proxy = Proxy::with_roots(&network, authority.roots(), |_| {});
    let tags = "/relay/https/hub.docker.com/v2/namespaces/library/repositories/nginx/tags?page=1";
    let credentials = [("authorization", "Basic dXNlcjpwYXNz")];
    assert_eq!(proxy.get_with(tags, &credentials).await.text(), "{}");
    for path in ["/v2/", "/v2/users/login", "/v2/library/nginx/manifests/1"] {
        let path = format!("/relay/https/hub.docker.com{path}");
        assert_eq!(proxy.get_with(&path, &credentials).await.refusal().0, 403);
    }
    let requests = upstream.requests();
    let [request] = requests.as_slice() else {
        panic!("one request, and no other: {requests:?}")
    };
    assert!(
        !request.to_ascii_lowercase().contains("authorization"),
        "{request}"
    );
}

#[tokio::test]
async fn a_manifest_passes_as_it_is() {
    let body = b"{ \"schemaVersion\": 2 }\n";
    let upstream = Upstream::plain(move |_| {
        let headers = [
            "Content-Type: application/vnd.oci.image.manifest.v1+json",
            "Docker-Content-Digest: sha256:0",
        ];
        Does::Sends(answer("200 OK", &headers, body))
    })
    .await;
    let answer = proxy_to(&upstream, false)
        .get("/relay/http/registry.test/v2/library/nginx/manifests/1.27")
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("waybill-relay"), Some("relayed"));
    assert_eq!(
        answer.header("content-type"),
        Some("application/vnd.oci.image.manifest.v1+json")
    );
    assert_eq!(answer.header("docker-content-digest"), Some("sha256:0"));
    assert_eq!(answer.header("content-length"), Some("23"));
    assert_eq!(Digest::sha256(&answer.body), Digest::sha256(body));
    assert!(
        upstream.requests()[0].starts_with("GET /v2/library/nginx/manifests/1.27 HTTP/1.1\r\n")
    );
}

#[tokio::test]
async fn only_the_listed_request_headers_pass() {
    let upstream = Upstream::ok("").await;
    let sent = [
        ("accept", "a/b"),
        ("accept", "c/d"),
        ("authorization", "Bearer t"),
        ("range", "bytes=0-1"),
        ("if-none-match", "\"x\""),
        ("accept-encoding", "br"),
        ("accept-language", "de"),
        ("cookie", "session=1"),
        ("connection", "keep-alive, x-secret"),
        ("origin", "http://127.0.0.1:8080"),
        ("referer", "http://127.0.0.1:8080/#/secret"),
        ("sec-fetch-site", "same-origin"),
        ("te", "trailers"),
        ("upgrade", "h2c"),
        ("user-agent", "Browser"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x-secret", "1"),
    ];
    proxy_to(&upstream, false)
        .get_with("/relay/http/registry.test/v2/", &sent)
        .await;
    let expected = [
        "accept-encoding: identity",
        "accept: a/b",
        "accept: c/d",
        "authorization: bearer t",
        "host: registry.test",
        "if-none-match: \"x\"",
        "range: bytes=0-1",
        concat!("user-agent: waybill/", env!("CARGO_PKG_VERSION")),
    ];
    assert_eq!(header_lines(&upstream.requests()[0]), expected);
}

#[tokio::test]
async fn only_the_listed_response_headers_pass() {
    let kept = [
        "accept-ranges: bytes",
        "content-encoding: gzip",
        "content-type: a/b",
        "docker-content-digest: sha256:0",
        "docker-distribution-api-version: registry/2.0",
        "etag: \"x\"",
        "link: </v2/a/tags/list?last=b>; rel=\"next\"",
        "oci-filters-applied: artifactType",
        "oci-subject: sha256:1",
        "ratelimit-limit: 100;w=21600",
        "ratelimit-remaining: 99;w=21600",
        "retry-after: 30",
        "warning: 299 - \"x\"",
        "www-authenticate: Basic realm=\"a\"",
        "www-authenticate: Bearer realm=\"b\"",
    ];
    let dropped = [
        "access-control-allow-origin: *",
        "access-control-allow-credentials: true",
        "clear-site-data: \"*\"",
        "content-security-policy: script-src *",
        "location: /v2/elsewhere",
        "refresh: 0; url=/",
        "server: x",
        "service-worker-allowed: /",
        "set-cookie: session=1",
        "strict-transport-security: max-age=1",
        "waybill-relay: refused",
        "x-secret: 1",
    ];
    let all = [&kept[..], &dropped[..]].concat();
    let upstream = Upstream::plain(move |_| Does::Sends(answer("200 OK", &all, b""))).await;
    let answer = proxy_to(&upstream, false)
        .get("/relay/http/registry.test/v2/")
        .await;
    let own = [
        "cache-control: no-store",
        "content-disposition: attachment",
        "content-length: 0",
        "content-security-policy: default-src 'none'; sandbox",
        "cross-origin-opener-policy: same-origin",
        "cross-origin-resource-policy: same-origin",
        "referrer-policy: no-referrer",
        "waybill-relay: relayed",
        "x-content-type-options: nosniff",
    ];
    let mut expected = [&kept[..], &own[..]].concat();
    expected.sort_unstable();
    let shown = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        format!("{name}: {}", value.to_str().expect("text"))
    };
    let mut found: Vec<String> = answer.headers.iter().map(shown).collect();
    found.retain(|header| !header.starts_with("permissions-policy: "));
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_type_is_neither_guessed_nor_invented() {
    let upstream = Upstream::ok("<script>alert(1)</script>").await;
    let answer = proxy_to(&upstream, false)
        .get("/relay/http/registry.test/v2/")
        .await;
    assert_eq!(answer.header("content-type"), None);
    // So that no browser guesses one.
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn nothing_has_the_type_of_a_script_or_a_style() {
    for (given, relayed) in [
        ("text/javascript", "application/octet-stream"),
        ("Text/JavaScript; charset=utf-8", "application/octet-stream"),
        ("application/ecmascript", "application/octet-stream"),
        ("text/livescript", "application/octet-stream"),
        ("text/jscript", "application/octet-stream"),
        ("text/javascript1.5", "application/octet-stream"),
        ("a/b, text/javascript", "application/octet-stream"),
        ("text/css", "application/octet-stream"),
        ("application/xslt+xml", "application/octet-stream"),
        ("text/html", "text/html"),
        ("application/json", "application/json"),
        (
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.oci.image.index.v1+json",
        ),
    ] {
        let header = format!("Content-Type: {given}");
        let upstream =
            Upstream::plain(move |_| Does::Sends(answer("200 OK", &[&header], b"{}"))).await;
        for path in ["v2/", "v2/a/manifests/x", &format!("v2/a/blobs/{DIGEST}")] {
            let answer = proxy_to(&upstream, false)
                .get(&format!("/relay/http/registry.test/{path}"))
                .await;
            assert_eq!(answer.header("content-type"), Some(relayed), "{given}");
            assert_eq!(answer.header("content-disposition"), Some("attachment"));
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        }
    }
}

#[tokio::test]
async fn a_head_request_says_how_long_the_body_would_be() {
    let upstream = Upstream::plain(|_| {
        Does::Sends(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n".to_vec())
    })
    .await;
    let answer = proxy_to(&upstream, false)
        .send("HEAD", "/relay/http/registry.test/v2/", &[], "")
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-length")),
        (200, Some("1234"))
    );
    assert!(answer.body.is_empty() && answer.broken.is_none());
    assert!(upstream.requests()[0].starts_with("HEAD /v2/ HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_part_of_a_blob_passes_as_a_part() {
    let upstream = Upstream::plain(|_| {
        Does::Sends(answer(
            "206 Partial Content",
            &["Content-Range: bytes 2-4/10"],
            b"234",
        ))
    })
    .await;
    let path = format!("/relay/http/registry.test/v2/a/blobs/{DIGEST}");
    let answer = proxy_to(&upstream, false)
        .get_with(&path, &[("range", "bytes=2-4")])
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.text().as_str()),
        (206, "234")
    );
    assert_eq!(answer.header("content-range"), Some("bytes 2-4/10"));
}

#[tokio::test]
async fn errors_of_a_registry_pass_with_all_they_say() {
    for status in [
        "401 Unauthorized",
        "404 Not Found",
        "429 Too Many Requests",
        "500 Internal Server Error",
    ] {
        let body = br#"{"errors":[{"code":"DENIED","message":"no","detail":{}}]}"#;
        let headers = [
            "Retry-After: 7",
            "WWW-Authenticate: Bearer realm=\"https://a/token\"",
        ];
        let upstream = Upstream::plain(move |_| Does::Sends(answer(status, &headers, body))).await;
        let answer = proxy_to(&upstream, false)
            .get("/relay/http/registry.test/v2/a/tags/list")
            .await;
        assert_eq!(answer.header("waybill-relay"), Some("relayed"));
        assert!(status.starts_with(answer.status.as_str()));
        assert_eq!(
            (answer.header("retry-after"), &answer.body[..]),
            (Some("7"), &body[..])
        );
        assert_eq!(
            answer.header("www-authenticate"),
            Some("Bearer realm=\"https://a/token\"")
        );
    }
}

#[tokio::test]
async fn a_connection_to_upstream_is_used_again() {
    let upstream = Upstream::ok("x").await;
    let proxy = proxy_to(&upstream, false);
    for _ in 0..3 {
        assert_eq!(proxy.get("/relay/http/registry.test/v2/").await.status, 200);
    }
    assert_eq!((upstream.requests().len(), upstream.connections()), (3, 1));
}

#[tokio::test]
async fn what_is_no_registry_path_reaches_nobody() {
    let upstream = Upstream::ok("").await;
    let proxy = proxy_to(&upstream, true);
    for (method, path, status, code) in [
        ("GET", "/relay/http/registry.test/", 403, "PATH_REFUSED"),
        (
            "GET",
            "/relay/http/registry.test/v2/_catalog",
            403,
            "PATH_REFUSED",
        ),
        (
            "GET",
            "/relay/http/registry.test/v2/a/manifests/x?y=z",
            403,
            "PATH_REFUSED",
        ),
        (
            "GET",
            "/relay/http/registry.test/v2/a/../../b",
            403,
            "PATH_REFUSED",
        ),
        ("GET", "/relay/ftp/registry.test/v2/", 403, "PATH_REFUSED"),
        ("GET", "/relay/http//v2/", 403, "PATH_REFUSED"),
        (
            "DELETE",
            "/relay/http/registry.test/v2/a/manifests/x",
            405,
            "METHOD_REFUSED",
        ),
        (
            "OPTIONS",
            "/relay/http/registry.test/v2/",
            405,
            "METHOD_REFUSED",
        ),
        (
            "TRACE",
            "/relay/http/registry.test/v2/",
            405,
            "METHOD_REFUSED",
        ),
        (
            "PROPFIND",
            "/relay/http/registry.test/v2/",
            405,
            "METHOD_REFUSED",
        ),
        (
            "POST",
            "/relay/http/registry.test/v2/",
            405,
            "METHOD_REFUSED",
        ),
        (
            "POST",
            "/token/http/registry.test/token",
            405,
            "METHOD_REFUSED",
        ),
    ] {
        let answer = proxy.send(method, path, &[], "").await;
        let (found, found_code, _) = answer.refusal();
        assert_eq!(
            (found, found_code.as_str()),
            (status, code),
            "{method} {path}"
        );
        assert!(
            !answer
                .headers
                .keys()
                .any(|name| name.as_str().starts_with("access-control"))
        );
    }
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test]
async fn a_page_gets_the_status_of_an_error_apart_where_it_asks_for_that() {
    const APART: (&str, &str) = ("waybill-status", "apart");
    let upstream = Upstream::plain(|head| {
        let challenge = "www-authenticate: Bearer realm=\"https://r.example/token\"";
        let path = head.split(' ').nth(1).unwrap_or_default();
        Does::Sends(match path.rsplit('/').next().unwrap_or_default() {
            "401" => answer("401 Unauthorized", &[challenge], b"{\"errors\":[]}"),
            "404" => answer("404 Not Found", &["waybill-status: 200"], b"{}"),
            "503" => answer("503 Service Unavailable", &[], b"down"),
            "206" => answer("206 Partial Content", &[], b"part"),
            _ => answer("200 OK", &["waybill-status: 404"], b"whole"),
        })
    })
    .await;
    let proxy = proxy_to(&upstream, false);
    for status in [200, 206, 401, 404, 503] {
        let path = format!("/relay/http/registry.test/v2/app/manifests/{status}");
        let plain = proxy.get(&path).await;
        assert_eq!(plain.status, status);
        assert_eq!(plain.header("waybill-status"), None, "{status}");
        let apart = proxy.get_with(&path, &[APART]).await;
        assert_eq!(apart.text(), plain.text());
        assert_eq!(apart.header("waybill-relay"), Some("relayed"));
        let names = ["www-authenticate", "content-length", "content-type"];
        for name in names {
            assert_eq!(apart.header(name), plain.header(name), "{status}");
        }
        if status < 400 {
            assert_eq!(
                (apart.status.as_u16(), apart.header("waybill-status")),
                (status, None)
            );
        } else {
            let told = apart.header("waybill-status").map(str::to_owned);
            assert_eq!(
                (apart.status.as_u16(), told),
                (200, Some(status.to_string()))
            );
            assert_eq!(apart.header("cache-control"), Some("no-store"));
        }
    }
    // The proxy's own refusals, too; what a registry is sent does not hold the question.
    let refused = proxy.get_with("/relay/https/10.0.0.5/v2/", &[APART]).await;
    assert_eq!(
        (refused.status.as_u16(), refused.header("waybill-status")),
        (200, Some("403"))
    );
    assert_eq!(refused.header("waybill-relay"), Some("refused"));
    assert!(refused.text().contains("ADDRESS_REFUSED"));
    let sent = upstream.requests().join("\n");
    assert!(!sent.contains("waybill-status"), "{sent}");
    // Nothing else has a status apart.
    assert_eq!(proxy.get_with("/nothing", &[APART]).await.status, 404);
}
