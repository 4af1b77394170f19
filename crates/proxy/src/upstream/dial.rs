//! The one gate to the network: looks a name up, judges every address, dials the very address it judged.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use crate::upstream::allowed::Allowed;
use crate::upstream::authority::{Authority, Host};
use crate::upstream::ip_blocks::{SpecialBlock, special_block};
use crate::upstream::network::{Network, Pending, Socket};
use crate::upstream::url::{Scheme, Url};

/// How many addresses of one name are tried.
const ADDRESSES_TRIED: usize = 4;

/// Makes connections for the HTTP client. Nothing else in this program connects to anything.
#[derive(Clone)]
pub(crate) struct Dialer {
    network: Arc<dyn Network>,
    tls: TlsConnector,
    policy: DialPolicy,
}

/// What may be dialled, for how long, and what a failure tells.
#[derive(Clone, Debug)]
pub(crate) struct DialPolicy {
    /// The registries whose addresses may be private.
    pub allowed: Arc<[Allowed]>,
    /// Whether a failure may tell which private address stands behind a name: only to whoever sits at this machine.
    pub tells_private: bool,
    /// How long looking up, connecting and the TLS handshake may take together.
    pub timeout: Duration,
}

impl Dialer {
    /// Creates a dialer that reaches public addresses and those that `policy` allows.
    #[must_use]
    #[allow(
        clippy::expect_used,
        reason = "ring has the cipher suites of TLS 1.2 and 1.3"
    )]
    pub(crate) fn new(network: Arc<dyn Network>, roots: RootCertStore, policy: DialPolicy) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = versions.expect("ring has the cipher suites of TLS 1.2 and 1.3");
        let mut tls = builder.with_root_certificates(roots).with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Self {
            network,
            tls: Arc::new(tls).into(),
            policy,
        }
    }

    async fn dial(self, uri: Uri) -> Result<Socket, DialError> {
        let url = url_of(&uri)?;
        match timeout(self.policy.timeout, self.dial_url(&url)).await {
            Ok(result) => result,
            Err(_) => Err(DialError::Timeout {
                host: url.authority().to_string(),
                limit: self.policy.timeout,
            }),
        }
    }

    async fn dial_url(&self, url: &Url) -> Result<Socket, DialError> {
        let tcp = self.connect(url).await?;
        // Only a hint: where it cannot be set, answers come a little later.
        let _ = tcp.set_nodelay(true);
        match url.scheme() {
            Scheme::Http => Ok(Socket::Plain(tcp)),
            Scheme::Https => self.handshake(url, tcp).await,
        }
    }

    async fn handshake(&self, url: &Url, tcp: TcpStream) -> Result<Socket, DialError> {
        let fail = |reason: String| DialError::Tls {
            host: url.authority().to_string(),
            reason,
        };
        let name = match url.authority().host() {
            Host::Name(name) => {
                ServerName::try_from(name.clone()).map_err(|error| fail(error.to_string()))?
            }
            Host::Address(address) => ServerName::from(*address),
        };
        let stream = self.tls.connect(name, tcp).await;
        let stream = stream.map_err(|error| fail(tls_reason(&error)))?;
        Ok(Socket::Tls(Box::new(stream)))
    }

    /// Looks up, judges, and connects to one of the very addresses that were judged.
    async fn connect(&self, url: &Url) -> Result<TcpStream, DialError> {
        let is_allowed = self
            .policy
            .allowed
            .iter()
            .any(|allowed| allowed.permits(url));
        if url.scheme() == Scheme::Http && !is_allowed {
            return Err(DialError::PlainHttp {
                authority: url.authority().clone(),
            });
        }
        let addresses = self.look_up(url).await?;
        if !is_allowed {
            self.check_public(url, &addresses)?;
        }
        self.connect_to_one(&addresses[..addresses.len().min(ADDRESSES_TRIED)])
            .await
            .map_err(|(address, reason)| {
                let is_told = self.policy.tells_private || special_block(address.ip()).is_none();
                let address = is_told.then_some(address);
                DialError::Connect {
                    host: url.authority().to_string(),
                    address,
                    reason,
                }
            })
    }

    /// Finds the addresses of the host; there is at least one.
    async fn look_up(&self, url: &Url) -> Result<Vec<SocketAddr>, DialError> {
        let name = match url.authority().host() {
            Host::Address(address) => return Ok(vec![SocketAddr::new(*address, url.port())]),
            Host::Name(name) => name,
        };
        let fail = |reason: String| DialError::LookUp {
            host: name.clone(),
            reason,
        };
        let addresses = self.network.look_up(name.clone(), url.port()).await;
        let addresses = addresses.map_err(|error| fail(error.to_string()))?;
        if addresses.is_empty() {
            return Err(fail("it has no address".to_owned()));
        }
        Ok(addresses)
    }

    /// Refuses the host where any of its addresses is not public.
    fn check_public(&self, url: &Url, addresses: &[SocketAddr]) -> Result<(), DialError> {
        let special = addresses
            .iter()
            .find_map(|socket| Some((socket.ip(), special_block(socket.ip())?)));
        let Some((address, block)) = special else {
            return Ok(());
        };
        let (authority, port) = (url.authority().clone(), url.port());
        // An address that was asked for itself is no news.
        let is_known = self.policy.tells_private || *authority.host() == Host::Address(address);
        Err(if is_known {
            DialError::Address {
                authority,
                port,
                address,
                block,
            }
        } else {
            DialError::NotPublic { authority, port }
        })
    }

    /// Connects to the first of the addresses that takes it, or gives what the last one said. Each may take its share
    /// of the time, the last one all that is left. There is at least one.
    #[allow(clippy::expect_used, reason = "look_up gives at least one address")]
    async fn connect_to_one(
        &self,
        addresses: &[SocketAddr],
    ) -> Result<TcpStream, (SocketAddr, String)> {
        let (last, others) = addresses
            .split_last()
            .expect("a name without addresses was refused");
        let share = self.policy.timeout / u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        for &address in others {
            if let Ok(Ok(tcp)) = timeout(share, self.network.connect(address)).await {
                return Ok(tcp);
            }
        }
        self.network
            .connect(*last)
            .await
            .map_err(|error| (*last, error.to_string()))
    }
}

