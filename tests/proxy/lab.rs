//! What the tests are made of: upstream servers on loopback, and a network on which they have public addresses.

use std::collections::HashMap;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tower::ServiceExt as _;
use waybill_proxy::config::{Config, Limits};
use waybill_proxy::dial::{Network, Pending};
use waybill_proxy::{app_on, serve::serve};

/// The name that the proxy of these tests is asked under.
pub(crate) const OWN: &str = "127.0.0.1:8080";

/// A public address that stands for an upstream server.
pub(crate) const PUBLIC: &str = "93.184.215.14";

/// Another one.
pub(crate) const OTHER: &str = "93.184.215.15";

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
    Does::Sends(answer("307 Temporary Redirect", &[&format!("Location: {location}")], b""))
}

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
    pub(crate) async fn tls(acceptor: TlsAcceptor, does: impl Fn(&str) -> Does + Send + Sync + 'static) -> Self {
        Self::start(does, Some(acceptor)).await
    }

    /// A server that answers 200 with a body.
    pub(crate) async fn ok(body: &'static str) -> Self {
        Self::plain(move |_| Does::Sends(answer("200 OK", &[], body.as_bytes()))).await
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

    async fn start(does: impl Fn(&str) -> Does + Send + Sync + 'static, tls: Option<TlsAcceptor>) -> Self {
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

    async fn talk(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin, does: &(dyn Fn(&str) -> Does + Sync)) {
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
                    self.requests.lock().expect("lock").push(String::from_utf8_lossy(&body).into_owned());
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

/// Ends when the condition holds; fails where it does not within a time that no good machine needs. The tasks of the
/// same runtime go on meanwhile.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    let holds = poll_fn(|context| {
        if condition() {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    });
    tokio::time::timeout(Duration::from_secs(20), holds).await.expect("it comes to pass");
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

/// A network with names and public addresses of its own.
#[derive(Clone, Default)]
pub(crate) struct Lab {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    /// Answers of the resolver, one for each time it is asked; the last one stays.
    names: HashMap<String, Vec<Vec<IpAddr>>>,
    servers: HashMap<IpAddr, SocketAddr>,
    silent: Vec<IpAddr>,
    looked_up: Vec<String>,
    dialled: Vec<SocketAddr>,
}

impl Lab {
    /// Gives a name these addresses, at the first and every later look-up.
    pub(crate) fn name(&self, name: &str, addresses: &[&str]) -> &Self {
        self.flipping(name, &[addresses])
    }

    /// Gives a name other addresses at each look-up.
    pub(crate) fn flipping(&self, name: &str, answers: &[&[&str]]) -> &Self {
        let parse = |list: &&[&str]| list.iter().map(|text| text.parse().expect("address")).collect();
        let answers = answers.iter().map(parse).collect();
        self.inner.lock().expect("lock").names.insert(name.to_owned(), answers);
        self
    }

    /// Puts a server at an address, on every port.
    pub(crate) fn server(&self, address: &str, upstream: &Upstream) -> &Self {
        let address = address.parse().expect("address");
        self.inner.lock().expect("lock").servers.insert(address, upstream.address);
        self
    }

    /// Makes an address take no connection and give no answer.
    pub(crate) fn silent(&self, address: &str) -> &Self {
        self.inner.lock().expect("lock").silent.push(address.parse().expect("address"));
        self
    }

    /// Every name that was looked up.
    pub(crate) fn looked_up(&self) -> Vec<String> {
        self.inner.lock().expect("lock").looked_up.clone()
    }

    /// Every address that was dialled.
    pub(crate) fn dialled(&self) -> Vec<String> {
        self.inner.lock().expect("lock").dialled.iter().map(ToString::to_string).collect()
    }
}

impl Network for Lab {
    fn look_up(&self, name: String, port: u16) -> Pending<io::Result<Vec<SocketAddr>>> {
        let mut inner = self.inner.lock().expect("lock");
        inner.looked_up.push(name.clone());
        let addresses = match inner.names.get_mut(&name) {
            Some(answers) if answers.len() > 1 => Ok(answers.remove(0)),
            Some(answers) => Ok(answers[0].clone()),
            None => Err(io::Error::new(io::ErrorKind::NotFound, "no such name")),
        };
        let addresses = addresses.map(|list| list.into_iter().map(|ip| SocketAddr::new(ip, port)).collect());
        Box::pin(async { addresses })
    }

    fn connect(&self, address: SocketAddr) -> Pending<io::Result<TcpStream>> {
        let mut inner = self.inner.lock().expect("lock");
        inner.dialled.push(address);
        if inner.silent.contains(&address.ip()) {
            return Box::pin(std::future::pending());
        }
        // Loopback is reached as it is, so that a listener there would notice.
        let server = inner.servers.get(&address.ip()).copied();
        match server.or_else(|| address.ip().is_loopback().then_some(address)) {
            Some(server) => Box::pin(TcpStream::connect(server)),
            None => Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) }),
        }
    }
}

