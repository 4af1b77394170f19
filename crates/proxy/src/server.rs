//! Connections of clients, who is let in, and what answers.
//!
//! [`accept`] takes a connection and gives it to a [`worker`]; [`connections`] knows whose there are and which makes
//! room. [`connection`] reads its requests behind [`head_guard`], which lets [`head_scanner`] see every head first.
//! [`app`] answers a request once [`same_origin`] and [`rate_limit`] let it in, whose client [`forwarded`] has found.

pub(crate) mod accept;
pub(crate) mod worker;
pub(crate) mod connections;
pub(crate) mod connection;
pub(crate) mod head_guard;
pub(crate) mod head_scanner;
pub(crate) mod tls;
pub(crate) mod app;
pub(crate) mod same_origin;
pub(crate) mod rate_limit;
pub(crate) mod forwarded;
pub(crate) mod security_headers;
pub(crate) mod logged_body;
pub(crate) mod metrics;
