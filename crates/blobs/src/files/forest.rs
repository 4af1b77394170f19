//! The paths of one look as a tree that is made once: its nodes in the order of a walk.

use std::collections::BTreeMap;

use super::query::{Sort, State};
use super::{typeable, written};
use crate::tree::Place;

/// How many nodes a look has at most; what is beyond is counted. With the directories that no
/// entry makes, a hostile layer may name more than it has entries.
const NODES: usize = 2_000_000;

/// How deep a node may stand; the names below are one name.
const DEPTH: usize = 512;

/// What becomes a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    /// The entry that makes it; `None` for a directory that no entry makes.
    pub(super) place: Option<Place>,
    /// The layer it is of.
    pub(super) layer: u32,
    pub(super) state: State,
    /// The bytes of its content.
    pub(super) size: u64,
    /// As many of them as count: a content that has two names counts once.
    pub(super) counted: u64,
    pub(super) is_directory: bool,
}

impl Item {
    /// A directory that is there because something of that layer lies in it.
    fn implied(layer: u32) -> Self {
        Self {
            place: None,
            layer,
            state: State::Implied,
            size: 0,
            counted: 0,
            is_directory: true,
        }
    }
}

/// Gathers items, whose paths stand in one buffer.
#[derive(Debug, Default)]
pub(super) struct Items {
    paths: Vec<u8>,
    /// Each with the place and the length of its path.
    items: Vec<(Item, usize, usize)>,
}

impl Items {
    /// Adds one; its path is clean, without a `/` at either end, and empty for the root.
    pub(super) fn push(&mut self, path: &[u8], item: Item) {
        let start = self.paths.len();
        self.paths.extend_from_slice(path);
        self.items.push((item, start, path.len()));
    }

    fn path(&self, start: usize, length: usize) -> &[u8] {
        self.paths.get(start..start + length).unwrap_or_default()
    }
}

/// One node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    parent: u32,
    /// The first node behind all that stand below this one.
    pub(super) end: u32,
    /// 1 at the root.
    pub(super) depth: u32,
    pub(super) item: Item,
    /// The counted bytes, with all below it that is shown.
    pub(super) bytes: u64,
    /// How many entries below it are shown.
    pub(super) below: u32,
    /// Whether it is in the tree: it is not hidden, or something below it is not.
    pub(super) is_shown: bool,
}

impl Node {
    /// The bytes that are shown of it: of a directory those below it, of a hard link its target's.
    pub(super) fn shown_bytes(&self) -> u64 {
        if self.item.is_directory {
            self.bytes
        } else {
            self.item.size
        }
    }
}

/// A node as it is held: there may be a million, so no byte lies between two fields.
#[derive(Clone, Copy, Debug)]
#[repr(Rust, packed)]
struct Held {
    /// Where its name begins; it ends where the next one's begins.
    name: u32,
    parent: u32,
    end: u32,
    layer: u32,
    /// [`NONE`] where no entry makes it.
    entry: u32,
    size: u64,
    state: State,
    depth: u16,
    /// Whether its size is what counts; nothing does, or what [`Forest::odd`] says, where not.
    counts_size: bool,
    is_directory: bool,
    is_shown: bool,
}

/// What stands below a node that something stands below.
#[derive(Clone, Copy, Debug)]
struct Sum {
    node: u32,
    below: u32,
    bytes: u64,
}

/// The nodes of one look. A node's number is its place; what stands below a node stands behind it.
#[derive(Debug, Default)]
pub(super) struct Forest {
    names: Vec<u8>,
    nodes: Vec<Held>,
    /// In the order of the nodes.
    sums: Vec<Sum>,
    /// What counts of nodes of which it is neither their size nor nothing.
    odd: BTreeMap<u32, u64>,
    /// The nodes that are open while it is made: the one at the root first.
    open: Vec<u32>,
    /// How many entries have no node, since there are too many.
    pub(super) left_out: u64,
}

/// Of a node at the root, and of one that no entry makes.
const NONE: u32 = u32::MAX;

impl Forest {
    /// Makes the tree. Items of one path become siblings in the order in which they were pushed;
    /// what stands below stands below the last of them. Whether hidden ones are part of the tree,
    /// and count, is said by `shows_hidden`.
    pub(super) fn new(mut items: Items, shows_hidden: bool) -> Self {
        let mut order = std::mem::take(&mut items.items);
        let parts =
            |(_, start, length): &(Item, usize, usize)| by_parts(items.path(*start, *length));
        order.sort_by(|a, b| parts(a).cmp(parts(b)));
        let mut forest = Self::with_room(order.len(), 0);
        for (item, start, length) in &order {
            forest.push(items.path(*start, *length), *item);
        }
        forest.finish(shows_hidden)
    }

