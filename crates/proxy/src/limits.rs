//! Bounds that nobody can set: they hold for requests of clients and for answers of upstream alike.

/// The largest head of a request or of an answer, in bytes.
pub(crate) const HEAD_BYTES: usize = 64 * 1024;

/// The most headers of a request or of an answer: the HTTP library's own limit.
pub(crate) const HEADERS: usize = 100;
