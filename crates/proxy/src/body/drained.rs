//! Bodies of requests that were answered before they ended.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::body::error::BodyError;
use crate::body::limited::{LimitedBody, Progress};

/// The most that is read of a body behind its answer, in bytes.
const REST_BYTES: usize = 64 << 20;

/// The longest that the rest of a body is read for.
const REST_TIME: Duration = Duration::from_secs(30);

/// A request's body whose rest is read and thrown away where nobody wants it any more.
///
/// A client that still sends when the connection is closed is reset, and with that loses the answer that says why: a
/// browser reads an answer only once it has sent the whole request.
pub(crate) struct DrainedBody<B: RequestBytes>(LimitedBody<B>);

/// What a client sends as a request's body.
pub trait RequestBytes: Body<Data = Bytes, Error: fmt::Display> + Send + Unpin + 'static {}

impl<B: Body<Data = Bytes, Error: fmt::Display> + Send + Unpin + 'static> RequestBytes for B {}

impl<B: RequestBytes> DrainedBody<B> {
    /// Has the rest of `body` read when it is dropped, by the body's own limits.
    pub(crate) const fn new(body: LimitedBody<B>) -> Self {
        Self(body)
    }

    /// Shares how far it has come, to be read from elsewhere.
    pub(crate) fn progress(&mut self) -> Arc<Progress> {
        self.0.progress()
    }

    /// Sets the largest size in bytes, once it is known what the body is for.
    pub(crate) const fn set_limit(&mut self, limit: u64) {
        self.0.set_limit(limit);
    }
}

async fn drain<B: RequestBytes>(mut body: LimitedBody<B>) {
    let mut left = REST_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        let Some(rest) = left.checked_sub(length) else {
            return;
        };
        left = rest;
    }
}

impl<B: RequestBytes> Drop for DrainedBody<B> {
    fn drop(&mut self) {
        let Some(rest) = self.0.take_rest() else {
            return;
        };
        // Without a runtime there is no connection either.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(timeout(REST_TIME, drain(rest)));
        }
    }
}

impl<B: RequestBytes> Body for DrainedBody<B> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.get_mut().0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
