//! The proxy against real sockets: a network that lies, upstreams that misbehave, clients that forge.

mod addresses;
mod command;
mod corpus;
mod crowd;
mod http2;
mod kept;
mod lab;
mod limits;
mod operation;
mod own;
mod page;
mod redirects;
mod relayed;
mod steady;
mod threads;
mod tls;
mod token;
mod wire;
