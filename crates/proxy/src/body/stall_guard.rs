//! How long to wait for somebody who sends or takes bytes, the same rule in every direction.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::body::error::BodyError;

/// The rule for waiting, the same in every direction: bytes move within `idle`, and whenever `idle` was spent waiting
/// since the rule was last looked at, at least `slowest` bytes for each of those seconds have moved.
#[derive(Debug)]
pub(crate) struct StallGuard {
    idle: Duration,
    slowest: u64,
    waited: Duration,
    moved: u64,
    waiting_since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl StallGuard {
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

    /// Notes that the other side lets this one wait; becomes ready when that takes too long.
    pub(crate) fn wait(&mut self, context: &mut Context<'_>) -> Poll<BodyError> {
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
            .map(|()| BodyError::Idle { after: self.idle })
    }

    /// Notes that the other side sent or took `bytes`; fails where that was too slow.
    pub(crate) fn moved(&mut self, bytes: u64) -> Result<(), BodyError> {
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
            Err(BodyError::Slow {
                slowest: self.slowest,
            })
        } else {
            Ok(())
        }
    }
}
