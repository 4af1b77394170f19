//! What the layers of an image are together: its file system, by the specification.
//!
//! [`Tree::flatten`] goes through the layers, base first, each in two passes: whiteouts and
//! opaque directories hide what the layers below left, wherever in their layer they stand; then
//! the layer's own entries are added, the last of a name counting. It goes by paths alone and
//! follows no symbolic link, so a directory of an upper layer is never written through a link of
//! a lower one (image-spec, layer.md, "Applying Changesets").
//!
//! A tree remembers: each path that ever was is a [`Node`], and has a [`Version`] for each entry
//! that stood there, with the layer that hid it and why. What one layer changed is read off from
//! that, and so is what a flattened image would not hold.
//!
//! ```
//! use waybill_blobs::listing::Listing;
//! use waybill_blobs::tar::Entry;
//! use waybill_blobs::tree::{Reason, Tree};
//!
//! let file = |name: &[u8]| Entry { name: name.to_vec(), kind: b'0', ..Entry::default() };
//! let (mut base, mut upper) = (Listing::new(), Listing::new());
//! base.push(&file(b"etc/passwd"));
//! upper.push(&file(b"etc/.wh.passwd"));
//! let tree = Tree::flatten(&[base, upper]);
//! let node = tree.find(b"etc/passwd").ok_or("there was one")?;
//! assert!(tree.visible(node).is_none());
//! let hidden = tree.hidden().next().and_then(|version| version.hidden).ok_or("it is hidden")?;
//! assert_eq!((hidden.layer, hidden.reason), (1, Reason::Whiteout));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod apply;
mod changes;
mod paths;
mod whiteout;

use std::borrow::Borrow;

use crate::listing::{EntryView, Listing};
use crate::path;

use paths::Paths;

pub use changes::{Change, Changed};
pub use whiteout::{Marker, marker};

pub(crate) use whiteout::link_source;

/// How deep a path may lie; entries below are left out and counted.
pub const DEPTH: usize = 512;
/// How many paths a tree has, those that are hidden too; entries that would need more are left
/// out. Each takes up to 200 bytes with what stands there.
pub const PATHS: usize = 2_000_000;
/// How many versions all paths have together.
const VERSIONS: usize = 2 * PATHS;

/// An entry of one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which layer, base first, from 0.
    pub layer: u32,
    /// Which entry of its listing, from 0.
    pub entry: u32,
}

/// A path that ever was, by a number; a directory's is below those of what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node(u32);

/// An entry that stands, or stood, at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// At which path.
    pub node: Node,
    /// Of which layer.
    pub layer: u32,
    /// Which entry of its listing; `None` for a directory that nobody wrote, and that is there
    /// because something lies in it: engines make it `0755`, of root.
    pub entry: Option<u32>,
    /// Whether it is a directory.
    pub is_directory: bool,
    /// Whose content it has: its own, or for a hard link that of the entry it was bound to;
    /// `None` where the link's target was not there.
    pub content: Option<Place>,
    /// What hid it; `None` where it is visible.
    pub hidden: Option<Hidden>,
    /// Whether it belongs to the format of the layer, and is no content: the landmarks and the
    /// table of eStargz.
    pub is_format: bool,
    /// The one that stood at the path before.
    previous: Option<u32>,
}

impl Version {
    /// The entry that it is, where somebody wrote one.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        let layer = self.layer;
        self.entry.map(|entry| Place { layer, entry })
    }
}

/// By what an entry was hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// The layer that did it: a later one, or its own.
    pub layer: u32,
    /// The entry that did it.
    pub entry: u32,
    /// Why.
    pub reason: Reason,
}

/// Why an entry is not visible at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A later layer has the path too.
    Replaced,
    /// A whiteout deleted it, or a directory above it.
    Whiteout,
    /// A directory above it was made opaque.
    Opaque,
    /// A path above it became something else than its directory.
    ParentReplaced,
    /// Its own layer has the path again, later.
    Duplicate,
}

