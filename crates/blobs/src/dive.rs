//! The figures that dive shows, counted as dive v0.13.1 counts them, its faults included.
//!
//! dive is the tool whose figures people gate their builds by, so these are the same to the last
//! bit; what a flattened image would not hold, honestly, is [`waste`](crate::waste). They differ,
//! since dive counts every copy of a file that was written twice, the one that is needed too;
//! knows no opaque directory; counts a deleted directory for nothing; and stops looking at a
//! layer at the first whiteout of what is in no layer below, without a word.
//!
//! What cannot be told from a [`Listing`]: dive takes what has the mode `0o40000` above its
//! permissions for a directory whatever its type is; here the type alone counts.
//!
//! ```
//! use waybill_blobs::dive::{Figures, Status, Thresholds};
//! use waybill_blobs::listing::Listing;
//! use waybill_blobs::tar::Entry;
//!
//! let file = |size| Entry { name: b"f".to_vec(), kind: b'0', size, ..Entry::default() };
//! let (mut base, mut upper) = (Listing::new(), Listing::new());
//! base.push(&file(1000));
//! upper.push(&file(1500));
//! let figures = Figures::count(&[base, upper])?;
//! assert_eq!((figures.score, figures.wasted_bytes), (0.4, 2500));
//! let verdict = figures.verdict(&Thresholds::default())?;
//! assert_eq!(verdict.lowest_efficiency, Status::Failed);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod layer;
mod paths;
mod stack;
mod verdict;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use crate::listing::Listing;
use layer::{Layer, Visit};
use paths::Paths;
use stack::Stack;

pub use verdict::{Status, ThresholdError, Thresholds, Verdict};

/// How many inefficient files are listed.
pub const LISTED: usize = 1_000;

/// What dive says of an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// dive's "efficiency", from 0 to 1 and, where it stopped looking at a layer, possibly less:
    /// the least sizes of all paths together, of the sizes of all their copies together.
    pub score: f64,
    /// The sizes of all copies of the paths that more than one entry has, in bytes.
    pub wasted_bytes: u64,
    /// The sizes of the entries of all layers but the first, in bytes.
    pub user_bytes: u64,
    /// The wasted bytes as a part of the user's, 1 being all: NaN where both are 0, infinite
    /// where only the user's are.
    pub wasted_user_percent: f64,
    /// The sizes of the entries of all layers, in bytes, as their headers state them.
    pub size_bytes: u64,
    /// The paths that more than one entry has, those with the most bytes first; at most
    /// [`LISTED`].
    pub inefficient: Vec<Inefficient>,
    /// How many such paths there are.
    pub inefficient_paths: usize,
}

/// A path that more than one entry has; a whiteout is an entry of the path that it deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inefficient {
    /// The path, with a `/` before it.
    pub path: Vec<u8>,
    /// How many entries of it dive came upon.
    pub count: u32,
    /// Their sizes together, in bytes.
    pub bytes: u64,
}

/// Why there are no figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uncounted {
    /// The layer has a PAX header for the whole archive, and dive refuses the image.
    GlobalHeader {
        /// Which layer, from 0.
        layer: usize,
    },
    /// Not all of the layer's entries are in its listing.
    LeftOut {
        /// Which layer, from 0.
        layer: usize,
    },
    /// There are more paths than are held in memory, which is four million.
    TooManyPaths,
}

impl fmt::Display for Uncounted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GlobalHeader { layer } => write!(
                f,
                "layer {layer} has a PAX header for the whole archive, which dive refuses"
            ),
            Self::LeftOut { layer } => write!(f, "layer {layer} has too many entries to list"),
            Self::TooManyPaths => f.write_str("the layers have too many paths to count"),
        }
    }
}

impl std::error::Error for Uncounted {}

/// What dive knows of a file; all zero for a directory that nobody wrote.
#[derive(Clone, Copy, Debug, Default)]
struct File {
    /// As in dive a signed number that wraps around: of a link the header may state any.
    size: i64,
    is_directory: bool,
}

/// What dive counts for one path.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    entries: u32,
    bytes: i64,
    /// The least size. Where dive began to count and gave up it is −1, as it is before the
    /// first; what it never came upon is 0.
    least: i64,
}

