//! What the tests are made of: upstream servers on loopback, and a network on which they have public addresses.

mod certificates;
mod upstream;

use std::collections::HashMap;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::RootCertStore;
use waybill_proxy::App;
use waybill_proxy::Config;
use waybill_proxy::Worker;
use waybill_proxy::special_block;
use waybill_proxy::{Log, LoggedBody};
use waybill_proxy::{Network, Pending};
use waybill_proxy::{listen, serve};

pub(crate) use certificates::CertificateAuthority;
pub(crate) use upstream::{Does, Upstream, answer, challenge, redirect};

/// The name that the proxy of these tests is asked under.
pub(crate) const OWN: &str = "127.0.0.1:8080";

/// A public address that stands for an upstream server.
pub(crate) const PUBLIC: &str = "93.184.215.14";

/// Another one.
pub(crate) const OTHER: &str = "93.184.215.15";

/// Longer than anything takes on a good machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

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
    timeout(PATIENCE, holds).await.expect("it comes to pass");
}

/// A network with names and public addresses of its own.
#[derive(Clone, Default)]
pub(crate) struct TestNetwork {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    /// Answers of the resolver, one for each time it is asked; the last one stays.
    names: HashMap<String, Vec<Vec<IpAddr>>>,
    servers: HashMap<IpAddr, SocketAddr>,
    silent: Vec<IpAddr>,
    refusing: Vec<IpAddr>,
    looked_up: Vec<String>,
    dialled: Vec<SocketAddr>,
    /// Addresses that are not public and that no test put a server at, dialled all the same.
    breaches: Vec<SocketAddr>,
}

/// At the end of every test: nothing inside was dialled.
impl Drop for Inner {
    fn drop(&mut self) {
        assert!(
            self.breaches.is_empty() || std::thread::panicking(),
            "dialled inside: {:?}",
            self.breaches
        );
    }
}

impl TestNetwork {
    /// Gives a name these addresses, at the first and every later look-up.
    pub(crate) fn name(&self, name: &str, addresses: &[&str]) -> &Self {
        self.flipping(name, &[addresses])
    }

    /// Gives a name other addresses at each look-up.
    pub(crate) fn flipping(&self, name: &str, answers: &[&[&str]]) -> &Self {
        let parse = |list: &&[&str]| {
            list.iter()
                .map(|text| text.parse().expect("address"))
                .collect()
        };
        let answers = answers.iter().map(parse).collect();
        self.inner
            .lock()
            .expect("lock")
            .names
            .insert(name.to_owned(), answers);
        self
    }

    /// Puts a server at an address, on every port.
    pub(crate) fn server(&self, address: &str, upstream: &Upstream) -> &Self {
        self.server_at(address, upstream.address)
    }

    /// Puts a server of another kind at an address, on every port.
    pub(crate) fn server_at(&self, address: &str, at: SocketAddr) -> &Self {
        self.inner
            .lock()
            .expect("lock")
            .servers
            .insert(address.parse().expect("address"), at);
        self
    }

    /// Makes an address take no connection and give no answer.
    pub(crate) fn silent(&self, address: &str) -> &Self {
        self.inner
            .lock()
            .expect("lock")
            .silent
            .push(address.parse().expect("address"));
        self
    }

    /// Makes an address refuse connections, wherever it is.
    pub(crate) fn refusing(&self, address: &str) -> &Self {
        self.inner
            .lock()
            .expect("lock")
            .refusing
            .push(address.parse().expect("address"));
        self
    }

    /// Every name that was looked up.
    pub(crate) fn looked_up(&self) -> Vec<String> {
        self.inner.lock().expect("lock").looked_up.clone()
    }

    /// Every address that was dialled.
    pub(crate) fn dialled(&self) -> Vec<String> {
        self.inner
            .lock()
            .expect("lock")
            .dialled
            .iter()
            .map(ToString::to_string)
            .collect()
    }
}

impl Network for TestNetwork {
    fn look_up(&self, name: String, port: u16) -> Pending<io::Result<Vec<SocketAddr>>> {
        let mut inner = self.inner.lock().expect("lock");
        inner.looked_up.push(name.clone());
        let addresses = match inner.names.get_mut(&name) {
            Some(answers) if answers.len() > 1 => Ok(answers.remove(0)),
            Some(answers) => Ok(answers[0].clone()),
            None => Err(io::Error::new(io::ErrorKind::NotFound, "no such name")),
        };
        let addresses = addresses.map(|list| {
            list.into_iter()
                .map(|ip| SocketAddr::new(ip, port))
                .collect()
        });
        Box::pin(async { addresses })
    }

