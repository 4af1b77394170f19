//! Upstream servers on loopback, that behave and that misbehave.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::until;

/// What an upstream server does when it has read a request's head.
pub(crate) enum Does {
    /// Sends these bytes and reads the next request.
    Sends(Vec<u8>),
    /// Sends these bytes and closes the connection.
    Closes(Vec<u8>),
    /// Sends these bytes and then nothing, until the other side leaves.
    Hangs(Vec<u8>),
    /// Sends these bytes, and then the others again and again until nobody takes them.
    Repeats(Vec<u8>, Vec<u8>),
    /// Sends these bytes, and then the others one by one, with this time between them.
    Trickles(Vec<u8>, Vec<u8>, Duration),
    /// Reads a body of this many bytes, records it, and sends these bytes.
    ReadsBody(usize, Vec<u8>),
}

/// An answer with a body.
pub(crate) fn answer(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len()).into_bytes();
    for header in headers {
        bytes.extend(format!("{header}\r\n").bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    bytes
}

/// A redirect.
pub(crate) fn redirect(location: &str) -> Does {
    Does::Sends(answer(
        "307 Temporary Redirect",
        &[&format!("Location: {location}")],
        b"",
    ))
}

/// An answer that names a token endpoint.
pub(crate) fn challenge(realm: &str) -> Does {
    let header = format!("WWW-Authenticate: Bearer realm=\"{realm}\",service=\"test\"");
    Does::Sends(answer("401 Unauthorized", &[&header], b"{}"))
}

/// What is asked of [`Upstream::naming`] to have its token endpoint named.
pub(super) const NAMED: &str = "/v2/named/tags/list";

/// An upstream server on loopback. It ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
    /// How many bytes were written by [`Does::Repeats`].
    pub(crate) written: Arc<AtomicUsize>,
}

impl Upstream {
    /// A server in plain http, that does what the function says for each request's head.
    pub(crate) async fn plain(does: impl Fn(&str) -> Does + Send + Sync + 'static) -> Self {
        Self::start(does, None).await
    }

    /// A server in https.
    pub(crate) async fn tls(
        acceptor: TlsAcceptor,
        does: impl Fn(&str) -> Does + Send + Sync + 'static,
    ) -> Self {
        Self::start(does, Some(acceptor)).await
    }

    /// A server that answers 200 with a body.
    pub(crate) async fn ok(body: &'static str) -> Self {
        Self::plain(move |_| Does::Sends(answer("200 OK", &[], body.as_bytes()))).await
    }

    /// A registry in plain http that names this path on itself as its token endpoint, when it is asked for it: see
    /// [`Proxy::learns`](super::Proxy::learns). It does what the function says for each other request.
    pub(crate) async fn naming(
        path: &'static str,
        does: impl Fn(&str) -> Does + Send + Sync + 'static,
    ) -> Self {
        Self::plain(move |head| {
            if !head.starts_with(&format!("GET {NAMED} ")) {
                return does(head);
            }
            let host = head
                .lines()
                .find_map(|line| line.strip_prefix("host: "))
                .expect("a host");
            challenge(&format!("http://{host}{path}"))
        })
        .await
    }

    /// A server that sends these bytes as soon as it is connected to.
    pub(crate) async fn speaks_first(bytes: &'static [u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let upstream = Self::at(&listener);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(bytes).await;
                tokio::spawn(async move { while stream.read_u8().await.is_ok() {} });
            }
        });
        upstream
    }

    fn at(listener: &TcpListener) -> Self {
        Self {
            address: listener.local_addr().expect("bound"),
            requests: Arc::default(),
            connections: Arc::default(),
            open: Arc::default(),
            written: Arc::default(),
        }
    }

    async fn start(
        does: impl Fn(&str) -> Does + Send + Sync + 'static,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let upstream = Self::at(&listener);
        let (shared, does) = (upstream.clone(), Arc::new(does));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (shared, does, tls) = (shared.clone(), Arc::clone(&does), tls.clone());
                tokio::spawn(async move {
                    shared.open.fetch_add(1, Ordering::SeqCst);
                    match tls {
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                shared.talk(stream, &*does).await;
                            }
                        }
                        None => shared.talk(stream, &*does).await,
                    }
                    shared.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        upstream
    }

    async fn talk(
        &self,
        mut stream: impl AsyncRead + AsyncWrite + Unpin,
        does: &(dyn Fn(&str) -> Does + Sync),
    ) {
        while let Some(head) = read_head(&mut stream).await {
            self.requests.lock().expect("lock").push(head.clone());
            match does(&head) {
                Does::Sends(bytes) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                    let _ = stream.flush().await;
                }
                Does::Closes(bytes) => {
                    let _ = stream.write_all(&bytes).await;
                    let _ = stream.shutdown().await;
                    return;
                }
                Does::Hangs(bytes) => {
                    let _ = stream.write_all(&bytes).await;
                    let _ = stream.flush().await;
                    while stream.read_u8().await.is_ok() {}
                    return;
                }
                Does::Repeats(first, again) => {
                    let _ = stream.write_all(&first).await;
                    while let Ok(written) = stream.write(&again).await {
                        self.written.fetch_add(written, Ordering::SeqCst);
                    }
                    return;
                }
                Does::Trickles(first, then, between) => {
                    let _ = stream.write_all(&first).await;
                    for byte in then {
                        if stream.write_all(&[byte]).await.is_err() {
                            return;
                        }
                        let _ = stream.flush().await;
                        tokio::time::sleep(between).await;
                    }
                }
                Does::ReadsBody(length, bytes) => {
                    let mut body = vec![0; length];
                    if stream.read_exact(&mut body).await.is_err() {
                        return;
                    }
                    self.requests
                        .lock()
                        .expect("lock")
                        .push(String::from_utf8_lossy(&body).into_owned());
                    let _ = stream.write_all(&bytes).await;
                    let _ = stream.flush().await;
                }
            }
        }
    }

    /// The heads of all requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("lock").clone()
    }

    /// How many connections were made to it.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Ends when no connection is open.
    pub(crate) async fn left_alone(&self) {
        until(|| self.open.load(Ordering::SeqCst) == 0).await;
    }
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}
