//! What the tests are made of: upstream servers on loopback, a network on which they have public addresses, the proxy
//! and the program.

mod certificates;
mod network;
mod program;
mod proxy;
mod upstream;

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;

pub(crate) use certificates::CertificateAuthority;
pub(crate) use network::{TestNetwork, allow_registry};
pub(crate) use program::{ask, command, read_to, signal, started};
pub(crate) use proxy::{Answer, Proxy, config, dist, start};
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
