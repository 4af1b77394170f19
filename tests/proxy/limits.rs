//! Answers of upstream that are large, endless, slow, truncated or malformed.

use std::time::Duration;

use waybill_core::limits::{ERROR_BYTES, MANIFEST_BYTES};
use waybill_proxy::Limits;

use crate::harness::{Answer, Does, PUBLIC, Proxy, TestNetwork, Upstream, allow_registry, answer};

pub(crate) const BLOB: &str = "/relay/http/registry.test/v2/a/blobs/sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
pub(crate) const MANIFEST: &str = "/relay/http/registry.test/v2/a/manifests/x";

/// A time that an upstream or a client of these tests lets pass.
pub(crate) const SHORT: Duration = Duration::from_millis(100);

async fn get(upstream: &Upstream, limits: Limits, path: &str) -> Answer {
    let proxy = Proxy::new(&TestNetwork::with_registry(upstream), |config| {
        allow_registry(config);
        config.limits = limits;
    });
    proxy.get(path).await
}

#[tokio::test]
async fn a_manifest_ends_one_byte_behind_the_limit() {
    let (head, byte) = (b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 65_536]);
    let endless = Upstream::plain(move |_| Does::Repeats(head.clone(), byte.clone())).await;
    let stated =
        Upstream::plain(|_| Does::Sends(answer("200 OK", &[], &vec![b'x'; MANIFEST_BYTES + 100])))
            .await;
    for (upstream, length) in [(endless, None), (stated, Some("4194305"))] {
        let answer = get(&upstream, Limits::default(), MANIFEST).await;
        assert_eq!(
            (answer.body.len(), answer.broken.as_deref()),
            (MANIFEST_BYTES + 1, None)
        );
        assert_eq!(
            answer.header("content-length"),
            length,
            "never a length that does not come"
        );
        upstream.left_alone().await;
    }
    let largest =
        Upstream::plain(|_| Does::Sends(answer("200 OK", &[], &vec![b'x'; MANIFEST_BYTES]))).await;
    let answer = get(&largest, Limits::default(), MANIFEST).await;
    assert_eq!(
        (answer.body.len(), answer.header("content-length")),
        (MANIFEST_BYTES, Some("4194304"))
    );
}

#[tokio::test]
async fn an_error_body_ends_one_byte_behind_the_limit() {
    let head = b"HTTP/1.1 404 Not Found\r\n\r\n".to_vec();
    let upstream = Upstream::plain(move |_| Does::Repeats(head.clone(), vec![b'x'; 65_536])).await;
    for path in [MANIFEST, BLOB] {
        let answer = get(&upstream, Limits::default(), path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.len()),
            (404, ERROR_BYTES + 1)
        );
        assert_eq!(answer.broken, None);
    }
    upstream.left_alone().await;
}

#[tokio::test]
async fn an_endless_blob_breaks_off_at_the_limit() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let upstream = Upstream::plain(move |_| Does::Repeats(head.clone(), vec![b'x'; 65_536])).await;
    let limits = Limits {
        blob: 1_000_000,
        ..Limits::default()
    };
    let answer = get(&upstream, limits, BLOB).await;
    assert_eq!(
        answer.broken.as_deref(),
        Some("it is larger than 1000000 bytes")
    );
    assert!(answer.body.len() <= 1_000_000);
    upstream.left_alone().await;
}

#[tokio::test]
async fn a_truncated_body_breaks_off() {
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ] {
        let upstream = Upstream::plain(move |_| Does::Closes(head.as_bytes().to_vec())).await;
        for path in [MANIFEST, BLOB] {
            let answer = get(&upstream, Limits::default(), path).await;
            assert_eq!(
                (answer.status.as_u16(), answer.text().as_str()),
                (200, "hello")
            );
            let broken = answer.broken.expect("broken");
            assert!(broken.starts_with("it broke off: "), "{broken}");
        }
    }
}