/// Reads what [`Url::to_uri`] made and the HTTP client hands over.
fn url_of(uri: &Uri) -> Result<Url, DialError> {
    let unreadable = || DialError::Unreadable {
        uri: uri.authority().map(ToString::to_string).unwrap_or_default(),
    };
    let scheme = uri
        .scheme_str()
        .and_then(|scheme| scheme.parse().ok())
        .ok_or_else(unreadable)?;
    let authority = uri
        .authority()
        .and_then(|authority| authority.as_str().parse().ok())
        .ok_or_else(unreadable)?;
    Ok(Url::new(scheme, authority, "/"))
}

/// Tells of a failed handshake in plain words.
fn tls_reason(error: &io::Error) -> String {
    use rustls::{CertificateError as Certificate, Error};
    let Some(error) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>())
    else {
        return match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                "it closed the connection during the handshake".to_owned()
            }
            _ => error.to_string(),
        };
    };
    match error {
        Error::InvalidMessage(_) => {
            "it does not speak TLS on this port; one that speaks plain http is named with \
             --allow http://HOST:PORT"
                .to_owned()
        }
        Error::InvalidCertificate(Certificate::UnknownIssuer) => {
            "its certificate is not from an authority that this \
             machine knows; name the authority's file in SSL_CERT_FILE"
                .to_owned()
        }
        Error::InvalidCertificate(Certificate::Expired | Certificate::ExpiredContext { .. }) => {
            "its certificate has expired".to_owned()
        }
        Error::InvalidCertificate(
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. },
        ) => "its certificate is for another name".to_owned(),
        other => other.to_string(),
    }
}

impl tower_service::Service<Uri> for Dialer {
    type Response = TokioIo<Socket>;
    type Error = DialError;
    type Future = Pending<Result<TokioIo<Socket>, DialError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let dialer = self.clone();
        Box::pin(async move { dialer.dial(uri).await.map(TokioIo::new) })
    }
}

/// Why there is no connection to upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DialError {
    /// Plain http to a host that was not named with it.
    PlainHttp { authority: Authority },
    /// An address that is not public.
    Address {
        /// The host that was asked for.
        authority: Authority,
        /// The port that would be dialled.
        port: u16,
        /// The address that was refused.
        address: IpAddr,
        /// The block that holds it.
        block: SpecialBlock,
    },
    /// A name that leads to an address that is not public, told to somebody who may not know which.
    NotPublic {
        /// The host that was asked for.
        authority: Authority,
        /// The port that would be dialled.
        port: u16,
    },
    /// The name could not be looked up.
    LookUp {
        host: String,
        /// The resolver's words.
        reason: String,
    },
    /// No address took the connection.
    Connect {
        host: String,
        /// The last address tried, where it may be told.
        address: Option<SocketAddr>,
        /// The system's words.
        reason: String,
    },
    /// The TLS handshake failed.
    Tls {
        host: String,
        /// In plain words.
        reason: String,
    },
    /// It took too long.
    Timeout {
        host: String,
        /// How long it may take.
        limit: Duration,
    },
    /// The client was asked for something that is not a host.
    Unreadable { uri: String },
}

impl fmt::Display for DialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PlainHttp { authority } => write!(
                f,
                "{authority} was asked for over plain http; start the proxy with --allow http://{authority} to reach it"
            ),
            Self::Address {
                authority,
                port,
                address,
                block,
            } => {
                let meaning = block.meaning();
                let named = Authority::with_port(authority.host().clone(), *port);
                if authority.host().to_string() == address.to_string() {
                    write!(
                        f,
                        "{address} is {meaning} ({block}); start the proxy with --allow {named} to reach it"
                    )
                } else {
                    write!(
                        f,
                        "{authority} has the address {address}, {meaning} ({block}); start the proxy with \
                         --allow {named} to reach it"
                    )
                }
            }
            Self::NotPublic { authority, port } => {
                let named = Authority::with_port(authority.host().clone(), *port);
                write!(
                    f,
                    "{authority} has an address that is not public; start the proxy with --allow {named} to reach it"
                )
            }
            Self::LookUp { host, reason } => {
                write!(f, "the name {host} could not be looked up: {reason}")
            }
            Self::Connect {
                host,
                address: Some(address),
                reason,
            } => {
                write!(f, "{host} could not be reached at {address}: {reason}")
            }
            Self::Connect {
                host,
                address: None,
                reason,
            } => write!(f, "{host} could not be reached: {reason}"),
            Self::Tls { host, reason } => write!(f, "no TLS connection to {host}: {reason}"),
            Self::Timeout { host, limit } => {
                write!(f, "{host} could not be reached within {limit:?}")
            }
            Self::Unreadable { uri } => write!(f, "{uri:?} is not a host that can be reached"),
        }
    }
}

impl std::error::Error for DialError {}
