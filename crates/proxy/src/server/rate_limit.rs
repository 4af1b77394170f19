//! How much one client may ask for: open requests, and requests in a time.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::config::limits::Limits;

/// Clients remembered before the idle ones are forgotten.
const REMEMBERED: usize = 8_192;

/// Limits each client to a number of open requests, and to a rate with bursts (the generic cell rate algorithm).
#[derive(Debug)]
pub(crate) struct RateLimiter {
    limits: Limits,
    clients: Mutex<HashMap<IpAddr, ClientUsage>>,
}

#[derive(Debug)]
struct ClientUsage {
    open: u32,
    /// When all requests so far would have come if they had come at the long-run rate.
    paced_until: Instant,
}

impl RateLimiter {
    /// Creates a limiter that has seen nobody yet.
    #[must_use]
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            clients: Mutex::default(),
        }
    }

    /// Lets one request in, or says why not. The request counts as open until the permit is dropped.
    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr) -> Result<Permit, RateLimitError> {
        let (now, key) = (Instant::now(), client_key(address));
        let mut clients = self.lock();
        if clients.len() >= REMEMBERED {
            clients.retain(|_, client| client.open > 0 || client.paced_until > now);
        }
        let client = clients.entry(key).or_insert(ClientUsage {
            open: 0,
            paced_until: now,
        });
        if client.open >= self.limits.client_requests {
            return Err(RateLimitError::Open {
                limit: self.limits.client_requests,
            });
        }
        let step = Duration::from_secs(1) / self.limits.client_rate.max(1);
        let paced_until = client.paced_until.max(now) + step;
        let ahead = (paced_until - now).saturating_sub(step * self.limits.client_burst);
        if !ahead.is_zero() {
            return Err(RateLimitError::Rate {
                limit: self.limits.client_rate,
                wait: ahead,
            });
        }
        client.paced_until = paced_until;
        client.open += 1;
        Ok(Permit {
            limiter: Arc::clone(self),
            key,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, ClientUsage>> {
        // Every change under the lock is whole, so a panic elsewhere leaves nothing half done.
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Finds what counts as one client: an IPv4 address, or the /64 that one IPv6 subscriber has.
#[must_use]
pub(crate) fn client_key(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_none() => {
            Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into()
        }
        IpAddr::V6(_) | IpAddr::V4(_) => address.to_canonical(),
    }
}

/// A request that was let in; it counts as open until this is dropped.
#[derive(Debug)]
pub struct Permit {
    limiter: Arc<RateLimiter>,
    key: IpAddr,
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(client) = self.limiter.lock().get_mut(&self.key) {
            client.open = client.open.saturating_sub(1);
        }
    }
}

/// Why a request is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RateLimitError {
    /// Too many are open.
    Open {
        /// How many may be.
        limit: u32,
    },
    /// Too many came.
    Rate {
        /// How many may come in a second.
        limit: u32,
        /// How long to wait.
        wait: Duration,
    },
}

impl fmt::Display for RateLimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { limit } => {
                write!(f, "{limit} requests of yours are open, wait for one to end")
            }
            Self::Rate { limit, .. } => write!(
                f,
                "more than {limit} requests a second, wait and go on slower"
            ),
        }
    }
}

impl std::error::Error for RateLimitError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(open: u32, burst: u32, rate: u32) -> Arc<RateLimiter> {
        Arc::new(RateLimiter::new(Limits {
            client_requests: open,
            client_burst: burst,
            client_rate: rate,
            ..Limits::default()
        }))
    }

    const ONE: &str = "192.0.2.1";

    fn admit(clients: &Arc<RateLimiter>, address: &str) -> Result<Permit, RateLimitError> {
        clients.admit(address.parse().expect("address"))
    }

    #[tokio::test(start_paused = true)]
    async fn open_requests_are_counted_until_they_end() {
        let clients = limiter(2, 100, 100);
        let first = admit(&clients, ONE).expect("first");
        let _second = admit(&clients, ONE).expect("second");
        let error = admit(&clients, ONE).expect_err("third");
        assert_eq!(
            error.to_string(),
            "2 requests of yours are open, wait for one to end"
        );
        assert!(admit(&clients, "192.0.2.2").is_ok(), "another client");
        drop(first);
        assert!(admit(&clients, ONE).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_let_in_and_then_the_rate() {
        let clients = limiter(10, 3, 10);
        for _ in 0..3 {
            assert!(admit(&clients, ONE).is_ok());
        }
        let error = admit(&clients, ONE).expect_err("fourth");
        assert_eq!(
            error.to_string(),
            "more than 10 requests a second, wait and go on slower"
        );
        assert_eq!(
            error,
            RateLimitError::Rate {
                limit: 10,
                wait: Duration::from_millis(100)
            }
        );
        tokio::time::advance(Duration::from_millis(100)).await;
        assert!(admit(&clients, ONE).is_ok());
        assert!(admit(&clients, ONE).is_err());
        tokio::time::advance(Duration::from_mins(1)).await;
        for _ in 0..3 {
            assert!(
                admit(&clients, ONE).is_ok(),
                "the burst is back, and not more"
            );
        }
        assert!(admit(&clients, ONE).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_subscriber_of_ipv6_is_one_client() {
        let clients = limiter(1, 100, 100);
        let _open = admit(&clients, "2001:db8:1:2::1").expect("first");
        assert!(
            admit(&clients, "2001:db8:1:2:ffff::9").is_err(),
            "the same /64"
        );
        assert!(admit(&clients, "2001:db8:1:3::1").is_ok(), "another /64");
        let _mapped = admit(&clients, "::ffff:192.0.2.1").expect("first");
        assert!(admit(&clients, ONE).is_err(), "the same IPv4 address");
    }

    #[tokio::test(start_paused = true)]
    async fn clients_who_left_are_forgotten() {
        let clients = limiter(1, 100, 100);
        let _open = admit(&clients, ONE).expect("open");
        for number in 0..2 * u32::try_from(REMEMBERED).expect("small") {
            drop(
                clients
                    .admit(IpAddr::V4(number.into()))
                    .expect("a new client"),
            );
            tokio::time::advance(Duration::from_millis(20)).await;
        }
        assert!(clients.lock().len() <= REMEMBERED);
        assert!(
            admit(&clients, ONE).is_err(),
            "who is still here is remembered"
        );
    }
}
