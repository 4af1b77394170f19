//! A network on which upstream servers have names and public addresses, and nothing inside may be dialled.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::TcpStream;
use waybill_proxy::{Config, Network, Pending, special_block};

use super::{PUBLIC, Upstream};

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
    /// Puts a server at a public address under the name `registry.test`, which [`allow_registry`] allows in plain http.
    pub(crate) fn with_registry(upstream: &Upstream) -> Self {
        let network = Self::default();
        network
            .name("registry.test", &[PUBLIC])
            .server(PUBLIC, upstream);
        network
    }

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

/// Allows `registry.test` in plain http.
pub(crate) fn allow_registry(config: &mut Config) {
    config
        .allow
        .push("http://registry.test".parse().expect("host"));
}