impl Reason {
    /// The word for people and for JSON output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Whiteout => "whiteout",
            Self::Opaque => "opaque",
            Self::ParentReplaced => "parent-replaced",
            Self::Duplicate => "duplicate",
        }
    }
}

/// An entry that stands nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misplaced {
    /// Which.
    pub place: Place,
    /// Why.
    pub reason: Nowhere,
}

/// Why an entry stands nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nowhere {
    /// Its name leads out of the root.
    Outside,
    /// It lies deeper than [`DEPTH`].
    TooDeep,
    /// A whiteout of no name, of `.` or of `..`.
    InvalidWhiteout,
    /// The metadata of AUFS at the root, `.wh..wh.` and a name.
    Aufs,
    /// It has no name.
    NoName,
    /// There are [`PATHS`] already, or too many entries.
    TooMany,
}

/// The file system of an image, with its past.
#[derive(Clone, Debug)]
pub struct Tree {
    paths: Paths,
    versions: Vec<Version>,
    misplaced: Vec<Misplaced>,
}

impl Tree {
    /// The directory that everything lies in.
    pub const ROOT: Node = Node(0);

    /// Flattens layers, base first.
    #[must_use]
    pub fn flatten<L: Borrow<Listing>>(layers: &[L]) -> Self {
        let listings = || layers.iter().map(Borrow::borrow);
        let entries = listings().map(Listing::len).sum::<usize>();
        let mut tree = Self {
            paths: Paths::new(entries + entries / 16),
            // Most entries are one version: to grow takes as much again.
            versions: Vec::with_capacity(entries + entries / 16),
            misplaced: Vec::new(),
        };
        for (layer, listing) in (0..).zip(listings()) {
            tree.apply(layer, listing);
        }
        tree.paths.settle();
        tree
    }

    /// Finds a path that ever was; it is clean, and empty for the root.
    #[must_use]
    pub fn find(&self, path: &[u8]) -> Option<Node> {
        let mut node = 0;
        for part in path
            .split(|byte| *byte == b'/')
            .filter(|part| !part.is_empty())
        {
            node = self.paths.within(node, part)?;
        }
        Some(Node(node))
    }

    /// Finds what lies, or ever lay, directly in a directory, by its name there.
    #[must_use]
    pub fn within(&self, directory: Node, name: &[u8]) -> Option<Node> {
        self.paths.within(directory.0, name).map(Node)
    }

