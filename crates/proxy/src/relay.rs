//! One request of the page: what it asks for, whether that is relayed, and what of the answer passes.

pub(crate) mod cache;
pub(crate) mod endpoint;
pub(crate) mod error;
pub(crate) mod handler;
pub(crate) mod headers;
pub(crate) mod realms;
pub(crate) mod target;
