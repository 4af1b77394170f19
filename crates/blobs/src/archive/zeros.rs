//! Why a blob is not what its digest names, where zeros at its end are the reason.

use waybill_core::digest::{Digest, Hasher};

use super::source::{Place, ReadError, Source, read};

/// How many bytes are read at once.
pub(super) const PIECE: u64 = 1 << 20;
/// Zeros are cut off and added by so many.
const BLOCK: u64 = 512;
/// How many blocks are cut off, and how many added: GNU tar fills up to 20.
const BLOCKS: u64 = 64;

/// What was done to the zeros at the end of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zeros {
    /// So many stand there that do not belong to it.
    Added(u64),
    /// So many are missing.
    Missing(u64),
}

/// Finds what makes the digest right: zeros at the end cut off, or added. `zeros` is how many the
/// blob ends with.
pub(super) async fn explain<S: Source>(
    source: &S,
    place: Place,
    zeros: u64,
    expected: &Digest,
) -> Result<Option<Zeros>, ReadError> {
    let Some(algorithm) = expected.algorithm() else {
        return Ok(None);
    };
    let cut = zeros.min(BLOCKS * BLOCK);
    let mut hasher = Hasher::new(algorithm);
    let end = place.end() - cut;
    let mut position = place.offset;
    while position < end {
        let next = end.min(position + PIECE);
        hasher.update(&read(source, place.file, position..next).await?);
        position = next;
    }
    let removed = (1..=cut / BLOCK).map(|blocks| cut - blocks * BLOCK);
    let added = (1..=BLOCKS).map(|blocks| cut + blocks * BLOCK);
    let without = (cut > 0).then_some(0);
    let mut candidates: Vec<_> = removed.chain(added).chain(without).collect();
    candidates.sort_unstable();
    let mut kept = 0;
    for candidate in candidates {
        for _ in kept..candidate {
            hasher.update(&[0]);
        }
        kept = candidate;
        if hasher.clone().finish() == *expected {
            return Ok(Some(if candidate < cut {
                Zeros::Added(cut - candidate)
            } else {
                Zeros::Missing(candidate - cut)
            }));
        }
    }
    Ok(None)
}
