//! Uploads that take long, stop, trickle, or never begin.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use waybill_proxy::Limits;

use crate::harness::{Does, PATIENCE, TestNetwork, Upstream, allow_registry, answer, start};
use crate::limits::SHORT;

/// The status of the answer that comes next.
pub(crate) async fn status(client: &mut TcpStream) -> String {
    let mut line = [0; 12];
    timeout(PATIENCE, client.read_exact(&mut line))
        .await
        .expect("in time")
        .expect("an answer");
    String::from_utf8_lossy(&line[9..]).into_owned()
}

/// Begins an upload of twenty bytes on a socket of its own.
async fn upload(upstream: &Upstream, limits: Limits) -> TcpStream {
    upload_with(upstream, limits, "Content-Length: 20\r\n").await
}

async fn upload_with(upstream: &Upstream, limits: Limits, headers: &str) -> TcpStream {
    let proxy = start(&TestNetwork::with_registry(upstream), |config| {
        allow_registry(config);
        (config.push, config.limits) = (true, limits);
    })
    .await;
    let mut client = TcpStream::connect(proxy).await.expect("the proxy listens");
    let path = "/relay/http/registry.test/v2/a/blobs/uploads/x";
    let head = format!("PATCH {path} HTTP/1.1\r\nHost: {proxy}\r\n{headers}\r\n");
    client.write_all(head.as_bytes()).await.expect("sent");
    client
}

#[tokio::test]
async fn an_upload_may_take_longer_than_an_answer() {
    let upstream = Upstream::plain(|_| Does::ReadsBody(20, answer("202 Accepted", &[], b""))).await;
    let mut client = upload(
        &upstream,
        Limits {
            upstream_head: Duration::from_secs(1),
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
    let mut client = upload_with(
        &upstream,
        limits,
        "Content-Length: 20\r\nExpect: 100-continue\r\n",
    )
    .await;
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
            upstream_head: SHORT,
            ..Limits::default()
        },
    )
    .await;
    client.write_all(b"hello hello ").await.expect("sent");
    tokio::time::sleep(5 * SHORT).await;
    client.write_all(b"hello hi").await.expect("sent");
    assert_eq!(status(&mut client).await, "202");
}

#[tokio::test]
async fn who_still_sends_reads_why_nobody_takes_it() {
    let limits = Limits {
        blob: 8 << 20,
        ..Limits::default()
    };
    let leaves = Upstream::plain(|_| Does::Closes(Vec::new())).await;
    for (length, expected) in [(8 << 20, "502"), (9 << 20, "413")] {
        let length_header = format!("Content-Length: {length}\r\n");
        let mut client = upload_with(&leaves, limits, &length_header).await;
        client.write_all(&vec![0; length]).await.expect("taken");
        assert_eq!(status(&mut client).await, expected);
    }
}
