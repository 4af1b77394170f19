//! Where the scan stands, and which names of an object clash.
//!
//! Nothing here runs for a document in which nothing is odd. Pointers are put together from
//! the open frames and the list of names; names are compared in full only where their hashes
//! say that two may be alike.

use super::super::anomaly::{Anomaly, AnomalyKind};
use super::super::names::{Clash, Name, clashes};
use super::super::pointer::{Pointer, push_step};
use super::{MAPS, POINTER_BYTES, Scan};

impl Scan<'_, '_, '_> {
    /// An anomaly of the value at hand.
    pub(super) fn anomaly(&self, kind: AnomalyKind) -> Anomaly {
        Anomaly {
            pointer: self.pointer(),
            kind,
        }
    }

    /// The pointer to the value at hand.
    ///
    /// It is never cut, since there are only a few such anomalies: each kind that it is made
    /// for is told once.
    pub(super) fn pointer(&self) -> Pointer {
        self.pointer_within(self.frames.len(), usize::MAX).0.into()
    }

    /// The pointer to the value that the first `depth` open arrays and objects lead to, and
    /// whether it is the whole: it ends where it would be longer than `limit` bytes.
    ///
    /// Only names count against the limit, by the length that they have in the text. A
    /// document may nest [`crate::limits::DEPTH`] deep, so indexes alone stay short.
    pub(super) fn pointer_within(&self, depth: usize, limit: usize) -> (String, bool) {
        let mut pointer = String::new();
        for at in 0..depth {
            if self.frames[at].is_object {
                let Some(name) = self.current_name(at) else {
                    continue;
                };
                if pointer.len() + name.token.len() > limit {
                    return (pointer, false);
                }
                push_step(&mut pointer, &name.decode(self.cursor.text));
            } else {
                push_step(&mut pointer, &self.frames[at].index.to_string());
            }
        }
        (pointer, true)
    }

    /// The name of the member at hand in the object that is the open value number `at`.
    ///
    /// The names of an object end where those of the next frame begin. Inside `{"a":{"b":[`
    /// the names are `a`, `b`, and the frames' own begin at 0, 1 and 2: so the name at hand of
    /// frame 0 is `a`, and that of frame 1 is `b`.
    pub(super) fn current_name(&self, at: usize) -> Option<&Name> {
        let end = self
            .frames
            .get(at + 1)
            .map_or(self.names.len(), |inner| inner.names);
        self.names[..end].last()
    }

    /// Tells which names of the innermost object clash.
    ///
    /// `first` is where its names begin in the list. The object is still open, so the last
    /// frame is its own.
    ///
    /// In a map of the author's own names ([`MAPS`], by the name of the member that leads to
    /// it) names that differ in case are not told; equal ones are. Where the pointer to the
    /// object was too long, all of its clashes stand at the last object within the limit,
    /// since a name behind a cut pointer would lead nowhere.
    pub(super) fn clashes(&mut self, first: usize) {
        let depth = self.frames.len() - 1;
        let (object, is_whole) = self.pointer_within(depth, POINTER_BYTES);
        let object = Pointer::from(object);
        let outer = depth
            .checked_sub(1)
            .filter(|outer| self.frames[*outer].is_object);
        let outer = outer.and_then(|outer| self.current_name(outer));
        let is_map = outer.is_some_and(|name| {
            self.cursor
                .text
                .get(name.token.clone())
                .is_some_and(|name| MAPS.contains(&name))
        });
        let names: Vec<_> = self.names[first..]
            .iter()
            .map(|name| name.decode(self.cursor.text))
            .collect();
        for (index, clash) in clashes(&names) {
            let name = names[index].clone().into_owned();
            let pointer = if is_whole {
                object.child(&name)
            } else {
                object.clone()
            };
            let kind = match clash {
                Clash::Times(times) => AnomalyKind::DuplicateName { name, times },
                Clash::Variant { .. } if is_map => continue,
                Clash::Variant { of } => AnomalyKind::CaseVariantName {
                    name,
                    of: names[of].clone().into_owned(),
                },
            };
            self.anomalies.push(Anomaly { pointer, kind });
        }
    }
}
