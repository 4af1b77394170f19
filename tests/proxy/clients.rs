//! Clients that leave, are slow, say nothing, or ask for too much.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use waybill_proxy::Limits;

use crate::harness::{Does, PATIENCE, Proxy, TestNetwork, Upstream, allow_registry, start, until};
use crate::limits::{BLOB, MANIFEST, SHORT};
use crate::uploads::status;

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
        let proxy = start(&TestNetwork::with_registry(&upstream), allow_registry).await;
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
    let proxy = start(&TestNetwork::with_registry(&upstream), allow_registry).await;
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
    let proxy = start(&TestNetwork::with_registry(&upstream), |config| {
        allow_registry(config);
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
    let proxy = start(&TestNetwork::with_registry(&upstream), |config| {
        allow_registry(config);
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
        config.limits.client_head = SHORT;
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
    let proxy = start(&TestNetwork::with_registry(&upstream), |config| {
        allow_registry(config);
        config.limits.client_requests = 2;
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
    let proxy = Proxy::new(&TestNetwork::with_registry(&upstream), |config| {
        allow_registry(config);
        (config.limits.client_burst, config.limits.client_rate) = (3, 1);
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
        config.limits.client_connections = 2;
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
