//! The proxy under test, asked directly or on a socket.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full};
use tokio::time::timeout;
use tokio_rustls::rustls::RootCertStore;
use waybill_proxy::{App, Config, Log, LoggedBody, Worker, listen, serve};

use super::upstream::NAMED;
use super::{OWN, PATIENCE, TestNetwork};

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
    /// A proxy on the network, with settings changed by the function.
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
            self.get(&format!("/relay/{registry}{NAMED}")).await.status,
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
        .await;
    });
    config.listen
}
