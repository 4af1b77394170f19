//! Bodies on their way through: never held as a whole, held to a size and to a pace.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

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
pub struct Pace {
    /// The largest size in bytes.
    pub limit: u64,
    /// What happens behind it.
    pub on_limit: OnLimit,
    /// How long to wait for the next bytes.
    pub idle: Duration,
    /// The slowest sender that is waited for, in bytes a second, whenever `idle` was spent waiting.
    pub slowest: u64,
}

/// The rule for waiting, the same in every direction: bytes move within `idle`, and whenever `idle` was spent waiting
/// since the rule was last looked at, at least `slowest` bytes for each of those seconds have moved.
#[derive(Debug)]
pub(crate) struct Pacer {
    idle: Duration,
    slowest: u64,
    waited: Duration,
    moved: u64,
    waiting_since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pacer {
    pub(crate) fn new(idle: Duration, slowest: u64) -> Self {
        Self {
            idle,
            slowest,
            waited: Duration::ZERO,
            moved: 0,
            waiting_since: None,
            timer: None,
        }
    }

    /// The other side lets this one wait; ready when that takes too long.
    pub(crate) fn wait(&mut self, context: &mut Context<'_>) -> Poll<StreamError> {
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        let deadline = since + self.idle;
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        timer
            .as_mut()
            .poll(context)
            .map(|()| StreamError::Idle { after: self.idle })
    }

    /// The other side sent or took so many bytes.
    pub(crate) fn moved(&mut self, bytes: u64) -> Result<(), StreamError> {
        if let Some(since) = self.waiting_since.take() {
            self.waited += since.elapsed();
        }
        self.moved = self.moved.saturating_add(bytes);
        if self.waited <= self.idle {
            return Ok(());
        }
        let least = self.waited.as_millis() * u128::from(self.slowest) / 1_000;
        let is_slow = u128::from(self.moved) < least;
        // What was quick long ago is no credit for now.
        (self.waited, self.moved) = (Duration::ZERO, 0);
        if is_slow {
            Err(StreamError::Slow {
                slowest: self.slowest,
            })
        } else {
            Ok(())
        }
    }
}

/// How far a body has come, to be read from elsewhere.
#[derive(Debug, Default)]
pub struct Progress {
    received: AtomicU64,
    waits: AtomicBool,
}

impl Progress {
    /// How many bytes have come so far.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Whether the next bytes are being waited for.
    pub fn waits(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }
}

/// A body that keeps to its [`Pace`]. It reads only when its reader asks, and drops the sender as soon as it ends.
///
/// Only the time spent waiting for the sender counts; a slow reader does not make the sender slow. Trailers are
/// dropped.
pub struct LimitedBody<B> {
    body: Option<B>,
    pace: Pace,
    pacer: Pacer,
    received: u64,
    progress: Option<Arc<Progress>>,
}

impl<B> LimitedBody<B> {
    /// Holds `body` to `pace`.
    pub fn new(body: B, pace: Pace) -> Self {
        Self {
            body: Some(body),
            pace,
            pacer: Pacer::new(pace.idle, pace.slowest),
            received: 0,
            progress: None,
        }
    }

    /// How far it has come, to be read from elsewhere.
    pub fn progress(&mut self) -> Arc<Progress> {
        Arc::clone(self.progress.get_or_insert_default())
    }

    fn left(&self) -> u64 {
        let spare = u64::from(self.pace.on_limit == OnLimit::Truncate);
        self.pace
            .limit
            .saturating_add(spare)
            .saturating_sub(self.received)
    }

    fn take(&mut self, mut data: Bytes) -> Result<Bytes, StreamError> {
        let left = self.left();
        let mut length = u64::try_from(data.len()).unwrap_or(u64::MAX);
        if length > left {
            self.body = None;
            if self.pace.on_limit == OnLimit::Abort {
                return Err(StreamError::TooLarge {
                    limit: self.pace.limit,
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
        self.pacer.moved(length)?;
        Ok(data)
    }
}

impl<B> Body for LimitedBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: fmt::Display,
{
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        let this = self.get_mut();
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(body).poll_frame(context);
        if let Some(progress) = &this.progress {
            progress.waits.store(polled.is_pending(), Ordering::Relaxed);
        }
        let result = match polled {
            Poll::Pending => match this.pacer.wait(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(error) => Some(Err(error)),
            },
            Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) => Some(this.take(data).map(Frame::data)),
                Err(_trailers) => None,
            },
            Poll::Ready(Some(Err(error))) => Some(Err(StreamError::Broken {
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
        if hint.lower() > left && self.pace.on_limit == OnLimit::Truncate {
            hint = SizeHint::with_exact(left);
        }
        hint
    }
}

/// Why a body broke off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamError {
    /// Nothing came.
    Idle {
        /// For how long.
        after: Duration,
    },
    /// It came too slowly.
    Slow {
        /// The slowest allowed, in bytes a second.
        slowest: u64,
    },
    /// It went on behind its limit.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The sender broke off, or sent something malformed.
    Broken {
        /// The HTTP library's words.
        reason: String,
    },
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idle { after } => write!(f, "nothing came for {after:?}"),
            Self::Slow { slowest } => write!(f, "it came at less than {slowest} bytes a second"),
            Self::TooLarge { limit } => write!(f, "it is larger than {limit} bytes"),
            Self::Broken { reason } => write!(f, "it broke off: {reason}"),
        }
    }
}

impl std::error::Error for StreamError {}
