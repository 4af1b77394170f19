//! Everything hostile at once, on real sockets: a plain listener inside receives no connection, and
//! a stranger receives no byte of a credential.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::harness::{
    Does, OTHER, PATIENCE, PUBLIC, TestNetwork, Upstream, answer, redirect, start,
};

const CREDENTIAL: &str = "c2VjcmV0LWNyZWRlbnRpYWw=";
const DIGEST: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// Every block that must not be reached, from the rules of this project.
const REFUSED: &str = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 \
    192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 \
    198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 ::/128 ::1/128 ::/96 ::ffff:0:0:0/96 64:ff9b::/96 \
    64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 \
    fe80::/10 fec0::/10 ff00::/8";

/// First, middle and last address of each block.
fn inside() -> Vec<IpAddr> {
    let of_block = |text: &str| -> [IpAddr; 3] {
        let (network, prefix) = text.split_once('/').expect("CIDR");
        let prefix: u32 = prefix.parse().expect("prefix");
        match network.parse().expect("address") {
            IpAddr::V4(first) => {
                let last = first.to_bits() | u32::MAX.checked_shr(prefix).unwrap_or(0);
                [first.to_bits(), first.to_bits().midpoint(last), last]
                    .map(|bits| IpAddr::V4(bits.into()))
            }
            IpAddr::V6(first) => {
                let last = first.to_bits() | u128::MAX.checked_shr(prefix).unwrap_or(0);
                [first.to_bits(), first.to_bits().midpoint(last), last]
                    .map(|bits| IpAddr::V6(bits.into()))
            }
        }
    };
    REFUSED.split_whitespace().flat_map(of_block).collect()
}

/// A host as it stands in an address, without dots in IPv6.
fn spelled(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!(
            "[{}]",
            v6.segments().map(|group| format!("{group:x}")).join(":")
        ),
    }
}

/// What the proxy answers to one request, sent byte for byte on a connection of its own.
async fn send(proxy: SocketAddr, method: &str, path: &str, headers: &str) -> String {
    let mut client = TcpStream::connect(proxy).await.expect("the proxy listens");
    let host = if headers.to_ascii_lowercase().contains("host:") {
        String::new()
    } else {
        format!("Host: {proxy}\r\n")
    };
    let head = format!(
        "{method} {path} HTTP/1.1\r\n{host}{headers}Authorization: Basic {CREDENTIAL}\r\nConnection: close\r\n\r\n"
    );
    client.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    // It may hang up in the middle of what it refuses to read.
    let _ = timeout(PATIENCE, client.read_to_end(&mut answer))
        .await
        .expect("it ends");
    String::from_utf8_lossy(&answer).into_owned()
}

/// A registry that is allowed, and that sends its clients to wherever the path says; inside means this port.
async fn registry_that_redirects(port: u16) -> Upstream {
    Upstream::plain(move |head| {
        let to = head
            .split("/v2/")
            .nth(1)
            .and_then(|path| path.split('/').next())
            .unwrap_or_default();
        match to {
            "stranger" => redirect("http://stranger.test/x"),
            "inside" => redirect(&format!("https://127.0.0.1:{port}/x")),
            "inside-plain" => redirect(&format!("http://127.0.0.1:{port}/x")),
            "inside-name" => redirect(&format!("https://inside.test:{port}/x")),
            "inside-short" => redirect(&format!("https://127.1:{port}/x")),
            "inside-mapped" => redirect(&format!("https://[::ffff:7f00:1]:{port}/x")),
            "inside-user" => redirect(&format!("https://registry.test@127.0.0.1:{port}/x")),
            "inside-scheme" => redirect(&format!("//127.0.0.1:{port}/x")),
            _ => Does::Sends(answer(
                "401 Unauthorized",
                &["WWW-Authenticate: Bearer realm=\"http://stranger.test/\""],
                b"",
            )),
        }
    })
    .await
}

/// Whatever somebody may write for an address inside.
fn hosts_inside() -> Vec<String> {
    let mut hosts: Vec<String> = inside().into_iter().map(spelled).collect();
    hosts.extend(
        "2130706433 017700000001 0x7f000001 0x7f.1 0177.0.0.1 127.1 127.0.0.1. localhost localhost. inside.test \
         mixed.test [::ffff:127.0.0.1] [::ffff:7f00:1] [::1%25lo] [::1%lo] %31%32%37.0.0.1 user@127.0.0.1 \
         registry.test@127.0.0.1 127.0.0.1%2f@registry.test registry.test%00.127.0.0.1 127.0.0.1\\registry.test \
         [::7f00:1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::1] [::ffff:0:7f00:1]"
            .split_whitespace()
            .map(str::to_owned),
    );
    hosts
}

