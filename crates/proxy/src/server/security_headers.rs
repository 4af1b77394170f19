//! The headers that protect the page, on every answer of this proxy.

use http::header::{CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue};

/// The page's policy. `connect-src` lets the page talk to registries that allow browsers, without this proxy. The
/// trusted types are claimed where the page starts its workers and where it has itself kept for when there is no network,
/// and make the addresses of these alone.
static PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self' blob: https: http://localhost:* http://127.0.0.1:*; manifest-src 'self'; \
    worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types waybill offline",
);

/// Powerful features that the page does not use. Only names that browsers know: they complain about others.
const NO_FEATURES: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

/// Which pages may show a file.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What every answer carries besides the policy.
static HARDENING: [(HeaderName, HeaderValue); 5] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(NO_FEATURES),
    ),
];

/// Lets any page show this file: nothing is in it that is not in every copy of Waybill.
pub(crate) fn show_anywhere(headers: &mut HeaderMap) {
    let anywhere = HeaderValue::from_static("cross-origin");
    headers.insert(RESOURCE_POLICY, anywhere);
}

/// Adds the headers that every answer carries; relayed answers bring a stricter policy of their own.
pub(crate) fn harden(headers: &mut HeaderMap) {
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert_with(|| PAGE_POLICY.clone());
    for (name, value) in &HARDENING {
        headers.insert(name, value.clone());
    }
}
