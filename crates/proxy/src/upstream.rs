//! The way to registries: addresses are read in one spelling, judged, dialled, and asked.
//!
//! [`dial`] is the one gate to the network; [`client`] follows redirects, each hop judged anew.

pub(crate) mod allowed;
pub(crate) mod authority;
pub(crate) mod client;
pub(crate) mod dial;
pub(crate) mod ip_blocks;
pub(crate) mod network;
pub(crate) mod url;
