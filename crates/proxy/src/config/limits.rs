//! Sizes, rates and times that can be set.

use std::time::Duration;

/// How long, how much and how often. [`Default`] has the values of a public site; flags change some of them.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a client may take to send the head of a request, and how long a connection stays open without one.
    pub client_head: Duration,
    /// How long a client may take to accept the next bytes of an answer, or to send the next of a request.
    pub client_idle: Duration,
    /// The slowest client that is waited for, in bytes a second in either direction, whenever `client_idle` was spent
    /// waiting. Far below a bad line of a phone.
    pub client_slowest: u64,
    /// How long upstream may take for looking up, connecting and the TLS handshake together.
    pub upstream_connect: Duration,
    /// How long upstream may take to send the head of an answer.
    pub upstream_head: Duration,
    /// How long upstream may take to send the next bytes of an answer.
    pub upstream_idle: Duration,
    /// The slowest upstream that is waited for, in bytes a second, whenever `upstream_idle` was spent waiting.
    pub upstream_slowest: u64,
    /// The largest blob in either direction, in bytes.
    pub blob: u64,
    /// How many requests one client may have open.
    pub client_requests: u32,
    /// How many requests one client may make at once, ahead of its rate.
    pub client_burst: u32,
    /// How many requests one client may make a second, in the long run.
    pub client_rate: u32,
    /// How many connections all clients together may have open. The last eighth is kept for clients who have none.
    pub connections: usize,
    /// How many connections one client may have open.
    pub client_connections: usize,
    /// How long open requests may take to finish when the proxy is stopped.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            client_head: Duration::from_secs(15),
            client_idle: Duration::from_mins(1),
            client_slowest: 1024,
            upstream_connect: Duration::from_secs(10),
            upstream_head: Duration::from_secs(30),
            upstream_idle: Duration::from_secs(30),
            upstream_slowest: 1024,
            blob: 32 * 1024 * 1024 * 1024,
            client_requests: 64,
            client_burst: 1_000,
            client_rate: 100,
            connections: 1_024,
            client_connections: 256,
            drain: Duration::from_secs(30),
        }
    }
}
