//! A body is held while it is hashed; what is too large, too slow or one too many streams on, and no cache keeps it.

use std::time::Duration;

use http_body_util::BodyExt as _;
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;
use waybill_core::digest::Digest;
use waybill_proxy::{BUFFERED_BYTES, BUFFERED_FOR, HASHED_BYTES};

use crate::cache::{DIGEST, IMMUTABLE, ask, path, proxy_to, said};
use crate::harness::{
    Does, PATIENCE, PUBLIC, Proxy, TestNetwork, Upstream, answer, ask as ask_on_a_socket, start,
};

#[tokio::test]
async fn what_is_not_hashed_streams_on_and_is_not_kept() {
    let large = vec![b' '; HASHED_BYTES + 1];
    let of_large = path(&format!("blobs/{}", Digest::sha256(&large)));
    let unknown = path("blobs/blake3:44136fa355b3678a");
    let by_digest = path(&format!("blobs/{DIGEST}"));
    let chunked =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n".to_vec();
    for (path, bytes, length) in [
        (&of_large, answer("200 OK", &[], &large), large.len()),
        (&unknown, answer("200 OK", &[], b"{}"), 2),
        (
            &by_digest,
            answer(
                "206 Partial Content",
                &["Content-Range: bytes 0-1/2"],
                b"{}",
            ),
            2,
        ),
        (
            &by_digest,
            answer("203 Non-Authoritative Information", &[], b"{}"),
            2,
        ),
        (
            &by_digest,
            b"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n".to_vec(),
            0,
        ),
        (&by_digest, chunked, 2),
    ] {
        let answer = ask(path, &[], bytes).await;
        assert_eq!(
            (said(&answer).0, answer.body.len(), &answer.broken),
            ("no-store", length, &None),
            "{path}"
        );
    }
    for body in [&b"{}"[..], b""] {
        let digest = Digest::sha256(body);
        let upstream = Upstream::plain(move |_| Does::Closes(answer("200 OK", &[], body))).await;
        let head = proxy_to(&upstream)
            .send("HEAD", &path(&format!("blobs/{digest}")), &[], "")
            .await;
        assert_eq!(
            said(&head),
            ("no-store", None),
            "of a HEAD there is nothing to hash"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_slow_streams_on_and_is_not_kept() {
    for (between, kept) in [
        (Duration::ZERO, IMMUTABLE),
        (BUFFERED_FOR + Duration::from_millis(200), "no-store"),
    ] {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
        let upstream =
            Upstream::plain(move |_| Does::Trickles(head.to_vec(), b"{}".to_vec(), between)).await;
        let answer = proxy_to(&upstream)
            .get(&path(&format!("blobs/{DIGEST}")))
            .await;
        assert_eq!(
            (said(&answer).0, answer.text().as_str(), &answer.broken),
            (kept, "{}", &None),
            "{between:?}"
        );
        assert_eq!(answer.headers["content-length"], "2");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_gives_what_came() {
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".to_vec();
    let answer = ask(&path(&format!("blobs/{DIGEST}")), &[], bytes).await;
    assert_eq!(
        (said(&answer), answer.text().as_str()),
        (("no-store", None), "hello")
    );
    assert!(
        answer
            .broken
            .is_some_and(|why| why.starts_with("it broke off: "))
    );
    assert_eq!(answer.headers["content-length"], "10");
}

#[tokio::test]
async fn what_came_of_a_body_that_breaks_off_is_sent_with_its_head() {
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".to_vec();
    let upstream = Upstream::plain(move |_| Does::Closes(bytes.clone())).await;
    let network = TestNetwork::default();
    network
        .name("registry.test", &[PUBLIC])
        .server(PUBLIC, &upstream);
    let host = start(&network, |config| {
        config
            .allow
            .push("http://registry.test".parse().expect("host"));
    })
    .await
    .to_string();
    let mut sent = String::new();
    let mut client = ask_on_a_socket(&host, &path(&format!("blobs/{DIGEST}")), "").await;
    timeout(PATIENCE, client.read_to_string(&mut sent))
        .await
        .expect("in time")
        .expect("an end");
    assert!(
        sent.starts_with("HTTP/1.1 200 OK\r\n") && sent.ends_with("\r\n\r\nhello"),
        "{sent}"
    );
}

#[tokio::test]
async fn there_is_room_for_so_many_bytes_and_what_is_one_too_many_streams_on() {
    let body = vec![b' '; HASHED_BYTES];
    let path = path(&format!("blobs/{}", Digest::sha256(&body)));
    let upstream = Upstream::plain(move |_| Does::Closes(answer("200 OK", &[], &body))).await;
    let proxy = proxy_to(&upstream);
    let mut open = Vec::new();
    for _ in 0..BUFFERED_BYTES / HASHED_BYTES {
        let mut answer = proxy.open(&path).await;
        assert_eq!(answer.headers()["cache-control"], IMMUTABLE);
        // Also while the bytes wait for a slow reader.
        let bytes = answer
            .body_mut()
            .frame()
            .await
            .expect("bytes")
            .expect("whole")
            .into_data()
            .expect("no trailers");
        open.push(bytes);
    }
    // Another thread's proxy has the same room.
    let apart = Proxy {
        app: proxy.app.with_own_connections(),
    };
    for proxy in [&proxy, &apart] {
        let answer = proxy.get(&path).await;
        assert_eq!(
            (said(&answer), answer.body.len()),
            (("no-store", None), HASHED_BYTES)
        );
    }
    open.pop();
    assert_eq!(said(&proxy.get(&path).await).0, IMMUTABLE);
}
