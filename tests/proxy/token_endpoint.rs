//! Token endpoints: those that a registry has named; GET, JSON, small.

use waybill_core::limits::TOKEN_BYTES;

use crate::harness::{
    CertificateAuthority, Does, PUBLIC, Proxy, TestNetwork, Upstream, answer, challenge,
};

const PATH: &str = "/token/http/auth.test/token?service=a&scope=repository%3Aa%3Apull";

fn proxy_to(upstream: &Upstream) -> Proxy {
    let network = TestNetwork::default();
    network
        .name("auth.test", &[PUBLIC])
        .server(PUBLIC, upstream);
    Proxy::new(&network, |config| {
        config.allow.push("http://auth.test".parse().expect("host"));
    })
}

/// The same, and it has been told of the endpoint.
async fn told_of(upstream: &Upstream) -> Proxy {
    let proxy = proxy_to(upstream);
    proxy.learns("http/auth.test").await;
    proxy
}

async fn ask(
    status: &'static str,
    headers: &'static [&'static str],
    body: Vec<u8>,
) -> crate::harness::Answer {
    let upstream = Upstream::naming("/token", move |_| {
        Does::Sends(answer(status, headers, &body))
    })
    .await;
    told_of(&upstream).await.get(PATH).await
}

#[tokio::test]
async fn only_an_endpoint_that_a_registry_named_is_asked() {
    let upstream = Upstream::naming("/token", |_| Does::Sends(answer("200 OK", &[], b"{}"))).await;
    let proxy = proxy_to(&upstream);
    let credentials = [("authorization", "Basic secret")];
    let (status, code, message) = proxy.get_with(PATH, &credentials).await.refusal();
    assert_eq!((status, code.as_str()), (403, "TOKEN_ENDPOINT_UNKNOWN"));
    assert_eq!(
        message,
        "http://auth.test/token is no token endpoint that this proxy knows: no registry that was asked through it lately \
         has named it; ask the registry through this proxy without credentials first, so that its challenge is seen here, \
         then ask for the token again"
    );
    assert_eq!(upstream.connections(), 0);
    proxy.learns("http/auth.test").await;
    assert_eq!(proxy.get_with(PATH, &credentials).await.status, 200);
    // Of another thread too.
    let apart = Proxy {
        app: proxy.app.with_own_connections(),
    };
    assert_eq!(apart.get(PATH).await.status, 200);
    for other in [
        "/token/http/auth.test/",
        "/token/http/auth.test/token/x",
        "/token/https/auth.test/token",
    ] {
        assert_eq!(
            proxy.get_with(other, &credentials).await.refusal().1,
            "TOKEN_ENDPOINT_UNKNOWN",
            "{other}"
        );
    }
    let refused = proxy.get(&format!("{PATH}&password=x")).await.refusal();
    assert_eq!(
        (refused.1.as_str(), refused.2.as_str()),
        (
            "PATH_REFUSED",
            "the query name \"password\" is not relayed here"
        )
    );
    assert_eq!(upstream.requests().len(), 3);
}

#[tokio::test]
async fn the_registry_api_is_no_token_endpoint_though_it_is_named() {
    for path in [
        "/v2/",
        "/v2/_catalog",
        "/v2/a/tags/list",
        "/v2/a/manifests/x",
        "/x/v2/a/blobs/uploads/",
        "/..;/v2/token",
    ] {
        let upstream = Upstream::naming(path, |_| Does::Sends(answer("200 OK", &[], b"{}"))).await;
        let proxy = told_of(&upstream).await;
        let answer = proxy
            .get_with(
                &format!("/token/http/auth.test{path}"),
                &[("authorization", "Basic secret")],
            )
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.refusal().1.as_str()),
            (403, "PATH_REFUSED"),
            "{path}"
        );
        assert_eq!(upstream.requests().len(), 1, "{path}");
    }
    for path in [
        "/v2/token",
        "/v2/auth",
        "/artifactory/api/docker/x/v2/token",
        "/service/token",
        "/",
    ] {
        let upstream = Upstream::naming(path, |_| Does::Sends(answer("200 OK", &[], b"{}"))).await;
        assert_eq!(
            told_of(&upstream)
                .await
                .get(&format!("/token/http/auth.test{path}"))
                .await
                .status,
            200,
            "{path}"
        );
    }
}

#[tokio::test]
async fn only_a_401_of_a_registry_names_an_endpoint() {
    let header = "WWW-Authenticate: Bearer realm=\"http://auth.test/token\"";
    for status in [
        "200 OK",
        "403 Forbidden",
        "404 Not Found",
        "500 Internal Server Error",
    ] {
        let upstream =
            Upstream::plain(move |_| Does::Sends(answer(status, &[header], b"{}"))).await;
        let proxy = proxy_to(&upstream);
        proxy.get("/relay/http/auth.test/v2/").await;
        assert_eq!(
            proxy.get(PATH).await.refusal().1,
            "TOKEN_ENDPOINT_UNKNOWN",
            "{status}"
        );
    }
    // A token endpoint names no other one.
    let elsewhere = "WWW-Authenticate: Bearer realm=\"http://auth.test/other\"";
    let upstream = Upstream::naming("/token", move |_| {
        Does::Sends(answer("401 Unauthorized", &[elsewhere], b"{}"))
    })
    .await;
    let proxy = told_of(&upstream).await;
    assert_eq!(proxy.get(PATH).await.status, 401);
    assert_eq!(
        proxy.get("/token/http/auth.test/other").await.refusal().1,
        "TOKEN_ENDPOINT_UNKNOWN"
    );
}

