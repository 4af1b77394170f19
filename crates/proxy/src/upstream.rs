//! The way to registries: a host is read in one spelling, looked up, judged, dialled, and asked.
//!
//! [`authority`] and [`url`] are addresses that were read, [`ip_blocks`] the addresses that no public registry has,
//! [`allowed`] the exceptions. [`dial`] is the one gate to the network; [`client`] follows redirects, each hop judged
//! anew.

pub(crate) mod client;
pub(crate) mod dial;
pub(crate) mod allowed;
pub(crate) mod network;
pub(crate) mod ip_blocks;
pub(crate) mod authority;
pub(crate) mod url;