    fn connect(&self, address: SocketAddr) -> Pending<io::Result<TcpStream>> {
        let mut inner = self.inner.lock().expect("lock");
        inner.dialled.push(address);
        if inner.silent.contains(&address.ip()) {
            return Box::pin(std::future::pending());
        }
        if inner.refusing.contains(&address.ip()) {
            return Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) });
        }
        // Loopback is reached as it is, so that a listener there would notice.
        let server = inner.servers.get(&address.ip()).copied();
        if server.is_none() && special_block(address.ip()).is_some() {
            inner.breaches.push(address);
        }
        match server.or_else(|| address.ip().is_loopback().then_some(address)) {
            Some(server) => Box::pin(TcpStream::connect(server)),
            None => Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) }),
        }
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
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("text"))
    }

    /// Code and message, of an answer that must be a refusal.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        assert_eq!(
            self.header("waybill-relay"),
            Some("refused"),
            "{} {:?}",
            self.status,
            self
        );
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
    pub(crate) app: App,
}

impl Proxy {
    /// A proxy on the network's network, with settings changed by the function.
    pub(crate) fn new(network: &TestNetwork, change: impl FnOnce(&mut Config)) -> Self {
        Self::with_roots(network, RootCertStore::empty(), change)
    }

    /// The same with certificate authorities.
    pub(crate) fn with_roots(
        network: &TestNetwork,
        roots: RootCertStore,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = config();
        change(&mut config);
        Self {
            app: App::with_network(&config, Arc::new(network.clone()), roots).expect("a page"),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, "").await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", OWN);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into())).expect("request");
        timeout(PATIENCE, self.answer(request))
            .await
            .expect("a whole answer")
    }

    /// Sees the challenge of a registry such as `http/registry.test`, which must be [`Upstream::naming`] its endpoint.
    pub(crate) async fn learns(&self, registry: &str) {
        assert_eq!(
            self.get(&format!("/relay/{registry}{}", upstream::NAMED))
                .await
                .status,
            401
        );
    }

    /// An answer whose body is not read yet.
    pub(crate) async fn open(&self, path: &str) -> Response<LoggedBody> {
        let request = Request::get(path)
            .header("host", OWN)
            .body(Full::<Bytes>::default())
            .expect("request");
        timeout(
            PATIENCE,
            self.app.answer(Ipv4Addr::LOCALHOST.into(), request),
        )
        .await
        .expect("an answer")
    }

    async fn answer(&self, request: Request<Full<Bytes>>) -> Answer {
        let (head, body) = self
            .app
            .answer(Ipv4Addr::LOCALHOST.into(), request)
            .await
            .into_parts();
        let mut answer = Answer {
            status: head.status,
            headers: head.headers,
            body: Vec::new(),
            broken: None,
        };
        // As the HTTP library does.
        if let Some(length) = body.size_hint().exact() {
            answer
                .headers
                .entry("content-length")
                .or_insert(length.into());
        }
        let mut body = Pin::from(Box::new(body));
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => answer.body.extend(frame.into_data().expect("no trailers")),
                Err(error) => answer.broken = Some(error.to_string()),
            }
            assert!(answer.body.len() < 64 * 1024 * 1024, "an endless body");
        }
        answer
    }
}

/// Settings of the tests: silent, with a page, and with limits that no good request meets.
pub(crate) fn config() -> Config {
    Config {
        dist: Some(dist()),
        log: Log::Off,
        ..Config::default()
    }
}

/// A folder with a page.
pub(crate) fn dist() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/proxy/page")
}

/// Starts the proxy on a socket of its own; it ends with the test's runtime.
pub(crate) async fn start(network: &TestNetwork, change: impl FnOnce(&mut Config)) -> SocketAddr {
    let listener = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
    let mut config = Config {
        listen: listener.local_addr().expect("bound"),
        ..config()
    };
    change(&mut config);
    let app = App::with_network(&config, Arc::new(network.clone()), RootCertStore::empty())
        .expect("a page");
    let workers = [Worker::here(app)];
    tokio::spawn(async move {
        serve(
            listener,
            &workers,
            None,
            config.limits,
            std::future::pending(),
        )
        .await
    });
    config.listen
}
