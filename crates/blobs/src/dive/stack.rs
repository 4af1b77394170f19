//! Layers on each other, as dive stacks them.

use std::collections::{BTreeMap, BTreeSet};

use super::File;
use super::paths::{Paths, ROOT};

/// The paths that are there, by their numbers.
pub(super) struct Stack {
    nodes: BTreeMap<u32, Node>,
}

#[derive(Default)]
struct Node {
    file: File,
    children: BTreeSet<u32>,
}

impl Stack {
    pub(super) fn new() -> Self {
        Self {
            nodes: BTreeMap::from([(ROOT, Node::default())]),
        }
    }

    /// What is at a path.
    pub(super) fn file(&self, path: u32) -> Option<File> {
        self.nodes.get(&path).map(|node| node.file)
    }

    /// Adds a path, and the directories above it that are missing; what lies in it stays, even
    /// where it becomes a file.
    pub(super) fn add(&mut self, paths: &Paths<'_>, path: u32, file: File) {
        if path == ROOT {
            return;
        }
        let mut is_new = !self.nodes.contains_key(&path);
        self.nodes.entry(path).or_default().file = file;
        let mut child = path;
        while is_new {
            let parent = paths.parent(child);
            is_new = !self.nodes.contains_key(&parent);
            let parent_node = self.nodes.entry(parent).or_default();
            parent_node.children.insert(child);
            child = parent;
        }
    }

    /// Removes a path with what lies in it; the root remains.
    pub(super) fn remove(&mut self, paths: &Paths<'_>, path: u32) {
        if path == ROOT || !self.nodes.contains_key(&path) {
            return;
        }
        if let Some(parent) = self.nodes.get_mut(&paths.parent(path)) {
            parent.children.remove(&path);
        }
        let mut gone = vec![path];
        while let Some(path) = gone.pop() {
            let node = self.nodes.remove(&path);
            gone.extend(node.into_iter().flat_map(|node| node.children));
        }
    }

    /// The sizes of a directory and all that lies in it. `known` has those that were asked for
    /// before, as long as the stack is the same: one directory may lie in another.
    pub(super) fn sum(&self, path: u32, known: &mut BTreeMap<u32, i64>) -> i64 {
        let children = |path: u32| {
            let node = self.nodes.get(&path);
            node.into_iter().flat_map(|node| &node.children).copied()
        };
        // A directory before what is in it.
        let mut all = vec![path];
        let mut next = 0;
        while let Some(path) = all.get(next).copied() {
            next += 1;
            if !known.contains_key(&path) {
                all.extend(children(path));
            }
        }
        for path in all.into_iter().rev() {
            if known.contains_key(&path) {
                continue;
            }
            let own = self.file(path).unwrap_or_default().size;
            let below = children(path).filter_map(|child| known.get(&child));
            let sum = below.fold(own, |sum, size| sum.wrapping_add(*size));
            known.insert(path, sum);
        }
        known.get(&path).copied().unwrap_or_default()
    }
}