/// Requests that are forged, malformed or for nothing that is relayed.
async fn forged_requests_are_refused(proxy: SocketAddr) {
    let own = format!("Host: {proxy}\r\n");
    let target = "/relay/http/stranger.test/v2/";
    for (method, path, headers) in [
        ("GET", target, "Host: evil.example\r\n".to_owned()),
        ("GET", target, format!("{own}{own}")),
        ("GET", "http://stranger.test/v2/", own.clone()),
        ("CONNECT", "stranger.test:80", own.clone()),
        (
            "GET",
            target,
            format!("{own}Origin: http://evil.example\r\n"),
        ),
        ("GET", target, format!("{own}Origin: null\r\n")),
        (
            "GET",
            target,
            format!("{own}Sec-Fetch-Site: cross-site\r\n"),
        ),
        ("GET", target, format!("{own}Sec-Fetch-Site: same-site\r\n")),
        (
            "DELETE",
            "/relay/http/stranger.test/v2/a/manifests/x",
            own.clone(),
        ),
        (
            "PATCH",
            "/relay/http/stranger.test/v2/a/manifests/x",
            own.clone(),
        ),
        ("POST", "/token/http/stranger.test/token", own.clone()),
        ("GET", "/relay/http/stranger.test/v2/_catalog", own.clone()),
        (
            "GET",
            "/relay/http/stranger.test/v2/a/../../admin",
            own.clone(),
        ),
        ("GET", "/relay/ftp/stranger.test/v2/", own.clone()),
        (
            "POST",
            target,
            format!("{own}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
        ),
        (
            "POST",
            target,
            format!("{own}Content-Length: 0\r\nContent-Length: 5\r\n"),
        ),
        (
            "POST",
            target,
            format!("{own}Transfer-Encoding: chunked;ext=1\r\n"),
        ),
        ("GET", target, format!("{own}X: a\r\n folded: b\r\n")),
        ("GET", target, format!("{own}X: a\nY: b\r\n")),
    ] {
        let answer = send(proxy, method, path, &headers).await;
        assert!(
            answer.starts_with("HTTP/1.1 40"),
            "{method} {path} {headers} {answer}"
        );
    }
}

#[tokio::test]
async fn nobody_inside_is_reached_and_no_stranger_gets_a_credential() {
    let listener = Upstream::ok("inside").await;
    let port = listener.address.port();
    let stranger = Upstream::ok("{}").await;
    let registry = registry_that_redirects(port).await;
    let network = TestNetwork::default();
    network
        .name("registry.test", &[PUBLIC])
        .server(PUBLIC, &registry);
    network
        .name("stranger.test", &[OTHER])
        .server(OTHER, &stranger);
    network
        .name("inside.test", &["127.0.0.1"])
        .name("localhost", &["127.0.0.1"])
        .name("mixed.test", &[OTHER, "127.0.0.1"]);
    let proxy = start(&network, |config| {
        config
            .allow
            .push("http://registry.test".parse().expect("host"));
        config
            .allow
            .push("http://stranger.test".parse().expect("host"));
        config.push = true;
        (config.limits.client_burst, config.limits.client_rate) = (100_000, 100_000);
    })
    .await;

    let mut refused = 0;
    for host in &hosts_inside() {
        for path in [
            format!("/relay/https/{host}:{port}/v2/"),
            format!("/token/https/{host}:{port}/token"),
        ] {
            let answer = send(proxy, "GET", &path, "").await;
            assert!(answer.starts_with("HTTP/1.1 40"), "{path} {answer}");
            refused += 1;
        }
        let plain = send(proxy, "GET", &format!("/relay/http/{host}:{port}/v2/"), "").await;
        assert!(plain.starts_with("HTTP/1.1 40"), "{host} {plain}");
    }
    assert!(refused > 200, "{refused}");

    for name in [
        "inside",
        "inside-plain",
        "inside-name",
        "inside-short",
        "inside-mapped",
        "inside-user",
        "inside-scheme",
    ] {
        let answer = send(
            proxy,
            "GET",
            &format!("/relay/http/registry.test/v2/{name}/blobs/{DIGEST}"),
            "",
        )
        .await;
        assert!(answer.contains("waybill-relay: refused"), "{name} {answer}");
    }
    // Followed, and without what it must not carry.
    let led = send(
        proxy,
        "GET",
        &format!("/relay/http/registry.test/v2/stranger/blobs/{DIGEST}"),
        "Cookie: a=b\r\n",
    )
    .await;
    assert!(led.ends_with("{}"), "{led}");
    // A realm elsewhere is the page's to judge: the proxy hands it on and goes nowhere.
    let realm = send(proxy, "GET", "/relay/http/registry.test/v2/", "").await;
    assert!(
        realm.starts_with("HTTP/1.1 401 ") && realm.contains("stranger.test"),
        "{realm}"
    );

    forged_requests_are_refused(proxy).await;

    assert_eq!(listener.connections(), 0, "a listener inside was reached");
    let mut received = String::new();
    for request in stranger.requests() {
        let _ = write!(received, "{request}");
    }
    assert_eq!(stranger.requests().len(), 1, "{received}");
    assert!(
        !received.contains(CREDENTIAL) && !received.to_ascii_lowercase().contains("authorization"),
        "{received}"
    );
    assert!(
        !received.to_ascii_lowercase().contains("cookie"),
        "{received}"
    );
}
