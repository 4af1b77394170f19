//! `waybill-proxy` serves the built page and relays to registries that refuse browsers.
//!
//! It is nobody's open relay: only requests of the registry API are relayed, only for its own page, and only to
//! public addresses or to registries named when it was started. It keeps nothing and is not trusted: the page
//! checks every digest itself. Modules in reading order:
//!
//! - [`config`], [`flags`]: what the person who starts it decides
//! - [`serve`](mod@serve), [`connections`], [`worker`], [`head_guard`], [`tls`]: connections and who makes room, the threads
//!   that answer them, and what a request may look like on the wire
//! - [`same_origin`], [`rate_limit`], [`forwarded`]: whose requests are answered, and how many
//! - [`assets`]: the page's files
//! - [`relay`], [`endpoint`], [`realms`], [`cache`], [`error_response`]: one request, its shape, which token endpoints are asked,
//!   who may keep its answer, and the words of a refusal
//! - [`upstream`], [`body`], [`limited_body`], [`url`](mod@url): the request to the registry, redirects, bodies
//! - [`dial`], [`authority`], [`ip_blocks`], [`network`]: the one gate to the network
//! - [`log`], [`metrics`]: what is written and counted

pub mod ip_blocks;
pub mod body;
pub mod rate_limit;
pub mod config;
pub mod connections;
pub mod dial;
pub mod flags;
pub mod forwarded;
pub mod authority;
pub mod cache;
pub mod log;
pub mod metrics;
pub mod network;
pub mod same_origin;
pub mod assets;
pub mod realms;
pub mod error_response;
pub mod relay;
pub mod serve;
pub mod limited_body;
pub mod endpoint;
pub mod tls;
pub mod upstream;
pub mod url;
pub mod head_guard;
pub mod worker;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use tokio_rustls::rustls::RootCertStore;
use waybill_core::registry::relay_path::{RELAY_PREFIX, TOKEN_PREFIX};

use crate::assets::{Assets, AssetsError, text};
use crate::body::Body;
use crate::config::Config;
use crate::dial::Dialer;
use crate::error_response::Refusal;
use crate::forwarded::{Trusted, client};
use crate::head_guard::HeadError;
use crate::log::{Log, LoggedBody, RequestLog};
use crate::metrics::{Kind, Metrics};
use crate::network::{Network, System, system_roots};
use crate::rate_limit::Clients;
use crate::relay::Relay;
use crate::same_origin::OwnNames;
use crate::upstream::Upstream;

/// The page's policy. `connect-src` lets the page talk to registries that allow browsers, without this proxy. No name of
/// a trusted type is allowed, because the page makes none: a worker will have to have its name here, and claim it first.
static PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self' https: http://localhost:* http://127.0.0.1:*; manifest-src 'self'; \
    worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'",
);

/// Powerful features that the page does not use. Only names that browsers know: they complain about others.
const NO_FEATURES: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

/// What every answer carries besides the policy.
static HARDENING: [(HeaderName, HeaderValue); 5] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(NO_FEATURES),
    ),
];

/// The whole proxy: requests in, answers out. Clones are the same proxy.
#[derive(Clone)]
pub struct App {
    proxy: Arc<Proxy>,
    relay: Arc<Relay>,
}

struct Proxy {
    own: OwnNames,
    clients: Arc<Clients>,
    trusted: Vec<Trusted>,
    page: Assets,
    log: Log,
    metrics: Arc<Metrics>,
    stopping: AtomicBool,
}

/// The whole proxy on this machine's resolver, network and certificate authorities.
///
/// Fails where there is no page in [`Config::dist`], or where neither a folder is named nor a page built in.
///
/// ```no_run
/// use waybill_proxy::{app, config::Config};
///
/// let app = app(&Config { dist: Some("dist".into()), ..Config::default() })?;
/// # Ok::<(), waybill_proxy::assets::AssetsError>(())
/// ```
pub fn app(config: &Config) -> Result<App, AssetsError> {
    app_on(config, Arc::new(System), system_roots())
}

/// The same on another network, with other certificate authorities.
pub fn app_on(
    config: &Config,
    network: Arc<dyn Network>,
    roots: RootCertStore,
) -> Result<App, AssetsError> {
    let dialer = Dialer::new(network, roots, config);
    let metrics = Arc::<Metrics>::default();
    let relay = Arc::new(Relay::new(
        Upstream::new(dialer, config.limits.head),
        config,
        Arc::clone(&metrics),
    ));
    let proxy = Arc::new(Proxy {
        own: OwnNames::new(config),
        clients: Arc::new(Clients::new(config.limits)),
        trusted: config.trusted.clone(),
        page: match &config.dist {
            Some(dist) => Assets::read(dist)?,
            None => Assets::built_in()?,
        },
        log: config.log,
        metrics,
        stopping: AtomicBool::new(false),
    });
    Ok(App { proxy, relay })
}

