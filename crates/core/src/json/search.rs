//! A search for many JSON pointers, which the scan feeds with every value that it passes.
//!
//! Sorted paths make one pass enough: at each value the paths that lead into it are one range,
//! which only narrows on the way down.
//!
//! The scan asks at the beginning of each value which paths lead to it or into it, by
//! [`Search::member`] or [`Search::element`], and says at its end where it stands, by
//! [`Search::found`]. Where no path leads nothing is looked up any more, all the way down.
//!
//! A path is compared step by step, the shorter step first. So the indexes of an array stand
//! in the order of its elements, 9 in front of 10, and a path stands in front of those that go
//! on from it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::pointer::unescaped;

/// Which of several places a JSON pointer stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurrence {
    /// The value; where names stand twice, at its end or on the way to it, the first in the text
    /// that is there. It may be inside a member that reading passes over, since it takes the
    /// first of equal names: the scan tells what it meets there too.
    First,
    /// The second value of that name, where there is one.
    Second,
    /// The byte order mark in front of the document.
    Before,
    /// The first byte behind the value that is not white space, and all that follow.
    Behind,
    /// Where the bytes stop to be JSON, and all that follow: nothing else has a place in such
    /// bytes.
    Fault,
}

/// The pointers that are looked for, sorted so that those into one value stand together.
pub(super) struct Search<'p> {
    pub(super) paths: Vec<Path<'p>>,
}

impl<'p> Search<'p> {
    /// Prepares the search for all pointers at once.
    ///
    /// The index of each path is its place among `pointers`, by which the caller puts the
    /// results back into order. Text in front of the first `/` is ignored.
    pub(super) fn new(pointers: impl IntoIterator<Item = (&'p str, Occurrence)>) -> Self {
        let paths = pointers
            .into_iter()
            .enumerate()
            .map(|(index, (pointer, occurrence))| Path {
                steps: pointer.split('/').skip(1).map(unescaped).collect(),
                index,
                occurrence,
                found: None,
                times: 0,
            });
        Self {
            paths: paths.collect::<BinaryHeap<_>>().into_sorted_vec(),
        }
    }
}

impl Search<'_> {
    /// All paths: those that lead through the root.
    pub(super) fn all(&self) -> Range<usize> {
        0..self.paths.len()
    }

    /// Of the paths `within` an object at `depth`, those that lead through the member of that name.
    ///
    /// `depth` is that of the object, and so the index of the step in question. Both ends of
    /// the range are found by halving.
    pub(super) fn member(&self, within: &Range<usize>, depth: usize, name: &str) -> Range<usize> {
        let paths = &self.paths[within.clone()];
        let order = |path: &Path<'_>| {
            path.steps
                .get(depth)
                .map_or(Ordering::Less, |step| by_length(step, name))
        };
        let first = paths.partition_point(|path| order(path) == Ordering::Less);
        let end = paths.partition_point(|path| order(path) != Ordering::Greater);
        within.start + first..within.start + end
    }

    /// The same for an element of an array. Elements come in the order of the paths, so `rest`
    /// shrinks to those behind.
    ///
    /// Steps that are no index lead nowhere and are passed over: an index is digits without a
    /// zero in front (RFC 6901, section 4).
    pub(super) fn element(
        &self,
        rest: &mut Range<usize>,
        depth: usize,
        index: usize,
    ) -> Range<usize> {
        let is_index = |step: &str| {
            step.bytes().all(|byte| byte.is_ascii_digit())
                && (step == "0" || !step.starts_with('0'))
        };
        let index_of = |path: &Path<'_>| {
            let step = path.steps.get(depth).filter(|step| is_index(step));
            step.and_then(|step| step.parse::<usize>().ok())
        };
        let paths = &self.paths[rest.clone()];
        let first = paths
            .iter()
            .take_while(|path| index_of(path).is_none_or(|wanted| wanted < index))
            .count();
        let count = paths[first..]
            .iter()
            .take_while(|path| index_of(path) == Some(index))
            .count();
        rest.start += first;
        let element = rest.start..rest.start + count;
        rest.start += count;
        element
    }

    /// The value at `depth` to which the paths lead, or through which, stands at `range`.
    ///
    /// Called at the end of each value, so values inside come before those around them. A path
    /// that ends here is met: the first time gives its place, and the second if that was asked
    /// for. A path that leads on takes the first value that ends on its way, which is the
    /// innermost, until what it means is met.
    pub(super) fn found(&mut self, paths: Range<usize>, depth: usize, range: &Range<usize>) {
        for path in &mut self.paths[paths] {
            if path.steps.len() == depth {
                path.times += 1;
                let wanted = if path.occurrence == Occurrence::Second {
                    2
                } else {
                    1
                };
                if path.times == 1 || path.times == wanted {
                    path.found = Some(range.clone());
                }
            } else if path.found.is_none() {
                path.found = Some(range.clone());
            }
        }
    }
}

/// One pointer, step by step.
///
/// Where it was found stays empty if the document has no such value; the place that is then given
/// is that of the innermost value on the way.
pub(super) struct Path<'p> {
    /// With escapes undone; none for the whole document.
    steps: Vec<Cow<'p, str>>,
    /// The place of the pointer among those that were asked for.
    pub(super) index: usize,
    pub(super) occurrence: Occurrence,
    pub(super) found: Option<Range<usize>>,
    /// How often the value was met.
    pub(super) times: usize,
}

/// Shorter steps first: so the indexes of an array come in their order.
fn by_length(one: &str, other: &str) -> Ordering {
    (one.len(), one).cmp(&(other.len(), other))
}

impl Ord for Path<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let steps = self.steps.iter().zip(&other.steps);
        let differing = steps
            .map(|(one, other)| by_length(one, other))
            .find(|order| *order != Ordering::Equal);
        differing.unwrap_or_else(|| {
            (self.steps.len(), self.index).cmp(&(other.steps.len(), other.index))
        })
    }
}

impl PartialOrd for Path<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Path<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Path<'_> {}