/// A certificate authority of the tests.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("key")).expect("certificate");
        Self { issuer }
    }

    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).expect("a certificate");
        roots
    }

    /// A TLS server for these names and addresses; `until` is the last year in which its certificate is valid.
    pub(crate) fn server(&self, names: &[&str], until: i32) -> TlsAcceptor {
        let key = KeyPair::generate().expect("key");
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.not_after = rcgen::date_time_ymd(until, 12, 31);
        let certificate = params.signed_by(&key, &self.issuer).expect("certificate").der().clone();
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("key");
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("certificate and key");
        TlsAcceptor::from(Arc::new(config))
    }
}

/// What a client reads.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// What came before the end, or before the body broke off.
    pub(crate) body: Vec<u8>,
    /// Why the body broke off.
    pub(crate) broken: Option<String>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }

    /// Code and message, of an answer that must be a refusal.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        assert_eq!(self.header("waybill-relay"), Some("refused"), "{} {:?}", self.status, self);
        assert_eq!(self.header("content-type"), Some("application/json"));
        let json: serde_json::Value = serde_json::from_slice(&self.body).expect("JSON");
        let error = &json["errors"][0];
        let text = |key: &str| error[key].as_str().expect("text").to_owned();
        (self.status.as_u16(), text("code"), text("message"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The proxy, without a socket of its own towards clients.
pub(crate) struct Proxy {
    pub(crate) app: Router,
}

impl Proxy {
    /// A proxy on the lab's network, with settings changed by the function.
    pub(crate) fn new(lab: &Lab, change: impl FnOnce(&mut Config)) -> Self {
        Self::with_roots(lab, RootCertStore::empty(), change)
    }

    /// The same with certificate authorities.
    pub(crate) fn with_roots(lab: &Lab, roots: RootCertStore, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config();
        change(&mut config);
        Self { app: app_on(&config, Arc::new(lab.clone()), roots).expect("a page") }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], Body::empty()).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, Body::empty()).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", OWN);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).expect("request");
        let (head, body) = self.app.clone().oneshot(request).await.expect("an answer").into_parts();
        let mut answer = Answer { status: head.status, headers: head.headers, body: Vec::new(), broken: None };
        let mut body = Pin::from(Box::new(body));
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => answer.body.extend(frame.into_data().expect("no trailers")),
                Err(error) => answer.broken = Some(error.to_string()),
            }
        }
        answer
    }
}

/// Settings of the tests: silent, with a page, and with limits that no good request meets.
pub(crate) fn config() -> Config {
    Config { dist: dist(), quiet: true, ..Config::default() }
}

/// Short times for upstreams that make one wait.
pub(crate) fn hurried() -> Limits {
    let short = Duration::from_millis(100);
    Limits { connect: short, head: short, idle: short, ..Limits::default() }
}

/// A folder with a page.
pub(crate) fn dist() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/proxy/page")
}

/// Starts the proxy on a socket of its own; it ends with the test's runtime.
pub(crate) async fn start(lab: &Lab, change: impl FnOnce(&mut Config)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut config = Config { listen: listener.local_addr().expect("bound"), ..config() };
    change(&mut config);
    let app = app_on(&config, Arc::new(lab.clone()), RootCertStore::empty()).expect("a page");
    tokio::spawn(serve(listener, app, config.limits, std::future::pending()));
    config.listen
}
