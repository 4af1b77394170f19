//! The proxy against real sockets: a network that lies, upstreams that misbehave, clients that forge.

mod addresses;
mod command;
mod lab;
mod limits;
mod own;
mod page;
mod redirects;
mod relayed;
mod tls;
mod token;
mod wire;
