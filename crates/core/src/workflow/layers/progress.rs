//! How far a reading is, how fast it goes, and how long the rest takes.

use std::collections::VecDeque;

use super::message::Bytes;

/// Over how long a rate is taken, in milliseconds: long enough not to flicker, short enough to
/// follow the network.
const SPAN: u64 = 4_000;
/// Before so long nothing is said of the rate, in milliseconds.
const LEAST: u64 = 500;
/// From so long on it is told that nothing comes, in seconds.
const IDLE: u64 = 2;

/// How far a reading is. Times are in milliseconds of a clock that only goes forward.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// How far it is.
    pub bytes: Bytes,
    /// When how many bytes had come, over the last seconds, oldest first.
    samples: VecDeque<(u64, u64)>,
    /// Since when no more came; `None` where it is not being read.
    idle_since: Option<u64>,
}

impl Progress {
    /// Takes how far it is by now.
    pub fn take(&mut self, now: u64, bytes: Bytes) {
        if bytes.received != self.bytes.received || self.idle_since.is_none() {
            self.idle_since = Some(now);
        }
        self.bytes = bytes;
        self.samples.push_back((now, bytes.received));
        // The oldest stays in until the next one is old enough, so the span is always whole.
        while let Some((second, _)) = self.samples.get(1)
            && now.saturating_sub(*second) >= SPAN
        {
            self.samples.pop_front();
        }
    }

    /// Takes that it is as far as it was, where its bytes are awaited.
    pub(super) fn wait(&mut self, now: u64) {
        if self.idle_since.is_some() {
            self.take(now, self.bytes);
        }
    }

    /// Forgets how fast it was: it stood still.
    pub fn stand(&mut self) {
        self.samples.clear();
        self.idle_since = None;
    }

    /// For how many seconds no more came while it is being read; `None` below 2, and where it is
    /// not.
    #[must_use]
    pub fn idle(&self) -> Option<u64> {
        let (now, _) = self.samples.back()?;
        let seconds = now.checked_sub(self.idle_since?)? / 1_000;
        (seconds >= IDLE).then_some(seconds)
    }

    /// How many bytes came a second, over the last seconds; `None` where that is not known yet.
    #[must_use]
    pub fn rate(&self) -> Option<u64> {
        let ((begin, before), (end, after)) = (self.samples.front()?, self.samples.back()?);
        let span = end.checked_sub(*begin).filter(|span| *span >= LEAST)?;
        Some(after.saturating_sub(*before).saturating_mul(1_000) / span)
    }

    /// How many seconds the rest of `size` bytes takes at that rate, rounded up.
    #[must_use]
    pub fn rest(&self, size: u64) -> Option<u64> {
        let rate = self.rate().filter(|rate| *rate > 0)?;
        Some(size.saturating_sub(self.bytes.received).div_ceil(rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(samples: &[(u64, u64)]) -> Progress {
        let mut progress = Progress::default();
        for (now, received) in samples {
            let bytes = Bytes {
                received: *received,
                unpacked: 0,
            };
            progress.take(*now, bytes);
        }
        progress
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        assert_eq!(at(&[]).rate(), None);
        assert_eq!(at(&[(0, 0), (400, 900)]).rate(), None);
        assert_eq!(at(&[(0, 0), (500, 1_000)]).rate(), Some(2_000));
        // It began slowly, and is fast by now.
        let samples: Vec<_> = (0..200)
            .map(|tenth| (tenth * 100, (tenth / 100) * tenth))
            .collect();
        let progress = at(&samples);
        assert_eq!(progress.samples.front().map(|(now, _)| *now), Some(15_900));
        let fast = at(&[(0, 10), (10_000, 10), (12_000, 2_010), (14_000, 4_010)]);
        assert_eq!(fast.rate(), Some(1_000));
        assert_eq!(fast.rest(6_010), Some(2));
        assert_eq!(fast.rest(4_000), Some(0));
    }

    #[test]
    fn where_nothing_more_comes_the_rate_falls_to_0_and_the_time_is_told() {
        let mut progress = at(&[(0, 0), (1_000, 8_000)]);
        let told: Vec<_> = (2..=6)
            .map(|second| {
                progress.wait(second * 1_000);
                (progress.rate(), progress.idle())
            })
            .collect();
        let rates = [Some(4_000), Some(2_666), Some(2_000), Some(0), Some(0)];
        let idle = [None, Some(2), Some(3), Some(4), Some(5)];
        assert_eq!(told, rates.into_iter().zip(idle).collect::<Vec<_>>());
        assert_eq!(progress.bytes.received, 8_000);
        progress.stand();
        // Nobody waits for what is paused.
        progress.wait(9_000);
        assert_eq!((progress.rate(), progress.idle()), (None, None));
        assert_eq!(at(&[(9_000, 1), (0, 1)]).idle(), None);
    }

    #[test]
    fn a_clock_that_stands_or_jumps_back_gives_no_rate() {
        assert_eq!(at(&[(1_000, 0), (1_000, 5)]).rate(), None);
        assert_eq!(at(&[(1_000, 0), (0, 5)]).rate(), None);
        let stood = at(&[(0, 0), (4_000, 0)]);
        assert_eq!((stood.rate(), stood.rest(9)), (Some(0), None));
    }
}
