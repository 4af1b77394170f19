//! The proxy against real sockets: a network that lies, upstreams that misbehave, clients that forge.

mod assets;
mod cache;
mod command;
mod connections;
mod dial;
mod harness;
mod head_guard;
mod http2;
mod limits;
mod memory;
mod operation;
mod redirects;
mod relay;
mod same_origin;
mod ssrf;
mod token_endpoint;
mod upstream_tls;
mod workers;
