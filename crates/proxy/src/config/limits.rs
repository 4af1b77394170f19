//! Sizes, rates and times that can be set.

use std::time::Duration;

/// How long, how much and how often.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For a client to send the head of a request, and for a connection to stay open without one.
    pub client_head: Duration,
    /// For a client to take the next bytes of an answer or send the next of a request.
    pub client_idle: Duration,
    /// The slowest client that is waited for, in bytes a second in either direction, whenever `client_idle` was spent
    /// waiting. Far below a bad line of a phone.
    pub client_slowest: u64,
    /// For looking up, connecting and the TLS handshake together.
    pub connect: Duration,
    /// For the head of an answer.
    pub head: Duration,
    /// For the next bytes of an answer.
    pub idle: Duration,
    /// The slowest upstream that is waited for, in bytes a second, whenever `idle` was spent waiting.
    pub slowest: u64,
    /// The largest blob in either direction, in bytes.
    pub blob: u64,
    /// Open requests of one client.
    pub open: u32,
    /// Requests of one client in a burst.
    pub burst: u32,
    /// Requests of one client a second, in the long run.
    pub rate: u32,
    /// Open connections of all clients together. The last eighth is kept for clients who have none.
    pub connections: usize,
    /// Open connections of one client.
    pub client_connections: usize,
    /// For open requests to finish when the proxy is stopped.
    pub shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            client_head: Duration::from_secs(15),
            client_idle: Duration::from_mins(1),
            client_slowest: 1024,
            connect: Duration::from_secs(10),
            head: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            slowest: 1024,
            blob: 32 * 1024 * 1024 * 1024,
            open: 64,
            burst: 1_000,
            rate: 100,
            connections: 1_024,
            client_connections: 256,
            shutdown: Duration::from_secs(30),
        }
    }
}
