//! Bodies and times: large, endless, slow, truncated and malformed upstreams, and clients that leave.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use waybill_core::limits::{ERROR_BYTES, MANIFEST_BYTES};
use waybill_proxy::{Config, Limits};

use crate::harness::{
    Answer, Does, PATIENCE, PUBLIC, Proxy, TestNetwork, Upstream, answer, start, until,
};

const BLOB: &str = "/relay/http/registry.test/v2/a/blobs/sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
const MANIFEST: &str = "/relay/http/registry.test/v2/a/manifests/x";

/// A time that an upstream or a client of these tests lets pass.
const SHORT: Duration = Duration::from_millis(100);

fn network(upstream: &Upstream) -> TestNetwork {
    let network = TestNetwork::default();
    network
        .name("registry.test", &[PUBLIC])
        .server(PUBLIC, upstream);
    network
}

fn allow(config: &mut Config) {
    config
        .allow
        .push("http://registry.test".parse().expect("host"));
}

async fn get(upstream: &Upstream, limits: Limits, path: &str) -> Answer {
    let proxy = Proxy::new(&network(upstream), |config| {
        allow(config);
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
            head: SHORT,
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
    let proxy = Proxy::new(&network, |config| config.limits.connect = SHORT);
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
    let proxy = Proxy::new(&network, |config| config.limits.connect = SHORT);
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
                idle: SHORT,
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
            idle: Duration::from_secs(1),
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

/// The status of the answer that comes next.
async fn status(client: &mut TcpStream) -> String {
    let mut line = [0; 12];
    timeout(PATIENCE, client.read_exact(&mut line))
        .await
        .expect("in time")
        .expect("an answer");
    String::from_utf8_lossy(&line[9..]).into_owned()
}

/// Begins an upload of twenty bytes on a socket of its own.
async fn upload(upstream: &Upstream, limits: Limits) -> TcpStream {
    upload_with(upstream, limits, "").await
}

async fn upload_with(upstream: &Upstream, limits: Limits, headers: &str) -> TcpStream {
    let proxy = start(&network(upstream), |config| {
        allow(config);
        (config.push, config.limits) = (true, limits);
    })
    .await;
    let mut client = TcpStream::connect(proxy).await.expect("the proxy listens");
    let path = "/relay/http/registry.test/v2/a/blobs/uploads/x";
    let head =
        format!("PATCH {path} HTTP/1.1\r\nHost: {proxy}\r\nContent-Length: 20\r\n{headers}\r\n");
    client.write_all(head.as_bytes()).await.expect("sent");
    client
}

#[tokio::test]
async fn an_upload_may_take_longer_than_an_answer() {
    let upstream = Upstream::plain(|_| Does::ReadsBody(20, answer("202 Accepted", &[], b""))).await;
    let mut client = upload(
        &upstream,
        Limits {
            head: Duration::from_secs(1),
            ..Limits::default()
        },
    )
    .await;
    for byte in b"hello hello hello hi" {
        tokio::time::sleep(Duration::from_millis(60)).await;
        client.write_all(&[*byte]).await.expect("sent");
    }
    assert_eq!(status(&mut client).await, "202");
    assert_eq!(upstream.requests()[1], "hello hello hello hi");
}

#[tokio::test]
async fn an_upload_that_stops_is_given_up() {
    let upstream = Upstream::plain(|_| Does::ReadsBody(20, answer("202 Accepted", &[], b""))).await;
    let mut client = upload(
        &upstream,
        Limits {
            client_idle: SHORT,
            ..Limits::default()
        },
    )
    .await;
    client.write_all(b"hello").await.expect("sent");
    let mut answer = String::new();
    timeout(PATIENCE, client.read_to_string(&mut answer))
        .await
        .expect("in time")
        .expect("an answer and a close");
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(
        answer.contains("the body of the request did not come whole: nothing came for 100ms"),
        "{answer}"
    );
    upstream.left_alone().await;
}

#[tokio::test]
async fn an_upload_that_trickles_is_given_up() {
    let upstream = Upstream::plain(|_| Does::ReadsBody(20, answer("202 Accepted", &[], b""))).await;
    let mut client = upload(
        &upstream,
        Limits {
            client_idle: Duration::from_millis(500),
            ..Limits::default()
        },
    )
    .await;
    let (mut reading, mut writing) = client.split();
    let trickle = async {
        // Never silent for long, and done after ten times that.
        for byte in b"hello hello hello hi" {
            tokio::time::sleep(Duration::from_millis(250)).await;
            if writing.write_all(&[*byte]).await.is_err() {
                break;
            }
        }
    };
    let mut answer = String::new();
    let ((), read) = tokio::join!(trickle, reading.read_to_string(&mut answer));
    assert!(
        read.is_ok() && answer.starts_with("HTTP/1.1 408 "),
        "{answer}"
    );
    assert!(
        answer.contains("BODY_REFUSED")
            && answer.contains("it came at less than 1024 bytes a second"),
        "{answer}"
    );
    upstream.left_alone().await;
}

#[tokio::test]
async fn an_upload_that_is_announced_and_never_begun_is_given_up() {
    let upstream = Upstream::plain(|_| Does::ReadsBody(20, answer("202 Accepted", &[], b""))).await;
    let limits = Limits {
        client_idle: SHORT,
        ..Limits::default()
    };
    let mut client = upload_with(&upstream, limits, "Expect: 100-continue\r\n").await;
    let mut answer = String::new();
    timeout(PATIENCE, client.read_to_string(&mut answer))
        .await
        .expect("in time")
        .expect("an answer and a close");
    assert!(
        answer.starts_with("HTTP/1.1 100 ") && answer.contains("HTTP/1.1 408 "),
        "{answer}"
    );
}

#[tokio::test]
async fn a_client_that_pauses_is_not_an_upstream_that_does_not_answer() {
    let upstream = Upstream::plain(|_| Does::ReadsBody(20, answer("202 Accepted", &[], b""))).await;
    let mut client = upload(
        &upstream,
        Limits {
            head: SHORT,
            ..Limits::default()
        },
    )
    .await;
    client.write_all(b"hello hello ").await.expect("sent");
    tokio::time::sleep(5 * SHORT).await;
    client.write_all(b"hello hi").await.expect("sent");
    assert_eq!(status(&mut client).await, "202");
}

/// Sends a request on a socket of its own.
async fn ask(proxy: std::net::SocketAddr, path: &str) -> TcpStream {
    let mut client = TcpStream::connect(proxy).await.expect("the proxy listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {proxy}\r\n\r\n");
    client.write_all(request.as_bytes()).await.expect("sent");
    client
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_upstream_along() {
    for bytes in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
    ] {
        let upstream = Upstream::plain(move |_| Does::Hangs(bytes.to_vec())).await;
        let proxy = start(&network(&upstream), allow).await;
        let mut client = ask(proxy, BLOB).await;
        until(|| upstream.requests().len() == 1).await;
        if !bytes.is_empty() {
            client
                .read_exact(&mut [0; 10])
                .await
                .expect("the answer began");
        }
        drop(client);
        upstream.left_alone().await;
    }
}

#[tokio::test]
async fn a_slow_client_slows_its_upstream_down() {
    const LENGTH: usize = 256 * 1024 * 1024;
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {LENGTH}\r\n\r\n").into_bytes();
    let upstream = Upstream::plain(move |_| Does::Repeats(head.clone(), vec![b'x'; 65_536])).await;
    let proxy = start(&network(&upstream), allow).await;
    let mut client = ask(proxy, BLOB).await;
    client
        .read_exact(&mut [0; 10])
        .await
        .expect("the answer began");
    // Nobody reads now: what was sent fills the buffers of two sockets and the proxy, then no more is taken.
    let mut before = usize::MAX;
    while before != upstream.written.load(Ordering::SeqCst) {
        before = upstream.written.load(Ordering::SeqCst);
        tokio::time::sleep(SHORT).await;
    }
    assert!(before < 32 * 1024 * 1024, "{before} bytes were taken ahead");
    let mut buffer = vec![0; 1024 * 1024];
    let mut received = 0;
    while received < LENGTH {
        received += client.read(&mut buffer).await.expect("it goes on");
    }
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n".to_vec();
    let upstream = Upstream::plain(move |_| Does::Repeats(head.clone(), vec![b'x'; 65_536])).await;
    let proxy = start(&network(&upstream), |config| {
        allow(config);
        config.limits.client_idle = SHORT;
    })
    .await;
    let client = ask(proxy, BLOB).await;
    until(|| upstream.requests().len() == 1).await;
    upstream.left_alone().await;
    drop(client);
}

/// A stream to a client that takes 64 KiB after each of these times, until it ends or this many bytes have come.
async fn taken(limits: Limits, pause: Duration, enough: usize) -> usize {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n".to_vec();
    let upstream = Upstream::plain(move |_| Does::Repeats(head.clone(), vec![b'x'; 65_536])).await;
    let proxy = start(&network(&upstream), |config| {
        allow(config);
        config.limits = limits;
    })
    .await;
    let mut client = ask(proxy, BLOB).await;
    let (mut buffer, mut taken) = (vec![0; 65_536], 0);
    while taken < enough {
        tokio::time::sleep(pause).await;
        match timeout(PATIENCE, client.read(&mut buffer))
            .await
            .expect("bytes or an end")
        {
            Ok(more) if more > 0 => taken += more,
            Ok(_) | Err(_) => break,
        }
    }
    taken
}

#[tokio::test]
async fn a_client_that_takes_little_is_cut_off() {
    // It takes 3 MiB a second at most, and has to take a thousand times that.
    let limits = Limits {
        client_idle: Duration::from_millis(500),
        client_slowest: 3 << 30,
        ..Limits::default()
    };
    let enough = 64 * 1024 * 1024;
    assert!(taken(limits, Duration::from_millis(20), enough).await < enough);
}

#[tokio::test]
async fn a_slow_client_that_goes_on_is_waited_for() {
    // What the system holds for a client is so little that the proxy hears in time of what was taken: with the system's
    // own megabytes it would hear nothing for three seconds.
    let limits = Limits {
        client_idle: Duration::from_secs(2),
        ..Limits::default()
    };
    let enough = 3 * 1024 * 1024;
    assert!(taken(limits, Duration::from_millis(150), enough).await >= enough);
}

#[tokio::test]
async fn a_client_that_sends_no_head_is_cut_off() {
    let proxy = start(&TestNetwork::default(), |config| {
        config.limits.client_head = SHORT
    })
    .await;
    for start in ["", "GET / HTTP/1.1\r\nHost: "] {
        let mut client = TcpStream::connect(proxy).await.expect("the proxy listens");
        client.write_all(start.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        // With a word or without.
        let _ = timeout(PATIENCE, client.read_to_string(&mut answer))
            .await
            .expect("the connection ends");
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_client_has_so_many_requests_open_and_no_more() {
    let upstream = Upstream::plain(|_| Does::Hangs(vec![])).await;
    let proxy = start(&network(&upstream), |config| {
        allow(config);
        config.limits.open = 2;
    })
    .await;
    let first = ask(proxy, BLOB).await;
    let _second = ask(proxy, BLOB).await;
    until(|| upstream.requests().len() == 2).await;
    let mut third = ask(proxy, BLOB).await;
    assert_eq!(status(&mut third).await, "429");
    drop(first);
    // The place is free as soon as the proxy has seen it.
    let freed = async { while status(&mut ask(proxy, "/").await).await != "200" {} };
    timeout(PATIENCE, freed).await.expect("the place is free");
}

#[tokio::test]
async fn a_burst_of_requests_is_answered_and_then_put_off() {
    let upstream = Upstream::ok("{}").await;
    let proxy = Proxy::new(&network(&upstream), |config| {
        allow(config);
        (config.limits.burst, config.limits.rate) = (3, 1);
    });
    for _ in 0..3 {
        assert_eq!(proxy.get(MANIFEST).await.status, 200);
    }
    let answer = proxy.get(MANIFEST).await;
    assert_eq!(answer.header("retry-after"), Some("1"));
    let message = "more than 1 requests a second, wait and go on slower".to_owned();
    assert_eq!(answer.refusal(), (429, "LIMIT_REACHED".to_owned(), message));
}

#[tokio::test]
async fn a_client_has_so_many_connections_and_no_more() {
    let proxy = start(&TestNetwork::default(), |config| {
        config.limits.client_connections = 2
    })
    .await;
    let (mut first, mut second) = (ask(proxy, "/").await, ask(proxy, "/").await);
    for client in [&mut first, &mut second] {
        assert_eq!(status(client).await, "200");
    }
    let mut third = TcpStream::connect(proxy).await.expect("the proxy listens");
    assert!(
        matches!(third.read(&mut [0]).await, Ok(0) | Err(_)),
        "hung up on"
    );
}
