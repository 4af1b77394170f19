//! Layers on each other, as dive stacks them.

use std::collections::BTreeMap;

use super::File;
use super::paths::{Paths, ROOT};

/// The paths that are there, by their numbers.
#[derive(Default)]
pub(super) struct Stack {
    nodes: Vec<Node>,
}

/// A path. What lies in a directory is a chain in no order; [`ROOT`], which lies in none, ends it.
#[derive(Clone, Copy, Default)]
struct Node {
    file: File,
    is_there: bool,
    first_child: u32,
    next: u32,
    previous: u32,
}

impl Stack {
    fn node(&self, path: u32) -> Node {
        self.nodes.get(path as usize).copied().unwrap_or_default()
    }

    fn node_mut(&mut self, path: u32) -> &mut Node {
        let place = path as usize;
        if self.nodes.len() <= place {
            self.nodes.resize(place + 1, Node::default());
        }
        &mut self.nodes[place]
    }

    fn children(&self, path: u32) -> impl Iterator<Item = u32> {
        let is_some = |child: &u32| *child != ROOT;
        let first = Some(self.node(path).first_child).filter(is_some);
        std::iter::successors(first, move |child| {
            Some(self.node(*child).next).filter(is_some)
        })
    }

    /// What is at a path; the root always is there.
    pub(super) fn file(&self, path: u32) -> Option<File> {
        let node = self.node(path);
        (node.is_there || path == ROOT).then_some(node.file)
    }

    /// Adds a path, and the directories above it that are missing; what lies in it stays, even
    /// where it becomes a file.
    pub(super) fn add(&mut self, paths: &Paths<'_>, path: u32, file: File) {
        if path == ROOT {
            return;
        }
        self.node_mut(path).file = file;
        let mut child = path;
        while child != ROOT && !self.node(child).is_there {
            let parent = paths.parent(child);
            let next = self.node(parent).first_child;
            let node = self.node_mut(child);
            (node.is_there, node.next, node.previous) = (true, next, ROOT);
            if next != ROOT {
                self.node_mut(next).previous = child;
            }
            self.node_mut(parent).first_child = child;
            child = parent;
        }
    }

    /// Removes a path with what lies in it; the root remains.
    pub(super) fn remove(&mut self, paths: &Paths<'_>, path: u32) {
        let Node { next, previous, .. } = self.node(path);
        if path == ROOT || !self.node(path).is_there {
            return;
        }
        if previous == ROOT {
            self.node_mut(paths.parent(path)).first_child = next;
        } else {
            self.node_mut(previous).next = next;
        }
        if next != ROOT {
            self.node_mut(next).previous = previous;
        }
        let mut gone = vec![path];
        while let Some(path) = gone.pop() {
            gone.extend(self.children(path));
            *self.node_mut(path) = Node::default();
        }
    }

    /// The sizes of a directory and all that lies in it. `known` has those that were asked for
    /// before, as long as the stack is the same: one directory may lie in another.
    pub(super) fn sum(&self, path: u32, known: &mut BTreeMap<u32, i64>) -> i64 {
        // A directory before what is in it.
        let mut all = vec![path];
        let mut next = 0;
        while let Some(path) = all.get(next).copied() {
            next += 1;
            if !known.contains_key(&path) {
                all.extend(self.children(path));
            }
        }
        for path in all.into_iter().rev() {
            if known.contains_key(&path) {
                continue;
            }
            let below = self.children(path).filter_map(|child| known.get(&child));
            let own = self.node(path).file.size;
            let sum = below.fold(own, |sum, size| sum.wrapping_add(*size));
            known.insert(path, sum);
        }
        known.get(&path).copied().unwrap_or_default()
    }
}