#[tokio::test]
async fn an_upstream_that_does_not_answer_is_given_up() {
    let silent = Upstream::plain(|_| Does::Hangs(vec![])).await;
    let half = Upstream::plain(|_| Does::Hangs(b"HTTP/1.1 200 OK\r\nContent-".to_vec())).await;
    for upstream in [silent, half] {
        let message = "registry.test took the request but did not answer within 100ms".to_owned();
        let limits = Limits {
            upstream_head: SHORT,
            ..Limits::default()
        };
        let refusal = get(&upstream, limits, MANIFEST).await.refusal();
        assert_eq!(refusal, (504, "UPSTREAM_TIMEOUT".to_owned(), message));
        upstream.left_alone().await;
    }
}

#[tokio::test]
async fn an_upstream_that_does_not_connect_is_given_up() {
    let network = TestNetwork::default();
    network.name("registry.test", &[PUBLIC]).silent(PUBLIC);
    let proxy = Proxy::new(&network, |config| config.limits.upstream_connect = SHORT);
    let message = "registry.test could not be reached within 100ms".to_owned();
    let expected = (504, "UPSTREAM_TIMEOUT".to_owned(), message);
    assert_eq!(
        proxy.get("/relay/https/registry.test/v2/").await.refusal(),
        expected
    );
    // A handshake that never ends.
    let upstream = Upstream::plain(|_| Does::Hangs(vec![])).await;
    let network = TestNetwork::default();
    network
        .name("registry.test", &[PUBLIC])
        .server(PUBLIC, &upstream);
    let proxy = Proxy::new(&network, |config| config.limits.upstream_connect = SHORT);
    assert_eq!(
        proxy.get("/relay/https/registry.test/v2/").await.refusal(),
        expected
    );
}

#[tokio::test]
async fn a_body_that_stops_breaks_off() {
    let upstream = Upstream::plain(|_| {
        Does::Hangs(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".to_vec())
    })
    .await;
    for path in [MANIFEST, BLOB] {
        let answer = get(
            &upstream,
            Limits {
                upstream_idle: SHORT,
                ..Limits::default()
            },
            path,
        )
        .await;
        assert_eq!(
            (answer.text().as_str(), answer.broken.as_deref()),
            ("hello", Some("nothing came for 100ms"))
        );
    }
    upstream.left_alone().await;
}

#[tokio::test]
async fn a_body_that_trickles_breaks_off() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
    let upstream = Upstream::plain(|_| {
        Does::Trickles(head.to_vec(), vec![b'x'; 10_000], Duration::from_millis(10))
    })
    .await;
    let answer = get(
        &upstream,
        Limits {
            upstream_idle: Duration::from_secs(1),
            ..Limits::default()
        },
        BLOB,
    )
    .await;
    assert_eq!(
        answer.broken.as_deref(),
        Some("it came at less than 1024 bytes a second")
    );
}

#[tokio::test]
async fn a_malformed_answer_is_named() {
    for bytes in [
        "",
        "garbage\r\n\r\n",
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
    ] {
        let upstream = Upstream::plain(move |_| Does::Closes(bytes.as_bytes().to_vec())).await;
        let answer = get(&upstream, Limits::default(), MANIFEST).await;
        assert_eq!(answer.status, 502, "{bytes:?}");
        let (_, code, message) = answer.refusal();
        assert_eq!(code, "UPSTREAM_MALFORMED", "{bytes:?}");
        assert!(
            message.starts_with("the answer of registry.test cannot be read: "),
            "{message}"
        );
    }
    let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(300_000));
    let upstream = Upstream::plain(move |_| Does::Closes(long.clone().into_bytes())).await;
    let words = "the head of the answer of registry.test is larger than this proxy takes: 65536 bytes, 100 headers";
    let expected = (502, "HEAD_TOO_LARGE".to_owned(), words.to_owned());
    assert_eq!(
        get(&upstream, Limits::default(), MANIFEST).await.refusal(),
        expected
    );
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: x\r\n".repeat(101));
    let upstream = Upstream::plain(move |_| Does::Closes(many.clone().into_bytes())).await;
    assert_eq!(
        get(&upstream, Limits::default(), MANIFEST).await.refusal(),
        expected
    );
}
