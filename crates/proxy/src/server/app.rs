//! The whole proxy behind its connections: whose request is answered, with a file of the page or through the relay.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use tokio_rustls::rustls::RootCertStore;
use waybill_core::registry::relay_path::{RELAY_PREFIX, STATUS_HEADER, TOKEN_PREFIX};
use waybill_core::report::BADGE_FILE;

use crate::assets::{Assets, AssetsError};
use crate::body::drained::RequestBytes;
use crate::body::response::{ResponseBody, text_response};
use crate::config::settings::Config;
use crate::config::trusted_proxy::TrustedProxy;
use crate::error_response::Refusal;
use crate::log::{Log, RequestLog};
use crate::metrics::{Metrics, RequestKind};
use crate::relay::handler::Relay;
use crate::server::forwarded::client_address;
use crate::server::head_scanner::HeadError;
use crate::server::logged_body::LoggedBody;
use crate::server::rate_limit::RateLimiter;
use crate::server::same_origin::OwnNames;
use crate::server::security_headers::{harden, show_anywhere};
use crate::upstream::client::Upstream;
use crate::upstream::dial::{DialPolicy, Dialer};
use crate::upstream::network::{Network, SystemNetwork, system_roots};

/// The whole proxy: requests in, answers out. Clones are the same proxy.
#[derive(Clone)]
pub struct App {
    shared: Arc<Shared>,
    relay: Arc<Relay>,
}

/// What all threads share; the relay has connections for each.
struct Shared {
    own_names: OwnNames,
    rate_limiter: Arc<RateLimiter>,
    trusted: Vec<TrustedProxy>,
    page: Assets,
    log: Log,
    metrics: Arc<Metrics>,
    stopping: AtomicBool,
}

impl App {
    /// Creates the proxy on this machine's resolver, network and certificate authorities.
    ///
    /// Fails where there is no page in [`Config::dist`], or where neither a folder is named nor a page built in.
    pub fn new(config: &Config) -> Result<Self, AssetsError> {
        Self::with_network(config, Arc::new(SystemNetwork), system_roots())
    }

    /// Creates the proxy on another network, with other certificate authorities.
    pub fn with_network(
        config: &Config,
        network: Arc<dyn Network>,
        roots: RootCertStore,
    ) -> Result<Self, AssetsError> {
        let policy = DialPolicy {
            allowed: config.allow.as_slice().into(),
            tells_private: config.serves_this_machine(),
            timeout: config.limits.upstream_connect,
        };
        let dialer = Dialer::new(network, roots, policy);
        let metrics = Arc::<Metrics>::default();
        let upstream = Upstream::new(dialer, config.limits.upstream_head);
        let relay = Relay::new(upstream, config, Arc::clone(&metrics));
        let shared = Shared {
            own_names: OwnNames::new(config),
            rate_limiter: Arc::new(RateLimiter::new(config.limits)),
            trusted: config.trusted.clone(),
            page: match &config.dist {
                Some(dist) => Assets::read(dist)?,
                None => Assets::built_in()?,
            },
            log: config.log,
            metrics,
            stopping: AtomicBool::new(false),
        };
        Ok(Self {
            shared: Arc::new(shared),
            relay: Arc::new(relay),
        })
    }

    /// Gives the same proxy connections of its own to upstream, for another thread: so no request wakes two threads.
    #[must_use]
    pub fn with_own_connections(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            relay: Arc::new(self.relay.with_own_connections()),
        }
    }

    /// Answers one request of the client that connected from `peer`.
    pub async fn answer<B>(&self, peer: IpAddr, request: Request<B>) -> Response<LoggedBody>
    where
        B: RequestBytes,
    {
        if request.uri().path() == "/healthz" {
            return Self::unlogged(self.health());
        }
        let shared = &*self.shared;
        let mut request_log = RequestLog::start(shared.log, &shared.metrics, request.method());
        let is_relay = [RELAY_PREFIX, TOKEN_PREFIX]
            .iter()
            .any(|prefix| request.uri().path().starts_with(prefix));
        let is_status_apart = is_relay && request.headers().contains_key(STATUS_HEADER);
        let is_badge = request.uri().path().strip_prefix('/') == Some(BADGE_FILE);
        let client = client_address(peer, request.headers(), &shared.trusted);
        let (result, permit) = match shared.rate_limiter.admit(client) {
            Ok(permit) => (
                self.try_answer(is_relay, request, &mut request_log).await,
                Some(permit),
            ),
            Err(error) => (Err(error.into()), None),
        };
        let mut response = result.unwrap_or_else(|refusal| {
            shared.metrics.refused(refusal.code);
            if is_relay {
                refusal.into_response()
            } else {
                text_response(refusal.status, format!("{}\n", refusal.message))
            }
        });
        harden(response.headers_mut());
        if is_badge {
            show_anywhere(response.headers_mut());
        }
        request_log.set_status(response.status());
        if is_status_apart {
            put_status_apart(&mut response);
        }
        response.map(|body| LoggedBody::new(body, Some(request_log), permit))
    }

    /// Answers a request whose head cannot be read. Nobody knows what it asked for, so it has the form that the page
    /// reads.
    #[must_use]
    pub(crate) fn refuse_head(&self, error: HeadError) -> Response<LoggedBody> {
        // A token that is nobody's method.
        let method = Method::from_bytes(b"-").unwrap_or_default();
        let mut request_log = RequestLog::start(self.shared.log, &self.shared.metrics, &method);
        request_log.set_request(RequestKind::Other, None);
        let refusal = Refusal::from(error);
        self.shared.metrics.refused(refusal.code);
        request_log.set_status(refusal.status);
        let mut response = refusal.into_response();
        harden(response.headers_mut());
        response.map(|body| LoggedBody::new(body, Some(request_log), None))
    }

    /// Sends a short answer that is neither logged nor counted, and no page.
    #[must_use]
    pub(crate) fn unlogged(mut response: Response<ResponseBody>) -> Response<LoggedBody> {
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
    pub(crate) fn health(&self) -> Response<ResponseBody> {
        if self.shared.stopping.load(Ordering::Relaxed) {
            return text_response(StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
        }
        text_response(StatusCode::OK, "ok\n")
    }

    /// Tells whether this is a front server, that connects for many clients.
    #[must_use]
    pub(crate) fn is_front_server(&self, peer: IpAddr) -> bool {
        self.shared
            .trusted
            .iter()
            .any(|trusted| trusted.contains(peer))
    }

    /// Notes that the proxy is about to stop: it says so when it is probed.
    pub(crate) fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
    }

    /// Gives what was counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    async fn try_answer<B>(
        &self,
        is_relay: bool,
        request: Request<B>,
        request_log: &mut RequestLog,
    ) -> Result<Response<ResponseBody>, Refusal>
    where
        B: RequestBytes,
    {
        let Shared {
            own_names, page, ..
        } = &*self.shared;
        own_names.check_host(&request)?;
        if !is_relay {
            return Ok(page.answer(request.method(), request.uri().path(), request.headers()));
        }
        own_names.check_page(request.headers())?;
        Ok(self.relay.answer(request, request_log).await?)
    }
}

/// Gives an error the status 200 and puts its own into a header, for a page whose browser would write it into the
/// console. Nothing keeps such an answer: no error that is relayed may be stored.
fn put_status_apart(response: &mut Response<ResponseBody>) {
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        let told = HeaderValue::from(status.as_u16());
        response.headers_mut().insert(STATUS_HEADER, told);
        *response.status_mut() = StatusCode::OK;
    }
}