impl App {
    /// The same proxy with connections of its own to upstream, for another thread: so no request wakes two threads.
    #[must_use]
    pub fn with_own_connections(&self) -> Self {
        Self {
            proxy: Arc::clone(&self.proxy),
            relay: Arc::new(self.relay.with_own_connections()),
        }
    }

    /// Answers one request of the client that connected from `peer`.
    pub async fn answer<B>(&self, peer: IpAddr, request: Request<B>) -> Response<LoggedBody>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: fmt::Display,
    {
        if request.uri().path() == "/healthz" {
            return self.own_answer(self.health());
        }
        let proxy = &*self.proxy;
        let mut record = RequestLog::start(proxy.log, &proxy.metrics, request.method());
        let is_relay = [RELAY_PREFIX, TOKEN_PREFIX]
            .iter()
            .any(|prefix| request.uri().path().starts_with(prefix));
        let (result, permit) =
            match proxy
                .clients
                .enter(client(peer, request.headers(), &proxy.trusted))
            {
                Ok(permit) => (
                    self.try_answer(is_relay, request, &mut record).await,
                    Some(permit),
                ),
                Err(error) => (Err(error.into()), None),
            };
        let mut response = result.unwrap_or_else(|refusal| {
            proxy.metrics.refused(refusal.code);
            if is_relay {
                refusal.into_response()
            } else {
                text(refusal.status, format!("{}\n", refusal.message))
            }
        });
        harden(response.headers_mut());
        record.answered(response.status());
        response.map(|body| LoggedBody::new(body, Some(record), permit))
    }

    /// Answers a request whose head cannot be read. Nobody knows what it asked for, so it has the form that the page
    /// reads.
    #[must_use]
    pub fn answer_head(&self, error: HeadError) -> Response<LoggedBody> {
        // A token that is nobody's method.
        let method = Method::from_bytes(b"-").unwrap_or_default();
        let mut record = RequestLog::start(self.proxy.log, &self.proxy.metrics, &method);
        record.asks(Kind::Other, None);
        let refusal = Refusal::from(error);
        self.proxy.metrics.refused(refusal.code);
        record.answered(refusal.status);
        let mut response = refusal.into_response();
        harden(response.headers_mut());
        response.map(|body| LoggedBody::new(body, Some(record), None))
    }

    /// A short answer that is neither logged nor counted, and no page.
    #[must_use]
    pub fn own_answer(&self, mut response: Response<Body>) -> Response<LoggedBody> {
        let policy = HeaderValue::from_static("default-src 'none'; sandbox");
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, policy);
        harden(response.headers_mut());
        response.map(|body| LoggedBody::new(body, None, None))
    }

    /// Answers a probe: 200 while requests are taken, 503 as soon as the proxy is to stop, where it can be asked then:
    /// at the address of the counters. It tells nothing else, and needs no name: probes know neither name nor page.
    #[must_use]
    pub fn health(&self) -> Response<Body> {
        if self.proxy.stopping.load(Ordering::Relaxed) {
            return text(StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
        }
        text(StatusCode::OK, "ok\n")
    }

    /// Whether this is a front server, that connects for many clients.
    #[must_use]
    pub fn is_front_server(&self, peer: IpAddr) -> bool {
        self.proxy
            .trusted
            .iter()
            .any(|trusted| trusted.contains(peer))
    }

    /// From now on the proxy is about to stop, and says so when it is probed.
    pub fn stop(&self) {
        self.proxy.stopping.store(true, Ordering::Relaxed);
    }

    /// The counters.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.proxy.metrics
    }

    async fn try_answer<B>(
        &self,
        is_relay: bool,
        request: Request<B>,
        record: &mut RequestLog,
    ) -> Result<Response<Body>, Refusal>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: fmt::Display,
    {
        let Proxy { own, page, .. } = &*self.proxy;
        own.check_host(&request)?;
        if !is_relay {
            return Ok(page.answer(request.method(), request.uri().path(), request.headers()));
        }
        own.check_page(request.headers())?;
        self.relay.answer(request, record).await
    }
}

/// The headers that every answer carries; relayed answers bring a stricter policy of their own.
fn harden(headers: &mut HeaderMap) {
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert_with(|| PAGE_POLICY.clone());
    for (name, value) in &HARDENING {
        headers.insert(name, value.clone());
    }
}