    /// How many nodes there are: their numbers are below it.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.paths.len()
    }

    /// How many bytes the names of all nodes have in their directories.
    #[must_use]
    pub fn name_bytes(&self) -> usize {
        self.paths.name_bytes()
    }

    /// What stood at the path of a version before it, hidden by it or already before.
    #[must_use]
    pub fn before(&self, version: &Version) -> Option<&Version> {
        self.versions.get(version.previous? as usize)
    }

    /// Lists what lies, or ever lay, directly in a directory, by name in the order of the bytes.
    pub fn children(&self, node: Node) -> impl Iterator<Item = (&[u8], Node)> {
        let children = self.paths.children(node.0).iter();
        children.map(|child| (self.paths.name(*child), Node(*child)))
    }

    /// The name of a path in its directory; empty for the root.
    #[must_use]
    pub fn name(&self, node: Node) -> &[u8] {
        self.paths.name(node.0)
    }

    /// The directory that a path lies in; the root's is the root.
    #[must_use]
    pub fn parent(&self, node: Node) -> Node {
        Node(self.paths.parent(node.0))
    }

    /// The clean path of a node.
    #[must_use]
    pub fn path(&self, node: Node) -> Vec<u8> {
        let mut names: Vec<&[u8]> = Vec::new();
        let mut at = node;
        while at != Self::ROOT && at.number() < self.node_count() {
            names.push(self.name(at));
            at = self.parent(at);
        }
        names.reverse();
        names.join(&b'/')
    }

    /// What is visible at a path; `None` where everything was hidden. The root is visible where
    /// anything ever was placed in it.
    #[must_use]
    pub fn visible(&self, node: Node) -> Option<&Version> {
        let visible = self.paths.visible(node.0)?;
        self.versions.get(visible as usize)
    }

    /// What stands and stood at a path, the newest first.
    pub fn versions(&self, node: Node) -> impl Iterator<Item = &Version> {
        let mut next = self.paths.newest(node.0);
        std::iter::from_fn(move || {
            let version = self.versions.get(next? as usize)?;
            next = version.previous;
            Some(version)
        })
    }

    /// Everything that is visible, a directory before what is in it, by name in the order of the
    /// bytes. The root is left out.
    pub fn walk(&self) -> impl Iterator<Item = &Version> {
        let mut stack = vec![self.paths.children(0).iter()];
        std::iter::from_fn(move || {
            loop {
                let Some(child) = stack.last_mut()?.next() else {
                    stack.pop();
                    continue;
                };
                let Some(version) = self.visible(Node(*child)) else {
                    continue;
                };
                if version.is_directory {
                    stack.push(self.paths.children(*child).iter());
                }
                return Some(version);
            }
        })
    }

    /// Everything that is not visible at the end, in the order in which it was written.
    pub fn hidden(&self) -> impl Iterator<Item = &Version> {
        let all = self.versions.iter();
        all.filter(|version| version.hidden.is_some())
    }

    /// Every version of every path, in the order in which they were written.
    pub fn all(&self) -> impl Iterator<Item = &Version> {
        self.versions.iter()
    }

    /// The entries that stand nowhere.
    #[must_use]
    pub fn misplaced(&self) -> &[Misplaced] {
        &self.misplaced
    }

    /// The bytes of the visible files below each node, and in it: by the number of the node, as
    /// [`Node::number`] gives it. A hard link has none beside its first visible name.
    #[must_use]
    pub fn sizes(&self, layers: &[Listing]) -> Vec<u64> {
        let mut counted = std::collections::BTreeSet::new();
        let mut sizes = vec![0_u64; self.node_count()];
        for version in self.walk() {
            let content = version.content.filter(|place| counted.insert(*place));
            let entry = content.and_then(|place| entry(layers, place));
            sizes[version.node.number()] = entry.map_or(0, |entry| held(&entry));
        }
        // A node comes behind its directory.
        for node in (1..self.node_count()).rev() {
            let parent = self.paths.parent(u32::try_from(node).unwrap_or_default()) as usize;
            sizes[parent] = sizes[parent].saturating_add(sizes[node]);
        }
        sizes
    }
}

impl Node {
    /// The number of a node, from 0 for the root; they have no gaps.
    #[must_use]
    pub fn number(self) -> usize {
        self.0 as usize
    }
}

/// Finds an entry.
#[must_use]
pub fn entry<L: Borrow<Listing>>(layers: &[L], place: Place) -> Option<EntryView<'_>> {
    let listing: &Listing = layers.get(place.layer as usize)?.borrow();
    listing.entry(place.entry as usize)
}

/// How many bytes of content an entry holds itself.
#[must_use]
pub fn held(entry: &EntryView<'_>) -> u64 {
    use crate::listing::Kind;
    match entry.kind {
        Kind::File | Kind::Other(_) => entry.size,
        Kind::Directory
        | Kind::SymbolicLink
        | Kind::HardLink
        | Kind::CharacterDevice
        | Kind::BlockDevice
        | Kind::Pipe
        | Kind::GlobalHeader => 0,
    }
}

/// Whether a path belongs to the format of eStargz, and is no content.
#[must_use]
pub fn is_format(clean: &[u8]) -> bool {
    let names: [&[u8]; 3] = [
        b"stargz.index.json",
        b".prefetch.landmark",
        b".no.prefetch.landmark",
    ];
    names.contains(&clean) && path::parent(clean).is_empty()
}
