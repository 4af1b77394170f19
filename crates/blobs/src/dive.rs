//! An image's efficiency as dive counts it, with all that dive gets wrong.
//!
//! People stop their builds by these figures, so they have to be the ones that dive shows, to the
//! last bit. What an image really carries for nothing is what [`waste`](crate::waste) counts.
//!
//! dive keeps a tree of names for each layer and looks at the *leaves* of each, the nodes without
//! children, by their path. Of a path it adds up the sizes of all its leaves and keeps the least;
//! the score is the sum of the least by the sum of all, and a path with two leaves is wasted with
//! all its copies. A whiteout is a leaf of the path that it hides, of size 0, or, where it hides a
//! directory that has an entry, of all that is below that in the layers before. So:
//!
//! - opaque whiteouts do not exist, and neither does any name that begins with `.wh..wh..`;
//! - a whiteout of what no layer before has ends the layer: its other leaves are not counted, and
//!   1 is taken from the sum of the least;
//! - a directory that is deleted makes the score better and wastes nothing;
//! - a hard link has the size that its own header says, which is 0 for most;
//! - the first layer is nobody's fault: what is wasted is compared with the size of the others.
//!
//! Source: dive v0.13.1, `dive/filetree`, `dive/image/analysis.go`, `runtime/ci`.

mod paths;
mod verdict;

use std::collections::BTreeMap;
use std::fmt;

use crate::listing::{EntryView, Kind, Listing};
use paths::{Added, Paths, Places, ROOT, Whiteout};

pub use verdict::{Rule, Thresholds, Verdict};

/// The first letters of a name that deletes another.
const WHITEOUT: &[u8] = b".wh.";
/// dive keeps no node with such a name.
const DROPPED: &[u8] = b".wh..wh..";

/// What dive says of an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// The efficiency: 1 is an image in which nothing was replaced or deleted. A little below 0
    /// is possible.
    pub score: f64,
    /// How many bytes all leaves of the inefficient paths have, the last ones too.
    pub wasted_bytes: u64,
    /// How many bytes all entries of all layers but the first have.
    pub user_size: u64,
    /// `wasted_bytes` by `user_size`, and no percentage: 1 is everything. Not a number where both
    /// are 0, as in an image of one layer; infinite where only `user_size` is.
    pub wasted_user_percent: f64,
    /// How many bytes all entries of all layers have.
    pub size: u64,
    /// The paths that dive lists, those with most bytes first, and by path where these are equal.
    pub inefficient: Vec<InefficientPath>,
}

/// A path that has more than one leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InefficientPath {
    /// From the root, which is `/`. That of a whiteout is the one that it hides.
    pub path: Vec<u8>,
    /// How many leaves it has in all layers, whiteouts too.
    pub count: u64,
    /// The sum of their sizes.
    pub cumulative: u64,
}

/// Why dive says nothing of an image, or why it cannot be told what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoFigures {
    /// dive refuses an image of which a layer has a global PAX header: the layer's place.
    GlobalHeader(usize),
    /// The listing of a layer does not have all its entries: the layer's place.
    Incomplete(usize),
}

impl fmt::Display for NoFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GlobalHeader(layer) => write!(
                f,
                "dive refuses this image: layer {} has a global PAX header",
                layer + 1
            ),
            Self::Incomplete(layer) => write!(
                f,
                "layer {} has too many entries to list, so dive's figures are not known",
                layer + 1
            ),
        }
    }
}

impl std::error::Error for NoFigures {}

/// What dive knows of a node; a directory that has no entry of its own has nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Info {
    size: i64,
    is_directory: bool,
}

/// What dive keeps of a path.
#[derive(Clone, Copy, Debug)]
struct Counted {
    count: u64,
    cumulative: i64,
    /// The least size; -1 before the first.
    least: i64,
}

/// A tree, as its nodes by the places of their paths: what is below a node stands before it.
type Nodes = BTreeMap<usize, Info>;

/// Counts as dive does; the layers stand with the base first.
///
/// Sizes are added as Go adds them: beyond 64 bits they begin anew.
///
/// # Errors
///
/// Where dive refuses the image, or a listing is not complete.
pub fn figures(layers: &[Listing]) -> Result<Figures, NoFigures> {
    let mut paths = Paths::default();
    let (mut size, mut user_size) = (0_u64, 0_u64);
    let mut added = Vec::with_capacity(layers.len());
    for (place, layer) in layers.iter().enumerate() {
        if layer.totals().left_out > 0 {
            return Err(NoFigures::Incomplete(place));
        }
        let mut entries = Vec::with_capacity(layer.len());
        for entry in layer.entries() {
            // dive skips what is the root by this name, whatever else it is.
            let Some(node) = paths.add(entry.name) else {
                continue;
            };
            if matches!(entry.kind, Kind::GlobalHeader) {
                return Err(NoFigures::GlobalHeader(place));
            }
            size = size.wrapping_add(entry.size);
            if place > 0 {
                user_size = user_size.wrapping_add(entry.size);
            }
            entries.push((node, info(&entry)));
        }
        added.push(entries);
    }
    let counted = count(&paths, &added);
    let sum = |of: fn(&Counted) -> i64| counted.values().map(of).fold(0, i64::wrapping_add);
    let (least, cumulative) = (sum(|it| it.least), sum(|it| it.cumulative));
    let mut inefficient: Vec<_> = counted
        .iter()
        .filter(|(_, counted)| counted.count > 1)
        .map(|(path, counted)| InefficientPath {
            path: paths.text(*path),
            count: counted.count,
            cumulative: counted.cumulative.cast_unsigned(),
        })
        .collect();
    inefficient.sort_by(|one, other| {
        let by_size = other.cumulative.cmp(&one.cumulative);
        by_size.then_with(|| one.path.cmp(&other.path))
    });
    let wasted_bytes = inefficient
        .iter()
        .map(|path| path.cumulative)
        .fold(0, u64::wrapping_add);
    #[allow(clippy::cast_precision_loss, reason = "dive divides like this")]
    Ok(Figures {
        score: if cumulative == 0 {
            1.0
        } else {
            least as f64 / cumulative as f64
        },
        wasted_bytes,
        user_size,
        wasted_user_percent: wasted_bytes as f64 / user_size as f64,
        size,
        inefficient,
    })
}

