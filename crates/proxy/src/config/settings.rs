//! What the person who starts the proxy decides.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::config::limits::Limits;
use crate::config::trusted_proxy::TrustedProxy;
use crate::log::Log;
use crate::upstream::allowed::Allowed;
use crate::upstream::authority::Authority;

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen. For [`App::new`](crate::App::new), the port must be the real one: it is part of the proxy's own
    /// names.
    pub listen: SocketAddr,
    /// The folder of the built page; where there is none, the page is the one inside the program.
    pub dist: Option<PathBuf>,
    /// Registries that may be reached although their address is private.
    pub allow: Vec<Allowed>,
    /// Whether requests that write are relayed.
    pub push: bool,
    /// Whether the names of all repositories of a registry are relayed.
    pub catalog: bool,
    /// Names that this proxy answers to besides the address it listens on.
    pub hosts: Vec<Authority>,
    /// How requests are logged.
    pub log: Log,
    /// Where to show the counters, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// Front servers whose `X-Forwarded-For` is believed.
    pub trusted: Vec<TrustedProxy>,
    /// The certificate to serve https with; plain http without.
    pub tls: Option<TlsFiles>,
    /// Sizes, rates and times.
    pub limits: Limits,
}

impl Config {
    /// Tells whether nobody is served but this machine: it listens on loopback, under no other name and behind no front
    /// server.
    #[must_use]
    pub fn serves_this_machine(&self) -> bool {
        self.listen.ip().to_canonical().is_loopback()
            && self.hosts.is_empty()
            && self.trusted.is_empty()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            dist: None,
            allow: Vec::new(),
            push: false,
            catalog: false,
            hosts: Vec::new(),
            log: Log::default(),
            metrics: None,
            trusted: Vec::new(),
            tls: None,
            limits: Limits::default(),
        }
    }
}

/// Where a certificate is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and those of the authorities between, in PEM.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}
