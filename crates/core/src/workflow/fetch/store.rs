//! Contents by what names them: a digest, or what else is fetched.

use std::cmp::Ordering;

use super::{Failure, Fetch};

/// What is known of each content that was asked for, in the order of asking.
///
/// A sorted index of places finds them among 15,000, with a fraction of a map's code. A key
/// without a slot was never asked for.
#[derive(Clone, Debug)]
pub(in crate::workflow) struct FetchStore<K, T> {
    /// The contents in the order of asking; one for each key.
    slots: Vec<(K, Fetch<T>)>,
    /// Places in `slots`, by name.
    sorted: Vec<usize>,
}

impl<K: Ord, T> FetchStore<K, T> {
    pub(in crate::workflow) fn new() -> Self {
        Self {
            slots: Vec::new(),
            sorted: Vec::new(),
        }
    }

    /// The place in `sorted` of the key that `compare` finds equal; else where it would have
    /// to stand.
    fn find(&self, compare: impl Fn(&K) -> Ordering) -> Result<usize, usize> {
        self.sorted
            .binary_search_by(|place| compare(&self.slots[*place].0))
    }

    /// What is known of a content; `None` where it was never asked for.
    pub(in crate::workflow) fn get(&self, key: &K) -> Option<&Fetch<T>> {
        self.get_by(|known| known.cmp(key))
    }

    /// The one whose key is equal by `compare`, which says how a key is ordered to it. It has
    /// to agree with the keys' own order.
    pub(in crate::workflow) fn get_by(
        &self,
        compare: impl Fn(&K) -> Ordering,
    ) -> Option<&Fetch<T>> {
        self.find(compare)
            .ok()
            .map(|found| &self.slots[self.sorted[found]].1)
    }

    pub(in crate::workflow) fn get_mut(&mut self, key: &K) -> Option<&mut Fetch<T>> {
        let place = self.find(|known| known.cmp(key)).ok()?;
        Some(&mut self.slots[self.sorted[place]].1)
    }

    /// Sets what is known of a content; one that was asked for before keeps its place in the
    /// order.
    pub(in crate::workflow) fn set(&mut self, key: K, slot: Fetch<T>) {
        match self.find(|known| known.cmp(&key)) {
            Ok(found) => self.slots[self.sorted[found]].1 = slot,
            Err(place) => {
                self.sorted.insert(place, self.slots.len());
                self.slots.push((key, slot));
            }
        }
    }

    /// Those that are here.
    pub(in crate::workflow) fn done(&self) -> impl Iterator<Item = &T> {
        self.ready_by_name().map(|(_, content)| content)
    }

    /// Those that are here, with their names.
    pub(in crate::workflow) fn ready_by_name(&self) -> impl Iterator<Item = (&K, &T)> {
        self.slots
            .iter()
            .filter_map(|(key, slot)| Some((key, slot.done()?)))
    }

    /// Those that failed, with their names, in the order of asking.
    pub(in crate::workflow) fn failed(&self) -> impl Iterator<Item = (&K, &Failure)> {
        self.slots.iter().filter_map(|(key, slot)| match slot {
            Fetch::Failed(failure) => Some((key, failure)),
            Fetch::Pending | Fetch::Done(_) => None,
        })
    }

    /// Those that are still waited for have failed: they were cancelled.
    pub(in crate::workflow) fn cancel(&mut self) {
        for (_, slot) in &mut self.slots {
            slot.cancel();
        }
    }

    /// Those that failed were never asked for, so that they are wanted again.
    pub(in crate::workflow) fn forget_failed(&mut self) {
        for (key, slot) in std::mem::replace(self, Self::new()).slots {
            if !matches!(slot, Fetch::Failed(_)) {
                self.set(key, slot);
            }
        }
    }
}
