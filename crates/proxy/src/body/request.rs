//! The body of a request to upstream.

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty};

use crate::body::error::BodyError;

/// The body of a request to upstream, whatever kind of body the client's is.
pub(crate) type RequestBody = UnsyncBoxBody<Bytes, BodyError>;

/// Makes the body of a request that reads: none.
#[must_use]
pub(crate) fn no_body() -> RequestBody {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}