fn info(entry: &EntryView<'_>) -> Info {
    Info {
        size: entry.size.cast_signed(),
        is_directory: entry.kind == Kind::Directory,
    }
}

/// Counts the leaves of all layers, by the numbers of their paths.
fn count(paths: &Paths<'_>, layers: &[Vec<(Added, Info)>]) -> BTreeMap<usize, Counted> {
    let order = Order::of(paths);
    let mut counted = BTreeMap::new();
    let mut below = Nodes::new();
    for (place, entries) in layers.iter().enumerate() {
        let layer = order.nodes(entries);
        if place == 0 {
            // dive begins with a copy of the first layer, its whiteouts too, and also looks there
            // for what a whiteout of that layer hides.
            below.clone_from(&layer);
        }
        order.visit(&layer, &below, &mut counted);
        order.stack(&layer, &mut below);
    }
    counted
}

/// The order in which dive goes through a tree.
struct Order<'p> {
    paths: &'p Paths<'p>,
    /// By the number of a path.
    places: Vec<Places>,
    /// The number of a path, by its own place.
    numbers: Vec<usize>,
}

impl<'p> Order<'p> {
    fn of(paths: &'p Paths<'p>) -> Self {
        let places = paths.places();
        let mut numbers = vec![ROOT; places.len()];
        for (number, at) in places.iter().enumerate() {
            numbers[at.own] = number;
        }
        Self {
            paths,
            places,
            numbers,
        }
    }

    /// Makes the tree of a layer: the last entry of a path counts.
    fn nodes(&self, entries: &[(Added, Info)]) -> Nodes {
        let mut nodes = Nodes::new();
        for (added, info) in entries {
            match added {
                Added::Node(path) => self.add(&mut nodes, *path, *info),
                Added::Parents(path) => self.add_parents(&mut nodes, *path),
            }
        }
        nodes
    }

    fn add(&self, nodes: &mut Nodes, path: usize, info: Info) {
        if path != ROOT {
            nodes.insert(self.places[path].own, info);
            self.add_parents(nodes, self.paths.get(path).parent);
        }
    }

    /// Adds a node and those above it, as far as they are missing.
    fn add_parents(&self, nodes: &mut Nodes, path: usize) {
        let mut path = path;
        while path != ROOT && !nodes.contains_key(&self.places[path].own) {
            nodes.insert(self.places[path].own, Info::default());
            path = self.paths.get(path).parent;
        }
    }

    /// Counts the leaves of a layer over those below it.
    fn visit(&self, layer: &Nodes, below: &Nodes, counted: &mut BTreeMap<usize, Counted>) {
        let sums = Sums::of(below);
        let mut before = None;
        for (place, info) in layer {
            let number = self.numbers[*place];
            let has_children = before.is_some_and(|before| before >= self.places[number].first);
            before = Some(*place);
            if has_children {
                continue;
            }
            let whiteout = self.paths.get(number).whiteout;
            let path = whiteout.map_or(number, |whiteout| whiteout.counted);
            let counted = counted.entry(path).or_insert(Counted {
                count: 0,
                cumulative: 0,
                least: -1,
            });
            let size = match whiteout {
                None => info.size,
                // The root is there and has no entry.
                Some(Whiteout { hides: ROOT, .. }) => 0,
                Some(Whiteout { hides, .. }) => match below.get(&self.places[hides].own) {
                    // dive ends the layer here, and what it began to count of the path stays.
                    None => return,
                    Some(hidden) if hidden.is_directory => sums.over(self.places[hides]),
                    Some(_) => 0,
                },
            };
            counted.cumulative = counted.cumulative.wrapping_add(size);
            if counted.least < 0 || size < counted.least {
                counted.least = size;
            }
            counted.count += 1;
        }
    }

    /// Lays a layer over those below it.
    fn stack(&self, layer: &Nodes, below: &mut Nodes) {
        for (place, info) in layer {
            let path = self.paths.get(self.numbers[*place]);
            match path.whiteout {
                None => self.add(below, path.stacked, *info),
                Some(Whiteout { hides: ROOT, .. }) => {}
                Some(Whiteout { hides, .. }) => {
                    let Places { first, own } = self.places[hides];
                    // Nothing stands below what is not there.
                    while let Some((last, _)) = below.range(first..=own).next_back() {
                        let last = *last;
                        below.remove(&last);
                    }
                }
            }
        }
    }
}

/// The sizes of nodes added up, one after the other.
struct Sums(Vec<(usize, i64)>);

impl Sums {
    fn of(nodes: &Nodes) -> Self {
        let mut sum = 0_i64;
        let sums = nodes.iter().map(|(place, info)| {
            sum = sum.wrapping_add(info.size);
            (*place, sum)
        });
        Self(sums.collect())
    }

    /// The sizes in a subtree together.
    fn over(&self, places: Places) -> i64 {
        let before = |end: usize| {
            let count = self.0.partition_point(|(place, _)| *place < end);
            count.checked_sub(1).map_or(0, |last| self.0[last].1)
        };
        before(places.own + 1).wrapping_sub(before(places.first))
    }
}