#[tokio::test]
async fn a_registry_in_https_names_no_endpoint_in_plain_http() {
    let authority = CertificateAuthority::new("ours");
    let server = Upstream::tls(
        authority.server(&["registry.test", "auth.test"], 4000),
        |head| match head {
            head if head.starts_with("GET /token") => Does::Sends(answer("200 OK", &[], b"{}")),
            head if head.contains("/safe/") => challenge("https://auth.test/token"),
            _ => challenge("http://auth.test/token"),
        },
    )
    .await;
    let network = TestNetwork::default();
    network
        .name("registry.test", &[PUBLIC])
        .name("auth.test", &[PUBLIC])
        .server(PUBLIC, &server);
    let proxy = Proxy::with_roots(&network, authority.roots(), |config| {
        config.allow.push("http://auth.test".parse().expect("host"));
    });
    assert_eq!(
        proxy.get("/relay/https/registry.test/v2/").await.status,
        401
    );
    assert_eq!(proxy.get(PATH).await.refusal().1, "TOKEN_ENDPOINT_UNKNOWN");
    assert_eq!(
        proxy
            .get("/relay/https/registry.test/v2/safe/tags/list")
            .await
            .status,
        401
    );
    assert_eq!(proxy.get("/token/https/auth.test/token").await.status, 200);
    assert_eq!(proxy.get(PATH).await.refusal().1, "TOKEN_ENDPOINT_UNKNOWN");
}

#[tokio::test]
async fn a_token_passes_whatever_type_it_is_called() {
    for headers in [
        &["Content-Type: application/json"][..],
        &["Content-Type: text/html", "Set-Cookie: a=b"][..],
        &[],
    ] {
        let answer = ask(
            "200 OK",
            headers,
            b" {\"token\":\"t\",\"expires_in\":300}".to_vec(),
        )
        .await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("waybill-relay")),
            (200, Some("relayed"))
        );
        assert_eq!(answer.text(), " {\"token\":\"t\",\"expires_in\":300}");
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[tokio::test]
async fn credentials_and_query_reach_the_endpoint() {
    let upstream = Upstream::naming("/token", |_| Does::Sends(answer("200 OK", &[], b"{}"))).await;
    told_of(&upstream)
        .await
        .get_with(PATH, &[("authorization", "Basic eA==")])
        .await;
    let request = &upstream.requests()[1];
    assert!(
        request.starts_with("GET /token?service=a&scope=repository%3Aa%3Apull HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.contains("authorization: Basic eA==\r\n"));
}

#[tokio::test]
async fn what_is_not_json_is_refused() {
    for body in [
        "<html>log in</html>",
        " <!DOCTYPE html><title>Sign in</title>",
        "",
        "[1]",
        "\"token\"",
        "{\"token\":",
        "{} trailing",
        "\u{feff}{}",
    ] {
        let refusal = ask("200 OK", &[], body.as_bytes().to_vec()).await.refusal();
        let found = match body {
            "<html>log in</html>" | " <!DOCTYPE html><title>Sign in</title>" => {
                "an HTML page, not a JSON object".to_owned()
            }
            _ => format!("{} bytes that are not a JSON object", body.len()),
        };
        let message = format!("the token endpoint at auth.test answered 200 OK: {found}");
        assert_eq!(
            refusal,
            (502, "TOKEN_REFUSED".to_owned(), message),
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_error_passes_as_json_or_as_a_short_text() {
    let json = ask("401 Unauthorized", &[], br#"{"errors":[]}"#.to_vec()).await;
    assert_eq!(
        (json.status.as_u16(), json.header("waybill-relay")),
        (401, Some("relayed"))
    );
    let text = ask(
        "503 Service Unavailable",
        &["Retry-After: 5"],
        b"down for maintenance".to_vec(),
    )
    .await;
    assert_eq!(
        (text.status.as_u16(), text.text().as_str()),
        (503, "down for maintenance")
    );
    assert_eq!(text.header("retry-after"), Some("5"));
    let long = ask("500 Internal Server Error", &[], vec![b'x'; 16 * 1024 + 1]).await;
    assert_eq!(long.refusal().1, "TOKEN_REFUSED");
    let binary = ask("500 Internal Server Error", &[], vec![0xff; 10]).await;
    assert_eq!(binary.refusal().1, "TOKEN_REFUSED");
}

#[tokio::test]
async fn a_large_or_endless_answer_is_cut() {
    let message =
        "the token endpoint at auth.test answered 200 OK: it is larger than 1048576 bytes";
    let expected = (502, "TOKEN_REFUSED".to_owned(), message.to_owned());
    assert_eq!(
        ask("200 OK", &[], vec![b' '; TOKEN_BYTES + 1])
            .await
            .refusal(),
        expected
    );
    let endless = Upstream::naming("/token", |_| {
        Does::Repeats(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; 65_536])
    })
    .await;
    assert_eq!(told_of(&endless).await.get(PATH).await.refusal(), expected);
    endless.left_alone().await;
}

#[tokio::test]
async fn only_get_is_relayed() {
    let upstream = Upstream::ok("{}").await;
    for method in ["HEAD", "POST", "PUT", "DELETE"] {
        let answer = proxy_to(&upstream).send(method, PATH, &[], "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("waybill-relay")),
            (405, Some("refused")),
            "{method}"
        );
    }
    assert_eq!(upstream.connections(), 0);
}