    /// Without a node, and with room for so many, and so many bytes of names: to grow takes as
    /// much again.
    pub(super) fn with_room(nodes: usize, names: usize) -> Self {
        Self {
            names: Vec::with_capacity(names),
            nodes: Vec::with_capacity(nodes + nodes / 16),
            ..Self::default()
        }
    }

    /// Adds an item behind those that were added, in the order of a walk: of a directory what
    /// stands below it comes next, by its name.
    pub(super) fn push(&mut self, path: &[u8], item: Item) {
        if self.nodes.len() + DEPTH >= NODES {
            self.left_out += 1;
            return;
        }
        let parts: Vec<&[u8]> = path.splitn(DEPTH, |byte| *byte == b'/').collect();
        let (last, above) = parts.split_last().unwrap_or((&path, &[]));
        let mut common = 0;
        while let (Some(node), Some(part)) = (self.open.get(common), above.get(common))
            && self.name(*node) == *part
        {
            common += 1;
        }
        self.close(common);
        for part in above.iter().skip(common) {
            self.add(part, Item::implied(item.layer), false);
        }
        self.add(last, item, true);
    }

    /// Ends it, and counts what stands below each node.
    pub(super) fn finish(mut self, shows_hidden: bool) -> Self {
        self.close(0);
        self.nodes.shrink_to_fit();
        self.names.shrink_to_fit();
        self.add_up(shows_hidden);
        self
    }

    /// Ends the nodes that are open beyond so many.
    fn close(&mut self, keep: usize) {
        let end = index(self.nodes.len());
        for node in self.open.drain(keep.min(self.open.len())..) {
            if let Some(node) = self.nodes.get_mut(node as usize) {
                node.end = end;
            }
        }
    }

    fn add(&mut self, name: &[u8], item: Item, is_item: bool) {
        let number = index(self.nodes.len());
        let start = index(self.names.len());
        self.names.extend_from_slice(name);
        let counts_size = item.counted == item.size;
        if !counts_size && item.counted > 0 {
            self.odd.insert(number, item.counted);
        }
        self.nodes.push(Held {
            name: start,
            parent: self.open.last().copied().unwrap_or(NONE),
            end: number + 1,
            layer: item.layer,
            entry: item.place.map_or(NONE, |place| place.entry),
            size: item.size,
            state: item.state,
            depth: u16::try_from(self.open.len() + 1).unwrap_or(u16::MAX),
            counts_size,
            is_directory: item.is_directory,
            is_shown: is_item && matches!(item.state, State::Implied),
        });
        self.open.push(number);
    }

    /// Counts what stands below each node. Backwards each node comes before the one above it.
    fn add_up(&mut self, shows_hidden: bool) {
        let has_below = |(number, held): &(u32, &Held)| held.end > number + 1;
        let sum = |(node, _)| Sum {
            node,
            below: 0,
            bytes: 0,
        };
        self.sums = (0..).zip(&self.nodes).filter(has_below).map(sum).collect();
        for number in (0..index(self.nodes.len())).rev() {
            let Some(node) = self.node(number) else {
                continue;
            };
            let counts = match node.item.state {
                State::Implied => false,
                State::Hidden(..) => shows_hidden,
                State::Seen | State::Whiteout | State::Added | State::Changed | State::Removed => {
                    true
                }
            };
            let is_shown = node.is_shown || counts;
            if let Some(held) = self.nodes.get_mut(number as usize) {
                held.is_shown = is_shown;
            }
            let own = if counts { node.item.counted } else { 0 };
            let (mut bytes, mut below) = (own, u32::from(counts));
            if let Some(sum) = self.sum_mut(number) {
                sum.bytes = sum.bytes.saturating_add(own);
                bytes = sum.bytes;
                below += sum.below;
            }
            if let Some(sum) = self.sum_mut(node.parent) {
                sum.bytes = sum.bytes.saturating_add(bytes);
                sum.below += below;
            }
            if let Some(parent) = self.nodes.get_mut(node.parent as usize) {
                parent.is_shown |= is_shown;
            }
        }
    }

    fn sum_mut(&mut self, node: u32) -> Option<&mut Sum> {
        let place = self.sums.binary_search_by_key(&node, |sum| sum.node);
        self.sums.get_mut(place.ok()?)
    }

