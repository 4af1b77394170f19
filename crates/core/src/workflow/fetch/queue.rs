//! What waits for its request, what is under way, and which answers still count.

use std::collections::VecDeque;

/// Tells one inspection, composition or push from those before it.
///
/// Every request carries the generation of the model that asked; an answer of another
/// generation is dropped. Each model needs a higher one than all before it, and cancelling
/// raises it.
///
/// ```
/// use waybill_core::workflow::fetch::Generation;
///
/// assert!(Generation(1).next() > Generation(1));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(pub u64);

impl Generation {
    /// The one that follows.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// The requests of one model: those that wait, in order, and how many are in flight.
#[derive(Clone, Debug)]
pub(in crate::workflow) struct FetchQueue<W> {
    generation: Generation,
    in_flight: usize,
    waiting: VecDeque<W>,
}

impl<W> FetchQueue<W> {
    /// Begins with nothing to fetch.
    pub(in crate::workflow) fn new(generation: Generation) -> Self {
        Self {
            generation,
            in_flight: 0,
            waiting: VecDeque::new(),
        }
    }

    /// The generation that answers have to carry.
    pub(in crate::workflow) fn generation(&self) -> Generation {
        self.generation
    }

    /// How many requests are in flight.
    pub(in crate::workflow) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// How many requests are in flight or waiting.
    pub(in crate::workflow) fn pending(&self) -> usize {
        self.in_flight + self.waiting.len()
    }

    /// Puts a request at the end.
    pub(in crate::workflow) fn push(&mut self, request: W) {
        self.waiting.push_back(request);
    }

    /// Puts a request back at the beginning.
    pub(in crate::workflow) fn push_front(&mut self, request: W) {
        self.waiting.push_front(request);
    }

    /// Takes the next request, which is not counted as in flight yet.
    pub(in crate::workflow) fn pop(&mut self) -> Option<W> {
        self.waiting.pop_front()
    }

    /// Takes the next request and counts it as in flight, unless `limit` of them are.
    pub(in crate::workflow) fn start(&mut self, limit: usize) -> Option<W> {
        let request = (self.in_flight < limit).then(|| self.pop()).flatten()?;
        self.started();
        Some(request)
    }

    /// Counts one more request as in flight.
    pub(in crate::workflow) fn started(&mut self) {
        self.in_flight += 1;
    }

    /// Counts one request less as in flight: its answer came.
    pub(in crate::workflow) fn answered(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Lets go of what waits.
    pub(in crate::workflow) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Lets go of what is in flight: answers that still come carry the old generation.
    pub(in crate::workflow) fn abandon(&mut self) {
        self.generation = self.generation.next();
        self.in_flight = 0;
    }
}
