//! One request of the page: what it asks for, whether that is relayed, and what of the answer passes.
//!
//! [`target`] reads the address, [`endpoint`] knows what each endpoint may be asked with, and [`realms`] which token
//! endpoints are asked. [`headers`] lists what passes, [`cache`] tells what may be kept. [`handler`] does it all in
//! order.

pub(crate) mod handler;
pub(crate) mod target;
pub(crate) mod endpoint;
pub(crate) mod realms;
pub(crate) mod headers;
pub(crate) mod cache;
pub(crate) mod error;
