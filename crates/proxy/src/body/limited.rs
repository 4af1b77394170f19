//! Bodies on their way through: never held as a whole, held to a size and to a limits.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::body::error::BodyError;
use crate::body::stall_guard::StallGuard;

/// What happens to a body that is longer than its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLimit {
    /// One byte behind the limit is the last: the reader sees that the limit was passed, and nothing broke.
    Truncate,
    /// The body breaks off with an error.
    Abort,
}

/// The rules for one body.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// The largest size in bytes.
    pub limit: u64,
    /// What happens behind it.
    pub on_limit: OnLimit,
    /// How long to wait for the next bytes.
    pub idle: Duration,
    /// The slowest sender that is waited for, in bytes a second, whenever `idle` was spent waiting.
    pub slowest: u64,
}

/// How far a body has come, to be read from elsewhere.
#[derive(Debug, Default)]
pub struct Progress {
    received: AtomicU64,
    waits: AtomicBool,
}

impl Progress {
    /// Tells how many bytes have come so far.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Tells whether the next bytes are being waited for.
    pub fn waits(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }
}

/// Holds a body to its [`BodyLimits`]. It reads only when its reader asks, and drops the sender as soon as it ends.
///
/// Only the time spent waiting for the sender counts; a slow reader does not make the sender slow. Trailers are
/// dropped.
pub struct LimitedBody<B> {
    body: Option<B>,
    limits: BodyLimits,
    stall_guard: StallGuard,
    received: u64,
    progress: Option<Arc<Progress>>,
}

impl<B> LimitedBody<B> {
    /// Holds `body` to `limits`.
    pub fn new(body: B, limits: BodyLimits) -> Self {
        Self {
            body: Some(body),
            limits,
            stall_guard: StallGuard::new(limits.idle, limits.slowest),
            received: 0,
            progress: None,
        }
    }

    /// Shares how far it has come, to be read from elsewhere.
    pub fn progress(&mut self) -> Arc<Progress> {
        Arc::clone(self.progress.get_or_insert_default())
    }

    /// Sets the largest size in bytes anew.
    pub const fn set_limit(&mut self, limit: u64) {
        self.limits.limit = limit;
    }

    /// Takes what has not come yet, under the same limits: nothing where it ended or broke off.
    pub fn take_rest(&mut self) -> Option<Self>
    where
        B: Body,
    {
        let rest = self.body.take().filter(|body| !body.is_end_stream())?;
        Some(Self::new(rest, self.limits))
    }

    fn left(&self) -> u64 {
        let spare = u64::from(self.limits.on_limit == OnLimit::Truncate);
        self.limits
            .limit
            .saturating_add(spare)
            .saturating_sub(self.received)
    }

    fn take(&mut self, mut data: Bytes) -> Result<Bytes, BodyError> {
        let left = self.left();
        let mut length = u64::try_from(data.len()).unwrap_or(u64::MAX);
        if length > left {
            self.body = None;
            if self.limits.on_limit == OnLimit::Abort {
                return Err(BodyError::TooLarge {
                    limit: self.limits.limit,
                });
            }
            // `left` is smaller than a length.
            data.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            length = left;
        }
        self.received += length;
        if let Some(progress) = &self.progress {
            progress.received.store(self.received, Ordering::Relaxed);
        }
        self.stall_guard.moved(length)?;
        Ok(data)
    }
}

impl<B> Body for LimitedBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: fmt::Display,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(body).poll_frame(context);
        if let Some(progress) = &this.progress {
            progress.waits.store(polled.is_pending(), Ordering::Relaxed);
        }
        let result = match polled {
            Poll::Pending => match this.stall_guard.wait(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(error) => Some(Err(error)),
            },
            Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) => Some(this.take(data).map(Frame::data)),
                Err(_trailers) => None,
            },
            Poll::Ready(Some(Err(error))) => Some(Err(BodyError::Broken {
                reason: error.to_string(),
            })),
            Poll::Ready(None) => None,
        };
        if !matches!(result, Some(Ok(_))) {
            this.body = None;
        }
        Poll::Ready(result)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let Some(body) = &self.body else {
            return SizeHint::with_exact(0);
        };
        let (mut hint, left) = (body.size_hint(), self.left());
        if hint.lower() > left && self.limits.on_limit == OnLimit::Truncate {
            hint = SizeHint::with_exact(left);
        }
        hint
    }
}
