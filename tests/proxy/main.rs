//! The proxy against real sockets: a network that lies, upstreams that misbehave, clients that forge.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod assets;
mod cache;
mod clients;
mod command;
mod connect;
mod connections;
mod dial;
mod harness;
mod hashing;
mod head_guard;
mod http2;
mod limits;
mod memory;
mod operation;
mod push;
mod redirects;
mod relay;
mod same_origin;
mod ssrf;
mod tls;
mod token_endpoint;
mod uploads;
mod workers;
