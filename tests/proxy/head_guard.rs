//! Smuggling: what two readers may read in two ways is answered with 400, and nothing behind it is read.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{PUBLIC, TestNetwork, Upstream, start};

/// What the proxy answers to these bytes, until it closes the connection; `HOST` stands for its name.
async fn talk(proxy: std::net::SocketAddr, bytes: &str) -> String {
    let mut client = TcpStream::connect(proxy).await.expect("the proxy listens");
    client
        .write_all(bytes.replace("HOST", &proxy.to_string()).as_bytes())
        .await
        .expect("sent");
    let mut answer = Vec::new();
    let _ = client.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn smuggled_requests_are_not_read() {
    let upstream = Upstream::ok("{}").await;
    let network = TestNetwork::default();
    network
        .name("registry.test", &[PUBLIC])
        .server(PUBLIC, &upstream);
    let proxy = start(&network, |config| {
        config
            .allow
            .push("http://registry.test".parse().expect("host"));
        config.push = true;
    })
    .await;
    let smuggled = "GET /relay/http/registry.test/v2/ HTTP/1.1\r\nHost: HOST\r\n\r\n";
    for head in [
        // Both lengths, in both orders.
        "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        // Two lengths, equal and not.
        "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0, 0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: +0\r\n\r\n",
        // Folded lines.
        "GET / HTTP/1.1\r\nHost: HOST\r\nX: a\r\n b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: HOST\r\nX: a\r\n\tContent-Length: 5\r\n\r\n",
        // A line feed or a carriage return alone.
        "GET / HTTP/1.1\nHost: HOST\n\n",
        "GET / HTTP/1.1\r\nHost: HOST\r\nX: a\nContent-Length: 5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: HOST\r\n\n",
        "GET / HTTP/1.1\r\nHost: HOST\r\nX: a\rContent-Length: 5\r\n\r\n",
        // Names that are none.
        "GET / HTTP/1.1\r\nHost: HOST\r\nContent-Length\0: 5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: HOST\r\nContent Length: 5\r\n\r\n",
        // Other protocols.
        "GET / HTTP/3.0\r\nHost: HOST\r\n\r\n",
    ] {
        let answer = talk(proxy, &format!("{head}{smuggled}")).await;
        assert!(
            answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
            "{head:?} {answer:?}"
        );
        assert_eq!(
            answer.matches("HTTP/1.1 ").count(),
            1,
            "one answer, then a close: {head:?} {answer:?}"
        );
        is_ours(&answer, "HEAD_REFUSED");
    }
    let http2 = talk(
        proxy,
        &format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{smuggled}"),
    )
    .await;
    assert!(!http2.starts_with("HTTP/1.1 200"), "{http2:?}");
    assert_eq!(upstream.connections(), 0);
}

/// The answer is the proxy's refusal, in its own words, with all its headers.
fn is_ours(answer: &str, code: &str) {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let error: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(error["errors"][0]["code"], code, "{answer}");
    let head = format!("{head}\r\n");
    for header in [
        "waybill-relay: refused\r\n",
        "content-type: application/json\r\n",
        "cache-control: no-store\r\n",
        "x-content-type-options: nosniff\r\n",
        "content-security-policy: default-src 'none'; ",
        "connection: close\r\n",
        &format!("content-length: {}\r\n", body.len()),
    ] {
        assert!(head.contains(header), "{header} {head}");
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_in_the_proxys_own_words() {
    let proxy = start(&TestNetwork::default(), |_| {}).await;
    let relay = "GET /relay/https/registry.test/v2/ HTTP/1.1\r\nHost: HOST\r\n";
    for head in [
        format!(
            "{relay}Authorization: Bearer {}\r\n\r\n",
            "x".repeat(100 * 1024)
        ),
        // More than is read before the answer: it must arrive all the same.
        format!("{relay}Cookie: {}\r\n\r\n", "x".repeat(1024 * 1024)),
        format!(
            "GET /{} HTTP/1.1\r\nHost: HOST\r\n\r\n",
            "x".repeat(100 * 1024)
        ),
        format!("{relay}{}\r\n", "X: x\r\n".repeat(101)),
    ] {
        let answer = talk(proxy, &head).await;
        assert!(
            answer.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"),
            "{answer:?}"
        );
        is_ours(&answer, "HEAD_TOO_LARGE");
        assert!(
            answer.contains("is larger than this proxy takes: 65536 bytes, 100 headers"),
            "{answer}"
        );
    }
    let largest = format!(
        "GET / HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nX: {}\r\n\r\n",
        "x".repeat(65_000)
    );
    assert!(
        talk(proxy, &largest).await.starts_with("HTTP/1.1 200 "),
        "just small enough"
    );
}

#[tokio::test]
async fn a_head_that_cannot_be_read_spoils_no_answer_before_it() {
    let proxy = start(&TestNetwork::default(), |_| {}).await;
    let answer = talk(
        proxy,
        "HEAD / HTTP/1.1\r\nHost: HOST\r\n\r\nGET / HTTP/9\r\n\r\n",
    )
    .await;
    let (first, second) = answer.split_once("\r\n\r\n").expect("two answers");
    assert!(
        first.starts_with("HTTP/1.1 200 OK\r\n") && second.starts_with("HTTP/1.1 400 "),
        "{answer}"
    );
    is_ours(second, "HEAD_REFUSED");
}

#[tokio::test]
async fn a_head_that_goes_wrong_in_its_second_piece_is_answered_too() {
    let proxy = start(&TestNetwork::default(), |_| {}).await;
    let mut client = TcpStream::connect(proxy).await.expect("the proxy listens");
    for piece in ["GET / HTTP/1.1\r\nX: a\r\nY: ", "a\nContent-Length: 5\r\n"] {
        client.write_all(piece.as_bytes()).await.expect("sent");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut answer = String::new();
    client
        .read_to_string(&mut answer)
        .await
        .expect("an answer and a close");
    is_ours(&answer, "HEAD_REFUSED");
}

#[tokio::test]
async fn requests_need_a_host_and_a_path() {
    let proxy = start(&TestNetwork::default(), |_| {}).await;
    for head in [
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\nConnection: close\r\n\r\n",
        "GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n",
        "CONNECT registry.test:443 HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n",
    ] {
        let answer = talk(proxy, head).await;
        assert!(
            answer.starts_with("HTTP/1.1 400 ") || answer.starts_with("HTTP/1.0 400 "),
            "{head:?} {answer:?}"
        );
    }
}

#[tokio::test]
async fn well_formed_requests_follow_one_another() {
    let proxy = start(&TestNetwork::default(), |_| {}).await;
    let two = "GET / HTTP/1.1\r\nHost: HOST\r\n\r\nHEAD / HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n";
    let answer = talk(proxy, two).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{answer}");
    let after_a_body = "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2\r\n\r\n\n\nGET / HTTP/1.1\r\nHost: HOST\r\n\
                        Connection: close\r\n\r\n";
    let answer = talk(proxy, after_a_body).await;
    assert!(
        answer.starts_with("HTTP/1.1 405 ") && answer.contains("HTTP/1.1 200 OK\r\n"),
        "{answer}"
    );
}