    /// All nodes with their numbers, in the order of a walk.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (u32, Node)> {
        let numbers = 0..index(self.nodes.len());
        numbers.filter_map(|number| Some((number, self.node(number)?)))
    }

    pub(super) fn node(&self, number: u32) -> Option<Node> {
        let held = *self.nodes.get(number as usize)?;
        let (layer, entry) = (held.layer, held.entry);
        let counted = if held.counts_size {
            held.size
        } else {
            self.odd.get(&number).copied().unwrap_or_default()
        };
        let place = self.sums.binary_search_by_key(&number, |sum| sum.node);
        let sum = place.ok().and_then(|place| self.sums.get(place));
        // What stands alone is shown where it counts.
        let alone = (if held.is_shown { counted } else { 0 }, 0);
        let (bytes, below) = sum.map_or(alone, |sum| (sum.bytes, sum.below));
        Some(Node {
            parent: held.parent,
            end: held.end,
            depth: held.depth.into(),
            item: Item {
                place: (entry != NONE).then_some(Place { layer, entry }),
                layer,
                state: held.state,
                size: held.size,
                counted,
                is_directory: held.is_directory,
            },
            bytes,
            below,
            is_shown: held.is_shown,
        })
    }

    pub(super) fn name(&self, number: u32) -> &[u8] {
        let Some(held) = self.nodes.get(number as usize) else {
            return &[];
        };
        let next = self.nodes.get(number as usize + 1);
        let end = next.map_or(self.names.len(), |next| next.name as usize);
        self.names.get(held.name as usize..end).unwrap_or_default()
    }

    /// The nodes above one, nearest first.
    pub(super) fn above(&self, number: u32) -> impl Iterator<Item = u32> {
        let parent = |number: &u32| {
            let node = self.node(*number)?;
            (node.parent != NONE).then_some(node.parent)
        };
        std::iter::successors(parent(&number), parent)
    }

    /// The path of a node, without a `/` before it.
    pub(super) fn path(&self, number: u32) -> Vec<u8> {
        let mut parts: Vec<_> = self.above(number).map(|node| self.name(node)).collect();
        parts.reverse();
        parts.push(self.name(number));
        parts.join(&b'/')
    }

    /// The nodes right below one, or at the root, in the order of their names; hidden ones too.
    pub(super) fn children(&self, number: Option<u32>) -> impl Iterator<Item = u32> {
        let (mut next, end) = match number {
            Some(number) => (number + 1, self.node(number).map_or(0, |node| node.end)),
            None => (0, index(self.nodes.len())),
        };
        std::iter::from_fn(move || {
            let child = next;
            if child >= end {
                return None;
            }
            next = self.node(child)?.end;
            Some(child)
        })
    }

    /// Finds the node of a path: the last one that is shown, or else the last.
    pub(super) fn find(&self, path: &[u8]) -> Option<u32> {
        let parts = path
            .split(|byte| *byte == b'/')
            .filter(|part| !part.is_empty());
        self.find_parts(parts, |name, part| name == *part)
    }

    /// Finds the node of a path as it is written for people; likewise.
    pub(super) fn find_text(&self, path: &str) -> Option<u32> {
        let parts = path.split('/').filter(|part| !part.is_empty());
        // Escaped, a name is no shorter.
        let is_it = |name: &[u8], part: &&str| {
            name.len() <= part.len()
                && (written(name) == **part || typeable(&written(name)) == **part)
        };
        self.find_parts(parts, is_it)
    }

    fn find_parts<P>(
        &self,
        parts: impl Iterator<Item = P>,
        is_it: impl Fn(&[u8], &P) -> bool,
    ) -> Option<u32> {
        let mut at = None;
        for part in parts {
            let mut found = None;
            for child in self
                .children(at)
                .filter(|child| is_it(self.name(*child), &part))
            {
                let is_shown = |child: u32| self.node(child).is_some_and(|node| node.is_shown);
                if is_shown(child) || !found.is_some_and(is_shown) {
                    found = Some(child);
                }
            }
            at = Some(found?);
        }
        at
    }

    /// The children that are shown, in order.
    pub(super) fn sorted(&self, number: Option<u32>, sort: Sort) -> Vec<u32> {
        let is_shown = |child: &u32| self.node(*child).is_some_and(|node| node.is_shown);
        let mut children: Vec<_> = self.children(number).filter(is_shown).collect();
        self.sort(&mut children, sort);
        children
    }

    /// Puts nodes, which stand in the order of a walk, into another.
    pub(super) fn sort(&self, nodes: &mut [u32], sort: Sort) {
        match sort {
            Sort::Name => {}
            Sort::Size => nodes.sort_by_key(|number| {
                let bytes = self.node(*number).map_or(0, |node| node.shown_bytes());
                std::cmp::Reverse(bytes)
            }),
        }
    }
}

/// The bytes of a path so that what stands below a directory comes right behind it.
fn by_parts(path: &[u8]) -> impl Iterator<Item = u16> {
    path.iter().map(|byte| match byte {
        b'/' => 0,
        byte => u16::from(*byte) + 1,
    })
}

/// A place as a number of a node: there are fewer than `u32` holds.
fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
