//! Upstream over HTTP/2: where it is offered, one connection for all requests, and none waits for another.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

use crate::harness::{CertificateAuthority, PUBLIC, Proxy, TestNetwork, until};

const BLOB: &str =
    "v2/a/blobs/sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// What was seen by the server.
#[derive(Clone, Default)]
struct Seen {
    connections: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

/// `left` bytes, in pieces; it is open until it is dropped.
struct Bytewise {
    left: usize,
    open: Arc<AtomicUsize>,
}

impl Body for Bytewise {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        const PIECE: [u8; 16_384] = [b'x'; 16_384];
        let length = self.left.min(PIECE.len());
        self.left -= length;
        Poll::Ready(
            (length > 0).then(|| Ok(Frame::data(Bytes::from_static(&PIECE).slice(..length)))),
        )
    }
}

impl Drop for Bytewise {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A proxy to a registry that speaks HTTP/2. It answers an endless body below `/v2/endless`, else a kilobyte; where
/// there is a body it answers as many bytes.
async fn proxy() -> (Proxy, Seen, TestNetwork) {
    let authority = CertificateAuthority::new("ours");
    let acceptor = authority.http2_server(&["registry.test"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let network = TestNetwork::default();
    network
        .name("registry.test", &[PUBLIC])
        .server_at(PUBLIC, listener.local_addr().expect("bound"));
    let seen = Seen::default();
    let shared = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            shared.connections.fetch_add(1, Ordering::SeqCst);
            let (acceptor, shared) = (acceptor.clone(), shared.clone());
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.expect("TLS");
                let service = service_fn(move |request: Request<Incoming>| {
                    let shared = shared.clone();
                    async move {
                        shared.requests.fetch_add(1, Ordering::SeqCst);
                        let is_endless = request.uri().path().starts_with("/v2/endless");
                        let sent = request
                            .into_body()
                            .collect()
                            .await
                            .map_or(0, |body| body.to_bytes().len());
                        let left = if is_endless {
                            usize::MAX
                        } else {
                            sent.max(1_024)
                        };
                        shared.open.fetch_add(1, Ordering::SeqCst);
                        Ok::<_, Infallible>(Response::new(Bytewise {
                            left,
                            open: Arc::clone(&shared.open),
                        }))
                    }
                });
                let _ = http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    let proxy = Proxy::with_roots(&network, authority.roots(), |config| config.push = true);
    (proxy, seen, network)
}

#[tokio::test]
async fn one_connection_serves_all_and_was_judged_once() {
    let (proxy, seen, network) = proxy().await;
    let path = format!("/relay/https/registry.test/{BLOB}");
    assert_eq!(proxy.get(&path).await.body.len(), 1_024);
    // The name leads elsewhere now; the connection stays where its address was judged.
    network.name("registry.test", &["127.0.0.1"]);
    for _ in 0..3 {
        let (a, b, c) = tokio::join!(proxy.get(&path), proxy.get(&path), proxy.get(&path));
        assert!(
            [a, b, c]
                .iter()
                .all(|answer| answer.status == 200 && answer.body.len() == 1_024)
        );
    }
    assert_eq!(
        (
            seen.requests.load(Ordering::SeqCst),
            seen.connections.load(Ordering::SeqCst)
        ),
        (10, 1)
    );
    assert_eq!((network.looked_up().len(), network.dialled().len()), (1, 1));
}

#[tokio::test]
async fn who_reads_nothing_holds_up_nobody() {
    let (proxy, seen, _lab) = proxy().await;
    let path = format!(
        "/relay/https/registry.test/{}",
        BLOB.replace("/a/", "/endless/")
    );
    let mut unread = Vec::new();
    // More than the windows that HTTP/2 begins with would let one connection take ahead.
    for _ in 0..24 {
        unread.push(proxy.open(&path).await);
    }
    assert_eq!(
        proxy
            .get(&format!("/relay/https/registry.test/{BLOB}"))
            .await
            .body
            .len(),
        1_024
    );
    assert_eq!(seen.connections.load(Ordering::SeqCst), 1);
    assert_eq!(seen.open.load(Ordering::SeqCst), 24);
    drop(unread);
    until(|| seen.open.load(Ordering::SeqCst) == 0).await;
    assert_eq!(
        proxy
            .get(&format!("/relay/https/registry.test/{BLOB}"))
            .await
            .status,
        200,
        "the connection goes on"
    );
    assert_eq!(seen.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn uploads_pass() {
    let (proxy, seen, _lab) = proxy().await;
    let body = vec![b'x'; 3_000_000];
    let answer = proxy
        .send(
            "PATCH",
            "/relay/https/registry.test/v2/a/blobs/uploads/x",
            &[],
            body,
        )
        .await;
    // The answer has as many bytes as came, up to the limit of one that is no blob.
    assert_eq!(
        (answer.status.as_u16(), answer.body.len()),
        (200, 3_000_000)
    );
    assert_eq!(seen.requests.load(Ordering::SeqCst), 1);
}
