//! Two sequences beside each other.

use std::collections::BTreeMap;

/// A place in the left sequence, one in the right, or both where what stands there is the same.
pub(super) type Pair = (Option<usize>, Option<usize>);

/// Pairs what is equal in both, in the order of both, so that as much as can be is paired; the
/// rest stands alone, that of the left first.
///
/// `keys` names each thing by what may make it equal to another, the strongest first: the first
/// of its names that the other sequence has counts.
pub(super) fn align<K: Ord>(left: &[Vec<K>], right: &[Vec<K>]) -> Vec<Pair> {
    let mut places: BTreeMap<&K, Vec<usize>> = BTreeMap::new();
    for (place, keys) in right.iter().enumerate().rev() {
        for key in keys {
            places.entry(key).or_default().push(place);
        }
    }
    // Each one of the left with the first of the right that is equal and was not taken.
    let mut taken = vec![false; right.len()];
    let mut matched = Vec::new();
    for (place, keys) in left.iter().enumerate() {
        let mut candidates = keys.iter().filter_map(|key| {
            let found = places.get_mut(key)?;
            while found.last().is_some_and(|place| taken[*place]) {
                found.pop();
            }
            found.last().copied()
        });
        if let Some(other) = candidates.next() {
            taken[other] = true;
            matched.push((place, other));
        }
    }
    let kept = longest_rising(&matched);
    let mut pairs = Vec::new();
    let (mut at_left, mut at_right) = (0, 0);
    for (one, other) in kept.into_iter().chain([(left.len(), right.len())]) {
        pairs.extend((at_left..one).map(|place| (Some(place), None)));
        pairs.extend((at_right..other).map(|place| (None, Some(place))));
        if one < left.len() {
            pairs.push((Some(one), Some(other)));
        }
        (at_left, at_right) = (one + 1, other + 1);
    }
    pairs
}

/// The longest part of the matches whose places rise on both sides; they rise on the left
/// already.
fn longest_rising(matched: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length the match that ends a rising part of that length as low as can be.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(matched.len());
    for (index, (_, place)) in matched.iter().enumerate() {
        let length = ends.partition_point(|end| matched[*end].1 < *place);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut kept = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(index) = next {
        kept.push(matched[index]);
        next = before[index];
    }
    kept.reverse();
    kept
}
