//! Connections of clients, who is let in, and what answers.

pub(crate) mod accept;
pub(crate) mod app;
pub(crate) mod connection;
pub(crate) mod connections;
pub(crate) mod forwarded;
pub(crate) mod head_guard;
pub(crate) mod head_scanner;
pub(crate) mod logged_body;
pub(crate) mod metrics;
pub(crate) mod rate_limit;
pub(crate) mod same_origin;
pub(crate) mod security_headers;
pub(crate) mod tls;
pub(crate) mod worker;
