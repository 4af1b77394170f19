//! `waybill-proxy` serves the built page and relays to registries that refuse browsers.
//!
//! It is nobody's open relay: only requests of the registry API are relayed, only for its own page, and only to
//! public addresses or to registries named when it was started. It keeps nothing and is not trusted: the page
//! checks every digest itself. Modules in reading order:
//!
//! - [`config`], [`flags`]: what the person who starts it decides
//! - [`serve`](mod@serve), [`wire`]: connections, and what a request may look like on the wire
//! - [`own`], [`clients`]: whose requests are answered, and how many
//! - [`page`]: the page's files
//! - [`relay`], [`target`], [`refusal`]: one request, its shape, and the words of a refusal
//! - [`upstream`], [`stream`], [`url`](mod@url): the request to the registry, redirects, bodies
//! - [`dial`], [`host`], [`address`], [`network`]: the one gate to the network

pub mod address;
pub mod clients;
pub mod config;
pub mod dial;
pub mod flags;
pub mod host;
pub mod log;
pub mod network;
pub mod own;
pub mod page;
pub mod refusal;
pub mod relay;
pub mod serve;
pub mod stream;
pub mod target;
pub mod upstream;
pub mod url;
pub mod wire;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::{any, get};
use tokio_rustls::rustls::RootCertStore;
use waybill_core::registry::url::{RELAY_PREFIX, TOKEN_PREFIX};

use crate::clients::Clients;
use crate::config::Config;
use crate::dial::Dialer;
use crate::log::{Counted, Log};
use crate::network::{Network, System, system_roots};
use crate::own::{ClientAddress, OwnNames};
use crate::page::{Page, PageError, text};
use crate::refusal::Refusal;
use crate::relay::{Relay, RelayedTo};
use crate::upstream::Upstream;

/// The page's policy. `connect-src` lets the page talk to registries that allow browsers, without this proxy.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self' https: http://localhost:* http://127.0.0.1:*; manifest-src 'self'; \
    worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types waybill";

/// Powerful features that the page does not use. Only names that browsers know: they complain about others.
const NO_FEATURES: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

/// The whole proxy as a router, on this machine's resolver, network and certificate authorities.
///
/// Fails where there is no page in [`Config::dist`].
///
/// ```no_run
/// use waybill_proxy::{app, config::Config};
///
/// let router = app(&Config { dist: "dist".into(), ..Config::default() })?;
/// # Ok::<(), waybill_proxy::page::PageError>(())
/// ```
pub fn app(config: &Config) -> Result<Router, PageError> {
    app_on(config, Arc::new(System), system_roots())
}

/// The same on another network, with other certificate authorities.
pub fn app_on(config: &Config, network: Arc<dyn Network>, roots: RootCertStore) -> Result<Router, PageError> {
    let dialer = Dialer::new(network, roots, &config.allow, config.limits.connect);
    let proxy = Arc::new(Proxy {
        own: OwnNames::new(config),
        clients: Arc::new(Clients::new(config.limits)),
        page: Page::read(&config.dist)?,
        relay: Relay::new(Upstream::new(dialer, config.limits.head), config),
        log: Log { quiet: config.quiet },
    });
    Ok(Router::new()
        .route(&format!("{RELAY_PREFIX}{{*target}}"), any(relay))
        .route(&format!("{TOKEN_PREFIX}{{*target}}"), any(relay))
        .fallback(page)
        .layer(from_fn_with_state(Arc::clone(&proxy), admit))
        // Asked by probes that know neither name nor page; it tells nothing but that the proxy runs.
        .route("/healthz", get(|| async { text(StatusCode::OK, "ok\n") }))
        .with_state(proxy))
}

struct Proxy {
    own: OwnNames,
    clients: Arc<Clients>,
    page: Page,
    relay: Relay,
    log: Log,
}

/// Every request but probes: whether the client may ask now, and whether it means this proxy; then the log.
async fn admit(State(proxy): State<Arc<Proxy>>, request: Request, next: Next) -> Response<Body> {
    let record = proxy.log.start(request.method());
    let client = request.extensions().get().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ClientAddress(a)| a.ip());
    let is_relay = [RELAY_PREFIX, TOKEN_PREFIX].iter().any(|prefix| request.uri().path().starts_with(prefix));
    let (permit, refusal) = match proxy.clients.enter(client) {
        Ok(permit) => (Some(permit), proxy.own.check_host(&request).err().map(Refusal::from)),
        Err(error) => (None, Some(error.into())),
    };
    let response = match refusal {
        None => next.run(request).await,
        Some(refusal) if is_relay => refusal.into_response(),
        Some(refusal) => text(refusal.status, format!("{}\n", refusal.message)),
    };
    let host = response.extensions().get().map(|RelayedTo(host)| host.clone());
    let (mut head, body) = response.into_parts();
    harden(&mut head.headers);
    let record = record.answered(head.status, host);
    Response::from_parts(head, Body::new(Counted::new(body, record, permit)))
}

async fn relay(State(proxy): State<Arc<Proxy>>, request: Request) -> Response<Body> {
    match proxy.own.check_page(request.headers()) {
        Ok(()) => proxy.relay.answer(request).await,
        Err(error) => Refusal::from(error).into_response(),
    }
}

async fn page(State(proxy): State<Arc<Proxy>>, request: Request) -> Response<Body> {
    proxy.page.answer(request.method(), request.uri().path(), request.headers())
}

/// The headers that every answer carries; relayed answers bring a stricter policy of their own.
fn harden(headers: &mut HeaderMap) {
    let policy = HeaderValue::from_static(PAGE_POLICY);
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), NO_FEATURES),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
