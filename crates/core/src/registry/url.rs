//! The addresses of the registry API, and their form on the proxy.

/// The path below which the proxy relays registry requests: `/relay/https/HOST/v2/…`.
pub const RELAY_PREFIX: &str = "/relay/";

/// The path below which the proxy relays token requests: `/token/https/HOST/…`.
pub const TOKEN_PREFIX: &str = "/token/";

/// The header that tells an answer relayed from a registry (`relayed`) from the proxy's own word (`refused`).
///
/// An answer without it was not given by a Waybill proxy.
pub const RELAY_HEADER: &str = "waybill-relay";

/// The value of [`RELAY_HEADER`] on an answer that came from upstream.
pub const RELAYED: &str = "relayed";

/// The value of [`RELAY_HEADER`] on the proxy's own refusals; the body is the registry API's error JSON.
pub const REFUSED: &str = "refused";