impl Figures {
    /// Counts over the layers of an image, base first.
    pub fn count(layers: &[Listing]) -> Result<Self, Uncounted> {
        let mut paths = Paths::new();
        let mut stack = Stack::default();
        let mut layer = Layer::default();
        let mut counts: Vec<Count> = Vec::new();
        let (mut size_bytes, mut user_bytes) = (0_u64, 0_u64);
        for (number, listing) in layers.iter().enumerate() {
            layer.read(number, listing, &mut paths)?;
            size_bytes = size_bytes.wrapping_add(layer.bytes);
            if number == 0 {
                // dive's stack of no layers is the base as it is written, whiteouts as files.
                for (path, file) in layer.files() {
                    stack.add(&paths, path, file);
                }
            } else {
                user_bytes = user_bytes.wrapping_add(layer.bytes);
            }
            let visits = layer.visits(&mut paths)?;
            count_leaves(&layer, &visits, &stack, &mut paths, &mut counts)?;
            if number + 1 < layers.len() {
                apply(&layer, &visits, &mut stack, &mut paths)?;
            }
        }
        let (mut least, mut all) = (0_i64, 0_i64);
        for count in &counts {
            least = least.wrapping_add(count.least);
            all = all.wrapping_add(count.bytes);
        }
        let score = if all == 0 {
            1.0
        } else {
            float(least) / float(all)
        };
        let mut inefficient: Vec<_> = (0..).zip(counts).collect();
        inefficient.retain(|(_, count)| count.entries > 1);
        let bytes = |(_, count): &(u32, Count)| count.bytes.cast_unsigned();
        let wasted_bytes = inefficient.iter().map(bytes).fold(0, u64::wrapping_add);
        inefficient.sort_by_key(|file| Reverse(bytes(file)));
        let listed = inefficient.iter().take(LISTED);
        Ok(Self {
            score,
            wasted_bytes,
            user_bytes,
            wasted_user_percent: unsigned_float(wasted_bytes) / unsigned_float(user_bytes),
            size_bytes,
            inefficient: listed
                .map(|(path, count)| Inefficient {
                    path: paths.path(*path),
                    count: count.entries,
                    bytes: count.bytes.cast_unsigned(),
                })
                .collect(),
            inefficient_paths: inefficient.len(),
        })
    }
}

/// Counts what has nothing in it: files and links, empty directories, whiteouts.
fn count_leaves(
    layer: &Layer,
    visits: &[Visit],
    stack: &Stack,
    paths: &mut Paths<'_>,
    counts: &mut Vec<Count>,
) -> Result<(), Uncounted> {
    let mut sums = BTreeMap::new();
    for visit in visits.iter().filter(|visit| visit.is_leaf) {
        let whiteout = paths.whiteout(visit.path)?;
        let key = whiteout.map_or(visit.path, |whiteout| whiteout.key);
        let place = key as usize;
        if counts.len() <= place {
            counts.resize(place + 1, Count::default());
        }
        let count = &mut counts[place];
        if count.entries == 0 {
            count.least = -1;
        }
        let size = match whiteout {
            None => layer.file(visit.path).size,
            Some(whiteout) => match stack.file(whiteout.target) {
                Some(file) if file.is_directory => stack.sum(whiteout.target, &mut sums),
                Some(_) => 0,
                // There dive gives up the layer; what it has begun to count remains.
                None => return Ok(()),
            },
        };
        count.bytes = count.bytes.wrapping_add(size);
        if count.least < 0 || size < count.least {
            count.least = size;
        }
        count.entries = count.entries.saturating_add(1);
    }
    Ok(())
}

/// Lays a layer on the stack of those below.
fn apply(
    layer: &Layer,
    visits: &[Visit],
    stack: &mut Stack,
    paths: &mut Paths<'_>,
) -> Result<(), Uncounted> {
    for visit in visits {
        match paths.whiteout(visit.path)? {
            Some(whiteout) => stack.remove(paths, whiteout.target),
            None => stack.add(paths, visit.rooted, layer.file(visit.path)),
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "so does dive")]
fn float(number: i64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "so does dive")]
fn unsigned_float(number: u64) -> f64 {
    number as f64
}
