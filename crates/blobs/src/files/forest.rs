//! The paths of one look as a tree that is made once: its nodes in the order of a walk.

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
#[derive(Clone, Debug)]
pub(super) struct Node {
    name: (usize, u32),
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

/// The nodes of one look. A node's number is its place; what stands below a node stands behind it.
#[derive(Debug, Default)]
pub(super) struct Forest {
    names: Vec<u8>,
    pub(super) nodes: Vec<Node>,
    /// How many entries have no node, since there are too many.
    pub(super) left_out: u64,
}

/// Of a node at the root.
const NO_PARENT: u32 = u32::MAX;

impl Forest {
    /// Makes the tree. Items of one path become siblings in the order in which they were pushed;
    /// what stands below stands below the last of them. Whether hidden ones are part of the tree,
    /// and count, is said by `shows_hidden`.
    pub(super) fn new(mut items: Items, shows_hidden: bool) -> Self {
        let mut order = std::mem::take(&mut items.items);
        let parts =
            |(_, start, length): &(Item, usize, usize)| by_parts(items.path(*start, *length));
        order.sort_by(|a, b| parts(a).cmp(parts(b)));
        let mut forest = Self::default();
        // The nodes that are open: the one at the root first.
        let mut open: Vec<u32> = Vec::new();
        for (done, (item, start, length)) in order.iter().enumerate() {
            let path = items.path(*start, *length);
            if forest.nodes.len() + DEPTH >= NODES {
                forest.left_out = (order.len() - done) as u64;
                break;
            }
            let parts: Vec<&[u8]> = path.splitn(DEPTH, |byte| *byte == b'/').collect();
            let (last, above) = parts.split_last().unwrap_or((&path, &[]));
            let mut common = 0;
            while let (Some(node), Some(part)) = (open.get(common), above.get(common))
                && forest.name(*node) == *part
            {
                common += 1;
            }
            forest.close(&mut open, common);
            for part in above.iter().skip(common) {
                forest.add(&mut open, part, Item::implied(item.layer), false);
            }
            forest.add(&mut open, last, *item, true);
        }
        forest.close(&mut open, 0);
        forest.add_up(shows_hidden);
        forest
    }

    /// Ends the nodes that are open beyond so many.
    fn close(&mut self, open: &mut Vec<u32>, keep: usize) {
        let end = index(self.nodes.len());
        for node in open.drain(keep.min(open.len())..) {
            if let Some(node) = self.nodes.get_mut(node as usize) {
                node.end = end;
            }
        }
    }

    fn add(&mut self, open: &mut Vec<u32>, name: &[u8], item: Item, is_item: bool) {
        let number = index(self.nodes.len());
        let start = self.names.len();
        self.names.extend_from_slice(name);
        self.nodes.push(Node {
            name: (start, index(name.len())),
            parent: open.last().copied().unwrap_or(NO_PARENT),
            end: number + 1,
            depth: index(open.len()) + 1,
            item,
            bytes: 0,
            below: 0,
            is_shown: is_item && matches!(item.state, State::Implied),
        });
        open.push(number);
    }

    /// Counts what stands below each node. Backwards each node comes before the one above it.
    fn add_up(&mut self, shows_hidden: bool) {
        for number in (0..self.nodes.len()).rev() {
            let Some(node) = self.nodes.get_mut(number) else {
                continue;
            };
            let counts = match node.item.state {
                State::Implied => false,
                State::Hidden(..) => shows_hidden,
                State::Seen | State::Whiteout | State::Added | State::Changed | State::Removed => {
                    true
                }
            };
            if counts {
                node.bytes = node.bytes.saturating_add(node.item.counted);
            }
            node.is_shown |= counts;
            let (parent, bytes, shown) = (node.parent, node.bytes, node.is_shown);
            let below = node.below + u32::from(counts);
            if let Some(parent) = self.nodes.get_mut(parent as usize) {
                parent.bytes = parent.bytes.saturating_add(bytes);
                parent.below += below;
                parent.is_shown |= shown;
            }
        }
    }

    /// All nodes with their numbers, in the order of a walk.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (u32, &Node)> {
        (0..).zip(&self.nodes)
    }

    pub(super) fn node(&self, number: u32) -> Option<&Node> {
        self.nodes.get(number as usize)
    }

    pub(super) fn name(&self, number: u32) -> &[u8] {
        let Some((start, length)) = self.node(number).map(|node| node.name) else {
            return &[];
        };
        self.names
            .get(start..start + length as usize)
            .unwrap_or_default()
    }

    /// The nodes above one, nearest first.
    pub(super) fn above(&self, number: u32) -> impl Iterator<Item = u32> {
        let parent = |number: &u32| {
            let node = self.node(*number)?;
            (node.parent != NO_PARENT).then_some(node.parent)
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
                let bytes = self.node(*number).map_or(0, Node::shown_bytes);
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
